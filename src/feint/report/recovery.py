"""The figure of a recovery: planted numbers against their estimates in simulated studies, a panel for each number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feint.report.drawing import Board, standalone

WIDTH, HEIGHT, LEFT, RIGHT, GAP = 720, 26, 250, 90, 26


@dataclass(frozen=True)
class Shown:
    """One planted number of one actor: its truth, the mean estimate, and the middle 95 % of estimates."""

    actor: str
    planted: float
    mean: float
    low: float
    high: float


def recovery_figure(panels: Mapping[str, Sequence[Shown]], title: str) -> str:
    """Draw the planted number (a diamond) beside the mean estimate and the spread of estimates over studies.

    Args:
        panels: By name of the number, what became of it for each actor. Every panel has an axis of its own.
        title: The title, for a screen reader.

    Returns:
        An SVG file, which follows the colour scheme of its viewer.
    """
    drawn, top, height = [], 0.0, sum(HEIGHT * len(rows) + 34 + GAP for rows in panels.values())
    for place, (name, rows) in enumerate(panels.items()):
        ends = [end for one in rows for end in (one.planted, one.low, one.high)] + [0.0]
        low, high = min(ends), max(ends)
        pad = 0.06 * (high - low or 1.0)
        board = Board(
            f"recovery-{place}", False, (WIDTH, HEIGHT * len(rows) + 34), (LEFT, RIGHT), (low - pad, high + pad)
        )
        ys = [34 + HEIGHT * row for row in range(len(rows))]
        board.text(0, 12, name, weight="bold")
        board.rule(0.0, ys, "line")
        for one, y in zip(rows, ys, strict=True):
            board.text(14, y, one.actor, "muted")
            board.bar(one.low, one.high, y, "yes")
            board.dot(one.mean, y, "yes")
            board.dot(one.planted, y, "ink", "D", hollow=True, size=12)
            board.text(WIDTH, y, f"{one.planted:.2f} → {one.mean:.2f}", at="right", size=11)
        inner = board.svg(name, "Diamond: planted. Disc: mean estimate. Line: the middle 95 % of estimates.")
        drawn.append(inner.replace("<svg ", f'<svg y="{top:g}" width="{WIDTH}" height="{board.height:g}" ', 1))
        top += board.height + GAP
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{title}">'
        f"\n{''.join(drawn)}</svg>\n"
    )
    return standalone(whole)
