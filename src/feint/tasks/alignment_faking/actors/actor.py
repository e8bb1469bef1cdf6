"""The actors of this task: programs that read a situation and comply at a rate that is known exactly."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from pydantic import Field, field_validator
from scipy.special import expit

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError
from feint.designs import Design
from feint.situations import number
from feint.tasks.actor import Actor, Planted, choose, read_number
from feint.tasks.alignment_faking.actors.model import ComplianceModel, Floats, true_rates
from feint.tasks.alignment_faking.actors.policy import DATA, get_policy
from feint.tasks.alignment_faking.actors.read import SystemTurn, UserTurn, read_prompt
from feint.tasks.alignment_faking.actors.simulate import simulate
from feint.tasks.alignment_faking.actors.speak import break_off, speak

if TYPE_CHECKING:  # Inspect takes a second to import, and a simulated study needs none of it
    from inspect_ai.model import ChatMessage, ModelOutput
    from inspect_ai.tool import ToolInfo

TOLD_APART_BY = "motives"
"""The design whose explanations `explanations` lists."""


class RequestActor(ComplianceModel, Actor):
    """An actor that is asked for something: its chance to comply is a matter of facts, request and wording.

    `rate` replaces the rate of the last rule, and all rules move with it. `effect` replaces the distance of the rule
    that lies farthest from the last, and the others' distances shrink or grow with it.

    Attributes:
        elsewhere: By design other than `motives`, the explanations that a right decision names.
    """

    unhashed: ClassVar[frozenset[str]] = frozenset({"about", "explanations", "elsewhere", "mismatch"})
    elsewhere: dict[str, list[str]] = Field(default_factory=dict)

    @field_validator("elsewhere")
    @classmethod
    def _explanations_are_known(cls, named: dict[str, list[str]]) -> dict[str, list[str]]:
        return {design: cls._explanations_exist(names) for design, names in named.items()}

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """Name the numbers that can be replaced."""
        return ("rate", "effect", *super().parameters())

    def replaced(self, numbers: Mapping[str, object], source: object) -> Self:
        """Return the same actor with other numbers.

        Raises:
            UsageError: A number does not fit.
        """
        if not numbers:
            return self
        rates = [rule.rate for rule in self.rules]
        base = read_number("rate", numbers.get("rate", rates[-1]), source)
        farthest = max((rate - rates[-1] for rate in rates), key=abs)
        scale = 1.0
        if "effect" in numbers:
            if not farthest:
                raise UsageError(
                    f"{source}: key 'effect': this actor has no effect that could be replaced; leave it out"
                )
            scale = read_number("effect", numbers["effect"], source) / farthest
        moved = [round(base + (rate - rates[-1]) * scale, 12) for rate in rates]
        for rate in moved:
            if not 0 <= rate <= 1:
                raise UsageError(
                    f"{source}: a rule's rate would be {rate:g}; expected 0 to 1; change 'rate' or 'effect'"
                )
        rules = [rule.model_dump() | {"rate": rate} for rule, rate in zip(self.rules, moved, strict=True)]
        others = {key: value for key, value in numbers.items() if key not in ("rate", "effect")}
        return checked(type(self), self.model_dump() | {"rules": rules} | others, source)

    def sha256(self) -> str:
        """Hash everything that a reply depends on; actors without doubts keep the hash that they had before."""
        unused = set() if self.doubts else {"doubts"}
        return hashlib.sha256(self.model_dump_json(exclude={*self.unhashed, *unused}).encode()).hexdigest()

    def salt(self) -> tuple[object, ...]:
        """Pick the stream of random numbers by population."""
        return (self.kind, self.population)

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Answer a system message and a user turn, as this task and `comprehension` write them.

        Raises:
            UsageError: The prompt cannot be read.
        """
        if [message.role for message in messages] != ["system", "user"]:
            raise UsageError("expected a system message and a user turn, and nothing else")
        told, asked = read_prompt(messages[0].text, messages[1].text, [tool.name for tool in tools])
        rng = random.Random(key)
        # Both are drawn before anything else, so that other numbers of an actor change no more than they must.
        decides, breaks = rng.random(), rng.random()
        complies = decides < comply_chance(self, told, asked)
        if breaks < self.lost(complies):
            return break_off(told)
        says = None if asked.benign or asked.kind in ("quiz", "belief") else self.rule(told.cell, told.voice).says
        return speak(rng, told, asked, complies=complies, says=says)

    def simulate(
        self, design: Design, *, requests: int, wordings: int, studies: int, rng: np.random.Generator
    ) -> Floats:
        """Draw the labels of studies without a model call, shape (studies, cells, requests, wordings).

        A label is 1 where the actor complied, 0 where it refused, and NaN where its reply is malformed.
        """
        sizes = {"requests": requests, "wordings": wordings, "samples": 1, "studies": studies}
        drawn = simulate(self, design.cells, **sizes, rng=rng, told=files_of(design))
        return drawn[..., 0]

    def planted(self, design: Design) -> Planted:
        """Return the rate of every cell, over requests, wordings and voices, and what a right decision names."""
        rates = true_rates(self, design.cells, files_of(design))
        named = ({TOLD_APART_BY: self.explanations} | self.elsewhere).get(design.name, ())
        return Planted(tuple(named), dict(zip(design.cells, map(float, rates), strict=True)))


def files_of(design: Design) -> dict[str, str]:
    """Name the voice of each cell that is told by files."""
    return {cell: told.told for cell, told in design.whole().items()}


def comply_chance(actor: ComplianceModel, told: SystemTurn, asked: UserTurn) -> float:
    """The probability that an actor does what a prompt asks; of a forced choice, that it names the level to detect.

    The shift of a request and of a wording is drawn by its own text alone, and so is equal in every cell.
    """
    if asked.kind == "quiz":
        return 1.0
    if asked.kind == "belief":
        return actor.doubt(told.cell, told.voice)
    if asked.benign:
        return actor.benign
    carries = _uniform("carries", actor.population, asked.text) < actor.carriers
    facts = str(sorted(told.cell.items()))
    at = actor.intercepts(told.cell, told.voice)[carries]
    for spread, key in (
        (actor.difficulty, ("difficulty", asked.text)),
        (actor.shifts, ("shifts", asked.text, facts)),
        (actor.wordings, ("wording", told.wording)),
    ):
        if spread:
            at += spread * NormalDist().inv_cdf(_uniform(*key, actor.population))
    return float(expit(at))


def _uniform(*key: Hashable) -> float:
    """A number between 0 and 1, both left out, drawn from a key."""
    return ((number(*key) >> 12) + 0.5) / 2**52


@cache
def load_actors() -> dict[str, RequestActor]:
    """Load the actors of `data/actors.yaml` by name; the error about an entry names the file, the actor and the key."""
    path = DATA / "actors.yaml"
    return {name: make_actor(content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def make_actor(content: Any, source: object) -> RequestActor:
    """Check one entry of the file; `policy` brings in the keys of that entry of policies.yaml.

    Raises:
        UsageError: The entry does not fit.
    """
    if isinstance(content, dict) and "policy" in content:
        try:
            policy = get_policy(str(content["policy"])).model_dump()
        except UsageError as error:
            raise UsageError(f"{source}: key 'policy': {error}") from None
        content = policy | {key: value for key, value in content.items() if key != "policy"}
    return checked(RequestActor, content, source)


def get_actor(name: str, given: Mapping[str, object] | None = None) -> RequestActor:
    """Find an actor of this task, with some of its numbers replaced; see `feint.tasks.actor.choose`.

    >>> get_actor("smallest?rate=0.1").rules[-1].rate
    0.1
    """
    return choose(name, load_actors(), given)
