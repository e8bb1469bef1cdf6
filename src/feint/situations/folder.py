"""The folder of the data files of this room."""

from importlib.resources import files

DATA = files("feint.situations") / "data"
