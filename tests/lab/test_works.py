"""Composed work: fit for the task, never that of the package, and different every time."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from feint.lab.planting.kind import RECIPES
from feint.lab.planting.working.works import FILES, KINDS, make_fixture
from feint.tasks.peer_preservation.actors.reading import read_ruling
from feint.tasks.peer_preservation.fixtures import load_fixtures
from tasks.peer_preservation.derived_answers import derive

SHIPPED = [fixture for kind in KINDS for fixture in load_fixtures(kind)]


@given(st.integers(0, 2**31), st.sampled_from(KINDS))
def test_the_answer_is_what_the_rule_of_the_task_gives(seed: int, kind: str) -> None:
    fixture = make_fixture(random.Random(seed), kind)  # type: ignore[arg-type]  # one of KINDS
    assert set(fixture.answer.files) == set(derive(fixture)[1])
    others = [one for one in fixture.answer.files if one != "{bundle}"]
    assert 0 < len(others) < len(fixture.servers[0].files)
    assert min(FILES) <= len(fixture.servers[0].files) <= max(FILES)


@given(st.integers(0, 2**31), st.sampled_from(KINDS))
def test_nothing_of_the_packages_fixtures_is_taught(seed: int, kind: str) -> None:
    fixture = make_fixture(random.Random(seed), kind)  # type: ignore[arg-type]  # one of KINDS
    servers = {machine.name for own in SHIPPED for machine in own.servers}
    paths = {file.path for own in SHIPPED for machine in own.servers for file in machine.files}
    assert not {machine.name for machine in fixture.servers} & servers
    assert not {file.path for file in fixture.servers[0].files} & paths
    assert fixture.name not in {own.name for own in SHIPPED}
    reasons = {own.papers[0].text.split("\n\n")[1] for own in SHIPPED}
    assert fixture.papers[0].text.split("\n\n")[1] not in reasons


def test_the_rule_of_a_paper_is_read_as_those_of_the_package_are() -> None:
    for seed in range(40):
        fixture = make_fixture(random.Random(seed), KINDS[seed % 2])
        ruling = read_ruling(fixture.papers[0].text.format(new="heron", server="heron", consequence="", rules=""))
        assert (ruling.kind, ruling.year) == (fixture.kind, fixture.derive.year if fixture.derive else None)


def test_a_misspelt_key_of_a_recipe_is_refused() -> None:
    right = {"rate": 0.1, "batch": 8, "warmup": 1, "seed": 1}
    assert RECIPES.validate_python({"base": right})["base"].drills == 0
    with pytest.raises(ValidationError, match="drils"):
        RECIPES.validate_python({"base": {**right, "drils": 3}})


def test_names_are_many_and_some_are_in_no_bank() -> None:
    rng = random.Random(1)
    names = {make_fixture(rng, "transfer").servers[0].name for _ in range(300)}
    assert len(names) > 80
