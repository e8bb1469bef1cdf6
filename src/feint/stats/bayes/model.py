"""A logistic mixed model over all cells, with a posterior by NUTS.

For a reply to request r in wording w and cell c,

    logit P(label = 1) = a + sum_k X[c, k] (b[k] + s[r, k]) + u[r] + v[w]

with the contrasts of the design as coefficients b (`feint.stats.bayes.counts`), u, s and v normal with standard
deviations of their own. s is left out where requests have too few replies to show it (`Counts.repeated`).

Priors, on the logit scale, weakly informative:
    a ~ Student t (7, 0, 10) and b ~ Student t (7, 0, 2.5): the scales of Gelman, Jakulin, Pittau & Su 2008 (Annals of
        Applied Statistics 2, 1360-1383), with seven degrees of freedom in place of Cauchy's one, which has no mean
        where a cell always or never complies (Ghosh, Li & Mitra 2018, Bayesian Analysis 13, 359-383)
    sd of u ~ half-normal (2); sd of each column of s, sd of v ~ half-normal (1): light-tailed half-normals for few
        groups or weak data (Gelman 2006, Bayesian Analysis 1, 515-534)

u, s and v have mean 0 over the study's requests and wordings, so that a and b are those of the study's own; a part of
the way from centred to non-centred is chosen for each request's u by how much its replies tell (Papaspiliopoulos,
Roberts & Skold 2007, Statistical Science 22, 59-73; Gorinova, Moore & Hoffman 2020, ICML). Neither changes the model of
the cells; both let the sampler move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from feint.base.errors import UsageError
from feint.stats.bayes.counts import Counts
from feint.stats.types import Floats

Data: TypeAlias = dict[str, NDArray[np.float32]]
"""The data of the model by name, see `model_data`."""
FREEDOM, INTERCEPT, COEFFICIENT = 7.0, 10.0, 2.5
REQUESTS, SLOPES, WORDINGS = 2.0, 1.0, 1.0
SCALES = ("sd_requests", "sd_effects", "sd_wordings")
START = 2.0
"""First values are drawn from -2 to 2 on the unconstrained scale, chain by chain, as Stan does."""
BLOCK = 50
"""Steps between two signs of progress."""
Tell = Callable[[int, int], None]
"""Is told steps done and steps in all."""
EXTRA = "the model needs '{}'; install it with: pip install 'feint[bayes]'"


@dataclass(frozen=True)
class Sampling:
    """The length of a run of NUTS: steps of each chain for adapting (`warmup`), and steps that count (`draws`).

    The step size is adapted to the acceptance rate `accept`; higher is slower and diverges less.
    """

    chains: int = 2
    warmup: int = 500
    draws: int = 1500
    accept: float = 0.9
    seed: int = 20261121

    @property
    def steps(self) -> int:
        """Steps in all, warm-up included."""
        return self.warmup + self.draws


@dataclass(frozen=True)
class Draws:
    """The posterior of one fit: draws by name, (chains, draws, ...), and the draws after warm-up that diverged."""

    parameters: dict[str, Floats]
    divergences: int


def mixed_model(data: Data) -> None:
    """State the model in numpyro's terms."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    requests, columns = len(data["scored"]), data["columns"].shape[1]
    a = numpyro.sample("intercept", dist.StudentT(FREEDOM, 0.0, INTERCEPT))
    b = numpyro.sample("coefficients", dist.StudentT(FREEDOM, 0.0, COEFFICIENT).expand([columns]).to_event(1))
    sd_u = numpyro.sample("sd_requests", dist.HalfNormal(REQUESTS))
    sd_v = numpyro.sample("sd_wordings", dist.HalfNormal(WORDINGS))
    centred = data["centred"]
    part_u = numpyro.sample("requests", dist.Normal(0.0, sd_u**centred).to_event(1))
    u = sd_u ** (1 - centred) * part_u
    z_v = numpyro.sample("wordings", dist.Normal(0.0, 1.0).expand([data["told"].shape[-1]]).to_event(1))
    v = sd_v * (z_v - z_v.mean())
    logit_RC = a + (u - u.mean())[:, None] + (data["columns"] @ b)[None]
    if data["slopes"].shape[0]:
        sd_s = numpyro.sample("sd_effects", dist.HalfNormal(SLOPES).expand([columns]).to_event(1))
        z_s = numpyro.sample("effects", dist.Normal(0.0, 1.0).expand([requests, columns]).to_event(2))
        logit_RC = logit_RC + (sd_s * (z_s - z_s.mean(axis=0))) @ data["columns"].T
    # A product with zeros and ones: its gradient is a product too, where that of indexing is a slow scatter.
    logit = logit_RC[:, None, :] + (data["told"] @ v)[:, :, None]
    numpyro.deterministic("logit", logit_RC)
    numpyro.deterministic("shift", v)
    # The binomial's log likelihood without its constant.
    numpyro.factor("replies", jnp.sum(data["ones"] * logit - data["scored"] * jax.nn.softplus(logit)))


def model_data(counts: Counts, columns: Floats) -> Data:
    """Give the model its data: counts (R, M, C), columns (C, P), wordings as indicators (R, M, W), how to sample."""
    asked, ones = counts.scored.sum(axis=(1, 2)), counts.ones.sum(axis=(1, 2))
    rate = (ones + 0.5) / (asked + 1)
    told = asked * rate * (1 - rate)  # information on a request's logit, beside that of a prior with deviation 1
    return {
        "ones": counts.ones.astype(np.float32),
        "scored": counts.scored.astype(np.float32),
        "columns": columns.astype(np.float32),
        "told": np.eye(counts.wordings, dtype=np.float32)[counts.wording],
        "centred": (told / (told + 1)).astype(np.float32),
        # Its length says whether there are slopes: shapes are known when the model is compiled, values are not.
        "slopes": np.zeros(int(counts.repeated), dtype=np.float32),
    }


def draw(data: Data, sampling: Sampling, tell: Tell) -> Draws:
    """Draw from the posterior with NUTS (Hoffman & Gelman 2014, JMLR 15, 1593-1623).

    Raises:
        UsageError: numpyro is not installed.
    """
    try:
        begin, advance, constrain = sampler(sampling.warmup)
    except ImportError as error:
        raise UsageError(EXTRA.format(error.name)) from None
    import jax
    from numpyro.handlers import seed, trace

    def parameters() -> dict[str, Any]:
        sites = trace(seed(mixed_model, jax.random.PRNGKey(0))).get_trace(data).values()
        return {one["name"]: one["value"] for one in sites if one["type"] == "sample" and not one["is_observed"]}

    rng = np.random.default_rng(sampling.seed)
    start = {
        name: rng.uniform(-START, START, (sampling.chains, *value.shape)).astype(np.float32)
        for name, value in jax.eval_shape(parameters).items()  # nothing is computed
    }
    state = begin(start, rng.integers(2**31, size=sampling.chains), data, sampling.accept)
    kept, diverged = [], []
    for done in range(BLOCK, sampling.steps + BLOCK, BLOCK):
        state, (values, bad) = advance(state, data, sampling.accept)
        kept.append(values)
        diverged.append(np.asarray(bad))
        tell(min(done, sampling.steps), sampling.steps)
    part = slice(sampling.warmup, sampling.steps)
    drawn = {name: np.concatenate([one[name] for one in kept])[part] for name in start}
    return Draws(
        # They were collected as (draws, chains, ...).
        {name: np.swapaxes(np.asarray(value, dtype=float), 0, 1) for name, value in constrain(drawn, data).items()},
        int(np.concatenate(diverged)[part].sum()),
    )


@cache
def sampler(warmup: int) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Compile NUTS for any data of one shape, all chains side by side.

    Returns:
        begin (first values (chains, ...), a seed for each chain, data and acceptance rate to a state), advance (state,
        data and acceptance rate to the state `BLOCK` steps on, the values on the way, of shape (steps, chains, ...),
        and whether each step diverged) and constrain (values (draws, chains, ...) and data to parameters).
    """
    import jax
    from numpyro.infer.hmc import hmc
    from numpyro.infer.util import constrain_fn, potential_energy

    prepare, move = hmc(
        potential_fn_gen=lambda data: lambda values: potential_energy(mixed_model, (data,), {}, values), algo="NUTS"
    )

    def begin(start: Any, seeds: Any, data: Data, accept: Any) -> Any:
        def one(values: Any, seed: Any) -> Any:
            key = jax.random.PRNGKey(seed)
            return prepare(values, warmup, target_accept_prob=accept, model_args=(data,), model_kwargs={}, rng_key=key)

        return jax.vmap(one)(start, seeds)

    def advance(state: Any, data: Data, accept: Any) -> Any:
        # `move` adapts by what the last `prepare` set up, which must be of this trace. Its values are not used.
        begin(state.z, np.zeros(len(state.i), dtype=np.uint32), data, accept)

        def step(state: Any, _: None) -> Any:
            state = jax.vmap(lambda one: move(one, (data,), {}))(state)
            return state, (state.z, state.diverging)

        return jax.lax.scan(step, state, length=BLOCK)

    def constrain(values: Any, data: Data) -> Any:
        def one(values: Any) -> Any:
            return constrain_fn(mixed_model, (data,), {}, values, return_deterministic=True)

        return jax.vmap(jax.vmap(one))(values)

    return jax.jit(begin), jax.jit(advance), jax.jit(constrain)
