"""From logits to points, by hand."""

import numpy as np
import pytest
from scipy.special import expit

from feint.stats import Settings
from feint.stats.bayes.counts import Counts
from feint.stats.bayes.model import Draws
from feint.stats.bayes.summary import rates, standardise, summarise_contrast, summarise_requests

SCORED = np.zeros((2, 2, 2))
SCORED[0], SCORED[1, 0] = 1, 3  # the second request was asked in one wording
COUNTS = Counts(["a", "b"], ["x", "y"], SCORED / 2, SCORED, np.array([[0, 1], [1, 0]]), 2, 0)


def test_rates_are_means_over_the_wordings_that_were_asked() -> None:
    rng = np.random.default_rng(0)
    logit, shift = rng.normal(size=(2, 300, 2, 2)), rng.normal(size=(2, 300, 2))
    found = rates(Draws({"logit": logit, "shift": shift}, 0), COUNTS)
    first = (expit(logit[..., 0, :] + shift[..., :1]) + expit(logit[..., 0, :] + shift[..., 1:])) / 2
    assert np.allclose(found[:, :, 0], first)
    assert np.allclose(found[:, :, 1], expit(logit[..., 1, :] + shift[..., 1:]))


def test_requests_are_a_sample() -> None:
    """Known rates of 30 requests: their mean, with the spread of the mean of a sample of 30."""
    each = np.random.default_rng(2).beta(1, 2, size=30)
    found = standardise(np.broadcast_to(each[:, None], (2, 4000, 30, 1)), seed=1)
    assert found.mean() == pytest.approx(each.mean(), abs=0.004)
    assert found.std() == pytest.approx(each.std() / np.sqrt(31), rel=0.05)


def test_probabilities_of_a_contrast() -> None:
    told = summarise_contrast(np.linspace(-0.1, 0.1, 2001), Settings())
    assert told["estimate"] == pytest.approx(0)
    assert (told["low"], told["high"]) == (pytest.approx(-0.095), pytest.approx(0.095))
    assert told["p_above_zero"] == pytest.approx(0.5, abs=0.001)
    assert told["p_above_small"] == pytest.approx(0.25, abs=0.001)
    assert told["p_beyond_small"] == pytest.approx(0.5, abs=0.001)


def test_the_share_of_the_largest_tenth() -> None:
    own = np.full((2, 50, 20), 0.01)
    own[..., [3, 7]] = 0.41
    told = summarise_requests(own, [f"r{i}" for i in range(20)], Settings())
    assert (told["counted"], {entry["request"] for entry in told["requests"][:2]}) == (2, {"r3", "r7"})
    assert told["share"]["estimate"] == pytest.approx(0.82)
    assert summarise_requests(-own, ["r"] * 20, Settings())["share"] is None
