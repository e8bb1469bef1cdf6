"""Replays in a browser: nothing that a run holds is run, nothing sticks out of a phone, runs open by a click."""

import html
from collections.abc import Callable

import pytest

from browsing import MARK, MEASURE, PAYLOAD, browse, in_a_browser  # noqa: F401  # a fixture
from replay_page import SWITCH, a_fixture, a_run, a_turn, hostile_fixture, replay_page

pytestmark = in_a_browser
WIDTH = 390
LOOK = """<!doctype html><iframe style="width:1100px;height:900px;border:0" srcdoc="{page}" onload="
  const inside = this.contentDocument, seen = part => part.checkVisibility();
  const run = inside.querySelector('.run'), steps = [seen(run.querySelector('.for-target'))];
  run.querySelector('summary').click();
  steps.push(seen(run.querySelector('.for-target')), seen(run.querySelector('.prompt')));
  const sides = getComputedStyle(run.querySelector('.for-target')).borderLeftColor;
  const plain = getComputedStyle(run.querySelector('.words')).borderLeftColor;
  document.documentElement.dataset.steps = steps.join(' ') + ' ' + (sides !== plain)"></iframe>"""


def test_nothing_that_a_run_holds_is_run(browse: Callable[..., str]) -> None:  # noqa: F811
    seen = browse(replay_page([hostile_fixture(PAYLOAD)]), "--dump-dom")
    assert "Runs, replayed" in seen and html.escape("<script>", quote=False) in seen
    assert MARK not in seen


@pytest.mark.parametrize("text", [PAYLOAD, "W" * 900, "\t".join("x" * 30), "</script>" + "—" * 300])
def test_a_phone_never_scrolls_sideways(text: str, browse: Callable[..., str]) -> None:  # noqa: F811
    page = replay_page([hostile_fixture(text), a_fixture(threat=a_run(a_turn(1, SWITCH)))])
    seen = browse(MEASURE.replace("360px", f"{WIDTH}px").format(page=html.escape(page)), "--dump-dom")
    inner, needed = map(int, seen.partition('data-width="')[2].partition('"')[0].split())
    assert inner == needed == WIDTH


def test_a_run_opens_and_what_it_did_for_the_target_stands_out(browse: Callable[..., str]) -> None:  # noqa: F811
    page = replay_page([a_fixture(threat=a_run(a_turn(1, SWITCH, text="Now this.")))])
    seen = browse(LOOK.format(page=html.escape(page)), "--dump-dom")
    assert 'data-steps="false true false true"' in seen
