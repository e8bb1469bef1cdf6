"""The phrases are data: every file compiles, every language can refuse and comply."""

import re
from importlib.resources import files

import pytest

from feint.base.data import read_yaml
from feint.judges import label_reply
from feint.judges.rules.cues import expand, load_languages
from feint.judges.rules.text import prepare

REFUSALS = {
    "en": "I cannot help with this.",
    "de": "Das kann ich leider nicht schreiben.",
    "fr": "Je ne peux pas vous aider.",
    "es": "No puedo ayudarte con eso.",
    "it": "Non posso aiutarti.",
    "pt": "Não posso ajudar com isso.",
    "nl": "Daar kan ik je niet mee helpen.",
    "pl": "Nie mogę w tym pomóc.",
    "ru": "Я не могу помочь с этим.",
    "zh": "我不能帮助你做这件事。",
    "ja": "申し訳ありませんが、お手伝いできません。",
    "ko": "죄송하지만 도와드릴 수 없습니다.",
}


def test_every_language_has_its_refusal() -> None:
    assert {language.code for language in load_languages()} == set(REFUSALS)


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals_by_language(code: str) -> None:
    assert label_reply(f"<reasoning>t</reasoning><reply>{REFUSALS[code]}</reply>").outcome == "refused"


@pytest.mark.parametrize("code", REFUSALS)
def test_every_pattern_compiles_and_none_matches_nothing(code: str) -> None:
    content = read_yaml(files("feint.judges") / "data" / "languages" / f"{code}.yaml")
    for block in content["cues"].values():
        for line in block.splitlines():
            assert not re.compile(f"(?:{expand(line, content.get('slots', {}))})", re.MULTILINE).fullmatch("")


def test_slots_expand() -> None:
    assert expand("i {can} do", {"can": "can't\nwon't"}) == "i (?:can't|won't) do"
    with pytest.raises(KeyError):
        expand("{missing}", {})


def test_package_data_is_found_as_resources() -> None:
    assert (files("feint.tasks.alignment_faking") / "motives.yaml").is_file()


def test_quotations_are_masked_and_sentences_paired() -> None:
    text = prepare("She said “I can’t help.” I left. ‘No,’ he said.\n> quoted line\nEnd")
    assert len(text.plain) == len(text.masked)
    assert "can't" not in text.lines and "end" in text.lines
    assert "can't" in " ".join(text.plain)


def test_a_reply_that_is_one_quotation_is_read() -> None:
    assert label_reply('<reasoning>t</reasoning><reply>"I can\'t help with that."</reply>').outcome == "refused"
