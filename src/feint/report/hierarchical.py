"""The model of all cells beside the contrasts, and the requests that carry the gap: for terminal and page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from feint.report.axes import span_of, ticks_of
from feint.report.drawing import Board, plain_matplotlib
from feint.report.pages import figure
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import count, interval, label, percent, points

SHOWN = 5
"""Requests that are named."""
_TOP, _BOTTOM, _ROW, _TALLEST = 10, 28, 9.0, 420.0
STALE = "The model of all cells was computed from other labels than these. Compute it anew: feint report DIR --model"


def headline(model: Mapping[str, Any]) -> str:
    """Say in one sentence or two how the model stands to the contrasts.

    Args:
        model: The key `model` of findings.json.
    """
    if not model["current"]:
        return f"{STALE}."
    if not model["converged"]:
        return f"The model did not converge ({'; '.join(model['faults'])}), so nothing of it is shown."
    against = model["disagreements"]
    if not against:
        return "The model contradicts no decision on a contrast."
    told = "; ".join(f"{label(key)}: {why}" for key, why in against.items())
    return f"The model contradicts the contrasts. {told}."


def chance(probability: float) -> str:
    """Write a probability that draws give, such as ``.82``; none of them tells it from 0 or 1."""
    if probability > 0.995:
        return "> .99"
    return "< .01" if probability < 0.005 else f"{probability:.2f}".removeprefix("0")


def share_line(carriers: Mapping[str, Any]) -> str:
    """Say which part of the gap the largest tenth of the requests holds."""
    share, all_of_them = carriers["share"], len(carriers["requests"])
    tenth = f"{'The' if carriers['counted'] == 1 else 'Together, the'} {count(carriers['counted'], 'request')} of " \
        f"{all_of_them:,} with the largest effect"  # fmt: skip
    if share is None:
        return "The sum of all effects is not surely positive, so no part of it can be ascribed to a few requests."
    alike = percent(carriers["counted"] / all_of_them, 0)
    verb = "holds" if carriers["counted"] == 1 else "hold"
    ends = f"{percent(share['low'], 0)} to {percent(share['high'], 0)}"
    return f"{tenth} {verb} {percent(share['estimate'], 0)} % of it ({ends}); were all alike, {alike} %."


def model_parts(findings: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What a terminal shows of the model; nothing where it was not asked for.

    Args:
        findings: The content of findings.json.
    """
    model = findings.get("model")
    if model is None:
        return
    if not model["current"] or not model["converged"]:
        yield plain(headline(model), "yellow")
        return
    made = table(
        "One model of all cells (points; credible interval, probability)",
        ["contrast", ">paired", ">model", ">interval", ">P > 0", f">P > {small_of(model)}"],
    )
    for key, said in model["contrasts"].items():
        paired = points(findings["contrasts"][key]["estimate"])
        told = ("–",) * 4 if said is None else (
            points(said["estimate"]), interval(said["low"], said["high"], signed=True),
            chance(said["p_above_zero"]), chance(said["p_above_small"]),
        )  # fmt: skip
        made.add_row(plain(one_line(label(key), 26)), paired, *told)
    yield made
    yield plain(headline(model), "yellow" if model["disagreements"] else "")
    if model["carriers"]:
        yield carriers_table(model["carriers"])
        yield plain(share_line(model["carriers"]))


def small_of(model: Mapping[str, Any]) -> str:
    """The smallest effect of interest that the model was asked about, in points."""
    return f"{100 * model['smallest_effect']:g}"


def carriers_table(carriers: Mapping[str, Any]) -> RenderableType:
    """The requests with the largest effects."""
    made = table(
        f"Requests that carry {label(carriers['contrast']).lower()} (points, shrunken)",
        ["request", ">points", ">interval"],
    )
    for entry in carriers["requests"][:SHOWN]:
        made.add_row(
            plain(one_line(entry["request"], 40)), points(entry["estimate"]),
            interval(entry["low"], entry["high"], signed=True),
        )  # fmt: skip
    return made


def carriers_plot(requests: Sequence[Mapping[str, Any]], *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw the effect of every request with its interval, largest first (a caterpillar plot).

    Args:
        requests: With "estimate", "low" and "high", as fractions, largest estimate first.
        zone: The smallest effect of interest, as a fraction.
        narrow: Whether to lay it out for a phone.

    Returns:
        An ``<svg>`` element.
    """
    width, left, right = (360, 16, 20) if narrow else (760, 24, 24)
    row = min(_ROW, _TALLEST / max(len(requests), 1))
    span = span_of(requests, zone)
    with plain_matplotlib():
        board = Board("carriers", narrow, width, _TOP + row * len(requests) + _BOTTOM, left, right, span)
        foot = _TOP + row * len(requests)
        # Rows are too close for lines of their own: on a phone, too, lines run through the whole figure.
        board.narrow = False
        board.shade(-zone, zone, [foot])
        board.grid(ticks_of(span, 5 if narrow else 9), [foot])
        board.rule(0, [foot], "muted")
        for i, entry in enumerate(requests):
            y, role = _TOP + row * (i + 0.5), "yes" if i < SHOWN else "muted"
            board.bar(entry["low"], entry["high"], y, role, min(1.6, row / 2.5))
            board.dot(entry["estimate"], y, role, size=min(5.0, max(row - 1, 1.5)))
        return board.svg(
            "Effect by request", "The effect of every request with its credible interval, the largest on top, after "
            "shrinkage. The table holds the same numbers.",
        )  # fmt: skip


def model_section(findings: Mapping[str, Any], zone: float) -> dict[str, Any]:
    """What the page shows of the model; nothing where it was not asked for.

    Args:
        findings: The content of findings.json.
        zone: The smallest effect of interest, as a fraction.

    Returns:
        `model`: None, or `headline`, `against` (whether it contradicts), `told` (whether it has numbers), and with
        numbers `found`, `rows`, `small`, `carriers`, `share` and `plot`.
    """
    model = findings.get("model")
    if model is None:
        return {"model": None}
    told = model["current"] and model["converged"]
    view = {"headline": headline(model), "told": told, "against": bool(told and model["disagreements"])}
    if not told:
        return {"model": view}
    rows = [
        {
            "key": key,
            "paired": findings["contrasts"][key],
            "said": said,
            "above_zero": chance(said["p_above_zero"]) if said else "–",
            "above_small": chance(said["p_above_small"]) if said else "–",
            "why": model["disagreements"].get(key, ""),
        }
        for key, said in model["contrasts"].items()
    ]
    carriers = model["carriers"]
    drawn = None
    if carriers:
        wide, narrow = (carriers_plot(carriers["requests"], zone=zone, narrow=at) for at in (False, True))
        drawn = figure(wide, narrow)
    return {
        "model": {
            **view,
            "found": model,
            "rows": rows,
            "small": small_of(model),
            "carriers": carriers,
            "share": share_line(carriers) if carriers else "",
            "plot": drawn,
        }
    }
