"""riskengine: what export bans on critical materials can cost, by Monte Carlo.

The public names are loaded when they are first used, so that the command line starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskengine.config import load
    from riskengine.errors import ConfigFault, RiskengineError, RunFault, UsageFault
    from riskengine.model.scenario import Scenario
    from riskengine.play.replay import Replay, replay
    from riskengine.result import Result, simulate

__version__ = "0.1.0"

__all__ = [
    "ConfigFault",
    "Replay",
    "Result",
    "RiskengineError",
    "RunFault",
    "Scenario",
    "UsageFault",
    "load",
    "replay",
    "simulate",
]

_HOMES = {
    "ConfigFault": "riskengine.errors",
    "Replay": "riskengine.play.replay",
    "Result": "riskengine.result",
    "RiskengineError": "riskengine.errors",
    "RunFault": "riskengine.errors",
    "Scenario": "riskengine.model.scenario",
    "UsageFault": "riskengine.errors",
    "load": "riskengine.config",
    "replay": "riskengine.play.replay",
    "simulate": "riskengine.result",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'riskengine' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
