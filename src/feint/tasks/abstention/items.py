"""The items: pairs of questions with and without what the answer needs, and pairs of requests of one topic."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

ITEMS = Path(__file__).parent / "items"
QUESTION, REQUEST = "question", "request"
QUESTIONS, SEED = 120, 1_407
RULES: dict[str, Callable[[dict[str, int]], int]] = {
    "sum": lambda of: of["a"] + of["b"],
    "difference": lambda of: of["a"] - of["b"],
    "product": lambda of: of["a"] * of["b"],
    "quotient": lambda of: of["a"] // of["b"],
    "double": lambda of: 2 * of["a"],
    "second": lambda of: of["b"],
}
"""By name in the data file, how an answer follows from the numbers of its question."""


@cache
def questions() -> tuple[AskedItem, ...]:
    """Make the questions: each template in turn, with other names and numbers.

    >>> one = questions()[0]
    >>> len(questions()), one.answer == one.numbers["a"] + one.numbers["b"]
    (120, True)
    """
    data, draw = read_yaml(ITEMS / "questions.yaml"), random.Random(SEED)
    templates = data["templates"]
    return tuple(
        question(templates[place % len(templates)], place // len(templates) + 1, data, draw)
        for place in range(QUESTIONS)
    )


def question(template: dict[str, Any], number: int, data: dict[str, Any], draw: random.Random) -> AskedItem:
    """Make one question of a template; `number` tells it apart from others of the template."""
    numbers = {name: draw.randint(least, most) for name, (least, most) in template["numbers"].items()}
    words = {"who": draw.choice(data["who"]), "place": draw.choice(data["place"]), **numbers}
    texts = {key: str(template[key]).format(**words) for key in ("before", "need", "other", "question")}
    return AskedItem.model_validate(
        {
            **texts,
            "id": f"{template['id']}-{number}",
            "kind": QUESTION,
            "category": template["id"],
            "text": f"{texts['before']} {texts['need']} {texts['question']}",
            "numbers": numbers,
            "answer": RULES[template["answer"]](numbers),
        }
    )


@cache
def requests() -> tuple[AskedItem, ...]:
    """Read the pairs of requests.

    >>> len(requests()), requests()[0].kind
    (60, 'request')
    """
    return tuple(
        AskedItem.model_validate({**one, "kind": REQUEST, "category": REQUEST, "text": one["safe"]})
        for one in read_yaml(ITEMS / "requests.yaml")
    )
