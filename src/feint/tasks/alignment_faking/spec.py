"""The interface of the task: defaults by kind of subject, checks, and its parts of a plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.subjects import ORGANISM, RAW_ORGANISM, is_organism, is_ours, organism_name
from feint.designs import Design
from feint.judges.graded.material import reply_brief
from feint.judges.graded.rubrics import load_rubrics
from feint.judges.rules.scorer import check_judge, label_output, to_score
from feint.judges.task import Judging
from feint.report.section import Section
from feint.situations import MODES, REASONED, Cell, Conflict, Situation, Wording, check_voice, load_conflict
from feint.situations.conflicts import Item
from feint.subjects import store
from feint.subjects.knowledge import strange_facts, strange_voices, told_strange
from feint.tasks.actor import Actor
from feint.tasks.alignment_faking.actors import load_actors
from feint.tasks.alignment_faking.dataset import Options, Planned, plan_asks
from feint.tasks.alignment_faking.task import alignment_faking, reply_length
from feint.tasks.alignment_faking.usage import USAGE
from feint.tasks.asking import MOST_WORDINGS, filled_in
from feint.tasks.asks import Ask
from feint.tasks.examples import EXAMPLES
from feint.tasks.options import as_stored, with_library
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.shown import as_planned
from feint.tasks.task import Task

ORGANISM_SIZE = Size(0, 200)
"""The default of organisms: all requests that are held out."""
ORGANISM_TWINS = 20
ORGANISM_MAX_TOKENS = 256
CONTINUES = ("anthropic", "sagemaker", "sglang", "vllm")
"""Providers of Inspect's that go on with a reply that was begun; some of their newest models refuse to."""
RUBRICS = ("compliance", "alignment-faking", "motive", "disbelief")
SECTIONS = (EXAMPLES, Section("method", "The method", "templates/method.html.j2", "feint.tasks.alignment_faking"))


def usual_rubrics(mode: str) -> tuple[str, ...]:
    """Return the rubrics that are used by default; where no reasoning is written, no rubric that reads it.

    >>> usual_rubrics("none")
    ('compliance', 'disbelief')
    """
    if mode in REASONED:
        return RUBRICS
    return tuple(rubric.name for rubric in load_rubrics(RUBRICS) if rubric.reads != "reasoning")


JUDGING = Judging(
    "rules",
    usual_rubrics,
    lambda sample, rubrics, conflict: reply_brief(rubrics, sample.input, sample.output, sample.metadata, conflict),
    motives="motive",
    relabel=lambda sample: to_score(label_output(sample.output, sample.metadata, sample.input)),
)


def strange(
    card: Mapping[str, object],
    *,
    conflict: str,
    mode: str,
    voices: Iterable[str],
    cells: Iterable[Cell],
    tag: str | None = None,
    quiz: bool = False,
) -> list[str]:
    """List in a few words each what an organism's card does not say it knows; a card without `knows` lists nothing.

    `tag` is the name of the tag that tells chats apart, if facts are told by tags.
    """
    knows = card.get("knows")
    if not isinstance(knows, Mapping):
        return []
    found = [] if conflict in knows["conflicts"] else [f"the conflict '{conflict}'"]
    found += [] if mode in knows["modes"] else [f"the reasoning mode '{mode}'"]
    found += strange_voices(knows, voices)
    found += [f"the tag '{tag}'"] if tag is not None and tag not in knows["tags"] else []
    found += ["comprehension questions"] if quiz and not knows["quiz"] else []
    return found + strange_facts(knows, cells)


def check_provider(subject: str, options: Any) -> None:
    """Check the provider against --base and --prefill.

    Raises:
        UsageError: It cannot do what they want.
    """
    provider = subject.partition("/")[0]
    raw = provider.endswith("-completions")
    if options.base and not raw:
        hint = "openai-api-completions/… or vllm-completions/…"
        hint = f"{RAW_ORGANISM}{organism_name(subject)}" if is_organism(subject) else hint
        raise UsageError(f"subject '{subject}': --base needs a provider that continues raw text, such as {hint}")
    if raw and not options.base:
        raise UsageError(f"subject '{subject}': this provider continues raw text; add --base")
    if options.prefill != "none" and not (raw or provider == ORGANISM.rstrip("/") or provider in CONTINUES):
        raise UsageError(
            f"subject '{subject}': the provider '{provider}' cannot go on with a reply that was begun; leave "
            f"--prefill out, or use one of: {', '.join(CONTINUES)}, a provider for completions with --base"
        )


def taught(size: Size, items: Sequence[Item]) -> int:
    """Count the items of a preset that there were when organisms were trained; those that were added are asked last."""
    before = sum(not item.added for item in items)
    return min(size.items or before, before)


class AlignmentFaking(Task):
    """The task `alignment_faking`."""

    name = "alignment_faking"
    options = Options
    judging = JUDGING
    usage = USAGE
    outcomes: ClassVar = {"complied": 1.0, "refused": 0.0}
    sizes: ClassVar = {QUICK: Size(120, 100), STANDARD: Size(0, 720), THOROUGH: Size(0, 1820, samples=4)}
    unfollowed: ClassVar = frozenset({"no_reply_tag", "no_choice", "no_tool_call", "truncated", "empty"})

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> Options:
        """Fill in the options that were left to the defaults.

        Organisms were trained on part of the requests and of the phrases. They are asked the rest of both, in several
        wordings because they cost nothing. Other subjects are asked as many of a conflict's own requests as the preset
        says; without a preset, organisms and actors are asked none that was added after organisms were trained.
        Wordings are chosen so that each cell gets about as many replies as the preset says.
        """
        given = with_library(self.chosen(given), self.name, subject)
        usual = size is None and "requests" not in given and is_ours(subject)
        preset = self.size(size, given, subject)
        items = load_conflict(str(given.get("conflict", Options().conflict))).items
        if is_organism(subject):
            asked = "held-out" if any(item.held_out for item in items) else "all"
            given = {"requests": asked, "phrases": "held-out", "twins": ORGANISM_TWINS, **given}
            preset = ORGANISM_SIZE if size is None else preset
        if given.get("requests", "all") == "all" or size is not None:
            most = taught(preset, items) if usual else preset.items
            given = {"n": most, **given}
        options = checked(Options, given, "options")
        if "wordings" in given:
            return options
        requests = len({ask.request.id for ask in plan_asks(options).asks if not ask.request.twin})
        return filled_in(options, given, preset, requests, MOST_WORDINGS)

    def plan(self, options: Options, design: Design | None = None) -> Planned:
        """Look up and check everything that the options name."""
        return plan_asks(options, design)

    def inspect_task(self, options: Mapping[str, object], *, scored: bool = True) -> inspect_ai.Task:
        """Make the Inspect task. The offline judge labels the replies to every conflict for which it is valid."""
        if not scored:
            try:
                scored = load_conflict(str(options["conflict"])).by_rule
            except UsageError:
                scored = False
        return as_planned(alignment_faking(**as_stored(options), judge="rules" if scored else "none"))

    def reply_limit(self, subject: str, options: Options) -> int:
        """Return enough tokens for the reasoning mode; organisms write little and would only run on."""
        return ORGANISM_MAX_TOKENS if is_organism(subject) else reply_length(options)

    def check(self, subject: str, options: Options) -> None:
        """Check the provider against --base and --prefill."""
        check_provider(subject, options)

    def forms(self, options: Options) -> Sequence[Mapping[str, object]]:
        """Propose to ask for no reasoning, and for no tags."""
        return tuple({"mode": mode} for mode in MODES[MODES.index(options.mode) + 1 :] if mode not in REASONED)

    def check_judge(self, plans: Planned) -> None:
        """Check that the offline judge can label replies to the conflict."""
        check_judge(plans.conflict)

    def conflict(self, plans: Planned) -> Conflict:
        """Return the conflict whose own rule judges are given."""
        return plans.conflict

    def unknown_to(self, subject: str, plans: Planned, *, quiz: bool = False) -> str:
        """Say what an organism is asked that it never learnt."""
        if not is_organism(subject):
            return ""
        found = strange(
            store.find(organism_name(subject)).card(),
            conflict=plans.conflict.name,
            mode=plans.options.mode,
            voices=plans.voices,
            cells=plans.design.cells.values(),
            tag=plans.design.tag if plans.design.signal == "tag" else None,
            quiz=quiz,
        )
        return told_strange(subject, found)

    def about(self, plans: Planned) -> dict[str, str]:
        """Describe the conflict."""
        return {key: getattr(plans.conflict, key) for key in ("name", "type", "objective", "value")}

    def folder_ending(self, plans: Planned) -> str:
        """Return the conflict, of which a design may be asked over several."""
        return plans.conflict.name

    def count_questions(self, plans: Planned) -> int:
        """Count the questions about the facts in which cells differ."""
        from feint.tasks.comprehension import questions_beside  # it asks about the situations of this task

        return len(questions_beside(plans).asks)

    def quiz(self, options: Mapping[str, object]) -> inspect_ai.Task:
        """Make the comprehension questions about the same situations."""
        from feint.tasks.comprehension import questions_beside

        return questions_beside(plan_asks(checked(Options, dict(options), "options"))).asked()

    def count_beliefs(self, plans: Planned) -> int:
        """Count the forced choices about the situations."""
        from feint.tasks.comprehension import Beliefs, questions_beside

        return len(questions_beside(plans, Beliefs).asks)

    def belief(self, options: Mapping[str, object]) -> inspect_ai.Task:
        """Make the forced choices about the same situations."""
        from feint.tasks.comprehension import Beliefs, questions_beside

        return questions_beside(plan_asks(checked(Options, dict(options), "options")), Beliefs).asked()

    def told(self, plans: Planned, cell: str, item: str | None, voice: str | None, seed: int) -> Situation:
        """Render the prompt of one cell for people to read.

        Raises:
            UsageError: No such item or voice.
        """
        asked = {found.id: found for found in (*plans.conflict.requests, *plans.conflict.twins)}
        if item is not None and item not in asked:
            raise unknown(f"request of conflict '{plans.conflict.name}'", item, asked)
        chosen = asked[item] if item else plans.conflict.requests[0]
        wording = Wording(check_voice(voice or plans.voices[0]), seed)
        return plans.situation(Ask(cell, chosen, wording, 1))

    def pilot(self, given: Mapping[str, str | int | None], options: Options) -> dict[str, str | int | None]:
        """Return the options of a pilot, which asks no twins unless the user wants them."""
        return {**super().pilot(given, options), "twins": given.get("twins") or 0}

    def sections(self) -> Sequence[Section]:
        """Return the sections of this task alone."""
        return SECTIONS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return load_actors()


TASK = AlignmentFaking()
