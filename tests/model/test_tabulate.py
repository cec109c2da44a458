"""Tables of quantiles: made by scipy once on a machine, and read from a file after that."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy import special

from riskengine.config.schema.distributions import SOUND_SHAPES
from riskengine.kernel.quantiles import COEFFICIENTS, HEAD, TABLE_SIZE
from riskengine.model import tabulate
from riskengine.model.distributions import Distribution
from riskengine.model.flat.distributions import quantiles_at

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tables are kept: nothing is there yet, and this process has made none."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    _forget()
    return tmp_path / "riskengine" / "tables"


def _forget() -> None:
    """Go on as a new process."""
    for known in (tabulate.quantile_table, tabulate._origin):
        known.cache_clear()


def _made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each table that scipy is asked for."""
    notes: list[str] = []
    make = tabulate._table
    monkeypatch.setattr(tabulate, "_table", lambda *asked: notes.append("made") or make(*asked))
    return notes


def test_a_table_from_its_file_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = _made(monkeypatch)
    first = [
        tabulate.quantile_table("beta", (2.0, 3.5)),
        tabulate.quantile_table("gamma", (0.7,)),
        tabulate.quantile_table("gamma", (2.0,)),
    ]
    _forget()
    again = [
        tabulate.quantile_table("beta", (2.0, 3.5)),
        tabulate.quantile_table("gamma", (0.7,)),
        tabulate.quantile_table("gamma", (2.0,)),
    ]
    assert len(notes) == 3
    for one, other in zip(first, again, strict=True):
        assert one.tobytes() == other.tobytes()
        assert other.shape == (TABLE_SIZE,)
        assert not other.flags.writeable  # every caller gets the same array
    assert len({table.tobytes() for table in first}) == 3


def test_a_kept_table_is_what_scipy_gives() -> None:
    tabulate.quantile_table("beta", (2.0, 3.5))
    _forget()
    made = tabulate._make_beta(2.0, 3.5)
    assert np.array_equal(tabulate.quantile_table("beta", (2.0, 3.5)), made)


@pytest.mark.parametrize("part", ["processor", "version", "cells"])
def test_a_table_made_by_other_means_is_left_alone(
    tables: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = _made(monkeypatch)
    tabulate.quantile_table("gamma", (0.7,))
    _forget()
    if part == "processor":
        monkeypatch.setattr(tabulate, "processor", lambda: ("another", ""))
    elif part == "version":
        monkeypatch.setattr(tabulate, "version", lambda library: f"{library} of tomorrow")
    else:
        monkeypatch.setattr(tabulate, "OCTAVES", 63)
    tabulate.quantile_table("gamma", (0.7,))
    assert len(notes) == 2
    assert len(list(tables.iterdir())) == 2


def test_values_at_the_nodes_give_the_polynomial_through_them() -> None:
    nodes, to_powers = tabulate._nodes()
    chebyshev = np.polynomial.chebyshev.chebpts1(len(nodes))
    np.testing.assert_allclose(nodes, chebyshev, atol=2.0**-21)
    # Powers of a node have at most 220 bits, of which 53 are kept; the largest coefficient is 1e3.
    for power in range(len(nodes)):
        expected = np.arange(len(nodes)) == power
        np.testing.assert_allclose(nodes**power @ to_powers, expected, atol=1e-12)


def test_a_damaged_table_is_made_again(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tabulate.quantile_table("gamma", (0.7,)).tobytes()
    (file,) = tables.iterdir()
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    _forget()
    notes = _made(monkeypatch)
    assert tabulate.quantile_table("gamma", (0.7,)).tobytes() == expected
    assert len(notes) == 1


def _damaged(table: bytes, how: str) -> bytes:
    values = np.frombuffer(table).copy()
    if how == "short":
        return table[:-8]
    if how == "long":
        return table + bytes(8)
    if how == "falling":  # the middle of one cell below that of the cell before it
        middles = values.reshape(2, -1, COEFFICIENTS)[0, :, 0]
        middles[3] = middles[5] - 1e-3
    else:
        values[777] = float(how)
    return values.tobytes()


@pytest.mark.parametrize("how", ["short", "long", "nan", "inf", "-inf", "falling"])
def test_a_file_that_can_be_no_table_is_made_again(
    tables: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tabulate.quantile_table("gamma", (0.7,)).tobytes()
    (file,) = tables.iterdir()
    content, key = _damaged(expected, how), tables.with_name("key").read_bytes()
    file.write_bytes(hashlib.blake2b(content, key=key, digest_size=32).digest() + content)
    _forget()
    notes = _made(monkeypatch)
    assert tabulate.quantile_table("gamma", (0.7,)).tobytes() == expected
    assert len(notes) == 1


@pytest.mark.parametrize("shape", [0.01, 0.7, 1.0, 30.0, 1e6])
def test_every_table_that_scipy_makes_is_sound(shape: float) -> None:
    """So that none is made again at each start."""
    assert tabulate._is_sound(tabulate._make_gamma(shape).tobytes())
    assert tabulate._is_sound(tabulate._make_beta(shape, 2.0).tobytes())
    assert tabulate._is_sound(tabulate._make_beta(2.0, shape).tobytes())


@pytest.mark.processes
def test_a_config_that_was_laid_out_before_needs_no_scipy() -> None:
    script = (
        "import sys, riskengine\n"
        "from riskengine.model.flat.scenario import flatten\n"
        f"scenario = riskengine.load({str(ROOT / 'configs' / 'korea-2026.toml')!r})\n"
        "flatten(scenario)\n"
        "print('scipy' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [done.stdout.strip() for done in said] == ["True", "False"]


U = np.concatenate(
    [10.0 ** np.linspace(-12.0, -1.0, 12), [0.3, 0.5, 0.7], 1.0 - 0.1 ** np.arange(1, 13)]
)
TINY = [
    (7.1e-6, 4.222e-5),
    (0.001, 0.005),
    (0.1 * (0.09 / 0.299**2 - 1.0), 0.9 * (0.09 / 0.299**2 - 1.0)),  # mean 0.1, sd 0.299
    (0.05, 0.05),
    (1e-12, 1e-6),
    (1e-4, 3.0),
    (1e-3, 1e3),
    (20.0, 1e-5),
]


def _exact_beta(alpha: float, beta: float, x: float) -> tuple[mpmath.mpf, mpmath.mpf]:
    """P(X <= x) and P(X > x) to 40 digits."""
    with mpmath.workdps(40):
        if x <= 0.5:
            below = mpmath.betainc(alpha, beta, 0, mpmath.mpf(x), regularized=True)
            return below, 1 - below
        above = mpmath.betainc(beta, alpha, 0, 1 - mpmath.mpf(x), regularized=True)
        return 1 - above, above


@pytest.mark.exhaustive
@pytest.mark.parametrize(("alpha", "beta"), TINY)
def test_a_beta_of_tiny_shapes_has_its_own_quantiles_within_0_and_1(
    alpha: float, beta: float
) -> None:
    found = quantiles_at(Distribution(family="beta", parameters=(alpha, beta)), U)
    assert (np.diff(found) >= 0.0).all()
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    for u, x in zip(U, found, strict=True):
        # Where the density is all but nothing or endless, x is the quantile of a near probability.
        near, far = max(x * (1 - 1e-10) - 1e-290, 0.0), min(x * (1 + 1e-10) + 1e-290, 1.0)
        if u <= 0.5:
            assert _exact_beta(alpha, beta, near)[0] <= u * (1 + 2e-9)
            assert _exact_beta(alpha, beta, far)[0] >= u * (1 - 2e-9)
        else:
            assert _exact_beta(alpha, beta, near)[1] >= (1 - u) * (1 - 2e-9)
            assert _exact_beta(alpha, beta, far)[1] <= (1 - u) * (1 + 2e-9)


@pytest.mark.parametrize("shape", [1e-12, 1e-5, 1e-3, 0.004, 0.01])
def test_a_gamma_of_a_tiny_shape_has_its_own_quantiles(shape: float) -> None:
    found = quantiles_at(Distribution(family="gamma", parameters=(shape, 1.0)), U)
    for u, x in zip(U, found, strict=True):
        if x > 1e-250:
            with mpmath.workdps(40):
                below = mpmath.gammainc(shape, 0, mpmath.mpf(x), regularized=True)
            # The ratio of two probabilities near 1 is rounded, too.
            assert abs(float(below - u)) <= 2e-9 * min(u, 1.0 - u) + 1e-15
        else:  # x^shape / gamma(1 + shape) = u, but for a factor 1 - x
            assert (np.log(u) + special.gammaln(1.0 + shape)) / shape < np.log(1e-249)


@pytest.mark.costly
@pytest.mark.parametrize("shape", [3e5, 1e8, 1e14])
def test_a_gamma_of_a_large_shape_is_right_in_the_lower_tail_too(shape: float) -> None:
    # scipy's gammainc is wrong by up to 100 % there: the density itself is integrated.
    found = quantiles_at(Distribution(family="gamma", parameters=(shape, 1.0)), U)
    for u, x in zip(U[:14], found, strict=False):
        mass, slope = _lower_gamma(shape, float(x))
        assert abs(float((mass / u - 1) / slope)) < 1e-10


def _lower_gamma(shape: float, x: float) -> tuple[mpmath.mpf, mpmath.mpf]:
    """P(X <= x), from the density, and d log P / d log x."""
    with mpmath.workdps(40):
        root, end = mpmath.sqrt(shape), mpmath.mpf(x)
        cuts = [end - k * root for k in (20, 8, 3, 1, 0)]
        top = mpmath.exp((shape - 1) * mpmath.log(end) - end - mpmath.loggamma(shape))

        def density(t: mpmath.mpf) -> mpmath.mpf:
            return mpmath.exp((shape - 1) * mpmath.log(t / end) - (t - end))

        mass = top * mpmath.quad(density, cuts)
        return mass, end * top / mass


@pytest.mark.parametrize(("alpha", "beta"), [(1e3, 1e6), (1e3, 1e8), (3.0, 1e8)])
def test_a_beta_has_ten_digits_where_the_inverse_of_scipy_has_three(
    alpha: float, beta: float
) -> None:
    found = quantiles_at(Distribution(family="beta", parameters=(alpha, beta)), U)
    for u, x in zip(U, found, strict=True):
        side = special.betainc if u <= 0.5 else special.betaincc
        mass = side(alpha, beta, x)  # right to 3e-14 by mpmath, unlike betaincinv
        slope = abs(side(alpha, beta, x * (1 + 1e-6)) / mass - 1) / 1e-6
        assert abs(mass / min(u, 1.0 - u) - 1.0) / slope < 2e-10


@pytest.mark.costly
def test_moderate_shapes_have_plain_tables_that_are_right() -> None:
    """What lets a config be read without making them."""
    low, high = SOUND_SHAPES
    shapes = [low, 0.5, 1.0, 2.0, 40.0, 700.0, high]
    assert all(tabulate._make_gamma(shape).size == TABLE_SIZE for shape in shapes)
    assert all(tabulate._make_beta(a, b).size == TABLE_SIZE for a in shapes for b in shapes)


def test_a_table_that_is_wrong_is_not_used() -> None:
    """Each value of a half, a part in a thousand million off: refused; its tenth: used."""
    half = tabulate.Half(lambda p: special.gammaincinv(2.0, p), lambda x: special.gammainc(2.0, x))
    upper = tabulate.Half(
        lambda q: special.gammainccinv(2.0, q), lambda x: special.gammaincc(2.0, x)
    )
    for factor, is_right in ((1.0, True), (1.0 + 1e-9, False), (1.0 - 1e-9, False)):
        wrong = half._replace(quantile=lambda p, by=factor: by * special.gammaincinv(2.0, p))
        lower_half = np.split(tabulate._table(wrong.quantile, upper.quantile), 2)[0]
        # At the median 1e-9 of x are 0.6e-9 of P: 1e-9 is passed only in the tail.
        assert tabulate._is_right(half, lower_half) == is_right


@pytest.mark.parametrize(("alpha", "beta"), [(1e11, 1e11), (1e-200, 1.0), (2.0, 1e30)])
def test_shapes_that_nothing_can_be_said_about_are_refused(alpha: float, beta: float) -> None:
    with pytest.raises(ArithmeticError):
        tabulate.quantile_table("beta", (alpha, beta))
    assert not tabulate.can_be_tabulated("beta", (alpha, beta))


def test_a_rescaled_table_comes_with_its_head() -> None:
    table = tabulate.quantile_table("beta", (0.001, 0.005))
    assert table.size == HEAD + TABLE_SIZE
    # P(X <= 1/2) of the betas that are nearly a coin is beta / (alpha + beta), and the rest.
    assert table[0] == pytest.approx(5 / 6, abs=0.003)
    assert table[0] + table[2] == pytest.approx(1.0, abs=1e-12)
    assert list(table[[1, 3]]) == [1000.0, 200.0]
