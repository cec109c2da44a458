"""The one place where the flags of compiled functions are decided.

No `fastmath`: it removes the checks for nan and lets the compiler reorder sums, so that results
would depend on the machine. `error_model="numpy"` drops Python's division checks. The cache of
compiled code does not see edits in called modules, so `riskengine.kernel` keys its folder by a
digest of the kernel sources before numba is first imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel; `.py_func` keeps the plain function."""
    return numba.njit(nogil=True, cache=True, error_model="numpy", _nrt=False)(function)  # type: ignore[no-any-return]


def inlined(function: Kernel) -> Kernel:
    """Compile a step of a larger kernel as part of it: one caller, and no entry of its own.

    Spares the compiler from optimising the same code again at every level of calls.
    """
    return numba.njit(nogil=True, inline="always", error_model="numpy", _nrt=False)(function)  # type: ignore[no-any-return]
