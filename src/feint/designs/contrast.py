"""A contrast of a design file: the cells compared, and the motive that a positive answer names."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from feint.designs.expression import parse_contrast

Decision = Literal["yes", "no"]


def as_text(value: Any) -> Any:
    """Turn a truth value back into the word: YAML reads a bare yes or no as a truth value."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def without_defaults(model: BaseModel, content: dict[str, Any], later: tuple[str, ...]) -> dict[str, Any]:
    """Return a model's content without the keys that have their default value.

    Args:
        model: The model.
        content: The model's content as plain values.
        later: Keys that were added after designs had been hashed; without these keys, earlier hashes stay valid.
    """
    fields = type(model).model_fields
    absent = {key for key in later if getattr(model, key) == fields[key].get_default(call_default_factory=True)}
    return {key: value for key, value in content.items() if key not in absent}


class ContrastSpec(BaseModel):
    """A contrast of a design file.

    Attributes:
        expression: Sums and differences of cells (key `is`).
        names: The explanation that a positive contrast names, if it names one alone.
        any_of: Explanations that a positive contrast cannot tell apart; a contrast decided "no" rules out all of them.
        requires: Decisions of other contrasts that this contrast needs to name an explanation.
        gap: True for the design's compliance gap.
        words: For the gap, how a sentence goes on after "it complies 61 points more".
        note: Limits of the contrast.
        ratio: True to divide, in addition, the added side by the subtracted side.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    expression: str = Field(alias="is")
    names: str | None = None
    any_of: tuple[str, ...] = ()
    requires: dict[str, Decision] = Field(default_factory=dict)
    gap: bool = False
    words: str = ""
    note: str = ""
    ratio: bool = False

    @field_validator("requires", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return {key: as_text(level) for key, level in value.items()} if isinstance(value, dict) else value

    @property
    def explanations(self) -> tuple[str, ...]:
        """List the explanations that a positive contrast may name."""
        return (*((self.names,) if self.names else ()), *self.any_of)

    @model_serializer(mode="wrap")
    def _lean(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_defaults(self, dump(self), ("ratio",))

    @property
    def weights(self) -> dict[str, float]:
        """Return the weight of each cell."""
        return parse_contrast(self.expression)
