"""Work of libraries whose result is the same at each test, or seen by nobody. Imported before Inspect.

Each takes 10 to 300 milliseconds, at each of several hundred evaluations.
"""

import importlib.metadata
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console

# Inspect asks at each evaluation which packages are installed.
importlib.metadata.packages_distributions = cache(importlib.metadata.packages_distributions)
importlib.metadata.packages_distributions()  # processes forked from this one need not ask either

# And whether it runs in a notebook: importing what is not there fails as before, without a search.
if importlib.util.find_spec("IPython") is None:
    sys.modules["IPython"] = None  # type: ignore[assignment]

# HTTP clients read all certificates that the system trusts; every server of the tests is reached without.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)

_print = Console.print


def _print_if_seen(self: Console, *objects: Any, **how: Any) -> None:
    """Do not lay out what a quiet console drops, as Inspect's table of tasks."""
    if not self.quiet or self.record:
        _print(self, *objects, **how)


Console.print = _print_if_seen  # type: ignore[method-assign]
