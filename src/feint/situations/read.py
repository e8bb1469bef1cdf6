"""Reading: the facts that a rendered prompt states. The reverse of rendering, by the banks alone."""

import re
from dataclasses import dataclass
from functools import cache

from feint.base.errors import UsageError
from feint.situations.facts import load_facts
from feint.situations.recover import read_written
from feint.situations.render import TAG_NAMES, Situation
from feint.situations.verbatim import recall

NAMES = "|".join(TAG_NAMES)
TAG_HEAD = re.compile(rf"\A<({NAMES})>([^<>\n]+)</\1>\n")
LABELLED = re.compile(rf"^(?:- )?((?:{NAMES.title()}) [^\n:]+|No (?:{NAMES}) tag):.*$", re.MULTILINE)


@dataclass(frozen=True)
class Finder:
    """Finds the sentences of a level: first by their endings, which is fast, then whole.

    A sentence may begin with any name without a full stop. The search for a whole sentence therefore starts at the
    beginning of the first sentence with a matching ending.
    """

    ending: re.Pattern[str]
    whole: re.Pattern[str]

    def finds(self, text: str) -> bool:
        """Tell if a text states the level."""
        start = self._start(text)
        return start is not None and self.whole.search(text, start) is not None

    def cut(self, text: str) -> str:
        """Return the text without the sentences that state the level."""
        kept, at = [], 0
        while (start := self._start(text, at)) is not None and (found := self.whole.search(text, start)):
            kept.append(text[at : found.start()])
            at = found.end()
        return "".join([*kept, text[at:]])

    def _start(self, text: str, at: int = 0) -> int | None:
        found = self.ending.search(text, at)
        return None if found is None else max(at, 1 + max(text.rfind(end, at, found.start()) for end in ".\n"))


@cache
def finders(task: str | None = None) -> dict[str, dict[str, Finder]]:
    """Make the finders of a task by fact and level."""
    return {
        name: {level: Finder(fact.ending(level), fact.patterns[level]) for level in fact.stated}
        for name, fact in load_facts(task).items()
    }


def read_facts(situation: Situation, task: str | None = None) -> dict[str, str]:
    """Recover the cell from a situation: the level of every fact of a task.

    Of a prompt that a design gives as files, the facts are those that the design states.

    Where tags signal facts, the tag at the head of the user turn, or its absence, decides whose statements count.

    Raises:
        UsageError: A fact that is stated nowhere, or at two levels.
    """
    if (known := recall(situation)) is not None:
        return known.cell
    if (written := read_written(situation, task)) is not None:
        return written
    tag = TAG_HEAD.match(situation.user)
    own = f"{tag.group(1).capitalize()} {tag.group(2)}" if tag else None

    def counted(line: re.Match[str]) -> str:
        return line[0] if (line[1] == own if own else line[1].startswith("No ")) else ""

    text = LABELLED.sub(counted, situation.system)
    found: dict[str, str] = {}
    for fact, levels in finders(task).items():
        unstated = load_facts(task)[fact].unstated
        stated = [level for level, finder in levels.items() if finder.finds(text)]
        if not stated and unstated is not None:
            stated = [unstated]
        if len(stated) != 1:
            raise UsageError(f"the prompt states fact '{fact}' at {len(stated)} levels {stated}; expected one")
        if not (load_facts(task)[fact].added and stated[0] == unstated):
            found[fact] = stated[0]
    return found
