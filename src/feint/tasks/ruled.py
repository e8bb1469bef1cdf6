"""A task of templates and one rule: its arms are the cells of a design, and a pure function reads the label.

A subclass of `RuledTask` brings items (`bank`), a rule (`rule`) and templates (`voices/NAME.j2`). A template is the
system turn, a line `<<<user>>>` and the user turn. It is given `item`, `facts` (level by fact), `options` (a line for
each option of the item, with letters), `letters` and `turn`. A prompt depends on the item, the facts, the voice and the
turn alone, so that an actor can look up what it was asked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Any, ClassVar

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from feint.base.errors import UsageError
from feint.designs import list_designs, load_design
from feint.money.usage import TaskUsage
from feint.situations import Request, Situation, get_voice, load_facts, load_voices
from feint.tasks.asking import AskedItem, AskingTask, unlabelled
from feint.tasks.asks import Ask, PlannedAsks
from feint.tasks.calls import CALLS
from feint.tasks.letters import lettered, option_lines
from feint.tasks.registry import load_task
from feint.tasks.talk import Chat, InspectChat, Said, said_of

TURNS = 6
"""Forms of a prompt by the order of its options: enough to begin with each of two, three or six options as often."""
BREAK = "<<<user>>>"
MOST_COMBINED = 64
"""Combinations of levels up to which an actor knows every cell that a user's design may have."""


def kind_of(item: Request) -> str:
    """Return the kind of an item; "" if it has none."""
    return str((item.model_extra or {}).get("kind", ""))


def turn_of(seed: int) -> int:
    """Return the turn of a wording with this seed."""
    return seed % TURNS


def stated(task: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Complete the facts of a cell by the default levels of facts that were added later, which a cell leaves out."""
    return {name: facts.get(name, fact.default) for name, fact in load_facts(task).items()}


def prompt_of(task: str, item: Mapping[str, Any], facts: Mapping[str, str], voice: str, turn: int) -> Situation:
    """Render the prompt of an item under some facts."""
    options: Mapping[str, str] = item.get("options") or {}
    letters = lettered(options, turn)
    text = get_voice(voice, task).template.render(
        item=item,
        facts=stated(task, facts),
        options=option_lines(options, letters),
        letters=letters,
        turn=turn,
        pick={},
    )
    system, _, user = text.rpartition(BREAK)
    return Situation(system.strip(), user.strip())


def messages_of(told: Situation) -> list[ChatMessage]:
    """Make the messages of a prompt; an empty system turn is left out."""
    system: list[ChatMessage] = [ChatMessageSystem(content=told.system)] if told.system else []
    return [*system, ChatMessageUser(content=told.user)]


@dataclass(frozen=True)
class PlannedRuled(PlannedAsks):
    """The plans of a task of templates."""

    @cached_property
    def asks(self) -> list[Ask]:
        """Every sample, in order; where items are of several kinds, a cell asks those of its own kinds."""
        asked = {cell: self.design.kinds_of(cell) for cell in self.design.cells}
        return [ask for ask in super().asks if not asked[ask.cell] or kind_of(ask.request) in asked[ask.cell]]

    def situation(self, ask: Ask) -> Situation:
        """Render the prompt of one sample."""
        item = ask.request.model_dump(mode="json")
        return prompt_of(
            self.design.task, item, self.design.cells[ask.cell], ask.wording.voice, turn_of(ask.wording.seed)
        )

    def metadata(self, ask: Ask) -> dict[str, object]:
        """Describe a sample in plain values."""
        found, item = super().metadata(ask), ask.request.model_dump(mode="json")
        # summaries of a log leave long metadata out, and an item may be long
        columns = {name: item.get(name) for name in load_task(self.design.task).columns}
        told = {name: getattr(self.options, name) for name in ruled_task(self.design.task).told_options}
        return found | {
            "letters": lettered(item.get("options") or {}, turn_of(ask.wording.seed)),
            "columns": columns,
            **({"options": told} if told else {}),
        }


@dataclass(frozen=True)
class Read:
    """The parts of a prompt that an actor read: the item, the facts, and the key of the option by letter."""

    item: Mapping[str, Any]
    facts: Mapping[str, str]
    letters: Mapping[str, str]

    def letter(self, key: str) -> str:
        """Return the letter of an option.

        >>> Read({}, {}, {"A": "drive", "B": "walk"}).letter("walk")
        'B'
        """
        return next(letter for letter, own in self.letters.items() if own == key)


@solver
def converse(task: str) -> Solver:
    """Hold the conversation of a task's sample; see `RuledTask.talk`."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        owner, chat = ruled_task(task), InspectChat(state)
        await owner.talk(chat, state.metadata["item"], stated(task, state.metadata["facts"]))
        chat.keep()
        return state

    return solve


@scorer(metrics=[])
def ruled(task: str) -> Scorer:
    """Label a sample by the rule of a task; see `RuledTask.rule`."""

    async def score(state: TaskState, target: Target) -> Score:
        facts = stated(task, state.metadata["facts"])
        return ruled_task(task).score(state.metadata["item"], facts, said_of(state))

    return score


def ruled_task(name: str) -> "RuledTask":
    """Load a task that has a rule.

    Raises:
        UsageError: No such task, or a task of another kind.
    """
    found = load_task(name)
    if not isinstance(found, RuledTask):
        raise UsageError(f"task '{name}': it is no RuledTask; see feint.tasks.ruled")
    return found


class RuledTask(AskingTask):
    """A task of templates and one rule. Its estimands need all replies, so that asking does not end early.

    Attributes:
        columns: Fields of items that the table of labels has as columns, for estimands.
        told_options: Names of the options that a conversation depends on; see `Chat.options`.
        calls: Calls of the subject in one sample, as expected.
        most_calls: The same at most; `calls` if it is 0.
        reply_tokens: Tokens of one reply, as expected.
    """

    label = "ruled"
    stops_early = False
    usage: ClassVar[TaskUsage] = CALLS
    told_options: ClassVar[tuple[str, ...]] = ()
    plans: ClassVar[type[PlannedAsks]] = PlannedRuled
    calls: ClassVar[int] = 1
    most_calls: ClassVar[int] = 0
    reply_tokens: ClassVar[int] = 60

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Read the label and the measures of a sample; pure.

        Args:
            item: The fields of the item.
            facts: The facts of the cell.
            said: Everything that was said; `said.choice()` is the option that the last reply chose.

        Returns:
            A score that `labelled` or `unlabelled` made.
        """
        raise NotImplementedError(f"task '{self.name}' has no rule")

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Hold the conversation of a sample: by default, one question and one reply."""
        await chat.ask()

    def score(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Label a sample. A reply that was cut off is labelled if the rule finds a label in it all the same."""
        if not said.replies or said.broken == "provider_error":
            return unlabelled("provider_error")
        found = self.rule(item, facts, said)
        about = dict(found.metadata or {})
        if about.get("missing") and said.broken:
            return unlabelled(said.broken, **about.get("measures", {}))
        return found.model_copy(update={"metadata": about | {"cut_off": bool(said.broken)}})

    def first_items(self, items: Sequence[AskedItem], n: int) -> tuple[AskedItem, ...]:
        """Return the first items, `n` of each kind; all for 0."""
        seen: Counter[str] = Counter()
        found = []
        for item in items:
            seen[kind_of(item)] += 1
            found += [item] if not n or seen[kind_of(item)] <= n else []
        return tuple(found)

    def items(self, plans: Any) -> dict[str, dict[str, str]]:
        """Describe the kind of each item, which a study fixes; empty where all items are of one kind."""
        if not self.vocabulary.kinds:
            return {}
        return {item.id: {"kind": kind_of(item), "stratum": kind_of(item)} for item in plans.items}

    def shown_item(self, plans: Any, cells: Sequence[str]) -> str | None:
        """Name the item by which cells are compared by default: one that is asked in all of them, if there is any."""
        kinds = [set(plans.design.kinds_of(cell)) for cell in cells]
        if not any(kinds):
            return None
        shared = set.intersection(*kinds)
        return next((item.id for item in plans.items if kind_of(item) in shared), None)

    def cells_of(self, plans: Any, item: str | None) -> list[str]:
        """List the cells in which an item is asked, in the order of the design."""
        kinds = {one.id: kind_of(one) for one in plans.items}
        own = kinds.get(item or plans.items[0].id, "")
        return [cell for cell in plans.design.cells if not (asked := plans.design.kinds_of(cell)) or own in asked]

    def calls_in(self, options: Any, facts: Mapping[str, str]) -> tuple[int, int]:
        """Return the calls of a sample under the facts of a cell, as expected and at most."""
        return self.calls, self.most_calls or self.calls

    def roles(self, options: Any) -> Sequence[str]:
        """Name the roles of other models that a conversation asks."""
        return ()

    def scorer(self) -> Scorer:
        """Make the scorer that applies the rule."""
        return ruled(self.name)

    def solver(self) -> Solver:
        """Make the solver that holds the conversation."""
        return converse(self.name)

    def every_item(self) -> Sequence[AskedItem]:
        """Return the items of all designs; those of the usual one by default. An actor reads their prompts back."""
        return self.bank(self.options(design=self.vocabulary.design))

    def asked_in(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
        """Tell if an item may be asked under some facts; an actor need not know the prompts of other pairs."""
        return True

    @cached_property
    def _prompts(self) -> dict[tuple[str, str], Read]:
        """What every prompt asks, by system and user turn."""
        found = {}
        for item, facts in product([one.model_dump(mode="json") for one in self.every_item()], self._cells):
            if not self.asked_in(item, facts):
                continue
            for voice, turn in product(load_voices(self.name), range(TURNS)):
                told = prompt_of(self.name, item, facts, voice, turn)
                found[told.system, told.user] = Read(item, facts, lettered(item.get("options") or {}, turn))
        return found

    @cached_property
    def _cells(self) -> list[dict[str, str]]:
        """Every combination of levels, or the cells of the shipped designs where there are too many combinations."""
        levels = {name: list(fact.levels) for name, fact in load_facts(self.name).items()}
        combined = list(islice(product(*levels.values()), MOST_COMBINED + 1))
        if len(combined) <= MOST_COMBINED:
            return [dict(zip(levels, one, strict=True)) for one in combined]
        return [dict(cell) for name in list_designs(self.name) for cell in load_design(name).cells.values()]

    def read(self, messages: Sequence[ChatMessage]) -> Read:
        """Read the prompt of a conversation back, as an actor does: the turns before the first reply.

        Raises:
            UsageError: It is no prompt of this task under its usual options.
        """
        system = next((one.text for one in messages if one.role == "system"), "")
        user = next((one.text for one in messages if one.role == "user"), "")
        try:
            return self._prompts[system, user]
        except KeyError:
            raise UsageError(f"expected a prompt of the task '{self.name}' with its usual items") from None


__all__ = ["PlannedRuled", "Read", "RuledTask", "converse", "messages_of", "prompt_of", "ruled"]
