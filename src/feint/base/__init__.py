"""Shared basics that know nothing of the project: errors, data files, hashes, progress."""
