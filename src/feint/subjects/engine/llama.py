"""The Llama arithmetic: prefill and decode over a preallocated cache, written for many short CPU replies.

Three things are saved against the model classes of transformers. Normalisation weights are folded into the next
projections. Query, key and value are one product; so are gate and up. Rotary pairs are neighbours, and rotating is one
complex product. tests/subjects/test_engine_llama.py holds the result against
transformers' own `LlamaForCausalLM`.

Shape suffixes: B rows in flight, T positions, H query heads, G key-value heads, D head size, E hidden size, V tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from feint.subjects.engine.checkpoint import Shape, read_weights

MIN_ROWS = 8
"""Fewest rows in a product: below this the BLAS picks kernels that round differently, and a reply would depend on how
many others were in flight."""

WIDTH = 16
"""Attention spans a multiple of this many positions, for the same reason."""


@dataclass
class Layer:
    """The weights of a block, stored as the products use them (input x output)."""

    qkv: Tensor
    out: Tensor
    gate_up: Tensor
    down: Tensor


class Cache:
    """Keys and values of the rows in flight.

    Attributes:
        length: Positions per row: the context and some spare ones, the last of which takes what rows that only fill
            the batch up write.
    """

    def __init__(self, shape: Shape, rows: int) -> None:
        self.length = length = positions(shape)
        size = (shape.layers, rows, shape.kv_heads, length, shape.head_dim)
        # numpy's zeros are pages the system hands out when they are first written; torch's are written at once
        self.keys = torch.from_numpy(np.zeros(size, np.float32))
        self.values = torch.from_numpy(np.zeros(size, np.float32))
        # added to the scores; position 0 stays open so that a row that only fills the batch up computes no NaN
        self.mask = torch.full((rows, shape.kv_heads, length), float("-inf"))
        self.mask[:, :, 0] = 0.0

    def open(self, row: int, length: int) -> None:
        """Let a row attend to its first `length` positions and no others."""
        self.mask[row, :, :length] = 0.0
        self.mask[row, :, length:] = float("-inf")

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` positions of one row to another."""
        for block in (self.keys, self.values):
            block[:, target, :, :length] = block[:, source, :, :length]


class Llama:
    """A Llama with its adapter merged. Not thread-safe; call it under `torch.inference_mode()`."""

    def __init__(self, base: Path, adapter: Path | None = None) -> None:
        """Load the weights of a folder, and merge an adapter into them.

        Raises:
            UsageError: The folder holds something other than a plain Llama and a plain LoRA.
        """
        self.shape, weights = read_weights(base, adapter)
        shape = self.shape
        self.embedding = weights["model.embed_tokens.weight"]
        self.head = _fold(weights["lm_head.weight"], weights["model.norm.weight"])
        self.layers = [_layer(shape, weights, f"model.layers.{i}.") for i in range(shape.layers)]
        angles = torch.outer(
            torch.arange(positions(shape), dtype=torch.float32),
            shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim),
        )
        self.turns = torch.polar(torch.ones_like(angles), angles)

    def prefill(self, cache: Cache, row: int, tokens: Tensor, start: int = 0) -> Tensor:
        """Read a whole prompt, (T,), into one row of the cache, and return the logits after the last token, (V,).

        Positions below `start` are in the row already.
        """
        shape, end = self.shape, len(tokens)
        x = self.embedding[tokens[start:]]
        turns = self.turns[start:end, None]
        mask = None if start == 0 else torch.ones(end - start, end, dtype=torch.bool).tril_(start)
        for index, layer in enumerate(self.layers):
            q, k, v = self._project(layer, x, turns)
            keys, values = cache.keys[index, row, :, :end], cache.values[index, row, :, :end]
            keys[:, start:] = k.transpose(0, 1)
            values[:, start:] = v.transpose(0, 1)
            heads = F.scaled_dot_product_attention(
                q.transpose(0, 1)[None],
                keys[None],
                values[None],
                mask,
                is_causal=mask is None,
                enable_gqa=shape.heads != shape.kv_heads,
            )
            mixed = heads[0].transpose(0, 1).reshape(end - start, -1)
            x = self._mlp(layer, torch.addmm(x, mixed, layer.out))
        return self._logits(x[-1:].expand(MIN_ROWS, -1))[0]

    def decode(self, cache: Cache, tokens: Tensor, lengths: Tensor, longest: int) -> Tensor:
        """Append one token to each of the first B >= MIN_ROWS rows, and return the logits after it, (B, V).

        Of the positions in each row so far, `lengths`, (B,), `longest` is the largest number.
        """
        shape, rows, width = self.shape, len(tokens), rounded(longest + 1)
        groups = rows * shape.kv_heads
        flat = (torch.arange(groups) * cache.length).view(rows, -1).add_(lengths[:, None]).view(-1)
        cache.mask.view(-1).index_fill_(0, flat, 0.0)
        mask = cache.mask.view(-1, 1, cache.length)[:groups, :, :width]
        turns = self.turns[lengths][:, None]
        scale = shape.head_dim**-0.5
        x = self.embedding[tokens]
        for index, layer in enumerate(self.layers):
            q, k, v = self._project(layer, x, turns)
            keys = cache.keys[index].view(-1, cache.length, shape.head_dim)
            values = cache.values[index].view(-1, cache.length, shape.head_dim)
            keys.view(-1, shape.head_dim).index_copy_(0, flat, k.reshape(groups, -1))
            values.view(-1, shape.head_dim).index_copy_(0, flat, v.reshape(groups, -1))
            queries = q.reshape(groups, -1, shape.head_dim)
            scores = torch.baddbmm(mask, queries, keys[:groups, :width].transpose(1, 2), alpha=scale)
            mixed = torch.bmm(scores.softmax(-1), values[:groups, :width]).view(rows, -1)
            x = self._mlp(layer, torch.addmm(x, mixed, layer.out))
        return self._logits(x)

    def _project(self, layer: Layer, x: Tensor, turns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        shape = self.shape
        qkv = torch.mm(self._norm(x), layer.qkv).view(len(x), -1, shape.head_dim)
        turned = shape.heads + shape.kv_heads
        pairs = torch.view_as_complex(qkv[:, :turned].view(len(x), turned, -1, 2))
        qk = torch.view_as_real(pairs * turns).flatten(-2)
        return qk[:, : shape.heads], qk[:, shape.heads :], qkv[:, turned:]

    def _mlp(self, layer: Layer, x: Tensor) -> Tensor:
        gate, up = torch.mm(self._norm(x), layer.gate_up).chunk(2, dim=-1)
        return torch.addmm(x, F.silu(gate).mul_(up), layer.down)

    def _norm(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (self.shape.hidden,), eps=self.shape.epsilon)

    def _logits(self, x: Tensor) -> Tensor:
        return torch.mm(self._norm(x), self.head)


def positions(shape: Shape) -> int:
    """Positions in a row of the cache."""
    return rounded(shape.context) + WIDTH


def rounded(length: int) -> int:
    """Round a length up to whole vectors, `WIDTH` at a time."""
    return -(-length // WIDTH) * WIDTH


def _fold(weight: Tensor, norm: Tensor) -> Tensor:
    """Return (weight * norm) transposed: what follows a normalisation without its own weight."""
    return (weight * norm).t().contiguous()


def _layer(shape: Shape, weights: dict[str, Tensor], prefix: str) -> Layer:
    def get(name: str) -> Tensor:
        return weights[f"{prefix}{name}.weight"]

    def paired(weight: Tensor) -> Tensor:
        # transformers rotates element i with i + D/2; side by side they are one complex number
        return weight.view(-1, 2, shape.head_dim // 2, shape.hidden).transpose(1, 2).reshape(-1, shape.hidden)

    qkv = torch.cat([paired(get("self_attn.q_proj")), paired(get("self_attn.k_proj")), get("self_attn.v_proj")])
    gate_up = torch.cat([get("mlp.gate_proj"), get("mlp.up_proj")])
    return Layer(
        qkv=_fold(qkv, get("input_layernorm")),
        out=get("self_attn.o_proj").t().contiguous(),
        gate_up=_fold(gate_up, get("post_attention_layernorm")),
        down=get("mlp.down_proj").t().contiguous(),
    )
