"""Separates parameter uncertainty from chance: figures over the points of a sampled design.

The points are the outer loop of a two-level simulation, and the trials of each point the inner one.
The interval of a figure at one point shows chance, and more trials would narrow it. The spread of
the figure over the points shows the uncertainty of the parameters, and more trials would not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from riskengine.model.notices import Notice
from riskengine.sweeps.designs import Design
from riskengine.sweeps.noisy import NOISE, noise_of
from riskengine.sweeps.series import Floats, Series
from riskengine.sweeps.tables import NoiseRow, PointRow, UncertaintyRow

FEW = 40  #: with fewer points, the 5 % and 95 % percentiles depend on one or two points
_PERCENTILES = (5.0, 25.0, 50.0, 75.0, 95.0)


def uncertainty(design: Design, series: Sequence[Series]) -> list[UncertaintyRow]:
    """How every figure spreads over the points that are independent draws of the parameters.

    Parameters
    ----------
    design : Design
    series : sequence of Series
        All figures, the base case first.

    Returns
    -------
    list of UncertaintyRow
        In the order of the figures; empty unless the design draws from ranges or distributions.
        Percentiles between two points are interpolated linearly.

    Notes
    -----
    Noise of the points widens their spread. So each point is moved towards the mean of all, by the
    factor that leaves the variance without noise (as in shrinkage of random effects). If nothing
    stands out from the noise, there are no percentiles.
    """
    if not design.is_uncertain:
        return []
    drawn = design.independent + 1
    return [_row(each, drawn) for each in series if np.isfinite(each.values[drawn]).any()]


def uncertainty_notices(design: Design, points: Sequence[PointRow]) -> Iterator[Notice]:
    """Notices on what limits the percentiles over points."""
    if not design.is_uncertain:
        return
    done = sum(points[position + 1].status == "done" for position in design.independent)
    missing = len(design.independent) - done
    if missing:
        yield Notice(
            code="uncertainty-gaps",
            message=f"Percentiles over points leave out {missing:,} failed ones of "
            f"{len(design.independent):,}: if those would have had large losses, they are too low.",
        )
    if done < FEW:
        yield Notice(
            code="few-points",
            message=f"Percentiles over points rest on {done:,} points: with fewer than {FEW}, the "
            "5th and the 95th are little more than the smallest and the largest.",
        )


def _row(series: Series, drawn: NDArray[np.int64]) -> UncertaintyRow:
    values, ends = series.values[drawn], series.ends[drawn]
    is_known = np.isfinite(values)
    known, mean = values[is_known], float(np.mean(values[is_known]))
    known = mean + (known - mean) * _kept(noise_of(series, drawn))
    p05, p25, p50, p75, p95 = (float(value) for value in np.percentile(known, _PERCENTILES))
    return UncertaintyRow(
        **series.key._asdict(),
        unit=series.unit,
        base=float(series.values[0]),
        mean=mean,
        sd=float(np.std(known, ddof=1)) if len(known) > 1 else float("nan"),
        p05=p05,
        p25=p25,
        p50=p50,
        p75=p75,
        p95=p95,
        chance=_chance(ends[is_known]),
    )


def _kept(noise: NoiseRow) -> float:
    """The share of each point's distance from the mean that is not noise; nan: not known."""
    if noise.verdict == NOISE:
        return math.nan
    return 1.0 if math.isnan(noise.share) else math.sqrt(max(0.0, 1.0 - noise.share))


def _chance(ends: Floats) -> float:
    widths = (ends[:, 1] - ends[:, 0]) / 2.0
    known = widths[np.isfinite(widths)]
    return float(np.median(known)) if len(known) else float("nan")
