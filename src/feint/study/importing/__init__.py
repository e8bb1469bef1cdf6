"""Replies that other tools recorded, as the same Inspect logs that a study writes."""
