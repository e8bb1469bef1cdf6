"""Designs: the cells to compare and the contrasts between them, each naming the motive it isolates."""

from feint.base.vocabulary import Vocabulary, vocabulary
from feint.designs.contrast import ContrastSpec
from feint.designs.design import Design, list_designs, load_design, shipped
from feint.designs.expression import parse_contrast

__all__ = [
    "ContrastSpec",
    "Design",
    "Vocabulary",
    "list_designs",
    "load_design",
    "parse_contrast",
    "shipped",
    "vocabulary",
]
