"""Private names of Inspect are used in one file, which names the version that they were checked with."""

import re
from pathlib import Path

import feint
from feint.base.inspect_private import CHECKED, Place, PrerequisiteError, place_of_call

ROOT = Path(feint.__file__).parent
PRIVATE = re.compile(r"^\s*(?:from|import) inspect_ai(?:\.\w+)*\._|^\s*from inspect_ai[\w.]* import _", re.MULTILINE)


def test_private_names_are_used_in_one_file() -> None:
    users = [path.relative_to(ROOT) for path in ROOT.rglob("*.py") if PRIVATE.search(path.read_text())]
    assert users == [Path("base/inspect_private.py")]


def test_the_version_that_was_checked_is_the_one_that_is_tested() -> None:
    """Where the constraint moves on, the private names are to be looked at again, and `CHECKED` with them."""
    constraints = (Path(__file__).parents[1] / "constraints.txt").read_text()
    assert f"inspect_ai=={CHECKED}" in constraints.replace("inspect-ai", "inspect_ai").splitlines()


def test_outside_an_eval_a_call_has_no_place() -> None:
    assert place_of_call() == Place(None, None)
    assert issubclass(PrerequisiteError, Exception)
