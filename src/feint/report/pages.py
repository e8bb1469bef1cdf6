"""The frame that every page of ours shares: templates that escape all they are given."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from feint.report import words
from feint.report.text import cut, visible

_FILTERS = ("percent", "points", "probability", "minus", "label", "meaning", "reason", "rubric_name")


@cache
def environment() -> Environment:
    """Build the template environment.

    Autoescaping is on, and every value that reaches a page is made visible first (`feint.report.text.visible`):
    a template cannot forget either.
    """
    made = Environment(
        loader=PackageLoader("feint.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(words, name) for name in _FILTERS})
    made.filters.update({"interval": _interval, "cut": cut})
    made.globals.update(
        words=words.words, count=words.count, label=words.label, ratio_line=words.ratio_line, palette=_palette()
    )
    return made


def _shown(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    if value is None:
        return "–"
    return visible(value) if isinstance(value, str) else value


def _interval(entry: Any, signed: bool = False) -> str:
    return words.interval(entry["low"], entry["high"], signed=signed) if entry else "–"


def _palette() -> dict[str, Markup]:
    """Write the palette as CSS declarations, for each scheme."""
    return {
        scheme: Markup("".join(f"--{role}:{shade[scheme]};" for role, shade in words.data("palette").items()))
        for scheme in ("light", "dark")
    }


def figure(wide: str, narrow: str) -> dict[str, Markup]:
    """Admit a figure of this room, which has escaped its own text, to a page.

    Args:
        wide: The figure laid out for a screen.
        narrow: The same laid out for a phone.
    """
    return {"wide": Markup(wide), "narrow": Markup(narrow)}
