"""Measures how often the instrument is right on subjects of known motive: thousands simulated, some asked for real."""
