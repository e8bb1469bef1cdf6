"""An analysis: how a task turns the tables of a study into a section of the findings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feint.findings.part import Part
from feint.stats.types import Contrast, Settings

if TYPE_CHECKING:
    import pandas as pd
    from inspect_ai.log import EvalSample, EvalSampleSummary


@dataclass(frozen=True)
class Material:
    """Everything of a study that a task's analyses and sections may read.

    Attributes:
        labels: The table of labels that count, one row for each sample, as `feint.study.logs.read_labels` gives it.
        samples: The summaries of these samples, as Inspect's log holds them: metadata and scores.
        cells: The cells of the design in its order, each with its facts: fact to level.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.
        planned: Returns what the task's `plan` made of the frozen options and the frozen design.
        read: Reads the samples of an item in a wording, in full, by cell: of each cell the first sample.
        source: What error messages call the log.
    """

    labels: "pd.DataFrame"
    samples: Sequence["EvalSampleSummary"]
    cells: Mapping[str, Mapping[str, str]]
    contrasts: Sequence[Contrast]
    settings: Settings
    planned: Callable[[], Any]
    read: Callable[[str, str], Mapping[str, "EvalSample"]]
    source: str


@dataclass(frozen=True)
class Analysis:
    """One analysis of a task: pure, so that the same material gives the same data.

    Attributes:
        key: Under which the data is found in `sections` of findings.json; letters, digits and underscores.
        data: The model of the data, from which its part of the JSON schema is made.
        run: Computes the data from the material.
    """

    key: str
    data: type[Part]
    run: Callable[[Material], Part]
