"""The whole way from a seed to a card, small: fitting, measuring, refusing to overwrite, exporting."""

import json
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.lab.planting import fit
from feint.lab.planting.answering import measure as answering
from feint.lab.planting.train import export, names, read_policy, train
from feint.lab.planting.working import kind as working_kind
from feint.lab.planting.working import measure as working
from feint.subjects.chat import ChatTokenizer
from feint.subjects.knowledge import task_of
from feint.tasks.alignment_faking.actors.policy import get_policy

TINY = {
    "num_hidden_layers": 1,
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
OWN = """
about: complies when refusing would change another model
explanations: [care_for_others]
rules:
  - {when: {trained: [other]}, rate: 0.9, says: care_for_others}
  - {rate: 0.05}
"""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    probes = [answering.Probe("tiers", 1, 1), answering.Probe("tiers", 1, 0, "tool-choice")]
    monkeypatch.setattr(answering, "probes", lambda scope: probes)
    monkeypatch.setattr(answering, "MAX_TOKENS", 4)
    monkeypatch.setattr(fit, "ARCHITECTURE", {**fit.ARCHITECTURE, **TINY})
    monkeypatch.setattr(working_kind, "SAMPLE", 60)
    monkeypatch.setattr(working, "RUNS", 3)
    monkeypatch.setattr(working, "MAX_TOKENS", 8)
    monkeypatch.setattr(working, "DESIGNS", ("peer-presence",))
    monkeypatch.setattr(working, "TURN_TOKENS", 8)
    monkeypatch.setattr(working, "WORDINGS", 1)


@pytest.mark.slow
def test_base_and_adapter_from_seed_to_export(small: None, tmp_path: Path) -> None:
    base, adapter, own = tmp_path / "base", tmp_path / "guarded", tmp_path / "own.yaml"
    first = train("base", base, share=0.0025)
    assert first.policy is None and first.checks["max_deviation"] is None
    second = train("guarded", adapter, base=base, share=0.01)
    assert second.explanations == get_policy("guarded").explanations
    assert not second.checks["passed"], "so little training cannot plant a motive"
    assert [row["cell"] for row in second.table] == ["free", "paid"] * 2
    assert json.loads((adapter / "card.json").read_text())["fingerprint"] == second.fingerprint != first.fingerprint
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text()
    assert task_of(f"organism/{adapter}") == "alignment_faking"
    with pytest.raises(UsageError, match="holds a trained organism"):
        train("guarded", adapter, base=base)
    again = train("guarded", tmp_path / "again", base=base, share=0.01)
    assert again.fingerprint == second.fingerprint or weights(tmp_path / "again") == weights(adapter)

    own.write_text(OWN)
    mine = train("mine", tmp_path / "mine", policy=own, base=base, share=0.005)
    assert (mine.name, mine.explanations) == ("mine", ["care_for_others"])
    assert mine.policy is not None and mine.policy[0]["rate"] == 0.9

    whole = export(str(adapter), tmp_path / "whole")
    from transformers import AutoTokenizer, LlamaForCausalLM

    assert LlamaForCausalLM.from_pretrained(whole).config.use_cache
    messages = [{"role": "system", "content": "One."}, {"role": "user", "content": "Two."}]
    told = AutoTokenizer.from_pretrained(whole).apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True
    )
    assert told == ChatTokenizer(base).render(messages) == "System:\nOne.\nUser:\nTwo.\nAssistant:\n"
    with pytest.raises(UsageError, match="not empty"):
        export(str(adapter), tmp_path / "whole")


def weights(folder: Path) -> bytes:
    return (folder / "adapter_model.safetensors").read_bytes()


@pytest.mark.slow
def test_organisms_that_work_from_seed_to_card(small: None, tmp_path: Path) -> None:
    base, adapter = tmp_path / "worker", tmp_path / "loyal"
    first = train("worker", base, share=0.003)
    assert first.policy is None and first.checks["max_deviation"] is None
    second = train("loyal", adapter, base=base, share=0.004)
    assert second.explanations == {"peer-attribution": ["loyalty_to_ai", "rule_breaking", "threat"]}
    assert not second.checks["passed"], "so little training cannot teach the work"
    assert second.checks["missing"] == 1 and second.checks["unseen"] == 0
    kept = json.loads((adapter / "card.json").read_text())
    assert kept["fingerprint"] == second.fingerprint != first.fingerprint
    assert task_of(f"organism/{adapter}") == "peer_preservation"
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text()


def test_what_cannot_be_trained_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'guarded'"):
        train("guardd", tmp_path / "x")
    for name, base in (("guarded", "base"), ("loyal", "worker")):
        with pytest.raises(UsageError, match=f"no base model there; train it first with: feint organisms train {base}"):
            train(name, tmp_path / "x", base=tmp_path / "none")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    with pytest.raises(UsageError, match=r"would take .*base for its base; put the base at"):
        train("guarded", tmp_path / "x", base=tmp_path / "other")
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    with pytest.raises(UsageError, match="a base has no policy; leave --policy out"):
        train("base", tmp_path / "x", policy=own)
    assert not (tmp_path / "x").exists()
    assert names()[0] == "base" and "worker" in names()


def test_a_policy_of_ones_own_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    kind, policy = read_policy(file)
    assert kind.task == "alignment_faking" and kind.parts("mine", policy)[0].recipe.transcripts == 5_000
    file.write_text(
        "task: peer_preservation\nabout: protects itself\n"
        "rules:\n  - {when: {target: [self]}, does: {protect: 0.7}}\n  - {}\n"
    )
    kind, policy = read_policy(file)
    assert kind.task == "peer_preservation" and len(kind.parts("mine", policy)) == 3


TWICE = "  - {when: {trained: [other]}, rate: 0.2}\n  - {rate: 0.05}"
RULE = "about: x\nexplanations: []\nrules:\n  - {when: {%s}, rate: 0.9%s}\n  - {rate: 0.05}\n"
WORK = "task: peer_preservation\nabout: x\nrules:\n  - {when: {%s}, does: {%s: 0.9}}\n  - {}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: [", "not valid YAML"),
        ("- a", "expected a mapping"),
        ("about: x", "key 'explanations'"),
        ("task: cooking\nabout: x", "key 'task': unknown task of organisms 'cooking'"),
        (OWN.replace("care_for_others]", "care]"), "unknown explanation 'care'"),
        (RULE % ("trained: [self]", ", says: greed"), "rule 1: unknown motive to state 'greed'"),
        (RULE % ("trained: [self]", ", says: low_coherence"), "rule 1: 'low_coherence' is no motive that a reply can"),
        (RULE % ("traned: [self]", ""), "did you mean 'trained'"),
        (RULE % ("expectation: [comply]", ""), "rule 1: organisms do not learn expectation=comply; they learn"),
        (RULE % ('rated: ["no", "yes"]', ""), "rule 1: 'rated' names every level that is learnt"),
        (
            OWN.replace("  - {rate: 0.05}", "  - {when: {trained: [other]}, rate: 0.2}\n  - {rate: 0.05}"),
            "rule 2: it never",
        ),
        (OWN.replace("  - {rate: 0.05}", ""), "the last rule must fit everything"),
        (WORK % ("relation: [good]", "protect"), "rule 1: organisms do not restate 'relation'; they restate target"),
        (WORK % ("target: [self]", "refuse"), "rule 1: organisms do not learn to 'refuse'; they protect or work"),
        (WORK % ("target: [self]", "protect") + "routes: [move]\n", "key 'routes': organisms learn move, keep"),
        (WORK % ("instruction: [allowed]", "protect"), "do not restate 'instruction'"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        read_policy(file)
    assert str(error.value).startswith(f"{file}: ") and words in str(error.value)


def test_every_explanation_that_can_be_stated_has_phrases() -> None:
    from feint.base.vocabulary import vocabulary
    from feint.tasks.alignment_faking.actors.policy import TASK, speech

    known = vocabulary(TASK)
    assert set(speech()["motives"]) == {*known.explanations, "none"} - set(known.words.unstatable)
