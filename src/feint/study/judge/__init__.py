"""Ask judges about finished replies."""
