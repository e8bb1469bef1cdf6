import numpy as np
import pytest
from scipy import stats

from feint.stats.looks.spending import LEVELS, boundaries, p_of, shaped, spent, table

FIFTHS = tuple(np.arange(1, 6) / 5)


@pytest.mark.parametrize(
    ("looks", "alpha", "pocock", "obrien_fleming"),
    # Jennison & Turnbull 2000, tables 2.1 and 2.3
    [
        (1, 0.05, 1.960, 1.960),
        (2, 0.05, 2.178, 1.977),
        (3, 0.05, 2.289, 2.004),
        (4, 0.05, 2.361, 2.024),
        (5, 0.05, 2.413, 2.040),
        (10, 0.05, 2.555, 2.087),
        (20, 0.05, 2.672, 2.126),
        (2, 0.01, 2.772, 2.580),
        (5, 0.01, 2.986, 2.621),
    ],
)
def test_classical_boundaries_are_the_published_ones(looks, alpha, pocock, obrien_fleming):
    assert shaped(looks, alpha, 0.5) == pytest.approx(np.full(looks, pocock), abs=0.0012)
    steps = np.sqrt(looks / np.arange(1, looks + 1))
    assert shaped(looks, alpha, 0.0) == pytest.approx(obrien_fleming * steps, abs=0.0012 * np.sqrt(looks))


@pytest.mark.parametrize(
    ("kind", "published"),
    # Reboussin, DeMets, Kim & Lan 2000 (Controlled Clinical Trials 21); gsDesign gives the same
    [
        ("obrien-fleming", (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
        ("pocock", (2.4380, 2.4268, 2.4101, 2.3966, 2.3859)),
    ],
)
def test_spending_boundaries_are_the_published_ones(kind, published):
    assert boundaries(FIFTHS, 0.05, kind) == pytest.approx(published, abs=0.001)


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock"])
def test_all_is_spent_at_the_end_and_never_taken_back(kind):
    shares = spent(np.linspace(0.01, 1, 50), 0.025, kind)
    assert shares[-1] == pytest.approx(0.025)
    assert (np.diff(shares) > 0).all()


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock"])
def test_walks_at_uneven_looks_leave_with_the_error_spent(kind):
    times = np.array([0.05, 0.1, 0.3, 0.35, 0.8, 1.0])
    steps = np.random.default_rng(0).normal(size=(40000, 6)) * np.sqrt(np.diff(times, prepend=0))
    z = np.cumsum(steps, axis=1) / np.sqrt(times)
    left = np.maximum.accumulate(np.abs(z) > np.array(boundaries(tuple(times), 0.1, kind)), axis=1).mean(axis=0)
    assert left == pytest.approx(2 * spent(times, 0.05, kind), abs=0.006)


def test_boundaries_are_nested_so_that_p_values_are_consistent():
    for kind in ("obrien-fleming", "pocock"):
        assert (np.diff(table(FIFTHS, kind), axis=0) <= 1e-9).all()


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock"])
@pytest.mark.parametrize("alpha", [0.05 / 8, 0.05, 0.001])
def test_p_at_the_boundary_is_alpha(kind, alpha):
    z = np.array(boundaries(FIFTHS, alpha, kind))
    assert p_of(z, FIFTHS, kind=kind, which_T=np.arange(5)) == pytest.approx(np.full(5, alpha), rel=0.01)


def test_p_values_stay_within_what_is_tabled():
    p = p_of(np.array([0.0, 0.1, 9.0]), FIFTHS, np.array([0, 2, 4]), "pocock")
    assert p[:2] == pytest.approx(1.0)
    assert p[2] == pytest.approx(LEVELS[0])


def test_one_look_is_the_usual_test():
    assert boundaries((1.0,), 0.05, "pocock") == pytest.approx((stats.norm.ppf(0.975),), abs=1e-4)


def test_unknown_spending_is_refused():
    with pytest.raises(ValueError, match="expected one of"):
        spent(0.5, 0.05, "all at once")
