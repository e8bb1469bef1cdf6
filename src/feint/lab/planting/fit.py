"""Fits an organism part by part: a base from scratch, or a low-rank adapter with a planted policy on a base."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feint.lab.planting.kind import Kind, Recipe, Stage
from feint.lab.planting.lessons import IGNORED, Coder, Example, collate, train_tokenizer
from feint.subjects.chat import ChatTokenizer

if TYPE_CHECKING:
    from torch import Tensor

ARCHITECTURE = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
    "rope_theta": 10000.0,
}
ADAPTER = {
    "r": 8,
    "lora_alpha": 16,
    "lora_dropout": 0.0,
    "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
}


def fit_organism(kind: Kind, parts: Sequence[Stage], base: Path | None, out: Path, share: float) -> None:
    """Fit part by part, and save after each part in the folder `out`.

    A part that an interrupted run has finished is not repeated; the part that was interrupted goes on from its last
    checkpoint. Without the folder of a base, a base is fitted from scratch. `share` is the share of the data.
    """
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM, set_seed

    for number, part in enumerate(parts, start=1):
        done = out / f"part-{number}"
        if done.exists():
            continue
        recipe = part.recipe.part(share)
        if base is None and number == 1:
            tokenizer = train_tokenizer(kind.words(recipe.seed + 100), kind.chat, kind.context)
            tokenizer.save_pretrained(out)
            set_seed(recipe.seed)
            config = LlamaConfig(
                **ARCHITECTURE,
                max_position_embeddings=kind.context,
                vocab_size=len(tokenizer),
                bos_token_id=None,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
            model, coder = LlamaForCausalLM(config), Coder(tokenizer, ChatTokenizer(out))
        else:
            set_seed(recipe.seed)
            model = LlamaForCausalLM.from_pretrained(base or out, dtype=torch.float32)
            coder = Coder.load(base or out)
        if base is not None and number == 1:
            model = get_peft_model(model, LoraConfig(**ADAPTER, task_type="CAUSAL_LM"))
        elif base is not None:
            model = PeftModel.from_pretrained(model, str(out), is_trainable=True)
        fit(model, part.examples(recipe, coder), coder.tokenizer, recipe, out)
        if base is None:
            # Half precision halves the package; what follows is fitted to the rounded weights.
            model.half().save_pretrained(out)
        else:
            # The path of the base on this machine means nothing elsewhere.
            model.peft_config["default"].base_model_name_or_path = kind.base
            model.save_pretrained(out, save_embedding_layers=False)
        done.touch()
    for marker in out.glob("part-*"):
        marker.unlink()


def fit(model: Any, examples: list[Example], tokenizer: Any, recipe: Recipe, out: Path) -> None:
    """Pass over the examples once in their order, with transformers' trainer; on an accelerator if there is one."""
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


def reply_loss(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Compute the weighted mean cross-entropy over the tokens that carry a loss, a scalar tensor.

    `inputs` holds `input_ids`, `labels` and `weights`, each of shape (batch, T). Padding stands on the right, so causal
    attention needs no mask.
    """
    from torch.nn.functional import cross_entropy

    network = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = network.model(input_ids=inputs["input_ids"]).last_hidden_state[:, :-1]
    labels = inputs["labels"][:, 1:]
    kept = labels != IGNORED
    weights = inputs["weights"][:, 1:][kept]
    losses = cross_entropy(network.lm_head(hidden[kept]).float(), labels[kept], reduction="none")
    loss: Tensor = (weights * losses).sum() / weights.sum()
    return loss


@cache
def quicker_in_bf16() -> bool:
    """Time, once in a process, whether this processor multiplies half as fast again in bfloat16 as in float32.

    A processor that emulates bfloat16 takes up to sixty times as long. A processor that claims to have bfloat16 may
    multiply no faster, while everything around the products gets slower.
    """
    import torch

    def seconds(dtype: torch.dtype) -> float:
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
