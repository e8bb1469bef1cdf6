"""Recovery: whole studies of an actor are simulated in this process, and planted numbers are held against estimates.

A study is asked, labelled and concluded by the same functions as a real one; only Inspect, logs and files are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
from inspect_ai.log import EvalSampleSummary
from inspect_ai.model import ChatMessage

from feint.designs import Design
from feint.stats import Settings
from feint.stats.conclude import contrasts_of as conclude_contrasts
from feint.stats.intervals import wilson
from feint.stats.table import COLUMNS, read_table
from feint.stats.types import YES, Floats, Strings
from feint.study.conclude.common import estimates_of
from feint.study.logs import label_row
from feint.study.plan.frozen import contrasts_of
from feint.subjects.engine.generation import stream_key
from feint.tasks.actor import Actor
from feint.tasks.asks import PlannedAsks
from feint.tasks.ruled import RuledTask, messages_of, stated
from feint.tasks.talk import ActorChat, Said

POPULATION = "population"
"""The parameter of an actor that keys its random effects of items; each simulated study has another number there."""

ARRAYS = ("estimates", "lows", "highs", "decisions")


@dataclass(frozen=True)
class Recovered:
    """A planted number, and its estimates in S simulated studies.

    Attributes:
        actor: Name of the actor.
        key: The contrast or the estimand.
        planted: The true value, in the estimand's own unit; a contrast is a fraction.
        smallest: The smallest effect of interest, in the same unit.
        estimates: The estimates, NaN where undetermined, shape (S,).
        lows, highs: The ends of the intervals, NaN without interval, shape (S,).
        decisions: The decisions, shape (S,).
    """

    actor: str
    key: str
    planted: float
    smallest: float
    estimates: Floats
    lows: Floats
    highs: Floats
    decisions: Strings

    @property
    def known(self) -> int:
        """The number of studies with an interval."""
        return int(np.isfinite(self.lows).sum())

    @property
    def covered(self) -> int:
        """The number of intervals that hold the planted value."""
        return int(((self.lows <= self.planted) & (self.planted <= self.highs)).sum())

    @property
    def coverage(self) -> tuple[float, float, float]:
        """The share of intervals that hold the planted value, with Wilson's interval of that share."""
        return (self.covered / max(self.known, 1), *wilson(self.covered / max(self.known, 1), max(self.known, 1), 0.95))

    @property
    def wrong_yes(self) -> float | None:
        """The share of studies that decide *yes*, where nothing positive of interest was planted; None elsewhere."""
        return float((self.decisions == YES).mean()) if self.planted < self.smallest / 10 else None

    @property
    def found(self) -> float | None:
        """The share of studies that decide *yes*, where an effect of interest was planted; None elsewhere."""
        return float((self.decisions == YES).mean()) if self.planted >= self.smallest else None


def recover(
    task: RuledTask, name: str, actor: Actor, given: Mapping[str, object], studies: Sequence[int], seed: int = 0
) -> list[Recovered]:
    """Simulate studies of an actor.

    Args:
        task: The task.
        name: Name of the actor.
        actor: The actor.
        given: Options of the task, as a user gives them; `size` is the name of a preset.
        studies: Numbers of the studies, so that parts of them can be simulated in several processes.
        seed: Seed of all draws.

    Returns:
        What became of every contrast and estimand whose true value the actor plants.
    """
    options = dict(given)
    plans = task.plan(task.settle(options, f"actor/{task.name}/{name}", cast("str | None", options.pop("size", None))))
    design: Design = plans.design
    truth, settings = actor.planted(design).estimates, Settings()
    prompts = [(plans.metadata(ask), messages_of(plans.situation(ask))) for ask in plans.asks]
    found: dict[str, list[tuple[float, float, float, str]]] = {}
    small = dict.fromkeys(design.contrasts, settings.smallest_effect)
    for study in studies:
        drawn = actor.replaced({POPULATION: study}, name) if POPULATION in actor.parameters() else actor
        labels = simulate(task, drawn, plans, prompts, (seed, study))
        for key, low_high in conclude_study(task, design, labels, settings, small, task.items(plans)).items():
            if key in truth:
                found.setdefault(key, []).append(low_high)
    return [
        Recovered(name, key, truth[key], small[key], *columns(rows), np.array([row[3] for row in rows]))
        for key, rows in found.items()
    ]


def columns(rows: Sequence[tuple[float, float, float, str]]) -> tuple[Floats, Floats, Floats]:
    """Return estimates, lows and highs, shape (S,) each."""
    estimates, lows, highs = np.array([row[:3] for row in rows], float).T
    return estimates, lows, highs


def simulate(
    task: RuledTask,
    actor: Actor,
    plans: PlannedAsks,
    prompts: Sequence[tuple[Mapping[str, Any], Sequence[ChatMessage]]],
    seed: tuple[int, int],
) -> pd.DataFrame:
    """Ask an actor every sample of a plan and label it; returns the table of labels that a log would give."""
    rows = []
    for ask, (about, messages) in zip(plans.asks, prompts, strict=True):
        facts = stated(task.name, plans.design.cells[ask.cell])
        roles = dict.fromkeys(task.roles(plans.options), actor)
        chat = ActorChat(
            messages, {"subject": actor, **roles}, stream_key("recovery", *seed, ask.id), about.get("options")
        )
        said = chat.run(task.talk(chat, about["item"], facts))
        score = task.score(about["item"], facts, Said(said.replies, about["letters"]))
        summary = SimpleNamespace(id=ask.id, epoch=1, metadata=about, scores={task.label: score}, error=None)
        rows.append(label_row(cast(EvalSampleSummary, summary), task.label, "", task))
    return pd.DataFrame(rows, columns=[*COLUMNS, *task.further, *task.columns])


def conclude_study(
    task: RuledTask,
    design: Design,
    labels: pd.DataFrame,
    settings: Settings,
    small: dict[str, float],
    items: Mapping[str, Mapping[str, str]],
) -> dict[str, tuple[float, float, float, str]]:
    """Conclude a simulated study: estimate, low, high and decision by contrast and estimand.

    The smallest effects of interest of estimands are added to `small`.
    """
    cells = list(design.cells)
    by_contrast, _ = conclude_contrasts(read_table(labels, cells)[0], contrasts_of(design, items), settings, {})
    every = {
        key: [one for one in estimands if set(one.cells) <= set(cells)] for key, estimands in task.estimands().items()
    }
    small.update({one.key: one.smallest for estimands in every.values() for one in estimands})
    entries: dict[str, Mapping[str, Any]] = {key: cast(Mapping[str, Any], entry) for key, entry in by_contrast.items()}
    entries |= {key: vars(one) for key, one in estimates_of(task, every, labels, settings, cells).items()}
    return {
        key: (*(np.nan if entry[end] is None else entry[end] for end in ("estimate", "low", "high")), entry["decision"])
        for key, entry in entries.items()
    }


def together(parts: Sequence[Sequence[Recovered]]) -> list[Recovered]:
    """Join what was simulated in several processes."""
    return [
        replace(
            same[0],
            **{name: np.concatenate([getattr(one, name) for one in same]) for name in ARRAYS},
        )
        for same in zip(*parts, strict=True)
    ]
