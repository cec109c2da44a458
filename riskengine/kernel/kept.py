"""What is dear to make and always comes out the same, kept in files between processes.

Machine code and tables of quantiles. A file is named by a digest of everything that went into it
and begins with a checksum of its own: one that is stale has another name, and one that is damaged
is made again. Files can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MOST_FILES = 512  #: of one kind; a sweep may need a hundred thousand tables once and never again

_CHECKSUM_BYTES = hashlib.sha256().digest_size


def folder() -> Path:
    """Where files are kept: below `NUMBA_CACHE_DIR` where set, or the user's cache."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen) / "riskengine"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "riskengine"
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "riskengine"
    return Path(os.path.expanduser("~")) / ".cache" / "riskengine"


def digest(*parts: str) -> str:
    """A name for what these texts say: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def processor() -> tuple[str, str]:
    """Name and features to compile for, as numba finds them."""
    from llvmlite import binding

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = "" if name == "generic" else binding.get_host_cpu_features().flatten()
    return name, features


def found_or_made(kind: str, name: str, make: Callable[[], bytes]) -> bytes:
    """The content of the file `name` of a kind, or what `make` returns, kept from now on.

    Without a place to keep it, it is made each time.
    """
    path = folder() / kind / name
    content = _read(path)
    if content is None:
        content = make()
        _write(path, content)
    return content


def _read(path: Path) -> bytes | None:
    """What was written, or None where there is no such file or it is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    checksum, content = content[:_CHECKSUM_BYTES], content[_CHECKSUM_BYTES:]
    return content if hashlib.sha256(content).digest() == checksum else None


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            beside.write_bytes(hashlib.sha256(content).digest() + content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _make_room(path.parent)


def _make_room(parent: Path) -> None:
    """Delete the older half of the files where they have become too many."""
    with os.scandir(parent) as entries:
        files = list(entries)
    if len(files) <= MOST_FILES:
        return
    for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)[: MOST_FILES // 2]:
        with suppress(OSError):
            os.unlink(file)
