"""What programs behind Inspect's interface have in common, be they actors or agents; and where in an eval a call is."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from inspect_ai.log._samples import sample_active
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI

from feint.base.errors import UsageError

CHARACTERS = 4
"""Taken for a token, so that budgets and plans have something to count."""


class Place(NamedTuple):
    """Where in an eval a call is made.

    Attributes:
        sample: The sample's id and epoch, the same in a resumed run; None outside an eval.
        attempt: Id of this attempt at the sample; None outside an eval.
    """

    sample: tuple[int | str | None, int] | None
    attempt: str | None


def place_of_call() -> Place:
    """Where the call that is being answered is made. Inspect has no public name for the sample that runs."""
    active = sample_active()
    return Place((active.sample.id, active.epoch), active.id) if active else Place(None, None)


class ProgramAPI(ModelAPI):
    """A program behind Inspect's interface; what it replies is left to those that are made of this.

    Attributes:
        kind: What such programs are called, as names of models begin.
    """

    kind: ClassVar[str]

    def __init__(
        self, model_name: str, base_url: str | None, api_key: str | None, config: GenerateConfig | None, sha256: str
    ) -> None:
        """Take what Inspect says of a model.

        Args:
            model_name: The program's name, after a question mark with numbers.
            base_url: Not for programs.
            api_key: Ignored.
            config: Defaults for generation; the seed alone counts.
            sha256: Hash of all that the replies depend on beside the prompt and the draw.

        Raises:
            UsageError: A base URL.
        """
        if base_url is not None:
            raise UsageError(f"{self.kind}/{model_name}: base_url is no option of {self.kind}s; leave it out.")
        self._hash = f"sha256:{sha256}"  # Inspect asks for it at every reply
        super().__init__(model_name, None, api_key, [], config or GenerateConfig())

    @property
    def base_url(self) -> str | None:
        """A hash of the program's numbers; Inspect's cache keys on the base URL."""
        return self._hash

    @base_url.setter
    def base_url(self, value: str | None) -> None:
        # the base class assigns its argument, which is None
        assert value is None

    def max_connections(self) -> int:
        """Calls in flight; each takes no time."""
        return 64

    async def count_text_tokens(self, text: str) -> int:
        """Tokens in a text, as counted here."""
        return -(-len(text) // CHARACTERS)

    async def count_tokens(self, input: str | list[ChatMessage], config: GenerateConfig | None = None) -> int:
        """Tokens in a text or in messages, as counted here."""
        text = input if isinstance(input, str) else "".join(message.text for message in input)
        return await self.count_text_tokens(text)
