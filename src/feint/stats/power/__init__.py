"""Power: the effects a study can see, and the size that it needs."""
