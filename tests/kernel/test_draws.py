"""The counter-based generator: published vectors, open interval, independence of addresses."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from machine_code import machine_code
from scipy import stats

from riskengine.kernel.draws import _unit, block, philox, seeded_keys
from riskengine.model.streams import stream

WORD = 0xFFFFFFFF

# The known-answer vectors of Random123 for philox4x32-10: counter, key, output.
VECTORS = {
    "zeros": ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": (
        (WORD, WORD, WORD, WORD),
        (WORD, WORD),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    "digits of pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}


def _words(*values: int) -> list[np.uint64]:
    return [np.uint64(value) for value in values]


def _key(*names: str, seed: int = 1) -> np.uint64:
    return seeded_keys(np.array([stream(*names)], dtype=np.uint64), seed)[0]


def _uniforms(key: np.uint64, trials: int, episode: int = 0, step: int = 0) -> np.ndarray:
    """(trials, 2) uniforms of both lanes."""
    draw = machine_code(block)
    return np.array([draw(key, trial, episode, step) for trial in range(trials)])


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS.values(), ids=list(VECTORS))
def test_philox_yields_its_published_vectors(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    found = machine_code(philox)(*_words(*counter, *key))
    assert tuple(int(word) for word in found) == expected


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS.values(), ids=list(VECTORS))
def test_philox_yields_its_published_vectors_without_the_compiler(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    found = philox(*_words(*counter, *key))
    assert tuple(int(word) for word in found) == expected


def test_the_words_of_an_address_are_trial_episode_and_step_in_this_order() -> None:
    trial, episode, step = 0x85A308D3243F6A88, 0x13198A2E, 0x03707344
    # The key is that of the vector, too: low word first.
    found = block(np.uint64(0x299F31D0A4093822), np.uint64(trial), episode, step)
    w0, w1, w2, w3 = VECTORS["digits of pi"][2]
    expected = [
        ((high >> 6) * 2**26 + (low >> 6) + 0.5) / 2.0**52 for high, low in ((w0, w1), (w2, w3))
    ]
    assert found == tuple(expected)


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [(0, 0, 2.0**-53), (WORD, WORD, 1.0 - 2.0**-53), (0x80000000, 0, 0.5 + 2.0**-53)],
    ids=["all zeros", "all ones", "half"],
)
def test_extreme_words_make_uniforms_inside_the_open_interval(
    high: int, low: int, expected: float
) -> None:
    found = _unit(*_words(high, low))
    assert 0.0 < found < 1.0
    assert found == expected


def test_uniforms_are_symmetric_about_one_half_to_the_bit() -> None:
    random = np.random.default_rng(1)
    for high, low in random.integers(0, 2**32, (1000, 2)):
        mirrored = _unit(*_words(WORD - int(high), WORD - int(low)))
        assert mirrored == 1.0 - _unit(*_words(int(high), int(low)))


@pytest.mark.costly
def test_uniforms_are_uniform() -> None:
    draws = _uniforms(_key("onset", "a"), 100_000).ravel()
    n = draws.size
    assert abs(draws.mean() - 0.5) < 4.0 * math.sqrt(1.0 / 12.0 / n)
    assert abs((draws**2).mean() - 1.0 / 3.0) < 4.0 * math.sqrt(4.0 / 45.0 / n)
    counts = np.bincount((draws * 100).astype(int), minlength=100)
    assert stats.chisquare(counts).pvalue > 1e-4


@cache
def _address_pairs() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pairs of series, over trials, that must look independent."""
    n = 20_000
    key = _key("path", "dispute", "material")
    draws = _uniforms(key, n + 1)
    first = draws[:-1, 0]
    return {
        "lanes": (first, draws[:-1, 1]),
        "neighbouring trials": (first, draws[1:, 0]),
        "a trial's lane and the next trial's other": (draws[:-1, 1], draws[1:, 0]),
        "episodes": (first, _uniforms(key, n, episode=1)[:, 0]),
        "steps": (first, _uniforms(key, n, step=1)[:, 0]),
        "episode and step": (
            _uniforms(key, n, episode=1)[:, 0],
            _uniforms(key, n, step=1)[:, 0],
        ),
        "purposes": (first, _uniforms(_key("cover", "dispute", "material"), n)[:, 0]),
        "materials": (first, _uniforms(_key("path", "dispute", "other"), n)[:, 0]),
        "own and shared": (first, _uniforms(_key("path", "dispute"), n)[:, 0]),
        "seeds": (first, _uniforms(_key("path", "dispute", "material", seed=2), n)[:, 0]),
        "seeds far apart": (
            first,
            _uniforms(_key("path", "dispute", "material", seed=2**63 - 1), n)[:, 0],
        ),
    }


PAIRS = (
    "lanes",
    "neighbouring trials",
    "a trial's lane and the next trial's other",
    "episodes",
    "steps",
    "episode and step",
    "purposes",
    "materials",
    "own and shared",
    "seeds",
    "seeds far apart",
)


@pytest.mark.costly
@pytest.mark.parametrize("pair", PAIRS)
def test_draws_at_different_addresses_are_uncorrelated(pair: str) -> None:
    one, other = _address_pairs()[pair]
    products = (one - 0.5) * (other - 0.5)
    assert abs(products.mean()) < 4.0 / 12.0 / math.sqrt(products.size)


@pytest.mark.costly
@pytest.mark.parametrize("pair", PAIRS)
def test_pairs_of_draws_fill_the_square_evenly(pair: str) -> None:
    one, other = _address_pairs()[pair]
    cells = (one * 16).astype(int) * 16 + (other * 16).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > 1e-4


def test_no_two_addresses_in_a_block_of_them_share_a_draw() -> None:
    keys = [_key("path", f"d{k}", seed=seed) for k in range(5) for seed in range(4)]
    draws = {
        block(key, trial, episode, step)
        for key in keys
        for trial in (0, 1, 2, 3, 2**31, 2**32, 2**32 + 1, 2**53, 2**63 - 1)
        for episode in range(6)
        for step in range(6)
    }
    assert len(draws) == len(keys) * 9 * 6 * 6


def test_distinct_streams_keep_distinct_keys_under_a_seed() -> None:
    streams = np.arange(10_000, dtype=np.uint64)
    for seed in (0, 1, 2**63 - 1):
        assert np.unique(seeded_keys(streams, seed)).size == streams.size


def test_distinct_seeds_give_a_stream_distinct_keys() -> None:
    one = np.array([stream("onset", "a")], dtype=np.uint64)
    keys = {int(seeded_keys(one, seed)[0]) for seed in range(10_000)}
    assert len(keys) == 10_000


def test_a_seed_and_a_stream_do_not_change_places() -> None:
    a, b = 12345, 67890
    one = seeded_keys(np.array([a], dtype=np.uint64), b)[0]
    assert one != seeded_keys(np.array([b], dtype=np.uint64), a)[0]


def test_one_bit_of_the_seed_changes_half_of_the_bits_of_a_key() -> None:
    one = np.array([stream("onset", "a")], dtype=np.uint64)
    origin = int(seeded_keys(one, 0)[0])
    flips = [(origin ^ int(seeded_keys(one, 1 << bit)[0])).bit_count() for bit in range(63)]
    assert abs(np.mean(flips) - 32.0) < 4.0 * 4.0 / math.sqrt(63.0)
