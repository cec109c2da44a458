"""Errors of the operating system, explained: which folder, what is wrong, what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskengine.errors import RunFault


class ResultsFault(RunFault):
    """A results folder is missing, incomplete or damaged."""


_REASONS = {
    errno.ENOSPC: "the disk is full; make room or choose another disk with --out",
    errno.EDQUOT: "your disk quota is used up; make room or choose another disk with --out",
    errno.EACCES: "you may not write there; choose another folder with --out",
    errno.EPERM: "you may not write there; choose another folder with --out",
    errno.EROFS: "the disk is read-only; choose another with --out",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed, in it or hidden beside it; remove that",
    errno.ELOOP: "a link stands where a file is needed, in it or hidden beside it; remove the link",
    errno.EBUSY: "a file in it is open in another program; close it and run again",
    errno.ENAMETOOLONG: "the name is too long for this disk",
}


@contextmanager
def explained(target: Path) -> Iterator[None]:
    """Turn an error of the operating system in the block into a message about `target`.

    Raises
    ------
    RunFault
        Instead of any OSError.
    """
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise RunFault(
            f"cannot write the results to {target}: {reason}. What was there before is unchanged."
        ) from error
