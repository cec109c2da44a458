"""The draw of a decision under one-factor dependence (section 2 of the model).

A decision has the normal score z = sqrt(rho) * Z + sqrt(1 - rho) * e, where Z is the score of a
common draw and e that of its own draw. At rho 0 or 1 a decision uses one of the two uniforms
unchanged: a `draw` is a uniform where rho is 0 or 1, and a score in between. Flattening has put the
thresholds on the same scale, so that most decisions need no normal distribution function.
"""

from __future__ import annotations

import numpy as np

from riskengine.kernel.arithmetic import exp, normal_cdf, normal_quantile
from riskengine.kernel.compiled import compiled
from riskengine.kernel.quantiles import CONSTANT, LOGNORMAL, random_quantile

_CELLS = 256
_MARGIN = 1e-12  # far above the error of a score
_LOWER_BOUNDS = np.array(
    [-np.inf] + [normal_quantile(cell / _CELLS) - _MARGIN for cell in range(1, _CELLS)]
)
_UPPER_BOUNDS = np.append(_LOWER_BOUNDS[1:] + 2.0 * _MARGIN, np.inf)
_SMALLEST = 1.1102230246251565e-16
LARGEST = 0.9999999999999999  #: the largest uniform that any transform may give


@compiled
def common_draw(uniform, factor):
    """The systemic part of draws with this factor: a score if 0 < rho < 1, else the uniform."""
    return normal_quantile(uniform) if 0.0 < factor.rho < 1.0 else uniform


@compiled
def dependent(own, common, factor):
    """The draw that combines an own uniform with the systemic part."""
    if factor.rho == 0.0:
        return own
    if factor.rho == 1.0:
        return common
    return factor.common * common + factor.own * normal_quantile(own)


@compiled
def score_bounds(own, common_part, own_weight):
    """Bounds of common_part + own_weight * (score of `own`) as floating point computes it.

    Two loads from a table of the normal quantile cost far less than the quantile itself, and settle
    most comparisons. Rounding is monotone, so bounds of a score also bound the computed result.
    """
    cell = np.uint64(own * _CELLS)
    low = common_part + own_weight * _LOWER_BOUNDS[cell]
    return low, common_part + own_weight * _UPPER_BOUNDS[cell]


@compiled
def exceeds(own, common, factor, threshold):
    """Whether the draw of an own uniform and the systemic part is above a threshold."""
    if 0.0 < factor.rho < 1.0:
        low, high = score_bounds(own, factor.common * common, factor.own)
        if low > threshold:
            return True
        if high <= threshold:
            return False
    return dependent(own, common, factor) > threshold


@compiled
def _uniform_of(score):
    """The uniform of a normal score, strictly within (0, 1)."""
    return min(max(normal_cdf(score), _SMALLEST), LARGEST)


@compiled
def as_uniform(draw, factor):
    """The uniform of a draw, strictly within (0, 1)."""
    if factor.rho == 0.0 or factor.rho == 1.0:
        return draw
    return _uniform_of(draw)


@compiled
def tilted(draw, factor, tilt, likelihood):
    """A systemic draw shifted towards worse outcomes; adds log(likelihood ratio) to `likelihood`.

    Its score is drawn from a normal distribution with mean `tilt` instead of 0. This makes the
    score exp(tilt * score - tilt**2 / 2) times as likely as without the tilt.
    """
    if factor.rho == 0.0:
        return draw
    score = (draw if factor.rho < 1.0 else normal_quantile(draw)) + tilt
    likelihood[0] += tilt * (0.5 * tilt - score)
    return score if factor.rho < 1.0 else _uniform_of(score)


@compiled
def quantile_at(distributions, grid, k, draw, factor):
    """Quantile of distribution `k` at a draw."""
    d = distributions[k]
    if d.family == CONSTANT:
        return d.a
    if d.family == LOGNORMAL and d.span == 1.0 and 0.0 < factor.rho < 1.0:
        return exp(d.a + d.b * draw)  # not conditioned: its logarithm is linear in the score
    return random_quantile(d, grid, as_uniform(draw, factor))
