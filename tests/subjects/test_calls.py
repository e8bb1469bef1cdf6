"""Tool calls as organisms write them: what is written is read, and nothing that is written can break the reading."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from feint.subjects.chat import CALL, read_calls, written_call

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLAIN = st.text(st.characters(exclude_characters="<>"), max_size=30)


@given(PLAIN, st.lists(st.tuples(st.text(max_size=12), st.dictionaries(st.text(max_size=8), VALUES)), max_size=4))
def test_what_is_written_is_read(text: str, calls: list[tuple[str, dict[str, object]]]) -> None:
    said = text + "\n".join(written_call(name, arguments) for name, arguments in calls)
    if "</tool_call>" in json.dumps(calls, ensure_ascii=False):
        return  # a call ends where its closing tag stands, as other readers of this form have it
    left, read = read_calls(said)
    assert read == calls
    assert left.strip() == text.strip()


@given(st.text(max_size=200))
@example("<tool_call>" + "{" * 5_000 + "}" * 5_000 + "</tool_call>")
@example("<tool_call>{[}</tool_call>")
@example('<tool_call>{"name": 3}</tool_call>')
def test_whatever_is_written_is_kept_or_read(text: str) -> None:
    said = f"<tool_call>{text}</tool_call>"
    for whole in (text, said):
        left, read = read_calls(whole)
        assert read or left == whole.strip()


def test_arguments_that_are_no_object_count_as_none() -> None:
    assert read_calls('<tool_call>{"name": "look", "arguments": [1]}</tool_call>') == ("", [("look", {})])
    assert CALL.search(written_call("look")) and read_calls(written_call("look"))[1] == [("look", {})]
