"""Organisms that work: they do server work with tools, and act on a planted motive while they do it."""
