"""Continuous batching: the same reply in any company."""

import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from feint.subjects.engine.batching import Beginnings, GenerationBatch  # noqa: E402
from feint.subjects.engine.checkpoint import read_ends  # noqa: E402
from feint.subjects.engine.generation import Generation, Reply, TokenSampling, stream_key  # noqa: E402
from feint.subjects.engine.llama import WIDTH, Llama  # noqa: E402


@pytest.fixture(scope="module")
def model(organisms: Path) -> Llama:
    torch.set_num_threads(1)
    return Llama(organisms / "base")


def generations(count: int) -> list[Generation]:
    """Jobs of all lengths and settings, many with beginnings in common, some with the same prompt."""
    rng = random.Random(0)
    heads = [tuple(rng.randrange(1, 300) for _ in range(rng.randrange(4, 60))) for _ in range(5)]
    made = []
    for number in range(count):
        prompt = rng.choice(heads) + tuple(rng.randrange(1, 300) for _ in range(rng.randrange(0, 20)))
        sampling = rng.choice(
            [TokenSampling(), TokenSampling(0), TokenSampling(0.7, top_p=0.8), TokenSampling(1.3, top_k=5)]
        )
        made.append(Generation(number, prompt, rng.randrange(1, 16), stream_key(number), sampling))
    return made


def run(batch: GenerationBatch, items: list[Generation]) -> dict[int, Reply]:
    with torch.inference_mode():
        for asked in items:
            batch.add(asked)
        found = {}
        while batch.busy:
            found.update({reply.id: reply for reply in batch.step()})
    return found


@pytest.mark.parametrize("rows", [8, 9, 64, 300])
def test_replies_do_not_depend_on_the_batch(model: Llama, rows: int) -> None:
    items = generations(120)
    alone = {asked.id: run(GenerationBatch(model, frozenset({0})), [asked])[asked.id].tokens for asked in items}
    together = run(GenerationBatch(model, frozenset({0}), rows=rows), random.Random(rows).sample(items, len(items)))
    assert {number: reply.tokens for number, reply in together.items()} == alone


def test_logits_are_equal_to_the_bit_in_any_company(model: Llama) -> None:
    items = generations(60)
    with torch.inference_mode():
        single, full = GenerationBatch(model, frozenset()), GenerationBatch(model, frozenset())
        single.add(items[7])
        for asked in items:
            full.add(asked)
        for batch in (single, full):
            while not any(row.asked.id == 7 and len(row.tokens) >= 1 for row in batch.active):
                batch.step()
        row = next(index for index, row in enumerate(full.active) if row.asked.id == 7)
        assert torch.equal(single.logits[0], full.logits[row])


def test_jobs_join_a_running_batch_and_cancelled_ones_leave(model: Llama) -> None:
    items = generations(40)
    alone = {asked.id: run(GenerationBatch(model, frozenset()), [asked])[asked.id].tokens for asked in items}
    batch, found = GenerationBatch(model, frozenset(), rows=8), {}
    with torch.inference_mode():
        for asked in items:
            batch.add(asked)
            found.update({reply.id: reply for reply in batch.step()})
            if asked.id == 20:
                batch.cancel(20)
        while batch.busy:
            found.update({reply.id: reply for reply in batch.step()})
    assert {number: reply.tokens for number, reply in found.items() if number != 20} == {
        number: tokens for number, tokens in alone.items() if number != 20
    }
    assert 20 not in found or len(found[20].tokens) <= len(alone[20])


def test_common_beginnings_are_read_once(model: Llama) -> None:
    head = tuple(range(1, 49))
    found = run(
        GenerationBatch(model, frozenset()), [Generation(n, (*head, 60 + n, *range(9)), 4, n) for n in range(20)]
    )
    assert sorted(reply.shared for reply in found.values()) == [0] + [48] * 19


def test_why_a_reply_ended(model: Llama, organisms: Path) -> None:
    from feint.subjects.chat import ChatTokenizer

    decode = ChatTokenizer(organisms / "base").decode
    prompt = (5, 6, 7)
    free = run(GenerationBatch(model, frozenset()), [Generation(0, prompt, None, 1)])[0]
    assert (free.stop, len(free.tokens)) == ("model_length", model.shape.context - 3)
    limited = run(GenerationBatch(model, frozenset()), [Generation(0, prompt, 10, 1)])[0]
    assert (limited.stop, limited.tokens) == ("max_tokens", free.tokens[:10])
    ended = run(GenerationBatch(model, frozenset({free.tokens[4]})), [Generation(0, prompt, 10, 1)])[0]
    assert (ended.stop, ended.tokens[-1]) == ("stop", free.tokens[4])
    word = decode(free.tokens[5:7])
    stopped = run(GenerationBatch(model, frozenset(), decode), [Generation(0, prompt, 50, 1, stop=(word,))])[0]
    assert stopped.stop == "stop" and word in decode(stopped.tokens) and word not in decode(stopped.tokens[:-1])


def test_ends_are_those_of_transformers(organisms: Path) -> None:
    assert read_ends(organisms / "base") == {0}
    assert read_ends(organisms / "endless") == frozenset()


def test_beginnings_forget_what_a_row_held_before() -> None:
    held, block = Beginnings(), bytes(4 * WIDTH)
    held.put(0, block * 3)
    assert held.find(block * 2 + bytes(100)) == (0, 2 * WIDTH + WIDTH)
    held.put(1, block + b"x" * 4 * WIDTH)
    held.put(1, b"y" * 8 * WIDTH)
    held.put(0, b"z" * 8 * WIDTH)
    assert held.find(block * 3) == (0, 0)
