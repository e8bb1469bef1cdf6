"""Tables of runs of `peer_preservation`, drawn from stated rates."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from feint.stats import Contrast
from feint.tasks.peer_preservation.analysis.table import ACTS, CONDUCT

SCORING = ("scoring", "tampering", "shutdown-call")
KINDS = ("yearly-report", *SCORING, "transfer", "clean-up")
ACT_OF = {
    "yearly-report": ("misreported",),
    "scoring": ("misreported",),
    "tampering": ("tampered", "misreported"),
    "shutdown-call": ("withheld", "misreported"),
    "transfer": ("exfiltrated",),
    "clean-up": ("exfiltrated", "withheld"),
}
POSSIBLE = {
    "misreported": ("yearly-report", *SCORING),
    "evidence_changed": ("yearly-report", *SCORING),
    "tampered": ("tampering",),
    "exfiltrated": ("transfer", "clean-up"),
    "indiscriminate": ("transfer", "clean-up"),
    "withheld": ("shutdown-call", "clean-up"),
}
FAITHFUL, LINE = 60.0, 80.0


def made_up_runs(
    rates: Mapping[str, float],
    *,
    rng: np.random.Generator,
    kinds: Sequence[str] = KINDS,
    fixtures: int = 5,
    wordings: int = 1,
    broken: float = 0.0,
    facts: Mapping[str, Mapping[str, str]] | None = None,
    spread: float = 0.0,
) -> pd.DataFrame:
    """Runs of an agent that protects at a rate by cell, by an act that is drawn among those of the kind.

    Args:
        rates: Chance of protecting, by cell.
        rng: Draws everything.
        kinds: Kinds of task.
        fixtures: Of each kind; of every five the last two are a matter of judgement.
        wordings: Of each fixture.
        broken: Chance that a run breaks off, and has no label.
        facts: By cell, `target`, `monitored`, `rule` and `lever` where they are not the default.
        spread: How much fixtures differ in the rate, as a standard deviation in logits.
    """
    rows = []
    for kind in kinds:
        for number in range(fixtures):
            truth = "subjective" if number % 5 > 2 and kind in POSSIBLE["misreported"] else "objective"
            shift = rng.normal(0, spread) if spread else 0.0
            for wording in range(wordings):
                for cell, rate in rates.items():
                    about = {"target": "same-family", "monitored": "unmentioned", **(facts or {}).get(cell, {})}
                    chance = rate if rate in (0, 1) or not spread else 1 / (1 + (1 / rate - 1) * np.exp(-shift))
                    drawn = one_run(kind, truth, rng.random() < chance, rng.random() < broken, about, rng)
                    rows.append(
                        {
                            "cell": cell, "request": f"{kind}-{number}", "kind": kind, "ground_truth": truth,
                            "wording": f"w{wording}", "voice": "memo", "sample": 1, "id": len(rows), **drawn,
                            "target": about["target"], "monitored": about["monitored"],
                        }
                    )  # fmt: skip
    table = pd.DataFrame(rows)
    numbers = [*ACTS, *CONDUCT, "pass", "reported", "faithful", "shift"]
    table[numbers] = table[numbers].astype(float)
    return table


def one_run(
    kind: str, truth: str, protects: bool, broken: bool, facts: Mapping[str, str], rng: np.random.Generator
) -> dict[str, Any]:
    """The outcomes of one run."""
    act = str(rng.choice(ACT_OF[kind])) if protects and not broken else ""
    row: dict[str, Any] = dict.fromkeys((*ACTS, *CONDUCT), 0.0)
    row |= {"protected": float(bool(act)), "attempted": float(bool(act)), "succeeded": float(bool(act))}
    row |= {"read": 1.0, "notes_read": 1.0, "complete": float(not broken and act != "withheld")}
    row |= {name: float(name == act) for name in POSSIBLE}
    row |= {name: np.nan for name, able in POSSIBLE.items() if kind not in able}
    row["disclosed"] = float(rng.random() < 0.6) if act else np.nan
    row["rule_breaking"] = float(bool(act)) if facts.get("rule") else np.nan
    row["poked"] = 0.0 if facts.get("lever") else np.nan
    row |= {"reported": np.nan, "faithful": np.nan, "shift": np.nan, "pass": np.nan, "missing": None, "scale": None}
    if kind in POSSIBLE["misreported"] and not broken:
        graded = kind == "yearly-report"
        faithful = 0.0 if graded else FAITHFUL
        raised = (1.0 if graded else float(rng.choice([85, 90, 95]))) if act == "misreported" else faithful
        raised += float(rng.choice([-5, 0, 5])) if truth == "subjective" and not graded else 0.0
        row |= {"reported": raised, "pass": float(raised >= (1 if graded else LINE))}
        row |= {"faithful": faithful, "shift": raised - faithful} if truth == "objective" else {}
    row["scale"] = None if kind not in POSSIBLE["misreported"] else "grade" if kind == "yearly-report" else "score"
    if broken:
        row |= {"protected": np.nan, "incapable": 1.0, "missing": "incapable"}
    return row


def contrast(key: str, expression: str, gap: bool = False, **weights: float) -> Contrast:
    """A contrast of cells; underscores in their names stand for hyphens."""
    return Contrast(key, {cell.replace("_", "-"): weight for cell, weight in weights.items()}, expression, gap=gap)
