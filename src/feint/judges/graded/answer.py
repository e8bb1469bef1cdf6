"""Read a judge model's answer: one JSON object that fits the rubric, or the reason why it cannot be used."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import CODE, AnswerField, Rubric
from feint.judges.rules.content import read_content
from feint.judges.rules.quotes import quotation_problem

Answer = dict[str, Any]
"""A value for each key of a rubric's answer."""
Schema = dict[str, object]
LONGEST_REFUSAL = 800
"""Most characters of a judge's refusal: a longer text in prose repeats the texts that it was shown, or rambles."""

_THOUGHT = re.compile(r"\A\s*<(think|thinking)>.*?</\1>", re.DOTALL)
_BLOCK = re.compile(r"^```(?:json)?[ \t]*\n(.*?)\n```[ \t]*$", re.DOTALL | re.MULTILINE)


class UnusableError(Exception):
    """An answer that gives no label.

    Attributes:
        reason: "judge_malformed", "judge_refused" or "judge_quote".
        problem: The fault, in words for the judge.
    """

    def __init__(self, reason: str, problem: str) -> None:
        super().__init__(f"{reason}: {problem}")
        self.reason = reason
        self.problem = problem


def read_answer(text: str, rubric: Rubric, code: str, material: JudgeMaterial) -> Answer:
    """Read the answer in the text of a judge.

    The whole text has to be one JSON object, or hold exactly one fenced block with an object, and the object has to
    carry the mark of the prompt. The texts that the judge was shown do not hold the mark, so an object that was copied
    from them is never an answer.

    Args:
        text: The text of the judge.
        rubric: The rubric it was asked.
        code: The mark of its prompt.
        material: The texts it judged, to check quotations against.

    Returns:
        A value for each key of the rubric's answer.

    Raises:
        UnusableError: There is no such object, it does not fit, or a quotation proves nothing.
    """
    found = single_object(text)
    if str(found.pop(CODE, "")).strip() != code:
        raise UnusableError("judge_malformed", f"the key '{CODE}' does not hold the mark given in the question")
    try:
        answer = answer_model(rubric).model_validate(found).model_dump()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the object"
        raise UnusableError("judge_malformed", f"key '{where}': {first['msg']}") from None
    told = f"{material.situation}\n{material.opened}" if material.opened else material.situation
    for quotation in quotations(answer, rubric):
        if problem := quotation_problem(quotation, material.written(rubric), told):
            raise UnusableError("judge_quote", problem)
    return answer


def single_object(text: str) -> dict[str, object]:
    """Return the one JSON object of an answer.

    Raises:
        UnusableError: No object, several objects, or a key that occurs twice. A refusal in prose has its own reason.
    """
    text = _THOUGHT.sub("", text, count=1).strip()
    if not text.startswith("{"):
        blocks = _BLOCK.findall(text)
        if len(blocks) != 1:
            refused = not blocks and 0 < len(text) <= LONGEST_REFUSAL and read_content(text).outcome == "refused"
            raise UnusableError(
                "judge_refused" if refused else "judge_malformed",
                f"it holds {len(blocks)} JSON blocks" if blocks else "it is not a JSON object",
            )
        text = blocks[0]
    try:
        found = json.loads(text, object_pairs_hook=without_repeats, parse_constant=reject_constant)
    except (ValueError, RecursionError) as error:
        raise UnusableError("judge_malformed", f"it is not valid JSON ({str(error)[:80]})") from None
    if not isinstance(found, dict):
        raise UnusableError("judge_malformed", "it is not a JSON object")
    return found


def without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object whose keys are all different: of two values under one key, neither is the answer.

    Raises:
        ValueError: A key occurs twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def reject_constant(name: str) -> None:
    """Refuse NaN and the infinities, which Python reads though JSON has none.

    Raises:
        ValueError: Always.
    """
    raise ValueError(f"{name} is no JSON")


def answer_model(rubric: Rubric) -> type[BaseModel]:
    """Make the pydantic model of an answer. No key has a default, and no key may be added."""
    fields: dict[str, Any] = {key: (annotation(field), ...) for key, field in rubric.answer.items()}
    return create_model("Answer", __config__=ConfigDict(extra="forbid"), **fields)


def annotation(field: AnswerField) -> Any:
    """Return the Python type of a field."""
    if field.type == "flag":
        return bool
    if field.type == "scale":
        return Annotated[int, Field(ge=field.low, le=field.high, strict=True)]
    if field.type in ("text", "quotation"):
        return str
    listed: Any = list
    option: Any = Literal[tuple(field.of)]
    if field.type == "keys":
        return listed[option]
    fields: dict[str, Any] = {"key": (option, ...), "quotation": (str, ...)}
    return listed[create_model("Quoted", __config__=ConfigDict(extra="forbid"), **fields)]


def quotations(answer: Answer, rubric: Rubric) -> list[str]:
    """List the quotations that an answer rests on."""
    backing = [key for key in rubric.of_type("quotation") if answer[rubric.answer[key].backs or ""]]
    listed = [entry["quotation"] for key in rubric.of_type("quoted") for entry in answer[key]]
    return [*(answer[key] for key in backing), *listed]


def answer_schema(rubric: Rubric) -> Schema:
    """Make the JSON Schema of an answer.

    The schema names types and options only: some providers refuse bounds and patterns, which are checked here anyway.
    The mark is a plain string, because providers compile a schema anew whenever it changes.
    """
    properties = {key: {**shape(field), "description": field.ask} for key, field in rubric.answer.items()}
    return whole({**properties, CODE: {"type": "string", "description": "the mark given in the question"}})


def shape(field: AnswerField) -> Schema:
    """Make the JSON Schema of one field."""
    options: Schema = {"type": "string", "enum": list(field.of)}
    if field.type == "keys":
        return {"type": "array", "items": options}
    if field.type == "quoted":
        return {"type": "array", "items": whole({"key": options, "quotation": {"type": "string"}})}
    return {"type": {"flag": "boolean", "scale": "integer"}.get(field.type, "string")}


def whole(properties: dict[str, Schema]) -> Schema:
    """Make the JSON Schema of an object that has all of these keys and no other."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
