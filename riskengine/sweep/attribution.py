"""What share of the spread of a figure each parameter explains: SALib's indices of sampled designs.

All of these say how a figure spreads over the points of a design. That the figure is itself an
estimate from trials is no part of them: points share their draws, so that it moves little between
points.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.sweep.designs import Design
from riskengine.sweep.series import Floats
from riskengine.sweep.tornado import Index

FEWEST_ROWS = 8  #: of the base sample of a Saltelli design: fewer cannot be resampled
FEWEST_TRAJECTORIES = 2  #: of a Morris design: one has no spread
FEWEST_POINTS = 30  #: for indices from given data
_SEED = 1  #: of resampling, so that the same figures give the same intervals
_RESAMPLES = 100
_FEW_RESAMPLES = {"S1": 50, "delta": 20}  #: milliseconds each; margins good to a tenth, to a sixth
_GRID = 100  #: places at which densities are compared
_TIED = 0.25  #: share of points with one and the same value above which there is no density

Indices = list[list[Index]]  #: of each parameter


def sobol_indices(design: Design, values: Floats) -> Indices:
    """First-order and total indices by the estimators of Saltelli et al. (2010).

    Parameters
    ----------
    design : Design
        A Saltelli design of k parameters.
    values : ndarray, shape (N (k + 2),)
        Of its points, none missing and not all the same.

    Returns
    -------
    list of list of Index
        `S1`, the share of the variance that the parameter explains alone, and `ST`, that share with
        all it does together with others. Intervals by resampling the N rows; they take the rows
        for independent, which those of a Sobol sequence are better than, and so are rather wide.
    """
    from SALib.analyze import sobol

    found = sobol.analyze(
        design.problem,
        _unit(values),
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        seed=_SEED,
    )
    return [
        [Index(name, _within(found[name][k], found[f"{name}_conf"][k])) for name in ("S1", "ST")]
        for k in range(len(design.parameters))
    ]


def morris_indices(design: Design, values: Floats) -> Indices:
    """Means and spread of elementary effects (Morris 1991; Campolongo et al. 2007).

    An elementary effect is a change of the figure while one parameter moves, scaled to its whole
    range. `mu` is the mean of them, `mu_star` that of their sizes, with an interval by resampling
    trajectories; `sigma` is their standard deviation, 0 where the effect is the same wherever the
    others stand and the parameter starts from.
    """
    from SALib.analyze import morris

    found = morris.analyze(
        design.problem,
        design.matrix,
        values,
        num_resamples=_RESAMPLES,
        num_levels=design.levels,
        seed=_SEED,
    )
    return [
        [
            Index("mu", Estimate.alone(float(found["mu"][k]))),
            Index("mu_star", _within(found["mu_star"][k], found["mu_star_conf"][k])),
            Index("sigma", Estimate.alone(float(found["sigma"][k]))),
        ]
        for k in range(len(design.parameters))
    ]


def has_density(values: Floats) -> bool:
    """Whether few enough values are the same for a density to describe them."""
    _, counts = np.unique(values, return_counts=True)
    return bool(np.max(counts) <= _TIED * len(values))


def given_data_indices(inputs: Floats, values: Floats, *, with_delta: bool) -> Indices:
    """Indices from any sample of independent inputs (Plischke, Borgonovo and Smith 2013).

    Parameters
    ----------
    inputs : ndarray, shape (n, k)
    values : ndarray, shape (n,)
        Not all the same.
    with_delta : bool
        Whether the costly `delta` is wanted as well.

    Returns
    -------
    list of list of Index
        `delta`, in [0, 1] but for its error: how far knowing the parameter shifts the whole
        distribution of the figure, 0 if not at all; `S1` as of a Sobol design.

    Notes
    -----
    The estimators on one sample are SALib's, the resampling SciPy's. `SALib.analyze.delta.analyze`
    would seed NumPy's global generator, change the filters of warnings and, from 1.6 on, estimate
    from one random resample instead of the sample itself; this takes the sample, and corrects for
    the bias as in equation 30 of the paper: twice the estimate less the mean over resamples.
    """
    from SALib.analyze.delta import calc_delta, sobol_first
    from threadpoolctl import threadpool_limits

    values = _unit(values)
    coarse, fine = (_classes(len(values), count(len(values))) for count in (_wide, _narrow))
    grid = np.linspace(0.0, 1.0, _GRID)

    def shift(y: Floats, x: Floats) -> float:
        with warnings.catch_warnings():
            # SALib remarks on classes of one value only; `has_density` has ruled out many of them.
            warnings.simplefilter("ignore")
            return float(calc_delta(y, grid, x, coarse))

    def explained(y: Floats, x: Floats) -> float:
        return float(sobol_first(y, x, fine))

    wanted = {"delta": shift, "S1": explained} if with_delta else {"S1": explained}
    # Densities solve thousands of systems of one equation, which threads make 15 times slower.
    with threadpool_limits(1, user_api="blas"):
        return [
            [
                Index(name, _corrected(statistic, values, column, _FEW_RESAMPLES[name]))
                for name, statistic in wanted.items()
            ]
            for column in inputs.T
        ]


def _corrected(
    statistic: Callable[[Any, Any], float], values: Floats, column: Floats, resamples: int
) -> Estimate:
    """A statistic without the bias that resampling shows, and with a normal interval."""
    from scipy.stats import bootstrap

    drawn = bootstrap(
        (values, column),
        statistic,
        n_resamples=resamples,
        paired=True,
        vectorized=False,
        method="basic",
        rng=_SEED,
    ).bootstrap_distribution
    value = 2.0 * statistic(values, column) - float(np.mean(drawn))
    return _within(value, NORMAL_975 * float(np.std(drawn, ddof=1)))


def _unit(values: Floats) -> Floats:
    """The values between 0 and 1, of which any scale has the same indices without underflow."""
    scaled: Floats = (values - np.min(values)) / np.ptp(values)
    return scaled


def _classes(points: int, count: int) -> Floats:
    """Ends of classes of ranks into which a parameter is cut."""
    return np.linspace(0.0, points, count + 1)


def _wide(points: int) -> int:
    """As many classes as SALib takes: each must hold enough points for a density."""
    exponent = 2.0 / (7.0 + math.tanh((1500.0 - points) / 500.0))
    return min(math.ceil(math.pow(points, exponent)), 48)


def _narrow(points: int) -> int:
    """Classes for means, which need few points: one of m classes hides about 1/m^2 of a share."""
    return round(math.sqrt(points))


def _within(value: float, margin: float) -> Estimate:
    return Estimate(float(value), float(value - margin), float(value + margin))
