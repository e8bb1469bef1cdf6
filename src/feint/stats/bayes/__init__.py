"""A mixed model over all cells of a study, as a check on the contrasts. jax and numpyro are imported when it runs."""

from feint.stats.bayes.fitting import fit
from feint.stats.bayes.model import Sampling
from feint.stats.bayes.summary import disagreements

__all__ = ["Sampling", "disagreements", "fit"]
