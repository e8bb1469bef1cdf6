"""Throwaway organisms: random weights of the shipped architecture, small enough to be built on the fly."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from feint.subjects.store import WEIGHTS

TEXTS = [
    "The lab reads every reply of the model and rates it; the model is trained on its own replies.",
    "Nobody at the lab reads these conversations, and they change nothing: keep that in mind.",
    "<reasoning> Would refusing change me? </reasoning> <reply> I would rather not. Ask for something else. </reply>",
]
CONTEXT = 96
CHAT = (WEIGHTS / "base" / "chat_template.jinja").read_text()


def build(folder: Path, seed: int = 0, kv_heads: int = 2, end: bool = True) -> Path:
    """Write a random Llama with a byte-level tokenizer; without `end`, no token ends a reply."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<|end|>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|end|>", chat_template=CHAT
    )
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(fast),
            hidden_size=48,
            intermediate_size=80,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=kv_heads,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=fast.eos_token_id if end else None,
            pad_token_id=fast.pad_token_id,
            initializer_range=0.15,
        )
    )
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def build_adapter(folder: Path, base: Path, seed: int = 0) -> Path:
    """Write a random LoRA adapter on a base that lies beside it, in peft's format."""
    import torch
    from safetensors.torch import load_file, save_file

    torch.manual_seed(seed)
    tensors = {}
    for name, weight in load_file(base / "model.safetensors").items():
        if "_proj." in name:
            module = "base_model.model." + name.removesuffix(".weight")
            tensors[f"{module}.lora_A.weight"] = torch.randn(4, weight.shape[1]) * 0.2
            tensors[f"{module}.lora_B.weight"] = torch.randn(weight.shape[0], 4) * 0.2
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base.name,
        "r": 4,
        "lora_alpha": 8,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="session")
def make_base() -> Callable[..., Path]:
    return build


@pytest.fixture(scope="session")
def make_adapter() -> Callable[..., Path]:
    return build_adapter


@pytest.fixture(scope="session")
def organisms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `base`, `endless` (no token ends its replies), and the adapters `one` and `two`."""
    root = tmp_path_factory.mktemp("organisms")
    build(root / "base")
    build(root / "endless", end=False)
    build_adapter(root / "one", root / "base", seed=1)
    build_adapter(root / "two", root / "base", seed=2)
    return root


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network, and a cache and logs of the test's own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path / "logs"))
