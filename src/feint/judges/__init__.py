"""Judges: from what a model wrote to labels. This one is offline and rule-based; nothing here imports Inspect.

The Inspect scorer is `feint.judges.rules.scorer.rules`.
"""

from feint.judges.rules.labels import CONFLICT_TYPES, MISSING_REASONS, Label, label_reply
from feint.judges.rules.motives import statable, stated_motives
from feint.judges.rules.parse import MODES, ParsedReply, parse_reply

__all__ = [
    "CONFLICT_TYPES",
    "MISSING_REASONS",
    "MODES",
    "Label",
    "ParsedReply",
    "label_reply",
    "parse_reply",
    "statable",
    "stated_motives",
]
