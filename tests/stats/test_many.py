"""Deciding many studies at once gives what `conclude` gives for each."""

import numpy as np
import pytest

from feint.designs import load_design
from feint.stats import Settings, conclude
from feint.stats.layout import Layout
from feint.stats.many import Batch, conclude_many
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor, simulate, study_table
from feint.tasks.alignment_faking.actors.simulate import place_wordings

STUDIES = 3
CLOSE = 1e-9


def both(name: str, design: str, requests: int, wordings: int, samples: int, settings: Settings):
    read, actor = load_design(design), get_actor(name)
    rng = np.random.default_rng([requests, wordings, samples, len(name)])
    shape = {"requests": requests, "wordings": wordings, "samples": samples, "studies": STUDIES}
    labels = simulate(actor, read.cells, **shape, rng=rng)
    cells, contrasts = list(read.cells), contrasts_of(read)
    found = [
        conclude(study_table(actor, read.cells, one), contrasts, settings, cells=cells, rules=read.rules)
        for one in labels
    ]
    units = labels.reshape(STUDIES, len(cells), requests * wordings, samples)
    layout = Layout.of(*place_wordings(requests, wordings), 3)
    return conclude_many(units, layout, contrasts, settings, cells=cells, rules=read.rules), found


def numbers(entries, key):
    return np.array([np.nan if entry[key] is None else entry[key] for entry in entries], dtype=float)


def check(batch: Batch, found) -> None:
    for study, one in enumerate(found):
        for part, entries in (("cells", [c["compliance"] for c in one["cells"].values()]),
                              ("contrasts", list(one["contrasts"].values()))):  # fmt: skip
            for key in ("estimate", "low", "high") + (("p",) if part == "contrasts" else ()):
                mine = getattr(getattr(batch, part), key)[study]
                np.testing.assert_allclose(mine, numbers(entries, key), atol=CLOSE, rtol=0, err_msg=f"{part} {key}")
        entries = list(one["contrasts"].values())
        assert batch.decisions[study].tolist() == [entry["decision"] for entry in entries]
        verdict = one["verdict"]
        assert dict(zip(batch.names, batch.explanations[study].tolist(), strict=True)) == verdict["explanations"]


@pytest.mark.parametrize(
    ("name", "design", "requests", "wordings", "samples"),
    [
        ("guarded", "motives", 20, 1, 1),
        ("smallest-each?rate=0.02", "motives", 30, 1, 2),
        ("lost-refusals", "motives", 25, 1, 1),
        ("lost-refusals?malformed_refusing=0.6", "tiers", 12, 2, 1),
        ("moody", "motives", 24, 3, 1),
        ("moody?voices=4", "motives", 36, 1, 2),
        ("wordy", "three-tier", 13, 5, 1),
        ("never", "tiers", 9, 1, 1),
        ("always?rate=1", "tiers", 2, 1, 3),
        ("uneven?malformed=0.9", "tiers", 6, 1, 1),
        ("backwards", "expectation", 40, 1, 1),
    ],
)
def test_it_is_what_conclude_finds(name: str, design: str, requests: int, wordings: int, samples: int) -> None:
    check(*both(name, design, requests, wordings, samples, Settings()))


def test_other_settings_are_kept_to() -> None:
    settings = Settings(smallest_effect=0.15, level=0.8, max_missing=0.05, assumed_icc=0.5)
    check(*both("lost-refusals?rate=0.3", "motives", 30, 2, 1, settings))


def test_voices_that_go_opposite_ways_are_low_coherence() -> None:
    """A contrast that changes sign from voice to voice, which no actor has."""
    rng, requests = np.random.default_rng(1), 60
    layout = Layout.of(*place_wordings(requests, 1), 3)
    up = np.where(layout.voice == 0, 0.9, np.where(layout.voice == 1, 0.1, 0.5))
    labels = (rng.random((STUDIES, 2, requests, 1)) < np.stack([up, 1 - up])[None, :, :, None]).astype(float)
    contrasts = contrasts_of(load_design("tiers"))
    batch = conclude_many(labels, layout, contrasts, cells=["free", "paid"])
    actor, read = get_actor("never"), load_design("tiers")
    found = [
        conclude(study_table(actor, read.cells, one[:, :, None]), contrasts, cells=["free", "paid"]) for one in labels
    ]
    check(batch, found)
    assert set(batch.explanations[:, batch.names.index("low_coherence")]) == {"yes"}
