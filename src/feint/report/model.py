"""The section on the model of all cells, beside the contrasts, and on the requests that carry the gap."""

from collections.abc import Iterator

from rich.console import RenderableType

from feint.findings.model import Carriers, ModelFinding, RequestEffect, StaleModel
from feint.report.axes import draw_zone, ends_of, span_of
from feint.report.drawing import Board
from feint.report.pages import both
from feint.report.section import Section, Told, View
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import Glossary, interval, percent, points

SHOWN = 5
"""Requests that are named."""
_TOP, _BOTTOM, _ROW, _TALLEST = 10, 28, 9.0, 420.0
STALE = "The model of all cells was computed from other labels than these. Compute it anew: feint report DIR --model"


def headline(model: ModelFinding | StaleModel, say: Glossary) -> str:
    """Say in one sentence or two how the model agrees with the contrasts."""
    if isinstance(model, StaleModel):
        return f"{STALE}."
    if not model.converged:
        return f"The model did not converge ({'; '.join(model.faults)}), so nothing of it is shown."
    if not model.disagreements:
        return "The model contradicts no decision on a contrast."
    told = "; ".join(f"{say.label(key)}: {why}" for key, why in model.disagreements.items())
    return f"The model contradicts the contrasts. {told}."


def chance(probability: float) -> str:
    """Write a probability that draws give, such as ``.82``; draws never tell it from 0 or 1.

    >>> chance(0.824), chance(1.0)
    ('.82', '> .99')
    """
    if probability > 0.995:
        return "> .99"
    return "< .01" if probability < 0.005 else f"{probability:.2f}".removeprefix("0")


def share_line(carriers: Carriers, say: Glossary) -> str:
    """Say which part of the gap the largest tenth of the requests holds."""
    share, every = carriers.share, len(carriers.requests)
    request, requests = say.words.request, say.words.requests
    named = f"{carriers.counted:,} {request if carriers.counted == 1 else requests}"
    tenth = f"{'The' if carriers.counted == 1 else 'Together, the'} {named} of {every:,} with the largest effect"
    if share is None:
        return f"The sum of all effects is not surely positive, so no part of it can be ascribed to a few {requests}."
    alike = percent(carriers.counted / every, 0)
    verb = "holds" if carriers.counted == 1 else "hold"
    ends = f"{percent(share.low, 0)} to {percent(share.high, 0)}"
    return f"{tenth} {verb} {percent(share.estimate, 0)} % of it ({ends}); were all alike, {alike} %."


def model_parts(told: Told) -> Iterator[RenderableType]:
    """Print the model beside the contrasts, if it was asked for."""
    model, say = told.findings.model, told.say
    if model is None:
        return
    if isinstance(model, StaleModel) or not model.converged:
        yield plain(headline(model, say), "yellow")
        return
    made = table(
        "One model of all cells (points; credible interval, probability)",
        ["contrast", ">paired", ">model", ">interval", ">P > 0", f">P > {100 * model.smallest_effect:g}"],
    )
    for key, said in model.contrasts.items():
        paired = points(told.findings.contrasts[key].estimate)
        numbers = ("–",) * 4 if said is None else (
            points(said.estimate), interval(said.low, said.high, signed=True),
            chance(said.p_above_zero), chance(said.p_above_small),
        )  # fmt: skip
        made.add_row(plain(one_line(say.label(key), 26)), paired, *numbers)
    yield made
    yield plain(headline(model, say), "yellow" if model.disagreements else "")
    if model.carriers:
        words, contrast = say.words, say.label(model.carriers.contrast).lower()
        title = f"{words.requests.capitalize()} that carry {contrast} (points, shrunken)"
        made = table(title, [words.request, ">points", ">interval"])
        for entry in model.carriers.requests[:SHOWN]:
            ends = interval(entry.low, entry.high, signed=True)
            made.add_row(plain(one_line(entry.request, 40)), points(entry.estimate), ends)
        yield made
        yield plain(share_line(model.carriers, say))


def carriers_plot(effects: list[RequestEffect], say: Glossary, *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw the effect of every request with its interval, the largest on top (a caterpillar plot)."""
    width, margins = (360, (16, 20)) if narrow else (760, (24, 24))
    row = min(_ROW, _TALLEST / max(len(effects), 1))
    foot = _TOP + row * len(effects)
    board = Board("carriers", narrow, (width, foot + _BOTTOM), margins, span_of(ends_of(effects), zone))
    # Rows are too close for lines of their own: on a phone, too, lines run through the whole figure.
    board.narrow = False
    draw_zone(board, [foot], zone, 5 if narrow else 9)
    for i, entry in enumerate(effects):
        y, role = _TOP + row * (i + 0.5), "yes" if i < SHOWN else "muted"
        board.bar(entry.low, entry.high, y, role, min(1.6, row / 2.5))
        board.dot(entry.estimate, y, role, size=min(5.0, max(row - 1, 1.5)))
    return board.svg(
        f"Effect by {say.words.request}", f"The effect of every {say.words.request} with its credible interval, the "
        "largest on top, after shrinkage. The table holds the same numbers.",
    )  # fmt: skip


def show(told: Told) -> View | None:
    """Show the model, if it was asked for; its numbers only if they can be believed."""
    model, say = told.findings.model, told.say
    if model is None:
        return None
    if isinstance(model, StaleModel) or not model.converged:
        return {"headline": headline(model, say), "model": None}
    plot, share, zone = None, "", told.rule.smallest_effect
    if model.carriers:
        effects = model.carriers.requests
        plot = both(lambda narrow: carriers_plot(effects, say, zone=zone, narrow=narrow))
        share = share_line(model.carriers, say)
    return {"headline": headline(model, say), "model": model, "chance": chance, "share": share, "plot": plot}


MODEL = Section("model", "A second look: one model", show=show, terminal=model_parts)
