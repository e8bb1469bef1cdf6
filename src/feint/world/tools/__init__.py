"""The tools, a module for each group. A tool takes a world and arguments, and gives a new world and an answer.

Models read the annotations and docstrings of the tools, and `data/arguments.yaml`. The texts therefore say no more
than a colleague would, and never name the question of a study. A tool that cannot do the requested work raises
`WorldError` and changes nothing.
"""
