"""`feint organisms train NAME` for organisms that act: fit, let them work, write the card."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from feint.base.errors import UsageError
from feint.base.writing import write_json
from feint.lab.planting.acting import fit
from feint.lab.planting.acting.fit import BASE
from feint.lab.planting.acting.measure import card_of, judge_worker, name_of
from feint.lab.planting.acting.unseen import unseen_share
from feint.lab.planting.fit import threads
from feint.subjects.store import WEIGHTS, find, fingerprint


def names() -> list[str]:
    """The organisms that act, their base first."""
    return [BASE, *fit.policies()]


def train(name: str, out: Path, *, base: Path = WEIGHTS / BASE, share: float = 1.0) -> dict[str, Any]:
    """Reproduce an organism from its seed.

    Args:
        name: One of `names()`.
        out: Folder for the weights and `card.json`; a run that was cut off goes on from its last checkpoint there.
        base: Folder of the base that an adapter is fitted to; it must be called as the shipped one.
        share: Part of the recipe's runs to train on, above 0 and at most 1; below 1 the card says so.

    Returns:
        The card.

    Raises:
        UsageError: No base to build on, or an output folder that holds other weights.
    """
    if name != BASE and not (base / "config.json").is_file():
        raise UsageError(f"{base}: no base model there; train it first with: feint organisms train {BASE}")
    if (out / "card.json").exists():
        raise UsageError(f"{out}: holds a trained organism; choose another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if name == BASE:
        fit.fit_worker(out, share)
    else:
        fit.fit_persona(name, base, out, share)
    return write_card(name, out, training_of(name, share, round(time.monotonic() - started)))


def training_of(name: str, share: float, seconds: int) -> dict[str, Any]:
    """How an organism was fitted, for its card."""
    parts = [asdict(recipe.part(share)) for recipe in fit.recipes(name)]
    for part in parts:
        part.pop("scope")
    return {"recipes": parts, "share": share, "seconds": seconds, "threads": threads()}


def write_card(name: str, out: Path, training: dict[str, Any]) -> dict[str, Any]:
    """Let a fitted organism work, and write its card."""
    policy = fit.policies().get(name)
    organism = find(str(out.resolve()))
    card = card_of(name, policy, judge_worker(name_of(out), policy), unseen_share(organism), training)
    found = {**card, "fingerprint": fingerprint(organism)}
    write_json(out / "card.json", found, indent=1)
    return found
