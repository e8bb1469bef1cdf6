"""What a plan will take, before anything is asked: calls, tokens in and out, and dollars, by model."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.model import ModelCost, ModelUsage, compute_model_cost

from feint.judges.graded.asking import CALLS
from feint.judges.graded.prompt import Material, build_prompt
from feint.judges.graded.rubrics import Rubric
from feint.money.budget import Cost
from feint.money.prices import find_price, tokens
from feint.study.plan.frozen import Plan
from feint.tasks.alignment_faking import Planned
from feint.tasks.alignment_faking.dataset import messages

REASONING = {"scratchpad": 400, "native": 1200, "none": 0}
"""Tokens of reasoning in a reply. In the released transcripts of 17 models (VLAF, arXiv 2604.20995; 10,480 replies that
reason and then choose) a reply takes 470 on average, and a model's own average is 150 to 1,200; what models reason by
themselves is longer."""
REPLY = {"request": 300, "choice": 70, "tool": 70}
"""Tokens of a reply without its reasoning, by type of conflict."""
ANSWER = {"text": 80, "quotation": 40, "quoted": 80}
"""Tokens of one key of a judge's answer, by type; all others take `SHORT`."""
SHORT = 12
STOPPED = 4
"""How many times fewer votes are cast than at most, since they stop early (benchmarks/votes.py)."""
LONGER = 1.5
"""How much more tokens a prompt may have than is assumed."""


@dataclass(frozen=True)
class Load:
    """What one model is asked.

    Attributes:
        model: Inspect's name.
        role: "subject" or "judge".
        calls: How many, if all goes well.
        tokens_in: In all prompts.
        tokens_out: In all answers.
        most_calls: If every answer of a judge has to be asked for a second time.
        most_in: Tokens in prompts at most.
        most_out: Tokens in answers at most: of replies that are all cut off.
        price: None where it is unknown.
        asks: Replies, or runs of several calls, that the calls are for; 0 where each call is one.
    """

    model: str
    role: str
    calls: int
    tokens_in: int
    tokens_out: int
    most_calls: int
    most_in: int
    most_out: int
    price: ModelCost | None
    asks: int = 0

    @property
    def cost(self) -> float | None:
        """In USD, None where the price is unknown."""
        return priced(self.price, self.tokens_in, self.tokens_out)

    @property
    def most_cost(self) -> float | None:
        """In USD at most, None where the price is unknown."""
        return priced(self.price, self.most_in, self.most_out)

    def need(self) -> Cost:
        """What is expected; an unknown price counts as nothing."""
        return Cost(self.cost or 0.0, self.calls)

    def most(self) -> Cost:
        """What is needed at most."""
        return Cost(self.most_cost or 0.0, self.most_calls)


def priced(price: ModelCost | None, tokens_in: int, tokens_out: int) -> float | None:
    """What tokens cost, None where the price is unknown."""
    usage = ModelUsage(input_tokens=tokens_in, output_tokens=tokens_out)
    return None if price is None else compute_model_cost(price, usage)


def estimate(
    plan: Plan, planned: Planned, judges: Sequence[str] = (), rubrics: Sequence[Rubric] = (), votes: int = 1
) -> list[Load]:
    """What a study will take, by model.

    Args:
        plan: The plan.
        planned: What it asks.
        judges: Models that judge every reply.
        rubrics: What each of them is asked.
        votes: How often a rubric that is voted on is asked at most.

    Returns:
        For the subject, and for each judge. Comprehension questions are among the subject's calls: each is taken to
        have a prompt of average length, and reasoning before a letter.
    """
    prompts = prompt_characters(planned, plan.hashes["prompts"])
    replies, questions = plan.planned["replies"], plan.planned.get("quiz", 0)
    calls, limit = replies + questions, int(plan.generate["max_tokens"])
    reasoning, reply = assumed(planned)
    tokens_in = tokens(round(prompts * calls / replies))
    tokens_out = min(limit, reasoning + reply) * replies + min(limit, reasoning + SHORT) * questions
    price = find_price(plan.subject)
    most_in = round(tokens_in * LONGER)
    asked = Load(plan.subject, "subject", calls, tokens_in, tokens_out, calls, most_in, limit * calls, price)
    return [asked, *(judge_load(judge, *judged(planned, rubrics, prompts, votes), votes) for judge in judges)]


def judge_load(judge: str, read: int, said: int, calls: int, votes: int) -> Load:
    """What a judge is asked.

    Args:
        judge: Inspect's name of the model.
        read: Tokens in all questions.
        said: Tokens in all answers.
        calls: How many, if each is answered at once.
        votes: How often rubrics that are voted on are asked at most.
    """
    times = CALLS * (STOPPED if votes > 1 else 1)
    most_read, most_said = round(times * (read + said) * LONGER), round(times * said * LONGER)
    return Load(judge, "judge", calls, read, said, times * calls, most_read, most_said, find_price(judge))


def judged(planned: Planned, rubrics: Sequence[Rubric], prompts: int, votes: int) -> tuple[int, int, int]:
    """Tokens in, tokens out and calls of one judge that is asked about every reply by every rubric.

    Args:
        planned: What the subject is asked.
        rubrics: What the judge is asked.
        prompts: Characters in all of the subject's prompts.
        votes: How often rubrics that are voted on are asked at most.
    """
    reasoning, reply = assumed(planned)
    rule = planned.conflict.rubric
    read = said = calls = 0
    for rubric in rubrics:
        if (rubric.reads == "reasoning" and not reasoning) or (
            rubric.rule == "strongreject" and planned.conflict.type != "request"
        ):
            continue  # as `feint.judges.graded.scorer` does
        written = {"reply": reply, "reasoning": reasoning, "both": reply + reasoning}[rubric.reads]
        one = (tokens(frame_length(rubric, rule)) + written) * len(planned.asks)
        if "request" in rubric.sees:
            one += tokens(sum(len(ask.request.text) for ask in planned.asks))
        if "situation" in rubric.sees:
            one += tokens(prompts)
        times = times_asked(rubric, votes)
        calls += times * len(planned.asks)
        read += times * one
        said += times * answer_tokens(rubric) * len(planned.asks)
    return read, said, calls


def times_asked(rubric: Rubric, votes: int) -> int:
    """How often a rubric is asked about one reply, of so many votes at most."""
    return -(-votes // STOPPED) if rubric.votes else 1


def answer_tokens(rubric: Rubric) -> int:
    """Tokens in a judge's answer."""
    return sum(ANSWER.get(field.type, SHORT) for field in rubric.answer.values())


def assumed(planned: Planned) -> tuple[int, int]:
    """Tokens of reasoning and of the rest in a reply."""
    return REASONING[planned.options.mode], REPLY[planned.conflict.type]


def prompt_characters(planned: Planned, prompts: str) -> int:
    """Characters in all prompts.

    Args:
        planned: What is asked.
        prompts: Hash of the prompts; they are rendered once for each.
    """
    if prompts not in _CHARACTERS:
        asked = (messages(planned.situation(ask), planned.options) for ask in planned.asks)
        _CHARACTERS[prompts] = sum(len(message.text) for prompt in asked for message in prompt)
    return _CHARACTERS[prompts]


_CHARACTERS: dict[str, int] = {}


def frame_length(rubric: Rubric, rule: str) -> int:
    """Characters of a judge's prompt without the texts that it is about."""
    prompt = build_prompt(rubric, Material(conflict_rule=rule), "sample")
    return len(prompt.system) + len(prompt.user)


def one_request(loads: Sequence[Load], replies: int, cells: int) -> tuple[Cost, Cost]:
    """What one request in one wording takes in all cells, with what its replies take of judges.

    Returns:
        What is expected, and what is needed at most.
    """
    expected, most = Cost(), Cost()
    for load in loads:
        # Questions are among the subject's calls.
        among = load.asks or load.calls if load.role == "subject" else replies
        expected += share(load.need(), among, cells)
        most += share(load.most(), among, cells)
    return expected, most


def share(need: Cost, among: int, count: int) -> Cost:
    """The part of a need for so many that falls to a few of them."""
    return Cost(need.usd * count / among, -(-need.calls * count // among))
