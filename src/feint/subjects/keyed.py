"""Serves a model of this package to Inspect: its replies follow from a prompt, a key, and a hash of everything else."""

from abc import abstractmethod
from collections import Counter

from inspect_ai.model import GenerateConfig, ModelAPI

from feint.base.errors import UsageError
from feint.base.inspect_private import place_of_call
from feint.subjects.engine.generation import stream_key


class KeyedModelAPI(ModelAPI):
    """A model whose replies are the same at any concurrency and in a resumed run.

    A reply is a function of the conversation, of the seed and, within an eval, of the sample's id and epoch. Two calls
    that are alike in all of this and state no seed differ by their order.
    """

    def __init__(self, kind: str, model_name: str, base_url: str | None, config: GenerateConfig | None) -> None:
        """Take the part of Inspect's arguments that counts.

        Args:
            kind: The name of the provider.
            model_name: The name of the model, without its provider.
            base_url: Not for such models.
            config: Defaults for generation.

        Raises:
            UsageError: A base URL is given.
        """
        if base_url is not None:
            raise UsageError(f"{kind}/{model_name}: base_url is no option of {kind}s; leave it out.")
        super().__init__(model_name, None, None, [], config or GenerateConfig())
        self.calls: Counter[int] = Counter()

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
        """Return the key of a reply's random numbers.

        Args:
            prompt: Plain values that the reply depends on.
            seed: The seed that the call states.
            begins: Whether the call begins a conversation; such calls differ by their order if no seed is stated.
        """
        place = place_of_call()
        key = stream_key(*prompt, seed, place.sample)
        if seed is not None or not begins:
            return key
        # a sample that runs again counts anew
        call = stream_key(key, place.attempt)
        self.calls[call] += 1
        return stream_key(key, self.calls[call]) if self.calls[call] > 1 else key
