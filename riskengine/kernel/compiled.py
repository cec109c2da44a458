"""Which functions are kernels, and how the compiler is told of them.

A kernel is a plain function with a mark, and runs as plain Python when Python calls it. `build`
hands it to the compiler, with all the kernels that it calls; runs get their machine code from
`riskengine.machine.native`, which keeps it in a file. The compiler is imported when something must
be compiled and not before: it takes longer to start than most runs take.

The flags of compiled functions are decided here and nowhere else.

- No `fastmath`: it removes the checks for nan and lets the compiler reorder sums, so that results
  would depend on the machine.
- `error_model="numpy"`: a division by zero gives inf or nan, compiled or not, and no branch.
- `_nrt=False`: kernels never allocate, so they need no counting of references. Handing arrays from
  function to function then costs nothing; with it a trial takes two to five times as long.
- `forceinline`: the machine code of a kernel becomes part of its caller's. Most calls hand over a
  dozen arrays, and passing them costs as much as the work; a trial takes a sixth less time.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import update_wrapper
from types import FunctionType
from typing import Any, TypeVar

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_KERNELS: dict[Any, dict[str, Any]] = {}  #: what is particular about each


def compiled(function: Kernel) -> Kernel:
    """Mark a kernel that is compiled on its own, whoever calls it."""
    _KERNELS[function] = {"forceinline": True}
    return function


def called(function: Kernel) -> Kernel:
    """Mark a kernel that stays a function in the machine code and is called where it is needed.

    For what is long, needed in many places and handed little: the machine code is a third as long
    as with all of it inlined, takes a quarter less time to compile, and is as fast. The flag is
    said aloud, because a kernel inherits those of the one that calls it.
    """
    _KERNELS[function] = {"forceinline": False}
    return function


def build(kernel: Callable[..., Any], **flags: Any) -> Any:
    """A kernel as an object of numba, compiled for the types of its arguments when called.

    Parameters
    ----------
    kernel : function
        Marked as `compiled` or `called`.
    **flags
        Further flags of `numba.njit`, for this kernel and all that it calls.
    """
    return _build(kernel, {}, flags)


def _build(kernel: Any, made: dict[Any, Any], flags: dict[str, Any]) -> Any:
    """The object for a kernel, taken from `made` or added to it.

    numba knows its own objects only, so it is given a twin of the function that finds those where
    the function finds other kernels.
    """
    if kernel in made:
        return made[kernel]
    import numba

    names = dict(kernel.__globals__)
    for step in dis.get_instructions(kernel):
        if step.opname == "LOAD_GLOBAL" and _is_kernel(names.get(step.argval)):
            names[step.argval] = _build(names[step.argval], made, flags)
    twin = FunctionType(kernel.__code__, names, kernel.__name__, kernel.__defaults__)
    made[kernel] = numba.njit(**_FLAGS, **_KERNELS[kernel], **flags)(update_wrapper(twin, kernel))
    if not isinstance(made[kernel], FunctionType):  # as it is where the compiler is switched off
        _take_numbers_alike(made[kernel], numba.types.unliteral)
    return made[kernel]


def _take_numbers_alike(made: Any, unliteral: Callable[[Any], Any]) -> None:
    """Let calls with a number written out share one version of the kernel with all others.

    numba would compile one for each such number. The optimiser does as well once it is inlined.
    """
    usual = made.get_call_template
    made.get_call_template = lambda args, names: usual(tuple(map(unliteral, args)), names)


def _is_kernel(value: Any) -> bool:
    return isinstance(value, FunctionType) and value in _KERNELS
