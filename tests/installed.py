"""Imported before Inspect, which asks at each evaluation which packages are installed: .3 seconds each time.

What is installed does not change while tests run, so that they ask once.
"""

import importlib.metadata
from functools import cache

importlib.metadata.packages_distributions = cache(importlib.metadata.packages_distributions)
importlib.metadata.packages_distributions()  # processes forked from this one need not ask either
