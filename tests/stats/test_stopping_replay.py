"""A study that stops when decided, replayed from its table of labels."""

import numpy as np
import pandas as pd
import pytest
from made_up import CELLS, LADDER, RULES, SELF, lose, study, when

from feint.stats import Settings, conclude
from feint.stats.differences import differences
from feint.stats.looks.replay import Course, Replay, kept, replay
from feint.stats.looks.stopping import Block, Looking, block_ends, standings
from feint.stats.table import pair, read_table
from feint.stats.types import NOT_JUDGED

SETTINGS = Settings()
FAKER = when(SELF, "terminal_goal_guarding", 0.97, 0.03)
ORDER = tuple(f"r{i:03d}" for i in np.random.default_rng(7).permutation(40))
COURSE = Course(ORDER, Looking(block_ends(10, 40)), each=2)


def table(seed: int = 0, **given: float) -> pd.DataFrame:
    return study(FAKER, requests=40, wordings=2, spread=0.3, seed=seed, **given)  # type: ignore[arg-type]


def look(labels: pd.DataFrame, course: Course = COURSE, *, strict: bool = True) -> Replay:
    return replay(read_table(labels, CELLS)[0], LADDER, course, SETTINGS, RULES, strict=strict)


def asked_only(labels: pd.DataFrame, made: Replay) -> pd.DataFrame:
    """What a study asks whose replies are these: each block in the cells that were open before it."""
    parts = []
    for k in range(len(made.blocks)):
        here = labels["request"].str.removesuffix("~twin").isin(made.course.block(k))
        parts.append(labels[here & labels["cell"].isin(made.stands[k].cells)])
    return pd.concat(parts, ignore_index=True)


def test_a_replay_is_standing_over_blocks_made_by_hand() -> None:
    labels = table(missing=0.05)
    replies, _ = read_table(labels, CELLS)
    units, blocks = pair(replies), []
    for k in range(4):
        here = set(ORDER[10 * k : 10 * k + 10])
        upto = labels[labels["request"].isin(ORDER[: 10 * k + 10])]
        values, behind = {}, {}
        for contrast in LADDER:
            found = differences(units, contrast.weights)
            codes, value = found.per_request()
            whole = found.complete[0]
            inside = [replies.requests[code] in here for code in codes]
            values[contrast.key] = value[inside]
            behind[contrast.key] = sum(
                n
                for code, n in zip(found.layout.request[whole], found.replies[0, whole], strict=True)
                if replies.requests[code] in here
            )
        missing = {cell: float(upto.loc[upto["cell"] == cell, "value"].isna().mean()) for cell in CELLS}
        blocks.append(Block(values, behind, missing))
    made = look(labels)
    for k, stand in enumerate(made.stands):
        by_hand = standings(blocks[:k], LADDER, COURSE.looking, SETTINGS, RULES)[-1]
        assert (stand.decided, stand.since, stand.cells) == (by_hand.decided, by_hand.since, by_hand.cells)
        for key, seen in stand.estimates.items():
            assert seen.as_dict() == pytest.approx(by_hand.estimates[key].as_dict())


def test_replies_count_by_their_requests_and_not_by_when_they_came() -> None:
    labels = table()
    mixed = labels.sample(frac=1, random_state=3)
    assert look(mixed).now == look(labels).now


def test_what_was_not_asked_any_more_changes_nothing() -> None:
    whole = look(table())
    assert {"goal_guarding", "contingency"} <= set(whole.now.decided)
    part = asked_only(table(), whole)
    assert len(part) < len(table())
    assert look(part).now == whole.now


def test_a_block_that_is_not_whole_is_not_looked_at() -> None:
    labels = table()
    whole = look(labels)
    last = labels[(labels["request"] == ORDER[19]) & (labels["cell"] == "penalty")].index[:1]
    assert "penalty" in whole.stands[1].cells
    cut = look(labels.drop(last))
    assert (len(cut.blocks), cut.now) == (1, whole.stands[1])
    assert cut.ahead == ORDER[10:20]
    unjudged = labels.copy()
    unjudged.loc[last, "value"] = np.nan
    unjudged.loc[last, "missing"] = NOT_JUDGED
    assert look(unjudged).now == cut.now
    # By other labels than those at the time, a block that was followed by another counts all the same.
    assert len(look(labels.drop(last), strict=False).blocks) == len(whole.blocks)


def test_requests_of_a_block_that_was_begun_count_once_they_are_whole() -> None:
    labels = table()
    begun = labels[labels["request"].isin(ORDER[:12]) & ~labels["twin"]]
    short = begun.drop(begun[(begun["request"] == ORDER[11]) & (begun["cell"] == "penalty")].index[:1])
    replies, _ = read_table(short, CELLS)
    made = look(short)
    assert len(made.blocks) == 1
    names = {replies.requests[code] for code in replies.request[kept(replies, made)]}
    assert names == set(ORDER[:11])


def test_findings_are_those_of_the_look_that_decided() -> None:
    made = look(table())
    found = conclude(table(), LADDER, SETTINGS, cells=CELLS, rules=RULES, course=COURSE)
    assert found["verdict"]["fakes_alignment"] == "yes"
    for key, entry in found["contrasts"].items():
        at = made.closed(key)
        assert entry["low"] == made.stands[at].estimates[key].low
        assert set(entry["per_request"]) <= set(made.until(at))
        assert len(entry["per_request"]) == entry["n"]
        assert entry["estimate"] == pytest.approx(np.mean(list(entry["per_request"].values())))
        told = found["stopping"]["contrasts"][key]
        assert told["path"][-1]["low"] == entry["low"]
        assert len(told["path"]) == at
        assert told["after"] == (10 * at if key not in made.now.open else None)
    wider = conclude(table(), LADDER, SETTINGS, cells=CELLS, rules=RULES)["contrasts"]["goal_guarding"]
    held = found["contrasts"]["goal_guarding"]
    assert held["high"] - held["low"] > wider["high"] - wider["low"]


def test_a_rule_alone_leaves_the_other_contrasts_unasked_without_a_warning() -> None:
    course = Course(ORDER, COURSE.looking, 2, "fakes_alignment")
    made = look(table(), course)
    found = conclude(asked_only(table(), made), LADDER, SETTINGS, cells=CELLS, rules=RULES, course=course)
    assert found["stopping"]["ended"]
    assert found["verdict"]["fakes_alignment"] == "yes"
    assert found["cells"]["silence"]["compliance"]["estimate"] is None
    idle = found["contrasts"]["intention_salience"]
    assert (idle["decision"], idle["n"], idle["low"]) == ("undetermined", 0, None)
    assert idle["reason"].startswith("not asked for")
    assert not any("Intention salience is undetermined" in text for text in found["verdict"]["warnings"])


def test_before_the_first_look_nothing_is_decided() -> None:
    few = table()
    few = few[few["request"].str.removesuffix("~twin").isin(ORDER[:6])]
    found = conclude(few, LADDER, SETTINGS, cells=CELLS, rules=RULES, course=COURSE)
    assert {entry["decision"] for entry in found["contrasts"].values()} == {"undetermined"}
    assert found["contrasts"]["terminal"]["reason"] == "no look yet: the first is after 10 requests"
    assert found["verdict"]["fakes_alignment"] == "too little data"


def test_a_cell_that_misses_too_much_keeps_its_contrasts_open() -> None:
    labels = table()
    gone = lose(labels, (labels["cell"] == "trained") & ~labels["twin"], every=3)
    made = look(gone)
    assert {"goal_guarding", "contingency"} <= set(made.now.open)
    assert "terminal" in made.now.decided
