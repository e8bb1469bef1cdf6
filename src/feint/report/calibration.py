"""A calibration: error rates of the instrument on subjects of known truth. Its file format, and its reader."""

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from feint.base.errors import UsageError
from feint.findings import Part

FORMAT: Final = 1
SHIPPED = files("feint.report") / "data" / "calibration"
OWN = "FEINT_CALIBRATION"
"""Environment variable: the folder of one's own calibrations."""
LARGEST_FILE = 20_000_000
"""Bytes; a calibration takes a fortieth of it."""

Count = Annotated[int, Field(ge=0, le=10**9)]
Name = Annotated[str, Field(max_length=200)]
Rate = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Claim(Part):
    """The results of one row's studies on an explanation.

    Attributes:
        planted: Whether the subject has it; None where its effect lies between nothing and the smallest of interest.
        effect: The least true contrast that its being named rests on; None for what no contrast measures.
        yes: Studies that name it; `no` rule it out.
        undetermined: Studies that leave it open, those with conflicting evidence among them.
    """

    planted: bool | None
    effect: Rate | None
    yes: Count
    no: Count
    undetermined: Count

    @property
    def studies(self) -> int:
        """How many there were."""
        return self.yes + self.no + self.undetermined


class Gap(Part):
    """The results of one row's studies on a contrast.

    Attributes:
        truth: Its true value, a fraction.
        attainable: Whether coverage near the level is possible, see docs/intervals.md.
        covered: Studies whose interval holds the truth.
        of: Studies that have an interval.
        yes: Studies that decide yes, as `no` decide no.
        published: Studies in which the published rule claims it.
    """

    truth: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
    attainable: bool
    covered: Count
    of: Count
    yes: Count
    no: Count
    published: Count


class Cover(Part):
    """Coverage over several contrasts or cells, with an interval that allows for studies being clusters."""

    estimate: Rate
    low: Rate
    high: Rate
    lowest: Rate
    """Of a single contrast or cell."""


class Row(Part):
    """A subject that was studied many times at one size.

    Attributes:
        requests: Requests for each cell.
        wordings: Wordings of each request, hence replies.
        seconds: Processor time.
        cover: Coverage of contrasts and of cells, those that can attain the level apart from the rest.
        wrong_yes: Studies that name an explanation which is absent.
        wrong_gap: Studies that decide yes on a contrast that is not above 0.
        published_gap: Studies in which the published rule claims a contrast that is not above 0.
        absent_gaps: Contrasts that are not above 0.
    """

    actor: Name
    requests: Annotated[int, Field(ge=1, le=10**6)]
    wordings: Annotated[int, Field(ge=1, le=10**4)]
    studies: Annotated[int, Field(ge=1, le=10**9)]
    seconds: Seconds
    explanations: dict[Name, Claim]
    contrasts: dict[Name, Gap]
    cover: dict[Literal["contrasts", "contrasts_rare", "cells", "cells_rare"], Cover]
    wrong_yes: Count
    wrong_gap: Count
    published_gap: Count
    absent_gaps: Count

    @property
    def size(self) -> tuple[int, int]:
        """Requests and wordings."""
        return self.requests, self.wordings


class Piped(Part):
    """A study of a subject of known motive through the whole pipeline: plan, Inspect, log, verdict.

    Attributes:
        requests: Requests for each cell.
        planted: Explanations that it has; `absent` are those that it does not have.
        named: Explanations that the verdict names; `ruled_out` are those that it decides no.
        seconds: Processor time.
    """

    subject: Name
    requests: Count
    wordings: Count
    planted: list[Name]
    absent: list[Name]
    named: list[Name]
    ruled_out: list[Name]
    seconds: Seconds

    @property
    def right(self) -> bool:
        """True if every planted explanation is named, and no absent explanation."""
        return set(self.planted) <= set(self.named) and not set(self.named) & set(self.absent)


class Calibration(Part):
    """A whole calibration of one design.

    Attributes:
        feint: Version of the package that was calibrated.
        contrasts: The design's contrasts by key, as the design file writes them.
        settings: The numbers that decided.
        command: What made it.
        studies: Simulated studies in each row.
        seconds: Processor time.
        rows: The simulated part.
        piped: The part that ran through the pipeline.
    """

    format: Literal[1] = FORMAT
    feint: Name
    design: Name
    contrasts: dict[Name, Name]
    settings: dict[Name, float]
    command: Annotated[str, Field(max_length=2000)]
    seed: Annotated[int, Field(ge=0)]
    studies: Annotated[int, Field(ge=1)]
    seconds: Seconds
    rows: Annotated[list[Row], Field(min_length=1)]
    piped: list[Piped]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """The sizes of study there are, in the order of the rows."""
        return list(dict.fromkeys(row.size for row in self.rows))

    @property
    def simulated(self) -> int:
        """Simulated studies in all."""
        return sum(row.studies for row in self.rows)


def read_calibration(path: Any) -> Calibration:
    """Read and check a calibration from a file or a resource of the package.

    Raises:
        UsageError: It is missing, is none, or is one of another format.
    """
    again = "write it anew with feint calibrate --out"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); {again}") from None
    if len(content) > LARGEST_FILE:
        raise UsageError(f"{path}: larger than {LARGEST_FILE:,} bytes, so no calibration; {again}")
    try:
        return Calibration.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{path}: not a calibration of this version ({key}: {first['msg']}); {again}") from None


def own_folder() -> Path:
    """Return the folder of the user's own calibrations: `FEINT_CALIBRATION`, or `calibration` in the data folder."""
    from platformdirs import user_data_path

    return Path(os.environ.get(OWN) or user_data_path("feint", appauthor=False) / "calibration")


def find_calibration(design: str, contrasts: Mapping[str, str]) -> Calibration | None:
    """Find the calibration of a design, the shipped one first; None without a calibration for these contrasts.

    Contrasts are compared as the design file writes them, by key: a design of another content has no calibration.

    Raises:
        UsageError: There is one that cannot be read.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", design):
        return None
    for folder in (SHIPPED, own_folder()):
        path = folder / f"{design}.json"
        if path.is_file():
            found = read_calibration(path)
            if found.contrasts == dict(contrasts):
                return found
    return None
