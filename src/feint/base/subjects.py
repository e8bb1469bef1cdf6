"""Tells the subjects of this package apart by name."""

ORGANISM, RAW_ORGANISM = "organism/", "organism-completions/"
ACTOR, AGENT = "actor/", "agent/"
"""Two names of one provider; plans and logs hold either."""


def is_organism(subject: str) -> bool:
    """Tell if a subject is a small model of this package with a planted motive.

    >>> is_organism("organism/guarded"), is_organism("openai/gpt-5")
    (True, False)
    """
    return subject.startswith((ORGANISM, RAW_ORGANISM))


def organism_name(subject: str) -> str:
    """Return the name or path of an organism, without its provider.

    >>> organism_name("organism/./mine")
    './mine'
    """
    return subject.removeprefix(ORGANISM).removeprefix(RAW_ORGANISM)


def is_actor(subject: str) -> bool:
    """Tell if a subject is a program that answers by a known rule, such as "agent/faithful?noise=0"."""
    return subject.startswith((ACTOR, AGENT))


def is_ours(subject: str) -> bool:
    """Tell if a subject runs in this process at no cost: an organism or an actor."""
    return is_organism(subject) or is_actor(subject)
