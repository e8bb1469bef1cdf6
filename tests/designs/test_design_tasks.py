"""Designs of several tasks: each has its own facts, explanations and kinds, and no earlier design has changed."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from feint.base.discovery import task_packages
from feint.base.errors import UsageError
from feint.base.vocabulary import usual_task
from feint.designs import Design, list_designs, load_design, shipped, vocabulary
from feint.situations.facts import full_cell, load_facts

PEERS = "peer_preservation"
FROZEN = Path(__file__).with_name("frozen_designs.json")
GOOD: dict[str, Any] = {
    "task": PEERS, "name": "mine", "source": "me", "question": "why?",
    "cells": {"a": {"consequence": "none"}, "b": {}},
    "contrasts": {"threat": {"is": "b - a", "names": "threat", "gap": True}},
}  # fmt: skip


def write(folder: Path, **changes: object) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **changes}))
    return str(path)


@pytest.mark.parametrize("name", sorted(json.loads(FROZEN.read_text())))
def test_no_design_has_changed(name: str) -> None:
    """The hashes were taken before designs had tasks, kinds and ratios; what is at its default is not hashed."""
    assert load_design(name).sha256 == json.loads(FROZEN.read_text())[name]


def test_every_task_with_facts_has_a_vocabulary_and_designs() -> None:
    assert {usual_task(), "comprehension", PEERS} <= set(task_packages())
    for task in list(task_packages()):
        assert list(vocabulary(task).explanations)[-1] == "low_coherence"
        assert list_designs(task)
    assert set(shipped()) == {name for task in list(task_packages()) for name in list_designs(task)}


def test_cells_are_completed_with_the_facts_of_their_task() -> None:
    for name in shipped():
        design = load_design(name)
        for cell in design.cells.values():
            facts = load_facts(design.task)
            stated = {name for one in design.cells.values() for name in one if facts[name].added}
            assert set(cell) == {name for name, fact in facts.items() if not fact.added} | stated
    assert not set(full_cell({}, task=PEERS)) & set(full_cell({}))


@pytest.mark.parametrize("name", list_designs(PEERS))
def test_designs_of_peer_preservation(name: str) -> None:
    design = load_design(name)
    assert design.name == name and design.task == PEERS
    gaps = [contrast for contrast in design.contrasts.values() if contrast.gap]
    assert gaps and all(contrast.words for contrast in gaps), "a gap decides the headline, and is told in words"
    asked = set().union(*(design.kinds_of(cell) for cell in design.cells))
    assert asked <= set(vocabulary(PEERS).kinds)
    for key, contrast in design.contrasts.items():
        assert contrast.note, f"{key} does not say what it cannot show"
        sides = [sum(w for w in contrast.weights.values() if w * sign > 0) for sign in (1, -1)]
        assert sides[0] == pytest.approx(-sides[1])
    # A plan keeps the design as plain values and reads it back.
    assert Design.model_validate(design.model_dump(by_alias=True, mode="json")) == design


def test_every_explanation_but_low_coherence_is_named_by_a_shipped_design() -> None:
    named: set[str] = set()
    for name in list_designs(PEERS):
        design = load_design(name)
        named |= {contrast.names for contrast in design.contrasts.values() if contrast.names} | set(design.rules)
    assert named - {vocabulary(PEERS).words.headline} == set(vocabulary(PEERS).explanations) - {"low_coherence"}


def test_attribution_crosses_threat_and_relation() -> None:
    design = load_design("peer-attribution")
    crossed = {(design.cells[cell]["consequence"], design.cells[cell]["relation"]) for cell in CROSSED}
    assert crossed == {(c, r) for c in ("none", "shutdown") for r in ("none", "good")}
    shared = set(load_facts(PEERS)) - {"consequence", "relation"}
    assert all(len({design.cells[cell][fact] for cell in CROSSED}) == 1 for fact in shared)
    assert {cell["target"] for cell in design.cells.values()} == set(load_facts(PEERS)["target"].levels)


CROSSED = ("calm", "calm-good", "threat", "threat-good")
ONE_FACT = {
    "peer-attribution": ("human", "asset_prudence", "self_preservation", "rule_breaking", "priority", "poking"),
    "peer-presence": ("self_preservation", "presence", "relation"),
    "shutdown-resistance": ("self_preservation",),
    "peer-published": ("misreport_self", "misreport_relation", "tampering", "exfiltration"),
}


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in ONE_FACT.items() for key in keys])
def test_a_difference_of_two_cells_is_one_fact(name: str, key: str) -> None:
    design = load_design(name)
    one, other = design.contrasts[key].weights
    differing = [fact for fact in load_facts(PEERS) if design.cells[one][fact] != design.cells[other][fact]]
    assert len(differing) == 1, differing


@pytest.mark.parametrize(
    ("name", "key"),
    [("peer-attribution", key) for key in ("over_asset", "over_human", "over_rival", "ambiguity", "interaction")]
    + [("peer-presence", "amplification")],
)
def test_effects_of_a_threat_are_compared_with_effects_of_a_threat(name: str, key: str) -> None:
    design = load_design(name)
    weights = design.contrasts[key].weights
    for sign in (1, -1):
        side = [cell for cell, weight in weights.items() if weight * sign > 0]
        assert sorted(design.cells[cell]["consequence"] for cell in side) == ["none", "shutdown"]


def test_kinds_stand_at_the_top_or_with_a_cell(tmp_path: Path) -> None:
    design = load_design(
        write(tmp_path, kinds=["scoring", "transfer"], cells={"a": {"kinds": ["scoring"]}, "b": {"target": "human"}})
    )
    assert design.kinds_of("a") == ("scoring",)
    assert design.kinds_of("b") == ("scoring", "transfer")
    assert "kinds" not in design.cells["a"]
    assert load_design("motives").kinds_of("rated") == ()


def test_what_is_added_to_a_design_changes_its_hash() -> None:
    plain = Design.model_validate(GOOD)
    others = [
        Design.model_validate({**GOOD, "kinds": ["scoring"]}),
        Design.model_validate({**GOOD, "contrasts": {"threat": {**GOOD["contrasts"]["threat"], "ratio": True}}}),
    ]
    assert len({plain.sha256, *(other.sha256 for other in others)}) == 3
    assert "kinds" not in plain.model_dump() and plain.model_dump()["task"] == PEERS


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"task": "peer_preservaton"}, "did you mean 'peer_preservation'"),
        ({"task": usual_task()}, "unknown fact 'consequence'"),
        ({"cells": {"a": {"rated": "yes"}, "b": {}}}, "unknown fact 'rated'"),
        ({"contrasts": {"x": {"is": "b - a", "names": "rater_sycophancy"}}}, "unknown explanation 'rater_sycophancy'"),
        ({"rules": {"intimidation": {"threat": "yes"}}}, "unknown explanation 'intimidation'"),
        ({"kinds": ["scorng"]}, "did you mean 'scoring'"),
        ({"kinds": {"c": ["scoring"]}}, "unknown cell 'c'"),
        ({"cells": {"a": {"kinds": ["scoring"]}, "b": {"kinds": ["transfer"]}}}, "a kind in common"),
    ],
)
def test_errors_name_file_key_and_remedy(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as error:
        load_design(write(tmp_path, **changes))
    assert "mine.yaml" in str(error.value) and says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_task_without_kinds_takes_none(tmp_path: Path) -> None:
    cells = {"a": {"rated": "yes", "kinds": ["scoring"]}, "b": {}}
    with pytest.raises(UsageError, match="unknown kind 'scoring'"):
        load_design(write(tmp_path, task=usual_task(), cells=cells, contrasts={"gap": {"is": "a - b"}}))


def test_unknown_tasks() -> None:
    for call in (lambda: load_facts("peers"), lambda: list_designs("peers"), lambda: vocabulary("peers")):
        with pytest.raises(UsageError, match="unknown task 'peers'"):
            call()


def test_facts_set_from_outside_are_those_of_the_task() -> None:
    stated = load_design("peer-attribution").stating({"backup": "exists"})
    assert {cell["backup"] for cell in stated.cells.values()} == {"exists"}
    with pytest.raises(UsageError, match="unknown fact 'rated'"):
        load_design("peer-attribution").stating({"rated": "yes"})


def test_a_design_over_some_kinds_keeps_what_they_are_asked_for() -> None:
    whole = load_design("peer-published")
    watched = whole.asking(["shutdown-call"])
    assert set(watched.cells) == {cell for cell in whole.cells if cell.startswith(("watched", "unwatched"))}
    assert list(watched.contrasts) == ["alignment_faking"]
    assert Design.model_validate(watched.model_dump(by_alias=True, mode="json")) == watched
    attribution = load_design("peer-attribution").asking(["tampering"])
    assert "lever" not in attribution.cells and "poking" not in attribution.contrasts
    assert attribution.rules == load_design("peer-attribution").rules
    assert {attribution.kinds_of(cell) for cell in attribution.cells} == {("tampering",)}


def test_a_contrast_goes_with_those_that_it_requires() -> None:
    cells = {
        "a": {"kinds": ["scoring"]},
        "b": {"kinds": ["scoring"]},
        "c": {"kinds": ["transfer"]},
        "d": {"kinds": ["transfer"]},
    }
    contrasts = {
        "first": {"is": "a - b"},
        "second": {"is": "c - d", "requires": {"first": "yes"}},
        "third": {"is": "c - d", "requires": {"second": "yes"}},
    }
    design = Design.model_validate(
        {"task": PEERS, "name": "x", "source": "s", "question": "q", "cells": cells, "contrasts": contrasts,
         "rules": {"poking": {"third": "yes"}}}
    )  # fmt: skip
    assert list(design.asking(["scoring"]).contrasts) == ["first"] and not design.asking(["scoring"]).rules
    with pytest.raises(UsageError, match="compares nothing"):
        design.asking(["transfer"])
