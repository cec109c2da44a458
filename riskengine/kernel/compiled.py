"""Which functions are kernels, and how they are passed to the compiler.

A kernel is a plain function with a mark. Called from Python, it runs as plain Python. `build`
passes it to the compiler, together with all kernels that it calls. Runs get their machine code from
`riskengine.machine.native`, which caches it in a file. The compiler is imported only when something
must be compiled, because it takes longer to start than most runs take.

The flags of compiled functions are decided here and nowhere else.

- No `fastmath`: it removes the checks for nan and lets the compiler reorder sums, so that results
  would depend on the machine.
- `error_model="numpy"`: a division by zero gives inf or nan, compiled or not, and needs no
  branch.
- `_nrt=False`: kernels never allocate, so they need no reference counting. Without it, passing
  arrays between functions costs nothing; with it, a trial takes two to five times as long.
- `forceinline`: the machine code of a kernel becomes part of its caller's. Most calls pass a
  dozen arrays, which costs as much as the work itself. With inlining, a trial takes a sixth less
  time.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import update_wrapper
from types import FunctionType
from typing import Any, TypeVar

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
_KERNELS: dict[Any, dict[str, Any]] = {}  #: the flags of each kernel


def compiled(function: Kernel) -> Kernel:
    """Mark a kernel whose machine code is inlined into its callers."""
    _KERNELS[function] = {"forceinline": True}
    return function


def called(function: Kernel) -> Kernel:
    """Mark a kernel that stays a function in the machine code and is called where it is needed.

    For long kernels with few arguments that are called in many places. The machine code is a third
    as long as with everything inlined, takes a quarter less time to compile, and is as fast. The
    flag is set explicitly, because a kernel inherits the flags of its caller.
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

    numba can call only its own objects. So it compiles a copy of the function, in whose globals
    those objects replace the other kernels.
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
    if not isinstance(made[kernel], FunctionType):  # it is one if numba is switched off
        _take_numbers_alike(made[kernel], numba.types.unliteral)
    return made[kernel]


def _take_numbers_alike(made: Any, unliteral: Callable[[Any], Any]) -> None:
    """Let calls with a literal number share one compiled version with all other calls.

    numba would compile a version for each literal. After inlining, the optimiser does as well
    without them.
    """
    usual = made.get_call_template
    made.get_call_template = lambda args, names: usual(tuple(map(unliteral, args)), names)


def _is_kernel(value: Any) -> bool:
    return isinstance(value, FunctionType) and value in _KERNELS
