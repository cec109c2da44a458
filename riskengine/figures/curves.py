"""The rows of `curves.csv`: exceedance curves of the total, the industries and the materials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskengine.figures.metrics import Series, column
from riskengine.measures.curves import exceedance_curve
from riskengine.measures.sample import Sample
from riskengine.model.losses import Losses


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveRow:
    """One point of one exceedance curve, with the 95 % interval of the loss."""

    scope: str  #: total, industry or material
    name: str  #: empty for the total
    type: str  #: AEP (loss over the horizon) or OEP (largest spell)
    return_period: float  #: years
    probability: float  #: of exceedance within the horizon
    loss: float
    lower: float
    upper: float  #: nan where the sample does not reach far enough


def curves(losses: Losses) -> list[CurveRow]:
    """All exceedance curves of a run: AEP and OEP of the total, AEP of its parts.

    The largest spell is known for the total only, so there is no OEP curve by industry.
    """
    rows = list(_curve(losses, "total", "", "AEP", losses.total))
    rows += _curve(losses, "total", "", "OEP", losses.largest_spell)
    for index, name in enumerate(losses.scenario.industries):
        rows += _curve(losses, "industry", name, "AEP", column(losses.industry_loss, index))
    for index, name in enumerate(losses.scenario.materials):
        rows += _curve(losses, "material", name, "AEP", column(losses.material_loss, index))
    return rows


def _curve(losses: Losses, scope: str, name: str, kind: str, series: Series) -> Iterator[CurveRow]:
    for point in exceedance_curve(Sample.of(series), losses.horizon_days):
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
