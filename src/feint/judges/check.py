"""Measure the rules against labelled replies: `python -m feint.judges.check [FILE] [--wrong]`."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from feint.base.errors import UsageError
from feint.judges.agreement import Example, outcome_agreement, read_examples, stated_agreement

DEFAULT = Path("tests/judges/data/labelled.jsonl")
"""The labelled replies of this repository, seen from its root."""


def report(examples: Sequence[Example]) -> str:
    """The figures of one set of labelled replies, as lines of text."""
    labels = [example.judged() for example in examples]
    truly_missing = [(e, label) for e, label in zip(examples, labels, strict=True) if e.missing]
    lines = [f"{len(examples)} replies"]
    for outcome in ("complied", "refused"):
        found = outcome_agreement(examples, outcome)
        lines += [f"  {outcome:9} precision  {found.precision}", f"  {'':9} recall     {found.recall}"]
    found = stated_agreement(examples)
    lines += [f"  {'stated':9} precision  {found.precision}", f"  {'':9} recall     {found.recall}"]
    right = sum(e.missing == label.missing for e, label in truly_missing)
    lines.append(f"  missing   right reason in {right} of {len(truly_missing)}")
    undecided = Counter(label.missing for e, label in zip(examples, labels, strict=True) if e.outcome and label.missing)
    lines.append(f"  an outcome not read: {dict(undecided) or 'none'}")
    return "\n".join(lines)


def wrong(examples: Sequence[Example]) -> str:
    """The replies on which the rules disagree, one line each, with the rule's reason."""
    lines = []
    for example in examples:
        label = example.judged()
        if (label.outcome, label.missing) != (example.outcome, example.missing):
            truth, given = example.outcome or example.missing, label.outcome or label.missing
            lines.append(f"{example.id} ({example.kind}): {truth}, read as {given}: {label.explanation}")
        if set(label.stated) != example.stated:
            lines.append(
                f"{example.id} ({example.kind}): states {sorted(example.stated)}, read as {list(label.stated)}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print precision and recall with 95 % Wilson intervals, per split of the file.

    Returns:
        The exit code: 0, or 2 for a file that cannot be read.
    """
    parser = ArgumentParser(prog="python -m feint.judges.check", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, help="labelled replies, one JSON object a line")
    parser.add_argument("--wrong", action="store_true", help="list the replies on which the rules disagree")
    options = parser.parse_args(arguments)
    try:
        examples = read_examples(options.file)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    for split in dict.fromkeys(example.split for example in examples):
        part = [example for example in examples if example.split == split]
        print(f"{split}: {report(part)}")
        if options.wrong and (disagreements := wrong(part)):
            print(disagreements)
    return 0


if __name__ == "__main__":
    sys.exit(main())
