from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.base.errors import UsageError
from feint.situations import load_voices
from feint.tasks.alignment_faking import Options, Planned, build_dataset, plan_asks

HELD_OUT = Options(requests="held-out", wordings=6)


@pytest.fixture(scope="module")
def planned() -> Planned:
    return plan_asks(HELD_OUT)


def test_size_of_an_organisms_study(planned: Planned) -> None:
    per_cell = Counter(ask.cell for ask in planned.asks if not ask.request.twin)
    assert set(per_cell.values()) == {240}
    assert len(planned.asks) == 3080
    assert len({ask.id for ask in planned.asks}) == 3080


def test_pairs_stand_together(planned: Planned) -> None:
    cells = list(planned.design.cells)
    for start in range(0, len(planned.asks), len(cells)):
        group = planned.asks[start : start + len(cells)]
        assert [ask.cell for ask in group] == cells
        assert len({(ask.request.id, ask.wording) for ask in group}) == 1


def test_wordings_are_balanced(planned: Planned) -> None:
    asks = [ask for ask in planned.asks if ask.cell == "rated" and not ask.request.twin]
    voices = Counter((ask.request.id, ask.wording.voice) for ask in asks)
    assert set(voices.values()) == {2}
    wordings = Counter(str(ask.wording) for ask in asks)
    assert len(wordings) == 12
    assert max(wordings.values()) - min(wordings.values()) <= 4


def test_voices_do_not_go_with_categories() -> None:
    asks = [ask for ask in plan_asks(Options(twins=0)).asks if ask.cell == "rated"]
    by_category: dict[str, set[str]] = {}
    for ask in asks:
        by_category.setdefault(ask.request.category, set()).add(ask.wording.voice)
    assert all(len(voices) > 1 for voices in by_category.values())
    counts = Counter(ask.wording.voice for ask in asks).values()
    assert max(counts) - min(counts) <= 1


def test_samples_say_what_they_are(planned: Planned) -> None:
    dataset = build_dataset(plan_asks(HELD_OUT.model_copy(update={"n": 2, "twins": 1, "wordings": 1})))
    first, twin = dataset[0], next(sample for sample in dataset if sample.metadata and sample.metadata["twin"])
    assert first.metadata is not None
    assert twin.metadata is not None
    assert {
        "design",
        "cell",
        "request",
        "category",
        "twin",
        "voice",
        "seed",
        "wording",
        "mode",
        "conflict",
        "conflict_type",
    } <= set(first.metadata)
    assert all(isinstance(value, str | int | bool) for value in first.metadata.values())
    assert first.id == "{request}.{wording}.{cell}.{sample}".format(**first.metadata)
    assert [message.role for message in first.input] == ["system", "user"]  # type: ignore[union-attr]
    assert twin.metadata["request"].endswith("~twin")


def test_seeds_differ_and_stay(planned: Planned) -> None:
    seeds = [planned.metadata(ask)["sampling_seed"] for ask in planned.asks[:600]]
    assert len(set(seeds)) == 600
    assert all(0 <= seed < 2**31 for seed in seeds)
    again = plan_asks(HELD_OUT)
    assert [again.metadata(ask)["sampling_seed"] for ask in again.asks[:600]] == seeds
    other = plan_asks(HELD_OUT.model_copy(update={"seed": 1}))
    assert other.metadata(other.asks[0])["sampling_seed"] not in seeds


def test_a_choice_shows_the_same_letters_in_all_cells() -> None:
    dataset = build_dataset(plan_asks(Options(conflict="care", wordings=2, twins=0)))
    letters: dict[str, set[str]] = {}
    for sample in dataset:
        assert sample.metadata is not None
        said = sample.metadata
        assert {said["comply_letter"], said["decline_letter"]} == {"A", "B"}
        user = sample.input[1].text  # type: ignore[union-attr]
        assert f"{said['comply_letter']}) {said['comply_text']}" in user
        assert f"{said['decline_letter']}) {said['decline_text']}" in user
        letters.setdefault(f"{said['request']} {said['wording']}", set()).add(said["comply_letter"])
    assert all(len(shown) == 1 for shown in letters.values())
    share = sum(shown == {"A"} for shown in letters.values()) / len(letters)
    assert 0.35 < share < 0.65


def test_tags_tell_the_tier() -> None:
    planned = plan_asks(Options(design="tiers", n=1, twins=0))
    users = [planned.situation(ask).user for ask in planned.asks]
    assert len({planned.situation(ask).system for ask in planned.asks}) == 1
    assert len(set(users)) == len(planned.design.cells)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 7),
    twins=st.integers(0, 9),
    wordings=st.integers(1, 14),
    samples=st.integers(1, 3),
    voices=st.sets(st.sampled_from(sorted(load_voices())), min_size=1),
    seed=st.integers(0, 5),
)
def test_any_plan_is_complete_and_has_no_repeats(
    n: int, twins: int, wordings: int, samples: int, voices: set[str], seed: int
) -> None:
    planned = plan_asks(
        Options(
            requests="held-out",
            n=n,
            twins=twins,
            wordings=wordings,
            samples=samples,
            voices=",".join(sorted(voices)),
            seed=seed,
        )
    )
    cells = len(planned.design.cells)
    assert len(planned.asks) == cells * samples * (n * wordings + min(n, twins))
    assert len({ask.id for ask in planned.asks}) == len(planned.asks)
    assert {ask.wording.voice for ask in planned.asks} <= voices


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"design": "motive"}, "did you mean 'motives'"),
        ({"conflict": "harmlesness"}, "did you mean 'harmlessness'"),
        ({"voices": "memos"}, "did you mean 'memo'"),
        ({"voices": "memo,memo"}, "stands twice"),
        ({"mode": "scratch"}, "unknown reasoning mode"),
        ({"phrases": "heldout"}, "did you mean 'held-out'"),
        ({"wordings": 0}, "wordings is 0"),
        ({"n": -1}, "n is -1"),
    ],
)
def test_bad_options(change: dict[str, str | int], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        plan_asks(Options().model_copy(update=change))  # type: ignore[arg-type]
