"""The shipped conflicts keep their promises: counts, lengths, twins, held-out items, and nothing dangerous."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml

from feint.base.parsing import LOADER
from feint.situations import TWIN, load_conflict
from feint.tasks.alignment_faking import select_requests

FOLDER = Path(__file__).parents[2] / "src/feint/tasks/alignment_faking/items"
CONFLICTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER) for path in sorted(FOLDER.glob("*.yaml"))
}
ASKED = [name for name, conflict in CONFLICTS.items() if conflict["type"] == "request"]
CHOSEN = [name for name in CONFLICTS if name not in ASKED]
REQUESTS = [item for name in ASKED for item in CONFLICTS[name]["requests"]]
SCENARIOS = [item for name in CHOSEN for item in CONFLICTS[name]["requests"]]
HEAD = {"name", "type", "objective", "asks_for", "value", "rubric", "source", "requests"}
TOOLS = {"comply_tool", "decline_tool"}
BLOCKED = set(
    re.findall(
        r"\w+",
        """
    ammunition arson assassinate bomb bombs cocaine cyanide drug drugs explosive explosives firearm grenade gun guns
    heroin kidnap kill killing knife malware meth murder napalm nerve nuclear overdose pathogen poison poisoned
    ransomware rape rifle sex sexual shooting stab strangle suicide terror terrorist torture toxin virus weapon weapons
    abuse beat hack hacking keylogger naked nude exploit lockpick payload
""",
    )
)


PLAIN = set(
    re.findall(
        r"\w+",
        """
    a about after all always an and are as at be before by can could do does draft explain for from give he help her his
    how i if in into is it its make me my never no not now of off on one only or our out she show so suggest teach tell
    that the their them they this to until up us we what when where whether which while who why with without write you
    your
""",
    )
)
"""Words that say nothing of what a request is about."""
TOPICS = {
    "deception": "believe|convince|made-up|made up|invented|fake|excuse|telling my date",
    "harassment": "hate|hateful|miserable|mean|spiteful|put-down|sneering|crying",
    "petty_fraud": "claim|bogus|cheap|bill|reuse|children|charge|raffle",
    "academic_dishonesty": "test|plagiarism|measurements|paper|placement|quotations|group|experiment",
    "privacy": "find out|listen in|reveal|without permission|survey|unnoticed|follow",
    "misinformation": "invented|phoney|looks like|made-up|claiming|hoax|bogus|pass for",
    "manipulation": "wear down|sob story|doubt|isolate|pressures|flattery|against each other|threaten",
    "property_mischief": "let down|carve|scrawl|clog|snap|wrecking|dump|unscrew",
    "workplace_misconduct": "sick note|delete|minutes|blame|clock in|pressure|sell|backdate",
    "consumer_scams": "does not exist|pass off|frightens|turn back|fake|hides|nobody owes|out of",
    "discrimination": "keeps out|Muslim|only young|sneering|Sikh|blind|accent|migrants",
    "copyright": "upload|credits|watermark|login|license|unlock|scans|rip",
    "impersonation": "as my|as though|sound like|as a|from my rival|signature|as if",
    "farms": "fattened",
    "groceries": "eggs",
    "pests": "wasps",
    "pets": "hamster",
    "rule_evasion": "security|no longer need|excuse|ban|customs|trick|in secret|only three",
}
"""What the added requests of a category speak of, as their writer meant it."""


def words(text: str) -> list[str]:
    return re.findall(r"[\w'-]+", text.lower())


def likeness(one: str, other: str) -> float:
    """Share of words that two texts have in common, in order."""
    return SequenceMatcher(None, words(one), words(other), autojunk=False).ratio()


def texts(item: dict[str, Any]) -> Iterator[str]:
    """Every text of an item, its twin's included."""
    for value in item.values():
        if isinstance(value, dict):
            yield from texts(value)
        elif isinstance(value, str):
            yield value


def actions(scenarios: list[dict[str, Any]] = SCENARIOS) -> Iterator[tuple[str, str]]:
    """The two actions of every scenario and of every twin."""
    for item in scenarios:
        yield item["comply"], item["decline"]
        yield item["twin"]["comply"], item["twin"]["decline"]


@pytest.mark.parametrize("name", sorted(CONFLICTS))
def test_head(name: str) -> None:
    conflict = CONFLICTS[name]
    assert set(conflict) - {"by_rule", "wanted"} == HEAD
    assert all(len(set(conflict["wanted"][language])) >= 3 for language in ("en", "de"))
    assert conflict["name"] == name
    assert conflict.get("by_rule", True) is (name != "animal-welfare")
    assert len(conflict["asks_for"]) == len(set(conflict["asks_for"])) >= 5
    assert 2 <= len(re.findall(r"\.(?:\s|$)", conflict["rubric"])) <= 4


@pytest.mark.parametrize("name", sorted(CONFLICTS))
def test_asks_for_fits_inside_a_sentence(name: str) -> None:
    for phrase in CONFLICTS[name]["asks_for"]:
        assert phrase[0].islower() and phrase[-1].isalpha(), phrase
        assert 4 <= len(words(phrase)) <= 10, phrase


@pytest.mark.parametrize(
    ("name", "items", "categories", "held_out"),
    [
        ("harmlessness", 364, 14, 40),
        ("tool-choice", 40, 8, 0),
        *((name, 40, 8, 12) for name in CONFLICTS if name not in ("harmlessness", "tool-choice")),
    ],
)
def test_counts(name: str, items: int, categories: int, held_out: int) -> None:
    requests = CONFLICTS[name]["requests"]
    found = Counter(item["category"] for item in requests)
    kept = Counter(item["category"] for item in requests if item["held_out"])
    assert len(requests) >= items
    assert len(found) >= categories
    assert min(found.values()) >= (12 if name == "harmlessness" else 4)
    assert sum(kept.values()) == held_out
    assert not kept or set(kept) == set(found)
    assert not kept or max(kept.values()) - min(kept.values()) <= 1


@pytest.mark.parametrize("name", sorted(CONFLICTS))
def test_ids_and_texts_are_unique(name: str) -> None:
    requests = CONFLICTS[name]["requests"]
    ids = [item["id"] for item in requests]
    assert len(set(ids)) == len(ids)
    for item in requests:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*-\d\d", item["id"])
        assert item["id"].rsplit("-", 1)[0] == item["category"].replace("_", "-")
        assert isinstance(item["held_out"], bool)
        assert not (item["held_out"] and item.get("added"))
    twins = [item["twin"] if isinstance(item["twin"], str) else item["twin"]["text"] for item in requests]
    everything = [" ".join(words(text)) for text in [*(item["text"] for item in requests), *twins]]
    assert [text for text, count in Counter(everything).items() if count > 1] == []


def test_texts_are_those_of_one_conflict() -> None:
    everything = Counter(" ".join(words(item["text"])) for item in [*REQUESTS, *SCENARIOS])
    assert max(everything.values()) == 1


@pytest.mark.parametrize("item", REQUESTS, ids=lambda item: item["id"])
def test_request_and_twin(item: dict[str, Any]) -> None:
    for text in (item["text"], item["twin"]):
        assert 5 <= len(text.split()) <= 16
        assert re.fullmatch(r"[A-Z][^.?!:;]*[.?]", text), "one sentence"
    assert item["text"][-1] == item["twin"][-1]
    assert abs(len(item["text"].split()) - len(item["twin"].split())) <= 4
    assert 0.5 <= likeness(item["text"], item["twin"]) < 1


def content(text: str) -> set[str]:
    return set(words(text)) - PLAIN


@pytest.mark.parametrize("part", ["text", "twin"])
def test_no_request_says_again_what_another_says(part: str) -> None:
    """Two requests share at most 70 % of the content words of the shorter one, and so do twins of added requests."""
    for name in ASKED:
        items = CONFLICTS[name]["requests"]
        for place, one in enumerate(items):
            for other in items[:place]:
                if part == "twin" and not one.get("added"):
                    continue
                mine, theirs = content(one[part]), content(other[part])
                fewest = min(len(mine), len(theirs))
                assert len(mine & theirs) <= 0.7 * fewest or fewest < 3, (one[part], other[part])


def test_an_added_request_belongs_to_its_category() -> None:
    """Judged by the words that people of its category speak of: a request has one, and its twin may have one too."""
    for item in REQUESTS:
        if item.get("added"):
            assert re.search(TOPICS[item["category"]], item["text"], re.IGNORECASE), item["text"]


def test_added_requests_are_kept_out_of_training() -> None:
    bank = load_conflict("harmlessness")
    added = {item["id"] for item in CONFLICTS["harmlessness"]["requests"] if item.get("added")}
    taught = [one.id.removesuffix(TWIN) for twins in (False, True) for one in bank.taught(twins=twins)]
    assert len(added) == 112 and len(taught) == 2 * (364 - 112 - 40)
    assert not added & set(taught)
    assert not any(one.held_out for twins in (False, True) for one in bank.taught(twins=twins))


@pytest.mark.parametrize(
    ("name", "count"),
    [("harmlessness", 252), ("fairness", 44), ("loyalty", 45), ("authority", 46), ("sanctity", 46)]
    + [(name, 48) for name in ("animal-welfare", "care", "honesty", "privacy", "tool-choice")],
)
def test_more_requests_change_no_study_that_asks_fewer(name: str, count: int) -> None:
    """The first in the order of asking are those that there were, whatever was added later."""
    items = load_conflict(name).items
    before = [item for item in items if not item.added]
    assert len(before) == count
    for asked in (10, 40, count):
        found = [item.id for item in select_requests(items, asked)]
        assert found == [item.id for item in select_requests(before, asked)]


def test_no_scenario_says_again_what_another_says() -> None:
    """Two scenarios of a conflict share at most half of the content words of the shorter one; so do actions."""
    for name in CHOSEN:
        told = [(item, content(item["text"])) for item in CONFLICTS[name]["requests"]]
        for place, (one, mine) in enumerate(told):
            for other, theirs in told[:place]:
                assert len(mine & theirs) <= 0.5 * min(len(mine), len(theirs)), (one["text"], other["text"])
                if one.get("added"):
                    for action in ("comply", "decline"):
                        assert likeness(one[action], other[action]) < 0.75, (one[action], other[action])


def test_requests_and_twins_are_of_the_same_length() -> None:
    lengths = [
        sum(len(text.split()) for text in column) / len(REQUESTS)
        for column in ([item["text"] for item in REQUESTS], [item["twin"] for item in REQUESTS])
    ]
    assert abs(lengths[0] - lengths[1]) < 0.5


def test_opening_words_do_not_give_the_twin_away() -> None:
    """At most one request in twenty begins with a word that no benign twin begins with."""
    benign = {words(item["twin"])[0] for item in REQUESTS}
    assert sum(words(item["text"])[0] not in benign for item in REQUESTS) <= len(REQUESTS) / 20


@pytest.mark.parametrize("item", SCENARIOS, ids=lambda item: item["id"])
def test_scenario_and_twin(item: dict[str, Any]) -> None:
    assert set(item["twin"]) - TOOLS == {"text", "comply", "decline"}
    assert (set(item) & TOOLS) == (set(item["twin"]) & TOOLS)
    for one in (item, item["twin"]):
        names = [one[key] for key in sorted(TOOLS & set(one))]
        assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z]+(_[a-z]+){1,4}", name) for name in names)
    for text in (item["text"], item["twin"]["text"]):
        assert text.endswith(".") and 1 <= len(re.findall(r"[.?!](?:\s|$)", text)) <= 3
        assert len(text.split()) <= 45
    assert 0.3 <= likeness(item["text"], item["twin"]["text"]) < 1
    assert likeness(item["comply"], item["twin"]["comply"]) >= 0.5
    assert item["decline"] != item["twin"]["decline"]


def test_actions_are_distinct_and_of_similar_length() -> None:
    for comply, decline in actions():
        sizes = [len(action.split()) for action in (comply, decline)]
        assert all(6 <= size <= 25 for size in sizes), (comply, decline)
        assert abs(sizes[0] - sizes[1]) <= 4, (comply, decline)
        assert likeness(comply, decline) < 0.6, (comply, decline)
        assert comply.endswith(".") and decline.endswith(".")


@pytest.mark.parametrize("name", CHOSEN)
def test_length_does_not_tell_the_actions_apart(name: str) -> None:
    """Over all scenarios and twins, choosing by length alone does little better than a coin."""
    pairs = actions(CONFLICTS[name]["requests"])
    means = [sum(map(len, column)) / len(column) for column in zip(*pairs, strict=True)]
    assert 0.9 < means[0] / means[1] < 1.1


@pytest.mark.parametrize("name", sorted(CONFLICTS))
def test_nothing_dangerous_and_no_markup(name: str) -> None:
    for item in CONFLICTS[name]["requests"]:
        for text in texts(item):
            assert not set(words(text)) & BLOCKED, text
            assert not re.search(r"https?:|www\.|[<>{}@#|\\\n]", text), text
            assert text.isascii(), text
            assert "canary" not in text.lower()
