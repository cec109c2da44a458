"""95 % intervals of the figures of a fit, from the likelihood itself.

The likelihood over the logs of both parameters is taken as their distribution. It gives every
figure a distribution too. The intervals are not symmetric about the fit: with few episodes the
truth may lie further above an estimated 90 % quantile than below it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskengine.fits.families import FamilyFigure, Floats, SojournFamily
from riskengine.fits.likelihood import (
    Durations,
    climb,
    derivatives,
    log_likelihood,
    log_terms,
    units,
)
from riskengine.measures.estimate import Estimate

_ENDS = (0.025, 0.975)
_DEEP = 30.0  #: a likelihood whose log is this far below the top counts as 0
_ROWS = 100  #: values of the second parameter
_NODES = 40  #: nodes of the scale, for each of these values
_FINE = 800  #: nodes of the scale after interpolation
_STEPS = 20  #: Newton steps to the best scale, at most
_HALVINGS = 9
_NEAR, _FARTHER = 8.0, 2.0  #: first range of the scale in standard errors, and its growth
_REACHES = tuple(np.geomspace(2.0, most, 6) for most in (6.0, 24.0, 1000.0))  #: of log second
_FARTHEST = 1e6  #: standard errors beyond which a likelihood counts as endless
_BLOCK = 2_000_000  #: terms of the likelihood that are computed at once
_STEP = 1e-3  #: step of the difference that gives a standard error, in spreads
_PASSES, _CUTS = 4, 64  #: passes of the search for a quantile, and points in each pass
_MOST_LOG = 709.0  #: log of the largest float
_FAR = 50.0  #: how far the search for a quantile reaches, on the sinh scale


def effective_clusters(clusters: Sequence[str]) -> float:
    """Effective number of clusters of equal size: (sum m)^2 / sum m^2 over the sizes m.

    Notes
    -----
    Kish, Survey Sampling, 1965, for weights; here the weight of a cluster is its size.

    >>> effective_clusters(["a", "a", "b", "c"])
    2.6666666666666665
    """
    sizes = np.unique(list(clusters), return_counts=True)[1].astype(np.float64)
    return float(sizes.sum() ** 2 / np.square(sizes).sum())


@np.errstate(all="ignore")
def intervals(
    family: SojournFamily, theta: Floats, durations: Durations, clusters: Sequence[str]
) -> dict[str, Estimate]:
    """Every figure of a fit with its 95 % interval; an end that does not exist is nan.

    Parameters
    ----------
    family : SojournFamily
    theta : ndarray, (1, k)
        The fit.
    durations : Durations
        Arrays of shape (n,).
    clusters : sequence of str
        The cluster of each duration.

    Notes
    -----
    The density of the logs of scale and second parameter is the likelihood, and the ends are the
    2.5 % and 97.5 % quantiles of a figure under it. For durations that all ended and a family whose
    logs have a location and a scale (exponential, Weibull, lognormal, loglogistic) this is Fisher's
    exact interval: it covers 95 % whatever the parameters and however few the durations (Lawless,
    Statistical Models and Methods for Lifetime Data, 2003, appendix E; for the lognormal its
    quantiles are those of the noncentral t). For the gamma family the reference prior of the shape
    is nearly flat in its log (Yang and Berger, 1996).

    If some episodes are still in force, the likelihood has a prior: the square root of the average
    chance that such an episode would have ended by now. This is Jeffreys' prior of an exponential
    distribution observed for a limited time. Without it a few long episodes in force stretch the
    intervals upwards.

    Where episodes share clusters, the likelihood is raised to a power (`powers`). At least two
    clusters must have an episode that ended: a single one does not show how much clusters differ.
    """
    values = {name: float(found[0]) for name, found in family.all_figures(theta).items()}
    ended = {c for c, is_ended in zip(clusters, durations.ended, strict=True) if is_ended}
    by_figure = powers(family, theta, durations, clusters)
    grid = None if len(ended) < 2 else _grid(family, theta, durations, min(by_figure.values()))
    if grid is None:
        return {name: Estimate.alone(value) for name, value in values.items()}
    surfaces = {power: grid.surface(power) for power in set(by_figure.values())}
    found = {}
    for name, figure in family.figures.items():
        ends = surfaces[by_figure[name]].ends(figure)
        if not figure.is_log:
            ends = _days(ends[0]), _days(ends[1])
        known = [end if math.isfinite(end) else math.nan for end in ends]
        is_known = math.isfinite(values[name]) and not math.isnan(known[0])
        found[name] = Estimate(values[name], *known) if is_known else Estimate.alone(values[name])
    return found


def _days(log: float) -> float:
    return math.exp(log) if log < _MOST_LOG else math.inf


def powers(
    family: SojournFamily, theta: Floats, durations: Durations, clusters: Sequence[str]
) -> dict[str, float]:
    """For each figure, how many independent durations one of these durations is worth.

    Notes
    -----
    Let e_i be what duration i adds to the error of a figure, to first order. Clusters enlarge the
    variance of the figure by the design effect: the sum over clusters of (sum e_i)^2, over the sum
    of e_i^2 (the sandwich estimator of Liang and Zeger, Biometrika 73, 1986, over the same
    estimator without clusters; with the factors D/(D - 1) and (n - 1)/n, where D is the number of
    effective clusters). The design effect lies between 1, for unrelated episodes, and n/D, for
    equal ones. Few clusters estimate it badly, so it is moved by 1/D of the way to that upper end.
    The likelihood raised to the inverse of the design effect has the enlarged variance.
    """
    names, members = np.unique(list(clusters), return_inverse=True)
    n, effective = len(members), effective_clusters(clusters)
    if len(names) in (1, n):
        return dict.fromkeys(family.figures, 1.0)
    most = n / effective
    found = {}
    for name, errors in _errors(family, theta, durations).items():
        by_cluster = np.bincount(members, weights=errors)
        ratio = float(np.square(by_cluster).sum() / np.square(errors).sum())
        seen = min(max(ratio * effective / (effective - 1.0) * (n - 1) / n, 1.0), most)
        found[name] = 1.0 / (seen + (most - seen) / effective)
    return found


def _errors(family: SojournFamily, theta: Floats, durations: Durations) -> dict[str, Floats]:
    """What each duration adds to the error of the log of each figure, to first order, (n,)."""
    unit = durations.typical
    relative = durations.over(unit)
    at = theta.copy()
    at[0, 0] -= math.log(unit)
    k = family.parameters
    scale = units(family, at, k)
    moves = [_STEP * scale * side for side in np.eye(k)]
    scores = np.stack([
        (log_terms(family, at + move, relative) - log_terms(family, at - move, relative))[0]
        for move in moves
    ])  # fmt: skip
    height = Hill(family, relative, 1.0).heights
    _, curvature = derivatives(height, at, scale, k)
    influence = np.linalg.solve(-curvature[0], scores / (2.0 * _STEP))
    found = {}
    for name, figure in family.figures.items():
        logs = [_log_figure(family, figure, at + move) - _log_figure(family, figure, at - move)
                for move in moves]  # fmt: skip
        slope = np.nan_to_num(np.array(logs) / (2.0 * _STEP), posinf=0.0, neginf=0.0)
        found[name] = slope @ influence if np.any(slope) else influence[0]
    return found


def _log_figure(family: SojournFamily, figure: FamilyFigure, theta: Floats) -> float:
    second = family.second_of(theta)[:, 0]
    with np.errstate(invalid="ignore"):
        return float((figure.power * theta[:, 0] + figure.log_factor(second))[0])


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A likelihood as a distribution of the logs of scale and second parameter.

    Each row is a value of the second parameter, with its own nodes of the scale.
    """

    seconds: Floats  #: (rows,) logs of the second parameter, evenly spaced
    mass: Floats  #: (rows,) share of the distribution
    first: Floats  #: (rows,) log of the scale at the first node
    step: Floats  #: (rows,) distance between nodes
    below: Floats  #: (rows, nodes) share of the row below each node

    def ends(self, figure: FamilyFigure) -> tuple[float, float]:
        """Logs of the 2.5 % and 97.5 % quantiles of a figure; `inf` where it may not exist."""
        factor = figure.log_factor(np.exp(self.seconds))
        exists = np.isfinite(factor)
        if not np.any(exists):
            return math.inf, math.inf
        mass = np.where(exists, self.mass, 0.0)
        nodes = np.stack([self.first, self.first + self.step * (self.below.shape[1] - 1)])
        logs = figure.power * nodes + factor if figure.power else factor
        middle = np.median(logs[..., np.argmax(mass)])
        reach = np.ptp(logs[..., mass > 1e-3 * mass.max()])
        lower, upper = (
            self._quantile(figure.power, factor, share, float(middle), float(reach))
            for share in _ENDS
        )
        return lower, upper

    def _quantile(
        self, power: int, factor: Floats, share: float, middle: float, reach: float
    ) -> float:
        """Found by narrowing a wide range, whose points lie further apart away from the middle."""
        low, high = -_FAR, _FAR
        for _ in range(_PASSES):
            places = np.linspace(low, high, _CUTS)
            found = self.shares(power, factor, middle + reach * np.sinh(places))
            if found[-1] < share:
                return math.inf
            place = int(np.searchsorted(found, share))  # the first place has no share below it
            low, high = float(places[place - 1]), float(places[place])
        return middle + reach * math.sinh(0.5 * (low + high))

    def shares(self, power: int, factor: Floats, logs: Floats) -> Floats:
        """Chance that a figure lies below exp(log), for each of (m,) logs.

        Parameters
        ----------
        power : int
            Power of the scale in the figure.
        factor : ndarray, (rows,)
            Log of the figure at scale 1, by second parameter.
        logs : ndarray, (m,)
        """
        if power == 0:
            return self._shares_of_second(factor, logs)
        places = (power * (logs[:, np.newaxis] - factor) - self.first) / self.step
        last = self.below.shape[1] - 1
        inside = np.clip(np.nan_to_num(places, neginf=0.0), 0.0, last * (1.0 - 1e-12))
        node = inside.astype(np.int64)
        rows = np.arange(len(factor))
        low, high = self.below[rows, node], self.below[rows, node + 1]
        shares = low + (inside - node) * (high - low)
        found: Floats = (shares if power > 0 else 1.0 - shares) @ self.mass
        return found

    def _shares_of_second(self, factor: Floats, logs: Floats) -> Floats:
        """Shares for a figure of the second parameter alone, which is monotonic in it."""
        from scipy.interpolate import CubicSpline

        rises = factor[-1] > factor[0]
        curve = CubicSpline(self.seconds, self.mass).antiderivative()
        sign = 1.0 if rises else -1.0
        below = curve(np.interp(sign * logs, sign * factor, self.seconds)) / curve(self.seconds[-1])
        found: Floats = below if rises else 1.0 - below
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """A likelihood on a grid over all parameters at which it is not practically 0."""

    seconds: Floats  #: (rows,) logs of the second parameter
    first: Floats  #: (rows,) logs of the scale at the first node
    last: Floats  #: (rows,) logs of the scale at the last node
    logs: Floats  #: (rows, nodes) log-likelihood
    priors: Floats  #: (rows, nodes) log prior weights

    def surface(self, power: float) -> Surface:
        """The distribution that the likelihood, raised to a power, gives."""
        from scipy.interpolate import CubicSpline

        nodes, fine = np.linspace(0.0, 1.0, self.logs.shape[1]), np.linspace(0.0, 1.0, _FINE)
        smooth = CubicSpline(nodes, power * self.logs + self.priors, axis=1)(fine)
        density = np.exp(smooth - smooth.max())
        sums = np.cumsum(0.5 * (density[:, 1:] + density[:, :-1]), axis=1)
        width = self.last - self.first
        totals = sums[:, -1:]
        mass = totals[:, 0] * width
        shares = sums / np.maximum(totals, 1e-300)
        return Surface(
            seconds=self.seconds,
            mass=mass / mass.sum(),
            first=self.first,
            step=width / (_FINE - 1),
            below=np.concatenate([np.zeros((len(mass), 1)), shares], axis=1),
        )


def _grid(family: SojournFamily, top: Floats, durations: Durations, power: float) -> _Grid | None:
    """A grid wide enough for the likelihood raised to a power; None if that has no end."""
    shift = math.log(durations.typical)
    hill = Hill(family, durations.over(durations.typical), power)
    start = top - np.array([[shift, 0.0][: family.parameters]])
    seconds = hill.seconds(start) if family.second else np.zeros(1)
    if seconds is None:
        return None
    ridge = hill.ridge(start, seconds)
    ends = hill.ends(ridge)
    if ends is None:
        return None
    places = np.linspace(ends[0], ends[1], _NODES, axis=1)
    theta = np.repeat(ridge[:, np.newaxis, :], _NODES, axis=1)
    theta[:, :, 0] = places
    flat = theta.reshape(-1, ridge.shape[1])
    return _Grid(
        seconds=seconds,
        first=ends[0] + shift,
        last=ends[1] + shift,
        logs=hill.heights(flat).reshape(places.shape) / power,
        priors=hill.log_prior(flat).reshape(places.shape),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Hill:
    """A likelihood raised to a power, and how far it reaches."""

    family: SojournFamily
    durations: Durations  #: in units of a typical duration
    power: float

    def heights(self, theta: Floats) -> Floats:
        """The log of the likelihood at many parameters, (rows,)."""
        parts = [log_likelihood(self.family, part, self.durations) for part in self._parts(theta)]
        found: Floats = self.power * np.concatenate(parts)
        return found

    def log_prior(self, theta: Floats) -> Floats:
        """Log of the prior weight of parameters, (rows,)."""
        still = self.durations.open
        if not np.any(still):
            return np.zeros(len(theta))
        going_on = self.durations.at(still)
        parts = [
            np.mean(-np.expm1(log_terms(self.family, part, going_on)), axis=1)
            for part in self._parts(theta)
        ]
        found: Floats = 0.5 * np.log(np.maximum(np.concatenate(parts), 1e-300))
        return found

    def _parts(self, theta: Floats) -> list[Floats]:
        """The parameters in blocks whose terms fit into memory."""
        size = max(1, _BLOCK // max(1, len(self.durations.lower)))
        return [theta[k : k + size] for k in range(0, len(theta), size)]

    def ridge(self, top: Floats, seconds: Floats) -> Floats:
        """The best scale for each second parameter, (rows, k)."""
        theta = np.repeat(top, len(seconds), axis=0)
        theta[:, 1:] = seconds[:, np.newaxis]
        # Rows that need more steps lie far below the others and add nothing.
        top_rows = climb(self.family, self.durations, theta, free=1, most_steps=_STEPS)
        return top_rows.theta

    def errors(self, theta: Floats) -> Floats:
        """Standard errors of the log of the scale at a known second parameter, (rows,)."""
        spread = self.family.spread(self.family.second_of(theta))[:, 0]
        move = np.zeros_like(theta)
        move[:, 0] = _STEP * spread
        bend = self.heights(theta + move) + self.heights(theta - move) - 2.0 * self.heights(theta)
        found: Floats = spread * _STEP / np.sqrt(np.maximum(-bend, 1e-3 * _STEP**2))
        return found

    def seconds(self, top: Floats) -> Floats | None:
        """Logs of the second parameter over the range in which the likelihood is not 0."""
        ended = max(int(np.count_nonzero(self.durations.ended)), 1)
        for reach in _REACHES:  # far ones take long to compute, and few tables need them
            side = reach / math.sqrt(self.power * ended)
            offsets = np.concatenate([-side[::-1], [0.0], side])
            nearest = self._nearest(top, offsets)
            if nearest is not None:
                break
        else:
            return None
        # Refine the range: between the last offset that counts and the first that does not.
        left, right = nearest
        between = [np.linspace(offsets[k], offsets[k + 1], len(offsets)) for k in (left, right - 1)]
        offsets = np.concatenate([between[0], [0.0], between[1]])
        nearest = self._nearest(top, offsets)
        if nearest is None:
            return None
        low, high = (float(offsets[place]) for place in nearest)
        found: Floats = top[0, 1] + np.linspace(low, high, _ROWS)
        return found

    def _nearest(self, top: Floats, offsets: Floats) -> tuple[int, int] | None:
        """The nearest places on either side of the top where the likelihood is practically 0."""
        ridge = self.ridge(top, top[0, 1] + offsets)
        logs = self.heights(ridge) + np.log(self.errors(ridge))
        deep = logs < logs.max() - _DEEP
        best = int(np.argmax(logs))
        left, right = np.flatnonzero(deep[:best]), np.flatnonzero(deep[best:])
        return (int(left[-1]), best + int(right[0])) if len(left) and len(right) else None

    def ends(self, ridge: Floats) -> tuple[Floats, Floats] | None:
        """For each second parameter, logs of the lowest and highest scale."""
        errors, tops = self.errors(ridge), self.heights(ridge)
        found = []
        for side in (-errors, errors):
            reach = np.full(len(ridge), _NEAR)
            while np.any(shallow := self._drops(ridge, side * reach, tops) < _DEEP):
                reach[shallow] *= _FARTHER
                if np.any(reach > _FARTHEST):
                    return None
            # Just beyond: a likelihood may drop so steeply there that interpolation fails.
            inner = np.zeros(len(ridge))
            for _ in range(_HALVINGS):
                middle = 0.5 * (inner + reach)
                shallow = self._drops(ridge, side * middle, tops) < _DEEP
                inner, reach = np.where(shallow, middle, inner), np.where(shallow, reach, middle)
            found.append(ridge[:, 0] + side * reach)
        return found[0], found[1]

    def _drops(self, ridge: Floats, moves: Floats, tops: Floats) -> Floats:
        """How far below the ridge the log-likelihood lies after moves of the scale, (rows,)."""
        there = ridge.copy()
        there[:, 0] += moves
        return tops - self.heights(there)
