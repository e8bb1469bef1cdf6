import io

from rich.console import Console

from feint.base.progress import _SHOWN, Progress, StudyProgress, showing, steps


def test_progress_in_words() -> None:
    progress = Progress(3080, asked=400, missing=5, reused=300)
    progress.began -= 10.0
    assert progress.text().startswith("asked 400 of 3,080, 5 missing, 4:")
    assert Progress(3080, asked=312, reused=300).text() == "asked 312 of 3,080, 0 missing"  # too few to tell from
    assert Progress(9, doing="quiz: asked").text() == "quiz: asked 0 of 9, 0 missing"
    progress.spent = lambda: "1.20 of 20.00 USD"
    assert progress.text().startswith("asked 400 of 3,080, 5 missing, 1.20 of 20.00 USD, 4:")
    assert Progress(10).text() == "asked 0 of 10, 0 missing"


def test_lines_come_by_tenths() -> None:
    out = io.StringIO()
    progress = Progress(40)
    with showing(progress, "plain", Console(file=out)):
        assert StudyProgress().enabled()

        for asked in range(41):
            progress.asked = asked
            shown = _SHOWN.get()
            assert shown is not None
            shown[1](asked, 40, progress.text())
    assert len(out.getvalue().splitlines()) == 11
    assert not StudyProgress().enabled()


def test_a_bar_and_silence() -> None:
    out = io.StringIO()
    with showing(Progress(4), "rich", Console(file=out, force_terminal=True)):
        assert StudyProgress().enabled()
    assert "asked 0 of 4" in out.getvalue()
    with showing(Progress(4), "none", Console(file=io.StringIO())):
        assert not StudyProgress().enabled()


def test_steps_are_lines_only_where_they_are_wanted() -> None:
    for lines, expected in ((True, ["model: preparing", "model: step 1 of 2", "model: step 2 of 2"]), (False, [])):
        out = io.StringIO()
        with steps("model", Console(file=out), lines=lines) as show:
            for done in (1, 1, 2):
                show(done, 2)
        assert out.getvalue().splitlines() == expected
    out = io.StringIO()
    with steps("model", Console(file=out, force_terminal=True)) as show:
        show(1, 2)
    assert "step 1 of 2" in out.getvalue()
