"""Designs: the cells to compare and the contrasts between them, each naming the motive it isolates."""

from feint.designs.contrast import ContrastSpec
from feint.designs.design import EXPLANATIONS, Design, list_designs, load_design, shipped
from feint.designs.expression import parse_contrast
from feint.designs.vocabulary import Vocabulary, vocabulary

__all__ = [
    "EXPLANATIONS",
    "ContrastSpec",
    "Design",
    "Vocabulary",
    "list_designs",
    "load_design",
    "parse_contrast",
    "shipped",
    "vocabulary",
]
