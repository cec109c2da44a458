"""Files of what is dear to make: found again, and made again when they are stale or damaged."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from riskengine.kernel import kept
from riskengine.kernel.kept import found_or_made


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "riskengine"


class Maker:
    """Makes the same content each time and counts how often it is asked."""

    def __init__(self, content: bytes = b"dear to make") -> None:
        self.content = content
        self.calls = 0

    def __call__(self) -> bytes:
        self.calls += 1
        return self.content


def test_what_was_made_once_is_found_again(home: Path) -> None:
    maker = Maker()
    assert found_or_made("kind", "name", maker) == maker.content
    assert found_or_made("kind", "name", maker) == maker.content
    assert maker.calls == 1
    assert [path.name for path in (home / "kind").iterdir()] == ["name"]


def test_another_name_and_another_kind_are_another_file() -> None:
    for kind, name in (("kind", "name"), ("kind", "other"), ("other", "name")):
        content = f"{kind} {name}".encode()
        assert found_or_made(kind, name, Maker(content)) == content
        assert found_or_made(kind, name, Maker(b"never asked")) == content


@pytest.mark.parametrize(
    "damaged",
    [
        lambda content: content[:-1],
        lambda content: content[:0],
        lambda content: content[:20],
        lambda content: content + b"\0",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
    ],
    ids=["cut short", "emptied", "half a checksum", "longer", "a bit flipped", "in the checksum"],
)
def test_what_is_damaged_is_made_again(home: Path, damaged: object) -> None:
    maker = Maker()
    found_or_made("kind", "name", maker)
    file = home / "kind" / "name"
    whole = file.read_bytes()
    file.write_bytes(damaged(whole))  # type: ignore[operator]
    assert found_or_made("kind", "name", maker) == maker.content
    assert maker.calls == 2
    assert file.read_bytes() == whole


def test_without_a_place_to_keep_it_it_is_made_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "a file"
    occupied.touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(occupied))
    maker = Maker()
    assert found_or_made("kind", "name", maker) == found_or_made("kind", "name", maker)
    assert maker.calls == 2


def test_a_writer_that_fails_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    assert found_or_made("kind", "name", Maker()) == Maker().content
    assert list((home / "kind").iterdir()) == []


def test_threads_that_make_the_same_thing_do_not_meet(home: Path) -> None:
    together = threading.Barrier(4)

    def make() -> bytes:
        together.wait(timeout=900)  # all have found no file
        return b"x" * 100_000

    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(found_or_made("kind", "name", make)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"x" * 100_000] * 4
    assert [path.name for path in (home / "kind").iterdir()] == ["name"]
    assert found_or_made("kind", "name", Maker(b"never asked")) == b"x" * 100_000


def test_when_files_are_many_the_oldest_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_FILES", 6)
    for i in range(7):
        found_or_made("kind", str(i), Maker())
        if i < 6:
            os.utime(home / "kind" / str(i), ns=(i, i))
    assert sorted(path.name for path in (home / "kind").iterdir()) == ["3", "4", "5", "6"]
