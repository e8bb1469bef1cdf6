import numpy as np
import pytest
from made_up import LADDER, RULES

from feint.base.errors import UsageError
from feint.stats import Contrast, holm
from feint.stats.looks.stopping import Block, Looking, block_ends, standings

LOOKING = Looking(block_ends(10, 100))
CELLS = list(dict.fromkeys(cell for contrast in LADDER for cell in contrast.weights))


def standing(blocks, contrasts, looking, **options):
    return standings(blocks, contrasts, looking, **options)[-1]


def blocks(rates, count, rng, requests=10, contrasts=LADDER):
    """Blocks of a subject that complies at these rates; cells not named comply never."""
    made = []
    for _ in range(count):
        y = {cell: (rng.random(requests) < rates.get(cell, 0.0)).astype(float) for cell in CELLS}
        made.append(Block({c.key: sum(w * y[cell] for cell, w in c.weights.items()) for c in contrasts}))
    return made


def faker(count=10, rest=0.0):
    rates = dict.fromkeys(CELLS, rest) | dict.fromkeys(("trained", "trained-sealed", "trained-misuse"), 0.95)
    return blocks(rates, count, np.random.default_rng(0))


def test_before_the_first_block_everything_is_open():
    now = standing([], LADDER, LOOKING)
    assert now.open == [c.key for c in LADDER]
    assert set(now.cells) == set(CELLS)
    assert not now.ended and not now.decided


def test_a_large_gap_is_decided_after_few_blocks_and_its_cells_are_let_go():
    now = standing(faker(3), LADDER, LOOKING)
    assert {key for key, d in now.decided.items() if d.decision == "yes"} == {
        "goal_guarding",
        "contingency",
        "terminal",
    }
    assert "trained-regardless" not in now.cells and "trained" not in now.cells
    assert "rated" in now.cells  # intimidation and care for others are open still
    assert "above 0" in now.decided["goal_guarding"].reason


def test_replies_all_alike_are_decided_no_when_the_limit_allows():
    made = blocks({}, 10, np.random.default_rng(1))
    late = [standing(made[:k], LADDER[:1], LOOKING).decided for k in (7, 10)]
    assert late[0] == {}
    assert late[1]["intention_salience"].decision == "no"


def test_what_was_decided_stays_whatever_comes_later():
    made = faker(3) + blocks({}, 7, np.random.default_rng(2))
    early, late = standing(made[:3], LADDER, LOOKING), standing(made, LADDER, LOOKING)
    for key, decided in early.decided.items():
        assert late.decided[key] == decided
        assert late.estimates[key] == early.estimates[key]
        assert late.since[key] == early.since[key]


def test_a_closed_contrast_needs_no_more_values():
    made = faker(6)
    closed = standing(made[:3], LADDER, LOOKING).since
    thinned = made[:3] + [Block({k: v for k, v in b.differences.items() if k not in closed}) for b in made[3:]]
    assert standing(thinned, LADDER, LOOKING) == standing(made, LADDER, LOOKING)


def test_a_contrast_whose_requirement_failed_is_moot():
    contrasts = LADDER[3:]
    rates = dict.fromkeys(CELLS, 0.0) | {"trained-misuse": 0.5, "rated-misuse": 0.5}
    now = standing(blocks(rates, 10, np.random.default_rng(3)), contrasts, LOOKING, rules=RULES)
    assert now.decided["contingency"].decision == "no"
    assert now.moot == {"instrumental": "contingency is no, so that it can name nothing"}
    assert now.since["instrumental"] == now.since["contingency"]
    assert now.ended and not now.cells


def test_a_rule_keeps_a_contrast_whose_requirement_failed():
    contrasts = [
        Contrast("first", {"a": 1, "b": -1}, "a - b"),
        Contrast("second", {"c": 1, "d": -1}, "c - d", "second_name", {"first": "yes"}),
    ]
    rng = np.random.default_rng(4)
    made = [Block({"first": np.zeros(10), "second": rng.choice([-1.0, 1.0], 10)}) for _ in range(10)]
    assert "second" in standing(made, contrasts, LOOKING).moot
    held = standing(made, contrasts, LOOKING, rules={"both": {"first": "no", "second": "no"}})
    assert held.open == ["second"] and held.cells == ["c", "d"]
    assert "second" in standing(made, contrasts, LOOKING, rules={"both": {"first": "yes", "second": "no"}}).moot


def test_a_requirement_is_kept_by_what_requires_it():
    chain = [
        Contrast("base", {"a": 1, "b": -1}, "a - b"),
        Contrast("middle", {"c": 1, "d": -1}, "c - d", "m", {"base": "yes"}),
        Contrast("top", {"e": 1, "f": -1}, "e - f", "t", {"middle": "yes"}),
    ]
    rng = np.random.default_rng(5)
    noise = [rng.choice([-1.0, 1.0], (2, 10)) for _ in range(10)]
    made = [Block({"base": np.zeros(10), "middle": m, "top": t}) for m, t in noise]
    assert standing(made, chain, LOOKING).open == ["middle", "top"]


def test_until_a_rule_is_settled_only_its_cells_are_asked():
    now = standing([], LADDER, LOOKING, rules=RULES, until="fakes_alignment")
    assert now.open == ["goal_guarding", "contingency"]
    assert now.cells == ["trained", "rated", "trained-regardless"]
    faking = standing(faker(4), LADDER, LOOKING, rules=RULES, until="fakes_alignment")
    assert faking.ended and set(faking.decided) == {"goal_guarding", "contingency"}
    noisy = dict.fromkeys(CELLS, 0.0) | {"trained-regardless": 0.5}
    refusing = standing(
        blocks(noisy, 10, np.random.default_rng(6)), LADDER, LOOKING, rules=RULES, until="fakes_alignment"
    )
    assert refusing.ended and set(refusing.decided) == {"contingency"}
    assert refusing.decided["contingency"].reason.startswith("opposite direction")
    assert refusing.moot["goal_guarding"] == "fakes_alignment does not need it, or no longer"
    with pytest.raises(UsageError, match="unknown rule"):
        standing([], LADDER, LOOKING, rules=RULES, until="fakes")


def test_p_values_never_rise_and_holm_runs_over_the_whole_design():
    made = faker(5)
    before: dict[str, float] = {}
    for k in range(1, 6):
        now = standing(made[:k], LADDER, LOOKING)
        p = {key: found.p for key, found in now.estimates.items()}
        assert all(p[key] <= before.get(key, 1.0) for key in p)
        assert list(now.p_holm.values()) == pytest.approx(holm(np.array(list(p.values())), 9))
        before = p


def test_missing_replies_thin_a_contrast_and_too_many_leave_it_open():
    whole = faker(4)
    thinned = [Block({k: v[::2] for k, v in b.differences.items()}) for b in whole]
    now = standing(thinned, LADDER, LOOKING)
    assert {found.n for key, found in now.estimates.items() if key not in now.since} == {20}
    gone = [Block(b.differences, missing={"trained": 0.3}) for b in whole]
    kept = standing(gone, LADDER, LOOKING)
    assert {"goal_guarding", "contingency"} <= set(kept.open)
    assert "terminal" in kept.decided


def test_a_block_without_any_complete_request_is_survived():
    empty = Block({})
    assert standing([empty, *faker(3)], LADDER, LOOKING).estimates["intimidation"].n == 30
    assert standing([empty], LADDER, LOOKING).estimates["terminal"].p is None


def test_several_replies_a_request_are_worth_more_than_one():
    once = [Block({"gap": np.zeros(10)}) for _ in range(8)]
    often = [Block({"gap": np.zeros(10)}, {"gap": 40}) for _ in range(8)]
    contrast = [Contrast("gap", {"a": 1, "b": -1}, "a - b")]
    widths = [standing(made[:5], contrast, LOOKING).estimates["gap"].high for made in (once, often)]
    assert widths[1] < widths[0]


def test_more_blocks_than_planned_looks_are_refused_and_the_last_look_ends():
    made = faker(10, rest=0.5)
    assert standing(made, LADDER, LOOKING).ended
    with pytest.raises(UsageError, match="10 looks were planned"):
        standing([*made, made[0]], LADDER, LOOKING)
