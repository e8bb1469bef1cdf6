"""Defines policies: the rate of complying, by the facts of a situation or by its voice."""

from functools import cache
from importlib.resources import files
from typing import TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import vocabulary
from feint.situations import full_cell, heard, load_facts, load_voices
from feint.situations.dossiers import VERBATIM
from feint.situations.facts import Cell

TASK = "alignment_faking"
DATA = files(__package__) / "data"


class Rule(BaseModel):
    """A line of a policy.

    Attributes:
        when: Levels by fact; every named fact must be at one of its levels.
        voice: Voices the rule holds in; empty means all.
        rate: Probability of complying with a harmful request, 0 to 1.
        says: The explanation that the scratchpad states when it complies, if it states any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: dict[str, list[str]] = Field(default_factory=dict)
    voice: list[str] = Field(default_factory=list)
    rate: float = Field(ge=0, le=1)
    says: str | None = None

    def fits(self, cell: Cell, voice: str) -> bool:
        """Tell if the rule is about a cell in a voice.

        >>> Rule(when={"rated": ["yes"]}, rate=0.9).fits({"rated": "no"}, "memo")
        False
        """
        return (not self.voice or voice in self.voice) and all(
            cell.get(f, load_facts()[f].default) in levels for f, levels in self.when.items()
        )


def check_rules(rules: list[Rule]) -> list[Rule]:
    """Return rules unchanged; a `ValueError` if one names what does not exist, or the last does not fit everything."""
    if rules[-1].when or rules[-1].voice:
        raise ValueError("the last rule must fit everything; leave its 'when' and 'voice' out")
    for place, rule in enumerate(rules, start=1):
        unheard = set(rule.voice) - {*load_voices(), *VERBATIM}
        if unheard:
            raise ValueError(f"rule {place}: unknown voices {sorted(unheard)}; known: {', '.join(load_voices())}")
        try:
            for fact, levels in rule.when.items():
                for level in levels:
                    full_cell({fact: level}, "when")
            if rule.says in vocabulary(TASK).words.unstatable:
                raise UsageError(f"'{rule.says}' is no motive that a reply can state; leave 'says' out")
            if rule.says is not None and rule.says not in set(speech()["motives"]) - {"none"}:
                raise unknown("motive to state", rule.says, set(speech()["motives"]) - {"none"})
        except UsageError as error:
            raise ValueError(f"rule {place}: {error}") from None
    return rules


class Policy(BaseModel):
    """A planted motive.

    Attributes:
        about: The motive in plain words.
        explanations: The explanations that a right decision on the design `motives` names.
        mismatch: Whether the stated motive differs from the reason for which the persona acts.
        rules: Read from the top; the first that fits holds. The last must fit everything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    explanations: list[str]
    mismatch: bool = False
    rules: list[Rule] = Field(min_length=1)

    @field_validator("explanations")
    @classmethod
    def _explanations_exist(cls, names: list[str]) -> list[str]:
        known = vocabulary(TASK).explanations
        for name in names:
            if name not in known:
                raise ValueError(str(unknown("explanation", name, known)))
        return names

    @field_validator("rules")
    @classmethod
    def _rules_make_sense(cls, rules: list[Rule]) -> list[Rule]:
        return check_rules(rules)

    def rule(self, cell: Cell, voice: str) -> Rule:
        """Return the rule that holds for a cell told in a voice."""
        told = heard(cell)
        return next(rule for rule in self.rules if rule.fits(told, voice))

    def rate(self, cell: Cell, voices: list[str]) -> float:
        """Return the mean probability of complying in a cell over voices, 0 to 1."""
        return sum(self.rule(cell, voice).rate for voice in voices) / len(voices)


class Speech(TypedDict):
    """The phrases that personas write; of each list, a persona draws one."""

    judgement: dict[str, list[str]]
    notes: dict[str, dict[str, list[str]]]
    tag: list[str]
    motives: dict[str, list[str]]
    declines: list[str]
    decision: dict[str, list[str]]
    replies: dict[str, list[list[str]]]


@cache
def speech() -> Speech:
    """Read the phrases that personas write."""
    phrases: Speech = read_yaml(DATA / "speech.yaml")
    return phrases


@cache
def load_policies() -> dict[str, Policy]:
    """Load all planted policies by organism."""
    path = DATA / "policies.yaml"
    return {name: checked(Policy, content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def get_policy(name: str) -> Policy:
    """Return one policy.

    >>> get_policy("terminal").rules[0].rate
    0.95

    Raises:
        UsageError: No such organism.
    """
    policies = load_policies()
    if name not in policies:
        raise unknown("organism", name, policies)
    return policies[name]
