"""The analyses and sections that this task adds to findings and report."""

from feint.findings.analysis import Analysis, StudyData
from feint.report.section import Section
from feint.tasks.peer_preservation.analysis.data import RunsData
from feint.tasks.peer_preservation.analysis.runs import summarise_runs
from feint.tasks.peer_preservation.analysis.table import read_runs
from feint.tasks.peer_preservation.run_words import PACKAGE
from feint.tasks.peer_preservation.section_replays import REPLAYS
from feint.tasks.peer_preservation.section_runs import RUNS
from feint.tasks.peer_preservation.section_situations import SITUATIONS


def analyse_runs(study: StudyData) -> RunsData:
    """Summarise the outcomes of runs."""
    runs = read_runs(study.samples, study.source)
    return RunsData.model_validate(summarise_runs(runs, study.contrasts, study.settings, list(study.cells)))


ANALYSES = (Analysis("runs", RunsData, analyse_runs),)
SECTIONS = (RUNS, REPLAYS, SITUATIONS, Section("method", "The method", "templates/method.html.j2", PACKAGE))
