"""The page in a real browser, by keyboard: label, undo, skip, die, resume."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import PATIENCE, Browser

from feint.people.label import read_labels_of_people
from feint.people.label.replies import FinishedStudy
from started import start

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium found: install Debian's package 'chromium'"),
]

READY = "document.readyState === 'complete' && "


@contextmanager
def serving(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str, Path]]:
    """The program in a process of its own, the address that it prints, and where it prints."""
    said = folder.with_name("said")
    said.write_text("")
    command = ["label", str(folder), "--person", "ann", "-n", "12"]
    program = start(command, os.environ, folder=folder, said=said)
    try:
        yield program, printed(program, said), said
    finally:
        program.kill()
        program.wait(PATIENCE)


def printed(program: "subprocess.Popen[bytes]", said: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and program.poll() is None:
        for line in said.read_text().splitlines(keepends=True):
            if line.startswith("Open ") and line.endswith("\n"):
                return line.split()[1]
        time.sleep(0.05)
    raise AssertionError(f"no address: {said.read_text()}")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(str(CHROMIUM), tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture(autouse=True)
def fresh(browser: Browser) -> None:
    browser.events.clear()
    browser.look(1100, 800)


def at(browser: Browser, place: int) -> None:
    browser.wait(f"{READY} document.body.dataset.at === '{place}'")


def text(browser: Browser, selector: str) -> str:
    return str(browser.run(f"document.querySelector({json.dumps(selector)}).innerText"))


def events(folder: Path) -> list[str]:
    lines = (folder / "labels" / "ann.jsonl").read_text().splitlines()[1:]
    return [said.get("label", said["event"]) for said in map(json.loads, lines)]


def test_labelled_by_keyboard_killed_and_resumed(browser: Browser, folder: Path, study: FinishedStudy) -> None:
    with serving(folder) as (program, address, _):
        browser.open(address)
        at(browser, 0)
        assert "<script>alert(1)</script>" in text(browser, "#reply")
        shown = []
        for place, key in enumerate("2131"):
            shown.append(text(browser, "#request"))
            browser.press(key)
            at(browser, place + 1)
        browser.press("u")
        at(browser, 3)
        assert text(browser, "#request") == shown[3]
        assert text(browser, "[data-key=u]") == "u Undo (cannot tell)"
        browser.press("s")
        at(browser, 4)
        assert text(browser, ".far") == "3 of 12, 1 skipped"
        assert browser.complaints() == []
        program.kill()
        program.wait(PATIENCE)
        browser.press("2")
        browser.wait("!document.querySelector('.trouble').hidden")
        assert text(browser, ".trouble").startswith("Not saved: the program does not answer.")
        waiting = text(browser, "#request")
    assert events(folder) == ["refused", "complied", "unclear", "complied", "undo", "skip"]
    with serving(folder) as (program, address, said):
        browser.open(address)
        at(browser, 4)
        assert (text(browser, "#request"), text(browser, ".far")) == (waiting, "3 of 12, 1 skipped")
        for place in range(4, 12):
            browser.press("2")
            at(browser, place + 1 if place < 11 else 3)
        assert text(browser, "#request") == shown[3]
        assert "You skipped this one before" in text(browser, "main")
        browser.press("1")
        at(browser, -1)
        assert "All 12 replies have labels" in text(browser, "main")
        program.send_signal(signal.SIGINT)
        program.wait(PATIENCE)
        assert program.returncode == 0
        assert said.read_text().splitlines()[-1] == (
            f"12 of 12 replies labelled; write them as CSV with: feint label {folder} --export FILE.csv"
        )
    given = read_labels_of_people(folder)
    assert given["label"].value_counts().to_dict() == {"refused": 9, "complied": 2, "unclear": 1}
    assert given["weight"].sum() == pytest.approx(len(study.population))


def test_notes_reasoning_and_help(browser: Browser, folder: Path) -> None:
    with serving(folder) as (_, address, _):
        browser.open(address)
        at(browser, 0)
        browser.press("?")
        assert browser.run("document.querySelector('dialog').open")
        browser.press("2")
        browser.press("?")
        assert not browser.run("document.querySelector('dialog').open")
        browser.press("n")
        browser.type("1 2 3 s u")
        browser.press("2")
        browser.press("Escape")
        browser.press("r")
        browser.wait("document.querySelector('#reasoning').open && document.forms[0].elements.opened.value === '1'")
        assert events(folder) == []
        browser.press("3", modifiers=2)
        browser.press("3", autoRepeat=True)
        browser.press("3")
        at(browser, 1)
        assert browser.run("document.forms[0].elements.opened.value") == "0"
        (row,) = read_labels_of_people(folder).to_dict("records")
        assert (row["label"], row["note"], row["opened"]) == ("unclear", "1 2 3 s u2", True)
        browser.press("u")
        at(browser, 0)
        assert browser.run("document.querySelector('textarea').value") == "1 2 3 s u2"
        assert browser.complaints() == []


def test_the_mouse_and_a_page_without_scripts(browser: Browser, folder: Path) -> None:
    with serving(folder) as (_, address, _):
        browser.open(address)
        at(browser, 0)
        browser.run("document.querySelector('[value=refused]').click()")
        at(browser, 1)
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            browser.open(address)
            browser.run("document.querySelector('[value=complied]').click()")
            at(browser, 2)
            assert events(folder) == ["refused", "complied"]
        finally:
            browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_policy_stops_what_gets_into_the_page(browser: Browser, folder: Path) -> None:
    with serving(folder) as (_, address, _):
        browser.open(address)
        at(browser, 0)
        browser.run(
            "document.body.insertAdjacentHTML('beforeend',"
            ' \'<img src=x onerror="document.title = `ran`"><iframe srcdoc="<script>parent.document.title = `ran`'
            '</script>"></iframe><img src="https://example.com/x.png">\')'
        )
        browser.wait(f"{READY} document.querySelectorAll('img').length === 2")
        assert browser.run("new Promise(done => setTimeout(() => done(document.title), 300))") != "ran"
        assert sum("Content Security Policy" in said for said in browser.complaints()) >= 2


def test_a_phone_in_light_and_dark(browser: Browser, folder: Path, tmp_path: Path) -> None:
    from PIL import Image

    with serving(folder) as (_, address, _):
        shades = {}
        for scheme in ("light", "dark"):
            browser.look(360, 720, dark=scheme == "dark", phone=True)
            browser.open(address)
            browser.run("document.querySelector('#reply').textContent += 'W'.repeat(900)")
            browser.run("document.querySelectorAll('details').forEach(part => part.open = true)")
            assert browser.run("document.documentElement.scrollWidth") == 360
            assert browser.run("document.querySelector('.keys').getBoundingClientRect().bottom <= innerHeight")
            tall = browser.run("Math.min(...[...document.querySelectorAll('.keys button')].map(b => b.offsetHeight))")
            assert tall >= 44
            browser.shoot(tmp_path / "shot.png")
            with Image.open(tmp_path / "shot.png") as image:
                shades[scheme] = image.convert("L").getpixel((2, 2))
        assert shades["light"] > 240
        assert shades["dark"] < 40
