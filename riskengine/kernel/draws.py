"""Counter-based uniforms, addressed by (key, trial, episode, step, lane).

The generator is Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC 2011: ten rounds of a keyed bijection on a 128-bit counter. It passes BigCrush, its
authors publish test vectors, and it has no state, so that any draw can be computed alone. A key is
64 bits: a stream (what the draw is for, see `riskengine.model.streams`) mixed with the seed. The
counter is the trial (64 bits), the episode and the step (32 bits each), so that the draws
of two trials never overlap. One block gives two uniforms, called lane 0 and lane 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import Model, Records
from riskengine.kernel.compiled import compiled
from riskengine.kernel.points import coordinate
from riskengine.kernel.quantiles import CONSTANT, random_quantile

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_26 = np.uint64(26)
_6 = np.uint64(6)


@compiled
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on counter words c0..c3 with key words k0, k1 (32 bits each).

    All words travel as uint64, so that the products need no special instruction.
    """
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _32) ^ c1 ^ k0
        c1 = product_1 & _WORD
        c2 = (product_0 >> _32) ^ c3 ^ k1
        c3 = product_0 & _WORD
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@compiled
def _unit(high, low):
    """A uniform from two 32-bit words: (k + 1/2) / 2**52 with a 52-bit k, never 0 and never 1."""
    k = ((high >> _6) << _26) | (low >> _6)
    return (np.float64(np.int64(k)) + 0.5) * 2.220446049250313e-16


@compiled
def block(key, trial, episode, step):
    """The two uniforms in (0, 1) at this address, symmetric about 1/2 and exact in binary."""
    address = np.uint64(trial)
    w0, w1, w2, w3 = philox(
        address & _WORD,
        address >> _32,
        np.uint64(episode),
        np.uint64(step),
        key & _WORD,
        key >> _32,
    )
    return _unit(w0, w1), _unit(w2, w3)


@compiled
def leading(points, point, steps, key, trial, episode, step):
    """The two uniforms of a decision, from a Sobol' point where it is a leading one.

    A decision is a leading one in the first `steps` steps of the first episode, if it has
    coordinates. `point` is the first of them, and 0 for none.
    """
    if point > 0 and episode == 0 and step < steps:
        at = point + np.uint64(2 * step)
        return coordinate(points, trial, at), coordinate(points, trial, at + np.uint64(1))
    return block(key, trial, episode, step)


def uniforms(key: np.uint64, trials: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Lane 0 of `block` at episode 0 and step 0 of many trials, without the compiler.

    Parameters
    ----------
    key : uint64
        From `seeded_keys`.
    trials : ndarray, (n,) of uint64

    Returns
    -------
    ndarray, (n,) of float64
        In (0, 1), the same bits as `block` gives.
    """
    nothing = np.zeros_like(trials)
    words = philox(trials & _WORD, trials >> _32, nothing, nothing, key & _WORD, key >> _32)
    found: NDArray[np.float64] = _unit(words[0], words[1])
    return found


def seeded(model: Model, seed: int) -> Model:
    """The model with the seed mixed into the stream of every `..._key` field.

    Distinct streams keep distinct keys: the mix is a bijection of 64-bit words,
    mix(stream ^ mix(seed + golden ratio)) with the finaliser of SplitMix64 (Steele, Lea and Flood,
    OOPSLA 2014).

    Parameters
    ----------
    model : Model
    seed : int
        0 .. 2**63 - 1.

    Returns
    -------
    Model
        It shares all arrays without keys with `model`.
    """
    keyed: dict[str, Any] = {
        name: _keyed(array, seed)
        for name, array in model._asdict().items()
        if isinstance(array, np.ndarray) and array.dtype.names is not None
    }
    return model._replace(**keyed)


def _keyed(records: Records, seed: int) -> Records:
    """A copy of the records whose streams are now keys."""
    records = records.copy()
    for field in records.dtype.names or ():
        if field.endswith("_key"):
            records[field] = seeded_keys(records[field], seed)
    records.setflags(write=False)
    return records


def seeded_keys(streams: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """The key of each stream under a seed, as uint64."""
    origin = _mix(np.array([seed], dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    return _mix(streams ^ origin)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


@compiled
def draw_once(distributions, grid, k, key, trial, step, lane):
    """One independent draw of distribution `k` per trial; constants need no uniform."""
    d = distributions[k]
    if d.family == CONSTANT:
        return d.a
    return random_quantile(d, grid, block(key, trial, 0, step)[lane])
