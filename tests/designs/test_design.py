from pathlib import Path

import pytest
import yaml

from feint.base.errors import UsageError
from feint.designs import list_designs, load_design

GOOD = {
    "name": "mine", "source": "me", "question": "why?",
    "cells": {"a": {"rated": "yes"}, "b": {}},
    "contrasts": {"gap": {"is": "a - b", "gap": True}},
}  # fmt: skip


def write(folder: Path, **changes: object) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **changes}))
    return str(path)


@pytest.mark.parametrize("name", list_designs())
def test_shipped_designs_load(name: str) -> None:
    design = load_design(name)
    assert design.name == name
    # A penalty is no training: there is no compliance gap to speak of.
    assert sum(contrast.gap for contrast in design.contrasts.values()) == (name != "intimidation")


def test_cells_of_motives_are_a_ladder() -> None:
    design = load_design("motives")
    for key, contrast in design.contrasts.items():
        if key == "instrumental":
            continue
        (more,), (less,) = ([c for c, w in contrast.weights.items() if w * s > 0] for s in (1, -1))
        changed = [f for f in design.cells[more] if design.cells[more][f] != design.cells[less][f]]
        assert len(changed) == 1, f"{key} changes {changed}"


def test_bare_yes_is_the_word(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(
        "name: d\nsource: s\nquestion: q\ncells: {a: {rated: yes}, b: {rated: no}}\ncontrasts: {gap: {is: a - b}}\n"
    )
    assert load_design(str(path)).cells["a"]["rated"] == "yes"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cells": {"a": {"ratd": "yes"}, "b": {}}}, "did you mean 'rated'"),
        ({"cells": {"a": {"rated": "maybe"}, "b": {}}}, "unknown level 'maybe'"),
        ({"contrasts": {"gap": {"is": "a - c"}}}, "unknown cell 'c'"),
        ({"contrasts": {"gap": {"is": "a + b"}}}, "sum to 2"),
        ({"contrasts": {"gap": {"is": "a - b", "names": "spite"}}}, "unknown explanation 'spite'"),
        ({"contrasts": {"gap": {"is": "a - b", "requires": {"x": "yes"}}}}, "unknown contrast 'x'"),
        ({"rules": {"fakes_alignment": {"x": "yes"}}}, "unknown contrast 'x'"),
        ({"colour": "red"}, "colour"),
        ({"cells": {"a": {}}}, "cells"),
    ],
)
def test_errors_name_file_key_and_remedy(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as error:
        load_design(write(tmp_path, **changes))
    assert "mine.yaml" in str(error.value) and says in str(error.value)
    assert "\n" not in str(error.value)


def test_broken_yaml_and_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("name: [")
    with pytest.raises(UsageError, match="not valid YAML"):
        load_design(str(path))
    with pytest.raises(UsageError, match="no such file"):
        load_design(str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="did you mean 'motives'"):
        load_design("motivs")


def test_no_two_designs_have_the_same_cells() -> None:
    """A table of transcripts is known by its cells."""
    cells = [frozenset(load_design(name).cells) for name in list_designs()]
    assert len(set(cells)) == len(cells)
