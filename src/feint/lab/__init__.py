"""Training: planted organisms, and recipes."""
