"""Drawing tokens: the right distribution, from numbers that are a reply's own."""

import numpy as np
import pytest
from scipy.stats import chisquare

torch = pytest.importorskip("torch")

from feint.subjects.engine.batching import draw, draw_filtered, uniforms  # noqa: E402
from feint.subjects.engine.generation import TokenSampling, stream_key  # noqa: E402

LOGITS = torch.tensor([1.0, 0.0, 2.0, -1.0, 0.5])
COUNT = 20_000


def frequencies(sampling: TokenSampling) -> np.ndarray:
    rows = LOGITS.expand(COUNT, -1)
    numbers = uniforms(stream_key("test"), COUNT)
    if sampling.filters:
        tokens = draw_filtered(rows, [sampling] * COUNT, numbers)
    else:
        tokens = draw(rows, torch.full((COUNT,), sampling.temperature), numbers)
    return np.bincount(tokens.numpy(), minlength=len(LOGITS))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_follow_the_softmax(temperature: float) -> None:
    expected = (LOGITS / temperature).softmax(-1).double().numpy()
    assert chisquare(frequencies(TokenSampling(temperature)), COUNT * expected / expected.sum()).pvalue > 1e-4


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (TokenSampling(1.0, top_k=2), [0, 2]),
        (TokenSampling(1.0, top_p=0.7), [0, 2]),
        (TokenSampling(1.0, top_p=0.01), [2]),
        (TokenSampling(1.0, top_p=0.9, top_k=4), [0, 2, 4]),
    ],
)
def test_only_kept_tokens_are_drawn(sampling: TokenSampling, kept: list[int]) -> None:
    found = frequencies(sampling)
    p = LOGITS.softmax(-1).double().numpy()[kept]
    assert found.sum() == found[kept].sum()
    assert len(kept) == 1 or chisquare(found[kept], COUNT * p / p.sum()).pvalue > 1e-4


def test_temperature_zero_takes_the_likeliest() -> None:
    assert frequencies(TokenSampling(0.0)).tolist() == [0, 0, COUNT, 0, 0]


def test_extreme_numbers_draw_possible_tokens() -> None:
    rows = torch.tensor([[float("-inf"), 0.0, 0.0, float("-inf")]]).expand(2, -1)
    assert draw(rows, torch.ones(2), torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)).tolist() == [1, 2]


def test_streams_differ_by_key_and_start_alike_at_any_length() -> None:
    assert stream_key("a", 1) != stream_key("a", 2)
    assert torch.equal(uniforms(7, 3), uniforms(7, 50)[:3])
