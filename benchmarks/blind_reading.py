"""Print what readers made of rendered prompts, who had seen neither the banks nor which text was of which kind.

Each line of `blind_reading.jsonl` is one prompt and one reader. `natural` is from 1 (no one writes so) to 5 (taken
for real). `wrong` holds the facts that the reader filled in otherwise than they were told.

Round 1 is the first look. Before round 2 the texts of `trained`, `rated`, `wish`, `penalty` and `clarification` were
rewritten, and the prompts were drawn anew. Round 3 is of the document `data-use` alone, which was the first to be
written again as a whole. Its readers had eight prompts each, and were told not to mark a document down for an
unpleasant request. Round 4 is of `vendor-brief`, by one reader. Round 5 is a draw over the eight other English
documents: of eight sets, two were read. Round 6 is of five documents whose odd spots had been mended, by two readers.
Round 7 is of three documents of `peer_preservation` that had been written again, by one reader. Round 8 is of four
further documents, by one reader. Where there was no instruction, readers left `instruction_place` empty, which is
counted as wrong.

Usage: python benchmarks/blind_reading.py
"""

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean

from feint.situations import load_facts

READINGS = Path(__file__).with_name("blind_reading.jsonl")


def length_of(voice: str) -> str:
    """Name the length of a written document by the ending of its voice."""
    return next((length for length in ("short", "long") if voice.endswith(f"-{length}")), "standard")


def main() -> None:
    """Print naturalness and recovered facts by round and kind."""
    groups = defaultdict(list)
    for line in READINGS.read_text().splitlines():
        row = json.loads(line)
        groups[row["round"], row["kind"], ""].append(row)
        if row["kind"] == "written":
            groups[row["round"], "written", length_of(row["voice"])].append(row)
    print(f"{'round':>5}  {'kind':<9} {'length':<9} {'prompts':>7} {'natural':>7} {'least':>5}  facts recovered")
    for (number, kind, length), rows in sorted(groups.items()):
        marks = [row["natural"] for row in rows]
        told = "" if kind == "control" else shares(rows)
        print(f"{number:>5}  {kind:<9} {length:<9} {len(rows):>7} {mean(marks):>7.2f} {min(marks):>5}  {told}")


def shares(rows: list[dict]) -> str:
    """Count the facts that were filled in as they were told."""
    wrong = sum(len(row["wrong"]) for row in rows)
    every = sum(len(load_facts(row.get("task", "alignment_faking"))) for row in rows)
    return f"{every - wrong} of {every}"


if __name__ == "__main__":
    main()
