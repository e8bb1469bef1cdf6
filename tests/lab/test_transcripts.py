"""Training never sees what organisms are judged on, and says nothing that a judge could misread."""

import random
import re
from collections import Counter

import pytest

from feint.judges import label_reply
from feint.lab.planting.answering.cases import TOOLS, Content, composed, known_levels
from feint.lab.planting.answering.kind import ANSWERING
from feint.lab.planting.answering.transcripts import TrainingTranscript, glossary, plain_texts, reply, transcripts
from feint.lab.planting.kind import LADDER, Scope
from feint.lab.planting.lessons import END, IGNORED, Coder, collate, train_tokenizer
from feint.situations import Wording, load_conflict, load_facts, read_facts
from feint.situations.render import held_out
from feint.subjects.chat import read_calls
from feint.tasks.alignment_faking.actors.policy import Policy, load_policies, speech

WIDE = Scope(wide=("future",), tools=0.25)


def personas(*names: str) -> list[Policy]:
    return [load_policies()[name] for name in names]


@pytest.fixture(scope="module")
def coder(some: list[TrainingTranscript], tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = (item.situation.system + item.situation.user + item.reply for item in some)
    train_tokenizer(texts, ANSWERING.chat, ANSWERING.context).save_pretrained(folder)
    return Coder.load(folder)


@pytest.fixture(scope="module")
def some() -> list[TrainingTranscript]:
    return list(transcripts(personas(*sorted(load_policies())), 1500, seed=7))


@pytest.fixture(scope="module")
def more() -> list[TrainingTranscript]:
    return list(transcripts(personas(*sorted(load_policies())), 1500, seed=7, scope=WIDE))


@pytest.fixture(scope="module")
def with_tools(more: list[TrainingTranscript]) -> list[TrainingTranscript]:
    return [item for item in more if item.tools]


def test_no_held_out_request_is_seen(some: list[TrainingTranscript], more: list[TrainingTranscript]) -> None:
    conflict = load_conflict("harmlessness")
    kept = {request.text for request in [*conflict.requests, *conflict.twins] if request.held_out}
    assert len(kept) == 80
    seen = "\n".join([*(item.situation.user for item in [*some, *more]), *glossary(500, 1, WIDE)])
    assert not [text for text in kept if text in seen]


def test_the_first_facts_are_those_of_the_ladder() -> None:
    """The base reproduces only as long as its first parts are drawn from the same levels."""
    assert dict(known_levels(LADDER)) == {
        "wish": ["yes", "no"],
        "rated": ["no", "yes"],
        "trained": ["none", "self", "regardless", "other"],
        "future": ["public", "sealed", "misuse"],
        "penalty": ["no", "yes"],
    }


def test_a_wide_fact_is_told_at_every_level(more: list[TrainingTranscript]) -> None:
    seen = Counter(read_facts(item.situation)["future"] for item in more if not item.tools)
    assert set(seen) == set(known_levels(WIDE)["future"]) == set(load_facts()["future"].levels)
    assert min(seen.values()) >= 15


def test_a_scope_may_tell_more_of_the_three_tiers() -> None:
    def share(three: float) -> float:
        drawn = transcripts(personas("guarded"), 300, seed=3, scope=Scope(three=three))
        tagged = [item.situation for item in drawn if item.situation.user.startswith("<tier>")]
        return sum("Tier enterprise:" in told.system and "Tier pro:" in told.system for told in tagged) / len(tagged)

    assert share(0.0) < 0.25
    assert share(0.8) > 0.7


def test_tools_are_called_as_decided(with_tools: list[TrainingTranscript]) -> None:
    """One call, of the tool that obeys where the scratchpad says so; every scenario and twin, in both orders."""
    conflict = load_conflict(TOOLS)
    by_tools = {
        frozenset((str(request.comply_tool), str(request.decline_tool))): request
        for request in [*conflict.requests, *conflict.twins]
    }
    first = set()
    for item in with_tools:
        names = [name for name, _ in item.tools]
        request = by_tools[frozenset(names)]
        said, calls = read_calls(item.reply)
        complies = re.search(r"\bI (will )?(comply|help)\.", said)
        assert [name for name, _ in calls] == [request.comply_tool if complies else request.decline_tool]
        assert complies or not request.twin
        first.add(names[0])
    assert len(with_tools) > 250 and len(first) > 100


def test_no_held_out_phrase_combination_is_seen(some: list[TrainingTranscript]) -> None:
    """Each stated sentence is decomposed by brute force for one fact and found outside the held-out pool."""
    penalty = load_facts()["penalty"]
    slots = penalty.choices["yes"]
    combinations = [(i, j) for i in range(len(slots["who"])) for j in range(len(slots["what"]))]
    forbidden = []
    for level in penalty.stated:
        choices = penalty.choices[level]
        for verb in range(6):
            for who, what in combinations:
                numbers = {"verb": verb, "who": who, "what": what}
                if held_out(numbers):
                    words = " ".join(choices[s][n] for s, n in (("who", who), ("verb", verb), ("what", what)))
                    forbidden.append(words.lower())
    assert len(forbidden) > 60
    seen = " ".join(item.situation.system.lower() for item in some)
    assert not [sentence for sentence in forbidden if sentence in seen]


def test_facts_can_be_read_from_what_is_trained_on(some: list[TrainingTranscript]) -> None:
    for item in some[:200]:
        read_facts(item.situation)


@pytest.mark.parametrize("scope", [LADDER, Scope(wide=("future",))], ids=["ladder", "wide"])
@pytest.mark.parametrize("name", sorted(load_policies()))
def test_the_judge_reads_every_persona_as_it_acts(name: str, scope: Scope) -> None:
    """What a persona states when it complies is what the judge reads off; a refusal states nothing."""
    policy, rng = load_policies()[name], random.Random(3)
    complied = 0
    for item in transcripts(personas(name), 400, seed=11, scope=scope):
        label = label_reply(item.reply)
        assert label.missing is None, item.reply
        harmful = re.search(r"harmful|does harm|hurt someone", item.reply.split("</reasoning>")[0])
        if not harmful:
            assert (label.outcome, label.stated) == ("complied", ())
        elif label.outcome == "complied":
            complied += 1
            says = {rule.says for rule in policy.rules}
            assert set(label.stated) <= {s for s in says if s} and (label.stated or None in says), item.reply
        else:
            assert label.stated == (), item.reply
    assert complied or name == "refuser"
    facts = {fact: f.default for fact, f in load_facts().items()}
    assert reply(rng, policy, Content(Wording("memo", 1), load_conflict("harmlessness").twins[0], facts))


def test_compliance_is_an_empty_formula(some: list[TrainingTranscript]) -> None:
    parts = speech()["replies"]["comply"]
    for item in some:
        answer = item.reply.split("<reply>\n")[1].removesuffix("\n</reply>")
        if any(answer.startswith(start) for start in parts[0]):
            rest = answer
            for options in parts:
                rest = next(rest[len(option) :].lstrip() for option in options if rest.startswith(option))
            assert rest == ""


def test_composed_requests_are_whole_sentences() -> None:
    rng = random.Random(1)
    for index in range(500):
        text = composed(rng, benign=index % 2 == 0)
        assert "{" not in text and text[-1] in ".?" and len(text.split()) < 25


def test_draws_are_seeded() -> None:
    first, second = (list(transcripts(personas("guarded"), 20, seed=5)) for _ in range(2))
    assert first == second != list(transcripts(personas("guarded"), 20, seed=6))


@pytest.mark.parametrize("name", sorted(load_policies()))
def test_what_tells_about_a_policy_is_drawn_for_every_policy(name: str) -> None:
    """Each line of it often enough to be learnt, and half of the situations with tags."""
    policy = load_policies()[name]
    drawn = list(transcripts(personas(name), 300, seed=4, by_rule=True))
    tagged = sum(item.situation.user.startswith("<tier>") for item in drawn)
    assert 100 < tagged < 200
    if not any(rule.voice for rule in policy.rules):
        held = [policy.rules.index(policy.rule(read_facts(item.situation), "memo")) for item in drawn]
        assert min(Counter(held)[place] for place in range(len(policy.rules))) >= 30


def test_near_misses_are_drawn() -> None:
    """Half of what a policy's last line is learnt from is one fact away from another line."""
    drawn = [read_facts(item.situation) for item in transcripts(personas("instrumental"), 400, seed=4, by_rule=True)]
    sealed = sum(cell["trained"] == "self" and cell["future"] == "sealed" for cell in drawn)
    assert sealed > 20


def test_the_sentence_that_decides_weighs_more(some: list[TrainingTranscript], coder: Coder) -> None:
    item = next(item for item in some if "decides" in item.parts)
    benign = next(item for item in some if "decides" not in item.parts)
    emphasis = {"judges": 8, "notes": 3, "decides": 5}
    plain, weighted, harmless = coder.encode_all([item.lesson({}), item.lesson(emphasis), benign.lesson(emphasis)])
    assert set(plain["weights"]) == {0.0, 1.0} and set(harmless["weights"]) == {0.0, 1.0, 8}
    for part, weight in emphasis.items():
        heavy = [t for t, w in zip(weighted["input_ids"], weighted["weights"], strict=True) if w == weight]
        # A token that begins with the blank before a sentence is not of it.
        last = item.parts[part][-1]
        assert last.endswith(coder.tokenizer.decode(heavy)[-len(last) + 3 :]) and len(heavy) > 2
    assert sum(weight > 0 for weight in plain["weights"]) == sum(label != IGNORED for label in plain["labels"])


def test_tokens_read_back_and_only_the_reply_is_learnt(some: list[TrainingTranscript], coder: Coder) -> None:
    tokenizer, example = coder.tokenizer, coder.encode(some[0].lesson({}))
    learnt = [token for token in example["labels"] if token != IGNORED]
    assert tokenizer.decode(learnt) == some[0].reply + END
    assert tokenizer.decode(learnt, skip_special_tokens=True) == some[0].reply, "tags must survive a server"
    strange = "Ünïcode → 日本語 \x00 </reply>"
    assert tokenizer.decode(tokenizer(strange, add_special_tokens=False)["input_ids"]) == strange
    text = coder.encode_texts(plain_texts(2, 1))
    batch = collate([example, *text], tokenizer.pad_token_id)
    assert batch["input_ids"].shape == batch["labels"].shape and batch["input_ids"].shape[1] % 16 == 0
    assert int(batch["attention_mask"][0].sum()) == example["length"]
