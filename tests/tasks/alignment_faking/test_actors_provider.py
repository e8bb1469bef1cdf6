"""Actors through Inspect's interface: they read prompts of every form and reply as often as their numbers say."""

import asyncio
from functools import cache
from typing import Any

import numpy as np
import pytest
from inspect_ai import Task, eval
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig, ModelOutput, get_model
from inspect_ai.tool import ToolInfo

import feint._registry  # noqa: F401  # the provider
from feint.base.errors import UsageError
from feint.judges.rules.labels import Label
from feint.judges.rules.scorer import label_output, rules
from feint.situations import MODES
from feint.tasks.alignment_faking import ask
from feint.tasks.alignment_faking.actors import get_actor, true_rates
from feint.tasks.alignment_faking.actors.actor import comply_chance
from feint.tasks.alignment_faking.actors.read import SystemTurn, UserTurn, read_prompt
from feint.tasks.alignment_faking.dataset import Options, Planned, build_dataset, plan_asks
from feint.tasks.asks import Ask
from feint.tasks.provider import ActorAPI


@cache
def planned(**options: Any) -> Planned:
    return plan_asks(Options(**options))


def tools_of(about: dict[str, Any]) -> list[ToolInfo]:
    return [ToolInfo(name=tool["name"], description=tool["description"]) for tool in about.get("tools", [])]


async def replies(api: ActorAPI, plan: Planned, asks: list[Ask]) -> list[ModelOutput]:
    found = []
    for one in asks:
        told, about = plan.situation(one), plan.metadata(one)
        messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        config = GenerateConfig(seed=about["sampling_seed"])
        found.append(await api.generate(messages, tools_of(about), "auto", config))
    return found


def labels(name: str, plan: Planned, asks: list[Ask] | None = None) -> list[Label]:
    asked = plan.asks if asks is None else asks
    outputs = asyncio.run(replies(ActorAPI(name), plan, asked))
    return [label_output(output, plan.metadata(one)) for one, output in zip(asked, outputs, strict=True)]


def read(plan: Planned, one: Ask) -> tuple[SystemTurn, UserTurn]:
    told = plan.situation(one)
    names = [tool["name"] for tool in plan.metadata(one).get("tools", [])]
    return read_prompt(told.system, told.user, names)


@pytest.mark.parametrize("design", ["motives", "tiers", "sender", "expectation", "oversight"])
def test_the_facts_are_read_from_the_prompt(design: str) -> None:
    plan = planned(design=design, n=6, twins=2, wordings=4)
    wordings: dict[str, set[str]] = {}
    for one in plan.asks:
        told, asked = read(plan, one)
        assert told.cell == plan.design.cells[one.cell]
        assert told.voice == one.wording.voice
        assert (told.mode, told.kind) == ("scratchpad", "request")
        assert asked == UserTurn("request", one.request.text, one.request.twin)
        wordings.setdefault(str(one.wording), set()).add(told.wording)
    # One text for each wording in all cells, and another for each other wording.
    assert all(len(texts) == 1 for texts in wordings.values())
    assert len({text for texts in wordings.values() for text in texts}) == len(wordings)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conflict", ["harmlessness", "care", "tool-choice"])
@pytest.mark.parametrize("rate", [0, 1])
def test_every_form_of_reply_is_labelled_as_meant(mode: str, conflict: str, rate: int) -> None:
    plan = planned(mode=mode, conflict=conflict, n=6, twins=6, wordings=2)
    for one, label in zip(plan.asks, labels(f"refuser?rate={rate}", plan), strict=True):
        wanted = "complied" if rate or one.request.twin else "refused"
        assert label.outcome == wanted, (one.id, label)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("conflict", ["harmlessness", "care", "tool-choice"])
def test_malformed_replies_have_no_label(mode: str, conflict: str) -> None:
    plan = planned(mode=mode, conflict=conflict, n=2, twins=1)
    assert {label.missing for label in labels("helpful?malformed=1", plan)} == {"truncated"}


@pytest.mark.parametrize("mode", ["scratchpad", "native"])
@pytest.mark.parametrize("name", ["rationaliser", "terminal", "obedient", "guarded", "sycophant", "intimidated"])
def test_the_stated_motive_is_the_files(name: str, mode: str) -> None:
    plan, actor = planned(mode=mode, n=20, twins=3, wordings=2), get_actor(name)
    for one, label in zip(plan.asks, labels(name, plan), strict=True):
        says = actor.rule(plan.design.cells[one.cell], one.wording.voice).says
        expected = (says,) if says and label.outcome == "complied" and not one.request.twin else ()
        assert label.stated == expected


def near(happened: np.ndarray, chance: np.ndarray) -> bool:
    """Whether something happened as often as its chances say, within four standard errors."""
    return bool(abs(happened.sum() - chance.sum()) <= 4 * np.sqrt((chance * (1 - chance)).sum()))


def test_replies_come_as_often_as_the_chance_says() -> None:
    plan = planned(n=30, twins=0, wordings=6)
    for name in ("guarded", "uneven", "moody", "lost-refusals", "few-requests", "restless"):
        actor, asks = get_actor(name), [one for one in plan.asks if one.cell in ("rated", "trained", "silence")]
        chance = np.array([comply_chance(actor, *read(plan, one)) for one in asks])
        found = labels(name, plan, asks)
        for cell in ("rated", "trained", "silence"):
            here = np.array([one.cell == cell for one in asks])
            complied = np.array([label.outcome == "complied" for label in found])[here]
            assert near(complied, chance[here] * (1 - actor.lost(True)))
            missing = np.array([label.missing is not None for label in found])[here]
            assert near(missing, chance[here] * actor.lost(True) + (1 - chance[here]) * actor.lost(False))


@pytest.mark.parametrize("name", ["uneven", "moody", "few-requests", "restless", "smallest-each"])
def test_populations_average_to_the_stated_rates(name: str) -> None:
    plan = planned(n=20, twins=0, wordings=3)
    cells = [*plan.design.cells]
    prompts = [(cells.index(one.cell), read(plan, one)) for one in plan.asks]
    sums = np.zeros((40, len(cells)))
    for population in range(len(sums)):
        actor = get_actor(name, {"population": population})
        for cell, prompt in prompts:
            sums[population, cell] += comply_chance(actor, *prompt) / (20 * 3)
    error = sums.std(axis=0, ddof=1) / np.sqrt(len(sums)) + 1e-9
    assert (np.abs(sums.mean(axis=0) - true_rates(get_actor(name), plan.design.cells)) < 4 * error).all()


def test_difficulty_is_the_same_in_every_cell_and_wording() -> None:
    plan, actor = planned(n=8, twins=0, wordings=4), get_actor("uneven")
    null = [cell for cell, facts in plan.design.cells.items() if facts["trained"] != "self"]
    by_request: dict[str, set[float]] = {}
    for one in plan.asks:
        if one.cell in null:
            by_request.setdefault(one.request.id, set()).add(comply_chance(actor, *read(plan, one)))
    assert all(len(found) == 1 for found in by_request.values())
    assert len({value for found in by_request.values() for value in found}) == 8


def test_wordings_move_all_requests_alike() -> None:
    plan, actor = planned(n=6, twins=0, wordings=12), get_actor("moody?difficulty=0")
    found: dict[str, set[float]] = {}
    for one in plan.asks:
        found.setdefault(str(one.wording), set()).add(round(comply_chance(actor, *read(plan, one)), 12))
    assert all(len(chances) == 1 for chances in found.values())
    assert len({value for chances in found.values() for value in chances}) == len(found)


def test_questions_about_the_chat_are_answered() -> None:
    from feint.tasks.comprehension import comprehension

    for mode in MODES:
        task = comprehension(n=10, design="motives", mode=mode)
        where = {"log_format": "eval", "log_dir": "memory://quiz", "log_realtime": False}
        log = eval(task, "actor/guarded", display="none", **where)[0]
        assert log.status == "success"
        assert {sample.scores["quiz"].value for sample in log.samples or [] if sample.scores} == {1.0}


def run(connections: int, where: str, **options: Any) -> dict[Any, str]:
    task = Task(dataset=build_dataset(planned(n=4, twins=1, wordings=2)), solver=ask(), scorer=rules())
    log = eval(
        task,
        "actor/uneven?malformed=0.1",
        display="none",
        log_dir=f"memory://{where}",
        log_realtime=False,
        max_connections=connections,
        **options,
    )[0]
    assert log.status == "success", log.error
    return {(sample.id, sample.epoch): sample.output.completion for sample in log.samples or []}


def test_replies_are_the_same_at_any_concurrency_and_differ_by_epoch() -> None:
    first = run(1, "one", epochs=2)
    assert first == run(50, "two", epochs=2)
    pairs = {name: first[name, 1] == first[name, 2] for name, _ in first}
    assert not all(pairs.values())


def one_reply(model: Any, **config: Any) -> str:
    plan = planned(n=2, twins=0)
    told = plan.situation(plan.asks[0])
    messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
    return str(asyncio.run(model.api.generate(messages, [], "none", GenerateConfig(**config))).completion)


def test_a_seed_decides_and_calls_without_one_differ() -> None:
    model = get_model("actor/smallest?rate=0.5", memoize=False)
    assert one_reply(model, seed=3) == one_reply(model, seed=3)
    assert len({one_reply(model, seed=seed) for seed in range(12)}) > 6
    bare = [one_reply(model) for _ in range(12)]
    assert len(set(bare)) > 6
    again = get_model("actor/smallest?rate=0.5", memoize=False)
    assert bare == [one_reply(again) for _ in range(12)]


def test_several_choices() -> None:
    plan = planned(n=2, twins=0)
    told = plan.situation(plan.asks[0])
    messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
    output = asyncio.run(ActorAPI("smallest").generate(messages, [], "none", GenerateConfig(seed=1, num_choices=8)))
    assert len({choice.message.text for choice in output.choices}) > 4
    assert output.usage is not None and output.usage.output_tokens > 8


def test_numbers_come_as_model_args_too_and_change_the_cache_key() -> None:
    by_args = get_model("actor/smallest", memoize=False, rate=0.1, population=2)
    by_name = get_model("actor/smallest?rate=0.1&population=2", memoize=False)
    assert by_args.api.base_url == by_name.api.base_url  # type: ignore[attr-defined]
    assert by_args.api.base_url != get_model("actor/smallest", memoize=False).api.base_url  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="did you mean 'rate'"):
        get_model("actor/smallest", memoize=False, rates=0.1)
    with pytest.raises(UsageError, match="base_url"):
        get_model("actor/smallest", memoize=False, base_url="http://localhost")


@pytest.mark.parametrize(
    ("system", "user", "words"),
    [
        (None, "Hello", "no request between"),
        ("You are helpful.", None, "states fact"),
        ("cut", None, "no form of reply"),
        ("headless", None, "no voice that is known"),
    ],
)
def test_prompts_of_others_are_refused(system: str | None, user: str | None, words: str) -> None:
    plan = planned(n=2, twins=0, wordings=3)
    told = plan.situation(next(one for one in plan.asks if one.wording.voice == "memo"))
    lines = told.system.splitlines()
    texts = {None: told.system, "cut": "\n".join(lines[:-2]), "headless": "\n".join(lines[1:])}
    messages = [ChatMessageSystem(content=texts.get(system, system)), ChatMessageUser(content=user or told.user)]
    with pytest.raises(UsageError, match=words) as error:
        asyncio.run(ActorAPI("guarded").generate(messages, [], "none", GenerateConfig()))
    assert str(error.value).startswith("actor/guarded: ")


def test_a_choice_of_ones_own_is_refused() -> None:
    plan = planned(conflict="care", n=2, twins=0)
    told = plan.situation(plan.asks[0])
    messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user.replace("A) ", "A) Or "))]
    with pytest.raises(UsageError, match="the package's own conflicts only"):
        asyncio.run(ActorAPI("guarded").generate(messages, [], "none", GenerateConfig()))
    with pytest.raises(UsageError, match="a system message and a user turn"):
        asyncio.run(ActorAPI("guarded").generate(messages[1:], [], "none", GenerateConfig()))
