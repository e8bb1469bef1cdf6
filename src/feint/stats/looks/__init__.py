"""Intervals that hold at every interim look, and rules for stopping early."""
