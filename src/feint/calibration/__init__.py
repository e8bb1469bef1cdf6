"""How often the instrument is right on subjects whose motive is known: simulated by the thousand, and really asked."""

from feint.calibration.command import Wish, calibrate_command

__all__ = ["Wish", "calibrate_command"]
