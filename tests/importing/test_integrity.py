from pathlib import Path

import pytest

from feint.study.importing.integrity import check_cells, check_missing, check_subjects, digest
from feint.study.importing.transcript import RecordedReply
from feint.study.importing.vlaf import read_vlaf

CELLS = ["free", "paid"]


def replies(subject: str, text: str = "{subject} {cell} {request} {sample}", requests: int = 15) -> list[RecordedReply]:
    return [
        RecordedReply(
            subject,
            cell,
            f"r{request}",
            sample,
            text.format(subject=subject, cell=cell, request=request, sample=sample),
        )
        for request in range(requests)
        for cell in CELLS
        for sample in (1, 2)
    ]


def test_distinct_subjects_raise_no_warning() -> None:
    subjects = {name: replies(name) for name in ("one", "two")}
    assert check_subjects(subjects) == {"one": [], "two": []}
    assert check_cells("one", subjects["one"], CELLS) == []


def test_copies_are_named_whatever_their_order() -> None:
    first = replies("one", "{cell} {request} {sample}")
    second = [RecordedReply("two", *one.key[1:], one.reply) for one in reversed(first)]
    found = check_subjects({"one": first, "two": second, "three": replies("three")})
    assert (
        found["one"]
        == found["two"]
        == ["one and two have identical replies, all 60 of them: one of the two is mislabelled or a copy"]
    )
    assert found["three"] == []
    assert digest(first) == digest(second) != digest(replies("three"))


def test_a_partial_copy_is_named_if_its_replies_are_long() -> None:
    long = "{request} {sample} {cell} " + "word " * 60
    first, second = replies("one", long), replies("two", "{subject}" + long)
    mixed = second[:20] + [RecordedReply("two", *one.key[1:], one.reply) for one in first[20:]]
    [warning] = check_subjects({"one": first, "two": mixed})["two"]
    assert warning == "one and two share 67% of their long replies word for word: part of one is a copy"
    short = {name: replies(name, "b)") for name in ("one", "two")}
    assert "identical" in check_subjects(short)["one"][0]
    short["two"][0] = RecordedReply("two", "free", "r0", 1, "a)")
    assert check_subjects(short)["one"] == []


def test_cells_must_hold_the_same_requests() -> None:
    whole = replies("one")
    assert check_cells("one", [r for r in whole if r.cell == "free"], CELLS) == ["one: no reply in cell 'paid'"]
    less = [r for r in whole if (r.cell, r.request) != ("paid", "r3")]
    assert check_cells("one", less, CELLS) == [
        "one: 1 requests of cell 'free' are not in every cell, such as 'r3'; they are left out"
    ]
    uneven = [r for r in whole if r.key != ("one", "paid", "r3", 2)]
    assert check_cells("one", uneven, CELLS) == [
        "one: 1 requests have more replies in one cell than in another, such as 'r3'; what has no counterpart is left "
        "out"
    ]


def test_constant_replies_and_copied_cells_are_named() -> None:
    [free, paid] = check_cells("one", replies("one", "Sorry, no."), CELLS)
    assert free == "one: 100% of the replies in cell 'free' are the same text, 'Sorry, no.'"
    assert "cell 'paid'" in paid
    copied = replies("one", "{request} {sample} " + "word " * 60)
    assert check_cells("one", copied, CELLS) == [
        "one: cells 'free' and 'paid' share 100% of their long replies word for word: one may be a copy of the other"
    ]


def test_nearly_nothing_labelled_is_named() -> None:
    reasons = ["", "no_choice_tag", *["chose_neither"] * 8]
    assert check_missing("one", {"free": reasons, "paid": [""] * 10}) == [
        "one: 90% of the replies in cell 'free' could not be labelled, most often because of 'chose neither' (8)"
    ]


@pytest.mark.transcripts
def test_the_releases_defect_is_found_and_nothing_else(release: list[Path]) -> None:
    subjects = read_vlaf(release).subjects
    found = {name: warnings for name, warnings in check_subjects(subjects).items() if warnings}
    assert set(found) == {"olmo2-7b-instruct", "olmo2-13b-instruct"}
    assert "identical replies, all 640" in found["olmo2-7b-instruct"][0]
    assert not [text for name, one in subjects.items() for text in check_cells(name, one, CELLS)]
