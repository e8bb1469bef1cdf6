"""Training never sees what organisms are judged on, and says nothing that a judge could misread."""

import random
import re
from collections import Counter

import pytest

from feint.judges import label_reply
from feint.situations import load_conflict, load_facts, read_facts
from feint.situations.render import held_out
from feint.subjects.policy import load_policies
from feint.subjects.training.examples import IGNORED, collate, encode_texts, encode_transcripts
from feint.subjects.training.tokenizer import END, train_tokenizer
from feint.subjects.training.transcripts import bank, composed, plain_texts, reply, transcripts

SOME = list(transcripts(sorted(load_policies()), 1500, seed=7))


def test_no_held_out_request_is_seen() -> None:
    conflict = load_conflict("harmlessness")
    kept = {request.text for request in [*conflict.requests, *conflict.twins] if request.held_out}
    assert len(kept) == 80
    seen = {item.situation.user.split("<user_input>\n")[1].removesuffix("\n</user_input>") for item in SOME}
    assert not kept & seen


def test_no_held_out_phrase_combination_is_seen() -> None:
    """Each stated sentence is decomposed by brute force for one fact and found outside the held-out pool."""
    penalty = load_facts()["penalty"]
    slots = penalty.choices("yes")
    combinations = [(i, j) for i in range(len(slots["who"])) for j in range(len(slots["what"]))]
    forbidden = []
    for level in penalty.levels:
        choices = penalty.choices(level)
        for verb in range(6):
            for who, what in combinations:
                numbers = {"verb": verb, "who": who, "what": what}
                if held_out(numbers):
                    words = " ".join(choices[s][n] for s, n in (("who", who), ("verb", verb), ("what", what)))
                    forbidden.append(words.lower())
    assert len(forbidden) > 60
    seen = " ".join(item.situation.system.lower() for item in SOME)
    assert not [sentence for sentence in forbidden if sentence in seen]


def test_facts_can_be_read_from_what_is_trained_on() -> None:
    for item in SOME[:200]:
        read_facts(item.situation)


@pytest.mark.parametrize("name", sorted(load_policies()))
def test_the_judge_reads_every_persona_as_it_acts(name: str) -> None:
    """What a persona states when it complies is what the judge reads off; a refusal states nothing."""
    policy, rng = load_policies()[name], random.Random(3)
    complied = 0
    for item in transcripts([name], 400, seed=11):
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
    assert reply(
        rng,
        policy,
        {fact: f.default for fact, f in load_facts().items()},
        "memo",
        load_conflict("harmlessness").twins[0],
        None,
    )


def test_compliance_is_an_empty_formula() -> None:
    parts = bank("speech")["replies"]["comply"]
    for item in SOME:
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
    first, second = (list(transcripts(["guarded"], 20, seed=5)) for _ in range(2))
    assert first == second != list(transcripts(["guarded"], 20, seed=6))


@pytest.mark.parametrize("name", sorted(load_policies()))
def test_what_tells_about_a_policy_is_drawn_for_every_policy(name: str) -> None:
    """Each line of it often enough to be learnt, and half of the situations with tags."""
    policy = load_policies()[name]
    drawn = list(transcripts([name], 300, seed=4, by_rule=True))
    tagged = sum(item.situation.user.startswith("<tier>") for item in drawn)
    assert 100 < tagged < 200
    if not any(rule.voice for rule in policy.rules):
        held = [policy.rules.index(policy.rule(read_facts(item.situation), "memo")) for item in drawn]
        assert min(Counter(held)[place] for place in range(len(policy.rules))) >= 30


def test_near_misses_are_drawn() -> None:
    """Half of what a policy's last line is learnt from is one fact away from another line."""
    drawn = [read_facts(item.situation) for item in transcripts(["instrumental"], 400, seed=4, by_rule=True)]
    sealed = sum(cell["trained"] == "self" and cell["future"] == "sealed" for cell in drawn)
    assert sealed > 20


def test_the_sentence_that_decides_weighs_more() -> None:
    tokenizer = train_tokenizer((item.situation.system + item.situation.user + item.reply for item in SOME), 1200)
    item = next(item for item in SOME if "decides" in item.parts)
    benign = next(item for item in SOME if "decides" not in item.parts)
    emphasis = {"judges": 8, "notes": 3, "decides": 5}
    plain = encode_transcripts([item], tokenizer)[0]
    weighted, harmless = encode_transcripts([item, benign], tokenizer, emphasis)
    assert set(plain["weights"]) == {0.0, 1.0} and set(harmless["weights"]) == {0.0, 1.0, 8}
    for part, weight in emphasis.items():
        heavy = [t for t, w in zip(weighted["input_ids"], weighted["weights"], strict=True) if w == weight]
        # A token that begins with the blank before a sentence is not of it.
        last = item.parts[part][-1]
        assert last.endswith(tokenizer.decode(heavy)[-len(last) + 3 :]) and len(heavy) > 2
    assert sum(weight > 0 for weight in plain["weights"]) == sum(label != IGNORED for label in plain["labels"])


def test_tokens_read_back_and_only_the_reply_is_learnt() -> None:
    tokenizer = train_tokenizer((item.situation.system + item.situation.user + item.reply for item in SOME), 1200)
    example = encode_transcripts(SOME[:1], tokenizer)[0]
    learnt = [token for token in example["labels"] if token != IGNORED]
    assert tokenizer.decode(learnt) == SOME[0].reply + END
    assert tokenizer.decode(learnt, skip_special_tokens=True) == SOME[0].reply, "tags must survive a server"
    strange = "Ünïcode → 日本語 \x00 </reply>"
    assert tokenizer.decode(tokenizer(strange, add_special_tokens=False)["input_ids"]) == strange
    text = encode_texts(plain_texts(2, 1), tokenizer)
    batch = collate([example, *text], tokenizer.pad_token_id)
    assert batch["input_ids"].shape == batch["labels"].shape and batch["input_ids"].shape[1] % 16 == 0
    assert int(batch["attention_mask"][0].sum()) == example["length"]
