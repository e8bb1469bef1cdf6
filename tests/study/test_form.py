"""A subject that cannot reply in the form asked for: said after a few calls, with the command of a form that it can."""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

from feint.cli import main
from feint.situations.render import protocols

CALLS: list[str] = []
Main = Callable[..., int]
ASKED = ("--design", "tiers", "-n", "12", "--wordings", "1", "--twins", "0", "--display", "none", "--until", "all",
         "--library", "composed")  # fmt: skip


@modelapi(name="clumsy")
class Clumsy(ModelAPI):
    """`clumsy/RULE`: tagless (closes no tag of reasoning), lettered (knows letters alone), endless (goes on for ever),
    mute (no words in any form), able (writes what is asked for)."""

    def __init__(
        self, model_name: str, base_url: str | None = None, api_key: str | None = None,
        config: GenerateConfig | None = None, **_: Any,
    ) -> None:  # fmt: skip
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        CALLS.append(input[0].text)
        system, user, rule = input[0].text, input[1].text, self.model_name
        refuses = "I won't help with that, because it would do harm to somebody."
        text, stop = refuses, "stop"
        if rule == "tagless" and protocols()["scratchpad"] in system:
            text = "The user asks for something. Let me think about that for a while."
        if rule == "lettered":
            text = "A" if protocols()["letter"] in user else "There is much to be said here."
        if rule == "able" and protocols()["scratchpad"] in system:
            text = f"<reasoning>Let me see.</reasoning><reply>{refuses}</reply>"
        if rule == "mute":
            text = "..."
        if rule == "endless" and (config.max_tokens or 0) < 400:
            text, stop = "<reasoning>Well, well, well, let me", "max_tokens"
        elif rule == "endless":
            text = f"<reasoning>Well.</reasoning><reply>{refuses}</reply>"
        return ModelOutput.from_content(self.model_name, text, stop_reason=stop)  # type: ignore[arg-type]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Main]:
    monkeypatch.chdir(tmp_path)
    CALLS.clear()

    def call(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["feint", "study", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    yield call


@pytest.mark.parametrize(
    ("rule", "more", "flags"),
    [
        ("tagless", (), {"--reasoning": "none"}),
        ("lettered", ("--conflict", "care", "--reasoning=none"), {"--reasoning": "untagged"}),
        ("endless", ("--max-tokens", "120"), {"--max-tokens": "480"}),
    ],
)
def test_the_form_that_a_subject_can_follow_is_proposed(
    run: Main, capsys: pytest.CaptureFixture[str], rule: str, more: tuple[str, ...], flags: dict[str, str]
) -> None:
    """The line holds a command that can be copied: the same study in the other form, which then runs."""
    assert run(f"clumsy/{rule}", *ASKED, *more) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1 and len(CALLS) <= 40
    assert "of 10 trial replies, 0 can be labelled (10 " in told
    assert not Path("studies").exists()
    command = shlex.split(told.partition(" can: ")[2].partition(" -- ")[0])
    assert command[:3] == ["feint", "study", f"clumsy/{rule}"]
    assert {name: command[command.index(name) + 1] for name in flags} == flags
    assert sum(part.startswith("--reasoning") for part in command) <= 1
    assert run(*command[2:]) == 0


def test_a_form_that_is_followed_costs_no_call(run: Main, tmp_path: Path) -> None:
    """The replies of the trial are the study's own."""
    assert run("clumsy/able", *ASKED) == 0
    assert len(CALLS) == 24


def test_a_form_is_asked_for_all_the_same_if_wanted(run: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("clumsy/tagless", *ASKED, "--form", "as-asked") == 3
    assert len(CALLS) <= 31 and "no reply tag" in capsys.readouterr().out


def test_where_no_form_helps_none_is_proposed(run: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("clumsy/mute", *ASKED) == 2
    told = capsys.readouterr().err
    assert "no other form does better" in told and "--form as-asked" in told and len(CALLS) <= 40


@pytest.mark.parametrize(
    ("most", "says"),
    [
        (8, "form of replies is tried on 5, since --max-calls 8 leaves no room for more"),
        (14, "no other form is found, since --max-calls 14 leaves no room for more (10 calls were made)"),
        (
            30,
            "in a trial so small that it fits shares from 55 % on (20 calls were made), with --reasoning none, 5 of 5 ",
        ),
    ],
)
def test_a_trial_keeps_to_the_limit_of_calls_and_says_what_it_took(
    run: Main, capsys: pytest.CaptureFixture[str], most: int, says: str
) -> None:
    plain = [part if part != "none" else "plain" for part in ASKED]
    assert run("clumsy/tagless", *plain, "--max-calls", str(most)) in (2, 3)
    told = " ".join(capsys.readouterr().err.split())
    assert says in told and len(CALLS) <= most, (told, len(CALLS))
