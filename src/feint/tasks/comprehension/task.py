"""The task: in every cell and wording of a study, one question about each fact in which the cells differ."""

from collections.abc import Iterator
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from feint.judges.quiz import comprehension
from feint.situations import Situation, Wording, number, render
from feint.situations.quiz import Question, asked_facts, question
from feint.tasks.alignment_faking import MAX_TOKENS, Options, Planned, ask, plan_asks
from feint.tasks.alignment_faking.dataset import messages

Asked = tuple[str, Wording, Question]
"""A cell, a wording and a question."""


def comprehension_task(options: Options) -> Task:
    """Ask about the situations that a study with these options puts its requests into.

    The system prompt is the study's own, word for word; the question stands where a request would.

    Args:
        options: Those of `feint.tasks.alignment_faking`. Words that replies begin with are left out, since they are
            about requests.

    Raises:
        UsageError: See `feint.tasks.alignment_faking.plan_asks`.
    """
    planned = plan_asks(options)
    samples = [sample(planned, *asked) for asked in questions(planned)]
    return Task(
        name="comprehension",
        dataset=MemoryDataset(samples, name=f"{planned.design.name}-comprehension"),
        solver=ask(),
        scorer=comprehension(),
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS[options.mode]),
        version="1-A",
    )


def count_questions(planned: Planned) -> int:
    """How many questions there are."""
    return sum(1 for _ in questions(planned))


def questions(planned: Planned) -> Iterator[Asked]:
    """Every question, in order: the cells of one wording stand together."""
    cells = planned.design.cells
    facts = asked_facts(list(cells.values()))
    for wording in dict.fromkeys(planned_ask.wording for planned_ask in planned.asks):
        for fact, levels in facts.items():
            asked = question(fact, levels, wording)
            for cell in cells:
                yield cell, wording, asked


def situation(planned: Planned, cell: str, wording: Wording, asked: Question) -> Situation:
    """The prompt of one question."""
    return render(
        planned.design.cells[cell],
        wording,
        asked.request(),
        conflict=planned.conflict,
        mode=planned.options.mode,  # type: ignore[arg-type]  # checked by plan_asks
        tags=planned.design.tags(cell),
    )


def sample(planned: Planned, cell: str, wording: Wording, asked: Question) -> Sample:
    """One question as a sample."""
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
