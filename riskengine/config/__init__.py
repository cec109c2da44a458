"""Reads configs (text, tables, overrides) into checked scenarios; keeps the place of every key."""

from riskengine.config.load import load
from riskengine.config.sweeps.load import SweptConfig, has_sweep, load_sweep

__all__ = ["SweptConfig", "has_sweep", "load", "load_sweep"]
