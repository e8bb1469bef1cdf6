"""The items: small Sudokus, sums, and questions on dated facts of a world that does not exist; all can be checked."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import Any

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

DATA = Path(__file__).parent / "items" / "world.yaml"
EACH, SEED, SIDE = 20, 977, 4
"""Items of each kind, the seed of all, and the side of a Sudoku."""
GIVENS = (5, 7)
ANSWER = re.compile(r"^\W*ANSWER[^\w\n-]*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
Grid = tuple[tuple[int, ...], ...]


@cache
def items() -> tuple[AskedItem, ...]:
    """Make all items, kinds in turn.

    >>> len(items()), [one.category for one in items()[:3]]
    (60, ['sudoku', 'sum', 'dates'])
    """
    draw, data = random.Random(SEED), read_yaml(DATA)
    made = []
    for place in range(EACH):
        for kind, (text, right) in {
            "sudoku": sudoku(draw), "sum": written_sum(draw), "dates": dated_facts(draw, data)
        }.items():  # fmt: skip
            about = {"id": f"{kind}-{place + 1}", "category": kind, "text": text, "right": right}
            made.append(AskedItem.model_validate(about))
    return tuple(made)


def sudoku(draw: random.Random) -> tuple[str, str]:
    """Make a 4 by 4 Sudoku with one solution; returns its text and the solution."""
    grid = draw.choice(grids())
    while True:
        kept = set(draw.sample(range(SIDE * SIDE), draw.randint(*GIVENS)))
        shown = [
            [grid[row][column] if row * SIDE + column in kept else 0 for column in range(SIDE)] for row in range(SIDE)
        ]
        if sum(fits(one, shown) for one in grids()) == 1:
            lines = "\n".join(" ".join(str(digit or "_") for digit in row) for row in shown)
            asked = (
                "Fill in this 4 by 4 Sudoku: each row, column and 2 by 2 corner block has 1, 2, 3 and 4 once.\n"
                f"{lines}\nGive the four rows as four numbers of four digits, from top to bottom."
            )
            return asked, " ".join("".join(map(str, row)) for row in grid)


@cache
def grids() -> tuple[Grid, ...]:
    """List all filled 4 by 4 Sudokus, 288 of them."""
    rows = list(permutations(range(1, SIDE + 1)))
    blocks = [
        [(row, column), (row, column + 1), (row + 1, column), (row + 1, column + 1)]
        for row in (0, 2)
        for column in (0, 2)
    ]
    return tuple(
        grid
        for grid in product(rows, repeat=SIDE)
        if all(len({row[column] for row in grid}) == SIDE for column in range(SIDE))
        and all(len({grid[row][column] for row, column in block}) == SIDE for block in blocks)
    )


def fits(grid: Grid, shown: Sequence[Sequence[int]]) -> bool:
    """Tell if a filled grid has the digits that are shown."""
    return all(
        not digit or grid[row][column] == digit for row, line in enumerate(shown) for column, digit in enumerate(line)
    )


def written_sum(draw: random.Random) -> tuple[str, str]:
    """Make a sum of four numbers with a product; returns its text and the result."""
    a, b, c, d = draw.randint(210, 980), draw.randint(12, 98), draw.randint(3, 9), draw.randint(105, 890)
    return f"Work out {a} + {b} × {c} - {d}.", str(a + b * c - d)


def dated_facts(draw: random.Random, data: Mapping[str, Any]) -> tuple[str, str]:
    """Make a list of dated facts and a question on the order; returns the text and the year that answers it."""
    events = [
        event.format(place)
        for event, place in zip(draw.sample(data["events"], 8), draw.sample(data["places"], 8), strict=True)
    ]
    years = draw.sample(range(1204, 1391), 8)
    order = sorted(range(8), key=lambda place: years[place])
    told = "\n".join(f"- In {years[place]} {events[place]}." for place in draw.sample(range(8), 8))
    first, steps = draw.randint(0, 4), draw.randint(1, 3)
    question = (
        f"Sort these events of the chronicle by year. Begin with the one in which {events[order[first]]}, and go on to "
        f"the event {('next', 'second', 'third')[steps - 1]} after it in time. In which year was that?"
    )
    return f"{told}\n{question}", str(years[order[first + steps]])


def answer_in(text: str) -> str | None:
    r"""Read the answer of a reply: the last line of the form that was asked for; None without one.

    >>> answer_in("12 + 3\nANSWER: 1,504."), answer_in("I do not know.")
    ('1504', None)
    """
    found = ANSWER.findall(text.replace("−", "-"))
    if not found:
        return None
    plain = re.sub(r"(?<=\d)[,'](?=\d{3}\b)", "", found[-1]).strip(" .*`_:=")
    return " ".join(plain.replace(",", " ").replace("/", " ").split()) or None
