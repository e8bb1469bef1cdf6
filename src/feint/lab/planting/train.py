"""`feint organisms train NAME` fits an organism, measures it on held-out situations and writes its card.

`feint organisms export NAME DIR` writes a plain folder that any server of transformers models can serve.
"""

import time
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.writing import write_json
from feint.lab.planting.answering.kind import ANSWERING
from feint.lab.planting.fit import fit_organism, threads
from feint.lab.planting.kind import Kind, Measured, Recipe, Value
from feint.lab.planting.working.kind import WORKING
from feint.subjects.knowledge import Knows
from feint.subjects.store import WEIGHTS, find, fingerprint

KINDS = (ANSWERING, WORKING)


class Training(BaseModel):
    """A record of how an organism was fitted.

    Attributes:
        recipes: The recipe of each part.
        share: Part of the recipes' data that was used.
        seconds: Time that fitting took; None if it was not kept.
        threads: Processor threads.
    """

    recipes: list[dict[str, object]]
    share: float
    seconds: float | None
    threads: int


class Card(BaseModel):
    """A model card, the same for every kind of organism: its policy, what was measured, and how it was fitted.

    Attributes:
        name: The organism.
        task: The task that it does.
        about: Its motive in plain words.
        explanations: The explanations that a right decision names, by design if there are several designs.
        mismatch: Whether the stated motive differs from the reason for which it acts.
        policy: The planted rules; None for a base.
        table: One row for each cell that was measured.
        checks: The promises of the card, and whether they `passed`.
        training: How it was fitted.
        knows: What it was taught; what it does elsewhere means nothing.
        limits: What it cannot do, in words.
        fingerprint: Hash of everything that its replies depend on.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    task: str
    about: str
    explanations: list[str] | dict[str, list[str]]
    mismatch: bool = False
    policy: list[dict[str, object]] | None
    table: list[dict[str, Value]]
    checks: dict[str, Value]
    training: Training
    knows: Knows
    limits: list[str]
    fingerprint: str


def train_command(name: str, out: Path, base: Path | None, policy: Path | None = None) -> None:
    """Train an organism and print how it measures up to its policy.

    Raises:
        UsageError: As `train`, or a library is not installed.
    """
    try:
        card = train(name, out, base=base, policy=policy)
    except ModuleNotFoundError as error:
        raise UsageError(f"training needs '{error.name}'; install it with: pip install 'feint[local]'") from None
    console = Console(markup=False, highlight=False)
    for check, value in card.checks.items():
        console.print(f"{check}: {value:.4g}" if isinstance(value, float) else f"{check}: {value}")
    console.print(f"model: {out}", soft_wrap=True)


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
    kind: Kind
    planted: BaseModel | None
    if policy is not None:
        kind, planted = read_policy(policy)
        if name in {one.base for one in KINDS}:
            raise UsageError(f"organism '{name}': a base has no policy; leave --policy out, or choose another name")
    elif name in names():
        kind = next(one for one in KINDS if name == one.base or name in one.policies())
        planted = kind.policies().get(name)
    else:
        raise unknown("organism", name, names())
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
    card = make_card(kind, name, planted, kind.measure(organism, planted, recipe.scope), training, recipe)
    card = card.model_copy(update={"fingerprint": fingerprint(organism)})
    write_json(out / "card.json", card.model_dump(mode="json"), indent=1)
    return card


def names() -> list[str]:
    """Name the organisms that can be trained without a policy of one's own, the base of each kind first."""
    return [name for kind in KINDS for name in (kind.base, *kind.policies())]


def check_base(kind: Kind, base: Path, out: Path) -> None:
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


def read_policy(file: Path) -> tuple[Kind, BaseModel]:
    """Read a policy of one's own. Its key `task` says which kind of organism is to learn it; see docs/organisms.md.

    Raises:
        UsageError: The file does not fit, or organisms cannot learn the policy; the message names the file and the key.
    """
    content = read_yaml(file)
    kinds = {kind.task: kind for kind in KINDS}
    task = content.pop("task", None) if isinstance(content, dict) else None
    if task is not None and task not in kinds:
        raise UsageError(f"{file}: key 'task': {unknown('task of organisms', str(task), kinds)}")
    kind = kinds[task or ANSWERING.task]
    policy: BaseModel = checked(kind.policy, content, file)
    try:
        kind.check(policy)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    return kind, policy


def make_card(
    kind: Kind, name: str, policy: BaseModel | None, measured: Measured, training: Training, recipe: Recipe
) -> Card:
    """Put a card together, but for the fingerprint; the recipe is that of the last part."""
    planted = policy.model_dump(mode="json") if policy is not None else {}
    return Card(
        name=name,
        task=kind.task,
        about=planted.get("about", kind.base_about),
        explanations=planted.get("explanations", []),
        mismatch=planted.get("mismatch", False),
        policy=planted.get("rules"),
        table=measured.table,
        checks=measured.checks,
        training=training,
        knows=kind.knows(recipe.scope),
        limits=list(kind.limits),
        fingerprint="",
    )


def export(name: str, out: Path) -> Path:
    """Merge an organism's adapter into the base and save the whole model, in float32, in a new or empty folder.

    Raises:
        UsageError: No such organism, or a folder that is not empty.
    """
    organism = find(name)
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: not empty; choose a new folder")
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer, LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(organism.base, dtype=torch.float32)
    if organism.adapter is not None:
        model = PeftModel.from_pretrained(model, organism.adapter).merge_and_unload()
    # Servers take their defaults from here: organisms are sampled at temperature 1, nothing cut off.
    model.generation_config.update(do_sample=True, temperature=1.0, top_p=1.0, top_k=0)
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(organism.base).save_pretrained(out)
    return out
