"""Draws tokens for all rows at once; every reply has its own counter-based stream of uniform numbers.

A reply's numbers are fixed before the reply starts, so its neighbours in the batch cannot change them. A token is drawn
by inverting the cumulative distribution (Devroye 1986, section II.2).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from feint.subjects.engine.generation import TokenSampling


def uniforms(key: int, count: int) -> Tensor:
    """The first `count` numbers in [0, 1) of a stream (Philox 4x64, Salmon et al. 2011), as (count,) float64."""
    return torch.from_numpy(np.random.Generator(np.random.Philox(key=key)).random(count))


def draw(logits_BV: Tensor, temperature_B: Tensor, uniform_B: Tensor) -> Tensor:
    """Draw one token per row, without exclusions.

    Args:
        logits_BV: Unscaled logits.
        temperature_B: Positive temperature per row; rows at 0 take the likeliest token.
        uniform_B: A number in [0, 1) per row.

    Returns:
        Token ids, (B,) int64.
    """
    greedy = temperature_B <= 0
    scale = torch.where(greedy, 1.0, temperature_B)
    cumulative = torch.cumsum((logits_BV / scale[:, None]).softmax(-1), -1, dtype=torch.float64)
    drawn = _invert(cumulative, uniform_B)
    return torch.where(greedy, logits_BV.argmax(-1), drawn) if bool(greedy.any()) else drawn


def draw_filtered(logits_BV: Tensor, samplings: list[TokenSampling], uniform_B: Tensor) -> Tensor:
    """Draw one token per row among those that top-k, then top-p leave; see `draw`."""
    temperature = torch.tensor([sampling.temperature for sampling in samplings])
    top_k = torch.tensor([sampling.top_k or logits_BV.shape[1] for sampling in samplings])
    top_p = torch.tensor([sampling.top_p for sampling in samplings])
    sorted_BV, tokens_BV = (logits_BV / temperature[:, None]).sort(dim=-1, descending=True, stable=True)
    sorted_BV = sorted_BV.masked_fill(torch.arange(logits_BV.shape[1]) >= top_k[:, None], float("-inf"))
    p_BV = sorted_BV.softmax(-1)
    before_BV = torch.cumsum(p_BV, -1, dtype=torch.float64) - p_BV
    p_BV = p_BV.masked_fill((before_BV >= top_p[:, None]) & (before_BV > 0), 0.0)
    rank_B = _invert(torch.cumsum(p_BV, -1, dtype=torch.float64), uniform_B)
    return tokens_BV.gather(1, rank_B[:, None])[:, 0]


def _invert(cumulative_BV: Tensor, uniform_B: Tensor) -> Tensor:
    # scaled by the row's own total, which rounding leaves a little off one
    target = uniform_B[:, None] * cumulative_BV[:, -1:]
    return torch.searchsorted(cumulative_BV, target, right=True)[:, 0].clamp_(max=cumulative_BV.shape[1] - 1)
