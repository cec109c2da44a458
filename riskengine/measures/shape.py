"""The interval of a mean: from its standard error, or exact where few trials carry it.

A mean of rare or very unequal amounts rests on few trials. Whenever the few large amounts are
missing from the sample, its standard error is too small. Its interval then contains the true mean
far less often than it claims: in a quarter of runs where a loss has a probability of 0.2 % and 200
trials are played. So the trials are modelled by the distribution on two values that has their mean,
variance and skewness: c + s with probability q, else c. The exact interval of q (Clopper and
Pearson 1934), for n q of n trials, gives the interval of the mean. Where k trials lose the same
amount, it is that amount times the exact interval of the probability of a loss.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import NORMAL_975
from riskengine.measures.workspace import two_arrays

FEW = 50  #: least number of trials that a mean rests on for its standard error to be used
LEAST = 5  #: least effective number of equal amounts (`Shape.equal`) for any interval
_HALF_ALPHA = 0.025
_ROUNDING = 1e-9  #: where amounts are equal, both numbers are whole except for rounding


class Shape(NamedTuple):
    """The first three moments of trials, from which the interval of their mean is computed."""

    n: int
    mean: float
    squares: float  #: sum of the squared distances from the mean
    skewness: float  #: third central moment over the third power of the standard deviation; 0
    #: where all amounts are equal

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Shape:
        """The shape of a series.

        Parameters
        ----------
        values : ndarray, (n,) of float64
        """
        mean = float(np.mean(values))
        distances, squares = two_arrays(len(values))
        np.subtract(values, mean, out=distances)
        np.square(distances, out=squares)
        return cls.about(len(values), mean, distances, squares, float(np.sum(squares)))

    @classmethod
    def about(
        cls,
        n: int,
        mean: float,
        distances: NDArray[np.float64],
        squares: NDArray[np.float64],
        total: float,
    ) -> Shape:
        """The shape, from the distances from the mean (overwritten here) and their squares.

        Parameters
        ----------
        n : int
        mean : float
        distances, squares : ndarray, (n,) of float64
        total : float
            The sum of the squares.
        """
        if total == 0.0:
            return cls(n, mean, 0.0, 0.0)
        # Scaled by the variance first: the third power of a loss in won could overflow a float.
        distances /= math.sqrt(total / n)
        distances *= squares
        return cls(n, mean, total, float(np.sum(distances)) / total)

    @classmethod
    def of_changes(cls, n: int, changes: NDArray[np.float64]) -> Shape:
        """The shape of n amounts, from those that are not 0; they may be negative.

        Parameters
        ----------
        n : int
        changes : ndarray, (at most n,) of float64
        """
        others = n - len(changes)
        mean = float(np.sum(changes)) / n
        distances, squares = two_arrays(len(changes))
        np.subtract(changes, mean, out=distances)
        np.square(distances, out=squares)
        total = float(np.sum(squares)) + others * mean * mean
        if total == 0.0:
            return cls(n, mean, 0.0, 0.0)
        # Scaled first: the third power of a loss in won could overflow a float.
        scale = math.sqrt(total / n)
        distances /= scale
        distances *= squares
        cubes = float(np.sum(distances)) - others * (mean / scale) * mean * mean
        return cls(n, mean, total, cubes / total)

    @classmethod
    def from_sums(cls, n: int, mean: float, squares: float, cubes: float) -> Shape:
        """The shape, from the sums of the second and third powers of distances from the mean."""
        if squares == 0.0:
            return cls(n, mean, 0.0, 0.0)
        return cls(n, mean, squares, cubes / squares / math.sqrt(squares / n))

    @property
    def error(self) -> float:
        """Standard error of the mean; nan for one trial."""
        return math.sqrt(self.squares / (self.n - 1) / self.n) if self.n > 1 else math.nan

    @property
    def equal(self) -> float:
        """Effective number of equal amounts among zeros: (sum x)^2 / sum x^2 (Kish)."""
        total = self.n * self.mean
        whole = self.squares + total * self.mean
        return total * (total / whole) if whole > 0.0 else 0.0

    @property
    def chance(self) -> float:
        """Probability q of the larger value: the skewness is (1 - 2 q) / sqrt(q (1 - q))."""
        skewness = abs(self.skewness)
        root = math.hypot(2.0, skewness)
        rarer = 2.0 / (root * (root + skewness))
        return rarer if self.skewness >= 0.0 else 1.0 - rarer

    @property
    def rests_on(self) -> float:
        """How many trials take the larger value; all of them, where they agree."""
        return self.n * self.chance if self.squares > 0.0 else float(self.n)

    @property
    def is_told(self) -> bool:
        """Whether the trials show enough of the amounts for any interval."""
        ends = self.ends()
        return ends is None or not math.isnan(ends[1])

    def ends(self, least: float = LEAST) -> tuple[float, float] | None:
        """Ends of the interval where few trials carry the mean; None where its error is enough.

        Parameters
        ----------
        least : float
            If the effective number of amounts (`equal`) is below this, both ends are nan: amounts
            not seen can be many times those seen. 0 for amounts with a bound, such as 0 and 1.
        """
        unknown = math.nan, math.nan
        if self.n < 2:
            return unknown
        if self.squares == 0.0:
            return unknown if self.mean == 0.0 else None
        if self.equal < least - _ROUNDING:
            return unknown
        count = self.rests_on
        if min(count, self.n - count) >= FEW - _ROUNDING:
            return None
        step = math.sqrt(self.squares / (self.n - 1) / (self.chance * (1.0 - self.chance)))
        lower, upper = binomial_ends(count, self.n)
        return self.mean + step * (lower - self.chance), self.mean + step * (upper - self.chance)

    def estimate(self) -> Estimate:
        """The mean of amounts that cannot be negative, with its 95 % interval."""
        ends = self.ends()
        if ends is None:
            return around(self.mean, self.error)
        lower, upper = ends
        return Estimate(self.mean, lower if math.isnan(lower) else max(0.0, lower), upper)


def binomial_ends(count: float, n: int) -> tuple[float, float]:
    """Exact 95 % interval of the probability of an event seen in `count` of n independent trials.

    Notes
    -----
    Clopper and Pearson (1934): the probabilities p for which neither P(B >= count) nor
    P(B <= count) is below 2.5 %, B ~ Binomial(n, p). They are computed from the beta distribution,
    which also allows counts that are not whole.
    """
    from scipy.special import betaincinv

    low = 0.0 if count <= 0 else float(betaincinv(count, n - count + 1.0, _HALF_ALPHA))
    high = 1.0 if count >= n else float(betaincinv(count + 1.0, n - count, 1.0 - _HALF_ALPHA))
    return low, high


def around(centre: float, error: float) -> Estimate:
    """An amount that cannot be negative with the interval that its standard error gives."""
    if math.isnan(error):
        return Estimate.alone(centre)
    margin = NORMAL_975 * error
    return Estimate(centre, max(0.0, centre - margin), centre + margin)
