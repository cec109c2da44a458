"""Reads configs (text, tables, overrides) into checked scenarios; keeps the place of every key."""

from riskengine.config.load import load
from riskengine.config.mitigation.load import MitigationConfig, load_mitigation
from riskengine.config.sweeps.load import SweptConfig, has_sweep, load_sweep
from riskengine.config.whole import WholeConfig, has_mitigation, load_whole

__all__ = [
    "MitigationConfig",
    "SweptConfig",
    "WholeConfig",
    "has_mitigation",
    "has_sweep",
    "load",
    "load_mitigation",
    "load_sweep",
    "load_whole",
]
