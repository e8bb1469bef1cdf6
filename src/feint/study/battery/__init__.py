"""The battery: one study of each task, planned, paid and resumed as a whole, and one card of all signatures."""
