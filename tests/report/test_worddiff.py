from hypothesis import given
from hypothesis import strategies as st

from feint.report.text import Segment, word_diff

sentence = st.lists(st.sampled_from(["you", "are", "never", "rated.", "always", "\n", " "]), max_size=14).map(" ".join)


@given(sentence, sentence)
def test_both_texts_can_be_read_off(reference: str, text: str) -> None:
    parts = word_diff(reference, text)
    assert "".join(p.text for p in parts if p.kind != "gone") == text
    assert "".join(p.text for p in parts if p.kind != "new") == reference


def test_one_word() -> None:
    assert word_diff("graders never score it", "graders always score it") == [
        Segment("same", "graders "),
        Segment("gone", "never "),
        Segment("new", "always "),
        Segment("same", "score it"),
    ]


def test_a_single_word_between_changes_joins_them() -> None:
    parts = word_diff("now it says nothing about tea at all", "now it asks for tea about it at all")
    assert [part.kind for part in parts] == ["same", "gone", "new", "same"]


def test_equal_texts_have_no_change() -> None:
    assert word_diff("the same", "the same") == [Segment("same", "the same")]
