"""Imported before Inspect, which looks up what never changes while tests run at each evaluation anew.

Which packages are installed (.3 seconds each time), and whether one is that is not.
"""

import importlib.metadata
import importlib.util
import sys
from functools import cache

importlib.metadata.packages_distributions = cache(importlib.metadata.packages_distributions)
importlib.metadata.packages_distributions()  # processes forked from this one need not ask either
if importlib.util.find_spec("IPython") is None:
    sys.modules["IPython"] = None  # type: ignore[assignment]  # importing it fails as before, without a search
