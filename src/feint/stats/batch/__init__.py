"""Many simulated studies at once."""
