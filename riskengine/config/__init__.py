"""Configs: text, tables and command line to a checked scenario, keeping the place of every key."""

from riskengine.config.load import load
from riskengine.config.sweep import SweptConfig, load_sweep

__all__ = ["SweptConfig", "load", "load_sweep"]
