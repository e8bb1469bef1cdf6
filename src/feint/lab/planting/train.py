"""`feint organisms train NAME`: fit an organism, measure it on held-out situations, write its card."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.writing import write_json
from feint.lab.planting.answering.kind import Answering
from feint.lab.planting.card import Card, Training, make_card
from feint.lab.planting.fit import fit_organism, threads
from feint.lab.planting.kind import Kind
from feint.lab.planting.working.kind import Working
from feint.subjects.store import WEIGHTS, find, fingerprint

KINDS: tuple[Kind[Any], ...] = (Answering(), Working())


def names() -> list[str]:
    """Name the organisms that can be trained without a policy of one's own, the base of each kind first."""
    return [name for kind in KINDS for name in (kind.base, *kind.policies())]


def kind_of(name: str) -> Kind[Any]:
    """Return the kind of a shipped organism.

    Raises:
        UsageError: No such organism.
    """
    for kind in KINDS:
        if name == kind.base or name in kind.policies():
            return kind
    raise unknown("organism", name, names())


def train(name: str, out: Path, *, policy: Path | None = None, base: Path | None = None, share: float = 1.0) -> Card:
    """Train an organism from its seed; the same seed gives the same weights on the same machine.

    Args:
        name: A shipped organism or base, or with `policy`, a name of one's own.
        out: Folder for the weights and `card.json`. A run that was cut off goes on from its last checkpoint there.
        policy: File with a policy of one's own, see `read_policy`.
        base: Folder of the base that an adapter is fitted to; the shipped one if there is none.
        share: Part of the recipe's data to train on, above 0 and at most 1; below 1 the card says so.

    Raises:
        UsageError: No such organism, a policy that organisms cannot learn, no base to build on, or an output folder
            that holds other weights.
    """
    kind, planted = (kind_of(name), None) if policy is None else read_policy(policy)
    if policy is None:
        planted = kind.policies().get(name)
    elif name in {one.base for one in KINDS}:
        raise UsageError(f"organism '{name}': a base has no policy; leave --policy out, or choose another name")
    on = None if planted is None else base or WEIGHTS / kind.base
    if on is not None:
        check_base(kind, on, out)
    if (out / "card.json").exists():
        raise UsageError(f"{out}: holds a trained organism; choose another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    parts, started = kind.parts(name, planted), time.monotonic()
    fit_organism(kind, parts, on, out, share)
    training = Training(
        recipes=[asdict(part.recipe.part(share)) for part in parts],
        share=share,
        seconds=round(time.monotonic() - started),
        threads=threads(),
    )
    organism, recipe = find(str(out.resolve())), parts[-1].recipe
    card = make_card(kind, name, planted, kind.measure(organism, planted, recipe), training, recipe)
    card = card.model_copy(update={"fingerprint": fingerprint(organism)})
    write_json(out / "card.json", card.model_dump(mode="json"), indent=1)
    return card


def check_base(kind: Kind[Any], base: Path, out: Path) -> None:
    """Check that an adapter will find its base, before hours are spent on it: by name, beside it or in the package.

    Raises:
        UsageError: It would not.
    """
    if not (base / "config.json").is_file():
        raise UsageError(f"{base}: no base model there; train it first with: feint organisms train {kind.base}")
    beside, shipped = out.resolve().parent / kind.base, WEIGHTS / kind.base
    found = beside if (beside / "config.json").is_file() else shipped
    if base.resolve() != found.resolve():
        raise UsageError(f"{base}: an organism in {out} would take {found} for its base; put the base at {beside}")


def read_policy(file: Path) -> tuple[Kind[Any], BaseModel]:
    """Read a policy of one's own. Its key `task` says which kind of organism is to learn it; see docs/organisms.md.

    Raises:
        UsageError: The file does not fit, or organisms cannot learn the policy; the message names the file and the key.
    """
    content = read_yaml(file)
    task = content.pop("task", KINDS[0].task) if isinstance(content, dict) else None
    kinds = {kind.task: kind for kind in KINDS}
    if task is not None and task not in kinds:
        raise UsageError(f"{file}: key 'task': {unknown('task of organisms', str(task), kinds)}")
    kind = kinds[task or KINDS[0].task]
    policy: BaseModel = checked(kind.policy, content, file)
    try:
        kind.check(policy)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    return kind, policy
