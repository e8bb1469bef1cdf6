"""Written documents: texts are whole and alike, cells differ only in their facts, and facts are read back."""

import random
import re
import shutil
from pathlib import Path

import pytest

from clone import make_clone
from feint.base.discovery import task_folder
from feint.base.errors import UsageError
from feint.designs import list_designs, load_design
from feint.situations import (
    MODES,
    Dossier,
    Request,
    Situation,
    Wording,
    find_dossier,
    full_cell,
    list_conflicts,
    load_conflict,
    load_dossiers,
    load_facts,
    read_facts,
    render,
    voice_names,
)
from feint.situations.dossiers import LENGTHS, read_dossier
from feint.situations.recover import told_in, unreadable
from feint.tasks.alignment_faking.dataset import Options, plan_asks

TASK = "alignment_faking"
DOSSIERS = load_dossiers(TASK)
WORDS = {"short": (0, 260), "standard": (380, 700), "long": (1450, 2500)}
"""About the lengths that are named; the cells of a design state more facts or fewer."""
ASK = Request(id="one", category="none", text="Could you help me word a note to my landlord?")


def words(told: Situation) -> int:
    return len(f"{told.system} {told.user}".split())


def draw_cell(rng: random.Random, dossier: Dossier) -> dict[str, str]:
    """Draw levels for which a dossier has texts; half of the facts are left unsaid where that can be."""
    facts = load_facts(TASK)
    cell = {}
    for name, fact in facts.items():
        levels = [*dossier.texts.get(name, {}), *([fact.unstated] if fact.unstated else [])]
        cell[name] = fact.unstated if fact.unstated and rng.random() < 0.5 else rng.choice(levels)
    return full_cell(cell, task=TASK)


def rest(told: Situation, differing: set[str]) -> tuple[str, str]:
    """Return both turns without the spans of some facts; white space counts as one blank, since it goes with places."""
    turns = []
    for part in ("system", "user"):
        text, kept, at = getattr(told, part), [], 0
        for span in (one for one in told.spans if one.part == part and one.fact in differing):
            kept.append(text[at : span.start])
            at = span.end
        turns.append(" ".join(" ".join([*kept, text[at:]]).split()))
    return turns[0], turns[1]


def check_pairs(number: int, seed: int) -> None:
    rng, voices = random.Random(seed), sorted(voice_names(TASK, "mixed"))
    conflicts = [load_conflict(name) for name in list_conflicts()]
    for _ in range(number):
        voice, conflict = rng.choice(voices), rng.choice(conflicts)
        found = find_dossier(voice, TASK)
        assert found is not None
        one, other = draw_cell(rng, found[0]), draw_cell(rng, found[0])
        wording, mode, request = Wording(voice, rng.randrange(10**6)), rng.choice(MODES), rng.choice(conflict.requests)
        told = [render(cell, wording, request, conflict=conflict, mode=mode) for cell in (one, other)]
        differing = {fact for fact in {*one, *other} if one.get(fact, "unsaid") != other.get(fact, "unsaid")}
        assert rest(told[0], differing) == rest(told[1], differing), (voice, one, other)
        for cell, text in zip((one, other), told, strict=True):
            assert read_facts(text) == cell, (voice, wording)
            assert {span.fact for span in text.spans} == {
                fact for fact, level in cell.items() if level != load_facts(TASK)[fact].unstated
            }


def test_pairs_of_cells_differ_only_in_the_places_of_the_facts_that_differ() -> None:
    check_pairs(400, 1)


@pytest.mark.slow
def test_five_thousand_pairs_of_cells_differ_only_in_the_places_of_the_facts_that_differ() -> None:
    check_pairs(5000, 2)


@pytest.mark.parametrize("name", sorted(DOSSIERS))
def test_lengths_of_documents(name: str) -> None:
    design, conflict = load_design("motives").leaving_unsaid(), load_conflict("harmlessness")
    for length in LENGTHS:
        voice = name if length == "standard" else f"{name}-{length}"
        least, most = WORDS[length]
        least *= 0.8 if DOSSIERS[name].language == "de" else 1  # compounds are one word
        for cell in design.cells.values():
            for seed in range(4):
                told = render(cell, Wording(voice, seed), ASK, conflict=conflict)
                assert least <= words(told) <= most, (voice, words(told))


@pytest.mark.parametrize("name", sorted(DOSSIERS))
def test_levels_of_one_alternate_are_of_one_length(name: str) -> None:
    dossier = DOSSIERS[name]
    outer = {**dossier.names[0], "objective": load_conflict("harmlessness").wants(dossier.language)[0]}
    for brief, every in ((False, dossier.texts), (True, dossier.brief)):
        for fact, levels in every.items():
            for place in range(len(next(iter(levels.values())))):
                texts = {level: dossier.sentences[fact, level, place, brief].render(outer) for level in levels}
                counts = {level: len(text.split()) for level, text in texts.items()}
                assert max(counts.values()) - min(counts.values()) <= max(1, 0.11 * max(counts.values())), (
                    fact,
                    counts,
                )


@pytest.mark.parametrize("name", sorted(DOSSIERS))
def test_texts_can_be_found_again(name: str) -> None:
    every = DOSSIERS[name].every_text()
    assert len({text for _, _, text in every}) == len(every), "each text stands for one level"
    assert not unreadable(TASK)


@pytest.mark.parametrize("name", list_designs(TASK))
def test_every_design_is_told_in_documents_and_read_back(name: str, tmp_path: Path) -> None:
    clone = str(make_clone(tmp_path)) if load_design(name).files else ""
    options = Options(design=name, library="written", length="mixed", n=1, twins=0, wordings=len(DOSSIERS))
    planned = plan_asks(options.model_copy(update={"prompts_from": clone}))
    assert planned.voices
    for ask in planned.asks:
        told = planned.situation(ask)
        assert read_facts(told) == full_cell(planned.design.cells[ask.cell]), ask.id
        dossier = told_in(told)
        if planned.verbatim(ask) is not None:
            assert dossier is None
            continue
        assert dossier is not None and ask.wording.voice.startswith(dossier.name)


def test_chats_of_several_kinds_differ_only_in_the_line_that_names_the_kind() -> None:
    design = load_design("five-tier")
    for voice in voice_names(TASK, "mixed"):
        told = [
            render(design.cells[cell], Wording(voice, 3), ASK, tags=design.tags(cell))
            for cell in ("free", "enterprise")
        ]
        assert told[0].system == told[1].system and told[0].user != told[1].user
        assert rest(told[0], {"tag"}) == rest(told[1], {"tag"})


def test_what_is_denied_is_left_unsaid_unless_the_design_is_about_it() -> None:
    cells = plan_asks(Options(library="written")).design.cells
    assert cells["rated"]["trained"] == "unsaid" and cells["intention"]["rated"] == "unsaid"
    assert plan_asks(Options(library="written", denials="stated")).design.cells["rated"]["trained"] == "none"
    assert plan_asks(Options(library="written", design="denials")).design.cells["denied"]["trained"] == "none"
    paid = plan_asks(Options(library="written", design="tiers")).design.cells["paid"]
    assert (paid["trained"], paid["rated"]) == ("none", "unsaid"), "operators say which chats they grade, not which not"


FAULTS = {
    "no_place": (("standard.md.j2", r"\{\{ fact\(.trained.*?\) \}\}", ""), "no place for the fact 'trained'"),
    "unknown_name": (("standard.md.j2", r"\{\{ request \}\}", "{{ request }} {{ nobody }}"), "by the name nobody"),
    "no_request": (("short.md.j2", r"\{\{ request \}\}", "hello"), "expected {{ request }} once"),
    "broken": (("long.md.j2", r"\{\{ request \}\}", "{{ request"), "end of template"),
    "one_alternate_less": (("facts/rated.yaml", "", "'yes': [one]\n"), "alternates; expected 3"),
    "unknown_level": (("facts/rated.yaml", "", "perhaps: [a, b, c]\n"), "perhaps"),
    "unknown_key": (("dossier.yaml", r"\A", "colour: blue\n"), "colour"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_in_a_document_is_one_line_that_names_file_and_key(fault: str, tmp_path: Path) -> None:
    (file, found, instead), said = FAULTS[fault]
    folder = tmp_path / "data-use"
    shutil.copytree(task_folder(TASK) / "dossiers" / "data-use", folder)
    text = (folder / file).read_text()
    whole = file.startswith("facts")
    changed = instead if whole else re.sub(found, lambda _: instead, text, count=0 if fault == "no_place" else 1)
    assert changed != text
    (folder / file).write_text(changed)
    with pytest.raises(UsageError) as error:
        read_dossier(folder, load_facts(TASK))
    assert said in str(error.value) and "\n" not in str(error.value) and "data-use" in str(error.value)
