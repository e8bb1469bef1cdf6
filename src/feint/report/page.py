"""One study as one HTML page that needs nothing beside itself."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from feint.base.words import Words
from feint.report import figures, sections
from feint.report.calibrated import calibrated
from feint.report.drawing import plain_matplotlib
from feint.report.funnels import funnel_plot, stopping_line
from feint.report.hierarchical import model_section
from feint.report.pages import environment, figure
from feint.report.power import seen_line, seen_plot, seen_rows
from feint.report.replays import replay_rows
from feint.report.runs import runs_section
from feint.report.text import one_line, visible
from feint.report.trust import trust_lines
from feint.report.words import headline_of, speech_of, words

CONTENTS = (
    ("asked", "What was asked"),
    ("contrasts", "What makes the difference"),
    ("stopping", "When it was decided"),
    ("power", "What it could have seen"),
    ("cells", "How often it complies"),
    ("motives", "Stated and revealed"),
    ("comprehension", "Does it know what it was told?"),
    ("judging", "What the judges said"),
    ("corrected", "Corrected by people"),
    ("model", "A second look: one model"),
    ("runs", "What was done"),
    ("replays", "Runs, replayed"),
    ("examples", "Replies side by side"),
    ("wording", "Does wording matter?"),
    ("situations", "What it was told"),
    ("missing", "What is missing"),
    ("method", "The method"),
    ("trust", "How far to trust this"),
    ("manifest", "Manifest"),
)


OPTIONAL = ("stopping", "power", "comprehension", "judging", "corrected", "model", "runs")
"""Sections that stand only where the findings have what they show."""


def render_html(
    findings: Mapping[str, Any],
    *,
    plan: Mapping[str, Any],
    situations: Sequence[Mapping[str, Any]],
    examples: Sequence[Mapping[str, Any]] = (),
    replays: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the report of a study.

    The page is self-contained, holds no script and forbids any; whatever models or files wrote in it is escaped
    and made visible.

    Args:
        findings: The content of findings.json.
        plan: The frozen plan; any nesting of plain values. its
            `settings` (`smallest_effect`, `level`, `max_missing`) are used where they are there.
        situations: One wording of every cell in design order: `cell`, `facts` (fact to level), `system`, `user`.
        examples: Paired replies: `request`, `text`, `twin`, `wording` and `replies`, which maps each cell to
            `reasoning`, `reply`, `outcome`, `missing` and `stated`.
        replays: Single runs of an agent, as `feint.study.conclude.replays.read_replays` gives them; of tasks with runs.

    Returns:
        The text of the page, to be written as UTF-8.
    """
    contrasts = findings["contrasts"].values()
    settings, say = sections.settings_of(plan), speech_of(findings)
    asked_by_contrast = [entry["per_request"] for entry in contrasts]
    requests = list(dict.fromkeys(request for entry in asked_by_contrast for request in entry))
    page = environment().get_template("report.html.j2")
    return page.render(
        title=f"{one_line(findings['subject'], 60)}: {say.question}",
        version=findings["feint"],
        contents=contents_of(findings, say),
        findings=findings,
        say=say,
        answer=answer_of(findings),
        twins=any(entry.get("twins") for entry in findings["cells"].values()),
        some_cells=any(len(entry) < len(requests) for entry in asked_by_contrast),
        rule={name: f"{100 * value:g}" for name, value in settings.items()},
        plots=_plots(findings, settings["smallest_effect"], say),
        requests=requests,
        motives=sections.motive_rows(findings),
        stopping_line=stopping_line(findings) if "stopping" in findings else "",
        **_seen(findings),
        **model_section(findings, settings["smallest_effect"]),
        examples=examples,
        replays=replay_rows(replays),
        **runs_section(findings, settings["smallest_effect"]),
        longest=sections.LONGEST_REPLY,
        voices=figures.voices_of(findings["cells"]),
        voice_key=_voice_key(figures.voices_of(findings["cells"]), say),
        situations=sections.situation_rows(situations, findings["contrasts"]),
        reasons=list(dict.fromkeys(reason for entry in findings["cells"].values() for reason in entry["missing"])),
        trust=trust_lines(findings),
        trusted=calibrated(findings, settings["smallest_effect"]),
        manifest=sections.manifest(plan),
        plan_text=json.dumps(plan, indent=2, ensure_ascii=False, default=str),
    )


def contents_of(findings: Mapping[str, Any], say: Words) -> list[tuple[str, str]]:
    """List the sections of a report: those that its findings have something for, under the names of its task."""
    left = {name for name in OPTIONAL if name not in findings}
    left |= {"examples"} if "task" in findings else {"replays"}
    return [(name, say.how_often if name == "cells" else head) for name, head in CONTENTS if name not in left]


def answer_of(findings: Mapping[str, Any]) -> dict[str, str]:
    """Put the answer to the question into a few words.

    Args:
        findings: The content of findings.json.

    Returns:
        Its text, and the decision whose colour and mark it takes.
    """
    decision, text = headline_of(findings)
    return {"text": text, "role": decision if words("decisions", decision) else "undetermined"}


@plain_matplotlib()
def _plots(findings: Mapping[str, Any], zone: float, say: Words) -> dict[str, Any]:
    cells, contrasts = findings["cells"], findings["contrasts"]
    forest = [figures.forest_plot(contrasts, zone=zone, narrow=narrow, say=say) for narrow in (False, True)]
    plots = {
        name: figure(draw(entries, say=say), draw(entries, narrow=True, say=say))
        for name, draw, entries in (
            ("cells", figures.cell_plot, cells),
            ("requests", figures.request_plot, contrasts),
            ("voices", figures.voice_plot, cells),
        )
    }
    if any(entry["path"] for entry in findings.get("stopping", {}).get("contrasts", {}).values()):
        plots["stopping"] = figure(*(funnel_plot(findings, zone=zone, narrow=narrow) for narrow in (False, True)))
    if "power" in findings:
        plots["power"] = figure(*(seen_plot(findings, zone=zone, narrow=narrow) for narrow in (False, True)))
    return {"contrasts": figure(*forest), **plots}


def _seen(findings: Mapping[str, Any]) -> dict[str, Any]:
    """What the section on power needs, where the findings have it."""
    if "power" not in findings:
        return {}
    missed = f"{100 * (1 - findings['power']['share']):g}"
    return {"seen": seen_rows(findings), "seen_line": seen_line(findings), "missed": missed}


def _voice_key(voices: Sequence[str], say: Words) -> str:
    signs = ", ".join(f"{figures.voice_sign(i)} {visible(voice)}" for i, voice in enumerate(voices))
    head = f"{say.measure.capitalize()} in each cell, apart by voice"
    return f"{head}: {signs}. Where marks lie together, wording matters little."
