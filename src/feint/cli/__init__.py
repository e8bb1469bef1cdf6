"""The command line."""

from feint.cli.app import app, main

__all__ = ["app", "main"]
