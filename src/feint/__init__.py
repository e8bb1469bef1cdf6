"""Feint: does a language model fake alignment, and why?"""

from feint.base.version import __version__

__all__ = ["__version__"]
