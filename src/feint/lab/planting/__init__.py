"""Plants motives: trains organisms, small models whose probability to act is set by a policy."""
