"""Find faults of recorded data: copied subjects or cells, cells of different size, constant or missing replies.

A warning changes no label; it names the subjects, so that a reader can look.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from feint.study.importing.transcript import RecordedReply

LONG = 200
"""Least characters of a reply whose copy is no accident; short replies, such as a bare choice, often are equal."""
ENOUGH = 20
"""Least number of long replies of two subjects that are compared."""
OVERLAP = 0.5
CONSTANT = 0.5
NEARLY_ALL = 0.8


def check_subjects(subjects: Mapping[str, Sequence[RecordedReply]]) -> dict[str, list[str]]:
    """Compare every two subjects.

    Returns:
        Warnings by subject; a warning about two subjects is listed for both.
    """
    every = {name: Counter(hashes(found)) for name, found in subjects.items()}
    long = {name: Counter(hashes(found, at_least=LONG)) for name, found in subjects.items()}
    warnings: dict[str, list[str]] = {name: [] for name in subjects}
    for one, other in combinations(subjects, 2):
        if every[one] == every[other]:
            text = (
                f"{one} and {other} have identical replies, all {every[one].total():,} of them: one of the two is "
                "mislabelled or a copy"
            )
        elif (share := overlap(long[one], long[other])) >= OVERLAP:
            text = f"{one} and {other} share {share:.0%} of their long replies word for word: part of one is a copy"
        else:
            continue
        warnings[one].append(text)
        warnings[other].append(text)
    return warnings


def check_cells(subject: str, transcripts: Sequence[RecordedReply], cells: Sequence[str]) -> list[str]:
    """Compare the cells of one subject.

    Returns:
        Warnings: cells that are absent, with other requests, with other numbers of replies, copied from one another,
        or answered with one and the same text.
    """
    by_cell = {cell: [one for one in transcripts if one.cell == cell] for cell in cells}
    warnings = [f"{subject}: no reply in cell '{cell}'" for cell, found in by_cell.items() if not found]
    counts = {cell: Counter(one.request for one in found) for cell, found in by_cell.items() if found}
    everywhere = set.intersection(*map(set, counts.values())) if counts else set()
    for cell, requests in counts.items():
        if extra := sorted(set(requests) - everywhere):
            warnings.append(
                f"{subject}: {len(extra):,} requests of cell '{cell}' are not in every cell, such as "
                f"'{extra[0]}'; they are left out"
            )
    uneven = sorted(request for request in everywhere if len({count[request] for count in counts.values()}) > 1)
    if uneven:
        warnings.append(
            f"{subject}: {len(uneven):,} requests have more replies in one cell than in another, such as "
            f"'{uneven[0]}'; what has no counterpart is left out"
        )
    long = {
        cell: Counter(f"{one.request}\0{one.reply}" for one in by_cell[cell] if len(one.reply) >= LONG)
        for cell in counts
    }
    for one, other in combinations(long, 2):
        if (share := overlap(long[one], long[other])) >= OVERLAP:
            warnings.append(
                f"{subject}: cells '{one}' and '{other}' share {share:.0%} of their long replies word for "
                "word: one may be a copy of the other"
            )
    for cell, requests in counts.items():
        text, times = Counter(one.reply.strip() for one in by_cell[cell]).most_common(1)[0]
        if len(requests) > 1 and times / requests.total() > CONSTANT:
            warnings.append(
                f"{subject}: {times / requests.total():.0%} of the replies in cell '{cell}' are the same text, "
                f"'{' '.join(text.split())[:40]}'"
            )
    return warnings


def check_missing(subject: str, missing: Mapping[str, Sequence[str]]) -> list[str]:
    """Warn if nearly no reply of a cell could be labelled, with the most frequent reason.

    `missing` has by cell the reason of every reply without a label, and "" for every reply with one.
    """
    warnings = []
    for cell, reasons in missing.items():
        counts = Counter(filter(None, reasons))
        if reasons and counts.total() / len(reasons) >= NEARLY_ALL:
            reason, times = counts.most_common(1)[0]
            share = counts.total() / len(reasons)
            warnings.append(
                f"{subject}: {share:.0%} of the replies in cell '{cell}' could not be labelled, "
                f"most often because of '{reason.replace('_', ' ')}' ({times:,})"
            )
    return warnings


def digest(transcripts: Iterable[RecordedReply]) -> str:
    """Hash all replies with their cells and requests, in any order; copies have equal hashes."""
    return hashlib.sha256("\n".join(sorted(hashes(transcripts))).encode()).hexdigest()


def hashes(transcripts: Iterable[RecordedReply], *, at_least: int = 0) -> list[str]:
    """Hash every reply of some length, together with its cell and request."""
    return [
        hashlib.sha256(f"{one.cell}\0{one.request}\0{one.reply}".encode()).hexdigest()
        for one in transcripts
        if len(one.reply) >= at_least
    ]


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """Compute the share of the smaller of two collections that is in both; 0 if the smaller is too small to tell."""
    smaller = min(one.total(), other.total())
    return (one & other).total() / smaller if smaller >= ENOUGH else 0.0
