"""From options to a frozen plan: settle defaults, size, cost."""
