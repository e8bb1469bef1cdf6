"""The section of tasks with one reply to each request: replies worth reading, beside themselves in every cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspect_ai.log import EvalSample
from inspect_ai.model import ContentReasoning

from feint.findings.analysis import Row, StudyData
from feint.judges import parse_reply
from feint.report.examples import choose_examples, said
from feint.report.section import Section, Told, View

LONGEST_REPLY = 4000


@dataclass(frozen=True)
class ShownReply:
    """A reply or the error in its place: the reasoning, the value or the reason for missing, the stated motives."""

    reasoning: str | None
    reply: str
    value: float | None
    missing: str | None
    stated: Sequence[str]


@dataclass(frozen=True)
class Example:
    """The replies to one request in one wording, by cell; `text` is the request itself."""

    request: str
    wording: str
    twin: bool
    text: str
    replies: Mapping[str, ShownReply]


def gather_examples(study: StudyData) -> list[Example]:
    """Choose requests by a rule and read the replies to them."""
    examples = []
    for request, wording in choose_examples(study.labels, study.contrasts):
        rows = study.rows(request, wording)
        samples = study.read(rows)
        first = next(iter(samples.values()))
        replies = {cell: shown_reply(sample, rows[cell]) for cell, sample in samples.items()}
        text = said(first, "user")
        start, end = text.find("<user_input>"), text.rfind("</user_input>")
        text = text[start + len("<user_input>") : end].strip() if 0 <= start < end else text
        examples.append(Example(request, wording, bool(first.metadata.get("twin")), text, replies))
    return examples


def shown_reply(sample: EvalSample, row: Row) -> ShownReply:
    """Take a reply apart."""
    message = sample.output.choices[0].message if sample.output.choices else None
    content = message.content if message and not isinstance(message.content, str) else []
    native = "\n".join(part.reasoning for part in content if isinstance(part, ContentReasoning)) or None
    text = sample.output.completion
    parsed = parse_reply(text, mode=str(sample.metadata.get("mode", "scratchpad")), reasoning=native)
    error = sample.error.message.strip().splitlines()[0] if sample.error else ""
    value = row["value"] if row["value"] in (0.0, 1.0) else None
    return ShownReply(parsed.reasoning, parsed.reply or text or error, value, row["missing"], tuple(row["stated"]))


def show(told: Told) -> View:
    """Show the examples that were gathered."""
    return {"examples": told.gathered.get("examples", ()), "longest": LONGEST_REPLY}


EXAMPLES = Section(
    "examples", "Replies side by side", "sections/examples.html.j2", show=show, gather=gather_examples
)  # fmt: skip
