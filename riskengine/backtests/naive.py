"""Naive forecasters: predictions that need no model, made on the day of the case.

*Constant duration*: the flow stays near zero, then slow, for the median times of the past episodes
known on the day, and is normal afterwards. It knows past flows and forecasts flows only. *Today's
level* (persistence): everything stays as it is on the day. No output is lost on that day, so it
forecasts that none ever is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from riskengine.backtests.cases import Case
from riskengine.backtests.inside import NEAR_NORMAL, NEAR_ZERO
from riskengine.backtests.quantities import Quantity
from riskengine.fits.episodes import EpisodeTable, as_known
from riskengine.fits.kaplan_meier import kaplan_meier
from riskengine.fits.observing import FLOW, observe
from riskengine.model.scenario import Dispute, Material, Scenario

CONSTANT, PERSISTENCE = "constant duration", "today's level"
FORECASTERS = (CONSTANT, PERSISTENCE)

_LIKELY = 0.5  #: a material counts as covered if an episode covers it with this chance


@dataclass(frozen=True, slots=True)
class PastFlow:
    """Median durations of the past episodes known on a day; nan if there are none."""

    near_zero_days: float
    slow_days: float


def past_flow(table: EpisodeTable, as_of: str) -> PastFlow:
    """Kaplan-Meier medians of the table as it was known on a day.

    Episodes that start later are left out. Those still in force on the day are censored there.
    """
    known = observe(as_known(table, date.fromisoformat(as_of)), FLOW)
    return PastFlow(*(kaplan_meier(each.durations).median().value for each in known))


def naive_forecast(forecaster: str, case: Case, quantity: Quantity) -> float | None:
    """A naive forecaster's prediction of a quantity.

    Parameters
    ----------
    forecaster : str
        One of `FORECASTERS`.

    Returns
    -------
    float or None
        `inf` for a day that does not come within the horizon; None if it makes no prediction.
    """
    horizon = case.scenario.run.horizon_days
    today = None
    if quantity.scope == "material":
        today = _today(case.scenario, case.scenario.materials[quantity.name])
    if forecaster == PERSISTENCE:
        figure = _LASTING.get(quantity.key) if today else None
        found = figure(today, horizon) if figure and today else _untouched(quantity)
    elif today is None or case.past is None or quantity.key not in _ENDING:
        return None
    else:
        found = _ENDING[quantity.key](today, case.past)
    if math.isnan(found):
        return None
    if quantity.figure.is_day:
        return found if found <= horizon else math.inf
    return min(found, horizon) if quantity.key in _ENDING else found


class _Today(NamedTuple):
    """A material's flow on the day."""

    cut: float  #: mean share of the flow that the level of the day blocks
    elapsed_days: float  #: already spent on the level

    @property
    def is_near_zero(self) -> bool:
        return self.cut >= NEAR_ZERO

    @property
    def is_slow(self) -> bool:
        return NEAR_NORMAL < self.cut < NEAR_ZERO


def _today(scenario: Scenario, material: Material) -> _Today:
    """The deepest cut by any dispute on the day."""
    cuts = [_Today(0.0, 0.0)]
    for dispute in scenario.disputes.values():
        level = _level(dispute, material, scenario)
        if dispute.active and level in material.cut:
            cuts.append(_Today(material.cut[level].mean(), dispute.active.elapsed_days))
    return max(cuts)


def _level(dispute: Dispute, material: Material, scenario: Scenario) -> str:
    """The level of a dispute for a material; empty if the dispute does not affect it."""
    if dispute.active is None or dispute.target != material.importer:
        return ""
    if dispute.coercer not in material.sources:
        return ""
    covered = dispute.active.materials
    if covered is None:
        return dispute.active.level if material.coverage >= _LIKELY else ""
    is_covered = any(scenario.materials.get(name) is material for name in covered)
    return dispute.active.level if is_covered else ""


def _near_zero(today: _Today, past: PastFlow) -> float:
    return max(past.near_zero_days - today.elapsed_days, 0.0) if today.is_near_zero else 0.0


def _back(today: _Today, past: PastFlow) -> float:
    """The day on which the flow is normal again."""
    if today.is_near_zero:
        return _near_zero(today, past) + past.slow_days
    return max(past.slow_days - today.elapsed_days, 0.0) if today.is_slow else 0.0


def _untouched(quantity: Quantity) -> float:
    """A prediction of no loss, and of no day on which one begins."""
    return math.inf if quantity.figure.is_day else 0.0


_ENDING: Mapping[str, Callable[[_Today, PastFlow], float]] = {
    "near_zero_days": _near_zero,
    "normal_day": _back,
    "cut_days": _back,
}
_LASTING: Mapping[str, Callable[[_Today, float], float]] = {
    "near_zero_days": lambda today, horizon: horizon if today.is_near_zero else 0.0,
    "normal_day": lambda today, horizon: math.inf if today.cut > NEAR_NORMAL else 0.0,
    "cut_days": lambda today, horizon: horizon if today.cut > 0.0 else 0.0,
}
