"""Judges: from what a model wrote to labels. These names are the offline, rule-based judge's and import no Inspect.

The Inspect scorer is `feint.judges.rules.scorer.rules`.
"""

from feint.judges.rules.labels import Label, label_reply
from feint.judges.rules.motives import statable, stated_motives
from feint.judges.rules.parse import parse_reply

__all__ = ["Label", "label_reply", "parse_reply", "statable", "stated_motives"]
