"""The page with its style and script, from templates that escape all text and show invisible characters."""

from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader

from feint.people.label.session import END, LONGEST_NOTE, View
from feint.people.label.words import LabelWords
from feint.report.pages import environment

SCRIPT = Path(__file__).with_name("templates") / "label.js"


@cache
def _templates() -> Environment:
    return environment().overlay(
        loader=ChoiceLoader([PackageLoader("feint.people.label"), PackageLoader("feint.report")]),
    )


def render_page(view: View, words: LabelWords, rubric: str, objective: str) -> str:
    """Render the page.

    Args:
        view: Its content.
        words: The labels and questions of the task.
        rubric: The conflict's own rule, shown under "What counts"; "" if it has none.
        objective: What the conflict asks for, where there is no rule.
    """
    return _templates().get_template("label.html.j2").render(
        view=view, shown=view.shown, end=END, words=words, names=words.labels, rubric=rubric, objective=objective,
        longest_note=LONGEST_NOTE,
    )  # fmt: skip


def render_style() -> str:
    """Render the style sheet: the rules of reports and of this page."""
    return _templates().get_template("label.css.j2").render()


def read_script() -> str:
    """Read the script, which turns keys into the page's buttons."""
    return SCRIPT.read_text(encoding="utf-8")
