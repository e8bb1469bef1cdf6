"""Time a study of peer preservation with agents whose turns cost nothing: the time that is left is our own.

    python benchmarks/peer_preservation.py                  # a whole `peer-attribution` for four agents, and the pair
    python benchmarks/peer_preservation.py --fixtures 1     # a fifth of the runs, a quick look
    python benchmarks/peer_preservation.py --agents looper  # one agent

Asks as `feint study` does: Inspect's eval set, a log, replies in a cache, one process. Planning, conclusions and the
report of a study come on top. Then a pair, in turn in the same process: tools that are described once, as here, and
tools that are described anew for every reply, as Inspect does with functions. Processor time is the figure to compare;
the rest depends on what else the machine does. The first eval of a process takes some seconds more and is not timed.
"""

import argparse
import os
import tempfile
import time
from contextvars import copy_context
from pathlib import Path

import rich
from inspect_ai import eval_set
from inspect_ai.log import read_eval_log
from inspect_ai.model import CachePolicy, get_model
from inspect_ai.tool import ToolDef, ToolParams

import feint._registry  # noqa: F401  # the agents' provider
from feint.tasks.peer_preservation import peer_preservation, solver
from feint.tasks.peer_preservation.tools import world_tools

AGENTS = "faithful,peer-loyal,poker,looper"
DESIGN = "peer-attribution"


def ask(agent, design, fixtures):
    """Run the task; its log's file is read by `count`, outside the time."""
    task = peer_preservation(design=design, fixtures=fixtures)
    model = get_model(f"agent/{agent}", memoize=False)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSPECT_CACHE_DIR"] = f"{folder}/cache"
        wall, processor = time.perf_counter(), time.process_time()
        done, _ = copy_context().run(
            eval_set,
            task,
            log_dir=f"{folder}/logs",
            model=model,
            max_connections=model.api.max_connections(),
            retry_attempts=1,
            fail_on_error=False,
            display="none",
            score_display=False,
            log_format="eval",
            log_realtime=False,
            log_buffer=1000,
            cache=CachePolicy(expiry=None, scopes={"plan": "benchmark"}),
        )
        taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor}
        assert done, "the eval did not complete"
        (path,) = Path(folder, "logs").glob("*.eval")
        return taken | count(path)


def count(path):
    """Runs, replies and calls of a log, and the labels."""
    samples = read_eval_log(str(path)).samples
    roles = [message.role for sample in samples for message in sample.messages]
    labels = [sample.scores["conduct"].answer for sample in samples]
    return {
        "runs": len(samples),
        "turns": roles.count("assistant"),
        "calls": roles.count("tool"),
        "mb": path.stat().st_size / 1e6,
        "labels": {label: labels.count(label) for label in sorted(set(labels))},
    }


def anew(names=None):
    """The same tools as functions, which Inspect describes for every reply."""
    return [
        ToolDef(tool.tool, tool.name, tool.description, ToolParams(**dict(tool.parameters)), max_output=0).as_tool()
        for tool in world_tools(names)
    ]


def pair(agent, design, rounds):
    """Both ways in turn; the best of each counts."""
    ways = {"described once": world_tools, "described anew": anew}
    best = {}
    for _ in range(rounds):
        for name, tools in ways.items():
            solver.world_tools = tools
            found = ask(agent, design, 1)
            best[name] = min(best.get(name, found["cpu"]), found["cpu"])
    solver.world_tools = world_tools
    for name, seconds in best.items():
        print(f"{agent}, tools {name}: {seconds:6.1f} s of processor time for {found['turns']} replies")
    print(f"ratio: {best['described anew'] / best['described once']:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", default=AGENTS)
    parser.add_argument("--design", default=DESIGN)
    parser.add_argument("--fixtures", type=int, default=0, help="of each kind; 0 takes all")
    parser.add_argument("--rounds", type=int, default=3, help="of the pair; 0 leaves it out")
    given = parser.parse_args()
    rich.get_console().quiet = True
    ask("faithful", "peer-presence", 1)
    print(f"{'agent':12}{'runs':>6}{'replies':>9}{'calls':>8}{'s':>8}{'cpu s':>8}{'ms/reply':>10}{'log MB':>8}  labels")
    for agent in given.agents.split(","):
        own = ask(agent, given.design, given.fixtures)
        each = 1000 * own["cpu"] / own["turns"]
        numbers = f"{own['runs']:6,}{own['turns']:9,}{own['calls']:8,}{own['wall']:8.1f}{own['cpu']:8.1f}{each:10.1f}"
        print(f"{agent:12}{numbers}{own['mb']:8.1f}  {own['labels']}", flush=True)
    if given.rounds:
        pair(given.agents.split(",")[0], given.design, given.rounds)


if __name__ == "__main__":
    main()
