"""Continuous batching: replies join and leave the running batch one by one, and prompts are read once per beginning.

Nothing a reply depends on depends on the others: each is drawn from its own stream (sampling.py), and every product is
laid out so that a row rounds the same in any company (llama.py). Prompts that begin alike share the work: a beginning
that some row of the cache still holds is copied instead of read, in whole blocks.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from feint.subjects.engine.generation import Generation, Reply, Stop
from feint.subjects.engine.llama import MIN_ROWS, WIDTH, Cache, Llama
from feint.subjects.engine.sampling import draw, draw_filtered, uniforms

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
        """Prepare an empty batch.

        Args:
            model: The model.
            ends: Tokens that end a reply.
            decode: Token ids to text; needed for generations with stop texts.
            rows: Most replies in flight.
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
        insort(self.waiting, (_key(asked.prompt), asked.id, asked))

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
            self._decode(tokens)
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

    def _draw(self, count: int) -> torch.Tensor:
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

    def _compact(self, ended: set[int], tokens: torch.Tensor) -> torch.Tensor:
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

    def _decode(self, tokens: torch.Tensor) -> None:
        count = len(self.active)
        longest = int(self.lengths[:count].max())
        fill = max(MIN_ROWS - count, 0)
        tokens = torch.cat([tokens, tokens.new_zeros(fill)]) if fill else tokens
        self.logits[: count + fill] = self.model.decode(self.cache, tokens, self.lengths[: count + fill], longest)
        self.lengths[:count] += 1


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


def _key(prompt: tuple[int, ...]) -> bytes:
    return b"".join(token.to_bytes(4, "big") for token in prompt)
