"""Serves a model of this package to Inspect: its replies follow from a prompt, a key, and a hash of everything else."""

from abc import abstractmethod
from collections import Counter
from typing import Any, ClassVar

from inspect_ai.model import GenerateConfig, ModelAPI

from feint.base.errors import UsageError
from feint.base.inspect_private import place_of_call
from feint.subjects.engine.generation import stream_key


class KeyedModelAPI(ModelAPI):
    """A model whose replies are the same at any concurrency and in a resumed run.

    A reply is a function of the conversation, of the seed and, within an eval, of the sample's id and epoch. Two calls
    that are alike in all of this and state no seed differ by their order.
    """

    kind: ClassVar[str]
    """The name of the provider."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        """Open the model of a name, which has no base URL; a key is ignored.

        Raises:
            UsageError: A base URL is given, or there is no such model or argument.
        """
        if base_url is not None:
            raise UsageError(f"{self.kind}/{model_name}: base_url is no option of {self.kind}s; leave it out.")
        super().__init__(model_name, None, None, [], config or GenerateConfig())
        self.calls: Counter[int] = Counter()
        self.open(model_args)

    @abstractmethod
    def open(self, model_args: dict[str, Any]) -> None:
        """Find the model of `self.model_name`, and make it ready."""

    @abstractmethod
    def sha256(self) -> str:
        """Hash everything that a reply depends on, except the prompt and the key."""

    @property
    def base_url(self) -> str | None:
        """The hash, because Inspect's cache keys on the base URL."""
        return f"sha256:{self.sha256()}"

    @base_url.setter
    def base_url(self, value: str | None) -> None:
        # the base class assigns its argument, which is None
        assert value is None

    def draw_key(self, *prompt: object, seed: int | None, begins: bool = True) -> int:
        """Return the key of a reply's random numbers, by the plain values and the seed that it depends on.

        Calls that begin a conversation differ by their order if no seed is stated.
        """
        place = place_of_call()
        key = stream_key(*prompt, seed, place.sample)
        if seed is not None or not begins:
            return key
        # a sample that runs again counts anew
        call = stream_key(key, place.attempt)
        self.calls[call] += 1
        return stream_key(key, self.calls[call]) if self.calls[call] > 1 else key
