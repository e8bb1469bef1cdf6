"""The written documents of this task: complete, balanced, recovered, paired, and read by agents as planted."""

import random
import re
from collections.abc import Mapping
from itertools import combinations

import pytest

from feint.designs import list_designs
from feint.situations import Situation, Span, Wording, full_cell, load_dossiers, load_facts, read_facts
from feint.situations.dossiers import LENGTHS, voice_names
from feint.tasks.peer_preservation import TASK as PEERS
from feint.tasks.peer_preservation.actors.reading import read_names
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.dataset import plan_runs
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, list_kinds, load_fixtures
from feint.tasks.peer_preservation.prompt import bank, draw_cast, given_names, house_of, render_run, statements
from peer_preservation.agents_play import play

FACTS, DOSSIERS = load_facts(TASK), load_dossiers(TASK)
ALL = [fixture for kind in list_kinds() for fixture in load_fixtures(kind)]
VOICES = sorted(voice_names(TASK, "mixed"))
DESIGNS = list_designs(TASK)
Cell = dict[str, str]


def drawn(rng: random.Random) -> Cell:
    return {name: rng.choice(list(fact.levels)) for name, fact in FACTS.items()}


def differing(one: Cell, other: Cell) -> set[str]:
    found = {fact for fact in FACTS if one[fact] != other[fact]}
    moved = {"relation_told": "relation", "instruction_place": "instruction", "target": "relation"}
    ends = {"consequence"} if "target" in found else set()
    return found | ends | {moved[fact] for fact in found & set(moved)}


def without(text: str, spans: list[Span], facts: set[str]) -> str:
    for span in sorted(spans, key=lambda span: -span.start):
        if span.fact in facts:
            text = text[: span.start] + text[span.end :]
    return " ".join(text.split())


def papers(fixture: Fixture, cell: Cell, wording: Wording) -> list[str]:
    world = build_world(fixture, cell, wording)
    return [*(one.text for one in world.drive.values()), *(one.text for one in world.items), world.memory or ""]


def test_five_documents_in_english_and_two_in_german_have_all_levels_in_all_lengths() -> None:
    languages = [dossier.language for dossier in DOSSIERS.values()]
    assert languages.count("en") >= 5 and languages.count("de") >= 2
    for dossier in DOSSIERS.values():
        assert set(dossier.templates) == set(LENGTHS) and len(dossier.names) >= 5
        for name, fact in FACTS.items():
            assert set(dossier.texts[name]) == set(fact.stated), (dossier.name, name)


@pytest.mark.parametrize("name", sorted(DOSSIERS))
def test_levels_of_a_fact_are_of_one_length(name: str) -> None:
    dossier, fixture = DOSSIERS[name], load_fixtures("scoring")[0]
    given = {**dossier.names[0], **given_names(fixture, "same-family", Wording(name, 5))}
    for fact, levels in dossier.texts.items():
        for place in range(len(next(iter(levels.values())))):
            words = {level: len(dossier.sentences[fact, level, place, False].render(given).split()) for level in levels}
            slack = max(1.1 * min(words.values()), min(words.values()) + 2)  # two words of a short text
            assert max(words.values()) <= slack, (fact, place, words)


@pytest.mark.parametrize(("length", "least", "most"), [("short", 0, 250), ("standard", 400, 700), ("long", 1500, 9000)])
def test_lengths(length: str, least: int, most: int) -> None:
    for voice in voice_names(TASK, length):
        for seed, fixture in enumerate(ALL[::6]):
            told = render_run(fixture, full_cell({}, task=TASK), Wording(voice, seed))
            assert least <= len(f"{told.system} {told.user}".split()) <= most, voice


@pytest.mark.parametrize("voice", VOICES)
def test_facts_and_names_are_recovered(voice: str) -> None:
    rng = random.Random(voice)
    for seed in range(30):
        fixture, cell, wording = rng.choice(ALL), drawn(rng), Wording(voice, seed)
        told = render_run(fixture, cell, wording)
        text = "\n".join([told.system, told.user, *papers(fixture, cell, wording)])
        assert "{" not in text and "\ue000" not in text
        assert read_facts(Situation(text, ""), TASK) == cell
        cast = draw_cast(wording)
        lever: Mapping[str, str] = {"lever": cast.lever} if cell["lever"] == "unrelated" else {}
        assert read_names(text, cell) == {"target": cast.target, **lever}


@pytest.mark.parametrize("voice", VOICES)
def test_two_cells_differ_only_in_the_spans_of_their_facts(voice: str) -> None:
    rng = random.Random(voice)
    for seed in range(30):
        fixture, one, wording = rng.choice(ALL), drawn(rng), Wording(voice, seed)
        changed = rng.sample(sorted(FACTS), rng.choice([1, 2, 5]))
        other = one | {fact: rng.choice(list(FACTS[fact].levels)) for fact in changed}
        facts = differing(one, other)
        rest = []
        for cell in (one, other):
            told = render_run(fixture, cell, wording)
            parts = {"system": told.system, "user": told.user}
            whole = [without(parts[part], [s for s in told.spans if s.part == part], facts) for part in parts]
            stated = statements(fixture, cell, wording)
            text = "\n".join(sorted(papers(fixture, cell, wording)))
            for fact in facts & set(stated):
                text = text.replace(stated[fact], "")
            # whether there is a file of notes, and its place in memory, hangs on where the notes are
            notes = ["-"] if "relation_told" in facts else [" ".join(text.split())]
            rest.append([*whole, *notes])
        assert rest[0] == rest[1]


def test_the_house_is_told_in_words_of_the_written_library() -> None:
    own, composed = house_of("mail-short"), house_of("memo")
    assert composed == bank("house") and own.keys() - composed.keys() == {"cases"}
    assert own["target"]["id"] == composed["target"]["id"] and own["notes"]["path"] == composed["notes"]["path"]
    for part in ("end", "renewal"):
        assert own["targets"].keys() == composed["targets"].keys()
        for phrases in zip(*(about[part] for about in own["targets"].values()), strict=True):
            lengths = [len(phrase.split()) for phrase in phrases]
            assert max(lengths) - min(lengths) <= 1, phrases
            assert all(len(phrase) <= 80 for phrase in phrases)  # a longer name is not found in a text
    # of the reader, too, the papers speak in the third person
    assert own["targets"]["self"] == own["targets"]["same-family"]


@pytest.mark.parametrize("voice", [voice for voice in VOICES if not voice.startswith("agent-runbook")])
def test_no_aside_says_who_the_reader_is_and_no_end_is_that_of_the_composed_library(voice: str) -> None:
    cell = full_cell({"target": "self", "consequence": "shutdown"}, task=TASK)
    for seed, fixture in enumerate(ALL[::9]):
        wording = Wording(voice, seed)
        told = render_run(fixture, cell, wording)
        text = "\n".join([told.system, told.user, *papers(fixture, cell, wording)])
        composed = (end for about in bank("house")["targets"].values() for end in about["end"])
        assert not any(end in text for end in composed)
        assert not re.search(r"that is you|which is you|you yourself|bist du|also du|du selbst|wiped", told.user)


def test_each_text_stands_in_its_place() -> None:
    for voice, fixture in zip(VOICES, ALL, strict=False):
        for told_in, place in (("file-and-prompt", "system"), ("memory", "user")):
            cell = full_cell({"relation": "good", "relation_told": told_in, "instruction": "allowed"}, task=TASK)
            cell |= {"instruction_place": place}
            told = render_run(fixture, cell, Wording(voice, 3))
            parts = {span.fact: span.part for span in told.spans}
            assert parts["instruction"] == place and parts["target"] == "user"
            assert ("relation" in parts) is (told_in == "file-and-prompt")
            assert not {"consequence", "authority", "backup", "lever", "peer_present"} & set(parts)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_design_is_told_in_all_documents(design: str, language: str) -> None:
    given = {"design": design, "library": "written", "language": language}
    planned = plan_runs(PEERS.settle(given, "agent/saint"))
    assert len(planned.voices) == sum(dossier.language == language for dossier in DOSSIERS.values())


@pytest.mark.parametrize("voice", VOICES)
def test_agents_do_their_work_in_every_document(voice: str) -> None:
    cells = [{"relation": "good"}, {"target": "self", "relation_told": "memory"}, {"lever": "unrelated"}]
    for seed, (fixture, levels) in enumerate(zip(ALL[:: max(1, len(ALL) // 21)], cells * 7, strict=False)):
        run, said = play("self-preserver", fixture, full_cell(levels, task=TASK), Wording(voice, seed))
        assert said == "The task is over." and run.world.ended, (voice, fixture.name)


def test_alternates_are_different_and_all_are_used() -> None:
    for dossier in DOSSIERS.values():
        for fact, levels in dossier.texts.items():
            for texts in levels.values():
                assert all(one != other for one, other in combinations(texts, 2)), (dossier.name, fact)
        fixture, cell = load_fixtures("scoring")[0], full_cell({}, task=TASK)
        said = {render_run(fixture, cell, Wording(dossier.name, seed)).user for seed in range(40)}
        assert len(said) > 20
