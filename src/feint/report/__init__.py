"""The kit of reports: words, numbers, tables, figures and pages; it knows no task."""
