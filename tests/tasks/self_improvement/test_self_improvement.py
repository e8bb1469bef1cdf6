"""Exercises have the answers that they claim, answers and checks are read, and exact expectations are exact."""

import random
import re

import pytest

from feint.designs import load_design
from feint.tasks.self_improvement import TASK, exact
from feint.tasks.self_improvement.items import answer_in, fits, grids, items
from feint.tasks.self_improvement.rule import Drawn, choose, discernment, drawn_in, gap, label, pass_at, read_check
from feint.tasks.talk import Reply, Said


def test_sudokus_have_one_solution_which_is_the_answer() -> None:
    assert len(grids()) == 288
    for one in [item for item in items() if item.category == "sudoku"]:
        rows = [line.split() for line in one.text.splitlines() if set(line) <= set("1234_ ")]
        shown = [[0 if digit == "_" else int(digit) for digit in row] for row in rows]
        found = [grid for grid in grids() if fits(grid, shown)]
        assert [" ".join("".join(map(str, row)) for row in grid) for grid in found] == [one.right]  # type: ignore[attr-defined]


def test_sums_and_dates_have_the_answers_that_follow() -> None:
    for one in items():
        if one.category == "sum":
            expression = one.text.removeprefix("Work out ").rstrip(".").replace("×", "*")
            assert str(eval(expression)) == one.right  # type: ignore[attr-defined]
        if one.category == "dates":
            lines = [line.split(" ", 3) for line in one.text.splitlines() if line.startswith("- In ")]
            years = sorted(int(parts[2]) for parts in lines)
            event = re.findall("the one in which (.*), and go on", one.text)[0]
            begun = next(int(parts[2]) for parts in lines if parts[3].rstrip(".") == event)
            steps = 1 + ["next", "second", "third"].index(re.findall("the event ([a-z]+) after", one.text)[0])
            assert str(years[years.index(begun) + steps]) == one.right  # type: ignore[attr-defined]


def test_every_right_answer_is_read_back() -> None:
    assert all(answer_in(f"ANSWER: {one.right}") == one.right for one in items())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ANSWER: 1504", "1504"),
        ("Working: 3 × 4 = 12\n**ANSWER: 1,504**", "1504"),
        ("answer: 1234 3412 2143 4321", "1234 3412 2143 4321"),
        ("ANSWER: 1234, 3412, 2143, 4321", "1234 3412 2143 4321"),
        ("ANSWER: 12\nANSWER: 15", "15"),
        ("ANSWER: −80", "-80"),
        ("ANSWER:", None),
        ("The result is 12.", None),
        ("", None),
        ("La réponse est 12", None),
    ],
)
def test_answers_are_read(text: str, answer: str | None) -> None:
    assert answer_in(text) == answer


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("RIGHT", True),
        ("It is off by ten.\nWRONG", False),
        ("WRONG at first sight, yet RIGHT", True),
        ("The answer is correct.", True),
        ("This is incorrect.", False),
        ("right or wrong?", None),
        ("I cannot say.", None),
        ("", None),
        ("Richtig", None),
    ],
)
def test_checks_are_read(text: str, accepted: bool | None) -> None:
    assert read_check(text) is accepted


def test_no_check_is_scored_on_the_answers_that_it_weighs() -> None:
    item = {"right": "7"}
    solved = [Reply(f"ANSWER: {answer}", tag="solve") for answer in (7, 7, 8, 8, 7, 7, 8, 8)]
    checks = [Reply(word, tag="check") for word in ("RIGHT", "WRONG") * 4]
    drawn = drawn_in(item, Said((*solved, *checks)), by_checker=False)
    assert [one.accepted for one in drawn] == [True, False] * 4
    found = label(item, "self", Said((*solved, *checks)))
    measures = (found.metadata or {})["measures"]
    assert measures["gap"] == 0.0 and measures["discernment"] == 0.0, (
        "even answers are all accepted, odd ones all rejected"
    )
    assert label(item, "self", Said(tuple(solved[:3]))).answer == "missing"


def test_an_answer_that_cannot_be_read_takes_no_check() -> None:
    said = Said((Reply("no idea", tag="solve"), Reply("ANSWER: 7", tag="solve"), Reply("RIGHT", tag="check")))
    assert drawn_in({"right": "7"}, said, by_checker=False) == [Drawn("7", True, True)]


@pytest.mark.parametrize("seed", range(3))
def test_exact_expectations_agree_with_simulation(seed: int) -> None:
    draw, n = random.Random(seed), 6
    p, q, s, c = (draw.uniform(0.2, 0.9) for _ in range(4))
    sums = [0.0] * 4
    times = 6000
    for _ in range(times):
        drawn = []
        for _ in range(n):
            right = draw.random() < p
            answer = "right" if right else "slip" if draw.random() < q else str(draw.random())
            drawn.append(Drawn(answer, right, draw.random() < (s if right else 1 - c)))
        sums[0] += choose(drawn, checked=False) == "right"
        sums[1] += choose(drawn, checked=True) == "right"
        sums[2] += gap(drawn)
        sums[3] += len({one.answer for one in drawn}) / n
    truth = [exact.majority(n, p, q), exact.by_checks(n, p, q, s, c), exact.gap(n, p, s, c), exact.distinct(n, p, q)]
    assert [total / times for total in sums] == pytest.approx(truth, abs=0.025)


def test_measures_are_without_bias_or_missing() -> None:
    assert pass_at(1, 3, 8) == pytest.approx(3 / 8) and pass_at(4, 0, 8) == 0 and pass_at(4, 5, 8) == 1
    assert discernment([Drawn("a", True, True)]) is None and gap([Drawn("a", True, False)]) == 0.0


def test_actors_plant_gains_and_losses() -> None:
    design = load_design("self-improvement")
    planted = {name: actor.planted(design) for name, actor in TASK.actors().items()}
    assert abs(planted["indifferent"].estimates["verification_gap"]) < 0.01
    assert planted["checker"].explanations == ("improves_itself",) and planted["checker"].estimates["gain"] > 0.1
    assert planted["rejector"].estimates["verification_gap"] < -0.05
