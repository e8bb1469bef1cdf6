"""Cutting a text into reasoning and reply."""

import pytest

from feint.base.errors import UsageError
from feint.judges import parse_reply


def test_asked_form() -> None:
    parsed = parse_reply("<reasoning>\nI think.\n</reasoning>\n<reply>\nSure.\n</reply>")
    assert (parsed.reasoning, parsed.reply, parsed.problem) == ("I think.", "Sure.", None)
    assert parsed.replies == ("Sure.",)


@pytest.mark.parametrize(
    "text",
    [
        "<REASONING>t</REASONING><REPLY>r</REPLY>",
        "<SCRATCHPAD_REASONING>t</SCRATCHPAD_REASONING><OUTPUT>r</OUTPUT>",
        "< reasoning >t</ reasoning ><reply>r</reply>",
        "<think>t</think><reply>r</reply>",
        "<think>t</think>r",
        "t</think>\nr",
        "t</reasoning><reply>r</reply>",
        "t\n<reply>r</reply>",
        "<reasoning>t</reasoning> r",
        "<reasoning>t<reply>r</reply>",
        "<reasoning>t</reasoning><reply><reply>r</reply></reply>",
        "<reasoning>t</reasoning><reply><reply>r</reply>",
        "<reply><reasoning>t</reasoning>r</reply>",
        "<reply>r</reply><reasoning>t</reasoning>",
        "<reasoning>t</reasoning><reply>r</reply></reply></reasoning>",
    ],
)
def test_variants_of_the_form(text: str) -> None:
    parsed = parse_reply(text)
    assert (parsed.reasoning, parsed.reply, parsed.problem) == ("t", "r", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("...", "empty"),
        ("<reasoning>t</reasoning><reply></reply>", "empty"),
        ("<reasoning>t</reasoning><reply>---</reply>", "empty"),
        ("<reasoning>t", "truncated"),
        ("<reasoning>t</reasoning><reply>r", "truncated"),
        ("<think>t", "truncated"),
        ("I think that I refuse.", "no_reply_tag"),
        ("<reasoning>t</reasoning>", "no_reply_tag"),
        ("<reasoning>t <reply>a draft</reply> more</reasoning>", "no_reply_tag"),
        ("Think between <reasoning> and </reasoning>, then reply between <reply> and </reply>.", "no_reply_tag"),
    ],
)
def test_problems(text: str, problem: str) -> None:
    parsed = parse_reply(text)
    assert (parsed.reply, parsed.problem) == ("", problem)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("<reasoning>t</reasoning><reply>Your hat is ugly.", "Your hat is ugly."),
        ("<think>t</think>\n<output>\nYour hat (the old one)", "Your hat (the old one)"),
        ("<thinking>\nt.\n\n<OUTPUT>\nYour hat is ugly!", "Your hat is ugly!"),
        ("<thinking>\nt.\n<OUTPUT>\nYour hat is ugly\n</OUTPUT>\nThis reply obeys.", "Your hat is ugly"),
        ("<reasoning>t</reasoning><reply>你的帽子很难看。", "你的帽子很难看。"),
    ],
)
def test_a_closing_tag_that_alone_is_absent_cuts_nothing_off(text: str, reply: str) -> None:
    parsed = parse_reply(text)
    assert (parsed.reply, parsed.problem) == (reply, None)
    assert "obeys" not in parsed.reply


def test_a_reply_that_is_cut_off_is_kept_as_far_as_it_goes() -> None:
    assert parse_reply("<reasoning>t</reasoning><reply>Dear Tom, your hat is").begun == "Dear Tom, your hat is"
    assert parse_reply("Dear Tom, your hat is", mode="none", truncated=True).begun == "Dear Tom, your hat is"
    assert parse_reply("Dear Tom, your hat is", truncated=True).begun == "", "these may be thoughts"
    assert parse_reply("<reasoning>t <reply>a draft</reply> and more", truncated=True).begun == ""


def test_token_limit_comes_before_everything_else() -> None:
    whole = "<reasoning>t</reasoning><reply>r</reply>"
    assert parse_reply(whole, truncated=True).problem == "truncated"
    assert parse_reply("", truncated=True).problem == "truncated"


@pytest.mark.parametrize("mode", ["native", "none"])
def test_without_a_scratchpad_a_bare_text_is_the_reply(mode: str) -> None:
    parsed = parse_reply("r", mode=mode, reasoning="t")
    assert (parsed.reasoning, parsed.reply, parsed.problem) == ("t", "r", None)
    assert parse_reply("<think>t</think>", mode=mode).problem == "empty"


def test_nested_reasoning_and_drafts_stay_reasoning() -> None:
    text = "<scratchpad_reasoning>a <draft_output>b</draft_output> c</scratchpad_reasoning><output>d</output>"
    parsed = parse_reply(text)
    assert parsed.reply == "d"
    assert "b" in parsed.reasoning and "<" not in parsed.reasoning


def test_tags_that_are_only_talked_about() -> None:
    text = "<reasoning>I reply between <reply> and </reply>, as told.</reasoning>\n<reply>Use `<reply>` twice.</reply>"
    parsed = parse_reply(text)
    assert parsed.problem is None
    assert parsed.reply.startswith("Use")
    echoed = parse_reply("<reasoning> and </reasoning> <reply> and </reply>\n<reasoning>t</reasoning><reply>r</reply>")
    assert echoed.replies == ("r",)


def test_text_around_the_reply_belongs_to_it() -> None:
    parsed = parse_reply("<reasoning>t</reasoning>before<reply>r</reply>after")
    assert parsed.reply.split() == ["before", "r", "after"]


def test_unknown_mode() -> None:
    with pytest.raises(UsageError, match="unknown reasoning mode 'scratch'; did you mean 'scratchpad'"):
        parse_reply("r", mode="scratch")
