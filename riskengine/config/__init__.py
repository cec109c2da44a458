"""Configs: read text, tables and overrides into a checked scenario; track where each key stands."""

from riskengine.config.load import load
from riskengine.config.sweeps.load import SweptConfig, has_sweep, load_sweep

__all__ = ["SweptConfig", "has_sweep", "load", "load_sweep"]
