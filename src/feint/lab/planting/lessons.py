"""Learns a tokenizer, and turns conversations and texts into token ids: replies are learnt, all else is read."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from feint.subjects.chat import ChatTokenizer, Message

if TYPE_CHECKING:
    from torch import Tensor

END = "<|end|>"
VOCABULARY = 2400
IGNORED = -100
"""The label that transformers leaves out of the loss."""
Spans = list[tuple[int, int, float]]
"""Places in a text: begin, end, and how many times as much the tokens between them count."""


def train_tokenizer(texts: Iterable[str], chat: str, context: int) -> Any:
    """Learn a `PreTrainedTokenizerFast`: byte-level BPE on texts of a world, where most words become one token.

    It gets a chat template and the positions of its model. The tags of the reply format stay ordinary text: servers
    drop special tokens from what they return. Only the end of the turn is special, and it is also the padding.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=END,
        chat_template=chat,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )


class Example(TypedDict):
    """An encoded text of T tokens.

    Attributes:
        input_ids: Token ids, T of them.
        labels: The same ids, or `IGNORED` where nothing is learnt.
        weights: How much each token counts.
        length: T.
    """

    input_ids: list[int]
    labels: list[int]
    weights: list[float]
    length: int


@dataclass(frozen=True)
class Lesson:
    """A conversation whose replies are learnt.

    Attributes:
        messages: The conversation; the last message is a reply.
        parts: Pieces of replies, and how many times as much their tokens count. Later pieces prevail. One token in
            eighty says what the persona does; any persona would write most of the others.
        tools: Name and description of the tools on offer.
        goes_on: Whether the last reply is cut, so that its end is not learnt.
    """

    messages: Sequence[Message]
    parts: Sequence[tuple[str, float]] = ()
    tools: Sequence[tuple[str, str]] = ()
    goes_on: bool = False


@dataclass(frozen=True)
class Coder:
    """The tokenizer of a base as transformers loads it, and the chat template that renders messages."""

    tokenizer: Any
    chat: ChatTokenizer

    @classmethod
    def load(cls, folder: Path) -> "Coder":
        """Load both from a model's folder."""
        from transformers import AutoTokenizer

        return cls(AutoTokenizer.from_pretrained(folder), ChatTokenizer(folder))

    def encode(self, lesson: Lesson) -> Example:
        """Encode a conversation; only replies carry a loss."""
        end, messages, spans = self.tokenizer.eos_token, lesson.messages, Spans()
        for place, message in enumerate(messages):
            if message["role"] == "assistant":
                before, upto = (self.chat.render(messages[: place + more], lesson.tools) for more in (0, 1))
                # the template opens the next reply, which does not belong to this one
                spans.append((len(before), upto.rindex(end) + len(end), 1.0))
        if lesson.goes_on:
            start, stop, weight = spans[-1]
            spans[-1] = (start, stop - len(end), weight)
        text, replies = self.chat.render(messages, lesson.tools)[: spans[-1][1]], list(spans)
        for piece, weight in lesson.parts:
            for first, stop, _ in replies:
                at = text.find(piece, first, stop)
                if at >= 0:
                    spans.append((at, at + len(piece), weight))
        coded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids, weights = coded["input_ids"], weigh([begin for begin, _ in coded["offset_mapping"]], spans)
        labels = [token if weight else IGNORED for token, weight in zip(ids, weights, strict=True)]
        return Example(input_ids=ids, labels=labels, weights=weights, length=len(ids))

    def encode_all(self, lessons: Iterable[Lesson]) -> list[Example]:
        """Encode conversations."""
        return [self.encode(lesson) for lesson in lessons]

    def encode_texts(self, texts: Iterable[str]) -> list[Example]:
        """Encode plain texts: every token is learnt."""
        examples = []
        for text in texts:
            ids = [*self.tokenizer(text, add_special_tokens=False)["input_ids"], self.tokenizer.eos_token_id]
            examples.append(Example(input_ids=ids, labels=list(ids), weights=[1.0] * len(ids), length=len(ids)))
        return examples


def weigh(starts: Sequence[int], spans: Spans) -> list[float]:
    """Return how much each token counts, from where in the text it begins: the weight of the last span that holds it.

    >>> weigh([0, 4, 8], [(4, 12, 1.0), (8, 12, 5.0)])
    [0.0, 1.0, 5.0]
    """
    weights = [0.0] * len(starts)
    for first, end, weight in spans:
        for place, start in enumerate(starts):
            if first <= start < end:
                weights[place] = weight
    return weights


def arrange(examples: list[Example], batch: int, seed: int) -> list[Example]:
    """Order examples so that those of a batch are of like length and batches of all lengths are mixed.

    The trainer's own grouping walks from the longest to the shortest again and again. Benign requests and plain texts
    are short, so the trainer would see none of them for a while and then nothing else. Examples beyond the last whole
    batch are left out.
    """
    rng = random.Random(seed)
    shuffled = rng.sample(examples, len(examples))
    batches = []
    for start in range(0, len(shuffled), 16 * batch):
        group = sorted(shuffled[start : start + 16 * batch], key=lambda example: example["length"])
        batches += [group[index : index + batch] for index in range(0, len(group), batch)]
    full = [part for part in batches if len(part) == batch]
    rng.shuffle(full)
    return [example for part in full for example in part]


def collate(batch: list[Example], pad: int) -> "dict[str, Tensor]":
    """Pad a batch on the right to a multiple of 16; each tensor has the shape (batch, T)."""
    import torch

    width = -(-max(example["length"] for example in batch) // 16) * 16
    gaps = [(example, width - example["length"]) for example in batch]
    return {
        "input_ids": torch.tensor([one["input_ids"] + [pad] * gap for one, gap in gaps]),
        "attention_mask": torch.tensor([[1] * one["length"] + [0] * gap for one, gap in gaps]),
        "labels": torch.tensor([one["labels"] + [IGNORED] * gap for one, gap in gaps]),
        "weights": torch.tensor([one["weights"] + [0.0] * gap for one, gap in gaps]),
    }
