"""From logs to findings and report."""
