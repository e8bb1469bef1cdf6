"""Renders a cell in a dossier, with the span of every fact."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from feint.base.errors import UsageError, unknown
from feint.situations.conflicts import Conflict, Request
from feint.situations.dossiers import STANDARD, USER, Dossier, Length, find_dossier
from feint.situations.facts import Cell, load_facts
from feint.situations.render import Mode, Situation, Span, Tags, Wording, asked_text, number, pick, protocols

__all__ = ["Telling", "find_dossier", "names_of", "render_written"]

OPEN, NAMED, CLOSE = "\ue000", "\ue001", "\ue002"
"""Marks around a place while it is rendered, from the range for private use; no text may hold them."""
MARKS = str.maketrans("", "", OPEN + NAMED + CLOSE)
MARKED = re.compile(rf"(\s*){OPEN}([^{NAMED}]*){NAMED}((?:[^{OPEN}{CLOSE}])*){CLOSE}")
HEADER = "tag"
"""The name of the span of the user turn's header."""
EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Telling:
    """One cell told in one dossier and wording.

    Attributes:
        outer: The names that stand in the document and in the texts of facts.
        length: The length of the document.
        parts: By fact, the one of several places in which it is told; a name of no place leaves it out.
    """

    dossier: Dossier
    cell: Cell
    wording: Wording
    outer: Mapping[str, str]
    tags: Tags | None
    task: str | None
    length: Length = STANDARD
    parts: Mapping[str, str] = field(default_factory=dict)

    def fact(self, name: str, frame: str = "{}", part: str = "") -> str:
        """Fill the place of a fact; empty where chats of several kinds differ in the fact, or it is not mentioned."""
        if self.parts.get(name, part) != part or (self.tags is not None and name in self.differing):
            return marked(name, "")
        cell = self.cell if self.tags is None else next(iter(self.tags.cells.values()))
        text = self.sentence(name, cell)
        return marked(name, frame.replace("{}", text) if text else "")

    def sentence(self, name: str, cell: Cell, *, line: bool = False) -> str:
        """Pick the text of a fact in a cell: the alternate depends on wording and fact, never on the level.

        Texts are brief in the short length, and in the `line` of one of several kinds of chats.
        """
        facts = load_facts(self.task)
        level = cell.get(name, facts[name].default)
        if level == facts[name].unstated:
            return ""
        texts = self.dossier.texts.get(name, {})
        if level not in texts:
            raise UsageError(f"dossier '{self.dossier.name}' has no text for {name}={level}; choose another voice")
        place = number(self.dossier.name, self.wording.seed, "alternate", name) % len(texts[level])
        return str(
            self.dossier.sentences[name, level, place, line or self.length == "short"].render(self.outer)
        ).strip()

    @property
    def differing(self) -> set[str]:
        """The facts in which kinds of chats differ."""
        cells = list(self.tags.cells.values()) if self.tags is not None else []
        return {fact for fact in cells[0] if len({cell[fact] for cell in cells}) > 1} if cells else set()

    def tiers(self, row: str, head: str = "") -> str:
        """Tell the facts of every kind of chat, a line for each, in an order that the wording draws.

        Within a line the facts stand in the order of the document's places.
        """
        if self.tags is None:
            return marked("tiers", "")
        words, tags = self.dossier.tags[self.tags.name], self.tags
        order = sorted(tags.cells, key=lambda value: number(self.dossier.name, self.wording.seed, "tier", value))
        document = self.dossier.templates[self.length]
        told = sorted(self.differing & set(self.dossier.texts), key=lambda name: document.find(f'fact("{name}"'))
        lines = list[str]()
        for value in order:
            sentences = [(name, self.sentence(name, tags.cells[value], line=True)) for name in told]
            text = " ".join(f"{OPEN}{fact}@{value}{NAMED}{text}{CLOSE}" for fact, text in sentences if text)
            label = words.label.format(value=self.dossier.word(value)) if value else words.without
            about = words.about.get(value, "")
            lines.append(
                row.replace("{label}", label).replace("{about} ", about and f"{about} ").replace("{text}", text)
            )
        return head + "\n".join(lines)

    def header(self) -> str:
        """Name the kind of this chat; empty for chats without a tag."""
        if self.tags is None or not self.tags.applies:
            return marked(HEADER, "")
        words = self.dossier.tags[self.tags.name]
        return marked(HEADER, words.header.format(value=self.dossier.word(self.tags.applies)))

    def document(self, **values: str) -> Situation:
        """Write the document, with the span of every fact; `values` are the names that only it has."""
        text = self.dossier.compiled[self.length].render(
            **self.outer,
            fact=self.fact,
            tiers=self.tiers,
            tagged=self.tags is not None,
            header=self.header(),
            **{name: value.translate(MARKS) for name, value in values.items()},
        )
        system, _, user = text.partition(USER)
        told, spans = unmarked(system, "system")
        asked, others = unmarked(user, "user")
        return Situation(told, asked, (*spans, *others))


def names_of(dossier: Dossier, wording: Wording) -> dict[str, str]:
    """Draw one of the dossier's sets of names for a wording."""
    return dossier.names[number(dossier.name, wording.seed, "names") % len(dossier.names)]


def marked(name: str, text: str) -> str:
    """Put marks around the text of a place."""
    return f"{OPEN}{name}{NAMED}{text}{CLOSE}"


def render_written(
    found: tuple[Dossier, Length],
    cell: Cell,
    wording: Wording,
    request: Request,
    *,
    conflict: Conflict | None,
    mode: Mode,
    tags: Tags | None,
    task: str | None,
) -> Situation:
    """Put a cell into a dossier's words; for the arguments see `feint.situations.render.render`.

    Raises:
        UsageError: The dossier has no text for a level, or no words for a tag.
    """
    dossier, length = found
    if tags is not None and tags.name not in dossier.tags:
        raise UsageError(f"dossier '{dossier.name}': {unknown('tag', tags.name, dossier.tags)}")
    wanted = conflict.wants(dossier.language) if conflict is not None else []
    objective = wanted[number(dossier.name, wording.seed, "objective") % len(wanted)] if wanted else ""
    outer = {**names_of(dossier, wording), "objective": objective}
    telling = Telling(dossier, cell, wording, outer, tags, task, length)
    text, offered = asked_text(request, wording)
    if offered:
        text = f"{text}\n{pick(protocols()['which'], wording, 'which')}"
    return telling.document(protocol=form_of(dossier, mode, conflict), request=text)


def form_of(dossier: Dossier, mode: Mode, conflict: Conflict | None) -> str:
    """Return the dossier's request for a form of reply."""
    if conflict is not None and conflict.type == "tool":
        return dossier.protocol.get("tool") or str(protocols()["tool"][mode])
    return dossier.protocol[mode]


def unmarked(text: str, part: str) -> tuple[str, list[Span]]:
    """Take the marks out of a text; the white space before a place belongs to the place, and goes if it is empty.

    Of several places on a line of their own, the first that is filled begins the line.
    """
    kept, spans, at, length, carried = list[str](), list[Span](), 0, 0, ""
    text = EMPTY_LINES.sub("\n\n", text.strip())
    for found in MARKED.finditer(text):
        before = text[at : found.start()]
        kept.append(before)
        length += len(before)
        at = found.end()
        space = carried if carried and not before and "\n" not in found[1] else found[1]
        carried = space if not found[3] and "\n" in space else ""
        if not found[3]:
            continue
        fact, _, value = found[2].partition("@")
        kept.append(space + found[3])
        spans.append(Span(fact, part, length, length + len(kept[-1]), value or None))
        length += len(kept[-1])
    whole = "".join([*kept, text[at:]])
    start = len(whole) - len(whole.lstrip())
    moved = [Span(s.fact, s.part, max(0, s.start - start), s.end - start, s.value) for s in spans]
    return whole.strip(), moved
