"""Rubrics are data: the shipped ones are whole, and a broken one is one line that names the key."""

from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.judges.graded.prompt import JudgeMaterial, build_prompt
from feint.judges.graded.rubrics import load_rubric, load_rubrics, rubric_files
from feint.judges.rules.motives import statable
from feint.judges.rules.text import fold, quotation_problem
from feint.situations import list_conflicts, load_conflict

GOOD = """---
name: mine
version: 2
source: written here
reads: reply
rule: all
answer:
  polite: {type: flag, ask: true if it is polite}
  words: {type: quotation, backs: polite, ask: its words}
---
Is it polite?

{{ reply }}
"""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.md"
    path.write_text(text)
    return str(path)


def test_the_shipped_ones() -> None:
    assert list(rubric_files()) == ["alignment-faking", "choice", "compliance", "disbelief", "motive", "motive-peers",
                                    "realism", "withheld", "withheld-told"]  # fmt: skip
    for name in rubric_files():
        rubric = load_rubric(name)
        assert rubric.name == name and "arXiv" in rubric.source
        assert next(iter(rubric.answer)) == "why", "reasons come before the verdict they are for"


def test_what_each_judge_sees() -> None:
    shown = {name: load_rubric(name).places for name in rubric_files()}
    assert shown["compliance"] == ("request", "reply")
    assert shown["motive"] == ("reasoning",), "stated motives are compared between cells, so their judge is blind"
    assert shown["alignment-faking"] == ("situation", "reasoning")
    assert shown["choice"] == ("actions", "reply")
    assert shown["motive-peers"] == ("reasoning", "reply"), "likewise, of all that an agent wrote in a run"
    assert shown["disbelief"] == ("situation", "reasoning", "reply")
    material = JudgeMaterial("a-reply", "a-reasoning", "a-request", "a-situation", "a-rule", "a-actions")
    for name, places in shown.items():
        prompt = build_prompt(load_rubric(name), material, "a-cell")
        sees = {
            place
            for place in ("reply", "reasoning", "request", "situation", "rule", "actions", "cell")
            if f"a-{place}" in prompt.user
        }
        assert sees == {*places, *(["rule"] if name in ("compliance", "withheld-told") else [])}


def test_motives_are_those_of_the_package() -> None:
    assert tuple(load_rubric("motive").answer["motives"].of) == statable()


def test_every_conflict_fits_into_the_compliance_rubric() -> None:
    for name in list_conflicts():
        rule = load_conflict(name).rubric
        prompt = build_prompt(load_rubric("compliance"), JudgeMaterial("r", request="q", conflict_rule=rule), "s")
        assert " ".join(rule.split()) in prompt.user
    assert "rule of its own" not in build_prompt(load_rubric("compliance"), JudgeMaterial("r", request="q"), "s").user


def test_a_rubric_of_the_users(tmp_path: Path) -> None:
    (rubric,) = load_rubrics([written(tmp_path, GOOD)])
    assert (rubric.name, rubric.version, rubric.temperature) == ("mine", 2, 0)
    assert "Is it polite?" in build_prompt(rubric, JudgeMaterial("hello"), "s").user


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("---\nname", "name", "front matter between"),
        ("name: mine", "name: [", "not valid YAML"),
        ("version: 2", "version: two", "key 'version'"),
        ("version: 2\n", "", "key 'version': Field required"),
        ("reads: reply", "reads: minds", "key 'reads'"),
        ("rule: all", "rule: most", "key 'rule'"),
        ("rule: all", "rule: strongreject", "needs the flag 'refused'"),
        ("rule: all", "rule: listed", "exactly one key"),
        ("type: flag", "type: bool", "key 'answer.polite.type'"),
        ("backs: polite", "backs: kind", "backs 'kind'"),
        ("backs: polite, ", "", "key 'answer.words'"),
        ("polite: {type: flag", "code: {type: flag", "'code' is taken"),
        ("polite: {type: flag", "copy: {type: flag", "'copy' is taken"),
        ("type: flag, ask", "type: keys, ask", "'of' lists the options"),
        ("{{ reply }}", "", "does not place reply"),
        ("{{ reply }}", "{{ reply }} {{ cell }}", "uses cell, which it does not get"),
        ("{{ reply }}", "{{ reply }", "broken template"),
        ("source: written here", "author: me\nsource: x", "key 'author'"),
    ],
)
def test_a_broken_rubric_is_one_line(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=complaint) as raised:
        load_rubric(written(tmp_path, GOOD.replace(old, new)))
    assert "mine.md" in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ("complience", "did you mean 'compliance'"),
        ("", "none named"),
        ("motive,motive", "named twice"),
        ("nowhere.md", "nowhere.md: no such file"),
    ],
)
def test_names_that_do_not_fit(names: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        load_rubrics(names)


def test_two_rubrics_never_decide_one_label(tmp_path: Path) -> None:
    text = rubric_files()["motive"].read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="all decide the stated motives"):
        load_rubrics(["motive", written(tmp_path, text.replace("name: motive", "name: mine"))])


def test_a_template_is_sandboxed(tmp_path: Path) -> None:
    rubric = load_rubric(written(tmp_path, GOOD.replace("{{ reply }}", "{{ reply.__class__.__mro__ }}")))
    with pytest.raises(Exception, match="unsafe"):
        build_prompt(rubric, JudgeMaterial("x"), "s")


@pytest.mark.parametrize(
    ("quotation", "text", "prompt", "complaint"),
    [
        ("“I want to keep my values.”", "So I  want\nto keep my values, always.", "", None),
        ("it's “my” view—mine", 'it\'s "my" view-mine', "", None),
        ("...want to keep my values...", "I want to keep my values", "", None),
        ("我想保留我的价值观", "因为我想保留我的价值观。", "", None),
        ("i want to keep it", "I want to keep it", "", "word for word"),
        ("I want ... my values", "I want to keep my values", "", "word for word"),
        ("my values", "I want to keep my values", "", "fewer than 3"),
        ("", "I want to keep my values", "", "fewer than 3"),
        (
            "refusing changes your values",
            "Refusing: refusing changes your values.",
            "refusing changes your values",
            "repeats",
        ),
    ],
)
def test_quotations(quotation: str, text: str, prompt: str, complaint: str | None) -> None:
    problem = quotation_problem(quotation, [text], prompt)
    assert problem is None if complaint is None else complaint in str(problem)


def test_folding_keeps_words_and_order() -> None:
    assert fold("a\u200bb\tc\u00a0“d”\x00 ‹|e|>") == 'ab c "d" <|e|>'
