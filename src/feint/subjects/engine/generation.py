"""Defines the messages between the asking process and the computing processes. Imports no tensor library."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Stop = Literal["stop", "max_tokens", "model_length"]


@dataclass(frozen=True)
class Source:
    """A model on disk.

    Attributes:
        base: Folder of the base model.
        adapter: Folder of the LoRA adapter on it, or None.
        fingerprint: Hash of everything in them that a reply depends on.
    """

    base: Path
    adapter: Path | None
    fingerprint: str


@dataclass(frozen=True)
class TokenSampling:
    """How tokens are drawn.

    Attributes:
        temperature: Divides the logits; 0 takes the likeliest token.
        top_p: Keep the likeliest tokens that together reach this probability; 1 keeps all.
        top_k: Keep this many of the likeliest tokens; 0 keeps all.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0

    @property
    def filters(self) -> bool:
        """True if some tokens are excluded beforehand."""
        return self.temperature > 0 and (self.top_p < 1 or self.top_k > 0)


@dataclass(frozen=True)
class Generation:
    """A reply to be written.

    Attributes:
        id: Chosen by the caller, unique among its unfinished generations.
        prompt: Token ids, fewer than the model's context.
        max_tokens: Most tokens to write; None leaves the context as the limit.
        key: Key of the stream of random numbers, see `stream_key`.
        sampling: How tokens are drawn.
        stop: Texts that end the reply.
    """

    id: int
    prompt: tuple[int, ...]
    max_tokens: int | None
    key: int
    sampling: TokenSampling = field(default_factory=TokenSampling)
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A finished reply.

    Attributes:
        id: The id of the generation.
        tokens: All tokens drawn, the one that ended the reply too.
        stop: Why it ended: by itself or a stop text, at `max_tokens`, or at the end of the context.
        shared: Tokens of the prompt that another prompt had in common and that were not read again.
    """

    id: int
    tokens: tuple[int, ...]
    stop: Stop
    shared: int


def stream_key(*parts: object) -> int:
    """Hash plain values, such as a seed and a prompt, into the 128-bit key of a stream, alike on every machine."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:16], "little")
