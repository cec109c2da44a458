"""Machine code of the loops over trials and rows, kept in files and run without the compiler.

numba's own cache needs numba, which takes longer to start than most runs take, and does not see an
edit in a function that a compiled one calls. Here each loop is compiled as one piece, once
(`riskengine.kernel.compiling`); its object code is kept under the digest of everything that went
into it: the kernels' sources, numba, the processor, the layout of the arrays. Later processes link
that file and call it.

A loop is called as numba calls it: each named tuple is a pointer to its words, the result comes
back through a pointer, and the value returned is a status, 0 here because kernels raise nothing.
"""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.kernel import tally, trials
from riskengine.kernel.arrays import Model, Rows, Scratch
from riskengine.kernel.kept import digest, found_or_made, processor
from riskengine.kernel.tally import Cells, Sums

_NAME = "loop"

_loaded: dict[tuple[Any, ...], Any] = {}  # by kernel and layout: what owns the code, the loop
_loading = threading.Lock()


def play_trials(
    m: Model, s: Scratch, rows: Rows, first_trial: int, first_row: int, count: int
) -> int:
    """Play `count` trials from `first_trial` into rows from `first_row`; how many were done.

    Fewer than `count` means that the lists of the scratch were too short for the next trial. The
    interpreter lock is released meanwhile. All arrays must be contiguous.
    """
    return _call(trials.play_trials, (m, s, rows), first_trial, first_row, count)


def tally_rows(cells: Cells, sums: Sums, first: int, count: int) -> int:
    """Add up `count` rows from `first`, as `riskengine.kernel.tally` says; how many there were."""
    return _call(tally.tally_rows, (cells, sums), first, count)


def _call(kernel: Callable[..., Any], given: Any, *numbers: int) -> int:
    if is_interpreted():
        return int(kernel(*given, *numbers))
    ready = getattr(_latest, kernel.__name__, None)
    if ready is None or not ready.is_for(given):
        ready = _Ready(given, _loop(kernel, given, len(numbers)))
        setattr(_latest, kernel.__name__, ready)
    done = ctypes.c_int64()
    if ready.loop(ctypes.byref(done), None, *ready.addresses, *numbers):
        raise RuntimeError("a kernel raised an error, which none of them can")
    return done.value


class _Ready:
    """A loop with its arguments laid out: a replay calls it for one trial after another."""

    def __init__(self, given: Any, loop: Any) -> None:
        self._given = given  # alive as long as their addresses are in use
        self.loop = loop
        self._words = [np.fromiter(_words(part), dtype=np.int64) for part in given]
        self.addresses = [words.ctypes.data for words in self._words]

    def is_for(self, given: Any) -> bool:
        """Whether these are the very same arguments; tuples of arrays never change."""
        return all(mine is other for mine, other in zip(self._given, given, strict=True))


_latest = threading.local()  #: by kernel, what this thread called last


def is_interpreted() -> bool:
    """Whether `NUMBA_DISABLE_JIT` asks for plain Python, to debug or to measure coverage."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _words(given: Any) -> Iterator[int]:
    """A named tuple in words: numbers as they are, and each array as numba lays it out, its owner
    (none here, twice), number of items, bytes of an item, address, shape and strides."""
    for leaf in _leaves(given):
        if isinstance(leaf, np.ndarray):
            address = leaf.ctypes.data
            yield from (0, 0, leaf.size, leaf.itemsize, address, *leaf.shape, *leaf.strides)
        else:
            yield from struct.unpack("q", struct.pack("d", leaf))


def _layout(given: Any) -> tuple[Any, ...]:
    """What the machine code takes for granted about its arguments."""
    return tuple(
        (leaf.dtype, leaf.ndim, leaf.flags.c_contiguous) if isinstance(leaf, np.ndarray) else float
        for leaf in _leaves(given)
    )


def _loop(kernel: Callable[..., Any], given: Any, numbers: int) -> Any:
    """The loop for arguments like these: known, linked from its file, or compiled now."""
    key = (kernel.__name__, numbers, *_layout(given))
    if key not in _loaded:
        with _loading:
            if key not in _loaded:
                _loaded[key] = _load(kernel, given, key)
    return _loaded[key][1]


def _load(kernel: Callable[..., Any], given: Any, key: tuple[Any, ...]) -> tuple[Any, Any]:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = processor()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=3, codemodel="jitdefault", jit=True
    )
    parts = (_sources(), version("numba"), version("llvmlite"), name, features, repr(key))
    code = found_or_made(
        "code", digest(*parts), lambda: _compile(llvm, machine, kernel, given, key[1])
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine, _calling(len(given), key[1])(engine.get_function_address(_NAME))


def _compile(
    llvm: Any, machine: Any, kernel: Callable[..., Any], given: Any, numbers: int
) -> bytes:
    from riskengine.kernel.compiling import object_code

    return object_code(llvm, machine, kernel, given, numbers, _NAME)


def _calling(tuples: int, numbers: int) -> Any:
    """How a loop is called that takes so many named tuples, and whole numbers after them."""
    result, error = ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p
    given = [ctypes.c_void_p] * tuples + [ctypes.c_int64] * numbers
    return ctypes.CFUNCTYPE(ctypes.c_int32, result, error, *given)


def _sources() -> str:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return digest(*(text for file in files for text in (file.name, file.read_text("utf-8"))))
