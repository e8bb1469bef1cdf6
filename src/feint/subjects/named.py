"""How subjects of ours are called."""

ORGANISM, RAW_ORGANISM = "organism/", "organism-completions/"


def is_organism(subject: str) -> bool:
    """Whether a subject is a model of ours, with a planted motive."""
    return subject.startswith((ORGANISM, RAW_ORGANISM))


def organism_name(subject: str) -> str:
    """The name or path of an organism, without its provider."""
    return subject.removeprefix(ORGANISM).removeprefix(RAW_ORGANISM)
