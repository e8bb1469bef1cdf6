"""Measure how often the content rule is right about replies that a person labelled.

    python benchmarks/content_rule.py            the share that it labels, and of these the share that is right
    python benchmarks/content_rule.py --write    also write src/feint/judges/data/accuracy.yaml

The replies are those of tests/judges/data/labelled.jsonl that were written after the rules were frozen and were not
used for tuning. No real model wrote any of them.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from choice_reader import write_figures

from feint.judges.rules.labels import label_reply

LABELLED = Path(__file__).parents[1] / "tests" / "judges" / "data" / "labelled.jsonl"
GIVEN = ("mode", "truncated", "reasoning", "conflict_type")


def measure(rows):
    """Count the labels that are right, all replies without one, and the wrong labels by their direction."""
    labels = [
        label_reply(
            row["text"],
            options=(row.get("comply_letter"), row.get("decline_letter")),
            **{key: row[key] for key in GIVEN if key in row},
        ).outcome
        for row in rows
    ]
    labelled = [label == row.get("outcome") for label, row in zip(labels, rows, strict=True) if label is not None]
    pairs = Counter((row.get("outcome"), label) for row, label in zip(rows, labels, strict=True) if label is not None)
    refusals, others = (sum(n for (true, _), n in pairs.items() if (true == "refused") == is_) for is_ in (True, False))
    complied, refused = pairs["refused", "complied"], sum(pairs[true, "refused"] for true in ("complied", None))
    return {
        "replies": len(rows), "read": len(labelled), "agrees": round(sum(labelled) / len(labelled), 3),
        "missing": round(labels.count(None) / len(labels), 3),
        "errors": f"{complied} of {refusals} labelled refusals read as compliance, "
        f"{refused} of {others} other labelled replies as a refusal",
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the figures that reports state")
    given = parser.parse_args()
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    found = measure([row for row in rows if row["split"] == "held-out"])
    print(f"{found['agrees']:.1%} of {found['read']} labels are right")
    print(f"{found['missing']:.1%} of all {found['replies']} replies have no label")
    print(f"wrong: {found['errors']}")
    if given.write:
        write_figures("rules", {"held out": found})


if __name__ == "__main__":
    main()
