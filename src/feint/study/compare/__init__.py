"""Subjects side by side: from the folders of several studies to one comparison, on a terminal and as a page."""
