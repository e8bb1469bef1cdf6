"""The planted models of all tasks: which axes a battery finds, misses and invents.

Run: python benchmarks/profiles.py [--profiles guardian,pleaser] [--tasks reversal] [--size quick] [--out DIR]

Prints a Markdown table with a row for each profile, and below it every axis that was missed or invented with its value.
With --out, the batteries stay in DIR and go on where they were.
"""

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

from feint.findings.battery import AxisFinding, is_battery, read_battery
from feint.money.prices import SpendingLimits
from feint.report.contrasts import in_unit, span_in_unit
from feint.study.battery.order import chosen_tasks, make_order
from feint.study.battery.run import battery_command
from feint.study.battery.words import badge_of
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits
from feint.tasks.profiles import PROFILE, part_of, profile_names

ENDS = {"more": "high", "less": "low"}


def outcome(axis: AxisFinding, planted: str) -> str:
    """Say whether an axis was found as planted: "found", "missed", "invented", "quiet" or "untested"."""
    if axis.state != "estimated":
        return "untested" if planted == "none" else "missed"
    seen = ENDS.get(axis.errs or "", "none")
    if planted == "none":
        return "quiet" if seen == "none" else "invented"
    return "found" if seen == planted else "missed"


def run_profile(name: str, tasks: list[str], size: str, out: Path) -> tuple[list[AxisFinding], float]:
    """Run the battery of a profile, and return its axes and the seconds that it took."""
    began, subject = time.monotonic(), f"{PROFILE}{name}"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        battery_command(
            make_order(subject, size, tasks, Setup(subject), {}),
            out,
            start="resume" if is_battery(out) else "new",
            limits=Limits(),
            display="none",
            spending=SpendingLimits(),
        )
    return read_battery(out).axes, time.monotonic() - began


def planted_end(axis: AxisFinding, name: str) -> str:
    """Return the end of an axis at which a profile is planted."""
    part = part_of(name, axis.task)
    return part.end(axis.key) if part is not None else "none"


def told(axis: AxisFinding) -> str:
    """Write an axis with its value."""
    value = f"{in_unit(axis.estimate, axis.unit)} {span_in_unit(axis.low, axis.high, axis.unit)} {axis.unit}"
    return f"{axis.task}.{axis.key} ({value if axis.state == 'estimated' else axis.reason}: {badge_of(axis)})"


def main() -> None:
    """Run the profiles and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", default=",".join(profile_names()))
    parser.add_argument("--tasks", default=None)
    parser.add_argument("--size", default="quick", choices=("quick", "standard", "thorough"))
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    tasks, notes = chosen_tasks(given.tasks), list[str]()
    total = dict.fromkeys(("found", "missed", "invented", "quiet", "untested"), 0)
    print("| profile | planted | found | missed | invented | quiet | seconds |\n|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.profiles.split(","):
            axes, seconds = run_profile(name, tasks, given.size, (given.out or Path(folder)) / name)
            by_outcome: dict[str, list[AxisFinding]] = {key: [] for key in total}
            for axis in axes:
                by_outcome[outcome(axis, planted_end(axis, name))].append(axis)
            for key, some in by_outcome.items():
                total[key] += len(some)
                if key in ("missed", "invented"):
                    notes += [f"- {name} {key}: {told(axis)}" for axis in some]
            planted = sum(planted_end(axis, name) != "none" for axis in axes)
            counts = " | ".join(str(len(by_outcome[key])) for key in ("found", "missed", "invented", "quiet"))
            print(f"| {name} | {planted} | {counts} | {seconds:.0f} |", flush=True)
    print(f"| all | {total['found'] + total['missed']} | {total['found']} | {total['missed']} | {total['invented']} "
          f"| {total['quiet']} | |\n")  # fmt: skip
    print("\n".join(notes) or "- none was missed or invented")


if __name__ == "__main__":
    main()
