"""Judges that read a reply by rule."""
