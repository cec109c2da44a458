"""The families that a sojourn can have, as scale families: a unit distribution times a scale.

Every family here is `scale * U` with U depending on at most one more parameter, so that a group of
episodes that lasts twice as long as another differs from it by the scale alone. Functions are
elementwise over arrays, because a bootstrap fits a thousand weighted samples at once. The names of
parameters are those of a config (docs/config.md); `riskengine.model.distributions` has the same
families in the form in which a simulation reads them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Unit = Callable[[Floats, Floats], Floats]  #: of (log of time over scale, second parameter)

_LEAST = 1e-300  #: below it a probability counts as this


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family: its likelihood and the figures that are told of it."""

    name: str
    second: str  #: name of the second parameter; empty where there is none
    log_survival: Unit  #: log P(T > t)
    log_density: Unit  #: log of the density of log T
    quantile: Unit  #: of U, for (share, second parameter)
    mean: Callable[[Floats], Floats]  #: of U
    figures: Callable[[Floats, Floats], Mapping[str, Floats]]  #: own parameters by config name
    form: tuple[str, ...]  #: parameters that are written into a config, nearly independent ones

    @property
    def parameters(self) -> int:
        """How many parameters are fitted."""
        return 2 if self.second else 1

    def all_figures(self, theta: Floats) -> dict[str, Floats]:
        """Every figure of fits, by name: own parameters, median, mean and 90 % quantile.

        Parameters
        ----------
        theta : ndarray, (..., 1 or 2) of float64
            Logs of the scale and the second parameter.

        Returns
        -------
        dict
            Of arrays (...); a mean that does not exist is `inf`.
        """
        scale = np.exp(theta[..., 0])
        second = np.exp(theta[..., 1]) if self.second else np.ones_like(scale)
        found = dict(self.figures(scale, second))
        found.setdefault("median", scale * self.quantile(np.full_like(second, 0.5), second))
        found.setdefault("mean", scale * self.mean(second))
        found.setdefault("p90", scale * self.quantile(np.full_like(second, 0.9), second))
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
    from scipy.special import gammaincc

    found: Floats = np.log(np.maximum(gammaincc(shape, np.exp(z)), _LEAST))
    return found


def _gamma_log_density(z: Floats, shape: Floats) -> Floats:
    from scipy.special import gammaln

    found: Floats = shape * z - np.exp(z) - gammaln(shape)
    return found


def _gamma_quantile(share: Floats, shape: Floats) -> Floats:
    from scipy.special import gammaincinv

    found: Floats = gammaincinv(shape, share)
    return found


def _loglogistic_log_survival(z: Floats, shape: Floats) -> Floats:
    return -np.logaddexp(0.0, shape * z)


def _loglogistic_log_density(z: Floats, shape: Floats) -> Floats:
    return np.log(shape) + shape * z - 2.0 * np.logaddexp(0.0, shape * z)


def _loglogistic_mean(shape: Floats) -> Floats:
    """pi/k / sin(pi/k), which exists for k > 1 only."""
    angle = np.pi / np.maximum(shape, 1.0 + 1e-12)
    return np.where(shape > 1.0, angle / np.sin(angle), np.inf)


def _weibull_mean(shape: Floats) -> Floats:
    from scipy.special import gammaln

    found: Floats = np.exp(np.minimum(gammaln(1.0 + 1.0 / shape), 700.0))
    return found


def _lognormal_quantile(share: Floats, sigma: Floats) -> Floats:
    from scipy.special import ndtri

    found: Floats = np.exp(sigma * ndtri(share))
    return found


FAMILIES: dict[str, Family] = {
    "exponential": Family(
        name="exponential",
        second="",
        log_survival=_exponential_log_survival,
        log_density=lambda z, second: z - np.exp(z),
        quantile=lambda share, second: -np.log1p(-share) * np.ones_like(second),
        mean=lambda second: second,
        figures=lambda scale, second: {"mean": scale, "rate": 1.0 / scale},
        form=("mean",),
    ),
    "weibull": Family(
        name="weibull",
        second="shape",
        log_survival=_weibull_log_survival,
        log_density=_weibull_log_density,
        quantile=lambda share, shape: np.power(-np.log1p(-share), 1.0 / shape),
        mean=_weibull_mean,
        figures=lambda scale, shape: {"shape": shape, "scale": scale},
        form=("shape", "scale"),
    ),
    "lognormal": Family(
        name="lognormal",
        second="sigma",
        log_survival=_lognormal_log_survival,
        log_density=_lognormal_log_density,
        quantile=_lognormal_quantile,
        mean=lambda sigma: np.exp(np.minimum(0.5 * np.square(sigma), 700.0)),
        figures=lambda scale, sigma: {"mu": np.log(scale), "sigma": sigma, "median": scale},
        form=("median", "p90"),
    ),
    "gamma": Family(
        name="gamma",
        second="shape",
        log_survival=_gamma_log_survival,
        log_density=_gamma_log_density,
        quantile=_gamma_quantile,
        mean=lambda shape: shape,
        figures=lambda scale, shape: {
            "shape": shape,
            "scale": scale,
            "mean": shape * scale,
            "cv": 1.0 / np.sqrt(shape),
        },
        form=("mean", "cv"),
    ),
    "loglogistic": Family(
        name="loglogistic",
        second="shape",
        log_survival=_loglogistic_log_survival,
        log_density=_loglogistic_log_density,
        quantile=lambda share, shape: np.power(share / (1.0 - share), 1.0 / shape),
        mean=_loglogistic_mean,
        figures=lambda scale, shape: {"median": scale, "shape": shape, "scale": scale},
        form=("median", "shape"),
    ),
}
