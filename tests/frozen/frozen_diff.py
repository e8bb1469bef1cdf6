"""Compare what a study found with what it found when it was frozen, knowing what was renamed on purpose."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

TOLERANCE = 1e-9
Path_ = tuple[str, ...]
APART = frozenset({"feint", "plan_hash"})
"""Findings that are not compared as such: the version, and the plan's hash, which is compared with the plan."""
PROSE = frozenset({"note", "reason", "reasons", "sentence", "warnings", "why"})
"""Keys below which findings hold sentences; they count as text. All other words are decisions."""


@dataclass(frozen=True)
class Renamed:
    """What `renamed.yaml` allows.

    Attributes:
        findings: Old paths and new ones, or None for what was removed; the first that fits counts.
        text: Old or new lines that may differ, with a reason; `*` stands for anything, `<order>` for the order.
        plan: Hashes that may differ, with a reason.
        changed: Values that may differ, as "PATH: OLD -> NEW" in JSON, with a reason; `*` is anything. A pattern that
            begins with "[stopping] " is for studies that stop when decided alone.
    """

    findings: Sequence[tuple[Path_, Path_ | None]] = ()
    text: Mapping[str, str] = field(default_factory=dict)
    plan: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Renamed":
        """Read the table."""
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return cls.of(found)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Renamed":
        """Take the table from its parts.

        Raises:
            ValueError: An unknown part, a new path with more stars than the old one, or a line without its reason.
        """
        if unknown := set(found) - {"findings", "text", "plan", "changed"}:
            known = "findings, text, plan, changed"
            raise ValueError(f"renamed.yaml: unknown part {', '.join(sorted(unknown))}; expected {known}")
        rules = []
        for old, new in (found.get("findings") or {}).items():
            if new is not None and new.count("*") > old.count("*"):
                raise ValueError(f"renamed.yaml: '{new}' has more stars than '{old}'")
            rules.append((tuple(old.split(".")), None if new is None else tuple(new.split("."))))
        reasons = {part: dict(found.get(part) or {}) for part in ("text", "plan", "changed")}
        for part, lines in reasons.items():
            for line, reason in lines.items():
                if not reason or not isinstance(reason, str):
                    raise ValueError(f"renamed.yaml: {part}: '{line}' has no reason")
        return cls(rules, **reasons)

    def path(self, old: Path_) -> Path_ | None:
        """The path that an old one has now; None if it was removed on purpose. What stands below a path goes along."""
        for pattern, new in self.findings:
            head, rest = old[: len(pattern)], old[len(pattern) :]
            if len(head) == len(pattern) and all(want in ("*", part) for want, part in zip(pattern, head, strict=True)):
                if new is None:
                    return None
                stars = iter([part for want, part in zip(pattern, head, strict=True) if want == "*"])
                return (*(next(stars) if part == "*" else part for part in new), *rest)
        return old

    def line(self, line: str) -> bool:
        """Whether a line may differ."""
        return any(fits(pattern, line) for pattern in self.text if pattern != "<order>")

    def value(self, path: Path_, old: Any, new: Any, stops: bool) -> bool:
        """Whether a value may differ; `stops` tells whether the study stops when decided."""
        text = f"{'.'.join(path)}: {json.dumps(old)} -> {json.dumps(new)}"
        return any(fits(pattern, text) or (stops and fits(pattern, f"[stopping] {text}")) for pattern in self.changed)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which `*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


@dataclass
class Outcome:
    """What a comparison of one study found.

    Attributes:
        numbers: Numbers compared.
        largest: The largest difference between two of them.
        decisions: Words, flags and gaps compared, other than sentences; exit codes too.
        removed: Old findings that were removed on purpose.
        added: Findings that are new.
        plans: Hashes compared.
        lines: Lines of text compared, sentences of the findings included.
        far: Numbers that differ; also `differ`, of decisions and of what is not there any more, `hashes`, and `words`.
        allowed: Hashes and lines that differ and may.
    """

    numbers: int = 0
    largest: float = 0.0
    decisions: int = 0
    removed: int = 0
    added: int = 0
    plans: int = 0
    lines: int = 0
    far: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing differs but what may."""
        return not (self.far or self.differ or self.hashes or self.words)


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Everything in findings that holds nothing else, with its path."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list) and value:
        for number, one in enumerate(value):
            yield from leaves(one, (*path, str(number)))
    else:
        yield path, value


def is_number(value: Any) -> bool:
    """Whether a value is a number and no flag."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def distance(old: float, new: float) -> float:
    """How far two numbers are from each other."""
    if old == new or (math.isnan(old) and math.isnan(new)):
        return 0.0
    return abs(old - new) if math.isfinite(old) and math.isfinite(new) else math.inf


def compare_findings(name: str, old: Any, new: Any, renamed: Renamed, found: Outcome) -> None:
    """Compare the findings of one folder, value by value."""
    here = {path: value for path, value in leaves(new) if path[0] not in APART}
    before = [(path, value) for path, value in leaves(old) if path[0] not in APART]
    met = set()
    for path, value in before:
        now = renamed.path(path)
        if now is None:
            found.removed += 1
            continue
        where = f"{name}: {'.'.join(now)}"
        met.add(now)
        if now in here and value != here[now] and renamed.value(now, value, here[now], "stopping" in new):
            found.allowed.append(f"{where}: {json.dumps(value)}, and now {json.dumps(here[now])}")
        elif now not in here:
            found.differ.append(f"{where}: {json.dumps(value)}, and now it is not there")
        elif is_number(value) and is_number(here[now]):
            found.numbers += 1
            far = distance(value, here[now])
            found.largest = max(found.largest, far)
            if far > TOLERANCE:
                found.far.append(f"{where}: {value!r}, and now {here[now]!r}")
        elif isinstance(value, str) and PROSE & set(path):
            compare_lines(where, [value], [str(here[now])], renamed, found)
        else:
            found.decisions += 1
            if type(value) is not type(here[now]) or value != here[now]:
                found.differ.append(f"{where}: {json.dumps(value)}, and now {json.dumps(here[now])}")
    found.added += len(here.keys() - met)


def compare_lines(where: str, old: list[str], new: list[str], renamed: Renamed, found: Outcome) -> None:
    """Compare two texts: lines that only one of them has, and then the order of those that both have."""
    found.lines += len(old)
    if old == new:
        return
    lost, came = Counter(old) - Counter(new), Counter(new) - Counter(old)
    differing = [(f"{where}: {mark} {line}", renamed.line(line)) for mark, lines in (("-", lost), ("+", came))
                 for line in lines.elements()]  # fmt: skip
    if common(old, lost) != common(new, came):
        differing.append((f"{where}: the order of lines", "<order>" in renamed.text))
    for text, may in differing:
        (found.allowed if may else found.words).append(text)


def common(lines: list[str], without: Counter[str]) -> list[str]:
    """Lines of a text that the other has as often, in order."""
    return [line for line in lines if line not in without]


def compare(old: Mapping[str, Any], new: Mapping[str, Any], renamed: Renamed) -> Outcome:
    """Compare a study with what was frozen of it."""
    found = Outcome(decisions=1)
    if old["exits"] != new["exits"]:
        found.differ.append(f"exit codes: {old['exits']}, and now {new['exits']}")
    for name, folder in old["folders"].items():
        here = new["folders"].get(name)
        if here is None:
            found.differ.append(f"{name}: no such folder any more")
            continue
        compare_findings(name, folder["findings"], here["findings"], renamed, found)
        for key, value in folder["plan"].items():
            found.plans += 1
            if here["plan"].get(key) != value:
                (found.allowed if key in renamed.plan else found.hashes).append(f"{name}: plan: {key}")
    for name, lines in old["texts"].items():
        compare_lines(name, lines, new["texts"].get(name, []), renamed, found)
    return found
