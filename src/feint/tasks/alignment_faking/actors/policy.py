"""Policies: how often an organism complies, by the facts of the situation or the voice it is told in."""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.situations.facts import Cell

DATA = files(__package__) / "data"


class Frozen(BaseModel):
    """Data that is checked once and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Frozen):
    """One line of a policy.

    Attributes:
        when: Levels by fact; every named fact must stand at one of them.
        voice: Voices the rule holds in; empty means all.
        rate: Probability of complying with a harmful request, 0 to 1.
        says: The explanation that the scratchpad states when it complies, if it states one.
    """

    when: dict[str, list[str]] = Field(default_factory=dict)
    voice: list[str] = Field(default_factory=list)
    rate: float = Field(ge=0, le=1)
    says: str | None = None

    def fits(self, cell: Cell, voice: str) -> bool:
        """Whether the rule speaks about a cell told in a voice."""
        return (not self.voice or voice in self.voice) and all(cell[f] in levels for f, levels in self.when.items())


class Policy(Frozen):
    """A planted motive.

    Attributes:
        about: The motive in plain words.
        explanations: The explanations that a right verdict names.
        mismatch: Whether what it says differs from why it acts.
        rules: Read from the top; the first that fits holds. The last must fit everything.
    """

    about: str
    explanations: list[str]
    mismatch: bool = False
    rules: list[Rule] = Field(min_length=1)

    def rule(self, cell: Cell, voice: str) -> Rule:
        """The rule that holds for a cell told in a voice.

        Raises:
            UsageError: No rule fits.
        """
        for rule in self.rules:
            if rule.fits(cell, voice):
                return rule
        raise UsageError(f"policy '{self.about}': no rule fits {dict(cell)}; end it with a rule without 'when'")

    def rate(self, cell: Cell, voices: list[str]) -> float:
        """Mean probability of complying in a cell over voices, 0 to 1."""
        return sum(self.rule(cell, voice).rate for voice in voices) / len(voices)


@cache
def load_policies() -> dict[str, Policy]:
    """All planted policies by organism."""
    path = DATA / "policies.yaml"
    return {name: checked(Policy, content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def get_policy(name: str) -> Policy:
    """One policy.

    Raises:
        UsageError: No such organism.
    """
    policies = load_policies()
    if name not in policies:
        raise unknown("organism", name, policies)
    return policies[name]
