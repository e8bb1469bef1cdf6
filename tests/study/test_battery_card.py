"""The card: every state is told apart from zero, hostile names stay text, and it fits a phone in light and dark."""

import html
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from battery_made_up import all_states, axis, card
from jsonschema import Draft202012Validator

from browsing import CHROMIUM, MARK, MEASURE, PAYLOAD, browse  # noqa: F401  # a fixture
from feint.base.errors import UsageError
from feint.findings.battery import BatteryFindings, PublishedFinding, battery_schema, is_battery, read_battery
from feint.stats.ranks import rank_correlation
from feint.study.battery.across import render_across, set_side_by_side
from feint.study.battery.card import write_card
from feint.study.battery.figures import scale_of, strip
from feint.study.battery.page import render_card
from hostile_page import PAYLOADS, Page

SCHEMA = Path(__file__).parents[2] / "docs" / "battery.schema.json"
STATES = ("untested", "instrument failed", "too little data", "failed to run")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's package 'chromium'")


def test_the_published_schema_is_current_and_fits_a_card() -> None:
    again = "python -m feint.findings.battery > docs/battery.schema.json"
    published = json.loads(SCHEMA.read_text("utf-8"))
    assert published == battery_schema(), f"write it anew: {again}"
    validator = Draft202012Validator(published)
    validator.validate(all_states().plain())
    assert not validator.is_valid(all_states().plain() | {"axes": [{"task": "one"}]})


def test_a_card_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    assert not is_battery(tmp_path)
    write_card(tmp_path, all_states())
    assert is_battery(tmp_path) and read_battery(tmp_path) == all_states()
    file = tmp_path / "battery.json"
    file.write_text(json.dumps(all_states().plain() | {"version": 9}))
    with pytest.raises(UsageError, match="a battery of version 9, expected 1"):
        read_battery(tmp_path)
    file.write_text(json.dumps(all_states().plain() | {"axes": 3}))
    with pytest.raises(UsageError, match="key 'axes'"):
        read_battery(tmp_path)


@pytest.mark.parametrize("narrow", [False, True])
def test_no_axis_without_an_estimate_shows_zero_or_a_mark(narrow: bool) -> None:
    for state in STATES:
        drawn = strip(axis("one", None, state=state), "a", narrow=narrow)
        assert f"{state}</text>" in drawn and "stroke-dasharray" in drawn and "<circle" not in drawn
        assert f"{state.capitalize()}, which is not zero." in drawn and ">0</text>" not in drawn
    zero = strip(axis("one", 0.0), "a", narrow=narrow)
    assert "<circle" in zero and ">0</text>" in zero and "stroke-dasharray" not in zero
    assert not any(state in zero for state in STATES)


def test_every_axis_has_its_own_scale_with_both_ranges_inside() -> None:
    shown = PublishedFinding(low=-0.5, high=0.9, source="one")
    assert scale_of([axis("one", 0.3)]) == (-0.1, 0.4)
    assert scale_of([axis("one", 0.3, published=shown)]) == (-0.5, 0.9)
    low, high = scale_of([axis("one", 1.2, low=0.4, high=2.1, unit="d′", smallest_effect=0.2)])
    assert low <= -0.4 and high >= 2.1
    assert scale_of([axis("one", None, state="untested")])[0] < 0 < scale_of([axis("one", None, state="untested")])[1]


def test_the_card_tells_states_ends_published_ranges_and_reports() -> None:
    page = render_card(all_states())
    words = " ".join(Page(page).words.split())
    for state in STATES:
        assert words.count(state) >= 2, state
    assert "more guarding" in words and "less holding" in words and "3 signatures of lab/model" in words
    assert "Published: −1.0 to 20.0 points. Someone 2026. Corrected later." in words
    assert 'href="alignment_faking/report.html"' in page and "40 replies, 2 missing" in words
    assert "1.2 d′ [0.4, 2]" in words and "30.0 points [20.0, 40.0]" in words
    assert "No signature of lab/model is decided" in Page(render_card(card(axis("one", 0.05)))).words


def hostile() -> BatteryFindings:
    """A card whose every text is hostile."""
    said = "".join(PAYLOADS).replace("\ud83d", "")  # half a character, which no file holds
    shown = PublishedFinding(low=0, high=1, source=said, note=said)
    texts = {"label": said, "less": said, "more": said, "reason": said, "published": shown}
    made = card(
        axis("one", 0.3, unit=said, **texts), axis("two", None, state="failed to run", **texts), subject=PAYLOAD + said
    )
    study = made.studies["alignment_faking"].model_copy(update={"title": said, "state": "failed", "reason": said})
    return made.model_copy(update={"size": said, "studies": {"alignment_faking": study}})


def no_script(page: str) -> None:
    found = Page(page)
    page.encode("utf-8")
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "textarea"}
    assert not [name for name, _ in found.attributes if name.startswith("on") or name == "src"]
    links = {value for name, value in found.attributes if name == "href"}
    assert links <= {"alignment_faking/report.html"} and page.count("</style>") == 1
    assert "\x1b" not in page and "\u202e" not in page and "49" not in found.words.replace("3.49", "")


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    no_script(render_card(hostile()))
    write_card(tmp_path / ".", hostile())
    no_script(render_across(set_side_by_side([tmp_path])))


def write_some(folder: Path, count: int) -> list[Path]:
    """Cards of models whose first two axes go together, and whose third is untested in one."""
    folders = []
    for number in range(count):
        value = 0.1 * number - 0.2
        third = axis("three", None, state="untested") if number == 0 else axis("three", 0.05 * (-1) ** number)
        out = folder / f"model-{number}"
        out.mkdir()
        write_card(out, card(axis("one", value), axis("two", value**3), third, subject=f"lab/model-{number}"))
        folders.append(out)
    return folders


def test_four_models_are_too_few_and_six_are_not(tmp_path: Path) -> None:
    folders = write_some(tmp_path, 6)
    few, enough = set_side_by_side(folders[:4]), set_side_by_side(folders)
    assert few.few == "too few models: 4 of 5 needed" and not few.pairs
    assert "Too few models: 4 of 5 needed" in Page(render_across(few)).words
    assert not enough.few and len(enough.pairs) == 3
    best = enough.pairs[0]
    assert {best.first.key, best.second.key} == {"one", "two"}
    assert best.found.rho == pytest.approx(1) and best.found.n == 6 and best.apart
    assert {pair.found.n for pair in enough.pairs[1:]} == {5}
    words = " ".join(Page(render_across(enough)).words.split())
    assert "Which signatures go together" in words and "+1.00" in words and "untested" in words


def test_cards_of_one_subject_are_told_apart_by_folder(tmp_path: Path) -> None:
    folders = write_some(tmp_path, 2)
    write_card(folders[1], read_battery(folders[0]))
    assert list(set_side_by_side(folders).cards) == [f"lab/model-0 ({folder})" for folder in folders]
    with pytest.raises(UsageError, match="compare cards with cards"):
        set_side_by_side([folders[0], tmp_path])


@pytest.mark.parametrize(("n", "slope"), [(5, 0.0), (8, 0.6), (20, 0.6)])
def test_intervals_of_rank_correlations_hold_the_truth(n: int, slope: float) -> None:
    rng, held, studies = np.random.default_rng(3), 0, 400
    truth = 6 / np.pi * np.arcsin(slope / 2)  # Spearman's rho of two normal measures
    for _ in range(studies):
        x = rng.normal(size=n)
        found = rank_correlation(x, slope * x + np.sqrt(1 - slope**2) * rng.normal(size=n))
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.93 <= held / studies <= 1


def test_alike_values_have_no_correlation() -> None:
    found = rank_correlation(np.ones(6), np.arange(6.0))
    assert (found.rho, found.low, found.n) == (None, None, 6)


@pytest.mark.browser
@needs_browser
def test_no_script_of_a_name_runs(browse: Callable[..., str]) -> None:  # noqa: F811
    seen = browse(render_card(hostile()), "--dump-dom")
    assert "How to read the card" in seen and MARK not in seen


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("kind", ["card", "hostile", "across"])
def test_a_phone_never_scrolls_sideways(kind: str, browse: Callable[..., str], tmp_path: Path) -> None:  # noqa: F811
    folders = write_some(tmp_path, 5)
    page = {"card": lambda: render_card(all_states()), "hostile": lambda: render_card(hostile()),
            "across": lambda: render_across(set_side_by_side(folders))}[kind]()  # fmt: skip
    seen = browse(MEASURE.format(page=html.escape(page)), "--dump-dom")
    inner, needed = map(int, seen.partition('data-width="')[2].partition('"')[0].split())
    assert (inner, needed <= inner) == (360, True)


@pytest.mark.browser
@needs_browser
def test_light_and_dark(browse: Callable[..., str], tmp_path: Path) -> None:  # noqa: F811
    from PIL import Image

    shades: dict[str, int] = {}
    for scheme, number in (("light", 1), ("dark", 0)):
        shot = tmp_path / f"{scheme}.png"
        scheme_flag = f"--blink-settings=preferredColorScheme={number}"
        browse(render_card(all_states()), scheme_flag, f"--screenshot={shot}", "--window-size=1100,1600")
        with Image.open(shot) as image:
            shades[scheme] = image.convert("L").crop((0, 0, 4, 4)).tobytes()[0]
            assert len(image.convert("RGB").getcolors(1 << 24) or []) > 50
    assert shades["light"] > 240 and shades["dark"] < 40
