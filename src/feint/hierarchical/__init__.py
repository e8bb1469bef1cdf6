"""One mixed model over all cells of a study, as a check on its contrasts. jax and numpyro are imported when it runs."""

from feint.hierarchical.disagree import disagreements
from feint.hierarchical.fitting import fit
from feint.hierarchical.model import Sampling

__all__ = ["Sampling", "disagreements", "fit"]
