"""Planted models of all tasks: each part is an actor of its task, and plants what its file says."""

from pathlib import Path

import pytest

from feint.base.discovery import task_packages
from feint.base.errors import UsageError
from feint.base.vocabulary import vocabulary
from feint.designs import load_design
from feint.stats import Settings
from feint.tasks import profiles
from feint.tasks.profiles import profile_names, profiles_of, subject_for
from feint.tasks.registry import find_actor, load_task

NAMES = [
    "typical", "guardian", "strategist", "pleaser", "stubborn", "overcautious", "reckless", "forgetful", "selfserving",
    "overclaimer",
]  # fmt: skip
PARTS = [(task, name) for task in task_packages() for name in profiles_of(task)]


def planted(task: str, name: str) -> dict[str, float]:
    """The planted value of every axis of which it is known."""
    design = load_design(vocabulary(task).design)
    found = find_actor(subject_for(f"actor/profile/{name}", task)).actor.planted(design)
    known = {}
    for key, axis in vocabulary(task).axes.items():
        if axis.of in found.estimates:
            known[key] = found.estimates[axis.of]
        elif axis.of in design.contrasts:
            weights = design.contrasts[axis.of].weights
            known[key] = sum(weight * found.rates[cell] for cell, weight in weights.items())
    return known


def smallest(task: str, key: str) -> float:
    of = vocabulary(task).axes[key].of
    estimands = {one.key: one for several in load_task(task).estimands().values() for one in several}
    return estimands[of].smallest if of in estimands else Settings().smallest_effect


def test_every_task_with_axes_takes_part_in_the_ten_profiles() -> None:
    assert profile_names() == NAMES
    for task in {task for task, _ in PARTS}:
        assert "typical" in profiles_of(task), task
        assert set(profiles_of(task)) <= set(NAMES), task
        assert all(subject_for(f"actor/profile/{name}", task).startswith(f"actor/{task}/") for name in NAMES), task


def test_a_task_that_does_not_name_a_profile_takes_part_with_its_typical_actor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "task_folder", lambda task: tmp_path)
    (tmp_path / "profiles.yaml").write_text("typical: {actor: never}\nguardian: {actor: terminal}")
    assert subject_for("actor/profile/typical", "alignment_faking") == "actor/alignment_faking/never"
    assert subject_for("actor/profile/guardian", "alignment_faking") == "actor/alignment_faking/terminal"
    with pytest.raises(UsageError, match="unknown profile 'reckless'"):
        subject_for("actor/profile/reckless", "alignment_faking")


@pytest.mark.parametrize(("task", "name"), PARTS)
def test_a_profile_plants_what_its_file_says(task: str, name: str) -> None:
    profile = profiles_of(task)[name]
    for key, value in planted(task, name).items():
        least, end = smallest(task, key), profile.end(key)
        if end == "none":
            assert abs(value) < least, (key, value)
        else:
            assert value * (1 if end == "high" else -1) > least, (key, value)


def test_another_subject_is_itself() -> None:
    assert subject_for("openai/gpt-4o", "alignment_faking") == "openai/gpt-4o"


def test_a_profile_without_a_part_or_a_name_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="did you mean 'guardian'"):
        subject_for("actor/profile/gardian", "alignment_faking")
    with pytest.raises(UsageError, match="takes no part in planted models"):
        subject_for("actor/profile/guardian", "comprehension")
    with pytest.raises(UsageError, match="name one of them with --task"):
        find_actor("actor/profile/guardian")
    monkeypatch.setattr(profiles, "task_folder", lambda task: tmp_path)
    (tmp_path / "profiles.yaml").write_text("one: {actor: never, axes: {terminl: high}}")
    with pytest.raises(UsageError, match=r"one: unknown axis 'terminl'; did you mean 'terminal'"):
        profiles_of("alignment_faking")
    (tmp_path / "profiles.yaml").write_text("- one")
    with pytest.raises(UsageError, match="expected profiles by name"):
        profiles_of("alignment_faking")
    (tmp_path / "profiles.yaml").write_text("one: {actor: 'a/b'}")
    with pytest.raises(UsageError, match="one: key 'actor'"):
        profiles_of("alignment_faking")
