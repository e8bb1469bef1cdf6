"""Judges that are models, asked by rubrics."""
