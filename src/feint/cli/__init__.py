"""The command line."""

from feint.cli.app import main

__all__ = ["main"]
