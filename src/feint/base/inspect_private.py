"""Holds every use of a name that Inspect does not export, and keeps Inspect's lines off the terminal.

Nothing else in this package imports from a private module.

Inspect has no public name for five things: the error that it prints without a traceback, the sample whose model call
is being answered, the model that a task is made for, the reader of `.env`, and the metrics that a scorer declares.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import rich
from inspect_ai._util.dotenv import init_dotenv  # inspect-evals-lint: ignore[private_api_imports] -- read alike
from inspect_ai._util.error import (
    PrerequisiteError,  # inspect-evals-lint: ignore[private_api_imports] -- what Inspect prints without a traceback
)
from inspect_ai.log._samples import sample_active
from inspect_ai.model import Model
from inspect_ai.model._model import active_model
from inspect_ai.scorer import Metric, Scorer
from inspect_ai.scorer._scorer import (
    scorer_metrics,  # inspect-evals-lint: ignore[private_api_imports] -- a task's metrics replace them
)

from feint.base.errors import UsageError

__all__ = [
    "CHECKED",
    "Place",
    "PrerequisiteError",
    "active_model",
    "conceal",
    "metrics_of",
    "place_of_call",
    "quiet",
    "read_dotenv",
]

CHECKED = "0.3.285"
"""The version of Inspect whose private names were checked."""


class Place(NamedTuple):
    """Locates a model call within an eval.

    Attributes:
        sample: The sample's id and epoch, the same in a resumed run; None outside an eval.
        attempt: The id of this attempt at the sample; None outside an eval.
    """

    sample: tuple[int | str | None, int] | None
    attempt: str | None


def place_of_call() -> Place:
    """Locate the model call that is being answered."""
    active = sample_active()
    return Place((active.sample.id, active.epoch), active.id) if active else Place(None, None)


def metrics_of(scorer: Scorer) -> list[Metric | dict[str, list[Metric]]]:
    """List the metrics that a scorer declares; those of a task would stand in place of them."""
    found = scorer_metrics(scorer)
    return list(found) if isinstance(found, list) else [found]


def conceal(model: Model, address: Callable[[str], str], args: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Keep secrets of a model out of Inspect's logs: its calls go on with them.

    Args:
        model: The model; it is changed.
        address: Returns an address without its secrets.
        args: Does the same for the arguments of a provider.
    """
    model.model_args = args(model.model_args)
    if model.explicit_base_url is not None:
        model._explicit_base_url = address(model.explicit_base_url)
    full = model.api.base_url
    if full is None or address(full) == full:
        return
    start = model.api.initialize

    def initialize() -> None:
        """Make the provider's client anew, which needs the whole address."""
        model.api.base_url = full
        try:
            start()
        finally:
            model.api.base_url = address(full)

    model.api.base_url = address(full)
    model.api.initialize = initialize  # type: ignore[method-assign]  # Inspect has no other place for secrets


def read_dotenv() -> None:
    """Read `.env` as Inspect does: the first one from the working folder upwards; variables that are set stay.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        init_dotenv()
    except (OSError, ValueError) as error:
        raise UsageError(f".env: cannot be read ({error}); mend the file, or remove it") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Inspect's banners and status lines off the terminal; the log holds the same facts.

    Nor are there warnings of pydantic about answers of servers whose fields have an unexpected type.
    """
    console = rich.get_console()
    before, console.quiet = console.quiet, True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
            yield
    finally:
        console.quiet = before
