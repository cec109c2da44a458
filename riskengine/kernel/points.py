"""Randomised Sobol' points: uniforms that fill the unit cube more evenly than random draws do.

Trials take turns among R replicates: trial t is point t // R of replicate t % R. A point is the
exclusive or of the direction numbers at the set bits of its number and of a random shift of its
replicate. So each point of a replicate is uniform by itself, replicates are independent of each
other, and any point can be computed alone, coordinate by coordinate.

I. M. Sobol', USSR Computational Mathematics and Mathematical Physics 7 (1967) 86-112; random
digital shifts: A. B. Owen, Monte Carlo theory, methods and examples, chapter 17.
"""

from __future__ import annotations

import numpy as np

from riskengine.kernel.compiled import called

_ONE = np.uint64(1)


@called
def coordinate(points, trial, at):
    """Coordinate `at` of the point of a trial, in (0, 1): the middle of one of 2**32 cells."""
    replicates = np.uint64(points.shifts.shape[0])
    number = np.uint64(trial) // replicates
    cell = points.shifts[np.uint64(trial) % replicates, at]
    bit = 0
    while number > 0:
        if number & _ONE:
            cell ^= points.directions[at, bit]
        number >>= _ONE
        bit += 1
    return (np.float64(np.int64(cell)) + 0.5) * 2.3283064365386963e-10
