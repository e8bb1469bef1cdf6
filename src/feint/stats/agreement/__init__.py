"""Agreement of judges with people: kappa, and area under the curve."""
