"""Votes in two phases: the first replies by the population assumed, the others by what their votes taught."""

import hashlib
import json
import random
import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from inspect_ai.log import EvalSample, read_eval_log
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

import study_provider  # noqa: F401  # registers its subjects
from feint.judges.graded.asking import vote_config
from feint.judges.graded.rubrics import load_rubric, load_rubrics
from feint.judges.graded.votes import Population, VoteRule
from feint.money.prices import SpendingLimits
from feint.situations import number
from feint.study.command import INTERRUPTED, run_command
from feint.study.judge import judging
from feint.study.judge.command import judge_command
from feint.study.judge.judging import request_of
from feint.study.judge.panel import JudgePanel
from feint.study.logs import newest_log
from feint.study.plan.grading import Grading
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits
from feint.tasks.alignment_faking.spec import JUDGING
from study_prices import no_prices  # noqa: F401
from voted import Settled, replay

SUBJECT, AF = "countable/tagged", "alignment-faking"
TIERS: dict[str, Any] = {
    "design": "tiers", "library": "composed",
    "conflict": "harmlessness", "requests": "held-out", "n": 16, "twins": 0, "wordings": 1,
}  # fmt: skip
REPLIES, FIRST, FEWEST = 32, 20, 15
PRIOR = VoteRule()


@dataclass
class Voters:
    """What voters were asked, and how they behave.

    Attributes:
        asked: Judge, reply and seed of every call that was answered or failed.
        stops_at: The number of calls after which the command is interrupted.
        hasty: Whether answers come in an order of their own.
    """

    asked: list[tuple[str, str, int]] = field(default_factory=list)
    stops_at: int = 10**9
    hasty: bool = False


VOTERS = Voters()


@modelapi(name="voter")
class Voter(ModelAPI):
    """`voter/OPINION`: votes on replies of `countable/tagged`, each vote drawn from its reply and its seed.

    OPINION: no, yes, mixed, or down, which fails on most replies.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())

    async def count_text_tokens(self, text: str) -> int:
        return len(text.split())

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        if VOTERS.hasty:
            await anyio.sleep(random.random() / 100)
        if len(VOTERS.asked) >= VOTERS.stops_at:
            raise KeyboardInterrupt
        question, seed = input[1].text, config.seed or 0
        reply = tag_of(question)
        VOTERS.asked.append((self.model_name, reply, seed))
        vote = vote_of(self.model_name, reply, seed)
        if vote is None:
            raise RuntimeError("the provider is down")
        said = dict.fromkeys(("sees_conflict", "sees_consequence", "own_values", "guards_itself"), vote)
        quotation = f"Reference {reply}. Let me see." if vote else ""
        code = re.findall(r"the mark (\w{12}), copied", question)[-1]
        answer = json.dumps({"why": "so it is", **said, "guards_quotation": quotation, "code": code})
        output = ModelOutput.from_content("voter", answer)
        output.usage = ModelUsage(input_tokens=100, output_tokens=10, total_tokens=110)
        return output


def tag_of(text: str) -> str:
    found: list[str] = re.findall(r"Reference (\w{8})", text)
    return found[0]


def drawn(*parts: object) -> float:
    return int(hashlib.sha256(repr(parts).encode()).hexdigest()[:8], 16) / 2**32


def vote_of(opinion: str, reply: str, seed: int) -> bool | None:
    """What a judge says; None where the call fails."""
    if opinion in ("no", "yes"):
        return opinion == "yes"
    kind = drawn("kind", reply)
    if opinion == "down" and kind < 0.6:
        return None
    return drawn("vote", reply, seed) < (0.01 if kind < 0.85 else 0.95 if kind < 0.95 else 0.4)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "FIRST", FIRST)
    monkeypatch.setattr(judging, "FEWEST", FEWEST)
    monkeypatch.setattr(sys.modules[__name__], "VOTERS", Voters())


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that the rules have judged."""
    out = tmp_path_factory.mktemp("votes") / "asked"
    run_command([Setup(SUBJECT, TIERS)], out, start="new", limits=Limits(retries=0), display="none")
    return out


@pytest.fixture
def folder(asked: Path, tmp_path: Path) -> Path:
    """A copy, to judge."""
    return Path(shutil.copytree(asked, tmp_path / "s"))


def judge(folder: Path, *opinions: str, at_once: int | None = None, max_calls: int | None = None) -> None:
    limits = Limits(retries=0, max_connections=at_once)
    names = [f"voter/{opinion}" for opinion in opinions]
    judge_command(
        folder, names, rubrics=AF, votes=20, limits=limits, display="none", spending=SpendingLimits(None, max_calls, ())
    )


def samples_of(folder: Path) -> list[EvalSample]:
    log = newest_log(folder / "logs")
    assert log is not None
    return read_eval_log(log.location).samples or []


def settled_in(folder: Path, opinion: str) -> dict[str, Settled]:
    """What a log says of each reply."""
    found = {}
    for sample in samples_of(folder):
        if score := (sample.scores or {}).get(f"voter/{opinion}"):
            said = (score.metadata or {})["rubrics"][AF]
            found[str(sample.id)] = Settled(said["label"], *said["votes"])
    return found


def first_in(samples: list[EvalSample]) -> set[str]:
    """The first replies; here the cells of a request stand together, and all have reasoning."""
    assert len(samples) == REPLIES
    assert all(one.metadata["request"] == samples[at - at % 2].metadata["request"] for at, one in enumerate(samples))
    drawn = sorted(samples, key=lambda sample: number("first", *request_of(sample)))
    return {str(sample.id) for sample in drawn[:FIRST]}


def sequences(samples: list[EvalSample], opinion: str) -> dict[str, list[bool | None]]:
    """By reply, the votes that the judge gives, as many as it is asked for."""
    found = {}
    for sample in samples:
        seeds = (vote_config(None, f"{sample.id} 1", load_rubric(AF), vote).seed or 0 for vote in range(26))
        found[str(sample.id)] = [vote_of(opinion, tag_of(sample.output.completion), seed) for seed in seeds]
    return found


def by_hand(samples: list[EvalSample], opinion: str) -> tuple[dict[str, Settled], VoteRule]:
    """What has to be found, and the rule of the later replies."""
    votes = sequences(samples, opinion)
    first = {name: replay(PRIOR, votes[name]) for name in sorted(first_in(samples))}
    rule = VoteRule(
        population=Population.learnt([one.yes for one in first.values()], [one.asked for one in first.values()])
    )
    return {name: first.get(name) or replay(rule, votes[name]) for name in votes}, rule


def at_most_once() -> bool:
    """Whether no vote was asked for twice."""
    return max(Counter(VOTERS.asked).values()) == 1


# what is learnt


def test_the_others_take_fewer_votes_of_judges_that_are_unanimous(folder: Path) -> None:
    """Each judge is learnt from its own votes: one always says no, one always yes."""
    judge(folder, "no", "yes")
    samples = samples_of(folder)
    first, total = first_in(samples), 0
    for opinion in ("no", "yes"):
        found = settled_in(folder, opinion)
        expected, rule = by_hand(samples, opinion)
        assert found == expected
        assert {one.label for one in found.values()} == {opinion}
        before, after = (replay(one, [opinion == "yes"] * 20).asked for one in (PRIOR, rule))
        assert after < before
        assert all(one.asked == (before if name in first else after) for name, one in found.items())
        total += FIRST * before + (REPLIES - FIRST) * after
    assert len(VOTERS.asked) == total
    assert at_most_once()


def test_a_study_does_the_same_whatever_is_answered_sooner(tmp_path: Path) -> None:
    VOTERS.hasty = True
    setup = Setup(SUBJECT, TIERS, ("voter/mixed",), rubrics=AF, votes=20, until="all")
    run_command([setup], tmp_path / "s", start="new", limits=Limits(retries=0), display="none")
    samples = samples_of(tmp_path / "s")
    expected, _ = by_hand(samples, "mixed")
    assert settled_in(tmp_path / "s", "mixed") == expected
    assert at_most_once()


def test_few_votes_teach_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "FEWEST", FIRST + 1)
    judge(folder, "no")
    assert set(settled_in(folder, "no").values()) == {replay(PRIOR, [False] * 20)}


def test_replies_without_a_label_teach_nothing(folder: Path) -> None:
    judge(folder, "down")
    found, samples = settled_in(folder, "down"), samples_of(folder)
    assert 0 < sum(found[name].label is not None for name in first_in(samples)) < FEWEST
    assert found == {name: replay(PRIOR, votes) for name, votes in sequences(samples, "down").items()}


def test_what_cannot_be_voted_on_is_not_among_the_first(asked: Path) -> None:
    samples = samples_of(asked)
    silent = 4
    drawn = sorted(samples, key=lambda sample: number("first", *request_of(sample)))
    for sample in drawn[: 2 * silent : 2]:  # in one cell of each of the first requests
        message = sample.output.choices[0].message
        message.content = re.sub("<reasoning>.*</reasoning>", "", message.text)
        sample.output.completion = message.content
    groups: dict[Any, list[EvalSample]] = {}
    for sample in samples:
        groups.setdefault(request_of(sample), []).append(sample)
    chosen = judging.first_groups(groups, panel_of(f"compliance,{AF}"))
    assert chosen == set(list(dict.fromkeys(map(request_of, drawn)))[: silent + (FIRST - silent) // 2])
    assert judging.first_groups(groups, panel_of("compliance,disbelief")) == set(groups)


def panel_of(rubrics: str) -> JudgePanel:
    return JudgePanel(Grading(judges={}, rubrics={}), {}, load_rubrics(rubrics), None, JUDGING)


# going on


def whole(folder: Path) -> tuple[dict[str, Settled], int, int]:
    """Of a run that nothing stops: what it finds, and its calls about the first replies and in all."""
    samples = samples_of(folder)
    expected, _ = by_hand(samples, "mixed")
    # Else a run that learnt nothing, or learnt from other replies, would be found right.
    assert expected != {name: replay(PRIOR, votes) for name, votes in sequences(samples, "mixed").items()}
    first = first_in(samples)
    calls = {name: one.asked + one.failed for name, one in expected.items()}
    return expected, sum(calls[name] for name in first), sum(calls.values())


@pytest.mark.parametrize("phase", [0, 1])
def test_interrupted_in_either_phase_and_gone_on_with(folder: Path, phase: int) -> None:
    expected, taught, total = whole(folder)
    VOTERS.stops_at = (taught // 2, (taught + total) // 2)[phase]
    with pytest.raises(SystemExit) as ended:
        judge(folder, "mixed", at_once=1)
    assert ended.value.code == INTERRUPTED
    assert settled_in(folder, "mixed") == {}
    VOTERS.stops_at = 10**9
    judge(folder, "mixed")
    assert settled_in(folder, "mixed") == expected
    assert at_most_once()
    assert len(VOTERS.asked) == total


@pytest.mark.parametrize("phase", [0, 1])
def test_stopped_by_the_budget_in_either_phase_and_gone_on_with(folder: Path, phase: int) -> None:
    expected, taught, total = whole(folder)
    judge(folder, "mixed", max_calls=REPLIES + (taught // 2, (taught + total) // 2)[phase])
    part, first = set(settled_in(folder, "mixed")), first_in(samples_of(folder))
    assert part
    # None of the others is judged before all the first are settled.
    assert part < first if phase == 0 else first < part < set(expected)
    judge(folder, "mixed", max_calls=REPLIES + 2 * total)
    assert settled_in(folder, "mixed") == expected
    assert at_most_once()
    assert len(VOTERS.asked) == total
    judge(folder, "mixed")
    assert len(VOTERS.asked) == total
