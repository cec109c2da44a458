"""The distribution of the total loss: the rows of `percentiles.csv` and `histogram.csv`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from riskengine.figures.evidence import TOTAL, Evidence
from riskengine.measures.estimate import Estimate
from riskengine.measures.quantiles import CountedQuantiles

STEPS = tuple(step / 20 for step in range(1, 20))  #: shares of trials: every 5 %
TAIL = (0.99, 0.995)  #: further shares that are always there
MOST_BINS = 25  #: between no loss and the last bin, which is open
_REACH = 0.995  #: bins of equal width cover this share of the trials
_LEAST = 1e-300  #: width; smaller numbers have fewer digits
_ROUND = (1, 2, 5)  #: leading figures of a width


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentileRow:
    """The loss that a share of the trials does not exceed, with its 95 % interval."""

    probability: float  #: share of the trials; 0: the smallest loss, 1: the largest
    loss: float  #: that this share of the trials does not exceed
    lower: float  #: nan for the smallest and the largest loss
    upper: float  #: nan also where the sample does not reach far enough


@dataclass(frozen=True, slots=True, kw_only=True)
class BinRow:
    """The trials whose loss is more than `low` and at most `high`."""

    low: float  #: 0 for the first row, which holds the trials without a loss
    high: float  #: nan for the last row, which has no upper end
    trials: int  #: in the bin
    share: float  #: of all trials, by their weight

    @property
    def is_no_loss(self) -> bool:
        return self.high == 0.0


def percentiles(evidence: Evidence) -> list[PercentileRow]:
    """The total loss at every 5 %, at 99 and 99.5 %, and at the confidence levels of the run.

    A percentile is VaR at the same level, by the same definition.
    """
    losses = evidence.loss(TOTAL).quantiles
    levels = sorted({*STEPS, *TAIL, *evidence.scenario.run.levels})
    smallest, largest = Estimate.alone(losses.var(0.0).value), Estimate.alone(losses.largest)
    found = [(0.0, smallest), *((level, losses.var(level)) for level in levels), (1.0, largest)]
    return [
        PercentileRow(probability=p, loss=loss.value, lower=loss.lower, upper=loss.upper)
        for p, loss in found
    ]


def histogram(evidence: Evidence) -> list[BinRow]:
    """Every trial by its total loss: none, bins of one round width, and one above them.

    There is no bin above if no trial has a larger loss, and no other bin if no trial has a loss.
    """
    losses = evidence.loss(TOTAL).quantiles
    reach = losses.var(_REACH).value or losses.largest
    edges = [0.0, *bin_edges(reach)]
    if losses.largest > edges[-1]:
        edges.append(math.inf)
    return list(_bins(losses, edges))


def _bins(losses: CountedQuantiles, edges: Sequence[float]) -> Iterator[BinRow]:
    upto = [losses.upto(edge) for edge in edges]
    yield BinRow(low=0.0, high=0.0, trials=upto[0][0], share=upto[0][1])
    for (low, high), (below, above) in zip(pairwise(edges), pairwise(upto), strict=True):
        yield BinRow(
            low=low,
            high=high if math.isfinite(high) else math.nan,
            trials=above[0] - below[0],
            share=above[1] - below[1],
        )


def bin_edges(reach: float) -> list[float]:
    """The upper ends of bins of equal width that reach a loss; none for a reach of 0.

    The width is 1, 2 or 5 times a power of ten, the least that gives at most 25 bins.

    >>> bin_edges(7.0)[:3], bin_edges(7.0)[-1], bin_edges(0.6)[-1], bin_edges(0.0)
    ([0.5, 1.0, 1.5], 7.0, 0.6, [])
    """
    if not reach > 0.0:
        return []
    exponent = math.floor(math.log10(max(reach / MOST_BINS, _LEAST)))
    widths = ((figure, exponent + up) for up in (0, 1) for figure in _ROUND)
    for figure, power in widths:
        # From a text: 3 * 0.1 would be 0.30000000000000004.
        edges = [float(f"{figure * k}e{power}") for k in range(1, MOST_BINS + 1)]
        if edges[-1] >= reach:
            return edges[: next(k for k, edge in enumerate(edges, 1) if edge >= reach)]
    raise ValueError(f"no bins reach {reach}")  # cannot happen: ten times the exponent does
