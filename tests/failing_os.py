"""The calls of the store to the file system, made to fail one after another."""

from __future__ import annotations

import itertools
import os
from typing import Any

COUNTED = (
    "open",
    "write",
    "fsync",
    "close",
    "rename",
    "mkdir",
    "unlink",
    "rmdir",
    "listdir",
    "replace",
    "link",
)


class Killed(BaseException):
    """Stands for a process that stops: nothing after it runs either."""


def calls_to_fail(failure: BaseException, most: int = 2000) -> range:
    """Which calls fail, one at a time: every third one, or each with EVERY_CALL (`make soak`).

    A full disk and a kill begin at different calls. Where a whole job is repeated for each call,
    all of them together take minutes.
    """
    if os.environ.get("EVERY_CALL"):
        return range(1, most)
    return range(2 if isinstance(failure, Killed) else 1, most, 3)


class FailingOs:
    """The os module, but call number `fatal` of those that touch the disk fails.

    After a kill every later call fails too, so that no clean-up can help.
    """

    def __init__(self, fatal: int, failure: BaseException):
        self.fatal = fatal
        self.failure = failure
        self.calls = 0
        self._numbers = itertools.count(1)  # two threads never get the same one

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in COUNTED:
            return real

        def counted(*arguments: Any, **options: Any) -> Any:
            number = self.calls = next(self._numbers)
            killed = isinstance(self.failure, Killed) and number > self.fatal
            if number == self.fatal or killed:
                # A file must still be closed for the test itself not to leak it.
                if name == "close":
                    real(*arguments)
                raise self.failure
            return real(*arguments, **options)

        return counted
