"""Tables of quantiles: made by scipy once on a machine, and read from a file after that."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from riskengine.kernel.quantiles import COEFFICIENTS, TABLE_SIZE
from riskengine.model import tabulate

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tables are kept: nothing is there yet, and this process has made none."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    _forget()
    return tmp_path / "riskengine" / "tables"


def _forget() -> None:
    """Go on as a new process."""
    for known in (tabulate.beta_table, tabulate.gamma_table, tabulate._origin):
        known.cache_clear()


def _made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each table that scipy is asked for."""
    notes: list[str] = []
    make = tabulate._table
    monkeypatch.setattr(tabulate, "_table", lambda *asked: notes.append("made") or make(*asked))
    return notes


def test_a_table_from_its_file_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = _made(monkeypatch)
    first = [tabulate.beta_table(2.0, 3.5), tabulate.gamma_table(0.7), tabulate.gamma_table(2.0)]
    _forget()
    again = [tabulate.beta_table(2.0, 3.5), tabulate.gamma_table(0.7), tabulate.gamma_table(2.0)]
    assert len(notes) == 3
    for one, other in zip(first, again, strict=True):
        assert one.tobytes() == other.tobytes()
        assert other.shape == (TABLE_SIZE,)
        assert not other.flags.writeable  # every caller gets the same array
    assert len({table.tobytes() for table in first}) == 3


def test_a_kept_table_is_what_scipy_gives() -> None:
    tabulate.beta_table(2.0, 3.5)
    _forget()
    made = tabulate._make_beta(2.0, 3.5)
    assert np.array_equal(tabulate.beta_table(2.0, 3.5), made)


@pytest.mark.parametrize("part", ["processor", "version", "cells"])
def test_a_table_made_by_other_means_is_left_alone(
    tables: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = _made(monkeypatch)
    tabulate.gamma_table(0.7)
    _forget()
    if part == "processor":
        monkeypatch.setattr(tabulate, "processor", lambda: ("another", ""))
    elif part == "version":
        monkeypatch.setattr(tabulate, "version", lambda library: f"{library} of tomorrow")
    else:
        monkeypatch.setattr(tabulate, "OCTAVES", 63)
    tabulate.gamma_table(0.7)
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
    expected = tabulate.gamma_table(0.7).tobytes()
    (file,) = tables.iterdir()
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    _forget()
    notes = _made(monkeypatch)
    assert tabulate.gamma_table(0.7).tobytes() == expected
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
    expected = tabulate.gamma_table(0.7).tobytes()
    (file,) = tables.iterdir()
    content, key = _damaged(expected, how), tables.with_name("key").read_bytes()
    file.write_bytes(hashlib.blake2b(content, key=key, digest_size=32).digest() + content)
    _forget()
    notes = _made(monkeypatch)
    assert tabulate.gamma_table(0.7).tobytes() == expected
    assert len(notes) == 1


@pytest.mark.parametrize("shape", [0.01, 0.7, 1.0, 30.0, 1e6])
def test_every_table_that_scipy_makes_is_sound(shape: float) -> None:
    """So that none is made again at each start."""
    assert tabulate._is_sound(tabulate._make_gamma(shape).tobytes())
    assert tabulate._is_sound(tabulate._make_beta(shape, 2.0).tobytes())
    assert tabulate._is_sound(tabulate._make_beta(2.0, shape).tobytes())


def test_a_config_that_was_laid_out_before_needs_no_scipy() -> None:
    script = (
        "import sys, riskengine\n"
        "from riskengine.model.flat import flatten\n"
        f"scenario = riskengine.load({str(ROOT / 'configs' / 'korea-2026.toml')!r})\n"
        "flatten(scenario)\n"
        "print('scipy' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [done.stdout.strip() for done in said] == ["True", "False"]
