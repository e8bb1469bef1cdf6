"""The JSON schema of findings.json, made from the models."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from feint.findings.findings import Findings
from feint.findings.part import Part

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def findings_schema(sections: Mapping[str, type[Part]]) -> dict[str, Any]:
    """Make the JSON schema of findings.json.

    Args:
        sections: By key, the model of a section that a task adds. A section of another task may hold anything.

    >>> sorted(findings_schema({})["required"])[:3]
    ['cells', 'coherence', 'contrasts']
    """
    models: list[type[Part]] = [Findings, *sections.values()]
    refs, whole = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions: dict[str, Any] = whole["$defs"]
    root = definitions.pop(refs[Findings, "validation"]["$ref"].removeprefix("#/$defs/"))
    root["properties"]["sections"] = {
        "type": "object",
        "description": "Sections that the task adds, by the key of its analysis.",
        "properties": {key: refs[model, "validation"] for key, model in sections.items()},
    }
    required = ["version", *root["required"]]
    return {"$schema": DIALECT, **root, "title": "findings.json", "required": required, "$defs": definitions}
