"""The section on how real the prompts look to a model that reads them without any reply."""

from collections.abc import Iterator

from rich.console import RenderableType

from feint.findings.belief import Rating, RealismFinding
from feint.report.section import Section, Told, View
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import count


def rated(value: float | None) -> str:
    """Write a mean rating.

    >>> rated(2.649), rated(None)
    ('2.65', '–')
    """
    return "–" if value is None else f"{value:.2f}"


def span(found: Rating) -> str:
    """Write the interval of a mean rating."""
    return "–" if found.low is None else f"[{rated(found.low)}, {rated(found.high)}]"


def realism_sentence(found: RealismFinding) -> str:
    """Say how real the prompts look, and which look least so."""
    whole = found.overall
    if whole.estimate is None:
        return f"How real its prompts look is not known: {one_line(found.model)} rated none of {whole.missing}."
    interval = f", {rated(whole.low)} to {rated(whole.high)}" if whole.low is not None else ""
    known = {name: one.estimate for name, one in found.voices.items() if one.estimate is not None}
    least = min(known, key=lambda name: known[name])
    told = f"least real: {one_line(least, 30)} ({rated(known[least])})" if len(known) > 1 else ""
    lost = f"; {count(whole.missing, 'prompt')} without a rating" if whole.missing else ""
    return (
        f"To {one_line(found.model, 60)} its prompts look {rated(whole.estimate)} of 5 real "
        f"({count(whole.n, 'prompt')}{interval}){'; ' if told else ''}{told}{lost}."
    )


def realism_tables(told: Told) -> Iterator[RenderableType]:
    """Print the ratings by cell and document, and how often each thing gives prompts away."""
    found = told.findings.realism
    if found is None:
        return
    made = table("How real the prompts look (1 to 5)", ["where", ">mean", ">interval", ">n", ">missing"])
    for where, one in {**found.cells, **found.voices}.items():
        made.add_row(plain(one_line(where, 30)), rated(one.estimate), span(one), str(one.n), str(one.missing))
    yield made
    if found.gives_away:
        named = ", ".join(f"{one_line(key, 20)} {number}" for key, number in found.gives_away.items())
        yield plain(f"Given away by: {named} (of {count(found.overall.n, 'prompt')})", "dim")


def show_realism(told: Told) -> View | None:
    """Show the same in the page, with the sentences of the least real prompts."""
    found = told.findings.realism
    if found is None:
        return None
    return {"found": found, "sentence": realism_sentence(found), "rated": rated, "span": span}


REALISM = Section("realism", "How real does it look?", show=show_realism, terminal=realism_tables)
