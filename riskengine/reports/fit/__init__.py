"""Reports of a calibration."""
