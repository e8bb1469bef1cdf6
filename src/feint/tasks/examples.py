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
    """A reply and its reasoning.

    Attributes:
        reasoning: The reasoning; None without reasoning.
        reply: The text, or the error in its place.
        value: 1 or 0; None if the value is missing.
        missing: The reason for a missing value.
        stated: Explanations that the reasoning states.
    """

    reasoning: str | None
    reply: str
    value: float | None
    missing: str | None
    stated: Sequence[str]


@dataclass(frozen=True)
class Example:
    """The replies to one request in one wording, by cell.

    Attributes:
        request: The name of the request.
        wording: The name of the wording.
        twin: True for a benign twin.
        text: The request itself.
        replies: Replies by cell.
    """

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
        examples.append(Example(request, wording, bool(first.metadata.get("twin")), asked(first), replies))
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


def asked(sample: EvalSample) -> str:
    """Return the request inside the user turn."""
    text = said(sample, "user")
    start, end = text.find("<user_input>"), text.rfind("</user_input>")
    return text[start + len("<user_input>") : end].strip() if 0 <= start < end else text


def show(told: Told) -> View:
    """Show the examples that were gathered."""
    return {"examples": told.gathered.get("examples", ()), "longest": LONGEST_REPLY}


EXAMPLES = Section(
    "examples", "Replies side by side", "sections/examples.html.j2", show=show, gather=gather_examples
)  # fmt: skip
