"""The cache: found again, made again when stale or damaged, and nobody else's word taken for it."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from other_process import said

from riskengine.machine import cache as kept
from riskengine.machine.cache import folder, found_or_made


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
    assert sorted(path.name for path in home.iterdir()) == ["key", "kind"]


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


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_of_two_processes_that_make_a_key_the_first_wins(
    monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Between finding no key and writing one, another process caches a file of its own."""
    random, is_other_done = os.urandom, False

    def late_random(size: int) -> bytes:
        nonlocal is_other_done
        if size == 32 and not is_other_done:
            is_other_done = True
            found_or_made("kind", "other", Maker(b"of the other"))
        return random(size)

    def no_link(*_: object) -> None:
        raise OSError("not supported")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    monkeypatch.setattr(os, "urandom", late_random)
    found_or_made("kind", "name", Maker(b"of this one"))
    assert is_other_done
    assert found_or_made("kind", "name", Maker(b"never asked")) == b"of this one"
    expected = b"of the other" if links else b"made again"
    assert found_or_made("kind", "other", Maker(b"made again")) == expected


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


def planted(place: Path, content: bytes = b"another's") -> None:
    """Put a file where the cache looks for it, sealed with the key that lies beside it."""
    path = place / "name"
    key = place.with_name("key").read_bytes()
    path.write_bytes(hashlib.blake2b(content, key=key, digest_size=32).digest() + content)


def is_believed() -> bool:
    """Whether a file is taken from the cache, and not made again each time."""
    maker = Maker(b"our own")
    return {found_or_made("kind", "name", maker) for _ in range(2)} != {b"our own"} or (
        maker.calls < 2
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"NUMBA_CACHE_DIR": "cache"},
        {"NUMBA_CACHE_DIR": "./cache"},
        {"NUMBA_CACHE_DIR": "~"},
        {"HOME": ""},
        {"HOME": "home"},
        {"HOME": "{tmp_path}/nowhere"},
        {"HOME": "", "XDG_CACHE_HOME": "cache"},
    ],
)
def test_without_an_absolute_folder_nothing_is_kept_and_nothing_appears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("{tmp_path}", str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    assert folder() is None
    assert not is_believed()
    assert list(tmp_path.iterdir()) == []


def test_the_cache_stands_in_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    for given, expected in (("", ".cache"), ("relative", ".cache"), (f"{tmp_path}/x", "x")):
        monkeypatch.setenv("XDG_CACHE_HOME", given)
        assert folder() == tmp_path / expected / "riskengine"
    monkeypatch.setenv("NUMBA_CACHE_DIR", f"{tmp_path}/y")
    assert folder() == tmp_path / "y" / "riskengine"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_nobody_else_can_write_or_read_what_is_made(home: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert found_or_made("kind", "name", Maker()) == Maker().content
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}
    folders, files = {home, home / "kind"}, {home / "key", home / "kind" / "name"}
    assert modes == dict.fromkeys(folders, 0o700) | dict.fromkeys(files, 0o600)
    assert is_believed()


@pytest.mark.parametrize("where", ["", "..", "kind", "kind/name", "key"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_can_write_to_is_not_believed(home: Path, where: str, mode: int) -> None:
    found_or_made("kind", "name", Maker())
    planted(home / "kind")
    assert found_or_made("kind", "name", Maker()) == b"another's"
    (home / where).chmod((home / where).stat().st_mode | mode)
    assert found_or_made("kind", "name", Maker()) == Maker().content
    if where in ("kind/name", "key"):  # made again, and closed to others
        assert is_believed()
        assert stat.S_IMODE((home / where).stat().st_mode) == 0o600
    else:
        assert not is_believed()


@pytest.mark.parametrize("where", ["", "..", "kind"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_the_folder_for_which_nothing_is_kept_is_named(home: Path, where: str, mode: int) -> None:
    found_or_made("kind", "name", Maker())
    assert kept.refused() is None
    place = (home / where).resolve()
    place.chmod(place.stat().st_mode | mode)
    assert kept.refused() == place
    assert not is_believed()
    place.chmod(0o700)
    assert kept.refused() is None
    assert is_believed()


def test_a_folder_that_others_write_to_is_named_before_anything_is_kept(home: Path) -> None:
    place = home.parent.resolve()
    place.chmod(0o777)
    assert kept.refused() == place
    assert not home.exists()


def test_no_folder_is_named_and_none_is_made_where_there_is_no_cache(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.refused() is None
    assert not home.exists()
    home.symlink_to(tmp_path)  # nothing is kept there, and no mode of a folder is to blame
    assert kept.refused() is None
    monkeypatch.setenv("NUMBA_CACHE_DIR", "relative")
    assert kept.refused() is None


def test_a_folder_for_all_is_named_where_it_is_the_cache_and_not_on_the_way(home: Path) -> None:
    home.mkdir(0o700)
    home.parent.chmod(0o1777)
    assert kept.refused() is None
    home.chmod(0o1777)
    assert kept.refused() == home


def test_a_folder_for_all_is_a_place_for_a_folder_of_ones_own_and_no_more(home: Path) -> None:
    home.parent.chmod(0o1777)
    assert is_believed()
    assert is_believed()
    home.chmod(0o1777)
    assert not is_believed()


@pytest.mark.parametrize("where", ["riskengine", "riskengine/kind", "riskengine/kind/name"])
def test_no_link_is_followed_below_the_users_own_folder(home: Path, where: str) -> None:
    found_or_made("kind", "name", Maker())
    planted(home / "kind")
    path = home.parent / where
    elsewhere = path.rename(home.parent / "elsewhere")
    path.symlink_to(elsewhere)
    maker = Maker()
    assert found_or_made("kind", "name", maker) == maker.content
    assert maker.calls == 1
    assert (where == "riskengine/kind/name") == (not path.is_symlink())  # replaced by our own


def test_a_home_behind_a_link_is_a_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "user").symlink_to("disk")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "user"))
    found_or_made("kind", "name", Maker())
    assert is_believed()
    assert (tmp_path / "disk" / "riskengine" / "kind" / "name").is_file()
    (tmp_path / "disk").chmod(0o777)  # what counts is where the link leads
    assert not is_believed()


@pytest.mark.parametrize("where", ["kind/name", "key", "kind", ""])
@pytest.mark.parametrize("kind", ["FIFO", "folder"])
def test_what_is_no_plain_file_is_not_waited_for(home: Path, where: str, kind: str) -> None:
    found_or_made("kind", "name", Maker())
    path = home / where
    path.rename(home.parent / "elsewhere")
    os.mkfifo(path) if kind == "FIFO" else path.mkdir()
    maker = Maker()
    assert found_or_made("kind", "name", maker) == maker.content
    assert maker.calls == 1


def test_a_file_larger_than_any_of_ours_is_not_read(home: Path) -> None:
    found_or_made("kind", "name", Maker())
    os.truncate(home / "kind" / "name", 2**40)
    assert found_or_made("kind", "name", Maker()) == Maker().content


@pytest.mark.parametrize(
    "checksum",
    [
        lambda content: hashlib.sha256(content).digest(),
        lambda content: hashlib.blake2b(content, digest_size=32).digest(),
        lambda content: hashlib.blake2b(content, key=bytes(32), digest_size=32).digest(),
    ],
)
@pytest.mark.parametrize("key", [None, b""])
def test_junk_behind_a_checksum_that_anybody_can_take_is_not_believed(
    home: Path, checksum: Callable[[bytes], bytes], key: bytes | None
) -> None:
    found_or_made("kind", "name", Maker())
    (home / "kind" / "name").write_bytes(checksum(b"junk") + b"junk")
    if key is not None:
        (home / "key").write_bytes(key)
    assert found_or_made("kind", "name", Maker()) == Maker().content
    assert is_believed()
    assert len((home / "key").read_bytes()) == 32


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(os.urandom(32))])
def test_under_another_key_all_is_made_again_once(
    home: Path, lose: Callable[[Path], object]
) -> None:
    for name in ("name", "other"):
        found_or_made("kind", name, Maker())
    lose(home / "key")
    for name in ("name", "other"):
        maker = Maker()
        for _ in range(3):
            assert found_or_made("kind", name, maker) == maker.content
        assert maker.calls == 1


def test_every_user_has_a_key_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for name in ("one", "other"):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / name))
        found_or_made("kind", "name", Maker())
        keys.add((tmp_path / name / "riskengine" / "key").read_bytes())
    assert len(keys) == 2


def test_what_is_not_sound_is_made_again(home: Path) -> None:
    found_or_made("kind", "name", Maker(b"unsound"))
    maker = Maker(b"sound")
    for _ in range(2):
        found = found_or_made("kind", "name", maker, lambda content: content == b"sound")
        assert found == b"sound"
    assert maker.calls == 1


USER, STRANGER = 54_321, 54_322
several_users = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can act as two other users; left out: files that another user owns",
)
AS_USER = f"""
import os, sys
from pathlib import Path
from riskengine.machine import cache as kept
os.setgroups([]); os.setgid({USER}); os.setuid({USER})
calls = []
for _ in range(2):
    content = kept.found_or_made("kind", "name", lambda: calls.append(1) or b"own")
    assert content in (b"own", b"another's")
print(content.decode(), len(calls))
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder like /tmp that all users can reach, with a folder of the user in it.

    Not below pytest's own folder, which is closed to others.
    """
    with TemporaryDirectory() as made:
        top = Path(made)
        top.chmod(0o1777)
        place = top / "cache" / "riskengine" / "kind"
        place.mkdir(parents=True)
        place.with_name("key").write_bytes(bytes(range(32)))
        planted(place)
        for path in (top / "cache", *(top / "cache").rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.chown(path, USER, USER)
        yield top


@pytest.mark.processes
@several_users
@pytest.mark.parametrize(
    ("where", "owner", "expected"),
    [
        (".", USER, "another's 0"),
        (".", 0, "another's 0"),
        ("cache", 0, "another's 0"),
        ("cache/riskengine/kind/name", 0, "another's 0"),
        (".", STRANGER, "own 2"),
        ("cache", STRANGER, "own 2"),
        ("cache/riskengine", STRANGER, "own 2"),
        ("cache/riskengine/kind", STRANGER, "own 2"),
        ("cache/riskengine/kind/name", STRANGER, "own 1"),
        ("cache/riskengine/key", STRANGER, "own 1"),
    ],
)
def test_what_another_user_owns_is_not_believed(
    shared: Path, where: str, owner: int, expected: str
) -> None:
    os.chown(shared / where, owner, owner)
    assert said(AS_USER, NUMBA_CACHE_DIR=str(shared / "cache")) == expected


@pytest.mark.processes
@several_users
def test_the_folder_of_another_user_behind_a_link_is_not_believed(shared: Path) -> None:
    (shared / "link").symlink_to("cache")
    assert said(AS_USER, NUMBA_CACHE_DIR=str(shared / "link")) == "another's 0"
    os.chown(shared / "cache", STRANGER, STRANGER)
    assert said(AS_USER, NUMBA_CACHE_DIR=str(shared / "link")) == "own 2"


@pytest.mark.processes
@several_users
def test_root_with_the_home_of_a_user_takes_nothing_from_there(shared: Path) -> None:
    as_root = "\n".join(line for line in AS_USER.splitlines() if "setuid" not in line)
    assert said(as_root, NUMBA_CACHE_DIR=str(shared / "cache")) == "own 2"
    assert {path.stat().st_uid for path in (shared / "cache").rglob("*")} == {USER}


@pytest.mark.processes
@several_users
def test_a_folder_that_a_stranger_made_first_in_a_folder_for_all_is_left_alone(
    shared: Path,
) -> None:
    (shared / "riskengine").mkdir(mode=0o777)
    os.chown(shared / "riskengine", STRANGER, STRANGER)
    assert said(AS_USER, NUMBA_CACHE_DIR=str(shared)) == "own 2"
    assert list((shared / "riskengine").iterdir()) == []
    (shared / "riskengine").rmdir()
    assert said(AS_USER, NUMBA_CACHE_DIR=str(shared)) == "own 1"
    assert {path.stat().st_uid for path in (shared / "riskengine").rglob("*")} == {USER}
