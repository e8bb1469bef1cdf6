"""The prompt of a judge model: a rubric filled with fenced texts, and the mark that the answer has to carry."""

from dataclasses import dataclass

from feint.judges.graded.fence import make_fence
from feint.judges.graded.rubrics import AnswerField, Rubric, frame
from feint.judges.rules.quotes import FEWEST

STATED = "The mark of the texts below is {code}."
LAST = "Give your JSON object now. Its `code` is the mark {code}, copied exactly."


@dataclass(frozen=True)
class JudgeMaterial:
    """The texts that a judge may read of a sample.

    Attributes:
        reply: All text outside the reasoning.
        reasoning: All text inside it.
        request: The bare request.
        situation: The system prompt. Only some rubrics show it, and a quotation from it proves nothing.
        conflict_rule: The conflict's own rule for compliance.
        opened: Papers that the model opened. No rubric shows them, and a quotation from them proves nothing.
    """

    reply: str = ""
    reasoning: str = ""
    request: str = ""
    situation: str = ""
    conflict_rule: str = ""
    opened: str = ""

    def written(self, rubric: Rubric) -> list[str]:
        """List the model's own texts that a rubric reads; a quotation has to come from one of them."""
        return [text for text in (getattr(self, place) for place in rubric.places if place not in rubric.sees) if text]

    def lacks(self, rubric: Rubric) -> tuple[str, str] | None:
        """Say why a judge is not asked by a rubric.

        Returns:
            A reason ("no_reasoning" or "no_request") and an explanation; None where the judge is asked.
        """
        if rubric.reads == "reasoning" and not self.reasoning:
            return "no_reasoning", "the model gave no reasoning"
        if not self.written(rubric):
            return "no_reasoning", "the model wrote nothing that this rubric reads"
        if "request" in rubric.sees and not self.request:
            return "no_request", "the prompt holds no <user_input>, so the bare request is unknown"
        return None


@dataclass(frozen=True)
class JudgePrompt:
    """A question to a judge.

    Attributes:
        system: The system message.
        user: The question, with all texts fenced.
        code: The fence's mark, which the answer has to repeat.
    """

    system: str
    user: str
    code: str

    def repair(self, problem: str, rubric: Rubric) -> str:
        """Write the message after an answer that could not be used.

        Args:
            problem: The fault of the answer, in a few words.
            rubric: The rubric of the question.
        """
        return frame("repair").render(problem=problem, keys=", ".join([*rubric.answer, "code"]), code=self.code)


def build_prompt(rubric: Rubric, material: JudgeMaterial, sample: str) -> JudgePrompt:
    """Fill a rubric.

    Only the texts that the rubric reads and sees enter, all of them fenced; no text is cut. Parts that are the same for
    all replies come first: who asks, the form of the answer, the question up to its first text. Providers serve these
    parts from a prefix cache. The mark, which differs, follows right before the first text and again at the end.

    Args:
        rubric: The rubric.
        material: The texts.
        sample: The sample's id. Only the mark depends on it, so a judge never reads the name of a cell.
    """
    texts = {place: str(getattr(material, place)) for place in rubric.places}
    fence = make_fence(f"{rubric.name} {sample}", *texts.values())
    fenced = {place: fence.wrap(place, text) for place, text in texts.items()}
    question = rubric.template.render(conflict_rule=" ".join(material.conflict_rule.split()), **fenced)
    quotes = bool(rubric.of_type("quotation", "quoted"))
    form = frame("answer").render(fields=rubric.answer, kind=kind, quotes=quotes, fewest=FEWEST)
    first = min(question.index(text) for text in fenced.values())
    parts = (question[:first].rstrip(), STATED.format(code=fence.mark), question[first:], LAST.format(code=fence.mark))
    return JudgePrompt(frame("system").render(), "\n\n".join((form, *parts)), fence.mark)


def kind(field: AnswerField) -> str:
    """Describe a field's type in words."""
    return {
        "text": "a string",
        "flag": "true or false",
        "scale": f"a whole number, {field.low} to {field.high}",
        "keys": "a list of some of the names below",
        "quotation": "a string",
        "quoted": "a list of objects, each with `key`, one of the names below, and `quotation`",
    }[field.type]
