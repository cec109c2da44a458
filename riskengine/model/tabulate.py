"""Tables of the quantile functions that have no closed form.

The logarithm of the quantile is interpolated at Chebyshev nodes on dyadic cells of the tail
probability, on both sides of the median. There it is smooth at every scale, so that twelve
coefficients a cell leave a relative error below 1e-11 (tested over dense grids against scipy).
Tables are kept in files: scipy is loaded only for those that this machine has not made before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.kept import digest, found_or_made, processor
from riskengine.kernel.quantiles import CELLS, COEFFICIENTS, OCTAVES
from riskengine.model.distributions import pert_shapes

_CHOOSES_PATHS = ("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "OPENBLAS_CORETYPE")

Quantile = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@lru_cache(maxsize=256)
def gamma_table(shape: float) -> NDArray[np.float64]:
    """Table of the gamma distribution with scale 1, of size TABLE_SIZE."""
    return _kept(_make_gamma, shape)


@lru_cache(maxsize=256)
def beta_table(alpha: float, beta: float) -> NDArray[np.float64]:
    """Table of the beta distribution on [0, 1], of size TABLE_SIZE."""
    return _kept(_make_beta, alpha, beta)


def pert_table(low: float, mode: float, high: float) -> NDArray[np.float64]:
    """Table of the PERT distribution's beta on [0, 1]."""
    return beta_table(*pert_shapes(low, mode, high))


def _make_gamma(shape: float) -> NDArray[np.float64]:
    from scipy.special import gammainccinv, gammaincinv

    return _table(lambda p: gammaincinv(shape, p), lambda p: gammainccinv(shape, p))


def _make_beta(alpha: float, beta: float) -> NDArray[np.float64]:
    from scipy.special import betainccinv, betaincinv

    return _table(lambda p: betaincinv(alpha, beta, p), lambda p: betainccinv(alpha, beta, p))


def _kept(make: Callable[..., NDArray[np.float64]], *parameters: float) -> NDArray[np.float64]:
    """The table that `make` makes, from its file where there is one.

    Loading scipy takes longer than everything else that a run does before its first trial.
    """
    name = digest(_origin(), make.__name__, *map(float.hex, parameters))
    content = found_or_made("tables", name, lambda: make(*parameters).tobytes())
    return np.frombuffer(content, dtype=np.float64)


@lru_cache(maxsize=1)
def _origin() -> str:
    """What the bits of a table depend on, its parameters apart.

    numpy and the linear algebra in it take other paths on other processors, and let the environment
    choose among them.
    """
    chosen = (os.environ.get(name, "") for name in _CHOOSES_PATHS)
    sizes = f"{OCTAVES} {CELLS} {COEFFICIENTS}"
    own = Path(__file__).read_text("utf-8")
    return digest(own, sizes, version("numpy"), version("scipy"), *processor(), *chosen)


def _table(lower: Quantile, upper: Quantile) -> NDArray[np.float64]:
    """Coefficients by ascending power, for cells in the order of the kernel's lookup."""
    nodes, to_powers = _nodes()
    octaves = np.arange(OCTAVES)[:, None, None]
    cells = np.arange(CELLS)[None, :, None]
    probabilities = np.ldexp(1.0 + (cells + (nodes + 1.0) / 2.0) / CELLS, -2 - octaves)
    halves = []
    for quantile in (lower, upper):
        values = np.maximum(quantile(probabilities), 1e-300)
        halves.append(np.log(values) @ to_powers.T)
    return np.concatenate([half.reshape(-1) for half in halves])


@lru_cache(maxsize=1)
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chebyshev nodes of a cell, and what turns values there into coefficients of powers.

    Once a process: linear algebra wakes threads, which go on waiting for more long after it ended.
    """
    nodes: NDArray[np.float64] = np.polynomial.chebyshev.chebpts1(COEFFICIENTS)
    to_powers = np.linalg.inv(np.vander(nodes, increasing=True))
    return nodes, np.asarray(to_powers, dtype=np.float64)
