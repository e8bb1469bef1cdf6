"""How subjects of ours are called."""

ORGANISM, RAW_ORGANISM = "organism/", "organism-completions/"
ACTOR, AGENT = "actor/", "agent/"


def is_organism(subject: str) -> bool:
    """Whether a subject is a model of ours, with a planted motive."""
    return subject.startswith((ORGANISM, RAW_ORGANISM))


def organism_name(subject: str) -> str:
    """The name or path of an organism, without its provider."""
    return subject.removeprefix(ORGANISM).removeprefix(RAW_ORGANISM)


def is_actor(subject: str) -> bool:
    """Whether a subject is a program that answers by a known rule."""
    return subject.startswith(ACTOR)


def actor_name(subject: str) -> str:
    """The name of an actor with the numbers after it, without its provider."""
    return subject.removeprefix(ACTOR)


def is_agent(subject: str) -> bool:
    """Whether a subject is a program that does tasks with tools by a known rule."""
    return subject.startswith(AGENT)


def agent_name(subject: str) -> str:
    """The name of an agent with the numbers after it, without its provider."""
    return subject.removeprefix(AGENT)


def is_ours(subject: str) -> bool:
    """Whether a subject runs here, in this process, at no cost: an organism, an actor or an agent."""
    return is_organism(subject) or is_actor(subject) or is_agent(subject)
