"""The hand-written arithmetic against transformers' own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from feint.base.errors import UsageError

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from feint.subjects.engine.checkpoint import read_ends, read_shape  # noqa: E402
from feint.subjects.engine.llama import MIN_ROWS, Cache, Llama  # noqa: E402


def ours(folder: Path, tokens: "torch.Tensor", prompt: int, adapter: Path | None = None) -> "torch.Tensor":
    """Logits after each token from `prompt` on, by prefill and then one decode at a time."""
    model = Llama(folder, adapter)
    cache = Cache(model.shape, MIN_ROWS)
    with torch.inference_mode():
        logits = [model.prefill(cache, 0, tokens[:prompt])]
        cache.open(0, prompt)
        for length in range(prompt, len(tokens)):
            lengths = torch.full((MIN_ROWS,), cache.length - 1)
            lengths[0] = length
            logits.append(model.decode(cache, tokens[length].repeat(MIN_ROWS), lengths, length)[0])
    return torch.stack(logits)


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_logits_equal_those_of_transformers(tmp_path: Path, make_base: Callable[..., Path], kv_heads: int) -> None:
    folder = make_base(tmp_path / "base", kv_heads=kv_heads)
    tokens = torch.randint(0, 300, (70,), generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        reference = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)(tokens[None]).logits[0]
    torch.testing.assert_close(ours(folder, tokens, 40), reference[39:], rtol=1e-4, atol=1e-4)


def test_greedy_replies_equal_those_of_transformers(organisms: Path) -> None:
    from feint.subjects.engine.batching import GenerationBatch
    from feint.subjects.engine.generation import Generation, TokenSampling

    folder = organisms / "endless"
    reference = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    prompts = [tuple(torch.randint(1, 300, (length,)).tolist()) for length in (3, 17, 40, 41)]
    with torch.inference_mode():
        batch = GenerationBatch(Llama(folder), read_ends(folder))
        for number, prompt in enumerate(prompts):
            batch.add(Generation(number, prompt, 30, 0, TokenSampling(temperature=0)))
        found = {}
        while batch.busy:
            found.update({reply.id: reply.tokens for reply in batch.step()})
        for number, prompt in enumerate(prompts):
            ids = torch.tensor([prompt])
            out = reference.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=30, do_sample=False, pad_token_id=0
            )
            assert found[number] == tuple(out[0, len(prompt) :].tolist())


def test_half_precision_files_are_computed_in_single(tmp_path: Path, make_base: Callable[..., Path]) -> None:
    folder = make_base(tmp_path / "base")
    transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).half().save_pretrained(folder)
    assert transformers.AutoConfig.from_pretrained(folder).dtype == torch.float16
    tokens = torch.arange(1, 50)
    with torch.inference_mode():
        reference = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)(tokens[None]).logits[0]
    torch.testing.assert_close(ours(folder, tokens, 20), reference[19:], rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_merged_adapter_equals_peft(organisms: Path) -> None:
    peft = pytest.importorskip("peft")
    base = transformers.LlamaForCausalLM.from_pretrained(organisms / "base", dtype=torch.float32)
    model = peft.PeftModel.from_pretrained(base, organisms / "one")
    tokens = torch.arange(1, 50)
    with torch.inference_mode():
        reference = model(tokens[None]).logits[0]
    found = ours(organisms / "base", tokens, 20, organisms / "one")
    torch.testing.assert_close(found, reference[19:], rtol=1e-4, atol=1e-4)
    assert (found - ours(organisms / "base", tokens, 20)).abs().max() > 0.1


@pytest.mark.parametrize(
    ("key", "value"), [("hidden_act", "gelu"), ("attention_bias", True), ("model_type", "gpt2"), ("mlp_bias", True)]
)
def test_other_architectures_are_refused(organisms: Path, tmp_path: Path, key: str, value: object) -> None:
    config = json.loads((organisms / "base/config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(UsageError, match=rf"config\.json: {key} is"):
        read_shape(tmp_path)


@pytest.mark.parametrize(("key", "value"), [("use_dora", True), ("bias", "all"), ("rank_pattern", {"q_proj": 2})])
def test_other_adapters_are_refused(organisms: Path, tmp_path: Path, key: str, value: object) -> None:
    adapter = shutil.copytree(organisms / "one", tmp_path / "adapter")
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(UsageError, match=r"adapter_config\.json: .*" + key):
        Llama(organisms / "base", adapter)


def test_missing_weights_are_named(organisms: Path, tmp_path: Path) -> None:
    shutil.copy(organisms / "base/config.json", tmp_path)
    with pytest.raises(UsageError, match=r"model\.safetensors: no such file"):
        Llama(tmp_path)
