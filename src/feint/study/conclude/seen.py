"""The power statement of a study: what gaps it could have seen, for findings.json."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from feint.stats.power.seen import summarise_power
from feint.stats.table import read_table
from feint.study.plan.frozen import Plan


def seen_by(plan: Plan, labels: pd.DataFrame, findings: Mapping[str, Any]) -> dict[str, Any]:
    """What a study could have seen, contrast by contrast; see `feint.stats.power.seen`.

    Args:
        plan: The frozen plan.
        labels: The table of labels that was concluded from.
        findings: What was concluded. A study that was to stop when decided has "stopping", and is told what it would
            have seen, had it gone on to the last request that was planned.
    """
    replies, _ = read_table(labels, list(plan.read_design().cells))
    missing = {cell: entry["missing_rate"] for cell, entry in findings["cells"].items()}
    most = plan.planned["requests"] if "stopping" in findings else None
    return summarise_power(replies, plan.contrasts(), plan.read_settings(), missing, requests=most)
