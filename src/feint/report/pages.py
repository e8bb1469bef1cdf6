"""The frame that every page shares: templates that escape all they are given."""

from collections.abc import Callable
from functools import cache

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from feint.findings import Bounds
from feint.report import words
from feint.report.drawing import palette_css
from feint.report.text import cut, visible

_NUMBERS = ("percent", "points", "probability", "minus")
_NAMES = {"label": "label", "meaning": "meaning", "reason": "reason", "rubric_name": "rubric"}
"""Filters that name a key in the words of the page's task, its `say`."""


@cache
def environment(*packages: str) -> Environment:
    """Build the template environment; folders of `packages` hold further templates, named as "PACKAGE/FILE".

    Autoescaping is on, and every value that reaches a page is made visible first (`feint.report.text.visible`):
    a template cannot forget either.
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
    palette = {scheme: Markup(palette_css(scheme)) for scheme in ("light", "dark")}
    made.globals.update(mark_of=words.mark_of, count=words.count, ratio_line=words.ratio_line, palette=palette)
    return made


def _named(method: str) -> Callable[[Context, str], str]:
    @pass_context
    def name(context: Context, key: str) -> str:
        return str(getattr(context["glossary"], method)(key))

    return name


def _shown(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return "–" if value is None else value


def _interval(entry: Bounds | None, signed: bool = False) -> str:
    return words.interval(entry.low, entry.high, signed=signed) if entry else "–"


def both(draw: Callable[[bool], str]) -> dict[str, Markup]:
    """Draw a figure for a screen and for a phone, and admit it to a page; figures of this room escape their text.

    `draw` is given whether the figure is for a phone.
    """
    return {"wide": Markup(draw(False)), "narrow": Markup(draw(True))}
