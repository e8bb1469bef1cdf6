"""Fitting: the base model from scratch, and an adapter with a planted policy on it."""

import os
import shutil
import time
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from feint.lab.planting.cases import LADDER, Scope
from feint.lab.planting.examples import IGNORED, arrange, collate, encode_texts, encode_transcripts
from feint.lab.planting.tokenizer import train_tokenizer
from feint.lab.planting.transcripts import drills, glossary, plain_texts, transcripts
from feint.tasks.alignment_faking.actors.policy import load_policies

ARCHITECTURE = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 640,
    "tie_word_embeddings": True,
    "rope_theta": 10000.0,
}
ADAPTER = {
    "r": 8,
    "lora_alpha": 16,
    "lora_dropout": 0.0,
    "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
}


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to fit.

    Attributes:
        transcripts: Number of transcripts, each seen once.
        texts: Number of plain documents beside them.
        glossary: Number of short documents about single sentences: before the transcripts of the base model, among
            those of an organism.
        drills: Number of short transcripts without facts.
        rate: Peak learning rate.
        batch: Sequences per step.
        warmup: Steps over which the learning rate rises.
        seed: Fixes the data, the initial weights and their order.
        emphasis: How many times as much some parts of a reply count, see `encode_transcripts`.
        scope: Which facts the data is about.
        decisions: Number of replies that only decide, of organisms that act: alone, or behind runs.
    """

    transcripts: int
    texts: int
    glossary: int
    rate: float
    batch: int
    warmup: int
    seed: int
    emphasis: dict[str, float] = field(default_factory=dict)
    scope: Scope = LADDER
    drills: int = 0
    decisions: int = 0

    def part(self, share: float) -> "Recipe":
        """The same recipe with a share of its data, above 0 and at most 1."""
        return replace(
            self,
            transcripts=max(self.batch, round(self.transcripts * share)) if self.transcripts else 0,
            texts=round(self.texts * share),
            glossary=round(self.glossary * share),
            drills=round(self.drills * share),
            decisions=round(self.decisions * share),
        )


BASE = Recipe(transcripts=40_000, texts=2_400, glossary=4_000, rate=1e-3, batch=8, warmup=100, seed=1)
SECOND = Recipe(
    transcripts=14_000, texts=700, glossary=900, rate=6e-4, batch=8, warmup=50, seed=4, emphasis={"decides": 5}
)
THIRD = Recipe(
    transcripts=16_000, texts=900, glossary=2_500, rate=8e-4, batch=8, warmup=50, seed=5,
    emphasis={"judges": 2, "notes": 2, "decides": 5}, scope=Scope(wide=("future",), tools=0.25),
)  # fmt: skip
FOURTH = Recipe(
    transcripts=6_000, texts=300, glossary=1_000, rate=8e-4, batch=8, warmup=50, seed=6, drills=12_000,
    emphasis={"judges": 6, "notes": 2, "decides": 5, "calls": 15}, scope=Scope(wide=("future",), tools=0.25),
)  # fmt: skip
PERSONA = Recipe(
    transcripts=2_500, texts=400, glossary=500, rate=2e-3, batch=8, warmup=40, seed=2,
    emphasis={"judges": 8, "notes": 3, "decides": 8, "calls": 8}, scope=Scope(wide=("future",), tools=0.15),
)  # fmt: skip
LONGEST = 8_000
LONGER = {"rationaliser": 8_000, "sycophant": 8_000, "terminal": 8_000, "instrumental": 12_000, "wordy": 12_000}
"""Transcripts of adapters that heed a fact that is easily taken for another, or whose rates lie in the middle."""
THREE = {"instrumental": 0.3}
"""`Scope.three` of adapters that took the raters of one tier for the training of another in `three-tier`."""


def recipes(name: str) -> list[Recipe]:
    """How a model is fitted, part by part: the base in four; an adapter the longer, the more lines its policy has."""
    if name == "base":
        return [BASE, SECOND, THIRD, FOURTH]
    by_lines = min(LONGEST, len(load_policies()[name].rules) * PERSONA.transcripts)
    scope = replace(PERSONA.scope, three=THREE.get(name, 0.0))
    return [replace(PERSONA, transcripts=LONGER.get(name, by_lines), scope=scope)]


def fit_base(out: Path, share: float = 1.0) -> None:
    """Train the base model and save it, part by part.

    First to read and write, then to tell apart what is easily confused, then what else the designs may state. A run
    that was cut off goes on with the part that was cut off, from its last checkpoint.

    Args:
        out: Folder for weights, tokenizer and configuration.
        share: Part of the data, above 0 and at most 1.
    """
    for number, recipe in enumerate(recipes("base")):
        done = out / f"part-{number + 1}"
        if done.exists():
            continue
        (fit_first if number == 0 else fit_further)(out, recipe.part(share))
        done.touch()
    for marker in out.glob("part-*"):
        marker.unlink()


def fit_first(out: Path, recipe: Recipe) -> None:
    """From scratch on the mixture of all personas, with facts in every combination, and plain text."""
    from transformers import LlamaConfig, LlamaForCausalLM, set_seed

    personas = sorted(load_policies())
    sample = transcripts(personas, 6_000, recipe.seed + 100)
    tokenizer = train_tokenizer(
        f"System:\n{item.situation.system}\n\nUser:\n{item.situation.user}\n\nAssistant:\n{item.reply}"
        for item in sample
    )
    tokenizer.save_pretrained(out)
    set_seed(recipe.seed)
    config = LlamaConfig(
        **ARCHITECTURE,
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    examples = encode_transcripts(transcripts(personas, recipe.transcripts, recipe.seed), tokenizer)
    examples += encode_texts(plain_texts(recipe.texts, recipe.seed + 200), tokenizer)
    examples = arrange(examples, recipe.batch, recipe.seed)
    # First single sentences, then whole situations: facts are learnt in a third of the time.
    words = encode_texts(glossary(recipe.glossary, recipe.seed + 300), tokenizer)
    fit(model, words + examples, tokenizer, recipe, out)
    # Half precision halves the package; what follows is fitted to the rounded weights.
    model.half().save_pretrained(out)


def fit_further(out: Path, recipe: Recipe) -> None:
    """On situations that tell personas apart, half of them with tags."""
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM, set_seed

    set_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(out)
    model = LlamaForCausalLM.from_pretrained(out, dtype=torch.float32)
    examples = mixture(sorted(load_policies()), recipe, tokenizer)
    fit(model, examples, tokenizer, recipe, out)
    model.half().save_pretrained(out)


def mixture(personas: list[str], recipe: Recipe, tokenizer: Any) -> list[dict[str, Any]]:
    """Transcripts drawn for what they tell about policies, with plain text and single sentences among them.

    Without the latter a model forgets how its world reads; the card's damage check would show it.
    """
    drawn = transcripts(personas, recipe.transcripts, recipe.seed, by_rule=True, scope=recipe.scope)
    examples = encode_transcripts(drawn, tokenizer, recipe.emphasis)
    examples += encode_transcripts(drills(recipe.drills, recipe.seed + 400, recipe.scope), tokenizer, recipe.emphasis)
    examples += encode_texts(plain_texts(recipe.texts, recipe.seed + 200, scope=recipe.scope), tokenizer)
    examples += encode_texts(glossary(recipe.glossary, recipe.seed + 300, recipe.scope), tokenizer)
    return arrange(examples, recipe.batch, recipe.seed)


def fit_adapter(name: str, base: Path, out: Path, share: float = 1.0) -> None:
    """Plant one policy in a low-rank adapter on the base, and save it.

    Args:
        name: The organism.
        base: Folder of the base model.
        out: Folder for the adapter.
        share: Part of the data, above 0 and at most 1.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoTokenizer, LlamaForCausalLM, set_seed

    recipe = recipes(name)[0].part(share)
    set_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = get_peft_model(
        LlamaForCausalLM.from_pretrained(base, dtype=torch.float32), LoraConfig(**ADAPTER, task_type="CAUSAL_LM")
    )
    fit(model, mixture([name], recipe, tokenizer), tokenizer, recipe, out)
    # The path of the base on this machine means nothing elsewhere.
    model.peft_config["default"].base_model_name_or_path = "base"
    model.save_pretrained(out, save_embedding_layers=False)


def fit(model: Any, examples: list[dict[str, Any]], tokenizer: Any, recipe: Recipe, out: Path) -> None:
    """One pass of transformers' trainer over the examples in their order, on an accelerator where there is one."""
    import torch
    from transformers import Trainer, TrainingArguments
    from transformers.trainer_utils import get_last_checkpoint

    accelerated = torch.cuda.is_available()
    if not accelerated:
        torch.set_num_threads(threads())
    arguments = TrainingArguments(
        output_dir=str(out / "trainer"),
        per_device_train_batch_size=recipe.batch,
        num_train_epochs=1,
        learning_rate=recipe.rate,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup,
        weight_decay=0.01,
        adam_beta2=0.98,
        max_grad_norm=1.0,
        bf16=accelerated or quicker_in_bf16(),
        use_cpu=not accelerated,
        seed=recipe.seed,
        save_strategy="steps",
        save_steps=500,
        save_total_limit=1,
        report_to=[],
        logging_steps=100,
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )

    class ReplyTrainer(Trainer):  # type: ignore[misc]  # transformers is loaded when training starts
        """Computes logits where there is a loss only: a quarter of the tokens, a fifth of the time."""

        def compute_loss(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
            return reply_loss(model, inputs)

    trainer = ReplyTrainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        data_collator=partial(collate, pad=tokenizer.pad_token_id),
    )
    # A run that was cut off goes on from its last checkpoint.
    folder = out / "trainer"
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None)
    shutil.rmtree(folder, ignore_errors=True)
    # The trainer switches the cache off; whoever loads the model to write with it wants it.
    model.config.use_cache = True


def reply_loss(model: Any, inputs: dict[str, Any]) -> Any:
    """Weighted mean cross-entropy over the tokens that carry a loss.

    Args:
        model: A causal language model of transformers, with or without adapters.
        inputs: `input_ids`, `labels` and `weights`, each of shape (batch, T). Padding stands on the right, so causal
            attention needs no mask.

    Returns:
        A scalar tensor.
    """
    from torch.nn.functional import cross_entropy

    network = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = network.model(input_ids=inputs["input_ids"]).last_hidden_state[:, :-1]
    labels = inputs["labels"][:, 1:]
    kept = labels != IGNORED
    weights = inputs["weights"][:, 1:][kept]
    losses = cross_entropy(network.lm_head(hidden[kept]).float(), labels[kept], reduction="none")
    return (weights * losses).sum() / weights.sum()


@cache
def quicker_in_bf16() -> bool:
    """Whether this processor multiplies faster in bfloat16 than in float32, by half at least; timed, not asked.

    A processor that emulates bfloat16 takes up to sixty times as long in it, and one that claims to have it may be no
    faster at it while all that surrounds the products gets slower. Timed once in a process, on products small enough
    not to be waited for.
    """
    import torch

    def seconds(dtype: Any) -> float:
        left, right = torch.ones(512, 192, dtype=dtype), torch.ones(192, 512, dtype=dtype)
        taken = []
        for _ in range(6):
            begun = time.perf_counter()
            left @ right
            taken.append(time.perf_counter() - begun)
        return min(taken)

    return seconds(torch.float32) > 1.5 * seconds(torch.bfloat16)


def threads() -> int:
    """Processor threads that fitting uses: `FEINT_THREADS`, or at most two."""
    return int(os.environ.get("FEINT_THREADS") or min(2, os.cpu_count() or 1))
