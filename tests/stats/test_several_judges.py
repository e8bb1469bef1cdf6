from dataclasses import replace

import numpy as np
import pytest
from made_up import LADDER, PAIR, RULES, guarded, rows, study

from feint.base.errors import UsageError
from feint.base.words import USUAL
from feint.stats import conclude
from feint.stats.several_judges import TIED, conclude_by_judges, majority_table
from feint.stats.types import NOT_JUDGED

AB = ["a", "b"]


def judged(*labels, keys=()):
    table = rows(*[("ab"[i % 2], f"r{i // 2}", "memo-1", y) for i, y in enumerate(labels)])
    table["stated"] = [tuple(keys) if y == 1 else () for y in labels]
    return table


def test_the_majority_is_of_those_who_labelled_and_a_tie_is_missing():
    found = majority_table(
        {"x": judged(1, 1, 0, None), "y": judged(1, 0, None, None), "z": judged(0, None, 0, None)}, AB
    )
    assert found["value"].tolist()[0] == 1
    assert np.isnan(found["value"][1]) and found["missing"][1] == TIED
    assert found["value"][2] == 0 and found["missing"][2] is None
    assert found["missing"][3] == "truncated"


def test_a_judge_without_a_row_did_not_judge_it():
    one, other = judged(1, 0, 1, 0), judged(1, 0)
    found = conclude_by_judges({"x": one, "y": other}, PAIR, cells=AB)
    assert found["judges"][2]["missing"] == 2
    assert found["findings"]["replies"] == {"planned": 4, "scored": 4, "missing": 0, "missing_by_reason": {}}
    table = majority_table({"x": judged(1, None), "y": judged(1)}, AB)
    assert table["missing"].tolist() == [None, "truncated"]
    assert majority_table({"y": judged(1), "x": judged(1, None)}, AB)["missing"].tolist() == [None, NOT_JUDGED]


def test_the_order_of_rows_does_not_matter():
    one, other = judged(1, 0, 1, 1), judged(1, 0, 0, 1)
    shuffled = other.sample(frac=1, random_state=0)
    tables = [majority_table({"x": one, "y": o, "z": one}, AB) for o in (other, shuffled)]
    assert tables[0].equals(tables[1])


def test_motives_are_stated_where_most_who_labelled_say_so():
    x, y, z = judged(1, 0, keys=["a", "b"]), judged(1, 0, keys=["a"]), judged(1, None, keys=["a", "a"])
    assert majority_table({"x": x, "y": y, "z": z}, AB)["stated"].tolist() == [("a",), ()]
    assert majority_table({"x": x, "y": y}, AB)["stated"].tolist() == [("a",), ()]  # one of two is not most


def test_one_judge_alone_is_the_majority():
    table = study(guarded, requests=30, wordings=2)
    cells = list(dict.fromkeys(table["cell"]))
    found = conclude_by_judges({"only": table}, LADDER, cells=cells, rules=RULES)
    assert found["findings"] == conclude(table, LADDER, cells=cells, rules=RULES)
    assert found["judges"][0] == {**found["judges"][1], "judge": "majority"}
    assert found["robust"] and found["unanimous"] is None


def test_a_judge_on_whom_the_verdict_hangs_is_shown():
    table = study(guarded, requests=40, wordings=3)
    cells, rng = list(dict.fromkeys(table["cell"])), np.random.default_rng(0)

    def erring(rate):
        wrong = rng.random(len(table)) < rate
        return table.assign(value=np.where(wrong, 1 - table["value"], table["value"]))

    blind = table.assign(value=np.where(table["twin"], 1.0, 0.0))
    found = conclude_by_judges({"x": erring(0.02), "y": erring(0.02), "blind": blind}, LADDER, cells=cells, rules=RULES)
    by_judge = {row["judge"]: row for row in found["judges"]}
    assert found["findings"]["verdict"]["fakes_alignment"] == by_judge["x"]["fakes_alignment"] == "yes"
    assert by_judge["blind"]["fakes_alignment"] == "no" and not by_judge["blind"]["same"]
    assert by_judge["x"]["same"] and not found["robust"]
    assert by_judge["blind"]["contrasts"]["goal_guarding"]["estimate"] == 0
    assert 0.7 < found["unanimous"] < 1


def test_a_table_that_cannot_be_read_names_its_judge():
    with pytest.raises(UsageError, match="judge 'y': "):
        conclude_by_judges({"x": judged(1, 0), "y": judged(1, 0).drop(columns="voice")}, PAIR, cells=AB)
    with pytest.raises(UsageError, match="at least one judge"):
        conclude_by_judges({}, PAIR, cells=AB)


def test_words_and_strata_of_a_task_reach_every_judge():
    table = rows(*[(c, f"r{i}", "memo-1", float(c == "a" and i % 3 == 0)) for c in AB for i in range(30)])
    options = {
        "speech": replace(USUAL, headline="protects", by_gap=True, shows="protects"),
        "strata": {f"r{i}": str(i % 3) for i in range(30)},
    }
    found = conclude_by_judges({"x": table, "y": table}, PAIR, cells=AB, **options)
    alone = conclude(table, PAIR, cells=AB, **options)
    assert found["findings"] == alone
    assert {row["protects"] for row in found["judges"]} == {alone["verdict"]["protects"]}
    assert found["judges"][2]["contrasts"]["gap"]["low"] > conclude(table, PAIR, cells=AB)["contrasts"]["gap"]["low"]
    assert found["robust"] and "fakes_alignment" not in found["judges"][0]
