"""The typed findings of a study: the content of findings.json, its versions, and its published JSON schema."""

from feint.findings.analysis import Analysis, Material
from feint.findings.part import Part

__all__ = ["Analysis", "Material", "Part"]
