"""The looks of a study that stopped when decided: each contrast's interval narrowing over requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from feint.report.axes import MARKERS, role_of
from feint.report.drawing import Board, plain_matplotlib
from feint.report.text import one_line
from feint.report.words import count, known, label

_TOP, _BOTTOM = 10, 30
_HALF = 26
"""Pixels from the middle of a panel to its edge."""
_LEAST = 0.2
"""The smallest difference at the edge of a panel, as a fraction."""


def reach_of(path: Sequence[Mapping[str, Any]]) -> float:
    """Choose the difference at the edges of a panel: whole tens of points, with the last interval inside.

    Args:
        path: The looks at a contrast; ends of earlier intervals may lie outside, where they are cut off.
    """
    ends = [abs(path[-1][side]) for side in ("low", "high") if known(path[-1][side])]
    return min(1.0, max(_LEAST, -(-round(100 * max(ends, default=_LEAST), 6) // 10) / 10))


def ticks_of(most: int) -> dict[float, str]:
    """Choose numbers of requests to mark on an axis that ends at the most that may be asked."""
    step = next((step for step in (5, 10, 20, 50, 100, 200, 500) if most / step <= 6), 1000)
    return {float(n): f"{n:,}" for n in range(0, most + 1, step)}


def funnel_plot(findings: Mapping[str, Any], *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw a panel for each contrast that was looked at: estimate and interval against requests, up to its decision.

    Args:
        findings: As in findings.json, with `stopping`.
        zone: The smallest effect of interest, as a fraction.
        narrow: Whether to lay it out for a phone.

    Returns:
        An ``<svg>`` element.
    """
    looked = {key: entry for key, entry in findings["stopping"]["contrasts"].items() if entry["path"]}
    most = max((entry["path"][-1]["requests"] for entry in looked.values()), default=10)
    width, left, right, row = (360, 16, 44, 92) if narrow else (760, 240, 150, 68)
    with plain_matplotlib():
        board = Board("funnels", narrow, width, _TOP + row * len(looked) + _BOTTOM, left, right, (0, most))
        middles = [_TOP + row * i + (60.0 if narrow else 34.0) for i in range(len(looked))]
        board.grid(ticks_of(most), middles)
        for middle, (key, entry) in zip(middles, looked.items(), strict=True):
            found, reach = findings["contrasts"][key], reach_of(entry["path"])
            _panel(board, middle, entry["path"], found, zone, reach)
            after = f"after {count(entry['after'], 'request')}" if entry["after"] else "open"
            told = found["decision"] if not entry["moot"] else "no longer asked"
            top = middle - _HALF - 22 if narrow else middle - 8
            board.text(0, top, one_line(label(key), 34), weight="bold")
            board.text(0, top + (14 if narrow else 17), f"{told}, {after}", role_of(found), size=11)
            for place, text in ((-_HALF, f"+{100 * reach:g}"), (0, "0"), (_HALF, f"−{100 * reach:g}")):
                board.text(width - right + 8, middle + place, text, "muted", size=10)
        return board.svg(
            "Looks", "For each contrast, its estimate and the interval that holds at every look, against the requests "
            f"asked; the shaded zone is ±{100 * zone:g} points, and each panel has its own scale. The table below "
            "holds the same numbers.",
        )  # fmt: skip


def _panel(
    board: Board, middle: float, path: Sequence[Mapping[str, Any]], found: Mapping[str, Any], zone: float, reach: float
) -> None:
    """Draw one contrast around a line of no difference."""
    role = role_of(found)
    end = board.span[1]

    def at(value: float) -> float:
        return middle - _HALF * min(max(value / reach, -1.0), 1.0)

    board.area([0, end], [at(zone)] * 2, [at(-zone)] * 2, "zone", order=0)
    board.line([0, end], [middle, middle], "muted", 1, order=2)
    steps = [look for look in path if known(look["low"]) and known(look["high"])]
    if not steps:
        return
    x = [look["requests"] for look in steps]
    low, high = ([at(look[side]) for look in steps] for side in ("low", "high"))
    board.area(x, low, high, role, order=3, alpha=0.18)
    for ends in (low, high):
        board.line(x, ends, role, 1.2, order=4)
    board.line(x, [at(look["estimate"]) for look in steps], "ink", 1.6, order=5)
    board.line([x[-1], x[-1]], [low[-1], high[-1]], role, 2.2, order=5)
    marker, hollow = MARKERS[role]
    board.dot(x[-1], at(steps[-1]["estimate"]), role, marker, hollow=hollow, size=7)


def stopping_line(findings: Mapping[str, Any]) -> str:
    """Say in a sentence or two when asking ended and what the intervals are.

    Args:
        findings: As in findings.json, with `stopping`.
    """
    found = findings["stopping"]
    replies = f"{found['replies']:,} of at most {count(found['most_replies'], 'reply')}"
    took = f"{count(found['requests'], 'request')} ({replies})"
    if not found["ended"]:
        ended = f"Looked at after {took}, and not decided yet"
    elif found["open"]:
        still = f"{len(found['open'])} of {count(len(found['contrasts']), 'contrast')}"
        ended = f"Everything planned was asked, {took}, and {still} stay undecided"
    elif found["until"] == "decided":
        ended = f"Stopped when decided, after {took}"
    else:
        ended = f"Stopped when {found['until']} was settled, after {took}"
    return f"{ended}. Each interval holds at every look, however often one looked."
