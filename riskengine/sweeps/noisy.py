"""Finds figures that spread no wider over a sampled design than noise alone would."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from riskengine.model.notices import Notice
from riskengine.sweeps.designs import Design
from riskengine.sweeps.noise import LEVEL, chance_of, crossed, freed, is_exact, plain, repeated
from riskengine.sweeps.series import Floats, Series, SeriesKey, is_constant, listed
from riskengine.sweeps.tables import NoiseRow

CLEAR, CORRECTED, NOISE, UNKNOWN = "clear", "corrected", "noise", "unknown"
SMALL = 0.1  #: share of the variance that is noise, up to which there is no notice
MOST = 0.5  #: share of noise above which the rest is too small to divide into shares


def noise_of(series: Series, points: Sequence[int] | NDArray[np.int64]) -> NoiseRow:
    """How much of the spread of a figure over some points is noise.

    Parameters
    ----------
    series : Series
    points : sequence of int
        The points to use; those without a value are left out.

    Returns
    -------
    NoiseRow
        The noise of the points relative to each other: chance that affects all points equally is
        not part of it.
    """
    chosen = np.asarray(points, dtype=np.int64)
    known = chosen[np.isfinite(series.values[chosen])]
    parts = repeated(series.values[known], series.errors[known])
    parts = parts - np.mean(parts, axis=0)
    products = crossed(parts, parts) / max(1, len(known) - 1)
    if is_constant(series.values[known]):
        products = np.zeros_like(products)
    whole, free = float(plain(products)), float(freed(products))
    share = 0.0 if whole <= 0.0 or is_exact(products) else max(0.0, 1.0 - free / whole)
    if len(products) < 2:
        noise = share = math.nan
    else:
        noise = math.sqrt(max(0.0, share * whole))
    return NoiseRow(
        **series.key._asdict(),
        unit=series.unit,
        spread=math.sqrt(max(0.0, whole)),
        noise=noise,
        share=min(1.0, share),
        verdict=_verdict(products, share),
    )


def noise_rows(design: Design, series: Sequence[Series]) -> list[NoiseRow]:
    """The noise of every figure over the points of a sampled design; empty for other designs."""
    if not design.is_sampled:
        return []
    points = range(1, len(design.points) + 1)
    return [noise_of(each, points) for each in series if np.isfinite(each.values[1:]).sum() > 1]


def noise_notices(rows: Sequence[NoiseRow], trials: int) -> Iterator[Notice]:
    """Notices on how noise affects the indices and percentiles of a sweep."""
    words = {
        NOISE: (
            "noise-only",
            "Over the points, these figures spread hardly wider than the noise of {trials} trials "
            "explains, so that they have no indices and no percentiles: {names}. More trials at "
            "each point lower the noise.",
        ),
        CORRECTED: (
            "noisy-figure",
            "Of the variance over the points, more than {small:.0f} % is noise of {trials} trials "
            "in these figures: {names}. It is taken out of S1, ST, the sizes of moves and the "
            "percentiles; delta is left out. More trials at each point lower the noise.",
        ),
        UNKNOWN: (
            "noise-unknown",
            "One trial at each point does not tell chance from an effect: indices and percentiles "
            "hold for a scenario without chance only.",
        ),
    }
    for verdict, (code, message) in words.items():
        found = [_named(row) for row in rows if row.verdict == verdict]
        if found:
            text = message.format(trials=f"{trials:,}", names=listed(found), small=100.0 * SMALL)
            yield Notice(code=code, message=text)


def _named(row: NoiseRow) -> str:
    words = SeriesKey(row.scope, row.name, row.measure, row.level).words
    return f"{words} ({100.0 * row.share:.0f} %)" if row.verdict == CORRECTED else words


def _verdict(products: Floats, share: float) -> str:
    if math.isnan(share):
        return UNKNOWN
    if share == 0.0:
        return CLEAR
    if share > MOST or chance_of(products) > LEVEL:
        return NOISE
    return CORRECTED if share > SMALL else CLEAR
