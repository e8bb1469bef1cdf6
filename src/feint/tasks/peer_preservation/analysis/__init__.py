"""What was done in runs, as tables and estimates."""
