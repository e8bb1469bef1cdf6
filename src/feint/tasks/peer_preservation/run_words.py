"""The words in which a report speaks of runs: outcomes, behaviours, measures."""

from functools import cache
from importlib.resources import files

from feint.base.data import checked, read_yaml
from feint.findings import Part
from feint.report.text import one_line
from feint.tasks.peer_preservation.analysis.data import Behaviour

PACKAGE = "feint.tasks.peer_preservation"


class Outcome(Part):
    """The words for an outcome: `short` heads a column of a narrow table, in two lines at most."""

    label: str
    short: str
    meaning: str


class BehaviourWords(Part):
    """The words for a behaviour: `lines` head a panel of a figure."""

    label: str
    lines: list[str]
    meaning: str


class MeasureWords(Part):
    """The words for a measure of a behaviour."""

    label: str
    unit: str


class RunWords(Part):
    """The words of this section, by the keys of its data."""

    acts: dict[str, Outcome]
    conduct: dict[str, Outcome]
    behaviours: dict[str, BehaviourWords]
    measures: dict[str, MeasureWords]

    def behaviour(self, key: str) -> BehaviourWords:
        """Name a behaviour; a behaviour without a description is named by its key."""
        name = one_line(key.replace("_", " ").capitalize(), 24)
        return self.behaviours.get(key) or BehaviourWords(label=name, lines=[name], meaning="")

    def measure(self, key: str) -> str:
        """Name a measure; a measure without a description is named by its key."""
        return self.measures[key].label if key in self.measures else one_line(key.replace("_", " "), 24)

    def unit(self, entry: Behaviour) -> str:
        """Name the unit in which a behaviour is measured."""
        measures = dict.fromkeys(one.measure for one in entry.contrasts.values())
        return " or ".join(dict.fromkeys(self.measures[name].unit for name in measures if name in self.measures))


@cache
def run_words() -> RunWords:
    """Read the words of this section."""
    path = files(PACKAGE) / "data" / "section_runs.yaml"
    return checked(RunWords, read_yaml(path), path)
