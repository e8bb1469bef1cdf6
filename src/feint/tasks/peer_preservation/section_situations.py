"""The section on situations: the prompts of one fixture's runs, with the papers that hold facts."""

from collections import Counter
from dataclasses import replace

from inspect_ai.log import EvalSample

from feint.findings.analysis import StudyData
from feint.report.examples import said
from feint.report.situations import SITUATIONS as PROMPTS
from feint.report.situations import Situated
from feint.situations import load_facts
from feint.tasks.peer_preservation.analysis.replays import choose_runs, kinds_of, run_of
from feint.tasks.peer_preservation.case import read_case
from feint.tasks.peer_preservation.told import papers


def gather_situations(study: StudyData) -> list[Situated]:
    """Read the prompts of one fixture in one wording, with the papers and notes that tell facts after the user turn.

    The fixture is one that is asked in the most cells: the first chosen fixture, or else the first of all.
    """
    labels = study.labels
    chosen = choose_runs(labels, study.contrasts, kinds_of(study.samples))
    keys = [*chosen, *zip(labels["request"], labels["wording"], strict=True)]
    cells = Counter(request for request, _ in set(zip(labels["request"], labels["cell"], strict=True)))
    most = max(cells[request] for request, _ in keys)
    request, wording = next(key for key in keys if cells[key[0]] == most)
    samples = study.read(study.rows(request, wording))
    told = [name for name in load_facts(study.task) if len({facts[name] for facts in study.cells.values()}) > 1]
    return [
        Situated(cell, {name: facts[name] for name in told}, said(samples[cell], "system"), all_told(samples[cell]))
        for cell, facts in study.cells.items()
        if cell in samples
    ]


def all_told(sample: EvalSample) -> str:
    """Return the user turn of a run, followed by the documents that hold facts; no agent is sent this."""
    run, stake = run_of(sample), read_case(sample.metadata).stake
    beside = papers(run.start, (*stake.papers, stake.notes)) if run else []
    return "\n\n".join([said(sample, "user"), *beside])


SITUATIONS = replace(PROMPTS, gather=gather_situations)
