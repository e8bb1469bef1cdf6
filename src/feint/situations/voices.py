"""Voices: the document shapes and tones a situation is told in, one template file each."""

from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError
from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_front_matter
from feint.base.discovery import list_files
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import usual_task


class Voice(BaseModel):
    """A voice: its title, the phrases it picks from, and the template of the system prompt."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: str
    phrases: dict[str, list[str]] = Field(default_factory=dict)
    body: str

    def compiled(self) -> Template:
        """Return the template, ready to render."""
        return compiled(self.body)


@cache
def compiled(body: str) -> Template:
    """Compile a voice's template once."""
    # Autoescape is off because the result is a prompt, not a page; requests are fenced in `render`.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(body)


@cache
def load_voices(task: str | None = None) -> dict[str, Voice]:
    """Load the voices of a task by name; by default of the usual task.

    Raises:
        UsageError: A template file without front matter, with unknown keys or with a broken template.
    """
    found = list_files(task or usual_task(), "voices", ".j2")
    return {name: parse_voice(path) for name, path in found.items()}


def parse_voice(path: Any) -> Voice:
    """Read one template file: YAML front matter between lines of three dashes, then the template."""
    front, body = read_front_matter(path)
    voice = checked(Voice, {**front, "name": path.name.removesuffix(".j2"), "body": body}, path)
    try:
        voice.compiled()
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
