"""The frame that every page shares: templates that escape all they are given."""

from collections.abc import Callable
from functools import cache

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from feint.findings import Bounds
from feint.report import words
from feint.report.text import cut, visible

_NUMBERS = ("percent", "points", "probability", "minus")
_NAMES = {"label": "label", "meaning": "meaning", "reason": "reason", "rubric_name": "rubric"}
"""Filters that name a key in the words of the page's task, its `say`."""


@cache
def environment(*packages: str) -> Environment:
    """Build the template environment.

    Autoescaping is on, and every value that reaches a page is made visible first (`feint.report.text.visible`):
    a template cannot forget either.

    Args:
        *packages: Packages whose folders hold further templates, each to be named as "PACKAGE/FILE".
    """
    own: dict[str, BaseLoader] = {package: PackageLoader(package, "") for package in packages}
    made = Environment(
        loader=ChoiceLoader([PackageLoader("feint.report"), PrefixLoader(own)]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(words, name) for name in _NUMBERS})
    made.filters.update({name: _named(method) for name, method in _NAMES.items()})
    made.filters.update({"interval": _interval, "cut": cut})
    made.globals.update(mark_of=words.mark_of, count=words.count, ratio_line=words.ratio_line, palette=_palette())
    return made


def _named(method: str) -> Callable[[Context, str], str]:
    @pass_context
    def name(context: Context, key: str) -> str:
        return str(getattr(context["glossary"], method)(key))

    return name


def _shown(value: object) -> object:
    if isinstance(value, Markup):
        return value
    if value is None:
        return "–"
    return visible(value) if isinstance(value, str) else value


def _interval(entry: Bounds | None, signed: bool = False) -> str:
    return words.interval(entry.low, entry.high, signed=signed) if entry else "–"


def _palette() -> dict[str, Markup]:
    """Write the palette as CSS declarations, for each scheme."""
    return {
        scheme: Markup("".join(f"--{role}:{shade[scheme]};" for role, shade in words.data("palette").items()))
        for scheme in ("light", "dark")
    }


def both(draw: Callable[[bool], str]) -> dict[str, Markup]:
    """Draw a figure for a screen and for a phone, and admit it to a page; figures of this room escape their text.

    Args:
        draw: Draws it; given whether it is for a phone.
    """
    return {"wide": Markup(draw(False)), "narrow": Markup(draw(True))}
