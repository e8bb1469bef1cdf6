"""Examples in docstrings run as tests. Alone: `pytest src/feint/stats/score.py --doctest-modules`."""

import doctest
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

import feint

PACKAGE = Path(feint.__file__).parent
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
"""As `doctest_optionflags` in pyproject.toml."""
EXAMPLE = re.compile(r"^\s*>>> ", re.MULTILINE)
EXTRAS = {"torch", "transformers", "peft", "safetensors", "tokenizers", "accelerate", "openai", "numpyro", "jax"}


def with_examples() -> list[str]:
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if EXAMPLE.search(path.read_text(encoding="utf-8")))
    return [".".join(("feint", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in paths]


@pytest.mark.parametrize("name", with_examples())
def test_examples_of(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in EXTRAS:
            pytest.skip(f"needs the optional package {error.name}")
        raise
    failed, run = doctest.testmod(module, optionflags=FLAGS)
    assert run and not failed, "see the output above; was every example found?"


def test_the_check_can_fail() -> None:
    module = ModuleType("wrong")
    module.__doc__ = ">>> 1 + 1\n3\n"
    assert doctest.testmod(module, optionflags=FLAGS).failed == 1
