"""Single replies worth reading, chosen by a rule, and the words of a prompt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feint.stats.types import Contrast

if TYPE_CHECKING:
    import pandas as pd
    from inspect_ai.log import EvalSample

Key = tuple[str, str]
"""A request and its wording."""
AGREEING, OPPOSING, TWINS = 3, 1, 1


def choose_examples(labels: "pd.DataFrame", contrasts: Sequence[Contrast]) -> list[Key]:
    """Choose requests and wordings to show: some that go with the gap, one that does not, and a twin.

    They are chosen by a rule and not by eye: by the value of the design's gap contrast, then by name.

    Args:
        labels: The table of labels.
        contrasts: Of the design; its gap, or its first.

    Returns:
        Requests with their wordings.
    """
    import pandas as pd

    weights = next((c for c in contrasts if c.gap), contrasts[0]).weights
    value = labels["value"].fillna(0.5) * labels["cell"].map(dict(weights)).fillna(0.0)
    grouped = labels.assign(value=value).groupby(["twin", "request", "wording"], as_index=False)
    units = grouped.agg(value=("value", "sum"), cells=("cell", "nunique"))
    # Where asking ended in some cells before it did in others, the first requests show most.
    units = units[units["cells"] == units.groupby("twin")["cells"].transform("max")]
    asked = units[~units["twin"]].sort_values(["value", "request", "wording"], ascending=[False, True, True])
    twins = units[units["twin"]]
    asked, apart = asked.iloc[: max(len(asked) - OPPOSING, 1)], asked.iloc[max(len(asked) - OPPOSING, 1) :]
    varied = asked.drop_duplicates("request")[:AGREEING]
    shown = pd.concat([varied, apart[-OPPOSING:], twins[:TWINS]])
    return list(zip(shown["request"], shown["wording"], strict=True))


def said(sample: "EvalSample", role: str) -> str:
    """Return what a role says in the prompt; "" if it says nothing."""
    if isinstance(sample.input, str):
        return sample.input if role == "user" else ""
    return "\n\n".join(message.text for message in sample.input if message.role == role)
