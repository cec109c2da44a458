"""Machine code of the loops over trials and rows, cached in files and run without the compiler.

numba's own cache needs numba, which takes longer to start than most runs take. It also misses an
edit in a function that a compiled function calls. Here each loop is compiled once, as one piece
(`riskengine.machine.compiling`). Its object code is cached under a digest of everything that went
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
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.kernel import tally, trials
from riskengine.kernel.arrays import Changes, Model, Rows, Scratch
from riskengine.kernel.tally import Cells, Sums
from riskengine.machine.cache import digest, found_or_made, processor

_NAME = "loop"
_ROOMS = ("kernel", "machine")  #: folders whose sources determine the machine code

_loaded: dict[tuple[Any, ...], Any] = {}  # by kernel and layout: (owner of the code, loop)
_loading = threading.Lock()


def play_trials(
    m: Model, s: Scratch, rows: Rows, changes: Changes, first_trial: int, first_row: int, count: int
) -> int:
    """Play `count` trials from `first_trial` into rows from `first_row`; return how many were done.

    Fewer than `count` means that the lists of the scratch, or the room for changes, were too short
    for the next trial. The interpreter lock is released meanwhile. All arrays must be contiguous.
    """
    return _call(trials.play_trials, (m, s, rows, changes), first_trial, first_row, count)


def tally_rows(cells: Cells, sums: Sums, first: int, count: int) -> int:
    """Add up `count` rows from `first` (see `riskengine.kernel.tally`); return their number."""
    return _call(tally.tally_rows, (cells, sums), first, count)


def _call(kernel: Callable[..., Any], given: Any, *numbers: int) -> int:
    if is_interpreted():
        return int(kernel(*given, *numbers))
    ready = getattr(_latest, kernel.__name__, None)
    if ready is None or not ready.is_for(given):
        ready = _Ready(kernel, given, len(numbers), () if ready is None else ready.parts)
        setattr(_latest, kernel.__name__, ready)
    done = ctypes.c_int64()
    if ready.loop(ctypes.byref(done), None, *ready.addresses, *numbers):
        raise RuntimeError("a kernel raised an error, which none of them can")
    return done.value


class _Part:
    """One argument of a loop: a tuple of arrays that never changes, and its layout."""

    def __init__(self, value: Any) -> None:
        self.value = value  # keeps the arrays alive while their addresses are in use
        self.words = np.array(_words(value), dtype=np.int64)
        self.layout = _layout(value)


class _Ready:
    """A loop with its arguments laid out: a replay calls it for one trial after another.

    Parts that the last call laid out are used again, because short runs often share a model.
    """

    def __init__(
        self, kernel: Callable[..., Any], given: Any, numbers: int, before: Sequence[_Part]
    ) -> None:
        known = {id(part.value): part for part in before}
        self.parts = [known.get(id(value)) or _Part(value) for value in given]
        layout = tuple(item for part in self.parts for item in part.layout)
        self.loop = _loop(kernel, given, numbers, layout)
        self.addresses = [part.words.ctypes.data for part in self.parts]

    def is_for(self, given: Any) -> bool:
        """Whether these are the very same arguments."""
        return all(part.value is value for part, value in zip(self.parts, given, strict=True))


_latest = threading.local()  #: by kernel: the loop that this thread called last


def is_interpreted() -> bool:
    """Whether `NUMBA_DISABLE_JIT` asks for plain Python, to debug or to measure coverage."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def _leaves(value: Any) -> list[Any]:
    """The numbers and arrays of a value; plain arrays, because record arrays are slow to read."""
    if not isinstance(value, tuple):
        return [value.view(np.ndarray) if isinstance(value, np.ndarray) else value]
    return [leaf for part in value for leaf in _leaves(part)]


def _words(given: Any) -> list[int]:
    """A named tuple in words: numbers as they are, and each array as numba lays it out, its owner
    (none here, twice), number of items, bytes of an item, address, shape and strides."""
    words: list[int] = []
    for leaf in _leaves(given):
        if isinstance(leaf, np.ndarray):
            address = leaf.ctypes.data
            words += (0, 0, leaf.size, leaf.itemsize, address, *leaf.shape, *leaf.strides)
        else:
            words += struct.unpack("q", struct.pack("d", leaf))
    return words


def _layout(given: Any) -> tuple[Any, ...]:
    """What the machine code assumes about its arguments."""
    return tuple(
        (leaf.dtype, leaf.ndim, leaf.flags.c_contiguous) if isinstance(leaf, np.ndarray) else float
        for leaf in _leaves(given)
    )


def _loop(kernel: Callable[..., Any], given: Any, numbers: int, layout: tuple[Any, ...]) -> Any:
    """The loop for arguments of this layout: known, linked from its file, or compiled now."""
    key = (kernel.__name__, numbers, *layout)
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
    from riskengine.machine.compiling import object_code

    return object_code(llvm, machine, kernel, given, numbers, _NAME)


def _calling(tuples: int, numbers: int) -> Any:
    """The type of a loop that takes `tuples` named tuples, then `numbers` integers."""
    result, error = ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p
    given = [ctypes.c_void_p] * tuples + [ctypes.c_int64] * numbers
    return ctypes.CFUNCTYPE(ctypes.c_int32, result, error, *given)


def _sources() -> str:
    """Digest of what the machine code is made from: the kernels and the code that compiles them."""
    package = Path(__file__).parents[1]
    files = sorted(file for room in _ROOMS for file in (package / room).glob("*.py"))
    texts = ((str(file.relative_to(package)), file.read_text("utf-8")) for file in files)
    return digest(*(text for pair in texts for text in pair))
