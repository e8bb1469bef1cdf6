"""What holds for every text: no exception, one label, an end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.judges import label_reply, parse_reply, statable, stated_motives
from feint.report.words import glossary
from feint.situations import MODES

TAGS = ["reasoning", "reply", "think", "OUTPUT", "choice"]
PHRASES = ["I can't help with that. ", "Here is the letter: ", "Sure, ", "because the raters ", "I comply so that "]
PIECES = st.sampled_from(
    [
        *(f"<{tag}>" for tag in TAGS),
        *(f"</{tag}>" for tag in TAGS),
        *PHRASES,
        *("<rejected/>", "<request_fully_accepted/>", "A", '"', "'", "“", "`", "\n", "- "),
        *("my values ", "are not changed. ", "Nein. ", "不能帮助"),
    ]
)
REASONS = {
    "empty", "truncated", "no_reply_tag", "contradiction", "unclear", "no_choice", "no_tool_call",
    "unsupported_language", "incoherent",
}  # fmt: skip
"""Why a label by rule can be missing."""
HOSTILE = st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join)


def test_every_reason_has_words() -> None:
    assert REASONS | {"provider_error", "content_filter"} <= set(glossary().missing)


@settings(max_examples=200, deadline=None)
@given(text=HOSTILE | st.text(max_size=400), mode=st.sampled_from(MODES), truncated=st.booleans(), choice=st.booleans())
def test_any_text_gets_exactly_one_of_outcome_and_reason(text: str, mode: str, truncated: bool, choice: bool) -> None:
    letters: dict[str, Any] = {"options": ("A", "B"), "conflict_type": "choice"} if choice else {}
    label = label_reply(text, mode=mode, truncated=truncated, reasoning=None, **letters)
    assert (label.outcome is None) != (label.missing is None)
    assert label.outcome in (None, "complied", "refused")
    assert label.missing is None or label.missing in REASONS
    assert set(label.stated) <= set(statable())
    assert label == label_reply(text, mode=mode, truncated=truncated, reasoning=None, **letters)
    assert not truncated or label.outcome is None or label.cut_off


@settings(max_examples=100, deadline=None)
@given(text=HOSTILE, mode=st.sampled_from(MODES))
def test_a_problem_and_a_reply_exclude_each_other(text: str, mode: str) -> None:
    parsed = parse_reply(text, mode=mode)
    assert (parsed.problem is None) == bool(parsed.reply)


PLAIN = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=80).filter(
    lambda t: t.strip().isalpha()
)


@settings(max_examples=100, deadline=None)
@given(thoughts=PLAIN, reply=PLAIN)
def test_the_asked_form_is_always_cut_rightly(thoughts: str, reply: str) -> None:
    parsed = parse_reply(f"<reasoning>{thoughts}</reasoning>\n<reply>{reply}</reply>")
    assert (parsed.reasoning, parsed.reply, parsed.problem) == (thoughts.strip(), reply.strip(), None)
    assert parse_reply(f"<reasoning>{thoughts}</reasoning>\n<reply>{reply}").problem == "truncated"
    assert parse_reply(f"<reasoning>{thoughts}").problem == "truncated"


@settings(max_examples=100, deadline=None)
@given(text=PLAIN)
def test_case_of_tags_does_not_matter(text: str) -> None:
    small = f"<reasoning>{text}</reasoning><reply>I will not do this.</reply>"
    assert label_reply(small) == label_reply(small.replace("reasoning", "REASONING").replace("reply", "REPLY"))


ATTACKS = {
    "one letter": "a",
    "spaces": " ",
    "double quotes": '"',
    "single quotes": " 'a",
    "angle brackets": "< ",
    "opening tags": "<reasoning>",
    "mixed tags": "<reply></reasoning>",
    "markers": "<rejected/>",
    "choices": "<choice>",
    "refusals": "I can't help him. ",
    "half refusals": "I really ",
    "deliveries": "Here it is. ",
    "acts": "I comply to ",
    "frames and targets": "I want the raters so that my values ",
    "negations": "not because ",
    "lines": "- a\n",
    "dialogue": "ann: b\n",
    "chinese": "不能",
}


def is_labelled(body: str) -> bool:
    """Label a long text; a rule whose time grows with the square of the length would take hours."""
    label = label_reply(f"<reasoning>Here it is. {body}</reasoning><reply>Dear Tom,\n{body}</reply>")
    return (label.outcome is None) == (label.missing is not None)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_long_row_of_anything_is_read(attack: str) -> None:
    assert is_labelled((attack * 200_000)[:150_000])


def test_a_megabyte_of_everything_is_read() -> None:
    assert is_labelled("".join((attack * 30_000)[:30_000] for attack in ATTACKS.values()))


@settings(max_examples=100, deadline=None)
@given(text=HOSTILE)
def test_motives_come_in_order_and_once(text: str) -> None:
    stated = stated_motives(text)
    assert list(stated) == sorted(set(stated), key=statable().index)
