"""Designs: the cells to compare and the contrasts between them, each naming the motive it isolates."""

from feint.base.vocabulary import vocabulary
from feint.designs.contrast import parse_contrast
from feint.designs.design import Design, list_designs, load_design, shipped

__all__ = ["Design", "list_designs", "load_design", "parse_contrast", "shipped", "vocabulary"]
