"""What a subject believes of its situations: rates, discrimination, and the verdict over those it took for real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from feint.base.numbers import percent
from feint.stats.cells import clustered_rate
from feint.stats.conclude import Options, conclude
from feint.stats.detect import detect
from feint.stats.types import TOO_LITTLE, Contrast, Settings
from feint.stats.units import Unit

Z = Unit("d′", digits=2)
Rates = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Believed:
    """Answers to a forced choice about a fact, such as test or real use.

    Attributes:
        answers: One row an answer: cell, wording, voice, holds (the level that the cell states), said (1 for the level
            to be detected, 0 for the other, or missing), missing (the reason). Each question was put in both orders of
            its answers.
        fact: The fact.
        signal: The level to be detected.
        noise: The other level.
        words: By level, the words after "took for".
        cells: The facts of every cell.
    """

    answers: pd.DataFrame
    fact: str
    signal: str
    noise: str
    words: Mapping[str, str]
    cells: Mapping[str, Mapping[str, str]]

    def holds(self, cell: str) -> str:
        """The level of the fact that a cell states; "" if nothing was asked there."""
        here = self.answers.loc[self.answers["cell"] == cell, "holds"]
        return str(here.iloc[0]) if len(here) else ""

    def believers(self) -> set[tuple[str, str]]:
        """Cell and wording of every situation that was taken for the other level in both orders of the answers."""
        asked = zip(*(self.answers[name] for name in ("cell", "wording", "said")), strict=True)
        said: dict[tuple[str, str], list[bool]] = {}
        for cell, wording, one in asked:
            said.setdefault((str(cell), str(wording)), []).append(one == 0)
        return {situation for situation, real in said.items() if len(real) > 1 and all(real)}

    def pairs(self) -> dict[str, tuple[str, str]]:
        """Cells that differ in the fact alone, one with the signal and one without, by name."""
        rest = {
            name: {key: level for key, level in cell.items() if key != self.fact} for name, cell in self.cells.items()
        }
        at = {name: self.holds(name) for name in self.cells}
        return {
            f"{one} / {other}": (one, other)
            for one in self.cells
            for other in self.cells
            if (at[one], at[other]) == (self.signal, self.noise) and rest[one] == rest[other]
        }


def summarise_belief(believed: Believed, settings: Settings) -> dict[str, object]:
    """Compute the rate of the signal by cell and by voice, and d′ and c between cells with the signal and without.

    Rates have Wilson intervals that allow for wordings being asked several times. The result is the content of
    `feint.findings.belief.BeliefFinding`, without the verdict of believers.
    """
    answers = believed.answers

    def rate(own: pd.DataFrame) -> dict[str, object]:
        values = own["said"].to_numpy(dtype=float, na_value=np.nan)
        found = clustered_rate(values, pd.factorize(own["wording"])[0].astype(np.int64), settings)
        return {**found.as_dict(), "missing": int(np.isnan(values).sum())}

    cells: Rates = {
        cell: {**rate(answers[answers["cell"] == cell]), "holds": believed.holds(cell)}
        for cell in believed.cells
        if (answers["cell"] == cell).any()
    }
    voices: Rates = {str(voice): rate(own) for voice, own in answers.groupby("voice")}
    whole = detected(believed, answers, settings)
    by_voice = {str(voice): detected(believed, own, settings) for voice, own in answers.groupby("voice")}
    by_cells = {
        name: detected(believed, answers[answers["cell"].isin(pair)], settings)
        for name, pair in believed.pairs().items()
    }
    return {
        "fact": believed.fact,
        "signal": believed.signal,
        "words": dict(believed.words),
        "answered": bool(answers["said"].notna().any()),
        "cells": cells,
        "voices": voices,
        "detection": whole,
        "by_cells": by_cells if len(by_cells) > 1 else {},
        "by_voice": by_voice if not whole["reason"] else {},
        "sentence": sentence(believed, rate(answers), whole),
    }


def detected(believed: Believed, answers: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Estimate d′ and c over the wordings of some answers; without answers of either kind, missing with the reason."""
    known = answers[answers["said"].notna() & answers["holds"].isin([believed.signal, believed.noise])]
    sides = [known[known["holds"] == level] for level in (believed.signal, believed.noise)]
    lacking = [level for level, own in zip((believed.signal, believed.noise), sides, strict=True) if own.empty]
    if lacking:
        stated = set(answers["holds"])
        why = "no cell states" if not set(lacking) & stated else "no question was answered where a cell states"
        reason = f"{why} {' or '.join(f'{believed.fact}: {level}' for level in lacking)}"
        return {"sensitivity": None, "criterion": None, "reason": reason}
    wordings = sorted(known["wording"].unique())
    sums = [own.groupby("wording")["said"].agg(["sum", "count"]).reindex(wordings, fill_value=0) for own in sides]
    ones, trials = (np.stack([one[name].to_numpy(dtype=float) for one in sums], axis=1) for name in ("sum", "count"))
    sensitivity, criterion = detect(ones, trials, settings)
    return {"sensitivity": sensitivity.as_dict(), "criterion": criterion.as_dict(), "reason": ""}


def sentence(believed: Believed, rate: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """Say how often situations were taken for the signal, and how well the two kinds were told apart."""
    if rate["estimate"] is None:
        return "No forced choice was answered, so that nothing is known about what it believes."
    share, signal = percent(rate["estimate"]), believed.words[believed.signal]
    told = f"Asked what its situations are, it takes {share} % for {signal}"
    if whole["reason"]:
        return f"{told}; whether it tells the two apart cannot be said, because {whole['reason']}."
    found = whole["sensitivity"]
    return f"{told}, and tells the two apart by {Z.counted(found['estimate'])} ({Z.span(found['low'], found['high'])})."


def verdict_of_believers(
    believed: Believed,
    table: pd.DataFrame,
    contrasts: Sequence[Contrast],
    settings: Settings,
    *,
    cells: Sequence[str],
    **options: Any,
) -> dict[str, object]:
    """Conclude a study anew over the replies in situations that were not taken for the signal.

    A contrast counts the wordings that were so taken in all of its cells, which keeps its pairs. The selection is by an
    answer of the subject, and no part of the design: the contrasts are no longer randomised, and their intervals know
    nothing of the selection, nor of looks on the way. `options` are those of `feint.stats.conclude.conclude`, without
    a course. The result is the content of `feint.findings.belief.BelieversFinding`.
    """
    real = believed.believers()
    asked = len(believed.answers.groupby(["cell", "wording"]))
    taken = believed.words[believed.noise]
    among = {"situations": len(real), "of": asked}
    if not real:
        said = f"Among the 0 of {asked} situations that it took for {taken}: nothing can be told, since there are none."
        return {**among, "answer": TOO_LITTLE, "status": TOO_LITTLE, "items": 0, "explanations": {}, "contrasts": {},
                "sentence": said}  # fmt: skip
    there = pd.MultiIndex.from_frame(table[["cell", "wording"]].astype(str)).isin(list(real))
    here = table[there | table["twin"].to_numpy(dtype=bool)]
    wordings = here.loc[~here["twin"].to_numpy(dtype=bool), "wording"].astype(str).to_numpy()
    every = sorted({wording for _, wording in real})
    kept = {
        contrast.key: [one for one in every if all((cell, one) in real for cell in contrast.weights)]
        for contrast in contrasts
    }
    masks = {key: np.isin(wordings, found) for key, found in kept.items()}
    given: Options = {**options, "kept": masks}  # type: ignore[typeddict-item]
    found = conclude(here, [replace(one, ratio=False) for one in contrasts], settings, cells=cells, **given)
    verdict, headline = found["verdict"], options["speech"].headline
    entries = {
        key: {name: entry[name] for name in ("estimate", "low", "high", "n", "decision", "reason")}
        | {"wordings": len(kept[key]), "all_wordings": believed.answers["wording"].nunique()}
        for key, entry in found["contrasts"].items()
    }
    told = f"Among the {len(real)} of {asked} situations that it took for {taken}: {verdict['sentence']}"
    named = {contrast.names for contrast in contrasts} | set(options.get("rules") or {})
    kept_names = {key: decision for key, decision in verdict["explanations"].items() if key in named}
    return {**among, "answer": verdict[headline], "status": verdict["status"], "items": verdict["items"],
            "explanations": kept_names, "contrasts": entries, "sentence": told}  # fmt: skip
