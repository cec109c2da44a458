"""The figures of a run, computed once: all contents of the small files of its folder."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.figures.convergence import run_notices
from riskengine.figures.curves import CurveRow, curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.distribution import BinRow, PercentileRow, histogram, percentiles
from riskengine.figures.evidence import Evidence
from riskengine.figures.metrics import Figure, figures
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a run."""

    figures: list[Figure]
    curves: list[CurveRow]
    percentiles: list[PercentileRow]
    histogram: list[BinRow]
    notices: list[Notice]


def summarise(losses: Losses) -> Summary:
    """Compute all measures of a run, once.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative.
    """
    return summary_of(evidence_of(losses))


def summary_of(evidence: Evidence) -> Summary:
    """Compute all measures from the evidence of a run."""
    return Summary(
        figures=figures(evidence),
        curves=curves(evidence),
        percentiles=percentiles(evidence),
        histogram=histogram(evidence),
        notices=run_notices(evidence),
    )
