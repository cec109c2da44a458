"""How the C library of this process keeps memory that was freed."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  #: parameters of mallopt in glibc
_LARGEST_KEPT = 32 * 2**20  #: bytes of an array
_KEPT = 256 * 2**20  #: bytes in all


def keep_freed_memory() -> None:
    """Keep up to 256 MB of freed memory for the next arrays instead of returning it to the system.

    Figures make many passing arrays of a megabyte or two. The system hands memory out page by page,
    which takes a third of the CPU time of the figures of a sweep's point on a virtual machine. This
    is for commands, whose process ends soon, and only where the C library is glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, _KEPT)
