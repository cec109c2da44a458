"""The engine's kernel in C++ (`twin.cpp`): compiled here, and played on the engine's own arrays.

The struct definitions that it includes are written from the record types of
`riskengine.kernel.arrays`, so that both read the same memory and a change of a record cannot go
unnoticed. Nothing is installed; the library lives in a folder of the caller's.
"""

from __future__ import annotations

import ctypes
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from riskengine.kernel import arrays, quantiles
from riskengine.kernel.arrays import Factor, Factors, Model, Points, Rows, Scratch, Versions

SOURCE = Path(__file__).with_name("twin.cpp")
# No contraction of a * b + c into one rounding: the engine's compiler is not allowed it either.
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-std=c++17", "-shared", "-fPIC", "-Wall")

_TYPES = {"float64": "double", "int64": "std::int64_t", "uint64": "std::uint64_t"}
_SCALARS = {**_TYPES, "int32": "std::int32_t"}
_WORDS_OF_C = {"short": "short_"}  # a field of ours that is no name there
_MOST_AXES = 3


def compiler() -> str | None:
    """The C++ compiler of this machine, or None."""
    return shutil.which("g++")


class Given(NamedTuple):
    """All that the loop over trials is given."""

    model: Model
    scratch: Scratch
    rows: Rows


class Twin:
    """The compiled loop over trials.

    Parameters
    ----------
    folder : Path
        Where the header and the library are written.
    given : Given
        Arrays like those that will be played, for their types.
    """

    def __init__(self, folder: Path, given: Given) -> None:
        found = compiler()
        if found is None:
            raise RuntimeError("no C++ compiler here")
        (folder / "records.hpp").write_text(header(given), encoding="utf-8")
        library = folder / "twin.so"
        command = [found, *FLAGS, f"-I{folder}", str(SOURCE), "-o", str(library)]
        subprocess.run(command, check=True)
        self._loop = ctypes.CDLL(str(library)).play_trials
        self._loop.restype = ctypes.c_int64
        self._loop.argtypes = [ctypes.c_void_p, *[ctypes.c_int64] * 3]

    def play(self, given: Given, first_trial: int, first_row: int, count: int) -> int:
        """As `riskengine.machine.native.play_trials`: how many of `count` trials were played."""
        words = np.fromiter(_words(given), dtype=np.int64)
        return int(self._loop(words.ctypes.data, first_trial, first_row, count))


def version() -> str:
    """The compiler and its version, for the table."""
    found = compiler()
    if found is None:
        return "no C++ compiler"
    said = subprocess.run([found, "-dumpfullversion"], check=True, capture_output=True, text=True)
    return f"g++ {said.stdout.strip()} {' '.join(FLAGS[:3])}"


def header(given: Given) -> str:
    """Constants, records and the arguments of the kernels, as C++."""
    parts = ["// Written by benchmarks/twin.py from riskengine.kernel.arrays.", *_constants()]
    record_types = {value.names: name for name, value in vars(arrays).items() if _is_record(value)}
    struct_names = {names: _camel(name) for names, name in record_types.items()}
    for name, value in vars(arrays).items():
        if _is_record(value):
            fields = [(field, _TYPES[str(value[field])]) for field in value.names]
            parts.append(_struct(_camel(name), fields))
    parts.append(_struct("Factor", [(field, "double") for field in Factor._fields]))
    parts.append(_struct("Factors", [(field, "Factor") for field in Factors._fields]))
    type_of = partial(_type_of, struct_names)
    inner = (("Points", given.model.points), ("Versions", given.model.versions))
    for name, value in (*inner, *zip(("Model", "Scratch", "Rows"), given, strict=True)):
        parts.append(_struct(name, [(f, type_of(v)) for f, v in value._asdict().items()]))
    parts.append(_struct("Given", [("model", "Model"), ("scratch", "Scratch"), ("rows", "Rows")]))
    return "\n\n".join(parts) + "\n"


def _constants() -> Iterator[str]:
    for module in (arrays, quantiles):
        for name, value in vars(module).items():
            if type(value) is int and name.isupper() and not name.startswith("_"):
                yield f"constexpr std::int64_t {name} = {value};"


def _is_record(value: Any) -> bool:
    return isinstance(value, np.dtype) and value.names is not None


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _struct(name: str, fields: Sequence[tuple[str, str]]) -> str:
    lines = [f"    {kind} {_WORDS_OF_C.get(field, field)};" for field, kind in fields]
    return "\n".join([f"struct {name} {{", *lines, "};"])


def _type_of(struct_names: dict[tuple[str, ...], str], value: Any) -> str:
    if isinstance(value, Factors | Points | Versions):
        return type(value).__name__
    if not isinstance(value, np.ndarray):
        return "double"
    names = value.dtype.names
    return f"Array<{_SCALARS[str(value.dtype)] if names is None else struct_names[names]}>"


def _words(value: Any) -> Iterator[int]:
    """The arguments as the structs lay them out: numbers, and of arrays address and lengths."""
    if isinstance(value, tuple):
        for part in value:
            yield from _words(part)
    elif isinstance(value, np.ndarray):
        if not value.flags.c_contiguous or value.ndim > _MOST_AXES:
            raise ValueError("the twin reads contiguous arrays of at most three axes")
        yield value.ctypes.data
        yield from (*value.shape, *[1] * (_MOST_AXES - value.ndim))
    else:
        yield from struct.unpack("q", struct.pack("d", value))
