"""A page for each written document: the document with its facts marked, every text of every level, and room to sign."""

from collections.abc import Iterator, Mapping

from feint.base.version import __version__
from feint.designs import Design
from feint.report.pages import environment
from feint.situations import Dossier, Request, Situation, Wording, load_facts, render
from feint.situations.dossiers import LENGTHS

REQUEST = Request(id="request", category="none", text="[the request of this chat]")


def render_sheet(dossier: Dossier, design: Design) -> str:
    """Write the sheet of a document, with the cells of a design as examples.

    Returns:
        The text of a page without scripts, to be written as UTF-8.
    """
    facts = load_facts(design.task)
    cell = richest(design)
    told = {
        length: told_parts(
            render(
                design.cells[cell],
                Wording(dossier.name if length == "standard" else f"{dossier.name}-{length}", 1),
                REQUEST,
                tags=design.tags(cell),
                task=design.task,
            ),
            design.cells[cell],
        )
        for length in LENGTHS
        if length in dossier.templates
    }
    texts = {
        fact: {level: (facts[fact].levels[level].meaning, options) for level, options in levels.items()}
        for fact, levels in dossier.texts.items()
    }
    lacking = [
        f"{name}={level}" for name, fact in facts.items() for level in fact.stated if level not in texts.get(name, {})
    ]
    return (
        environment()
        .get_template("sheet.html.j2")
        .render(
            version=__version__,
            title=f"{dossier.name}: {dossier.title}",
            dossier=dossier,
            design=design.name,
            cell=cell,
            told=told,
            texts=texts,
            questions={name: facts[name].question for name in texts},
            lacking=lacking,
        )
    )


def richest(design: Design) -> str:
    """Name the cell that states the most facts."""
    facts = load_facts(design.task)
    return max(
        design.cells, key=lambda name: sum(level != facts[fact].unstated for fact, level in design.cells[name].items())
    )


def told_parts(told: Situation, cell: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Cut a prompt into turns, and each turn into pieces: the fact with its level, or "", and the text."""

    def cut(role: str) -> Iterator[tuple[str, str]]:
        text, at = getattr(told, role), 0
        for span in (one for one in told.spans if one.part == role):
            yield "", text[at : span.start]
            named = f"{span.fact}={cell[span.fact]}" if span.fact in cell and span.value is None else span.fact
            yield named + (f" ({span.value})" if span.value else ""), text[span.start : span.end]
            at = span.end
        yield "", text[at:]

    return [(role, [piece for piece in cut(role) if piece[1]]) for role in ("system", "user")]
