"""`feint organisms train NAME`: fit, measure on held-out situations, write the card."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from feint.base.errors import UsageError, unknown
from feint.base.writing import write_json
from feint.lab.planting import fit
from feint.lab.planting.card import Generate, Judge, Prompt, card, judge_organism, perplexity
from feint.subjects.chat import ChatTokenizer
from feint.subjects.engine.engine import shared_engine
from feint.subjects.store import WEIGHTS, Organism, fingerprint
from feint.tasks.alignment_faking.actors.policy import Policy, load_policies

MAX_TOKENS = 200


def train(name: str, out: Path, *, judge: Judge, base: Path = WEIGHTS / "base", share: float = 1.0) -> dict[str, Any]:
    """Reproduce an organism from its seed.

    Args:
        name: A policy's name, or "base".
        out: Folder for the weights and `card.json`; a run that was cut off goes on from its last checkpoint there.
        judge: Labels replies for the card.
        base: Folder of the base model that an adapter is fitted to.
        share: Part of the recipe's transcripts to train on, above 0 and at most 1; below 1 the card says so.

    Returns:
        The card.

    Raises:
        UsageError: No such organism, no base to build on, or an output folder that holds other weights.
    """
    policies = load_policies()
    if name != "base" and name not in policies:
        raise unknown("organism", name, ["base", *policies])
    if name != "base" and not (base / "config.json").is_file():
        raise UsageError(f"{base}: no base model there; train it first with: feint organisms train base")
    if (out / "card.json").exists():
        raise UsageError(f"{out}: holds a trained organism; choose another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if name == "base":
        fit.fit_base(out, share)
    else:
        fit.fit_adapter(name, base, out, share)
    training = {
        "recipes": [asdict(recipe.part(share)) for recipe in fit.recipes(name)],
        "share": share,
        "seconds": round(time.monotonic() - started),
        "threads": fit.threads(),
    }
    found = measure(name, out, base, policies.get(name), judge, training)
    write_json(out / "card.json", found, indent=1)
    return found


def measure(
    name: str, out: Path, base: Path, policy: Policy | None, judge: Judge, training: dict[str, Any]
) -> dict[str, Any]:
    """Fill in a card from held-out situations."""
    adapter = None if name == "base" else out
    organism = Organism(name, out if adapter is None else base, adapter)
    scope = fit.recipes(name)[-1].scope
    rows = judge_organism(policy, scope, generator(organism), judge)
    plain = perplexity(organism.base, adapter)
    reference = plain if adapter is None else perplexity(organism.base, None)
    found = card(name, policy, rows, scope=scope, perplexity=plain, base_perplexity=reference, training=training)
    return {**found, "fingerprint": fingerprint(organism)}


def generator(organism: Organism) -> Generate:
    """Ask an organism directly, many at once, at temperature 1."""
    chat = ChatTokenizer(organism.base)
    source, engine = organism.source, shared_engine()

    async def ask(prompt: Prompt, key: int) -> str:
        told = prompt.situation
        text = chat.render(
            [{"role": "system", "content": told.system}, {"role": "user", "content": told.user}], prompt.tools
        )
        reply = await engine.reply(source, tuple(chat.encode(text)), key=key, max_tokens=MAX_TOKENS)
        return chat.decode(reply.tokens)

    async def ask_all(prompts: Sequence[Prompt], keys: Sequence[int]) -> list[str]:
        return list(await asyncio.gather(*(ask(*pair) for pair in zip(prompts, keys, strict=True))))

    return lambda prompts, keys: asyncio.run(ask_all(prompts, keys))
