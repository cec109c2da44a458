"""Tables of the quantile functions that have no closed form.

The logarithm of the quantile is interpolated at Chebyshev nodes on dyadic cells of the tail
probability, on both sides of the median. There it is smooth at every scale, so that twelve
coefficients a cell leave a relative error below 1e-11 (tested over dense grids against scipy).
Tables are cached in files: scipy is loaded only for those that this machine has not made before.

With shapes far below 1, the logarithm is smooth in a power of the probability instead
(`_rescaled_gamma`, `_rescaled_beta`). With very large shapes, the inverse functions of scipy lose
digits. So every table is checked against the distribution function before it is used (`_is_right`),
and parameters for which no table passes are refused.

Results are the same on any processor only if the tables are. numpy's logarithm and the linear
algebra it calls take other code paths on a processor with AVX-512, so tables use neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.quantiles import CELLS, COEFFICIENTS, HEAD, OCTAVES, TABLE_SIZE
from riskengine.machine.cache import digest, found_or_made, processor

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]  #: element by element

VALUE_ERROR = 1e-10  #: relative error allowed in a value of a table
MASS_ERROR = 1e-9  #: relative error allowed in the tail probability of that value
NEGLIGIBLE = 1e-290  #: smaller values, on the scale of the table, count as 0
LEAST_SHAPE = 1e-100  #: of a gamma or beta; far below, 1 / shape overflows
MOST_SHAPE = 1e10  #: of a beta; beyond, scipy's distribution function loses its digits (mpmath)
ROUNDING = 1e-9  #: of a logarithm: a cell may be lower than the one before by this much
SERIES_SHAPE = 1e5  #: of a gamma; beyond, scipy's lower tail is wrong by 1e-8 to 1 (mpmath)

_BETWEEN = np.array([-1.0, -0.96, -0.6, -0.07, 0.5, 0.94, 1.0 - 2.0**-20])  # none is a node


class Half(NamedTuple):
    """The part of a distribution on one side of a value, in the coordinate v of its table.

    v = (p / share)^power / 2, where p is the tail probability. In a plain table v is p itself.
    """

    quantile: Function  #: v -> value
    mass: Function  #: value -> p
    share: float = 0.5
    power: float = 1.0


@lru_cache(maxsize=256)
def quantile_table(name: str, shapes: tuple[float, ...]) -> Floats:
    """Table of a standard distribution: plain, or rescaled with its head.

    Parameters
    ----------
    name
        A key of `TABLES`.
    shapes
        Parameters of the distribution, in the order that its entry takes.

    Raises
    ------
    ArithmeticError
        If no table to the stated errors can be made.
    """
    return _kept(TABLES[name], *shapes)


def can_be_tabulated(name: str, shapes: tuple[float, ...]) -> bool:
    """Whether a standard distribution of these shapes has a table to the stated errors."""
    try:
        quantile_table(name, shapes)
    except ArithmeticError:
        return False
    return True


def _make_gamma(shape: float) -> Floats:
    from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv

    if shape < LEAST_SHAPE:
        raise ArithmeticError(f"shape {shape:g}")
    lower = Half(lambda p: gammaincinv(shape, p), lambda x: gammainc(shape, x))
    upper = Half(lambda q: gammainccinv(shape, q), lambda x: gammaincc(shape, x))
    if shape > SERIES_SHAPE:
        return _table(lambda p: _nearly_normal(shape, p), upper.quantile)
    return _first_right(
        lambda: (lower, upper),
        lambda: _rescaled_gamma(shape, lower, upper),
    )


def _make_beta(alpha: float, beta: float) -> Floats:
    from scipy.special import betainc, betaincc, betainccinv, betaincinv

    if not LEAST_SHAPE <= min(alpha, beta) <= max(alpha, beta) <= MOST_SHAPE:
        raise ArithmeticError(f"shapes {alpha:g} and {beta:g}")
    lower = Half(lambda p: betaincinv(alpha, beta, p), lambda x: betainc(alpha, beta, _to_1(x)))
    upper = Half(lambda q: betainccinv(alpha, beta, q), lambda x: betaincc(alpha, beta, _to_1(x)))
    return _first_right(
        lambda: (lower, upper),
        lambda: (_polished(lower), _polished(upper)),
        lambda: _rescaled_beta(alpha, beta, lower, upper),
    )


#: standard distributions by name: gamma with scale 1, beta on [0, 1]
TABLES: dict[str, Callable[..., Floats]] = {"gamma": _make_gamma, "beta": _make_beta}


def _to_1(x: Floats) -> Floats:
    return np.minimum(x, 1.0)


def _first_right(*ways: Callable[[], tuple[Half, Half]]) -> Floats:
    """The table of the first pair of halves that passes the check, with its head if rescaled."""
    with np.errstate(all="ignore"):  # nan fails the check
        for way in ways:
            halves = way()
            table = _table(halves[0].quantile, halves[1].quantile)
            if all(map(_is_right, halves, np.split(table, 2))):
                head = [number for half in halves for number in (half.share, half.power)]
                return table if head == [0.5, 1.0, 0.5, 1.0] else np.concatenate([head, table])
    raise ArithmeticError("no table of quantiles is right")


def _is_right(half: Half, table: Floats) -> bool:
    """Whether each value, within `VALUE_ERROR`, has its own probability, within `MASS_ERROR`.

    The distribution function gives the probabilities, at places between the nodes.
    """
    powers = _BETWEEN[:, None] ** np.arange(COEFFICIENTS)
    values = np.exp((table.reshape(OCTAVES, CELLS, 1, COEFFICIENTS) * powers).sum(axis=-1))
    p = half.share * (2.0 * _coordinates(_BETWEEN)) ** (1.0 / half.power)
    near = half.mass(np.maximum(values * (1.0 - VALUE_ERROR) - NEGLIGIBLE, 0.0))
    far = half.mass(values * (1.0 + VALUE_ERROR) + NEGLIGIBLE)
    least, most = np.minimum(near, far), np.maximum(near, far)
    return bool(np.all((least <= p * (1.0 + MASS_ERROR)) & (most >= p * (1.0 - MASS_ERROR))))


def _polished(half: Half) -> Half:
    """The same half, with its inverse refined by Newton's method in logarithms."""

    def quantile(p: Floats) -> Floats:
        x = half.quantile(p)
        for _ in range(20):
            mass = half.mass(x)
            slope = (half.mass(x * (1.0 + 1e-6)) / mass - 1.0) / 1e-6
            x = x * (1.0 - np.clip(_log(mass / p) / slope, -0.5, 0.5))
        return x

    return half._replace(quantile=quantile)


class _PowerLaw(NamedTuple):
    """A tail of shape < 1: P = c x^shape (1 + shape T(x)), x being the distance from the end."""

    shape: float
    correction: Callable[[float], float]  #: T
    slope: Callable[[float], float]  #: (d log P / d log x) (1 + shape T) / shape

    def half(self, plain: Half, end: float, mirrored: bool = False) -> Half:
        """The half from the end of the support to a distance `end` from it, rescaled.

        With `mirrored`, the support ends at 1, and x is the distance from 1.
        """
        at_end = self._log_ratio(end)

        def quantile(v: Floats) -> Floats:
            aims = _log(2.0 * v) + at_end
            x = np.array([self._solve(aim, end) for aim in aims.flat]).reshape(v.shape)
            return 1.0 - x if mirrored else x

        share = float(plain.mass(np.array(1.0 - end if mirrored else end)))
        return Half(quantile, plain.mass, share, 1.0 / self.shape)

    def _log_ratio(self, x: float) -> float:
        """log (P / c) / shape."""
        return math.log(x) + math.log1p(self.shape * self.correction(x)) / self.shape

    def _solve(self, aim: float, end: float) -> float:
        """The x at which `_log_ratio` is `aim`, by Newton's method in log x."""
        x = min(math.exp(aim), end)
        for _ in range(60):
            step = (self._log_ratio(x) - aim) / self.slope(x)
            step *= 1.0 + self.shape * self.correction(x)
            x *= math.exp(-step)
            if abs(step) < 1e-15:
                break
        return x


def _rescaled_gamma(shape: float, lower: Half, upper: Half) -> tuple[Half, Half]:
    """Halves that meet at 1: below, a power law; above, a tail that hardly depends on the shape."""
    law = _PowerLaw(shape, lambda x: _series(shape, lambda n: -x / n), lambda x: math.exp(-x))
    return law.half(lower, 1.0), _cut_at(upper, 1.0)


def _rescaled_beta(alpha: float, beta: float, lower: Half, upper: Half) -> tuple[Half, Half]:
    """Halves that meet in the middle, or where the tail of the larger shape begins to bend."""
    split = 0.5
    if max(alpha, beta) >= 1.0:
        split = 1.0 / (beta + 1.0) if alpha < 1.0 else alpha / (alpha + 1.0)
    below = _beta_law(alpha, beta).half(lower, split) if alpha < 1.0 else _cut_at(lower, split)
    if beta >= 1.0:
        return below, _cut_at(upper, split)
    return below, _beta_law(beta, alpha).half(upper, 1.0 - split, mirrored=True)


def _beta_law(shape: float, other: float) -> _PowerLaw:
    return _PowerLaw(
        shape,
        lambda x: _series(shape, lambda n: x * (n - other) / n),
        lambda x: (1.0 - x) ** (other - 1.0),
    )


def _series(shape: float, factor: Callable[[int], float]) -> float:
    """The sum over n >= 1 of factor(1) ... factor(n) / (shape + n)."""
    total, product, n = 0.0, 1.0, 0
    while abs(product) > 1e-18 and n < 200:
        n += 1
        product *= factor(n)
        total += product / (shape + n)
    return total


def _cut_at(half: Half, split: float) -> Half:
    """The part of a half beyond a value, in cells of its own probability."""
    share = float(half.mass(np.array(split)))
    return half._replace(quantile=lambda v: half.quantile(2.0 * share * v), share=share)


def _nearly_normal(shape: float, p: Floats) -> Floats:
    """Quantiles of a gamma by the Cornish-Fisher series about the normal ones.

    Goldberg and Levine (1946), for chi squared with 2 shape degrees of freedom. What is left
    out is below 130 / shape^3 of the quantile for all probabilities of a table.
    """
    from scipy.special import ndtri

    z: Floats = ndtri(p)
    root = math.sqrt(shape)
    x = shape + root * z + (z**2 - 1.0) / 3.0 + (z**3 - 7.0 * z) / (36.0 * root)
    x = x - (3.0 * z**4 + 7.0 * z**2 - 16.0) / (810.0 * shape)
    return x + (9.0 * z**5 + 256.0 * z**3 - 433.0 * z) / (38_880.0 * shape * root)


def _kept(make: Callable[..., Floats], *parameters: float) -> Floats:
    """The table that `make` makes, from the cache if it is there.

    Loading scipy takes longer than everything else that a run does before its first trial.
    """
    name = digest(_origin(), make.__name__, *map(float.hex, parameters))
    content = found_or_made("tables", name, lambda: make(*parameters).tobytes(), _is_sound)
    return np.frombuffer(content, dtype=np.float64)


def _is_sound(content: bytes) -> bool:
    """Whether this can be a table: right size, finite, and quantiles that only rise in each half.

    The first coefficient of a cell is the logarithm of the quantile in its middle. Both halves
    begin where they meet and go outwards octave by octave.
    """
    if len(content) not in (8 * TABLE_SIZE, 8 * (HEAD + TABLE_SIZE)):
        return False
    table = np.frombuffer(content, dtype=np.float64)
    middles = table[-TABLE_SIZE:].reshape(2, OCTAVES, CELLS, COEFFICIENTS)[..., 0]
    lower, upper = (half[::-1].reshape(-1) for half in middles)  # by ascending probability
    rises = np.concatenate([np.diff(lower), -np.diff(upper)])
    return bool(np.isfinite(table).all() and np.all(rises >= -ROUNDING))


@lru_cache(maxsize=1)
def _origin() -> str:
    """What the bits of a table depend on, apart from its parameters.

    scipy calls exponentials of the C library, whose last bits depend on the processor.
    """
    sizes = f"{OCTAVES} {CELLS} {COEFFICIENTS}"
    own = Path(__file__).read_text("utf-8")
    return digest(own, sizes, version("numpy"), version("scipy"), *processor())


def _table(lower: Function, upper: Function) -> Floats:
    """Coefficients by ascending power, for cells in the order of the kernel's lookup."""
    nodes, to_powers = _nodes()
    halves = []
    for quantile in (lower, upper):
        logs = _log(np.maximum(quantile(_coordinates(nodes)), 1e-300))
        # One node after the other: a matrix product adds in an order that depends on the processor.
        halves.append(sum(logs[..., k, None] * to_powers[k] for k in range(COEFFICIENTS)))
    return np.concatenate([half.reshape(-1) for half in halves])


def _coordinates(places: Floats) -> Floats:
    """The coordinate v at places in [-1, 1] of every cell, (octaves, cells, places)."""
    octaves = np.arange(OCTAVES)[:, None, None]
    cells = np.arange(CELLS)[None, :, None]
    return np.ldexp(1.0 + (cells + (places + 1.0) / 2.0) / CELLS, -2 - octaves)


def _log(values: Floats) -> Floats:
    return np.array([_log_of(value) for value in values.flat]).reshape(values.shape)


def _log_of(value: float) -> float:
    return math.log(value) if value > 0.0 else math.nan


@lru_cache(maxsize=1)
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes of a cell, (nodes,), and the weights of their values in the coefficients.

    The weights are (nodes, powers).

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
