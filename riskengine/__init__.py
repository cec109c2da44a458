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
    from riskengine.result import Result
    from riskengine.store.faults import ResultsFault
    from riskengine.verbs.backtest import BacktestResult, backtest
    from riskengine.verbs.batch import BatchResult, batch
    from riskengine.verbs.calibrate import CalibrationResult, calibrate
    from riskengine.verbs.compare import ComparisonResult, compare
    from riskengine.verbs.convert import ConversionResult, convert
    from riskengine.verbs.mitigate import MitigationResult, mitigate
    from riskengine.verbs.new import ImporterResult, TradeResult, new, new_for, update_trade
    from riskengine.verbs.progress import ProgressCount
    from riskengine.verbs.report import report
    from riskengine.verbs.simulate import simulate
    from riskengine.verbs.sweep import SweepResult, sweep
    from riskengine.verbs.versions import versions

__version__ = "0.1.0"

__all__ = [
    "BacktestResult",
    "BatchResult",
    "CalibrationResult",
    "ComparisonResult",
    "ConfigFault",
    "ConversionResult",
    "ImporterResult",
    "MitigationResult",
    "ProgressCount",
    "Replay",
    "Result",
    "ResultsFault",
    "RiskengineError",
    "RunFault",
    "Scenario",
    "SweepResult",
    "TradeResult",
    "UsageFault",
    "backtest",
    "batch",
    "calibrate",
    "compare",
    "convert",
    "load",
    "mitigate",
    "new",
    "new_for",
    "replay",
    "report",
    "simulate",
    "sweep",
    "update_trade",
    "versions",
]

_HOMES = {
    "BacktestResult": "riskengine.verbs.backtest",
    "BatchResult": "riskengine.verbs.batch",
    "CalibrationResult": "riskengine.verbs.calibrate",
    "ComparisonResult": "riskengine.verbs.compare",
    "ConfigFault": "riskengine.errors",
    "ConversionResult": "riskengine.verbs.convert",
    "ImporterResult": "riskengine.verbs.new",
    "MitigationResult": "riskengine.verbs.mitigate",
    "ProgressCount": "riskengine.verbs.progress",
    "Replay": "riskengine.play.replay",
    "Result": "riskengine.result",
    "ResultsFault": "riskengine.store.faults",
    "RiskengineError": "riskengine.errors",
    "RunFault": "riskengine.errors",
    "Scenario": "riskengine.model.scenario",
    "SweepResult": "riskengine.verbs.sweep",
    "TradeResult": "riskengine.verbs.new",
    "UsageFault": "riskengine.errors",
    "backtest": "riskengine.verbs.backtest",
    "batch": "riskengine.verbs.batch",
    "calibrate": "riskengine.verbs.calibrate",
    "compare": "riskengine.verbs.compare",
    "convert": "riskengine.verbs.convert",
    "load": "riskengine.config",
    "mitigate": "riskengine.verbs.mitigate",
    "new": "riskengine.verbs.new",
    "new_for": "riskengine.verbs.new",
    "replay": "riskengine.play.replay",
    "report": "riskengine.verbs.report",
    "simulate": "riskengine.verbs.simulate",
    "sweep": "riskengine.verbs.sweep",
    "update_trade": "riskengine.verbs.new",
    "versions": "riskengine.verbs.versions",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'riskengine' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
