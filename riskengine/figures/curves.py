"""The rows of `curves.csv`: exceedance curves of the total, the industries and the materials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Evidence
from riskengine.measures.curves import exceedance_curve
from riskengine.measures.quantiles import Quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveRow:
    """One point of one exceedance curve, with the 95 % interval of the loss."""

    scope: str  #: total, industry or material
    name: str  #: empty for the total
    type: str  #: AEP (loss over the horizon) or OEP (largest spell)
    return_period: float  #: years
    probability: float  #: of exceedance within the horizon
    loss: float  #: at that return period
    lower: float
    upper: float  #: nan if the sample does not reach far enough


def curves(evidence: Evidence) -> list[CurveRow]:
    """All exceedance curves of a run: AEP and OEP of the total, AEP of its parts.

    The largest spell is known only for the total, so there is no OEP curve by industry.
    """
    horizon, scenario = evidence.horizon_days, evidence.scenario
    rows = list(curve_rows(horizon, TOTAL, "", "AEP", evidence.loss(TOTAL).quantiles))
    rows += curve_rows(horizon, TOTAL, "", "OEP", evidence.largest_spell())
    for scope, names in ((INDUSTRY, scenario.industries), (MATERIAL, scenario.materials)):
        for index, name in enumerate(names):
            rows += curve_rows(horizon, scope, name, "AEP", evidence.loss(scope, index).quantiles)
    return rows


def curve_rows(
    horizon_days: float, scope: str, name: str, kind: str, losses: Quantiles
) -> Iterator[CurveRow]:
    """The points of one curve; `kind` is AEP or OEP."""
    for point in exceedance_curve(losses, horizon_days):
        value, lower, upper = (end + 0.0 for end in point.loss)
        yield CurveRow(
            scope=scope,
            name=name,
            type=kind,
            return_period=point.return_period,
            probability=point.probability,
            loss=value,
            lower=lower,
            upper=upper,
        )
