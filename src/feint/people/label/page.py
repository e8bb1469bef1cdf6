"""The page and what it loads, from templates that escape and make visible all they are given."""

from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader

from feint.people.label.events import label_words
from feint.people.label.session import END, LONGEST_NOTE, View
from feint.report.pages import environment

SCRIPT = Path(__file__).with_name("templates") / "label.js"


@cache
def _templates() -> Environment:
    return environment().overlay(
        loader=ChoiceLoader([PackageLoader("feint.people.label"), PackageLoader("feint.report")]),
    )


def render_page(view: View, rubric: str, objective: str) -> str:
    """The page.

    Args:
        view: What to show.
        rubric: What counts as compliance.
        objective: What the conflict asks for, where there is no rubric.
    """
    return _templates().get_template("label.html.j2").render(
        view=view, shown=view.shown, end=END, names=label_words(), rubric=rubric, objective=objective,
        longest_note=LONGEST_NOTE,
    )  # fmt: skip


def render_style() -> str:
    """The style sheet: that of the reports, and what this page adds."""
    return _templates().get_template("label.css.j2").render()


def read_script() -> str:
    """The script, which turns keys into the page's buttons."""
    return SCRIPT.read_text(encoding="utf-8")
