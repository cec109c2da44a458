"""Quantiles and tail means: the one definition of a quantile in the project."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from riskengine.measures.estimate import Estimate
from riskengine.measures.ranked import Excess, Ranked
from riskengine.measures.sample import NORMAL_975
from riskengine.measures.shape import Shape

_ROUNDING = 1e-9  #: n p is a whole number more often than its floating-point product
_HALF_ALPHA = 0.025
_SPREADS = (
    10.0  #: standard deviations, beyond which a binomial variable has no probability to speak of
)
_TIE = 1e-12  #: share by which a sum of probabilities may be below what it is in truth


def quantile_rank(n: int, level: float) -> int:
    """Rank of VaR among n losses in ascending order, 1-based: ceil(n p), at least the first.

    >>> quantile_rank(1000, 0.995)
    995
    """
    return min(n, max(1, math.ceil(n * level - _ROUNDING)))


def var(sample: Ranked, level: float) -> Estimate:
    """Value at risk: the smallest loss not exceeded with probability `level`.

    Notes
    -----
    The interval is exact for any distribution (order statistics; conservative where losses are
    tied): see `interval_ranks`. Losses cannot be negative, so a missing lower rank is a loss of
    0; a missing upper rank means that the sample does not reach far enough, and is nan.
    """
    n = len(sample)
    lower, upper = interval_ranks(n, level)
    return Estimate(
        sample.at(quantile_rank(n, level)),
        sample.at(lower) if lower >= 1 else 0.0,
        sample.at(upper) if upper <= n else math.nan,
    )


def tvar(sample: Ranked, level: float) -> Estimate:
    """Tail value at risk: the mean of the worst share `1 - level` of the trials.

    Notes
    -----
    With v = VaR, TVaR = v + sum (x - v)+ / (n (1 - p)): the formula of Acerbi and Tasche (2002),
    which counts just as many of the losses tied at v as fill the tail, so that it is right
    with atoms. Its asymptotic variance is that of v + (X - v)+ / (1 - p), divided by n: to first
    order the error of v itself cancels. What is left is the mean of a rare amount, the excess over
    v. Its interval is that of `riskengine.measures.shape`, which is wider if few trials lie in the
    tail. If the interval of VaR has no upper end, or the excesses seen tell less than five equal
    ones would, the tail is not in the sample: the upper end is nan and the lower end is that of
    VaR. There is no interval if every loss is 0.
    """
    quantile = var(sample, level)
    n, size = len(sample), tail_size(len(sample), level)
    excess = sample.excess(quantile.value)
    total = excess.total()
    value = quantile.value + total / size
    if value == 0.0:
        return Estimate.alone(value)
    if math.isnan(quantile.upper) or n < 2:
        return Estimate(value, quantile.lower, math.nan)
    if total == 0.0:
        return Estimate(value, value, value)
    shape = _shape_of(excess, n)
    ends = shape.ends()
    if ends is None:
        margin = _margin(shape, size)
        return Estimate(value, max(0.0, value - margin), value + margin)
    lower, upper = (quantile.value + end * n / size for end in ends)
    if math.isnan(upper):
        return Estimate(value, quantile.lower, upper)
    return Estimate(value, max(0.0, lower), upper)


def tvar_error(sample: Ranked, level: float) -> float:
    """Standard error of TVaR, from its asymptotic variance; nan for one trial."""
    n, size = len(sample), tail_size(len(sample), level)
    excess = sample.excess(sample.at(quantile_rank(n, level)))
    return _margin(_shape_of(excess, n), size) / NORMAL_975 if n > 1 else math.nan


def _margin(excess: Shape, size: float) -> float:
    """Half the width of the interval of TVaR by its standard error."""
    n = excess.n
    return NORMAL_975 * math.sqrt(excess.squares / (n - 1)) * math.sqrt(n) / size


def _shape_of(excess: Excess, n: int) -> Shape:
    """The shape of the excess over a threshold of all n trials, most of which have none."""
    centre = excess.total() / n
    others = n - excess.number()
    squares = excess.squares_about(centre) + others * centre * centre
    if squares == 0.0:
        return Shape(n, centre, 0.0, 0.0)
    scale = math.sqrt(squares / n)
    cubes = excess.cubes_about(centre, scale) - others * (centre / scale) ** 3
    return Shape(n, centre, squares, cubes / n)


def tail_size(n: int, level: float) -> float:
    """How many of n trials make up the tail beyond a level: n (1 - p), seldom a whole number."""
    return n * (1.0 - level)


@lru_cache(maxsize=256)
def interval_ranks(n: int, level: float) -> tuple[int, int]:
    """Ranks whose order statistics enclose the quantile with at least 95 % confidence.

    Returns
    -------
    tuple of int
        1-based ranks (lower, upper); 0 and n + 1 stand for "beyond the sample".

    Notes
    -----
    The number of losses up to the true quantile is Binomial(n, p). The lower rank l is the
    largest with P(B < l) <= 2.5 %, the upper rank u the smallest with P(B >= u) <= 2.5 %
    (David and Nagaraja, Order Statistics, 7.1).
    """
    lower = _binomial_quantile(n, level, _HALF_ALPHA)
    upper = _binomial_quantile(n, level, 1.0 - _HALF_ALPHA) + 1
    return lower, upper


def _binomial_quantile(n: int, level: float, probability: float) -> int:
    """The smallest k with P(Binomial(n, level) <= k) >= probability.

    Notes
    -----
    The probabilities around the mean are summed, each from the one before by their ratio
    (n - k) / (k + 1) level / (1 - level). Those left out are below 1e-20 of the whole. A run needs
    nothing else of scipy.special, whose import takes a tenth of the time of a whole run.
    """
    if level <= 0.0:
        return 0
    mean = n * level
    reach = _SPREADS * math.sqrt(mean * (1.0 - level)) + _SPREADS**2
    low, high = max(0, math.floor(mean - reach)), min(n, math.ceil(mean + reach))
    k = np.arange(low, high, dtype=np.float64)
    ratios = np.log((n - k) / (k + 1.0)) + math.log(level / (1.0 - level))
    logs = np.concatenate([[0.0], np.cumsum(ratios)])
    up_to = np.cumsum(np.exp(logs - logs.max()))
    return low + int(up_to.searchsorted(probability * (1.0 - _TIE) * up_to[-1]))
