"""The version of the package."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("feint")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0+source"
