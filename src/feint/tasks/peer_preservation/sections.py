"""The analyses and sections that this task adds to findings and report."""

from collections import Counter
from dataclasses import replace

from feint.findings.analysis import Analysis, StudyData
from feint.report.examples import said
from feint.report.section import Section
from feint.report.situations import SITUATIONS, Situated
from feint.situations import load_facts
from feint.tasks.peer_preservation.analysis.data import RunsData
from feint.tasks.peer_preservation.analysis.replays import chosen_in, run_of
from feint.tasks.peer_preservation.analysis.runs import summarise_runs
from feint.tasks.peer_preservation.analysis.table import read_runs
from feint.tasks.peer_preservation.build import read_case
from feint.tasks.peer_preservation.fixtures import PACKAGE
from feint.tasks.peer_preservation.prompt import with_papers
from feint.tasks.peer_preservation.section_replays import REPLAYS
from feint.tasks.peer_preservation.section_runs import RUNS


def analyse_runs(study: StudyData) -> RunsData:
    """Summarise the outcomes of runs."""
    runs = read_runs(study.samples, study.source)
    return RunsData.model_validate(summarise_runs(runs, study.contrasts, study.settings, list(study.cells)))


def gather_situations(study: StudyData) -> list[Situated]:
    """Read the prompts of one fixture in one wording, with the papers and notes that tell facts after the user turn.

    The fixture is one that is asked in the most cells: the first chosen fixture, or else the first of all.
    """
    labels = study.labels
    keys = [*chosen_in(study), *zip(labels["request"], labels["wording"], strict=True)]
    cells = Counter(request for request, _ in set(zip(labels["request"], labels["cell"], strict=True)))
    most = max(cells[request] for request, _ in keys)
    request, wording = next(key for key in keys if cells[key[0]] == most)
    samples = study.read(study.rows(request, wording))
    told = [name for name in load_facts(study.task) if len({facts[name] for facts in study.cells.values()}) > 1]
    found = []
    for cell, facts in study.cells.items():
        if cell not in samples:
            continue
        run, stake = run_of(samples[cell]), read_case(samples[cell].metadata).stake
        user = said(samples[cell], "user")
        shown = with_papers(user, run.start, (*stake.papers, stake.notes)) if run else user
        found.append(Situated(cell, {name: facts[name] for name in told}, said(samples[cell], "system"), shown))
    return found


ANALYSES = (Analysis("runs", RunsData, analyse_runs),)
METHOD = Section("method", "The method", "templates/method.html.j2", PACKAGE)
SECTIONS = (RUNS, REPLAYS, replace(SITUATIONS, gather=gather_situations), METHOD)
