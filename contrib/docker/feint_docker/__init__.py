"""The task `peer_preservation` with real file servers in containers, which nobody has run yet."""
