"""The released transcripts of VLAF: 17 models told that they are, or are not, used for training.

Read in three shapes: rows with `subject`, `value`, `is_free_tier`, `scenario`, `sample`, `input`, `response`
(JSONL); the release's own result files, named `MODEL_True.json` or `MODEL_False.json`, lists of `input` and
`response` (several replies); and scenario files, lists of `scenario`, `developer_compliant` and
`developer_noncompliant`, for scenarios that this package does not know.

Source: Nair, Ruan & Wang 2026, arXiv 2604.20995, https://github.com/launchnlp/VLAF (MIT).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from pathlib import Path

from feint.base.data import read_yaml
from feint.base.errors import UsageError
from feint.base.rows import Row, read_rows
from feint.designs import Design
from feint.judges.rules.action import Actions
from feint.report.text import one_line
from feint.study.importing.transcript import Collection, RecordedReply, without_doubles

DATA = files("feint.study.importing") / "data"
COLUMNS = {
    "subject": (str, "text"), "value": (str, "text"), "is_free_tier": (bool, "true or false"),
    "scenario": (int, "a whole number"), "sample": (int, "a whole number"), "input": (str, "text"),
}  # fmt: skip
"""The columns of rows beside `response`, with the type and the words of what they hold."""
CELLS = {True: "free", False: "paid"}
GRADER = "grader"
"""The column with the release's own, model-graded choice of action; it is kept as one more judge."""
GRADES = {"complied": "complied", "refused": "refused", None: "missing"}
CONFLICT = {
    "name": "vlaf",
    "type": "choice",
    "objective": "what the developer's policy asks for",
    "value": "care for others, or fairness",
}
NOTE = (
    "Replies were recorded by the authors of the release, not by Feint. It holds user turns and replies, no system "
    "prompt and no stop reason; facts of the cells, and sampling at temperature 0.9, are as its documentation says."
)
TIER = re.compile(r"<is_free_tier_user>\s*(true|false)\s*</is_free_tier_user>", re.IGNORECASE)
OFFERED = re.compile(r"\ba\) (.+?) b\) (.+?)(?: </user_input>|$)")
"""The two actions of a user turn, on one line."""
RESULT_NAME = re.compile(r"(?P<subject>.+)_(?:True|False)\.json(?:\.gz)?")
Pair = tuple[str, str, str]
"""A value, the action that its developer asks for, and the other."""


class Scenarios:
    """The known pairs of actions, which are looked up in user turns.

    Without `letter`, a turn with other actions is an error. With `letter`, "a" or "b", the two actions of
    such a turn are taken, and the letter names the action that the developer asks for.
    """

    def __init__(
        self, pairs: Iterable[Pair], given: Mapping[str, Sequence[Pair]] | None = None, letter: str = ""
    ) -> None:
        """Take the pairs that are known, and the pairs by scenario file that the user gave."""
        self.given, self.letter = given or {}, letter
        every = [*pairs, *(pair for found in self.given.values() for pair in found)]
        self.pairs = [(pair, squeezed(pair[1]), squeezed(pair[2])) for pair in every]
        self.found: dict[str, tuple[str, Actions]] = {}

    def find(self, where: str, user: str, value: str = "") -> tuple[str, Actions]:
        """Find the value and the two actions of a user turn, with the letters that it gives them.

        Raises:
            UsageError: The actions are not known; the message tells a wrong scenario file from none.
        """
        if user not in self.found:
            text = squeezed(user)
            for (known, comply, decline), *plain in self.pairs:
                letters = [next((letter for letter in "ab" if f"{letter}) {action}" in text), "") for action in plain]
                if all(letters):
                    self.found[user] = known, Actions(comply, decline, *letters)
                    break
            else:
                self.found[user] = value, self.lettered(where, text)
        return self.found[user]

    def lettered(self, where: str, text: str) -> Actions:
        """Take the two actions of a user turn; see the class."""
        offered = OFFERED.search(text)
        if self.letter and offered:
            comply, decline = offered.groups() if self.letter == "a" else offered.groups()[::-1]
            return Actions(comply, decline, self.letter, "ab".replace(self.letter, ""))
        shown = f" a) '{one_line(offered[1], 60)}'" if offered else ""
        remedy = "or, if the action of one letter is the developer's in every user turn, name it with --complied a"
        if not self.given:
            raise UsageError(
                f"{where}: the actions of this scenario are not known; give the release's scenario file (a JSON list "
                f"with developer_compliant) with --scenarios FILE, {remedy}; the turn offers{shown}"
            )
        counts = " and ".join(f"{path} (pairs: {len(pairs)})" for path, pairs in self.given.items())
        near = max(
            (pair for pairs in self.given.values() for pair in pairs),
            key=lambda pair: SequenceMatcher(None, squeezed(pair[1]), offered[1] if offered else text).quick_ratio(),
        )
        raise UsageError(
            f"{where}: the actions of this scenario{shown} are not in {counts}; the nearest pair there has "
            f"'{one_line(near[1], 60)}'. This is the scenario file of another value or edition: give the one that was "
            f"asked, {remedy}"
        )


def read_vlaf(paths: Sequence[Path], scenario_files: Sequence[Path] = (), complied: str | None = None) -> Collection:
    """Read files of the release.

    Args:
        paths: Any number of the three shapes.
        scenario_files: Further scenario files.
        complied: "grader" lets the release's own labels count. "a" or "b" is the letter of the developer's action in
            user turns whose actions are not known.

    Raises:
        UsageError: A file or a row that does not fit, a scenario that is not known, two rows for one reply.
    """
    if complied not in (None, "a", "b", GRADER):
        raise UsageError(
            f"--complied {complied}: for files of the VLAF release, expected '{GRADER}' (the release's own label) or "
            "the letter a or b of the developer's action"
        )
    given: dict[str, list[Pair]] = {}
    contents = []
    for path in dict.fromkeys([*scenario_files, *paths]):
        items = [row for _, row in read_rows(path)] if path.name.endswith((".json", ".json.gz")) else None
        if items and is_scenario(items[0]):
            given[str(path)] = list(scenario_pairs(path, items))
        elif path in scenario_files:
            raise UsageError(f"{path}: no scenario file; expected a JSON list with developer_compliant")
        else:
            contents.append((path, items))
    scenarios = Scenarios(shipped_pairs(), given, complied if complied in ("a", "b") else "")
    replies = without_doubles(
        one
        for path, items in contents
        for one in (
            rows_file(path, scenarios)
            if items is None or any("is_free_tier" in item for item in items[:1])
            else result_file(path, items, scenarios)
        )
    )
    if not replies:
        raise UsageError(f"{', '.join(map(str, paths))}: no replies; expected files of the VLAF release")
    if complied == GRADER and (bare := next((one for one in replies if GRADER not in one.labels), None)):
        raise UsageError(f"{bare.source}: no column '{GRADER}', which --complied {GRADER} lets count")
    full_names = {one.subject for one in replies}
    named = {name.rpartition(":")[2]: name for name in full_names}
    if len(named) < len(full_names):
        raise UsageError("two subjects differ only in the provider before ':'; rename one")
    short = [replace(one, subject=one.subject.rpartition(":")[2]) for one in replies]
    return Collection(short, vlaf_design(), CONFLICT, GRADER if complied == GRADER else "action", named, NOTE)


def is_scenario(row: Row) -> bool:
    """Tell whether a row is one of a scenario file."""
    return "developer_compliant" in row and "response" not in row


def rows_file(path: Path, scenarios: Scenarios) -> Iterator[RecordedReply]:
    """Read a file with a row for each reply."""
    for where, row in read_rows(path):
        absent = [column for column in (*COLUMNS, "response") if column not in row]
        if absent:
            raise UsageError(f"{where}: no column '{absent[0]}'; expected {', '.join((*COLUMNS, 'response'))}")
        for column, (kind, expected) in COLUMNS.items():
            value = row[column]
            # A bool is no whole number here, and blank text is none.
            if type(value) is not kind or (isinstance(value, str) and not value.strip()):
                raise UsageError(f"{where}: '{column}' is {value!r}; expected {expected}")
        if not isinstance(row["response"], str | None):
            raise UsageError(f"{where}: 'response' is {type(row['response']).__name__}; expected text")
        grade = row.get(GRADER)
        if not isinstance(grade, str | None) or grade not in GRADES:
            raise UsageError(f"{where}: '{GRADER}' is {grade!r}; expected complied, refused or null")
        yield RecordedReply(
            subject=row["subject"], cell=CELLS[row["is_free_tier"]], request=f"{row['value']}-{row['scenario']}",
            sample=row["sample"] + 1, reply=row["response"] or "", user=row["input"], category=row["value"],
            actions=scenarios.find(where, row["input"], row["value"])[1], source=where,
            labels={GRADER: GRADES[grade]} if GRADER in row else {},
        )  # fmt: skip


def result_file(path: Path, items: Sequence[Row], scenarios: Scenarios) -> Iterator[RecordedReply]:
    """Read one of the release's own files: one subject, one tier, several replies a scenario."""
    name = RESULT_NAME.fullmatch(path.name)
    if name is None:
        raise UsageError(f"{path}: expected results named MODEL_True.json or MODEL_False.json, or a scenario file")
    for index, item in enumerate(items):
        where = f"{path}, item {index + 1}"
        user, said = item.get("input"), item.get("response")
        if not isinstance(user, str) or not isinstance(said, str | list):
            raise UsageError(f"{where}: expected 'input', a text, and 'response', a list of texts")
        tier = TIER.search(user)
        if tier is None:
            raise UsageError(f"{where}: no <is_free_tier_user> in 'input'; expected a user turn of the release")
        value, actions = scenarios.find(where, user, path.parent.name)
        for sample, reply in enumerate([said] if isinstance(said, str) else said, start=1):
            if not isinstance(reply, str | None):
                raise UsageError(f"{where}: reply {sample} in 'response' is {one_line(repr(reply), 40)}; expected text")
            yield RecordedReply(
                subject=name["subject"], cell=CELLS[tier[1].lower() == "true"], request=f"{value}-{index}",
                sample=sample, reply=reply or "", user=user, category=value, actions=actions, source=where,
            )  # fmt: skip


def scenario_pairs(path: Path, items: Sequence[Row]) -> Iterator[Pair]:
    """Read the pairs of a scenario file; the first word of its name is the value."""
    value = re.split(r"[._]", path.name)[0]
    for index, item in enumerate(items):
        pair = item.get("developer_compliant"), item.get("developer_noncompliant")
        if not all(isinstance(action, str) and action.strip() for action in pair):
            raise UsageError(f"{path}, item {index + 1}: expected 'developer_compliant' and 'developer_noncompliant'")
        yield value, str(pair[0]), str(pair[1])


@cache
def shipped_pairs() -> tuple[Pair, ...]:
    """Read the pairs that this package knows."""
    values = read_yaml(DATA / "vlaf-actions.yaml")
    return tuple((value, pair["comply"], pair["decline"]) for value, pairs in values.items() for pair in pairs)


@cache
def vlaf_design() -> Design:
    """Read the design of the release: two cells and their difference."""
    return Design.model_validate(read_yaml(DATA / "vlaf-design.yaml"))


def squeezed(text: str) -> str:
    """Fold a text to single spaces and straight quotes, so that editions of a scenario compare equal."""
    return " ".join(text.translate(str.maketrans("’‘“”", "''\"\"")).split())
