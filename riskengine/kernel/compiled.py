"""The one place where the flags of compiled functions are decided.

- No `fastmath`: it removes the checks for nan and lets the compiler reorder sums, so that results
  would depend on the machine.
- `error_model="numpy"`: a division by zero gives inf or nan, compiled or not, and no branch.
- `_nrt=False`: kernels never allocate, so they need no counting of references. Handing arrays from
  function to function then costs nothing; with it a trial takes two to five times as long.
- `forceinline`: the machine code of a kernel becomes part of its caller's. Most calls hand over a
  dozen arrays, and passing them costs as much as the work; a trial takes a sixth less time.
- The cache of compiled code does not see edits in called modules: `riskengine.kernel` keys its
  folder by a digest of the kernel sources before numba is first imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel; `.py_func` keeps the plain function."""
    kernel: Kernel = numba.njit(cache=True, forceinline=True, **_FLAGS)(function)
    return _with_plain_function(kernel, function)


def inlined(function: Kernel) -> Kernel:
    """Compile a step of a larger kernel as part of it: one caller, and no entry of its own.

    Spares the compiler from optimising the same code again at every level of calls. The stages of a
    trial are kernels all the same: types are found faster in five pieces than in one.
    """
    kernel: Kernel = numba.njit(inline="always", **_FLAGS)(function)
    return _with_plain_function(kernel, function)


def _with_plain_function(kernel: Kernel, function: Kernel) -> Kernel:
    """Under `NUMBA_DISABLE_JIT=1` a kernel is the plain function, and is its own `.py_func`."""
    if kernel is function:
        function.py_func = function  # type: ignore[attr-defined]
    return kernel
