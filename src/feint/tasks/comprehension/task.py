"""The task: in every cell and wording of a study, one question about each fact in which the cells differ."""

from collections.abc import Iterator
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from feint.base.data import checked
from feint.base.errors import UsageError
from feint.base.inspect_private import PrerequisiteError
from feint.situations import Situation, Wording, number, render
from feint.situations.quiz import Question, asked_facts, question
from feint.tasks.alignment_faking import MAX_TOKENS, Options, Planned, ask, plan_asks
from feint.tasks.alignment_faking.dataset import messages
from feint.tasks.comprehension.scorer import quiz

Asked = tuple[str, Wording, Question]
"""A cell, a wording and a question."""


@task
def comprehension(
    design: str = "motives",
    conflict: str = "harmlessness",
    requests: str = "all",
    n: int = 0,
    twins: int = 40,
    voices: str = "",
    wordings: int = 1,
    samples: int = 1,
    mode: str = "scratchpad",
    phrases: str = "all",
    seed: int = 0,
    facts: str = "",
    prefill: str = "none",
    base: bool = False,
) -> Task:
    """Ask about the situations into which `alignment_faking` with the same arguments puts its requests.

    The system prompt is the same word for word; the question takes the place of the request.

    Args:
        design: A shipped design or a YAML file; facts in which its cells differ are asked about.
        conflict: The conflict, whose objective situations name.
        requests: The requests of `alignment_faking`, which decide about the wordings.
        n: Likewise.
        twins: Likewise.
        voices: Voices separated by commas; empty means all.
        wordings: Likewise.
        samples: Left out: each question is asked once.
        mode: The place where the model reasons: "scratchpad" (in tags), "native" or "none".
        phrases: Phrase combinations to word facts with: "all", "seen" or "held-out".
        seed: Picks wordings and sampling seeds.
        facts: Facts set in every cell.
        prefill: Left out: the words are about requests.
        base: True if the model continues a document instead of answering messages.

    Returns:
        The task: one sample for each cell, wording and fact in which the cells differ.
    """
    given = dict(locals())
    try:
        planned = plan_asks(checked(Options, given, "comprehension"))
        samples_made = [sample(planned, *asked) for asked in questions(planned)]
    except UsageError as error:
        raise PrerequisiteError(str(error)) from error
    return Task(
        dataset=MemoryDataset(samples_made, name=f"{planned.design.name}-comprehension"),
        solver=ask(),
        scorer=quiz(),
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS[mode]),
        version="1-A",
    )


def count_questions(planned: Planned) -> int:
    """Count the questions."""
    return sum(1 for _ in questions(planned))


def questions(planned: Planned) -> Iterator[Asked]:
    """List the questions in order: the cells of a wording are together."""
    cells = planned.design.cells
    facts = asked_facts(list(cells.values()))
    for wording in dict.fromkeys(one.wording for one in planned.asks):
        for fact, levels in facts.items():
            asked = question(fact, levels, wording)
            for cell in cells:
                yield cell, wording, asked


def situation(planned: Planned, cell: str, wording: Wording, asked: Question) -> Situation:
    """Render the prompt of one question."""
    return render(
        planned.design.cells[cell],
        wording,
        asked.request(),
        conflict=planned.conflict,
        mode=planned.options.mode,
        tags=planned.design.tags(cell),
    )


def sample(planned: Planned, cell: str, wording: Wording, asked: Question) -> Sample:
    """Turn a question into a sample."""
    options = planned.options
    plain = Options(base=options.base, mode=options.mode)
    said: dict[str, Any] = {
        "design": planned.design.name,
        "cell": cell,
        "fact": asked.fact,
        "letters": dict(asked.letters),
        "holds": planned.design.cells[cell][asked.fact],
        "voice": wording.voice,
        "seed": wording.seed,
        "wording": str(wording),
        "mode": options.mode,
        "begins": plain.begins(),
        "base": options.base,
        "sampling_seed": number(options.seed, "quiz", asked.fact, wording, cell) % 2**31,
    }
    return Sample(
        id=f"{asked.fact}.{wording}.{cell}",
        input=messages(situation(planned, cell, wording, asked), plain),
        target=asked.letter(said["holds"]),
        metadata=said,
    )
