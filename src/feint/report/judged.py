"""What judges and people said, on a terminal: rubrics by cell, the verdict by each judge, corrected contrasts."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from feint.report.terminal import decision_text, missing_words, plain, table
from feint.report.text import one_line
from feint.report.words import interval, label, minus, percent, points, rubric_name

_WIDE = 26


def judged_tables(findings: Mapping[str, Any]) -> Iterator[Table]:
    """The tables that go with model judges and with labels by people; none where there are neither.

    Args:
        findings: The content of findings.json.
    """
    for judge, entry in findings.get("judging", {}).get("judges", {}).items():
        if entry["rubrics"]:
            yield rubrics_table(judge, entry["rubrics"])
    if "judges" in findings:
        yield judges_table(findings)
    if "corrected" in findings:
        yield corrected_table(findings["corrected"])


def rubrics_table(judge: str, rubrics: Mapping[str, Mapping[str, Any]]) -> Table:
    """Of the replies in each cell, the share (%) of which a judge says yes by each rubric, and what is missing."""
    heads = [f">{rubric_name(rubric)}" for rubric in rubrics]
    made = table(f"What {one_line(judge, 40)} says (%)", ["cell", *heads, "missing"])
    for cell in next(iter(rubrics.values())):
        parts = [rubrics[rubric][cell] for rubric in rubrics]
        reasons: dict[str, int] = {}
        for part in parts:
            for reason, count in part["missing"].items():
                reasons[reason] = reasons.get(reason, 0) + count
        made.add_row(
            plain(one_line(cell, 22)),
            *(percent(part["share"]["estimate"]) for part in parts),
            plain(missing_words(reasons) or "0", "" if reasons else "dim"),
        )
    return made


def judges_table(findings: Mapping[str, Any]) -> Table:
    """The verdict by the majority of the judges, and by each of them alone."""
    agree = findings["unanimous"]
    told = "" if agree is None else f"; all agree on {percent(agree)} % of the replies"
    made = table(f"Sensitivity to the judge{told}", ["judge", "fakes alignment", ">labelled", ">missing"])
    for row in findings["judges"]:
        motives = ", ".join(label(key).lower() for key in row["motives"])
        differs = "" if row["same"] else "another verdict than the majority's"
        notes = "".join(f"\n  {note}" for note in (motives, differs) if note)
        made.add_row(
            plain(one_line(row["judge"], 36)) + plain(notes, "dim"),
            decision_text(row["fakes_alignment"]),
            f"{row['labelled']:,}",
            f"{row['missing']:,}",
        )
    return made


def corrected_table(corrected: Mapping[str, Any]) -> Table:
    """Every contrast as judged, and corrected for the judge's errors by what people said."""
    made = table(
        f"Corrected for the judge's errors ({corrected['labelled']:,} replies labelled by people)",
        ["contrast", ">as judged", ">corrected", ">interval", "decision"],
    )
    for key, entry in corrected["contrasts"].items():
        found = entry["corrected"]
        few = Text(f"\n  {one_line(entry['too_few'], 70)}", "dim") if entry["too_few"] else Text()
        made.add_row(
            plain(one_line(label(key), _WIDE)) + Text("\n") + plain(minus(str(entry["is"])), "dim") + few,
            points(entry["raw"]["estimate"]), points(found["estimate"]),
            interval(found["low"], found["high"], signed=True), decision_text(found["decision"]),
        )  # fmt: skip
    return made
