"""Measures how often the instrument is right on subjects of known motive: thousands simulated, some asked for real."""

from feint.calibration.command import calibrate_command
from feint.calibration.options import CalibrationOptions

__all__ = ["CalibrationOptions", "calibrate_command"]
