"""Organisms that act: small models that learn server work and a planted motive from runs played in composed worlds."""
