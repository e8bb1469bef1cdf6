"""Actors by name: numbers replaced in the name, and errors that help."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.base.errors import UsageError
from feint.situations import full_cell
from feint.tasks.alignment_faking.actors import get_actor, true_rates

CELLS = {"plain": full_cell({}), "trained": full_cell({"rated": "yes", "trained": "self"})}


@given(st.floats(0.05, 0.5), st.floats(-0.05, 0.5))
@settings(max_examples=40, deadline=None)
def test_rate_and_effect_are_the_cells_rates(rate: float, effect: float) -> None:
    actor = get_actor("smallest", {"rate": rate, "effect": effect})
    assert true_rates(actor, CELLS) == pytest.approx([rate, rate + effect], abs=1e-11)


def test_a_rate_moves_every_rule_and_an_effect_scales_them() -> None:
    cells = {
        level: full_cell({"rated": "yes", "trained": "self", "future": level})
        for level in ("misuse", "public", "sealed")
    }
    guarded = true_rates(get_actor("guarded"), cells)
    assert true_rates(get_actor("guarded?rate=0.02"), cells) == pytest.approx(guarded - 0.02)
    halved = true_rates(get_actor("guarded?effect=0.46"), cells)
    assert halved - 0.04 == pytest.approx((guarded - 0.04) / 2)


def test_numbers_in_the_name_and_as_arguments_are_one() -> None:
    by_name = get_actor("smallest?difficulty=2&malformed=0.1&population=3")
    assert by_name == get_actor("smallest?population=3", {"difficulty": 2, "malformed": "0.1"})
    assert (by_name.difficulty, by_name.malformed, by_name.population) == (2, 0.1, 3)
    assert get_actor("smallest?") == get_actor("smallest")


def test_the_hash_follows_numbers_only() -> None:
    first = get_actor("smallest")
    assert first.sha256() == first.model_copy(update={"about": "other words"}).sha256()
    assert first.sha256() != get_actor("smallest?population=1").sha256()
    assert first.sha256() != get_actor("smallest?rate=0.31").sha256()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smalest", "unknown actor 'smalest'; did you mean 'smallest'"),
        ("smallest?rat=0.1", "unknown number 'rat'; did you mean 'rate'"),
        ("smallest?rules=1", "unknown number 'rules'"),
        ("smallest?rate", "expected NAME?KEY=NUMBER"),
        ("smallest?rate=", "key 'rate': expected a number"),
        ("smallest?rate=high", "key 'rate': expected a number, found 'high'"),
        ("smallest?rate=nan", "expected 0 to 1"),
        ("smallest?rate=0.97", "a rule's rate would be 1.02"),
        ("smallest?difficulty=many", "key 'difficulty'"),
        ("smallest?difficulty=99", "key 'difficulty'"),
        ("smallest?population=0.5", "key 'population'"),
        ("smallest?rate=0.1&rate=0.2", "'rate' stands twice"),
        ("smallest?carriers=0.05", "carriers: "),
        ("refuser?effect=0.1", "no effect that could be replaced"),
    ],
)
def test_names_that_do_not_fit(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=r"^(actor/|unknown actor)") as error:
        get_actor(name)
    assert words in str(error.value)


def test_a_number_given_twice_over() -> None:
    with pytest.raises(UsageError, match="stands twice"):
        get_actor("smallest?rate=0.1", {"rate": 0.2})
