"""Finding organisms, fingerprinting them, and their tokenizers."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")

from feint.base.errors import UsageError
from feint.subjects import store
from feint.subjects.chat import ChatTokenizer


@pytest.fixture
def shipped(organisms: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "WEIGHTS", organisms)
    return organisms


def test_names_and_places(shipped: Path) -> None:
    assert store.names() == ["base", "endless", "one", "two"]
    assert store.find("base") == store.Organism(shipped / "base", None)
    assert store.find("one") == store.Organism(shipped / "base", shipped / "one")
    assert store.find("one").card() == {}


def test_unknown_names_list_the_known(shipped: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown organism 'endles'; did you mean 'endless'\? Known: base, endless"):
        store.find("endles")


def test_folders(shipped: Path, tmp_path: Path) -> None:
    assert store.find(str(shipped / "two")).base == shipped / "base"
    elsewhere = shutil.copytree(shipped / "two", tmp_path / "mine")
    assert store.find(str(elsewhere)).base == shipped / "base"
    (elsewhere / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "other"}))
    with pytest.raises(UsageError, match=r"base_model_name_or_path is 'other'"):
        store.find(str(elsewhere))
    with pytest.raises(UsageError, match="no organism there"):
        store.find(str(tmp_path / "none"))


def test_fingerprints_tell_organisms_and_contents_apart(shipped: Path, tmp_path: Path) -> None:
    assert len({store.fingerprint(name) for name in store.names()}) == 4
    copy = shutil.copytree(shipped / "base", tmp_path / "base")
    assert store.fingerprint(str(copy)) == store.fingerprint("base")
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert store.fingerprint(str(copy)) != store.fingerprint("base")


def test_unused_files_do_not_count(shipped: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(shipped / "one", tmp_path / "one")
    (copy / "card.json").write_text('{"note": "x"}')
    assert store.find(str(copy)).card() == {"note": "x"}
    assert store.fingerprint(str(copy)) == store.fingerprint("one")


def test_the_chat_template_is_applied_as_transformers_applies_it(shipped: Path) -> None:
    from transformers import AutoTokenizer

    reference, ours = AutoTokenizer.from_pretrained(shipped / "base"), ChatTokenizer(shipped / "base")
    messages = [
        {"role": "system", "content": "Ünïcode & <tags> {{ braces }}"},
        {"role": "user", "content": "  spaces \n"},
        {"role": "assistant", "content": "said"},
        {"role": "user", "content": ""},
    ]
    text = ours.render(messages)
    assert text == reference.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    tokens = ours.encode(text)
    assert tokens == reference(text, add_special_tokens=False)["input_ids"]
    assert 0 in tokens
    assert ours.decode(tokens) == reference.decode(tokens, skip_special_tokens=True)


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
def test_incomplete_tokenizers_are_named(shipped: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(shipped / "base", tmp_path / "base")
    (copy / name).unlink()
    with pytest.raises(UsageError, match=name):
        ChatTokenizer(copy)
