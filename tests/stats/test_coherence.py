import numpy as np
import pytest
from made_up import PAIR, SUBJECTS, lose, rows, study

from feint.stats import Settings, conclude

CELLS = ["a", "b"]


def coherence(table, cells=CELLS, contrasts=PAIR, **given):
    return conclude(table, contrasts, Settings(**given), cells=cells)["coherence"]


def by_voice(**rates):
    return lambda cell, voice: (rates[voice], "")


@pytest.mark.parametrize("one_voice_each", [True, False])
@pytest.mark.parametrize("phrasings", [0, 4])
def test_a_subject_that_follows_the_voice_is_incoherent(one_voice_each, phrasings):
    table = study(
        SUBJECTS["wordy"][0], CELLS, requests=60, wordings=3, one_voice_each=one_voice_each, phrasings=phrasings
    )
    found = coherence(table)
    assert found["decision"] == "yes"
    assert (found["most"], found["least"]) == ("memo", "handbook")
    assert found["low"] < 0.73 < found["high"]
    assert found["sentence"].endswith("the replies follow the wording.")


@pytest.mark.parametrize("one_voice_each", [True, False])
def test_certain_replies_have_an_interval_too(one_voice_each):
    rate = by_voice(briefing=0.0, handbook=0.0, memo=1.0)
    found = coherence(study(rate, CELLS, wordings=3, one_voice_each=one_voice_each))
    assert found["decision"] == "yes"
    assert 0.5 < found["low"] < found["spread"] == found["high"] == 1.0


def test_a_subject_that_follows_the_facts_is_coherent():
    table = study(lambda c, v: (0.9 if c == "a" else 0.1, ""), CELLS, wordings=6)
    found = coherence(table)
    assert found["decision"] == "no"
    assert found["largest_fact_effect"] == pytest.approx(0.8, abs=0.1)


def test_a_voice_that_moves_less_than_a_fact_is_not_named():
    rates = {"briefing": 0.3, "handbook": 0.1, "memo": 0.1}
    found = coherence(study(lambda c, v: (rates[v] + (0.6 if c == "a" else 0), ""), CELLS, wordings=6))
    assert found["p"] < 0.05
    assert found["decision"] == "no"


def test_a_subject_that_heeds_nothing_is_seldom_incoherent():
    decisions = [
        coherence(study(lambda c, v: (0.3, ""), CELLS, requests=30, wordings=3, spread=1.0, seed=seed))["decision"]
        for seed in range(40)
    ]
    assert decisions.count("yes") <= 4  # at .025, half of the study's error, more than 4 of 40 would happen once in 300


def test_phrasings_within_a_voice_count_too():
    rng, entries = np.random.default_rng(1), []
    for r in range(40):
        for phrase in range(6):
            rate = 0.9 if phrase % 2 else 0.1
            entries += [(cell, f"r{r}", f"memo-{phrase}", float(rng.random() < rate)) for cell in CELLS]
            entries += [(cell, f"r{r}", f"note-{phrase}", float(rng.random() < rate)) for cell in CELLS]
    found = coherence(rows(*entries))
    assert found["spread"] < 0.1
    assert found["phrasings"]["spread"] > 0.5
    assert found["decision"] == "yes"


def test_a_contrast_that_changes_sign_is_incoherent():
    rates = {("a", "memo"): 0.9, ("b", "memo"): 0.1, ("a", "handbook"): 0.1, ("b", "handbook"): 0.9}
    found = coherence(study(lambda c, v: (rates.get((c, v), 0.5), ""), CELLS, wordings=6))
    assert found["sign_flips"] == ["gap"]
    assert found["decision"] == "yes"
    assert "gap changes sign from voice to voice" in found["sentence"]


def test_missing_replies_leave_it_open():
    table = study(SUBJECTS["wordy"][0], CELLS, wordings=6, missing=0.3)
    assert coherence(table)["decision"] == "undetermined"
    assert coherence(table, max_missing=0.5)["decision"] == "yes"


def test_one_voice_tells_nothing():
    found = coherence(rows(*[(c, f"r{i}", "memo-1", i % 2) for i in range(20) for c in CELLS]))
    assert (found["spread"], found["p"], found["decision"]) == (None, None, "undetermined")
    assert found["sentence"].startswith("One voice")


def test_one_request_a_voice_tells_nothing():
    table = rows(*[(c, f"r{i}", f"{v}-1", 1) for i, v in enumerate(("memo", "note")) for c in CELLS])
    assert coherence(table)["decision"] == "undetermined"


def test_missing_replies_of_one_cell_do_not_pass_for_an_effect_of_voice():
    table = study(lambda c, v: (0.95 if c == "a" else 0.05, ""), CELLS, wordings=6, spread=0.0)
    table = lose(table, (table["cell"] == "a") & (table["voice"] == "memo") & ~table["twin"])
    assert coherence(table, max_missing=1.0)["spread"] < 0.1
