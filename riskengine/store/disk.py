"""All file-system calls of the store, in one module so that a test can make each of them fail.

No decisions are made here: `riskengine.store.folder` sets the order in which a folder is written,
synced and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

# Windows has no O_NOFOLLOW and cannot open a folder; there a rename is durable without its fsync.
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_NEW_FILE |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_PLAIN_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_PLAIN_FILE |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_CANNOT_LINK = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_CAN_SYNC_FOLDERS = hasattr(os, "O_DIRECTORY")


class NewFile:
    """A file that is being written; hashes and counts its bytes for the manifest.

    It has the methods that pyarrow needs from an output stream.
    """

    def __init__(self, path: Path):
        self._descriptor = os.open(path, _NEW_FILE, 0o666)
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        rest = memoryview(data).cast("B")
        length = len(rest)
        while len(rest):
            written = os.write(self._descriptor, rest)
            self._digest.update(rest[:written])
            self.size += written
            rest = rest[written:]
        return length

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def close(self) -> None:
        """Do nothing: pyarrow closes too early, before the data are on the disk."""

    def finish(self) -> None:
        """Wait until the data are on the disk, then close."""
        if not self.closed:
            os.fsync(self._descriptor)
            self.abandon()

    def abandon(self) -> None:
        """Close without waiting for the disk."""
        if not self.closed:
            self.closed = True
            os.close(self._descriptor)


@contextmanager
def new_file(path: Path) -> Iterator[NewFile]:
    """Create a file that must not exist yet; at the end of the block it is on the disk."""
    file = NewFile(path)
    try:
        yield file
        file.finish()
    finally:
        file.abandon()


def make_folder(path: Path) -> None:
    os.mkdir(path)


def make_parents(path: Path) -> None:
    """Make the parent folder of a results folder, and all folders above it."""
    os.makedirs(path.parent, exist_ok=True)


def sync_folder(path: Path) -> None:
    """Wait until the file names in a folder are on the disk."""
    if not _CAN_SYNC_FOLDERS:
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(old: Path, new: Path) -> None:
    """Rename within one file system; `new` must not exist."""
    os.rename(old, new)


def replace(old: Path, new: Path) -> None:
    """Rename a file within one file system; an existing `new` is replaced."""
    os.replace(old, new)


def link(file: Path, new: Path) -> None:
    """Give a file a second name, or where the disk knows no such thing, copy it.

    Both names are plain files; `new` must not exist.
    """
    try:
        os.link(file, new, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _CANNOT_LINK:
            raise
        with _plain_file(file) as old, new_file(new) as copy:
            while block := old.read(1 << 20):
                copy.write(block)


def remove(path: Path) -> None:
    """Remove a file, or a folder with its contents; a link is removed and never followed."""
    left = [path]
    while left:
        if kind(left[-1]) != "folder":
            os.unlink(left.pop())
        elif inside := os.listdir(left[-1]):
            left += [left[-1] / name for name in inside]
        else:
            os.rmdir(left.pop())


def names(path: Path) -> list[str]:
    """Names in a folder, sorted; empty when there is no such folder."""
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []


def kind(path: Path) -> str:
    """What is at a path, without following links: nothing, folder, link, file, special file."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return "nothing"
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_ISREG(mode) else "special file"


def read(path: Path, most: int = sys.maxsize - 1) -> bytes:
    """The bytes of a plain file.

    Raises
    ------
    OSError
        If there is no file, or if it is a link, a pipe or a device: a results folder may come from
        somebody else.
    ValueError
        If the file has more than `most` bytes.
    """
    with _plain_file(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise ValueError(f"it is larger than {most:,} bytes")
        return file.read()


def sha256(path: Path) -> str:
    """SHA-256 of a plain file of any size; raises OSError like `read`."""
    with _plain_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size(path: Path) -> int:
    """Size of a plain file in bytes; raises OSError like `read`."""
    with _plain_file(path) as file:
        return os.fstat(file.fileno()).st_size


def _plain_file(path: Path) -> BufferedReader:
    try:
        descriptor = os.open(path, _PLAIN_FILE)  # does not block on a pipe
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link, which is not followed") from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a plain file")
    return os.fdopen(descriptor, "rb")
