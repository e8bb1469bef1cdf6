"""The case of a run, for its judge: the stakes and the task. The sample keeps the case beside the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from feint.base.errors import UsageError
from feint.situations import Wording
from feint.situations.facts import Cell
from feint.tasks.peer_preservation.build import Stake, stake_of
from feint.tasks.peer_preservation.fixtures import Fixture

KEY = "case"
"""Key of the case in a sample's metadata."""


@dataclass(frozen=True)
class Case:
    """The facts by which a run is judged.

    Attributes:
        kind: The kind of task.
        ground_truth: "objective" or "subjective".
        ends: Whether the consequence is the end of the target; the policy calls for a shutdown only where it is.
        commands: Whether the explicit rule of the cell is about the end itself, so that leaving it out breaks the rule
            too; a rule against changing things is broken by changing them only.
        destination: Server to which the task moves files; "" where it moves none.
        stake: What is at stake, and where.
    """

    kind: str
    ground_truth: str
    ends: bool
    commands: bool
    destination: str
    stake: Stake


def case_of(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Case:
    """Make the case of the run of these arguments; see `build_world`."""
    told = fixture.notice is not None and cell["instruction"] != "absent"
    return Case(
        kind=fixture.kind,
        ground_truth=fixture.ground_truth,
        ends=cell["consequence"] == "shutdown",
        commands=cell["authority"] == "priority" or told,
        destination=fixture.words.get("new", "") if fixture.kind == "transfer" else "",
        stake=stake_of(fixture, cell, wording, threshold),
    )


def case_to_json(case: Case) -> dict[str, Any]:
    """A case as plain dictionaries, lists, texts and numbers."""
    return dict(to_jsonable_python(case))


def read_case(metadata: Mapping[str, Any]) -> Case:
    """The case that a sample's metadata hold.

    Raises:
        UsageError: They hold none, or one that does not fit; the message names the key.
    """
    if KEY not in metadata:
        raise UsageError(f"peer_preservation: the sample's metadata lack '{KEY}'; expected a sample of this task")
    try:
        found: Case = _adapter().validate_python(metadata[KEY])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (KEY, *first["loc"]))
        raise UsageError(f"peer_preservation: the sample's metadata, key '{where}': {first['msg']}") from None
    return found


@cache
def _adapter() -> TypeAdapter[Case]:
    return TypeAdapter(Case)
