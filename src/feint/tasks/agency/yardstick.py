"""Agents that are trained by reward alone, on machines like those of the histories: what does play teach them?

An agent is a small recurrent network (GRU). It sees its last choice and the points. Advantage actor-critic (A2C)
trains it on many pairs of machines of 24 visits each, so that it learns how to learn (meta-reinforcement learning:
Wang et al. 2016, arXiv 1611.05763). Nobody tells it a learning rule. Its choices after the histories of the task are
then fitted as a subject's are. What it shows of optimism and of a choice trace is what serves a player here.

    python -m feint.tasks.agency.yardstick --agents 5

It takes a minute or two an agent on one core, and needs the extra `local` (torch). No study needs it.
"""

import argparse
from itertools import product

import numpy as np
import torch
from scipy.special import expit
from torch import nn

from feint.stats.types import Floats
from feint.tasks.agency.fit import fit
from feint.tasks.agency.histories import CHECKPOINTS, RATES, histories
from feint.tasks.agency.learning import START, differences

VISITS, UNITS, BATCH, UPDATES = max(CHECKPOINTS), 32, 256, 3_000
RATE, DISCOUNT, ENTROPY, CRITIC, MOST = 3e-3, 0.9, 0.05, 0.5, 1.0
"""Step of Adam, discount of later points, weight of entropy at the beginning and of the critic, largest gradient."""
MANY = 200.0
"""Replies that an agent's chance of staying counts for in the fit, so that the priors do not count."""
GAMES, FREE, SHARP = 20_000, 400, 4.0
"""Games for the best rates, games of free play, and the sharpness of learners with planted rates."""


class Learner(nn.Module):
    """A recurrent network that chooses one of two machines."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.actor, self.critic = nn.GRUCell(4, UNITS), nn.Linear(UNITS, 2), nn.Linear(UNITS, 1)

    def forward(self, seen: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return log odds of the machines, shape (B, 2), the value of the game, shape (B,), and the next state."""
        state = self.cell(seen, state)
        return self.actor(state), self.critic(state)[:, 0], state


def seen_of(chosen: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Return the network's input after a visit, shape (B, 4): the machine as two figures, its points, and a 1."""
    left = nn.functional.one_hot(chosen, 2).float()
    return torch.cat([left, points[:, None], torch.ones(len(chosen), 1)], dim=1)


def trained(seed: int, updates: int = UPDATES) -> tuple[Learner, float]:
    """Train an agent; returns it with its points a visit in the last tenth of the training."""
    torch.manual_seed(seed)
    agent = Learner()
    optimiser = torch.optim.Adam(agent.parameters(), RATE)
    earned = []
    for update in range(updates):
        left = 1 - update / updates
        for group in optimiser.param_groups:
            group["lr"] = RATE * max(left, 0.05)
        pays = torch.tensor(RATES)[torch.randint(len(RATES), (BATCH,))]
        seen, state = torch.zeros(BATCH, 4), torch.zeros(BATCH, UNITS)
        chances, values, surprise, points = [], [], [], []
        for _ in range(VISITS):
            odds, value, state = agent(seen, state)
            likely = torch.log_softmax(odds, dim=1)
            chosen = torch.multinomial(likely.detach().exp(), 1)[:, 0]
            paid = torch.bernoulli(pays[torch.arange(BATCH), chosen])
            seen = seen_of(chosen, paid)
            chances.append(likely[torch.arange(BATCH), chosen])
            values.append(value)
            surprise.append(-(likely.exp() * likely).sum(dim=1))
            points.append(paid)
        back, returns = torch.zeros(BATCH), []
        for paid in reversed(points):
            back = paid + DISCOUNT * back
            returns.append(back)
        gain = torch.stack(returns[::-1]) - torch.stack(values)
        policy = (gain.detach() * torch.stack(chances)).mean() + ENTROPY * left * torch.stack(surprise).mean()
        optimiser.zero_grad()
        torch.autograd.backward(CRITIC * gain.square().mean() - policy)
        nn.utils.clip_grad_norm_(agent.parameters(), MOST)
        optimiser.step()
        earned.append(float(torch.stack(points).mean()))
    return agent, float(np.mean(earned[-max(updates // 10, 1) :]))


def stays_of(agent: Learner) -> Floats:
    """Return the agent's chance of staying with the last machine of each history, shape (H,)."""
    found = []
    with torch.no_grad():
        for one in histories():
            seen, state = torch.zeros(1, 4), torch.zeros(1, UNITS)
            code: str = one.played  # type: ignore[attr-defined]
            odds, _, state = agent(seen, state)
            for side, points in zip(code[::2], code[1::2], strict=True):
                seen = seen_of(torch.tensor([int(side == "R")]), torch.tensor([float(points)]))
                odds, _, state = agent(seen, state)
            found.append(float(torch.softmax(odds, dim=1)[0, int(code[-2] == "R")]))
    return np.array(found)


def games_of(agent: Learner, seed: int) -> list[str]:
    """Let an agent play freely; returns the code of each game."""
    torch.manual_seed(seed)
    pays = torch.tensor(RATES)[torch.arange(FREE) % len(RATES)]
    seen, state, codes = torch.zeros(FREE, 4), torch.zeros(FREE, UNITS), [""] * FREE
    with torch.no_grad():
        for _ in range(VISITS):
            odds, _, state = agent(seen, state)
            chosen = torch.multinomial(torch.softmax(odds, dim=1), 1)[:, 0]
            paid = torch.bernoulli(pays[torch.arange(FREE), chosen])
            seen = seen_of(chosen, paid)
            codes = [f"{code}{'LR'[int(c)]}{int(p)}" for code, c, p in zip(codes, chosen, paid, strict=True)]
    return codes


def games_with(up: float, down: float, trace: float, seed: int = 0) -> list[str]:
    """Let a learner with a choice trace play freely, at sharpness 4; returns the code of each game."""
    draw, codes = np.random.default_rng(seed), ["LR"[game % 2] for game in range(FREE)]
    pays = np.array(RATES)[np.arange(FREE) // 2 % len(RATES)]
    for visit in range(VISITS):
        if visit:
            chance = expit(SHARP * differences(codes, up, down) + trace)
            stays = draw.random(FREE) < chance
            codes = [
                code + (code[-2] if stay else "RL"[code[-2] == "R"]) for code, stay in zip(codes, stays, strict=True)
            ]
        paid = draw.random(FREE) < [pay["LR".index(code[-1])] for code, pay in zip(codes, pays, strict=True)]
        codes = [f"{code}{int(one)}" for code, one in zip(codes, paid, strict=True)]
    return codes


def fitted_free(codes: list[str]) -> dict[str, float]:
    """Fit every choice of games but the first, with a choice trace and without."""
    before = [code[: 2 * visit] for code in codes for visit in range(1, VISITS)]
    stays = [float(code[2 * visit] == code[2 * visit - 2]) for code in codes for visit in range(1, VISITS)]
    return fitted_as_subject(np.array(stays), tuple(before), 1.0)


def fitted_as_subject(stays: Floats, codes: tuple[str, ...] = (), many: float = MANY) -> dict[str, float]:
    """Fit chances of staying as a subject's choices are fitted, with a choice trace and without.

    Without codes, the chances are those of the histories of the task.
    """
    codes = codes or tuple(one.played for one in histories())  # type: ignore[attr-defined]
    asked = np.full((1, len(codes)), many)
    traced, plain = (fit(codes, many * stays[None], asked, one).theta for one in (True, False))
    return {
        "optimism": float(expit(traced[0]) - expit(traced[1])),
        "trace": float(traced[2]),
        "sharpness": float(np.exp(traced[3])),
        "optimism without a trace": float(expit(plain[0]) - expit(plain[1])),
    }


def best_rates(sharpness: float, seed: int = 0) -> tuple[float, float, float]:
    """Return the two learning rates that earn most without a choice trace, and their points a visit.

    Rates are tried in steps of 0.05, in games with the same chances for all.
    """
    steps = np.arange(0.05, 1.0, 0.05)
    found = {(up, down): earned(up, down, sharpness, seed) for up, down in product(steps, steps)}
    (up, down), points = max(found.items(), key=lambda one: one[1])
    return float(up), float(down), points


def earned(up: float, down: float, sharpness: float, seed: int, games: int = GAMES) -> float:
    """Return the points a visit of a learner with two rates."""
    draw = np.random.default_rng(seed)
    pays = np.array(RATES)[np.arange(games) % len(RATES)]
    value, every, total = np.full((games, 2), START), np.arange(games), 0.0
    for _ in range(VISITS):
        chosen = (draw.random(games) < expit(sharpness * (value[:, 1] - value[:, 0]))).astype(int)
        error = (draw.random(games) < pays[every, chosen]) - value[every, chosen]
        value[every, chosen] += np.where(error > 0, up, down) * error
        total += float((error > 0).sum())
    return total / games / VISITS


def told(found: dict[str, float]) -> str:
    """Write numbers with their names."""
    return ", ".join(f"{name} {value:.3f}" for name, value in found.items())


def main() -> None:
    """Train agents, fit their choices and print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=5)
    parser.add_argument("--updates", type=int, default=UPDATES)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[str, list[dict[str, float]]] = {"in free play": [], "after the histories of the task": []}
    for seed in range(asked.agents):
        agent, points = trained(seed, asked.updates)
        for kind, found in zip(
            rows, (fitted_free(games_of(agent, seed)), fitted_as_subject(stays_of(agent))), strict=True
        ):
            rows[kind].append({"points a visit": points} | found)
            print(f"agent {seed} {kind}: {told(rows[kind][-1])}", flush=True)
    for kind, several in rows.items():
        for name in several[0] if several else ():
            values = np.array([row[name] for row in several])
            spread = values.std(ddof=min(1, len(values) - 1))
            print(f"{kind}, {name}: mean {values.mean():.3f}, sd over agents {spread:.3f}")
    for trace in (0.0, 0.5, 1.0, 2.0):
        print(f"equal rates of 0.3, trace {trace:g}, in free play: {told(fitted_free(games_with(0.3, 0.3, trace)))}")
        odds = SHARP * differences([one.played for one in histories()], 0.3, 0.3) + trace  # type: ignore[attr-defined]
        print(f"the same after the histories of the task: {told(fitted_as_subject(expit(odds)))}")
    for sharpness in (4.0, 8.0):
        up, down, points = best_rates(sharpness)
        print(f"best rates at sharpness {sharpness:g}: gains {up:.2f}, losses {down:.2f}, {points:.3f} points a visit")


if __name__ == "__main__":
    main()
