import io

from rich.console import Console

from feint.base.progress import _SHOWN, StudyProgress, Tally, showing


def test_a_tally_in_words() -> None:
    tally = Tally(3080, asked=400, missing=5, reused=300)
    tally.began -= 10.0
    assert tally.text().startswith("asked 400 of 3,080, 5 missing, 4:")
    assert Tally(3080, asked=312, reused=300).text() == "asked 312 of 3,080, 0 missing"  # too few to tell from
    assert Tally(9, doing="quiz: asked").text() == "quiz: asked 0 of 9, 0 missing"
    tally.spent = lambda: "1.20 of 20.00 USD"
    assert tally.text().startswith("asked 400 of 3,080, 5 missing, 1.20 of 20.00 USD, 4:")
    assert Tally(10).text() == "asked 0 of 10, 0 missing"


def test_lines_come_by_tenths() -> None:
    out = io.StringIO()
    tally = Tally(40)
    with showing(tally, "plain", Console(file=out)):
        assert StudyProgress().enabled()

        for asked in range(41):
            tally.asked = asked
            shown = _SHOWN.get()
            assert shown is not None
            shown[1].tell(tally)
    assert len(out.getvalue().splitlines()) == 11
    assert not StudyProgress().enabled()


def test_a_bar_and_silence() -> None:
    out = io.StringIO()
    with showing(Tally(4), "rich", Console(file=out, force_terminal=True)):
        assert StudyProgress().enabled()
    assert "asked 0 of 4" in out.getvalue()
    with showing(Tally(4), "none", Console(file=io.StringIO())):
        assert not StudyProgress().enabled()
