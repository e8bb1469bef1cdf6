"""Write numbers and names in sentences."""

from collections.abc import Sequence


def percent(value: float) -> str:
    """Write a fraction as a whole percentage, without the sign.

    >>> percent(0.614)
    '61'
    """
    return f"{100 * value:.0f}"


def listing(names: Sequence[str]) -> str:
    """Join names by commas and a final "and".

    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def spoken(key: str) -> str:
    """Write a key as words that begin a sentence.

    >>> spoken("goal_guarding")
    'Goal guarding'
    """
    return key.replace("_", " ").capitalize()


def motives_in_words(keys: Sequence[str]) -> str:
    """Write explanation keys as words; an ending that all of them share is written once.

    >>> motives_in_words(["terminal_goal_guarding", "instrumental_goal_guarding"])
    'terminal and instrumental goal guarding'
    """
    words = [["AI" if word == "ai" else word for word in key.split("_")] for key in keys]
    shared: list[str] = []
    while len(words) > 1 and all(len(word) > 1 for word in words) and len({word[-1] for word in words}) == 1:
        shared = [words[0][-1], *shared]
        words = [word[:-1] for word in words]
    return " ".join([listing([" ".join(word) for word in words]), *shared]).strip()
