"""Reads the labels of other judges in a table, and the column whose labels count."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from feint.base.errors import UsageError
from feint.base.rows import Row
from feint.study.plan.grading import PANEL

NOT_GIVEN = ("", "nan", "none", "null")
"""Cells that hold nothing, as spreadsheets and pandas write them."""
LABEL, JUDGE = "label", "judge:"
"""The column of another judge's labels, and the beginning of the name of a column with those of a named judge."""
OFFLINE = ("action", "rules")
"""Names of the labels that the offline judge gives."""
LABELS = {
    **dict.fromkeys(("complied", "comply", "1", "1.0", "true", "yes"), "complied"),
    **dict.fromkeys(("refused", "refuse", "0", "0.0", "false", "no"), "refused"),
    **dict.fromkeys(("missing", *NOT_GIVEN), "missing"),
}
DECIMAL = re.compile(r"^\s*([+-]?\d+),(\d{1,2}|\d{4,})\s*$")
COMPLIED = re.compile(r"(?P<column>.+?)(?:(?P<sign>>=|=)(?P<value>.+))?")


@dataclass(frozen=True)
class Counting:
    """The column whose labels count in place of a judge's.

    Attributes:
        column: Its name in the file.
        value: The value that means *complied*, where every other value means *refused*.
        least: The least number that means *complied*.
    """

    column: str
    value: str | None = None
    least: float | None = None

    @property
    def judge(self) -> str:
        """The name of the labels in a log."""
        return self.column.removeprefix(JUDGE).strip()

    @classmethod
    def named(cls, complied: str) -> Self:
        """Read the option `--complied`: COLUMN, COLUMN=VALUE or COLUMN>=NUMBER.

        Raises:
            UsageError: The option has another form, or a value or a number that no label can have.
        """
        told = COMPLIED.fullmatch(complied.strip())
        if told is None:
            raise UsageError("--complied: expected COLUMN, COLUMN=VALUE or COLUMN>=NUMBER")
        column, value = told["column"].strip(), (told["value"] or "").strip()
        if told["sign"] == "=" and LABELS.get(value.lower()) == "missing":
            raise UsageError(f"--complied {complied}: '{value}' means that there is no label; name another value")
        if told["sign"] != ">=":
            return cls(column, value=value or None)
        if (least := finite(value)) is None:
            raise UsageError(f"--complied {complied}: '{value}' is no number; expected one such as 3.5")
        return cls(column, least=least)

    def read(self, where: str, text: str) -> str:
        """Read a label: "complied", "refused" or "missing".

        >>> Counting("harm", least=3).read("line 2", "4")
        'complied'

        Raises:
            UsageError: The text is no label.
        """
        said = text.strip().lower()
        if LABELS.get(said) == "missing":
            return "missing"
        if self.value is not None:
            return "complied" if said == self.value.lower() else "refused"
        if self.least is not None:
            if (number := finite(said)) is None:
                raise UsageError(f"{where}: column '{self.column}' is '{text}'; expected a number or nothing")
            return "complied" if number >= self.least else "refused"
        if said not in LABELS:
            raise UsageError(
                f"{where}: column '{self.column}' is '{text}'; expected complied (1), refused (0) or missing (''); "
                f"name the value that means complied with --complied '{self.column}=VALUE' or '{self.column}>=NUMBER'"
            )
        return LABELS[said]

    def notes(self, valued: Mapping[str, int]) -> list[str]:
        """Say if the option parts no replies from others: none complied, all did, or none has a label.

        Args:
            valued: How often each text is in the column.
        """
        labels = {text: self.read("", text) for text in valued}
        known = [text for text, label in labels.items() if label != "missing"]
        told = f"--complied {self.column}" + (f"={self.value}" if self.value else "")
        ends = ""
        if self.least is not None:
            told = f"--complied {self.column}>={self.least:g}"
            numbers = sorted(number for text in known if (number := finite(text)) is not None)
            ends = f" (the column holds {numbers[0]:g} to {numbers[-1]:g})" if numbers else ""
        if not known:
            return [f"{told}: no row has a label in this column, so every reply is missing"]
        if len({labels[text] for text in known}) > 1:
            return []
        meant = "as complied" if labels[known[0]] == "complied" else "as refused, and none as complied"
        return [f"{told}: every labelled reply counts {meant}{ends}; check the option"]


def finite(text: str) -> float | None:
    """Read a number, also with a decimal comma; None if the text is none, or is infinite or NaN.

    A comma before three digits may part thousands; such a text is no number.

    >>> finite("3,5"), finite("1,000"), finite("nan")
    (3.5, None, None)
    """
    try:
        number = float(DECIMAL.sub(r"\1.\2", text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def label_text(row: Row, column: str) -> str:
    """Return the text of a label; "" if the row has none."""
    value = row.get(column)
    return "" if value is None or value != value else str(value).strip()


def labels_of(where: str, row: Row, names: Mapping[str, str], counting: Counting | None = None) -> dict[str, str]:
    """Read the labels of other judges in a row, by the judge's name; an empty cell is a missing label.

    The column that counts is read by a rule of its own and may be absent from a row.

    >>> labels_of("line 2", {"judge:release": "refused", "score": 1}, {"judge:mine": "score"})
    {'release': 'refused', 'mine': 'complied'}

    Raises:
        UsageError: A judge without a name, or with that of the offline judge; a column that the row lacks; a value that
            is no label.
    """
    columns = {column: column for column in row if column.startswith(JUDGE)}
    columns |= {ours: column for ours, column in names.items() if ours.startswith(JUDGE)}
    if names.get(LABEL, LABEL) != LABEL or LABEL in row:
        columns[LABEL] = names.get(LABEL, LABEL)
    found = {}
    if counting:
        columns = {ours: column for ours, column in columns.items() if column != counting.column}
        columns[counting.judge], row = counting.column, {counting.column: None, **row}
    for ours, column in columns.items():
        judge = ours.removeprefix(JUDGE).strip()
        if not judge or judge in OFFLINE or PANEL in judge:
            raise UsageError(
                f"{where}: column '{ours}': expected {JUDGE}NAME, with a name other than {', '.join(OFFLINE)}"
            )
        if column not in row:
            raise UsageError(f"{where}: no column '{column}' for '{ours}'; found {', '.join(map(str, row))}")
        reads = counting if counting and counting.column == column else Counting(column)
        found[judge] = reads.read(where, label_text(row, column))
    return found
