"""Tables of the quantile functions that have no closed form.

The logarithm of the quantile is interpolated at Chebyshev nodes on dyadic cells of the tail
probability, on both sides of the median. There it is smooth at every scale, so that twelve
coefficients a cell leave a relative error below 1e-11 (tested over dense grids against scipy).
Tables are kept in files: scipy is loaded only for those that this machine has not made before.

Results are the same on any processor only if tables are. numpy's logarithm and the linear algebra
it calls take other paths where a processor has AVX-512, so that neither has a part in them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.kept import digest, found_or_made, processor
from riskengine.kernel.quantiles import CELLS, COEFFICIENTS, OCTAVES, TABLE_SIZE
from riskengine.model.distributions import pert_shapes

_ROUNDING = 1e-9  #: of a logarithm: by so much less than the cell before may one begin

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
    content = found_or_made("tables", name, lambda: make(*parameters).tobytes(), _is_sound)
    return np.frombuffer(content, dtype=np.float64)


def _is_sound(content: bytes) -> bool:
    """Whether this can be a table: its size, finite, and a quantile that only rises.

    The first coefficient of a cell is the logarithm of the quantile in its middle. Both halves
    begin at the median and go outwards octave by octave.
    """
    if len(content) != TABLE_SIZE * 8:
        return False
    table = np.frombuffer(content, dtype=np.float64)
    middles = table.reshape(2, OCTAVES, CELLS, COEFFICIENTS)[..., 0]
    lower, upper = (half[::-1].reshape(-1) for half in middles)  # by ascending probability
    rising = np.concatenate([lower, upper[::-1]])
    return bool(np.isfinite(table).all() and np.all(np.diff(rising) >= -_ROUNDING))


@lru_cache(maxsize=1)
def _origin() -> str:
    """What the bits of a table depend on, its parameters apart.

    The C library, whose exponentials scipy calls, goes by the processor.
    """
    sizes = f"{OCTAVES} {CELLS} {COEFFICIENTS}"
    own = Path(__file__).read_text("utf-8")
    return digest(own, sizes, version("numpy"), version("scipy"), *processor())


def _table(lower: Quantile, upper: Quantile) -> NDArray[np.float64]:
    """Coefficients by ascending power, for cells in the order of the kernel's lookup."""
    nodes, to_powers = _nodes()
    octaves = np.arange(OCTAVES)[:, None, None]
    cells = np.arange(CELLS)[None, :, None]
    probabilities = np.ldexp(1.0 + (cells + (nodes + 1.0) / 2.0) / CELLS, -2 - octaves)
    halves = []
    for quantile in (lower, upper):
        values = np.maximum(quantile(probabilities), 1e-300)
        logs = np.array([math.log(value) for value in values.flat]).reshape(values.shape)
        # One node after the other: a matrix product adds in the order that suits the processor.
        halves.append(sum(logs[..., k, None] * to_powers[k] for k in range(COEFFICIENTS)))
    return np.concatenate([half.reshape(-1) for half in halves])


@lru_cache(maxsize=1)
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes of a cell, (nodes,), and what a value at each adds to the coefficients of powers,
    (nodes, powers).

    Chebyshev's nodes, on a grid of 2**-20: as good, and the fractions that follow are exact.
    """
    angles = [math.pi * (k + 0.5) / COEFFICIENTS for k in reversed(range(COEFFICIENTS))]
    nodes = [Fraction(round(math.cos(angle) * 2**20), 2**20) for angle in angles]
    to_powers = [[float(c) for c in _lagrange(nodes, k)] for k in range(COEFFICIENTS)]
    return np.array([float(node) for node in nodes]), np.array(to_powers)


def _lagrange(nodes: Sequence[Fraction], k: int) -> list[Fraction]:
    """Coefficients, by ascending power, of the polynomial that is 1 at node k and 0 at others."""
    found = [Fraction(1)]
    for node in (*nodes[:k], *nodes[k + 1 :]):
        scale = nodes[k] - node
        raised, kept = [Fraction(0), *found], [*found, Fraction(0)]
        found = [(up - node * same) / scale for up, same in zip(raised, kept, strict=True)]
    return found
