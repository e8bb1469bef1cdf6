"""Tables and estimates of the behaviour in runs."""
