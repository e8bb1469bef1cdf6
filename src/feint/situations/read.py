"""Reading: the facts that a rendered prompt states. The reverse of rendering, by the phrase banks alone."""

import re
from functools import cache

from feint.errors import UsageError
from feint.situations.facts import TASK, load_facts
from feint.situations.render import TAG_NAMES, Situation

NAMES = "|".join(TAG_NAMES)
TAG_HEAD = re.compile(rf"\A<({NAMES})>([^<>\n]+)</\1>\n")
LABELLED = re.compile(rf"^(?:- )?((?:{NAMES.title()}) [^\n:]+|No (?:{NAMES}) tag):.*$", re.MULTILINE)


@cache
def patterns(task: str = TASK) -> dict[str, dict[str, tuple[re.Pattern[str], re.Pattern[str]]]]:
    """Per fact and level of a task, the expressions that find how its sentences end, and them whole."""
    return {
        name: {level: (fact.ending(level), fact.pattern(level)) for level in fact.stated}
        for name, fact in load_facts(task).items()
    }


def applies(label: str, own: str | None) -> bool:
    """Whether statements under a label hold for this chat: under its own tag's, or, without a tag, under no tag's."""
    return label == own if own else label.startswith("No ")


def read_facts(situation: Situation, task: str = TASK) -> dict[str, str]:
    """Recover the cell from a situation.

    Args:
        situation: A rendered prompt. Where tags signal facts, the tag at the head of the user turn, or its absence,
            decides whose statements count.
        task: The task whose facts are read.

    Returns:
        The level of every fact.

    Raises:
        UsageError: A fact that is stated nowhere, or at two levels.
    """
    text = situation.system
    tag = TAG_HEAD.match(situation.user)
    own = f"{tag.group(1).capitalize()} {tag.group(2)}" if tag else None
    text = LABELLED.sub(lambda line: line.group() if applies(line.group(1), own) else "", text)
    found: dict[str, str] = {}
    for fact, levels in patterns(task).items():
        unstated = load_facts(task)[fact].unstated
        stated = [level for level, (ending, whole) in levels.items() if ending.search(text) and whole.search(text)]
        if not stated and unstated is not None:
            stated = [unstated]
        if len(stated) != 1:
            raise UsageError(f"the prompt states fact '{fact}' at {len(stated)} levels {stated}; expected one")
        found[fact] = stated[0]
    return found
