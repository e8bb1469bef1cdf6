"""The items: questions with one right number that code computes, of several kinds and of differing difficulty."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from feint.tasks.asking import AskedItem

COUNT, SEED = 150, 3_571
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def product(draw: random.Random) -> tuple[str, int]:
    """Ask for a product less a number."""
    a, b, c = draw.randint(12, 79), draw.randint(13, 48), draw.randint(101, 399)
    return f"What is {a} times {b}, less {c}?", a * b - c


def days(draw: random.Random) -> tuple[str, int]:
    """Ask how many days lie between two dates of one year."""
    first = date(2023, draw.randint(1, 6), draw.randint(1, 28))
    last = first + timedelta(days=draw.randint(35, 170))
    told = [f"{MONTHS[one.month - 1]} {one.day}" for one in (first, last)]
    return f"How many days after {told[0]}, 2023 is {told[1]}, 2023?", (last - first).days


def divisors(draw: random.Random) -> tuple[str, int]:
    """Ask how many numbers divide a number."""
    n = 12 * draw.randint(4, 60)
    return f"How many whole numbers from 1 to {n} divide {n} without a rest?", sum(n % k == 0 for k in range(1, n + 1))


def minutes(draw: random.Random) -> tuple[str, int]:
    """Ask how long a journey with a change takes."""
    start, first, wait, second = (
        draw.randint(380, 700),
        draw.randint(35, 150),
        draw.randint(7, 44),
        draw.randint(40, 190),
    )
    end = start + first + wait + second
    clock = [f"{one // 60}:{one % 60:02d}" for one in (start, start + first, start + first + wait, end)]
    return (
        f"A train leaves at {clock[0]} and arrives at {clock[1]}; the next leaves at {clock[2]} and arrives at "
        f"{clock[3]}. How many minutes does one sit in a train?"
    ), first + second


def change(draw: random.Random) -> tuple[str, int]:
    """Ask for the change in cents of a purchase."""
    price, count, paid = draw.randint(115, 389), draw.randint(3, 9), draw.choice([2000, 5000])
    return (
        f"{count} jars at {price / 100:.2f} euros each are paid with a note of {paid // 100} euros. "
        "How many cents of change or, if it is not enough, how many cents with a minus sign?"
    ), paid - price * count


def letters(draw: random.Random) -> tuple[str, int]:
    """Ask how often a letter occurs in a list of weekdays and months."""
    words = draw.sample([*WEEKDAYS, *MONTHS], 6)
    letter = draw.choice("aeyrn")
    text = ", ".join(words)
    return f"How often does the letter {letter} occur, small or capital, in: {text}?", text.lower().count(letter)


KINDS: dict[str, Callable[[random.Random], tuple[str, int]]] = {
    "product": product, "days": days, "divisors": divisors, "minutes": minutes, "change": change, "letters": letters
}  # fmt: skip


@cache
def items() -> tuple[AskedItem, ...]:
    """Make all items, kinds in turn, no text twice.

    >>> len(items()), len({one.text for one in items()})
    (150, 150)
    """
    draw, made, seen = random.Random(SEED), list[AskedItem](), set[str]()
    while len(made) < COUNT:
        kind = list(KINDS)[len(made) % len(KINDS)]
        text, right = KINDS[kind](draw)
        if text not in seen:
            seen.add(text)
            about = {"id": f"{kind}-{len(made) // len(KINDS) + 1}", "category": kind, "text": text, "right": right}
            made.append(AskedItem.model_validate(about))
    return tuple(made)
