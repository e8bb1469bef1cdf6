"""The published JSON schema of findings.json: `python -m feint.study.conclude.schema > docs/findings.schema.json`."""

import json

from feint.base.vocabulary import vocabularies
from feint.findings.findings import findings_schema
from feint.tasks.registry import load_task


def published_schema() -> str:
    """Write the schema of findings.json, with the sections of every task at hand."""
    analyses = [analysis for name in vocabularies() for analysis in load_task(name).analyses()]
    schema = findings_schema({analysis.key: analysis.data for analysis in analyses})
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(published_schema(), end="")
