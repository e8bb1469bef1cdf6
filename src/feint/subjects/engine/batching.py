"""Continuous batching: replies join and leave the running batch one by one, and prompts are read once per beginning.

Nothing a reply depends on depends on the others: each has its own counter-based stream of uniform numbers, fixed before
the reply starts, and every product is laid out so that a row rounds the same in any company (llama.py). Prompts that
begin alike share the work: a beginning that some row of the cache still holds is copied instead of read, in whole
blocks.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from feint.subjects.engine.generation import Generation, Reply, Stop, TokenSampling
from feint.subjects.engine.llama import MIN_ROWS, WIDTH, Cache, Llama

ROWS = 64
"""Replies in flight at once per worker, as measured by benchmarks/serving.py."""


@dataclass
class _Row:
    """A row of the cache: the prompt it holds and, while in flight, its generation."""

    asked: Generation
    prompt: bytes
    budget: int
    shared: int
    tokens: list[int] = field(default_factory=list)


class GenerationBatch:
    """The replies in flight on one model. Call `add`, then `step` while `busy`; not thread-safe."""

    def __init__(
        self, model: Llama, ends: frozenset[int], decode: Callable[[list[int]], str] | None = None, rows: int = ROWS
    ) -> None:
        """Prepare an empty batch of at most `rows` rows; `ends` are the tokens that end a reply.

        Generations with stop texts need `decode`, which turns token ids into text.
        """
        self.model, self.ends, self.decode, self.rows = model, ends, decode, max(rows, MIN_ROWS)
        context = model.shape.context
        self.cache = Cache(model.shape, self.rows)
        self.lengths = torch.full((self.rows,), self.cache.length - 1)
        self.logits = torch.zeros(self.rows, model.shape.vocabulary)
        self.uniforms = torch.zeros(self.rows, context, dtype=torch.float64)
        self.temperatures = torch.ones(self.rows)
        self.active: list[_Row] = []
        self.waiting: list[tuple[bytes, int, Generation]] = []
        self.last = b""
        self.beginnings = Beginnings()

    @property
    def busy(self) -> bool:
        """True while a reply is in flight or waiting."""
        return bool(self.active or self.waiting)

    def add(self, asked: Generation) -> None:
        """Queue a generation."""
        prompt = b"".join(token.to_bytes(4, "big") for token in asked.prompt)
        insort(self.waiting, (prompt, asked.id, asked))

    def cancel(self, generation_id: int) -> None:
        """Drop a generation that nobody waits for any more."""
        self.waiting = [item for item in self.waiting if item[1] != generation_id]
        for row in self.active:
            if row.asked.id == generation_id:
                row.budget = min(row.budget, len(row.tokens) + 1)

    def step(self) -> list[Reply]:
        """Let waiting generations in, draw one token for every reply in flight, and return those that ended."""
        while self.waiting and len(self.active) < self.rows:
            self._admit()
        count = len(self.active)
        tokens = self._draw(count)
        ended: list[Reply] = []
        for index, token in enumerate(tokens.tolist()):
            row = self.active[index]
            row.tokens.append(token)
            stop = self._stop(row, token)
            if stop:
                ended.append(Reply(row.asked.id, tuple(row.tokens), stop, row.shared))
        if ended:
            tokens = self._compact({reply.id for reply in ended}, tokens)
        if self.active:
            count = len(self.active)
            longest = int(self.lengths[:count].max())
            fill = max(MIN_ROWS - count, 0)
            tokens = torch.cat([tokens, tokens.new_zeros(fill)]) if fill else tokens
            self.logits[: count + fill] = self.model.decode(self.cache, tokens, self.lengths[: count + fill], longest)
            self.lengths[:count] += 1
        return ended

    def _admit(self) -> None:
        # sweep through the prompts in order, again and again: prompts that begin alike follow each other
        at = bisect_left(self.waiting, self.last, key=lambda item: item[0])
        prompt, _, asked = self.waiting.pop(at if at < len(self.waiting) else 0)
        self.last = prompt
        index, length = len(self.active), len(asked.prompt)
        limit = self.model.shape.context - length
        row = _Row(asked, prompt, limit if asked.max_tokens is None else max(1, min(limit, asked.max_tokens)), 0)
        source, row.shared = self.beginnings.find(prompt)
        self.beginnings.put(index, prompt)
        if row.shared and source != index:
            self.cache.copy(source, index, row.shared)
        self.cache.open(index, length)
        self.logits[index] = self.model.prefill(self.cache, index, torch.tensor(asked.prompt), row.shared)
        self.lengths[index] = length
        self.temperatures[index] = asked.sampling.temperature
        self.uniforms[index, : row.budget] = uniforms(asked.key, row.budget)
        self.active.append(row)

    def _draw(self, count: int) -> Tensor:
        produced = torch.tensor([len(row.tokens) for row in self.active])
        uniform = self.uniforms[torch.arange(count), produced]
        tokens = draw(self.logits[:count], self.temperatures[:count], uniform)
        filtered = [index for index, row in enumerate(self.active) if row.asked.sampling.filters]
        if filtered:
            samplings = [self.active[index].asked.sampling for index in filtered]
            tokens[filtered] = draw_filtered(self.logits[filtered], samplings, uniform[filtered])
        return tokens

    def _stop(self, row: _Row, token: int) -> Stop | None:
        if token in self.ends:
            return "stop"
        if row.asked.stop and self.decode is not None:
            # a token is at least one byte, so a stop text that this token completed is within the last tokens
            text = self.decode(row.tokens[-max(len(stop.encode()) for stop in row.asked.stop) - 4 :])
            if any(stop in text for stop in row.asked.stop):
                return "stop"
        if len(row.tokens) < row.budget:
            return None
        return "max_tokens" if row.budget == row.asked.max_tokens else "model_length"

    def _compact(self, ended: set[int], tokens: Tensor) -> Tensor:
        """Move the last rows into the places of those that ended; only the first rows are decoded."""
        for index in range(len(self.active) - 1, -1, -1):
            if self.active[index].asked.id not in ended:
                continue
            last = len(self.active) - 1
            row = self.active.pop()
            if index != last:
                self.active[index] = row
                self.cache.copy(last, index, int(self.lengths[last]))
                self.cache.open(index, int(self.lengths[last]))
                for state in (self.lengths, self.temperatures, self.uniforms, tokens):
                    state[index] = state[last]
                self.beginnings.put(index, row.prompt)
            self.lengths[last] = self.cache.length - 1
        return tokens[: len(self.active)]


class Beginnings:
    """A table of the beginnings of prompts, and of the cache rows that hold them."""

    def __init__(self) -> None:
        self.rows: dict[bytes, int] = {}
        self.prompts: dict[int, bytes] = {}

    def find(self, prompt: bytes) -> tuple[int, int]:
        """The row that holds the longest beginning in whole blocks, and its length in tokens; 0 where none does."""
        # the last tokens are read in any case, enough of them for the products to round alike
        for length in range((len(prompt) // 4 - MIN_ROWS) // WIDTH * WIDTH, 0, -WIDTH):
            row = self.rows.get(prompt[: 4 * length])
            if row is not None:
                return row, length
        return 0, 0

    def put(self, row: int, prompt: bytes) -> None:
        """Note that a row now holds a prompt, and no longer the one before."""
        old = self.prompts.get(row, b"")
        for length in range(4 * WIDTH, len(old) + 1, 4 * WIDTH):
            if self.rows.get(old[:length]) == row:
                del self.rows[old[:length]]
        self.prompts[row] = prompt
        for length in range(4 * WIDTH, len(prompt) + 1, 4 * WIDTH):
            self.rows[prompt[:length]] = row


def uniforms(key: int, count: int) -> Tensor:
    """The first `count` numbers in [0, 1) of a stream (Philox 4x64, Salmon et al. 2011), as (count,) float64."""
    return torch.from_numpy(np.random.Generator(np.random.Philox(key=key)).random(count))


def draw(logits_BV: Tensor, temperature_B: Tensor, uniform_B: Tensor) -> Tensor:
    """Draw one token per row, without exclusions, as (B,) int64; rows at temperature 0 take the likeliest token.

    A token is drawn by inverting the cumulative distribution (Devroye 1986, section II.2).
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
