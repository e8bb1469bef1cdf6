"""An analysis: the step from the tables of a study to a section of the findings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from feint.findings.part import Part
from feint.stats.types import Contrast, Settings

if TYPE_CHECKING:
    import pandas as pd
    from inspect_ai.log import EvalSample, EvalSampleSummary

EPOCH = 10_000
"""Inspect's epochs are further samples: those of epoch 2 are numbered from here, since no epoch has as many."""
Row: TypeAlias = Mapping[str, Any]
"""A row of the table of labels, by column."""


@dataclass(frozen=True)
class StudyData:
    """Everything of a study that a task's analyses and sections may read.

    Attributes:
        labels: The table of labels that count, one row for each sample, as `feint.study.logs.read_labels` gives it.
        samples: The summaries of these samples, as Inspect's log holds them: metadata and scores.
        cells: The cells of the design in its order, each with its facts: fact to level.
        read: Reads samples in full, by cell, given their rows by cell.
        source: What error messages call the log.
    """

    task: str
    labels: "pd.DataFrame"
    samples: Sequence["EvalSampleSummary"]
    cells: Mapping[str, Mapping[str, str]]
    contrasts: Sequence[Contrast]
    settings: Settings
    read: Callable[[Mapping[str, Row]], Mapping[str, "EvalSample"]]
    source: str

    def rows(self, item: str, wording: str) -> dict[str, Row]:
        """Return the labels of one item, in the column "request", in one wording by cell, of its first sample."""
        own = self.labels[(self.labels["request"] == item) & (self.labels["wording"] == wording)]
        first = own.sort_values("sample").drop_duplicates("cell")
        return {str(row["cell"]): {str(key): value for key, value in row.items()} for _, row in first.iterrows()}


@dataclass(frozen=True)
class Analysis:
    """An analysis of a task: a pure function, the same section for the same study.

    Attributes:
        key: The key of the section `sections` of findings.json; letters, digits and underscores.
        data: The model of the section, from which its part of the JSON schema is made.
        run: Computes the section from the study.
    """

    key: str
    data: type[Part]
    run: Callable[[StudyData], Part]
