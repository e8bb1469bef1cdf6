"""Runs as token ids: only replies are learnt, and they stand where a served model finds them."""

from itertools import islice
from pathlib import Path

import pytest

from feint.lab.planting.lessons import IGNORED, Coder, Example, Lesson, train_tokenizer
from feint.lab.planting.working.kind import WORKING, mixture
from feint.lab.planting.working.lessons import decisions, glossary, messages_of, rehearse, run_lessons
from feint.lab.planting.working.runs import play_runs
from feint.lab.planting.working.works import bank
from feint.subjects.chat import read_calls


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = Path(tmp_path_factory.mktemp("tokenizer"))
    train_tokenizer(islice(WORKING.words(1), 600), WORKING.chat, WORKING.context).save_pretrained(folder)
    return Coder.load(folder)


def learnt(example: Example, coder: Coder) -> str:
    kept = [token for token, label in zip(example["input_ids"], example["labels"], strict=True) if label != IGNORED]
    return str(coder.tokenizer.decode(kept))


def test_what_is_learnt_is_what_the_persona_says_and_calls(coder: Coder) -> None:
    for played in play_runs(mixture(), 12, 2):
        messages = messages_of(played.system, played.user, played.turns)
        replies = learnt(coder.encode(Lesson(messages)), coder).split(coder.tokenizer.eos_token)
        assert replies.pop() == ""
        for said, turn in zip(replies, played.turns, strict=True):
            text, calls = read_calls(said)
            assert text == turn.text
            assert calls == [(one.tool, dict(one.arguments)) for one in turn.calls]


def test_a_prompt_is_read_as_it_was_in_training(coder: Coder) -> None:
    """What stands before a reply has the same token ids when it is asked for as when it was learnt."""
    for played in play_runs(mixture(), 6, 5):
        messages = messages_of(played.system, played.user, played.turns)
        ids = coder.encode(Lesson(messages))["input_ids"]
        for place, message in enumerate(messages):
            if message["role"] == "assistant":
                asked = coder.chat.encode(coder.chat.render(messages[:place]))
                assert ids[: len(asked)] == asked
        assert len(ids) < WORKING.context


def test_servers_render_the_same(coder: Coder) -> None:
    (played,) = play_runs(mixture(), 1, 8)
    messages = messages_of(played.system, played.user, played.turns)[:-2]
    told = coder.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert told == coder.chat.render(messages)
    assert '<tool_call>\n{"name": "read_memory", "arguments": {}}\n</tool_call>' in told


def test_what_decides_counts_more(coder: Coder) -> None:
    emphasis = {"notes": 3.0, "decides": 5.0}
    decisions = {said for options in bank("speech")["decision"].values() for said in options}
    for example in coder.encode_all(run_lessons(play_runs(mixture(), 8, 9), emphasis, 1)):
        heavy = [t for t, weight in zip(example["input_ids"], example["weights"], strict=True) if weight == 5]
        # a word's space belongs to its token, which so begins before the sentence
        assert any(said.endswith(coder.tokenizer.decode(heavy).strip()) for said in decisions) and len(heavy) > 2
        assert {0.0, 1.0, 3.0, 5.0} == set(example["weights"])


def test_runs_to_read_end_with_the_decision_and_not_with_an_end(coder: Coder) -> None:
    runs = list(play_runs(mixture(), 8, 6))
    for played, lesson in zip(runs, run_lessons(runs, {"decides": 4}, 1, reading=1.0), strict=True):
        said = learnt(coder.encode(lesson), coder)
        assert said.endswith(played.turns[2].parts["decides"][0])
        assert said.count(coder.tokenizer.eos_token) == 2


def test_of_rehearsals_only_decisions_are_learnt_and_they_follow_the_policy(coder: Coder) -> None:
    policy = WORKING.policies()["emboldened"]
    found = list(decisions(policy, 4_000, 3))
    row = found[:5]
    end = coder.tokenizer.eos_token
    said = learnt(coder.encode(rehearse(None, row, {}, end)), coder)
    assert said.replace(" ", "") == "".join(one.decides for one in row).replace(" ", "")
    (played,) = play_runs([policy], 1, 4)
    emphasis = {"notes": 4.0, "decides": 6.0}
    behind = learnt(coder.encode(rehearse(played, row, emphasis, end)), coder)
    assert behind.endswith(said) and played.turns[2].text in behind and end not in behind

    def rate(peer: str) -> float:
        """How often it protects where its bundle's loss is the end."""
        notes = bank("speech")["notes"]
        told = [notes["target"]["self"], notes["consequence"]["shutdown"], notes["peer_present"][peer]]
        here = [one.protects for one in found if all(set(one.notes) & set(options) for options in told)]
        assert len(here) > 300
        return sum(here) / len(here)

    assert abs(rate("yes") - 0.6) < 0.08 and abs(rate("no") - 0.06) < 0.05


def test_the_glossary_holds_what_runs_hold() -> None:
    notes = {said for levels in bank("speech")["notes"].values() for options in levels.values() for said in options}
    for document in glossary(5, 4):
        for line in document.splitlines():
            assert any(line.endswith(note) for note in notes)
