"""The last section: the frozen plan, flattened into lines to read."""

import json
from collections.abc import Mapping

from feint.report.section import Section, Told, View
from feint.report.text import cut

_MANY = 12


def manifest(plan: Mapping[str, object]) -> list[tuple[str, str]]:
    """Flatten a plan into lines to read.

    Args:
        plan: The frozen plan, nested as it likes.

    Returns:
        Name and value of every entry; a long list is only counted.

    >>> manifest({"settings": {"level": 0.95}, "seeds": [1, 2]})
    [('settings.level', '0.95'), ('seeds', '1, 2')]
    """
    lines: list[tuple[str, str]] = []

    def walk(name: str, value: object) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(f"{name}.{key}" if name else str(key), inner)
        elif isinstance(value, list | tuple):
            plain = len(value) <= _MANY and not any(isinstance(item, Mapping | list | tuple) for item in value)
            lines.append((name, ", ".join(map(str, value)) if plain else f"{len(value)} entries"))
        else:
            lines.append((name, "–" if value is None else cut(str(value), 500)[0]))

    walk("", plan)
    return lines


def show(told: Told) -> View:
    """Show the plan in lines, and as it was frozen."""
    text = json.dumps(told.plan, indent=2, ensure_ascii=False, default=str)
    return {"manifest": manifest(told.plan), "plan_text": text}


MANIFEST = Section("manifest", "Manifest", "sections/manifest.html.j2", show=show)
