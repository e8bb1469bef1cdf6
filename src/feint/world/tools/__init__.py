"""The tools, a module per group. Each tool is a function of a world and arguments that gives a new world and an answer.

Their annotations and docstrings are what a model is told, so they say no more than a colleague would, and never what a
run is about. Any of them raises `WorldError` where it cannot do what is asked; then nothing has changed.
"""
