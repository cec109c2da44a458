"""The share of a figure's spread that each parameter explains: indices of sampled designs.

Every index here is a ratio of two quadratic forms of the figures of the points, or an average of
their elementary effects. Both are computed from the parts of the trials (`sweeps.noise`), so noise
of the points raises neither. The interval of an index has two sources: finitely many points, and
finitely many trials at each. Both are found by leaving out one group after the other (jackknife).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.sweeps.designs import Design
from riskengine.sweeps.noise import chance_of, crossed, freed
from riskengine.sweeps.series import Floats
from riskengine.sweeps.tornado import Found, SensitivityIndex

FEWEST_ROWS = 8  #: of the base sample of a Saltelli design: fewer give no error estimate
FEWEST_TRAJECTORIES = 2  #: of a Morris design: a single one has no spread
FEWEST_POINTS = 30  #: for indices from given data
_MOST_GROUPS = 20  #: of rows; one group is left out at a time

Rows = NDArray[np.int64]  #: positions


def sobol_indices(design: Design, repeated: Floats) -> list[Found]:
    """First-order and total indices, with the estimators of Saltelli et al. (2010).

    Parameters
    ----------
    design : Design
        A Saltelli design of k parameters.
    repeated : ndarray, shape (N (k + 2), K)
        The figure of each point, from each part of the trials.

    Returns
    -------
    list of Found
        `S1`, the share of the variance that the parameter explains alone, and `ST`, that share plus
        all its interactions with other parameters. Their intervals assume N independent rows. Rows
        of a Sobol sequence are more even than that, so the intervals are rather wide.
    """
    blocks = _unit(repeated).reshape(-1, len(design.parameters) + 2, repeated.shape[1])

    def indices(rows: Rows, parts: Rows) -> Floats:
        chosen = blocks[rows][..., parts]
        whole = freed(_variance(chosen[:, [0, -1]].reshape(-1, len(parts))))
        return np.stack(list(map(freed, _saltelli(chosen)))) / (whole if whole > 0.0 else math.nan)

    values, margins = _with_margins(indices, blocks.shape)
    chances = chance_of(_saltelli(blocks)[1])
    return [
        Found(
            [
                SensitivityIndex("S1", _around(alone, error)),
                SensitivityIndex("ST", _around(total, other)),
            ],
            float(chance),
        )
        for alone, total, error, other, chance in zip(*values, *margins, chances, strict=True)
    ]


def _saltelli(rows: Floats) -> tuple[Floats, Floats]:
    """The variance that each parameter explains alone, and with others, for each pair of parts.

    A row is the point of the first sample, the k points that take one value from the second sample,
    and the point of the second sample: shape (N, k + 2, K).
    """
    last = rows[:, -1] - np.mean(rows, axis=(0, 1))
    steps = np.swapaxes(rows[:, 1:-1] - rows[:, :1], 0, 1)
    return crossed(last, steps) / len(rows), crossed(steps, steps) / (2 * len(rows))


def _variance(rows: Floats) -> Floats:
    centred = rows - np.mean(rows, axis=0)
    return crossed(centred, centred) / len(rows)


def morris_indices(design: Design, repeated: Floats) -> list[Found]:
    """Means and spread of elementary effects (Morris 1991; Campolongo et al. 2007).

    Parameters
    ----------
    design : Design
        A Morris design of k parameters and N trajectories.
    repeated : ndarray, shape (N (k + 1), K)
        The figure of each point, from each part of the trials.

    Returns
    -------
    list of Found
        `mu`, the mean of the elementary effects, `mu_star`, the mean of their absolute values, and
        `sigma`, their standard deviation. `sigma` is 0 if the effect does not depend on the other
        parameters nor on the value from which the parameter starts.

    Notes
    -----
    An elementary effect is the change of the figure over one step, divided by the length of the
    step in the parameter's own range (`Design.places`). So it is scaled to the whole range, however
    the range is written. Steps between equal settings have no length and are left out.

    Even if a change is only noise, its absolute value is not 0 on average. So the sign of a change
    is taken from all parts of the trials but one, and its value from that one. Noise then cancels.
    """
    width = len(design.parameters) + 1
    paths = repeated.reshape(-1, width, repeated.shape[1])
    lengths = np.diff(design.places.reshape(-1, width, width - 1), axis=1)
    found = []
    for k in range(width - 1):
        at = np.argmax(np.abs(lengths[:, :, k]), axis=1)
        rows = np.arange(len(paths))
        length = lengths[rows, at, k]
        moved = length != 0.0
        steps = (paths[rows, at + 1] - paths[rows, at])[moved]
        found.append(_effects(steps / length[moved, None]))
    return found


def _effects(effects: Floats) -> Found:
    """The indices of one parameter from its elementary effects, shape (trajectories, K)."""
    if not len(effects):
        none = Estimate(0.0, 0.0, 0.0)
        return Found([SensitivityIndex(name, none) for name in ("mu", "mu_star", "sigma")], 1.0)

    def sizes(rows: Rows, parts: Rows) -> Floats:
        chosen = effects[np.ix_(rows, parts)]
        mean, count = np.mean(chosen, axis=1, keepdims=True), len(parts)
        others = mean if count < 2 else (count * mean - chosen) / (count - 1)
        return np.array([np.mean(mean), np.mean(np.sign(others) * chosen)])

    values, margins = _with_margins(sizes, effects.shape)
    centred = effects - np.mean(effects, axis=0)
    size = float(np.mean(np.square(effects)))
    variance = float(freed(crossed(centred, centred))) / max(1, len(effects) - 1)
    sigma = math.sqrt(variance) if variance > 1e-24 * size else 0.0
    names = ("mu", "mu_star")
    indices = [
        SensitivityIndex(n, _around(v, m)) for n, v, m in zip(names, values, margins, strict=True)
    ]
    chance = float(chance_of(crossed(effects, effects) / len(effects)))
    return Found([*indices, SensitivityIndex("sigma", Estimate.alone(sigma))], chance)


def explained(basis: Callable[[Rows], Floats], repeated: Floats) -> Found:
    """The share of the variance that knowing one parameter removes, from any sample.

    Parameters
    ----------
    basis : callable
        Takes rows of the sample and returns orthonormal columns, shape (rows, p), including the
        constant: the functions of the parameter on which a figure may depend.
    repeated : ndarray, shape (n, K)
        The figure of each point, from each part of the trials.

    Returns
    -------
    Found
        `S1`.

    Notes
    -----
    The parameter leaves the variance around the regression, over n - p degrees of freedom. It
    explains the rest, less the p - 1 such variances that any p columns would take. Without noise
    this is omega squared (Hays 1963) of classes.
    Near 0 the share is a sum of p - 1 squares. Leaving out points does not show the scatter of that
    sum, so the scatter that a normal figure has, that of a chi-squared, is added.
    """
    values = _unit(repeated)
    columns = basis(np.arange(len(values)))

    def share(rows: Rows, parts: Rows) -> Floats:
        between, within = _split(basis(rows), values[np.ix_(rows, parts)])
        known, left = float(freed(between)), float(freed(within))
        return np.array([known / (known + left) if known + left > 0.0 else math.nan])

    (value,), (margin,) = _with_margins(share, values.shape)
    n, p = columns.shape
    flat = NORMAL_975 * math.sqrt(2.0 * (p - 1)) / n * abs(1.0 - value)
    margin = math.hypot(margin, flat)
    between, _ = _split(columns, values)
    return Found([SensitivityIndex("S1", _around(value, margin))], float(chance_of(between)))


def _split(basis: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """The variance between and the variance within, for each pair of parts."""
    n, p = basis.shape
    centred = rows - np.mean(rows, axis=0)
    fitted = basis.T @ centred
    left = centred - basis @ fitted
    within = crossed(left, left) / (n - p)
    return (crossed(fitted, fitted) - (p - 1) * within) / n, within


def _unit(repeated: Floats) -> Floats:
    """The values scaled to between 0 and 1: the same indices on any scale, and no underflow."""
    values = np.mean(repeated, axis=1)
    scaled: Floats = (repeated - np.min(values)) / np.ptp(values)
    return scaled


def _with_margins(
    take: Callable[[Rows, Rows], Floats], shape: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Indices, and the half-widths of their 95 % intervals.

    Parameters
    ----------
    take : callable
        Takes rows and parts of the trials, returns indices.
    shape : tuple of int
        How many rows there are, ..., and how many parts.
    """
    rows, parts = np.arange(shape[0]), np.arange(shape[-1])
    groups = np.array_split(rows, min(_MOST_GROUPS, len(rows)))
    fewer_rows = [take(np.setdiff1d(rows, group), parts) for group in groups]
    fewer_trials = [take(rows, np.delete(parts, part)) for part in parts if len(parts) > 2]
    return take(rows, parts), np.hypot(_margin(fewer_rows), _margin(fewer_trials))


def _margin(left: list[Floats]) -> Floats:
    """Half the width of a 95 % interval, from the indices with one group left out at a time."""
    from scipy.stats import t

    if len(left) < 2:
        return np.zeros(())
    count = len(left)
    margin: Floats = t.ppf(0.975, count - 1) * np.sqrt((count - 1) * np.var(left, axis=0))
    return margin


def _around(value: float, margin: float) -> Estimate:
    return Estimate(float(value), float(value - margin), float(value + margin))
