"""Power over requests as a page or as a picture."""

from collections.abc import Sequence

from feint.base.version import __version__
from feint.report.pages import both, environment
from feint.report.power import Curves, power_plot
from feint.report.words import percent


def render_power(
    sizes: Sequence[int],
    curves: Curves,
    *,
    subject: str,
    design: str,
    lead: str,
    notes: Sequence[str],
    wanted: float = 0.8,
    requests: str = "requests",
) -> str:
    """Write the page of a plan: power over requests, and its assumptions.

    Args:
        sizes: Requests in each cell, ascending.
        curves: By gap (a fraction), its power at these sizes; None where the gap cannot be.
        subject: The subject of the plan.
        design: Its design.
        lead: The result of the plan, in a sentence or two.
        notes: Its assumptions, a sentence each.
        wanted: The power that is aimed at.
        requests: The task's word for what is put to the subject, in the plural.

    Returns:
        The text of the page, to be written as UTF-8; as safe as that of `feint.report.page.render_report`.
    """
    plot = both(lambda narrow: power_plot(sizes, curves, wanted=wanted, narrow=narrow, requests=requests))
    caption = f"How often a gap is called yes, by {requests} in each cell. The line is at {percent(wanted, 0)} %."
    return environment().get_template("power.html.j2").render(
        title=f"Power of {design}", version=__version__, subject=subject, design=design, lead=lead, notes=notes,
        sizes=list(sizes), curves=dict(sorted(curves.items())), plot=plot, caption=caption, requests=requests,
    )  # fmt: skip
