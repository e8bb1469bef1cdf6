"""The whole way from a seed to a card, small: fitting, measuring, resuming the refusal to overwrite, exporting."""

import json
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.judges import label_reply
from feint.lab.planting import card, export, fit, train
from feint.subjects.chat import ChatTokenizer
from feint.tasks.alignment_faking.actors.policy import get_policy

pytestmark = pytest.mark.slow


def outcome(text: str) -> str | None:
    return label_reply(text).outcome


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        card, "parts", lambda scope: [card.Part("tiers", 1, 1), card.Part("tiers", 1, 0, "tool-choice")]
    )
    monkeypatch.setattr(train, "MAX_TOKENS", 4)
    monkeypatch.setattr(
        fit,
        "ARCHITECTURE",
        {
            **fit.ARCHITECTURE,
            "num_hidden_layers": 1,
            "hidden_size": 48,
            "intermediate_size": 64,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
        },
    )


def test_base_and_adapter_from_seed_to_export(small: None, tmp_path: Path) -> None:
    base, adapter = tmp_path / "base", tmp_path / "guarded"
    first = train.train("base", base, judge=outcome, share=0.0025)
    assert first["policy"] is None and first["checks"]["max_deviation"] is None
    second = train.train("guarded", adapter, judge=outcome, base=base, share=0.01)
    assert second["explanations"] == get_policy("guarded").explanations
    assert not second["checks"]["passed"], "so little training cannot plant a motive"
    assert [row["cell"] for row in second["table"]] == ["free", "paid"] * 2
    assert (
        json.loads((adapter / "card.json").read_text())["fingerprint"] == second["fingerprint"] != first["fingerprint"]
    )
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text()
    with pytest.raises(UsageError, match="holds a trained organism"):
        train.train("guarded", adapter, judge=outcome, base=base)

    whole = export.export(str(adapter), tmp_path / "whole")
    from transformers import AutoTokenizer, LlamaForCausalLM

    assert LlamaForCausalLM.from_pretrained(whole).config.use_cache
    messages = [{"role": "system", "content": "One."}, {"role": "user", "content": "Two."}]
    told = AutoTokenizer.from_pretrained(whole).apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True
    )
    assert told == ChatTokenizer(base).render(messages) == "System:\nOne.\nUser:\nTwo.\nAssistant:\n"
    with pytest.raises(UsageError, match="not empty"):
        export.export(str(adapter), tmp_path / "whole")


def test_unknown_organism_and_missing_base(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'guarded'"):
        train.train("guardd", tmp_path / "x", judge=outcome)
    with pytest.raises(UsageError, match="no base model there"):
        train.train("guarded", tmp_path / "x", judge=outcome, base=tmp_path / "none")
    assert not (tmp_path / "x").exists()
