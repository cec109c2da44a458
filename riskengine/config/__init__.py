"""Configs: text, tables and command line to a checked scenario, keeping the place of every key."""

from riskengine.config.load import load

__all__ = ["load"]
