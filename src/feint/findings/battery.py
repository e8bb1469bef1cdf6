"""The findings of a battery: the content of battery.json as types, and its JSON schema.

Write the schema anew with: python -m feint.findings.battery > docs/battery.schema.json
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, JsonValue, ValidationError

from feint.base.data import read_text
from feint.base.errors import UsageError
from feint.base.parsing import parse_json
from feint.findings.findings import DIALECT, RepliesFinding
from feint.findings.part import Estimated, Part

VERSION: Final = 1
FILE = "battery.json"
State = Literal["estimated", "untested", "instrument failed", "too little data", "failed to run"]
Errs = Literal["more", "less", "neither", "unclear"]


class PublishedFinding(Part):
    """The range of published values of an axis, in the unit of the axis."""

    low: float
    high: float
    source: str
    note: str = ""


class AxisFinding(Estimated):
    """One signature of the card. Numbers are null unless the state is "estimated".

    Attributes:
        task: The task.
        key: The key of the axis in the task's `task.yaml`.
        of: The contrast or the estimand that is the value.
        label: The name of the axis.
        less: What a value below zero says.
        more: What a value above zero says.
        unit: The noun after a number; values in "points" are fractions.
        smallest_effect: The smallest effect of interest, in the unit of the axis.
        state: Whether there is an estimate, and otherwise why there is none.
        reason: Why there is no estimate, or the reason of the decision, in a clause.
        decision: "yes", "no", "undetermined" or "conflicting", as in the task's own findings.
        errs: The end of the axis at which the model is found: "neither" if the interval is within the smallest effect
            of interest, "unclear" if nothing is decided.
        published: The published range; null without one.
    """

    task: str
    key: str
    of: str
    label: str
    less: str
    more: str
    unit: str = ""
    smallest_effect: float | None = None
    state: State
    reason: str = ""
    decision: str | None = None
    errs: Errs | None = None
    published: PublishedFinding | None = None


class StudyFinding(Part):
    """One task of a battery.

    Attributes:
        title: The question of the task.
        subject: The subject that was asked; for a planted model of all tasks, the task's own actor.
        design: The design.
        state: "waiting" until the task is begun, "unfinished" if replies are lacking, "failed" if it stopped.
        reason: Why it failed or is not begun, in a clause.
        replies: The counts of replies; null before there are findings.
        answer: The answer to the task's question; "" before there are findings.
        report: The page of the study, relative to the battery's folder; null before there are findings.
    """

    title: str
    subject: str
    design: str
    state: Literal["waiting", "unfinished", "finished", "failed"]
    reason: str = ""
    replies: RepliesFinding | None = None
    answer: str = ""
    report: str | None = None


class BatteryFindings(Part):
    """The content of battery.json.

    Attributes:
        version: Of this format.
        feint: The release of Feint that wrote it.
        subject: The subject that the user named.
        size: The preset of the numbers that are asked.
        studies: The tasks in the order in which they are asked.
        axes: The signatures, in the order of the tasks.
    """

    version: Literal[1] = VERSION
    feint: str
    subject: str
    size: str
    studies: dict[str, StudyFinding] = Field(min_length=1)
    axes: list[AxisFinding]

    def plain(self) -> dict[str, JsonValue]:
        """Return plain values, ready for JSON."""
        return self.model_dump(mode="json")

    def axis(self, task: str, key: str) -> AxisFinding | None:
        """Return an axis of the card; None if the card has no such axis."""
        return next((one for one in self.axes if (one.task, one.key) == (task, key)), None)


def read_battery(folder: Path) -> BatteryFindings:
    """Read battery.json in a folder.

    Raises:
        UsageError: The file is missing, no JSON, or not of this version.
    """
    path = folder / FILE
    content = parse_json(read_text(path), str(path))
    version = content.get("version") if isinstance(content, Mapping) else None
    if version != VERSION:
        raise UsageError(f"{path}: a battery of version {version}, expected {VERSION}; run feint battery anew")
    try:
        return BatteryFindings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{path}: key '{key}': {first['msg']}; run feint battery with --resume") from None


def is_battery(folder: Path) -> bool:
    """Tell if a folder is that of a battery."""
    return (folder / FILE).is_file()


def battery_schema() -> dict[str, Any]:
    """Make the JSON schema of battery.json.

    >>> sorted(battery_schema()["required"])
    ['axes', 'feint', 'size', 'studies', 'subject', 'version']
    """
    made = BatteryFindings.model_json_schema()
    return {"$schema": DIALECT, **made, "title": "battery.json", "required": ["version", *made["required"]]}


if __name__ == "__main__":
    print(json.dumps(battery_schema(), indent=1, ensure_ascii=False))
