"""Quantile functions of all families, in one form: the sampler of everything random in a trial.

Each quantity is a monotone transform of one uniform, so that draws shared between scenarios stay
shared whatever else changes. Families without a closed quantile (gamma, beta, pert) come as
tables of polynomials made by `riskengine.model.tabulate`.
"""

from __future__ import annotations

import math

import numpy as np

from riskengine.kernel.arithmetic import exp, log, minus_log_complement, normal_quantile, power
from riskengine.kernel.compiled import called, compiled

CONSTANT = 0
EXPONENTIAL = 1
LOGNORMAL = 2
WEIBULL = 3
LOGLOGISTIC = 4
PARETO = 5
UNIFORM = 6
TRIANGULAR = 7
EMPIRICAL = 8
TABULATED = 9
RESCALED = 10

CLOSED_FORMS = {  #: codes of the families whose quantile has a closed form
    "constant": CONSTANT,
    "exponential": EXPONENTIAL,
    "lognormal": LOGNORMAL,
    "weibull": WEIBULL,
    "loglogistic": LOGLOGISTIC,
    "pareto": PARETO,
    "uniform": UNIFORM,
    "triangular": TRIANGULAR,
}

# Shape of a table: both halves of the distribution, octaves of the tail probability, halves of an
# octave, coefficients of the polynomial in each. 96 octaves reach probabilities of 6e-30: enough
# for the smallest uniform in a truncation to 1e-12 of the mass, the least that a config allows.
OCTAVES = 96
CELLS = 2
COEFFICIENTS = 12
TABLE_SIZE = 2 * OCTAVES * CELLS * COEFFICIENTS

# A rescaled table has a head: mass and power of the lower part, then of the upper one.
HEAD = 4

_LOWEST = 2.0 ** -(OCTAVES + 1)
_BELOW_HALF = 0.49999999999999994
_MANTISSA = 0x000FFFFFFFFFFFFF
_ONE = 0x3FF0000000000000


@compiled
def _tabulated(grid, first, below, above):
    """exp of the piecewise polynomial at this probability: log-quantile on dyadic cells."""
    in_lower_half = below <= above
    p = min(max(below if in_lower_half else above, _LOWEST), _BELOW_HALF)
    bits = np.float64(p).view(np.int64)
    octave = -2 - ((bits >> 52) - 1023)
    mantissa = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    cell = 1 if mantissa >= 1.5 else 0
    x = 4.0 * (mantissa - 1.0 - 0.5 * cell) - 1.0
    row = octave if in_lower_half else octave + OCTAVES
    start = first + (row * CELLS + cell) * COEFFICIENTS
    even = grid[start + COEFFICIENTS - 2]
    odd = grid[start + COEFFICIENTS - 1]
    square = x * x
    for j in range(COEFFICIENTS - 4, -1, -2):  # two independent chains halve the latency
        even = grid[start + j] + square * even
        odd = grid[start + j + 1] + square * odd
    return exp(even + x * odd)


@called
def _rescaled(grid, first, below, above):
    """Quantile from a table whose cells divide v = (p / mass)^power / 2 in place of p.

    Where a shape is far below 1, the values in most octaves of the probability are 0 for all
    purposes, and all others lie in a narrow part of one cell; v stretches that part. Below the
    lowest octave the quantile is proportional to v.
    """
    if below <= grid[first]:
        v = 0.5 * power(below / grid[first], grid[first + 1])
        return _tabulated(grid, first + HEAD, v, 1.0) * min(v / _LOWEST, 1.0)
    v = 0.5 * power(max(above, 1e-300) / grid[first + 2], grid[first + 3])
    return _tabulated(grid, first + HEAD, 1.0, v)


@compiled
def _empirical(grid, first, count, below):
    """First value whose cumulative weight reaches the probability."""
    i = 0
    while i < count - 1 and grid[first + count + i] < below:
        i += 1
    return grid[first + i]


@called
def random_quantile(d, grid, u):
    """Quantile at `u` of a distribution that is not constant."""
    p = max(d.origin + d.span * (1.0 - u if d.upper == 1 else u), 1e-300)
    below = 1.0 - p if d.upper == 1 else p
    above = p if d.upper == 1 else 1.0 - p
    if d.family == LOGNORMAL:
        z = normal_quantile(below) if below <= 0.5 else -normal_quantile(above)
        x = exp(d.a + d.b * z)
    elif d.family == UNIFORM:
        width = d.b - d.a
        x = d.a + width * below if below <= 0.5 else d.b - width * above
    elif d.family == TRIANGULAR:
        width = d.c - d.a
        if below * width <= d.b - d.a:
            x = d.a + math.sqrt(below * width * (d.b - d.a))
        else:
            x = d.c - math.sqrt(above * width * (d.c - d.b))
    elif d.family == LOGLOGISTIC:
        x = d.a * power(below / above, 1.0 / d.b)
    elif d.family == EMPIRICAL:
        x = _empirical(grid, d.first, d.count, below)
    elif d.family == TABULATED:
        x = d.a + d.b * _tabulated(grid, d.first, below, above)
    elif d.family == RESCALED:
        x = d.a + d.b * _rescaled(grid, d.first, below, above)
    else:
        hazard = minus_log_complement(below) if below <= 0.5 else -log(above)
        if d.family == EXPONENTIAL:
            x = d.a * hazard
        elif d.family == WEIBULL:
            x = d.b * power(hazard, 1.0 / d.a)
        else:
            x = d.a * exp(hazard / d.b)
    return min(max(x, d.minimum), d.maximum) - d.shift


@compiled
def quantile(distributions, grid, k, u):
    """Quantile of distribution `k` at `u` in (0, 1)."""
    if distributions[k].family == CONSTANT:
        return distributions[k].a
    return random_quantile(distributions[k], grid, u)
