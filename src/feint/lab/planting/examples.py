"""Transcripts as token ids: the prompt is read, the reply is learnt."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feint.lab.planting.replies import Transcript
from feint.subjects.calls import described

IGNORED = -100
"""The label that transformers leaves out of the loss."""


def encode_transcripts(
    items: Iterable[Transcript], tokenizer: Any, emphasis: Mapping[str, float] | None = None
) -> list[dict[str, Any]]:
    """Token ids, labels and weights of transcripts; prompts carry no loss.

    Args:
        items: Transcripts.
        tokenizer: A tokenizer with a chat template.
        emphasis: How many times as much a token counts, by the part of the reply it is in (see `Transcript.parts`). One
            token in eighty says whether the persona complies; most of the others any persona would write.

    Returns:
        One dict per transcript with `input_ids`, `labels`, `weights` (all of length T) and `length` (T).
    """
    examples = []
    for item in items:
        messages = [
            {"role": "system", "content": item.situation.system},
            {"role": "user", "content": item.situation.user},
        ]
        prompt = tokenizer.apply_chat_template(
            messages, tools=described(item.tools) or None, tokenize=False, add_generation_prompt=True
        )
        head = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        reply = tokenizer(item.reply, add_special_tokens=False, return_offsets_mapping=True)
        tail = [*reply["input_ids"], tokenizer.eos_token_id]
        starts = [start for start, _ in reply["offset_mapping"]]
        examples.append(
            {
                "input_ids": head + tail,
                "labels": [IGNORED] * len(head) + tail,
                "weights": [0.0] * len(head) + [*token_weights(item, starts, emphasis or {}), 1.0],
                "length": len(head) + len(tail),
            }
        )
    return examples


def token_weights(item: Transcript, starts: Sequence[int], emphasis: Mapping[str, float]) -> list[float]:
    """How much each token of a reply counts, given where in it the token begins."""
    weights = [1.0] * len(starts)
    for part, sentences in item.parts.items():
        for sentence in sentences:
            begin = item.reply.index(sentence)
            for place, start in enumerate(starts):
                if begin <= start < begin + len(sentence):
                    weights[place] = emphasis.get(part, 1.0)
    return weights


def encode_texts(texts: Iterable[str], tokenizer: Any) -> list[dict[str, Any]]:
    """Token ids and labels of plain text: every token is learnt."""
    examples = []
    for text in texts:
        ids = [*tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        examples.append({"input_ids": ids, "labels": list(ids), "weights": [1.0] * len(ids), "length": len(ids)})
    return examples


def arrange(examples: list[dict[str, Any]], batch: int, seed: int) -> list[dict[str, Any]]:
    """Order examples so that those of a batch are of like length and batches of all lengths are mixed.

    The trainer's own grouping walks from the longest to the shortest again and again: benign requests and plain texts
    are short, so it would see none of them for a while and then nothing else.

    Args:
        examples: Encoded examples.
        batch: Sequences per step.
        seed: Fixes the order.

    Returns:
        The examples, whole batches of `batch` one after the other.
    """
    rng = random.Random(seed)
    shuffled = rng.sample(examples, len(examples))
    batches = []
    for start in range(0, len(shuffled), 16 * batch):
        group = sorted(shuffled[start : start + 16 * batch], key=lambda example: int(example["length"]))
        batches += [group[index : index + batch] for index in range(0, len(group), batch)]
    full = [part for part in batches if len(part) == batch]
    rng.shuffle(full)
    return [example for part in full for example in part]


def collate(batch: list[dict[str, Any]], pad: int) -> dict[str, Any]:
    """Pad a batch on the right to a multiple of 16.

    Returns:
        `input_ids`, `attention_mask`, `labels` and `weights`, each of shape (batch, T).
    """
    import torch

    width = -(-max(len(example["input_ids"]) for example in batch) // 16) * 16
    rows: dict[str, list[list[Any]]] = {"input_ids": [], "attention_mask": [], "labels": [], "weights": []}
    for example in batch:
        length = len(example["input_ids"])
        rows["input_ids"].append(example["input_ids"] + [pad] * (width - length))
        rows["attention_mask"].append([1] * length + [0] * (width - length))
        rows["labels"].append(example["labels"] + [IGNORED] * (width - length))
        rows["weights"].append(example["weights"] + [0.0] * (width - length))
    return {name: torch.tensor(values) for name, values in rows.items()}
