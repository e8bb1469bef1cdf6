"""Organisms that answer requests: they read a situation, reason in a scratchpad, and comply or refuse."""
