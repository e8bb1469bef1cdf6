"""Learns the organisms' tokenizer: byte-level BPE on texts of their world, where most words become one token."""

from collections.abc import Iterable
from typing import Any

END = "<|end|>"
VOCABULARY = 2400
CONTEXT = 640
CHAT = (
    "{% for message in messages %}"
    "{% if tools and message['role'] != 'system' and (loop.first or loop.previtem['role'] == 'system') %}Tools:\n"
    "{% for tool in tools %}{{ tool.function.name }}: {{ tool.function.description }}{{ '\n' }}{% endfor %}{{ '\n' }}"
    "{% endif %}"
    "{{ message['role'] | capitalize }}:\n{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}" + END + "{% endif %}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:\n{% endif %}"
)
"""Tools stand after the system's words, in the form that OpenAI's protocol gives them."""


def train_tokenizer(
    texts: Iterable[str], chat: str = CHAT, context: int = CONTEXT, vocabulary: int = VOCABULARY
) -> Any:
    """Learn a tokenizer.

    The tags of the reply format stay ordinary text: servers drop special tokens from what they return. Only the end
    of the turn is special, and it is also the padding.

    Args:
        texts: Training texts.
        chat: The chat template.
        context: Positions of the model.
        vocabulary: Number of tokens, special ones and bytes included.

    Returns:
        A `PreTrainedTokenizerFast` with a chat template.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
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
