"""People label replies; judges are compared with people and corrected by them."""
