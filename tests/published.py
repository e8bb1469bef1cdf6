"""The published schema of findings.json."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

PUBLISHED = Path(__file__).parents[1] / "docs" / "findings.schema.json"


@cache
def validator() -> Draft202012Validator:
    schema = json.loads(PUBLISHED.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def fits_schema(findings: Any) -> None:
    """Check the content of a findings.json.

    Raises:
        ValidationError: It does not fit.
    """
    validator().validate(findings)
