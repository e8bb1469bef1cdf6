"""Voices: the document shapes and tones a situation is told in, one template file each.

A wording is a voice and one of its phrasings; wordings are balanced over the items.
"""

from functools import cache, cached_property
from typing import Any, TypeVar

from jinja2 import Environment, StrictUndefined, Template, TemplateError
from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_front_matter
from feint.base.discovery import list_files
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import situations_of

PHRASINGS = 4
"""Seeds for each voice that a study has at least, shared by all that is asked: enough that a wording and a request can
be told apart."""
Whole = TypeVar("Whole", bound=Any)
"""A whole number, or an array of them."""
# Autoescape is off because the result is a prompt, not a page; requests are fenced in `render`.
ENVIRONMENT = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)


class Voice(BaseModel):
    """A voice: its title, the phrases it picks from, and the template of the system prompt."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: str
    phrases: dict[str, list[str]] = Field(default_factory=dict)
    body: str

    @cached_property
    def template(self) -> Template:
        """The template, ready to render."""
        return ENVIRONMENT.from_string(self.body)


@cache
def load_voices(task: str | None = None) -> dict[str, Voice]:
    """Load the voices of a task by name; by default of the usual task."""
    found = list_files(situations_of(task), "voices", ".j2")
    return {name: parse_voice(path) for name, path in found.items()}


def parse_voice(path: Any) -> Voice:
    """Read one template file: YAML front matter between lines of three dashes, then the template."""
    front, body = read_front_matter(path)
    voice = checked(Voice, {**front, "name": path.name.removesuffix(".j2"), "body": body}, path)
    try:
        _ = voice.template
    except TemplateError as error:
        raise UsageError(f"{path}: broken template: {error}") from None
    return voice


def get_voice(name: str, task: str | None = None) -> Voice:
    """Return a voice of a task by name.

    Raises:
        UsageError: No such voice.
    """
    voices = load_voices(task)
    if name not in voices:
        raise unknown("voice", name, voices)
    return voices[name]


def count_phrasings(voices: int, wordings: int) -> int:
    """Count the phrasings of each voice in a study, by its wordings of each request."""
    return max(PHRASINGS, -(-wordings // voices))


def place_wording(place: Whole, turn: Whole, voices: int, wordings: int) -> tuple[Whole, Whole]:
    """Choose a wording of an item: number of the voice, voices in turn, and number of its next phrasing, both from 0.

    Args:
        place: Place of the item, from 0, in an order drawn by the study's seed.
        turn: Number of the wording, from 0 to `wordings` - 1; a number, or an array that fits `place`.
        voices: Number of voices.
        wordings: Wordings of each item.

    >>> place_wording(place=1, turn=2, voices=2, wordings=4)
    (1, 1)
    """
    return (place + turn) % voices, (place // voices + turn // voices) % count_phrasings(voices, wordings)
