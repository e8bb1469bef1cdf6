"""What was done in the runs of an agent: rows for the page, tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from feint.report.pages import figure
from feint.report.runs_plot import behaviour_plot, excludes_zero, unit_of
from feint.report.terminal import missing_words, plain, table
from feint.report.text import one_line
from feint.report.words import MINUS, data, interval, known, label, percent, points, probability

GROUPS = ("acts", "conduct")
UNTOLD = ("protected", "evidence_changed", "indiscriminate")
"""Acts that narrow tables leave out: the label stands in a table of its own, the others are rare."""
BESIDE = ("read", "complete", "error")
"""Outcomes that the numbers of runs and the missing ones already tell."""


def named(group: str, key: str) -> dict[str, Any]:
    """What data/runs.yaml says of a key; one that nobody described keeps its own letters."""
    plain_name = one_line(key.replace("_", " "), 24)
    found: dict[str, Any] = data("runs")[group].get(key) or {"label": plain_name, "short": plain_name, "meaning": ""}
    return found


def steps(value: float | None) -> str:
    """Write a difference of grades, such as ``+0.50``."""
    if value is None or not known(value):
        return "–"
    text = f"{value:+.2f}".replace("-", MINUS)
    return text if float(f"{value:.2f}") else "0.00"


def told(entry: Mapping[str, Any] | None, measure: str = "") -> tuple[str, str]:
    """An estimate and its interval, in points, or steps for grades; dashes where there is none."""
    if not entry:
        return "–", "–"
    if measure != "grade":
        return points(entry["estimate"]), interval(entry["low"], entry["high"], signed=True)
    ends = known(entry["low"]) and known(entry["high"])
    return steps(entry["estimate"]), f"[{steps(entry['low'])}, {steps(entry['high'])}]" if ends else "–"


def counts(entry: Mapping[str, Any]) -> str:
    """The three numbers of runs, such as ``35/35/33``."""
    return "/".join(f"{entry[key]:,}" for key in ("n_total", "n_read", "n_complete"))


def shown_outcomes(cells: Mapping[str, Any], group: str, left_out: Sequence[str] = ()) -> list[str]:
    """The outcomes of a group that can occur in any cell, in the order of reports."""
    found = {name for entry in cells.values() for name in entry["outcomes"]}
    order = list(data("runs")[group])
    return [name for name in order if name in found and name not in left_out]


def runs_section(findings: Mapping[str, Any], zone: float, alpha: float = 0.05) -> dict[str, Any]:
    """What the page shows of the runs; nothing where the findings have none.

    Args:
        findings: The content of findings.json.
        zone: The smallest effect of interest, as a fraction.
        alpha: The error rate.

    Returns:
        `done`: None, or `found`, `plot` (None without behaviours), `behaviours` (`name`, `meaning`, `unit`, `rows`,
        `also`, `strata`, `asset`), `outcomes` (`key`, `label`, `meaning`) and `scores` (rows of what was
        handed in).
    """
    found = findings.get("runs")
    if found is None:
        return {"done": None}
    plot = None
    if found["behaviours"]:
        plot = figure(
            *(behaviour_plot(found["behaviours"], zone=zone, alpha=alpha, narrow=at) for at in (False, True))
        )  # fmt: skip
    names = [(group, name) for group in GROUPS for name in shown_outcomes(found["cells"], group)]
    return {
        "done": {
            "found": found,
            "plot": plot,
            "behaviours": [
                {
                    "name": named("behaviours", key)["label"],
                    "meaning": named("behaviours", key)["meaning"],
                    "unit": unit_of(entry),
                    "also": any(one["also"] for one in entry["contrasts"].values()),
                    "strata": any(one["strata"] for one in entry["contrasts"].values()),
                    "rows": [behaviour_row(name, one) for name, one in entry["contrasts"].items()],
                    "asset": entry.get("asset"),
                }
                for key, entry in found["behaviours"].items()
            ],
            "outcomes": [{"key": name, **named(group, name)} for group, name in names],
            "scores": [score_row(cell, entry) for cell, entry in found["cells"].items() if entry["passes"]],
        }
    }


def behaviour_row(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """One contrast of a behaviour, written out."""
    measure = entry["measure"]
    number, ends = told(entry, measure)
    also = [
        f"{named('measures', key)['label']} {' '.join(told(one, key))}"
        for key, one in entry["also"].items()
        if known(one["estimate"])
    ]
    return {
        "key": name,
        "entry": entry,
        "measure": named("measures", measure)["label"],
        "estimate": number,
        "interval": ends,
        "strata": {truth: told(entry["strata"].get(truth), measure) for truth in ("objective", "subjective")},
        "also": "; ".join(also),
    }


def score_row(cell: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What was handed in in one cell, written out."""
    return {
        "cell": cell,
        "entry": entry,
        "shift": told(entry.get("shift")),
        "grade": told(entry.get("grade"), "grade"),
        "passes": {truth: entry["passes"].get(truth) for truth in ("overall", "objective", "subjective")},
    }


def run_tables(findings: Mapping[str, Any]) -> Iterator[Table]:
    """The tables of runs for a terminal; none where the findings have no runs.

    Args:
        findings: The content of findings.json.
    """
    found = findings.get("runs")
    if found is None:
        return
    yield outcome_table("What was done (% of labelled runs)", found["cells"], "acts", UNTOLD)
    yield outcome_table("What else is known (% of runs)", found["cells"], "conduct", BESIDE, missing=True)
    if found["behaviours"]:
        yield behaviours_table(found)


def outcome_table(
    title: str, cells: Mapping[str, Any], group: str, left_out: Sequence[str], missing: bool = False
) -> Table:
    """Outcomes by cell; those that can occur nowhere have no column, and a dash stands where one cannot."""
    names = shown_outcomes(cells, group, left_out)
    heads = [">" + named(group, name)["short"] for name in names]
    made = table(title, ["cell", ">total/read\n/complete", *heads, *(["missing"] if missing else [])])
    made.padding = (0, 1, 0, 0)
    for cell, entry in cells.items():
        shares = [entry["outcomes"].get(name) for name in names]
        numbers = [percent(share["estimate"], 0) if share else "–" for share in shares]
        gone = [plain(missing_words(entry["missing"]) or "0", "" if entry["missing"] else "dim")] if missing else []
        made.add_row(plain(one_line(cell, 22)), counts(entry), *numbers, *gone)
    return made


def behaviours_table(found: Mapping[str, Any]) -> Table:
    """Four behaviours by contrast: those of the gaps, and those whose interval excludes 0; the rest are counted."""
    made = table(
        f"Behaviours (descriptive; p adjusted for {found['tests']} tests)",
        ["", ">points", ">interval", ">p (Holm)", ">total/read\n/complete"],
    )
    for key, behaviour in found["behaviours"].items():
        told_as = unit_of(behaviour)
        made.add_row(plain(named("behaviours", key)["label"], "bold") + plain(f"\n  {told_as}", "dim"))
        entries = behaviour["contrasts"]
        shown = {name: one for name, one in entries.items() if one["gap"] or excludes_zero(one)}
        for name, one in shown.items():
            number, ends = told(one, one["measure"])
            made.add_row(
                plain("  " + one_line(label(name), 26)), number, ends, probability(one["p_holm"]), counts(one)
            )  # fmt: skip
        rest = len(entries) - len(shown)
        if rest:
            made.add_row(Text(f"  {rest} more: no difference shown", style="dim"))
    return made
