"""Put files into a box. Runs there, as root, with nothing but the standard library; what to put comes by stdin.

JSON: `root`, the directory of the stubs; `owner`, whose they are ("" leaves that); `stubs`, as path, head, size in
bytes and time of the last change (seconds since 1970); `texts`, as path, text, mode and whether it is the owner's.
A stub is its head and a hole after it, so that nothing large is written.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any


def main(told: dict[str, Any]) -> None:
    """Put everything; ends with an error where something lies there already, or would lie elsewhere."""
    owner, root = told["owner"], Path(told["root"])
    for path, head, size, changed in told["stubs"]:
        parts = path.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise SystemExit(f"not a path below the root: {path!r}")
        for place in (root, *(root.joinpath(*parts[:end]) for end in range(1, len(parts)))):
            place.mkdir(exist_ok=True)
            own(place, owner)
        with root.joinpath(*parts).open("xb") as file:
            file.write(head.encode())
            file.truncate(max(size, file.tell()))
        own(root.joinpath(*parts), owner)
        os.utime(root.joinpath(*parts), (changed, changed))
    for path, text, mode, owned in told["texts"]:
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
        place.chmod(mode)
        for part in (place.parent, place) if owned else ():
            own(part, owner)


def own(path: Path, owner: str) -> None:
    """Make something the owner's."""
    if owner:
        shutil.chown(path, owner, owner)


if __name__ == "__main__":
    main(json.load(sys.stdin))
