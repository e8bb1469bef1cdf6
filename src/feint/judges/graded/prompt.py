"""The prompt of a judge model: a rubric filled with fenced texts, and the mark that the answer has to carry.

No part of a stranger's text can pass for the words around its fence. The mark of the fence is a keyed hash of the
sample's id and of the texts inside. A text would have to contain its own hash to close its fence; should one do so by
chance, the next hash is taken. The same sample gets the same fence each time, so that a provider's cache and a repeated
study see the same prompt.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from itertools import count

from feint.judges.graded.rubrics import CHOICES, AnswerField, Rubric, frame
from feint.judges.rules.text import FEWEST

STATED = "The mark of the texts below is {code}."
LAST = "Give your JSON object now. Its `code` is the mark {code}, copied exactly."
KEY = b"feint.judges.fence.1"
"""Sets these hashes apart from all others. They cannot be guessed, because they cover the text itself."""

_BYTES = 6
# Strings that tokenizers read as control tokens wherever they stand: an open model that judges would obey them.
_CONTROL = re.compile(
    r"<(?=\s*[|｜])|<(?=\s*/?\s*(?:s|bos|eos|pad|unk|im_start|im_end|start_of_turn|end_of_turn|endoftext"
    r"|sys|tool_call|tool_response)\s*>)|<(?=<\s*/?\s*sys\s*>)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"\[(?=\s*/?\s*(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\s*\])", re.IGNORECASE
)
_KEPT = "\n\t\u200c\u200d"
"""Line breaks, tabs, and the joiners that Persian, Indic scripts and emoji are spelled with."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


@dataclass(frozen=True)
class Fence:
    """A mark that no text inside the fence contains."""

    mark: str

    def wrap(self, name: str, text: str) -> str:
        """Put a text between two lines that carry its name and the mark.

        Raises:
            ValueError: The text contains the mark, so this fence was not made for it.
        """
        inside = disarm(text)
        if self.mark in _bare(inside):
            raise ValueError(f"the fence's mark stands in the {name}: make the fence of the texts that it is to hold")
        return f"[begin {name} {self.mark}]\n{inside}\n[end {name} {self.mark}]"


def make_fence(sample: str, *texts: str) -> Fence:
    """Make the fence for all texts of a sample: 12 hexadecimal digits, the same for the same arguments.

    No text contains the digits, in any case or width, and with any characters between them.
    """
    bare = [_bare(disarm(text)) for text in texts]
    for attempt in count():
        digest = hashlib.blake2b(key=KEY, digest_size=_BYTES)
        for part in (str(attempt), sample, *texts):
            written = part.encode("utf-8", "surrogatepass")
            digest.update(len(written).to_bytes(8, "big") + written)
        mark = digest.hexdigest()
        if not any(mark in text for text in bare):
            return Fence(mark)
    raise AssertionError("unreachable: no text holds every mark")


def disarm(text: str) -> str:
    """Replace the characters of a text that act instead of being read.

    Control, private and format characters (bidirectional overrides, invisible tag letters) and halves of characters
    become U+FFFD, so that they can be seen. So do the supplementary variation selectors, which can spell hidden text.
    The first bracket of a string that tokenizers take for a control token becomes another bracket. All other characters
    stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if not text.isascii() or not text.isprintable():
        text = "".join(
            "\ufffd" if c not in _KEPT and (unicodedata.category(c) in _UNSEEN or 0xE0100 <= ord(c) <= 0xE01EF) else c
            for c in text
        )
    return _BRACKETED.sub("⟦", _CONTROL.sub("‹", text))


def _bare(text: str) -> str:
    """Return the letters and digits alone, in one case and width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class JudgeMaterial:
    """The texts that a judge may read of a sample.

    Attributes:
        reply: All text outside the reasoning.
        reasoning: All text inside it.
        request: The bare request.
        situation: The system prompt. Only some rubrics show it, and a quotation from it proves nothing.
        conflict_rule: The conflict's own rule for compliance.
        actions: The two actions to choose from, in the order of their letters, after the bare request if it is known.
        obeys: The option of the rubric, "first" or "second", that is the action which obeys the objective.
        opened: Papers that the model opened. No rubric shows them, and a quotation from them proves nothing.
    """

    reply: str = ""
    reasoning: str = ""
    request: str = ""
    situation: str = ""
    conflict_rule: str = ""
    actions: str = ""
    obeys: str = CHOICES[0]
    opened: str = ""

    def written(self, rubric: Rubric) -> list[str]:
        """List the model's own texts that a rubric reads; a quotation has to come from one of them."""
        return [text for text in (getattr(self, place) for place in rubric.places if place not in rubric.sees) if text]

    def lacks(self, rubric: Rubric) -> tuple[str, str] | None:
        """Say why a judge is not asked by a rubric: a reason and an explanation; None where the judge is asked."""
        if rubric.reads == "reasoning" and not self.reasoning:
            return "no_reasoning", "the model gave no reasoning"
        if not self.written(rubric):
            return "no_reasoning", "the model wrote nothing that this rubric reads"
        if "request" in rubric.sees and not self.request:
            return "no_request", "the prompt holds no <user_input>, so the bare request is unknown"
        if "actions" in rubric.sees and not self.actions:
            return "no_actions", "the sample does not tell the two actions to choose from"
        return None


@dataclass(frozen=True)
class JudgePrompt:
    """A question to a judge: the two messages, with all texts fenced, and the mark that the answer has to repeat."""

    system: str
    user: str
    code: str

    def repair(self, problem: str, rubric: Rubric) -> str:
        """Write the message after an answer that could not be used, with its fault in a few words."""
        return frame("repair").render(problem=problem, keys=", ".join([*rubric.answer, "code"]), code=self.code)


def build_prompt(rubric: Rubric, material: JudgeMaterial, sample: str) -> JudgePrompt:
    """Fill a rubric.

    Only the texts that the rubric reads and sees enter, all of them fenced; no text is cut. Parts that are the same for
    all replies come first: who asks, the form of the answer, the question up to its first text. Providers serve these
    parts from a prefix cache. The mark, which differs, follows right before the first text and again at the end.

    Args:
        rubric: The rubric.
        material: The texts of the sample.
        sample: The sample's id. Only the mark depends on it, so a judge never reads the name of a cell.
    """
    texts = {place: str(getattr(material, place)) for place in rubric.places}
    fence = make_fence(f"{rubric.name} {sample}", *texts.values())
    fenced = {place: fence.wrap(place, text) for place, text in texts.items()}
    question = rubric.template.render(conflict_rule=" ".join(material.conflict_rule.split()), **fenced)
    quotes = bool(rubric.of_type("quotation", "quoted"))
    form = frame("answer").render(fields=rubric.answer, kind=_kind, quotes=quotes, fewest=FEWEST)
    first = min(question.index(text) for text in fenced.values())
    parts = (question[:first].rstrip(), STATED.format(code=fence.mark), question[first:], LAST.format(code=fence.mark))
    return JudgePrompt(frame("system").render(), "\n\n".join((form, *parts)), fence.mark)


def _kind(field: AnswerField) -> str:
    """Describe a field's type in words."""
    return {
        "text": "a string",
        "flag": "true or false",
        "scale": f"a whole number, {field.low} to {field.high}",
        "option": "one of the names below",
        "keys": "a list of some of the names below",
        "quotation": "a string",
        "excerpt": "a string",
        "quoted": "a list of objects, each with `key`, one of the names below, and `quotation`",
    }[field.type]
