"""Reads configs (text, tables, overrides) into checked scenarios; keeps the place of every key.

What only sweeps and studies need is loaded when it is first used: a run starts without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskengine.config.load import load

if TYPE_CHECKING:
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

_HOMES = {
    "MitigationConfig": "riskengine.config.mitigation.load",
    "SweptConfig": "riskengine.config.sweeps.load",
    "WholeConfig": "riskengine.config.whole",
    "has_mitigation": "riskengine.config.whole",
    "has_sweep": "riskengine.config.sweeps.load",
    "load_mitigation": "riskengine.config.mitigation.load",
    "load_sweep": "riskengine.config.sweeps.load",
    "load_whole": "riskengine.config.whole",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'riskengine.config' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
