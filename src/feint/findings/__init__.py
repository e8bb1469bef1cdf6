"""The typed findings of a study: the content of findings.json, its version, and its published JSON schema."""

from feint.findings.findings import VERSION, Findings, read_findings
from feint.findings.part import Bounds, Estimated, Part, Tested

__all__ = ["VERSION", "Bounds", "Estimated", "Findings", "Part", "Tested", "read_findings"]
