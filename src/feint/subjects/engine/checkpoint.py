"""Reads a Llama folder and merges a LoRA adapter into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from feint.base.errors import UsageError
from feint.subjects.store import read_json


@dataclass(frozen=True)
class Shape:
    """The sizes of a Llama, as its `config.json` states them."""

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    epsilon: float
    rope_theta: float


def read_shape(base: Path) -> Shape:
    """Read `config.json` of a Llama folder.

    Raises:
        UsageError: The file is not there, or describes a model this engine does not compute.
    """
    file = base / "config.json"
    config = read_json(file)
    rope = config.get("rope_parameters") or {}
    scaling = (config.get("rope_scaling") or rope).get("rope_type", "default")
    plain = {
        "model_type": ("llama", config.get("model_type")),
        "hidden_act": ("silu", config.get("hidden_act", "silu")),
        "attention_bias": (False, config.get("attention_bias", False)),
        "mlp_bias": (False, config.get("mlp_bias", False)),
        "rope_type": ("default", scaling),
    }
    for key, (expected, found) in plain.items():
        if found != expected:
            raise UsageError(
                f"{file}: {key} is {found!r}, expected {expected!r}; use Inspect's own 'hf' provider for this model."
            )
    heads = int(config["num_attention_heads"])
    return Shape(
        vocabulary=int(config["vocab_size"]),
        hidden=int(config["hidden_size"]),
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        head_dim=int(config.get("head_dim") or config["hidden_size"] // heads),
        context=int(config["max_position_embeddings"]),
        epsilon=float(config.get("rms_norm_eps", 1e-6)),
        rope_theta=float(rope.get("rope_theta") or config.get("rope_theta", 10000.0)),
    )


def read_weights(base: Path, adapter: Path | None = None) -> tuple[Shape, dict[str, Tensor]]:
    """Read a model's sizes, and its weights in float32 by their names in transformers, a LoRA adapter merged into them.

    Raises:
        UsageError: A file is missing or holds what this engine does not compute.
    """
    shape = read_shape(base)
    weights = _read_tensors(base / "model.safetensors")
    if adapter is not None:
        _merge(weights, adapter)
    weights.setdefault("lm_head.weight", weights["model.embed_tokens.weight"])
    return shape, weights


def read_ends(base: Path) -> frozenset[int]:
    """The tokens that end a reply, as transformers finds them: `generation_config.json`, else `config.json`."""
    file = base / "generation_config.json"
    ends = read_json(file if file.is_file() else base / "config.json").get("eos_token_id")
    return frozenset(ends if isinstance(ends, list) else [] if ends is None else [ends])


def _merge(weights: dict[str, Tensor], adapter: Path) -> None:
    """Add B A * scale to each adapted weight (Hu et al. 2021, section 4.1)."""
    file = adapter / "adapter_config.json"
    config = read_json(file)
    for key, expected in {"peft_type": "LORA", "use_dora": False, "bias": "none", "fan_in_fan_out": False}.items():
        if config.get(key, expected) != expected:
            raise UsageError(
                f"{file}: {key} is {config[key]!r}, expected {expected!r}; train the adapter as plain LoRA."
            )
    if config.get("rank_pattern") or config.get("alpha_pattern"):
        raise UsageError(f"{file}: rank_pattern and alpha_pattern must be empty; train with one rank.")
    rank = int(config["r"])
    scale = float(config["lora_alpha"]) / (rank**0.5 if config.get("use_rslora") else rank)
    tensors = _read_tensors(adapter / "adapter_model.safetensors")
    for name in sorted(tensors):
        target = name.removeprefix("base_model.model.").replace(".lora_A.weight", ".weight")
        if name.endswith(".lora_B.weight"):
            continue
        other = tensors.get(name.replace(".lora_A.", ".lora_B."))
        if not name.endswith(".lora_A.weight") or target not in weights or other is None:
            raise UsageError(f"{adapter / 'adapter_model.safetensors'}: '{name}' adapts nothing in the base model.")
        weights[target] = weights[target] + other @ tensors[name] * scale


def _read_tensors(file: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    if not file.is_file():
        raise UsageError(f"{file}: no such file; an organism's folder needs its weights there.")
    return {name: tensor.to(torch.float32) for name, tensor in load_file(file).items()}
