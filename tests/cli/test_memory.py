"""A command that makes many arrays keeps freed memory; it works where there is no such setting."""

from __future__ import annotations

import ctypes
import os

import pytest

from riskengine.machine import memory


class Library:
    """A C library that notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[int, int] = {}

    def mallopt(self, parameter: int, value: int) -> int:
        self.told[parameter] = value
        return 1


def test_freed_arrays_of_some_megabytes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    memory.keep_freed_memory()
    # mallopt(3): M_TRIM_THRESHOLD is -1 and M_MMAP_THRESHOLD -3
    assert library.told == {-1: 256 * 2**20, -3: 32 * 2**20}


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_another_library_is_left_as_it_is(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", system)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_freed_memory()
