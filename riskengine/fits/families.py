"""The families of sojourn distributions, as scale families: a unit distribution times a scale.

Every family here is `scale * U`, where U depends on at most one more parameter. So a group of
episodes that lasts twice as long as another differs from it by the scale alone. Functions are
elementwise over arrays, because many tables or many parameters are computed at once. Parameters
have the names that a config uses (docs/config.md). `riskengine.model.distributions` has the same
families in the form that a simulation reads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Unit = Callable[[Floats, Floats], Floats]  #: of (log of time over scale, second parameter)
Log = Callable[[Floats], Floats]  #: of the second parameter, on the scale of logs

_LEAST = 1e-300  #: below it a probability is taken from its tail
_NORMAL = 1e6  #: shape of a gamma distribution from which its tails are nearly normal
_SERIES = 1e3  #: shape of a gamma distribution from which Stirling's series is exact


@dataclass(frozen=True, slots=True)
class FamilyFigure:
    """One figure that is reported for a family: exp(power * log scale + log factor)."""

    power: int  #: of the scale: 1 for days, -1 for a rate, 0 for a shape
    log_factor: Log  #: `inf` where the figure does not exist
    is_log: bool = False  #: whether the reported figure is that logarithm itself


@dataclass(frozen=True, slots=True, kw_only=True)
class SojournFamily:
    """One family: its likelihood and the figures that are reported for it."""

    name: str
    second: str  #: name of the second parameter; empty where there is none
    log_survival: Unit  #: log P(T > t)
    log_density: Unit  #: log of the density of log T
    log_quantile: Unit  #: of U, for (share, second parameter)
    log_mean: Log  #: of U
    spread: Log  #: how far log T spreads, within a factor of 2
    with_spread: Callable[[float], float]  #: the second parameter that gives such a spread
    own: Mapping[str, FamilyFigure]  #: own parameters by config name
    form: tuple[str, ...]  #: parameters that are written into a config; they are nearly independent

    @property
    def parameters(self) -> int:
        """How many parameters are fitted."""
        return 2 if self.second else 1

    @property
    def figures(self) -> dict[str, FamilyFigure]:
        """Every figure by name: own parameters, median, mean and 90 % quantile."""
        common = {
            "median": FamilyFigure(1, self._at(0.5)),
            "mean": FamilyFigure(1, self.log_mean),
            "p90": FamilyFigure(1, self._at(0.9)),
        }
        return {**self.own, **{name: f for name, f in common.items() if name not in self.own}}

    def _at(self, share: float) -> Log:
        return lambda second: self.log_quantile(np.full_like(second, share), second)

    def second_of(self, theta: Floats) -> Floats:
        """The second parameter (..., 1) at theta (..., k); 1 if the family has none."""
        return np.exp(theta[..., 1:2]) if self.second else np.ones_like(theta[..., :1])

    def all_figures(self, theta: Floats) -> dict[str, Floats]:
        """Every figure at given parameters.

        Parameters
        ----------
        theta : ndarray, (..., 1 or 2) of float64
            Logs of the scale and the second parameter.

        Returns
        -------
        dict
            Arrays of shape (...). A mean that does not exist or is too large for a float is `inf`.
        """
        second = self.second_of(theta)[..., 0]
        found = {}
        for name, figure in self.figures.items():
            with np.errstate(over="ignore", under="ignore"):
                log = figure.power * theta[..., 0] + figure.log_factor(second)
                found[name] = log if figure.is_log else np.exp(log)
        return found


def _exponential_log_survival(z: Floats, second: Floats) -> Floats:
    return -np.exp(z)


def _weibull_log_survival(z: Floats, shape: Floats) -> Floats:
    return -np.exp(shape * z)


def _weibull_log_density(z: Floats, shape: Floats) -> Floats:
    return np.log(shape) + shape * z - np.exp(shape * z)


def _lognormal_log_survival(z: Floats, sigma: Floats) -> Floats:
    from scipy.special import log_ndtr

    found: Floats = log_ndtr(-z / sigma)
    return found


def _lognormal_log_density(z: Floats, sigma: Floats) -> Floats:
    return -0.5 * np.square(z / sigma) - np.log(sigma) - 0.5 * math.log(2.0 * math.pi)


def _gamma_log_survival(z: Floats, shape: Floats) -> Floats:
    """Computed from the smaller tail; z is the log of the time over the mean."""
    from scipy.special import gammainc, gammaincc

    z, shape = np.broadcast_arrays(z, shape)
    ratio, small = np.exp(z), np.minimum(shape, _NORMAL)
    below, above = gammainc(small, small * ratio), gammaincc(small, small * ratio)
    with np.errstate(divide="ignore"):  # log1p(-1), where the other tail is used
        near = np.where(below < above, np.log1p(-below), np.log(np.maximum(above, _LEAST)))
    # Where that underflows, use the first term of its series: a relative error of 1 in 1,000.
    far = _gamma_log_density(z, small) - np.log(np.maximum(small * (ratio - 1.0) + 1.0, 1.0))
    found: Floats = np.where(above < _LEAST, far, near)
    return np.where(shape < _NORMAL, found, _nearly_normal(z, np.maximum(shape, _NORMAL)))


def _nearly_normal(z: Floats, shape: Floats) -> Floats:
    """Log survival of a gamma distribution of large shape.

    Notes
    -----
    Q = Phi(-u) + exp(-u^2/2) c0(eta) / sqrt(2 pi a), u = eta sqrt(a), eta^2/2 = expm1(z) - z, with
    c0 = -1/3 + eta/12 - 2 eta^2/135: Temme, SIAM J. Math. Anal. 10, 1979; DLMF 8.12.
    """
    from scipy.special import log_ndtr

    eta = np.sign(z) * np.sqrt(2.0 * _beyond_linear(z))
    u = eta * np.sqrt(shape)
    normal = log_ndtr(-u)
    c0 = -1.0 / 3.0 + eta * (1.0 / 12.0 - eta * 2.0 / 135.0)
    excess = np.exp(-0.5 * np.square(u) - normal) * c0 / np.sqrt(2.0 * math.pi * shape)
    found: Floats = normal + np.log1p(np.maximum(excess, -0.5))
    return found


def _beyond_linear(z: Floats) -> Floats:
    """expm1(z) - z without loss of digits near 0, where it is z^2/2."""
    series = 0.5 * z * z * (1.0 + z / 3.0 * (1.0 + z / 4.0 * (1.0 + z / 5.0 * (1.0 + z / 6.0))))
    return np.where(np.abs(z) < 1e-2, series, np.expm1(z) - z)


def _gamma_log_density(z: Floats, shape: Floats) -> Floats:
    """shape * (z - expm1(z)) - c(shape), which loses no digits where the shape is large.

    z is the log of the time over the mean.
    """
    return -shape * _beyond_linear(z) - _gamma_constant(shape)


def _gamma_constant(shape: Floats) -> Floats:
    """log Gamma(a) - a log a + a."""
    from scipy.special import gammaln

    large = np.maximum(shape, _SERIES)
    series = 0.5 * np.log(2.0 * math.pi / large) + 1.0 / (12.0 * large) - 1.0 / (360.0 * large**3)
    small = np.minimum(shape, _SERIES)
    found: Floats = np.where(
        shape < _SERIES, gammaln(small) - small * np.log(small) + small, series
    )
    return found


def _gamma_log_quantile(share: Floats, shape: Floats) -> Floats:
    """For U = T / mean; small shapes use the first term of the series, which underflows last."""
    from scipy.special import gammaincinv, gammaln

    least = (np.log(share) + gammaln(shape + 1.0)) / shape
    with np.errstate(divide="ignore"):
        found = np.log(gammaincinv(shape, share))
    logs: Floats = np.where(least < -500.0, least, found) - np.log(shape)
    return logs


def _gamma_spread(shape: Floats) -> Floats:
    from scipy.special import polygamma

    found: Floats = np.sqrt(polygamma(1, shape))
    return found


def _loglogistic_log_survival(z: Floats, shape: Floats) -> Floats:
    return -np.logaddexp(0.0, shape * z)


def _loglogistic_log_density(z: Floats, shape: Floats) -> Floats:
    return np.log(shape) + shape * z - 2.0 * np.logaddexp(0.0, shape * z)


def _loglogistic_log_mean(shape: Floats) -> Floats:
    """Log of pi/k / sin(pi/k), which exists only for k > 1."""
    angle = np.pi / np.maximum(shape, 1.0 + 1e-12)
    return np.where(shape > 1.0, -np.log(np.sinc(angle / np.pi)), np.inf)


def _weibull_log_mean(shape: Floats) -> Floats:
    from scipy.special import gammaln

    found: Floats = gammaln(1.0 + 1.0 / shape)
    return found


def _lognormal_log_quantile(share: Floats, sigma: Floats) -> Floats:
    from scipy.special import ndtri

    found: Floats = sigma * ndtri(share)
    return found


def _nothing(second: Floats) -> Floats:
    return np.zeros_like(second)


_SCALE = FamilyFigure(1, _nothing)
_SECOND = FamilyFigure(0, np.log)


FAMILIES: dict[str, SojournFamily] = {
    "exponential": SojournFamily(
        name="exponential",
        second="",
        log_survival=_exponential_log_survival,
        log_density=lambda z, second: z - np.exp(z),
        log_quantile=lambda share, second: np.log(-np.log1p(-share)) * np.ones_like(second),
        log_mean=_nothing,
        spread=np.ones_like,
        with_spread=lambda spread: 1.0,
        own={"mean": _SCALE, "rate": FamilyFigure(-1, _nothing)},
        form=("mean",),
    ),
    "weibull": SojournFamily(
        name="weibull",
        second="shape",
        log_survival=_weibull_log_survival,
        log_density=_weibull_log_density,
        log_quantile=lambda share, shape: np.log(-np.log1p(-share)) / shape,
        log_mean=_weibull_log_mean,
        spread=np.reciprocal,
        with_spread=lambda spread: 1.0 / spread,
        own={"shape": _SECOND, "scale": _SCALE},
        form=("shape", "scale"),
    ),
    "lognormal": SojournFamily(
        name="lognormal",
        second="sigma",
        log_survival=_lognormal_log_survival,
        log_density=_lognormal_log_density,
        log_quantile=_lognormal_log_quantile,
        log_mean=lambda sigma: 0.5 * np.square(sigma),
        spread=np.positive,
        with_spread=float,
        own={"mu": FamilyFigure(1, _nothing, is_log=True), "sigma": _SECOND, "median": _SCALE},
        form=("median", "p90"),
    ),
    "gamma": SojournFamily(
        name="gamma",
        second="shape",
        log_survival=_gamma_log_survival,
        log_density=_gamma_log_density,
        log_quantile=_gamma_log_quantile,
        log_mean=_nothing,
        spread=_gamma_spread,
        with_spread=lambda spread: 1.0 / spread**2 + 1.0 / spread,
        own={
            "shape": _SECOND,
            "scale": FamilyFigure(1, lambda shape: -np.log(shape)),
            "mean": _SCALE,
            "cv": FamilyFigure(0, lambda shape: -0.5 * np.log(shape)),
        },
        form=("mean", "cv"),
    ),
    "loglogistic": SojournFamily(
        name="loglogistic",
        second="shape",
        log_survival=_loglogistic_log_survival,
        log_density=_loglogistic_log_density,
        log_quantile=lambda share, shape: np.log(share / (1.0 - share)) / shape,
        log_mean=_loglogistic_log_mean,
        spread=np.reciprocal,
        with_spread=lambda spread: 1.0 / spread,
        own={"median": _SCALE, "shape": _SECOND, "scale": _SCALE},
        form=("median", "shape"),
    ),
}
