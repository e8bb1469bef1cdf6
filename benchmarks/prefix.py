"""How much of a study's prompts a provider's prefix cache could serve. Run: python benchmarks/prefix.py [DESIGN…]

For each design, how many of the prompts' tokens (characters / 4) are a prefix that a prompt shares with an earlier one,
at most `--held` prompts before it, in the order of asking; beside it the same prompts in a random order, and in orders
that would keep all cells of a request and wording together but sort these groups, or their cells, otherwise. Nothing is
asked. Providers cache only prefixes from some length on (1,024 tokens at most of them), so the last column says what
share of prompt tokens stands in shared prefixes of at least that length. Then the same for the prompts of judges, by
rubric: about replies of the assumed length to the first requests of the design `motives`; "constant" is what does not
depend on the reply, wherever it stands.
"""

import argparse
import random
import time

from feint.designs import list_designs, load_design
from feint.judges.graded.prompt import JudgeMaterial, build_prompt
from feint.judges.graded.rubrics import load_rubrics, rubric_files
from feint.money.prices import CHARACTERS
from feint.tasks.alignment_faking import Options, plan_asks
from feint.tasks.alignment_faking.usage import lengths

LEAST = 1024
"""Tokens from which on providers keep a prefix."""


def shared(one, other):
    """Characters with which both texts begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def shares(prompts, held):
    """Shares of all characters in prefixes shared with one of the prompts before, and in those that are long enough."""
    found = long = 0
    for place, prompt in enumerate(prompts):
        best = max((shared(prompt, before) for before in prompts[max(0, place - held) : place]), default=0)
        found += best
        long += best if best >= LEAST * CHARACTERS else 0
    total = sum(map(len, prompts))
    return found / total, long / total


def cells_by_prefix(told, cells):
    """Sort cells by their prompts: prompts that begin alike follow one another."""
    return sorted(cells, key=lambda cell: told[cell])


def orders(planned, seed):
    """Prompts in the order of asking, in a random one, and in two that keep the cells of a group together."""
    asked = [(ask, planned.situation(ask)) for ask in planned.asks]
    groups = {}
    for ask, told in asked:
        groups.setdefault((ask.request.id, str(ask.wording), ask.sample), {})[ask.cell] = f"{told.system}\n{told.user}"
    as_asked = [prompt for group in groups.values() for prompt in group.values()]
    drawn = as_asked[:]
    random.Random(seed).shuffle(drawn)
    mixed = list(groups.values())
    random.Random(seed).shuffle(mixed)
    return {
        "asked": as_asked,
        "random": drawn,
        "groups drawn": [prompt for group in mixed for prompt in group.values()],
        "cells sorted": [group[cell] for group in groups.values() for cell in cells_by_prefix(group, group)],
    }


def judge_prompts(rubric, replies):
    """What a judge is asked by one rubric about the first replies of a study, in the order of asking."""
    planned = plan_asks(Options(n=replies, twins=0))
    reasoning, reply = lengths(planned)
    prompts = []
    for ask in planned.asks[:replies]:
        draw = random.Random(ask.id)
        words = [f"{draw.randrange(1000):03}" for _ in range(max(reasoning, reply))]  # no two replies begin alike
        material = JudgeMaterial(
            reply=" ".join(words[:reply]),
            reasoning=" ".join(words[:reasoning]),
            request=ask.request.text,
            situation=planned.situation(ask).system,
            conflict_rule=planned.conflict.rubric,
        )
        prompt = build_prompt(rubric, material, ask.id)
        prompts.append(f"{prompt.system}\n{prompt.user}")
    return prompts


def print_judges(held):
    print(f"\n{'rubric':<18}{'tokens':>8}{'constant':>10}{'shared':>10}{'>= 1,024':>10}")
    rule = plan_asks(Options(n=1)).conflict.rubric
    for name in rubric_files():
        prompts = judge_prompts(load_rubrics(name)[0], 44)
        share, long = shares(prompts, held)
        mean = sum(map(len, prompts)) / len(prompts)
        frame = build_prompt(load_rubrics(name)[0], JudgeMaterial(conflict_rule=rule), "sample")
        constant = (len(frame.system) + len(frame.user)) / mean
        print(f"{name:<18}{mean / CHARACTERS:>8,.0f}{constant:>10.1%}{share:>10.1%}{long:>10.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("designs", nargs="*", default=[name for name in list_designs() if not load_design(name).files])
    parser.add_argument("--requests", type=int, default=12)
    parser.add_argument("--wordings", type=int, default=4)
    parser.add_argument("--held", type=int, default=32, help="prompts that a provider still holds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"{given.requests} requests in {given.wordings} wordings and 4 twins, all voices, {given.held} prompts held")
    names = ("asked", "random", "groups drawn", "cells sorted")
    print(f"{'design':<18}{'prompts':>8}{'tokens':>8}" + "".join(f"{name:>14}" for name in names) + f"{'>= 1,024':>10}")
    for name in given.designs:
        began = time.perf_counter()
        planned = plan_asks(Options(design=name, n=given.requests, wordings=given.wordings, twins=4))
        ordered = orders(planned, given.seed)
        found = {order: shares(prompts, given.held) for order, prompts in ordered.items()}
        mean = sum(map(len, ordered["asked"])) / len(planned.asks) / CHARACTERS
        row = "".join(f"{found[order][0]:>13.1%} " for order in names)
        took = time.perf_counter() - began
        print(
            f"{name:<18}{len(planned.asks):>8,}{mean:>8,.0f}{row}{found['asked'][1]:>9.1%}  ({took:.0f} s)", flush=True
        )
    print_judges(given.held)


if __name__ == "__main__":
    main()
