"""From a kernel to object code: kernels kept as numba translated them, optimised once, in one."""

from __future__ import annotations

import ctypes
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np
import pytest

from riskengine.kernel import tally, workspace
from riskengine.kernel.compiled import compiled
from riskengine.kernel.tally import Cells, Sums
from riskengine.machine import compiling, native
from riskengine.machine.cache import processor
from riskengine.machine.compiling import is_known, object_code
from riskengine.machine.fields import Fields

pytestmark = pytest.mark.skipif(native.is_interpreted(), reason="the compiler is switched off")

ROOT = Path(__file__).parents[2]


class Inner(NamedTuple):
    """Two numbers and a list."""

    low: float
    values: Any
    high: float


class Outer(NamedTuple):
    """What a kernel may be handed: arrays of any number of axes, records, tuples in tuples."""

    first: float
    cube: Any
    inner: Inner
    places: Any
    records: Any
    last: float


def outer(dtype: Any = np.float64) -> Outer:
    """One of everything, each value another."""
    records = workspace.records(np.dtype([("a", np.float64), ("n", np.int64)], align=True), 3)
    records["a"], records["n"] = (0.5, 0.25, 0.125), (7, 8, 9)
    cube = np.arange(24, dtype=dtype).reshape(2, 3, 4)
    inner = Inner(3.0, np.array([5.0, 6.0]), 4.0)
    return Outer(1.0, cube, inner, np.array([2, 1], dtype=np.uint64), records, 2.0)


@compiled
def _inside(inner, i):
    return inner.low + inner.high * inner.values[i]


@compiled
def read_everything(given, out, i, j):
    """Fill `out` with values from all over `given`; 17."""
    out.values[0] = given.first
    out.values[1] = given.last
    out.values[2] = given.cube[1, i, j]
    out.values[3] = given.cube.shape[2]
    out.values[4] = _inside(given.inner, given.places[1])
    out.values[5] = given.records[i].a + given.records.size
    given.records[j].n = given.records[i].n + 1
    out.values[6] = given.inner.values.size
    return 17


class Written(NamedTuple):
    """Where results go."""

    values: Any


@pytest.fixture(params=["kept as translated", "optimised by numba"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to object code: with the numba we know, and with any other."""
    monkeypatch.setattr(compiling, "is_known", lambda _: request.param == "kept as translated")
    return str(request.param)


def run(kernel: Any, given: tuple[Any, ...], *numbers: int) -> int:
    """Compile a kernel anew and call it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = processor()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=3, codemodel="jitdefault", jit=True
    )
    code = object_code(llvm, machine, kernel, given, len(numbers), "loop")
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    loop = native._calling(len(given), len(numbers))(engine.get_function_address("loop"))
    words = [np.fromiter(native._words(part), dtype=np.int64) for part in given]
    done = ctypes.c_int64()
    assert loop(ctypes.byref(done), None, *(part.ctypes.data for part in words), *numbers) == 0
    return done.value


@pytest.mark.costly
def test_machine_code_reads_every_kind_of_field(way: str) -> None:
    expected, found = np.zeros(7), np.zeros(7)
    interpreted, machine = outer(), outer()
    assert read_everything(interpreted, Written(expected), 1, 2) == 17
    assert run(read_everything, (machine, Written(found)), 1, 2) == 17
    assert expected.tolist() == [1.0, 2.0, 18.0, 4.0, 27.0, 3.25, 2.0]
    assert found.tobytes() == expected.tobytes()
    assert machine.records.tobytes() == interpreted.records.tobytes()


@pytest.mark.costly
def test_rows_add_up_to_the_same_bits_whoever_optimises(way: str) -> None:
    def added_up(call: Any) -> bytes:
        draw = np.random.default_rng(5)
        cells = Cells(
            draw.lognormal(size=(40, 2)),
            draw.lognormal(size=(40, 3, tally._INDUSTRY_FIELDS)),
            draw.lognormal(size=(40, 2, tally._MATERIAL_CELLS)),
            draw.integers(0, 3, size=(40, 2)).astype(np.int32),
            draw.lognormal(size=(40, 2)),
            draw.lognormal(size=(40, 6)),
            draw.integers(0, 2, size=40).astype(np.int32),
        )
        columns = tally.pool_column(tally.dispute_column(3, 2, 2), 1)
        sums = Sums(
            cells=np.zeros(columns),
            moments=np.zeros((columns + 6, tally.MOMENTS)),
            binned=np.array([0, 1]),
            bins=np.zeros((2, tally.BINS), dtype=np.int64),
            watched=np.array([0, 2]),
            bounds=np.array([1.0, 2.0]),
            exceeded=np.zeros(2, dtype=np.int64),
            divided=np.array([2, 3]),
            parts=np.zeros((tally.BINS, 2), dtype=np.int64),
            units=tally.part_units(35),
        )
        assert call((cells, sums)) == 35
        return b"".join(part.tobytes() for part in sums if isinstance(part, np.ndarray))

    expected = added_up(lambda given: tally.tally_rows(*given, 3, 35))
    assert added_up(lambda given: run(tally.tally_rows, given, 3, 35)) == expected


def test_tuples_are_of_one_type_where_their_fields_are() -> None:
    assert Fields(outer()) == Fields(outer())
    assert Fields(outer()) != Fields(outer(np.float32))
    assert Fields(outer()) != Fields(outer().inner)


def test_the_locked_numba_is_the_one_that_the_short_way_was_written_against() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    (locked,) = re.findall(r"^numba==(\S+)", lock, re.MULTILINE)
    assert is_known(locked)
    assert not is_known("0.67.0")
    assert not is_known("0.680.0")


@pytest.mark.costly
@pytest.mark.skipif(not is_known(version("numba")), reason="another numba than the locked one")
def test_steps_left_out_are_steps_that_numba_has(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    usual = compiling.DefaultPassBuilder.define_nopython_pipeline

    def noting(state: Any) -> Any:
        made = usual(state)
        seen.update(step.__name__ for step, _ in made.passes)
        return made

    monkeypatch.setattr(compiling.DefaultPassBuilder, "define_nopython_pipeline", noting)
    run(read_everything, (outer(), Written(np.zeros(7))), 0, 0)
    assert seen > compiling._NEEDLESS
