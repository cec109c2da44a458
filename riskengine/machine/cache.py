"""A file cache for expensive, reproducible results: machine code and tables of quantiles.

A file is named by a digest of everything that went into it, so that a stale file is never found.
It begins with a seal, so that a damaged file is detected and made again. Files can be deleted at
any time.

Code that is read from here is run, so a file is used only if no one but the user and root could
have written it. The folder must be absolute. Each folder on the way to it must belong to the user
or root and be writable by no one else. Below the user's own folder no link is followed. The seal is
a digest under a key that lies in the same folder and that only the user can read: a file that
passes is complete and was written by this engine for this user. The seal is no defence against the
user's own programs, which can do all that the user can. A folder that does not meet these
conditions is not used.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MOST_FILES = 512  #: of one kind; a sweep may need a hundred thousand tables once and never again

_MOST_BYTES = 1 << 26  #: of a file; machine code takes some hundred kilobytes
_KEY, _SEAL_BYTES = "key", 32
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# A FIFO opened without O_NONBLOCK would wait for a writer. Windows has none of these flags.
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def folder() -> Path | None:
    """The cache folder: below `NUMBA_CACHE_DIR` if set, otherwise in the user's own cache.

    None if that is not an absolute path or the user has no home: other users could write to a
    folder that is relative or shared by all.
    """
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        above = chosen
    elif sys.platform == "win32":
        above = os.environ.get("LOCALAPPDATA", "")
    elif os.path.isabs(given := os.environ.get("XDG_CACHE_HOME", "")):
        above = given  # the XDG standard says to ignore a relative path
    else:
        home = os.environ.get("HOME", os.path.expanduser("~"))
        above = os.path.join(home, ".cache") if os.path.isdir(home) else ""
    return Path(above) / "riskengine" if os.path.isabs(above) else None


def refused() -> Path | None:
    """The first folder that makes the cache unusable because another user could change it.

    It may be a parent of the cache or a folder in it. None if the cache is sound or does not exist
    yet. No folder is created.
    """
    own = _resolved()
    if own is None:
        return None
    with suppress(OSError):  # the folder does not exist yet
        for path in (*reversed(own.parents), own, *sorted(own.glob("*"))):
            found = os.lstat(path)
            if stat.S_ISDIR(found.st_mode) and not _is_safe(
                found, may_be_shared=path in own.parents
            ):
                return path
    return None


def digest(*parts: str) -> str:
    """A name that depends on these texts alone: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def processor() -> tuple[str, str]:
    """Name and features to compile for, as numba finds them."""
    from llvmlite import binding

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = "" if name == "generic" else binding.get_host_cpu_features().flatten()
    return name, features


def found_or_made(
    kind: str,
    name: str,
    make: Callable[[], bytes],
    is_sound: Callable[[bytes], bool] = lambda content: True,
) -> bytes:
    """The content of the cached file `name` of a kind; if there is none, `make` it and cache it.

    Without a usable folder the content is made each time. A file whose content is not sound is made
    again.
    """
    place = _place(kind)
    content = _read(place, name) if place is not None else None
    if content is None or not is_sound(content):
        content = make()
        if place is not None:
            _write(place, name, content)
    return content


def _place(kind: str) -> Path | None:
    """The folder of a kind, created if missing; None if other users could change it."""
    own = _resolved()
    if own is None:
        return None
    place = own / kind
    try:
        for path in (*reversed(own.parents), own, place):
            if not _is_safe(_folder_at(path), may_be_shared=path not in (own, place)):
                return None
    except OSError:
        return None
    return place


def _resolved() -> Path | None:
    """The cache folder, with all links on the way to it resolved.

    A parent may be a link, such as a home on another disk. Links are resolved before the folders
    are checked, so that changing a link in between has no effect.
    """
    own = folder()
    return None if own is None else Path(os.path.realpath(own.parent)) / own.name


def _folder_at(path: Path) -> os.stat_result:
    """The status of what is at a path; a new folder of the user's if there was nothing."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        with suppress(FileExistsError):  # another process has just made it
            os.mkdir(path, 0o700)
            os.chmod(path, 0o700)  # restores what the umask took away
        return os.lstat(path)


def _is_safe(found: os.stat_result, *, may_be_shared: bool) -> bool:
    """Whether only the user and root can change the content of this folder.

    A folder like /tmp, where everyone may write but may not rename or delete the files of others,
    is safe as a parent of the user's folder.
    """
    is_shared = may_be_shared and bool(found.st_mode & stat.S_ISVTX)
    return stat.S_ISDIR(found.st_mode) and _is_ours(found, others_may_write=is_shared)


def _is_ours(found: os.stat_result, *, others_may_write: bool = False) -> bool:
    """Whether a file or folder is the user's or root's. Windows reports no owners or modes."""
    if not hasattr(os, "geteuid"):
        return True
    is_written_by_others = bool(found.st_mode & _OTHERS_WRITE) and not others_may_write
    return found.st_uid in (os.geteuid(), 0) and not is_written_by_others


def _read(place: Path, name: str) -> bytes | None:
    """The content as it was written; None if the file is missing or is not as written."""
    content, key = _content(place / name), _content(place.with_name(_KEY))
    if content is None or not key:
        return None
    seal, content = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
    return content if seal == _seal(content, key) else None


def _content(path: Path) -> bytes | None:
    """The bytes of a regular file that belongs to the user or root; None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _PLAIN)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        is_plain = stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES
        if not is_plain or not _is_ours(found):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _write(place: Path, name: str, content: bytes) -> None:
    """Write a file with its seal, whole or not at all."""
    with suppress(OSError):
        _put(place / name, _seal(content, _key(place)) + content)
        _make_room(place)


def _put(path: Path, content: bytes, *, keep_first: bool = False) -> None:
    """Write a file whole; with `keep_first`, only if there is none by then."""
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o600)  # restores what the umask took away
        if not (keep_first and _is_linked(beside, path)):
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _is_linked(beside: Path, path: Path) -> bool:
    """Whether a path now leads to a file: this one, or one that was there first.

    False where the file system knows no links to files.
    """
    try:
        os.link(beside, path)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def _key(place: Path) -> bytes:
    """The user's key. If there is none, a new one is made, and with it all files again.

    Where several processes make one, the first stays: a later one would make the files unsound
    that were sealed in between. An unusable key is replaced.
    """
    path = place.with_name(_KEY)
    is_new = not os.path.lexists(path)
    if not _content(path):
        _put(path, os.urandom(_SEAL_BYTES), keep_first=is_new)
    return _content(path) or b""  # read back: another process may have been first


def _seal(content: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(content, key=key[:_SEAL_BYTES], digest_size=_SEAL_BYTES).digest()


def _make_room(parent: Path) -> None:
    """Delete the older half of the files where they have become too many."""
    with os.scandir(parent) as entries:
        files = list(entries)
    if len(files) <= MOST_FILES:
        return
    for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)[: MOST_FILES // 2]:
        with suppress(OSError):
            os.unlink(file)
