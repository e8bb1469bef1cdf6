"""Ask the model what the plan says, within a budget, until decided."""
