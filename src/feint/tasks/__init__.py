"""The tasks: a folder each, found by its place or by an entry point of an installed package."""
