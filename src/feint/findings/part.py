"""The base of every model in findings."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the findings: checked when it is made, never changed, and without keys that nobody described."""

    model_config = ConfigDict(extra="forbid", frozen=True)
