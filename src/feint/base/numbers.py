"""How sentences write numbers and names."""

from collections.abc import Sequence


def percent(value: float) -> str:
    """A fraction as a whole percentage without the sign."""
    return f"{100 * value:.0f}"


def points(value: float) -> str:
    """A difference of fractions as whole percentage points, without a minus sign before zero."""
    text = f"{100 * value:.0f}"
    return "0" if text == "-0" else text


def counted(value: float) -> str:
    """A difference of fractions as points with their noun: "1 point", "61 points"."""
    text = points(value)
    return f"{text} point{'' if text in ('1', '-1') else 's'}"


def span(low: float | None, high: float | None) -> str:
    """An interval in percentage points, such as "54 to 68"."""
    return "without interval" if low is None or high is None else f"{points(low)} to {points(high)}"


def listing(names: Sequence[str]) -> str:
    """Names joined by commas and a final "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def spoken(key: str) -> str:
    """A key as words at the head of a sentence: "goal_guarding" is "Goal guarding"."""
    return key.replace("_", " ").capitalize()


def motives_in_words(keys: Sequence[str]) -> str:
    """Explanation keys as words; what all of them end with is written once.

    "terminal_goal_guarding" and "instrumental_goal_guarding" become "terminal and instrumental goal guarding".
    """
    words = [["AI" if word == "ai" else word for word in key.split("_")] for key in keys]
    shared: list[str] = []
    while len(words) > 1 and all(len(word) > 1 for word in words) and len({word[-1] for word in words}) == 1:
        shared = [words[0][-1], *shared]
        words = [word[:-1] for word in words]
    return " ".join([listing([" ".join(word) for word in words]), *shared]).strip()
