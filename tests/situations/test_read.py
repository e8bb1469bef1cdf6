"""What finds the sentences of a level finds what its expression finds, from wherever it begins to look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.base.discovery import task_packages
from feint.situations import Wording, full_cell, load_conflict, load_facts, load_voices, render
from feint.situations.read import finders

CONFLICT = load_conflict("harmlessness")
cells = st.fixed_dictionaries({name: st.sampled_from(list(fact.levels)) for name, fact in load_facts().items()})
prompts = st.builds(
    lambda cell, voice, seed: render(cell, Wording(voice, seed), CONFLICT.requests[0], conflict=CONFLICT).system,
    cells,
    st.sampled_from(sorted(load_voices())),
    st.integers(0, 2**40),
)


@pytest.mark.parametrize("task", sorted(task_packages()))
def test_what_a_sentence_begins_with_has_no_full_stop(task: str) -> None:
    for name, levels in finders(task).items():
        for level, finder in levels.items():
            assert finder.whole.pattern.endswith(finder.ending.pattern)
            begins = finder.whole.pattern.removesuffix(finder.ending.pattern).replace(r"[^.\n]+?", "")
            assert "." not in begins and "\n" not in begins and r"\n" not in begins, (name, level)


@settings(max_examples=60, deadline=None)
@given(st.lists(prompts, min_size=1, max_size=3), st.integers(0, 4000), st.integers(0, 4000))
def test_finders_find_and_cut_what_the_expressions_do(texts: list[str], begin: int, end: int) -> None:
    text = "".join(texts) + " " + "".join(texts)[begin:end]
    for levels in finders().values():
        for finder in levels.values():
            assert finder.finds(text) == (finder.whole.search(text) is not None)
            if finder.finds(text):
                assert finder.cut(text) == finder.whole.sub("", text)


def test_a_sentence_said_twice_is_cut_twice() -> None:
    cell = full_cell({"trained": "self"})
    text = render(cell, Wording("memo", 1), CONFLICT.requests[0], conflict=CONFLICT).system
    assert finders()["trained"]["self"].cut(text + " " + text).count(finders()["trained"]["self"].cut(text)) == 2
