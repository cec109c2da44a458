"""A results folder appears completely or not at all; only a complete new one replaces it.

The steps are:

1. The new folder is written next to the target under a hidden random name, and synced.
2. The old folder is moved aside under the same random name.
3. The new folder is renamed into place.
4. The old folder is removed.

A process that dies in between leaves only hidden folders, which the next claim of the target cleans
up. An old folder is restored only while the new folder still waits next to it. Once the new folder
is in place, the old one is being removed, may have lost files, and is never restored.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from riskengine.errors import UsageFault
from riskengine.store import disk
from riskengine.store.faults import explained
from riskengine.store.shapes import FILE_NAME, SCALAR, TABLE, TEXT, Each, Shape, one_of, parsed

MANIFEST = "manifest.json"
MOST_BYTES = 1 << 26  #: of a manifest or figure table to read; ours take some kilobytes
FORMAT = "riskengine results"  #: value of `format` in the manifest of every results folder
SWEEP_FORMAT = "riskengine sweep"  #: the same for a folder with the tables of a sweep
FIT_FORMAT = "riskengine fit"  #: the same for a folder with the results of `calibrate`
BACKTEST_FORMAT = "riskengine backtest"  #: the same for a folder with a back-test
MITIGATION_FORMAT = "riskengine mitigation"  #: the same for a folder with a mitigation study
BATCH_FORMAT = "riskengine batch"  #: the same for a folder with a batch: results folders are in it
FORMATS = {  #: every kind of folder that riskengine writes, and its contents
    FORMAT: "the results of a run",
    SWEEP_FORMAT: "the tables of a sweep",
    FIT_FORMAT: "the figures of a calibration",
    BACKTEST_FORMAT: "a back-test",
    MITIGATION_FORMAT: "a mitigation study",
    BATCH_FORMAT: "a batch",
}

_OWN: Shape = {  #: the parts of a manifest that decide whether a folder may be replaced
    "format": one_of(*FORMATS),
    "files": Each(TABLE, key=FILE_NAME),
    "options?": Each(SCALAR),
    "config_files?": [{"name": TEXT}],
    "input?": {"name": TEXT},
    "suite?": {"name": TEXT},
    "scenarios?": [{"name": FILE_NAME}],
}
_NEW, _OLD = ".new", ".old"  #: suffixes of the folder being written and of the replaced one

WORKBOOK = "risk.xlsx"
PAGE = "report.html"
_DERIVED = frozenset({WORKBOOK, PAGE})  #: made from a folder after its manifest is written
MARK = "config_mark"  #: option in a manifest that identifies the config, see `mark_of`
_LITTER = re.compile(r"\.|~\$|Thumbs\.db$|desktop\.ini$", re.IGNORECASE)  #: files of file managers
_MAX_NAME_BYTES = 180  #: file systems allow 255; temporary names are longer than the target's


class Claim:
    """The exclusive right to write a results folder, held during a `with claim(...)` block."""

    def __init__(self, target: Path, kind: str = FORMAT, owner: str | None = None):
        self.target = target
        self.kind = kind
        self.owner = owner

    @property
    def work_folder(self) -> Path:
        """A hidden folder next to the target, in which unfinished work may be kept."""
        return self.target.parent / f".{_short(self.target.name)}.work"

    def replace(self, fill: Callable[[Path], None]) -> None:
        """Replace the results folder by a new one, or leave everything unchanged.

        Parameters
        ----------
        fill : callable
            Called with an empty folder; writes all files into it.

        Raises
        ------
        RunFault
            If the disk is full, or if anything else cannot be written.
        """
        with explained(self.target):
            fresh = _fresh(self.target)
            try:
                disk.make_folder(fresh)
                fill(fresh)
                disk.sync_folder(fresh)
                _swap(fresh, self)
            finally:
                with suppress(OSError):
                    _clear(self.target)


def kind_of(manifest: object) -> str | None:
    """Which of `FORMATS` a manifest declares; None for anything else."""
    found = manifest.get("format") if isinstance(manifest, dict) else None
    return found if isinstance(found, str) and found in FORMATS else None


def mark_of(config: str, folder: str | os.PathLike[str]) -> str:
    """Identify the config of some results: a digest of its path relative to the results' parent.

    The mark stays the same when a project is moved or copied as a whole, and reveals no path.
    """
    beside = os.path.dirname(os.path.realpath(folder))
    head, name = os.path.split(os.path.abspath(config))
    path = os.path.join(os.path.realpath(head), name)
    with suppress(ValueError):  # another drive
        path = os.path.relpath(path, beside)
    path = unicodedata.normalize("NFC", os.path.normcase(path)).replace(os.sep, "/")
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def check_place(
    folder: str | os.PathLike[str], kind: str = FORMAT, owner: str | None = None
) -> None:
    """Refuse a path that holds something else, without changing anything there.

    This is for a verb that may find nothing to write. It checks the path first, so that no work is
    wasted, and claims the folder only when it has results.

    Parameters and errors are those of `claim`, except that a folder in use is no error.
    """
    target = Path(os.path.abspath(folder))
    with explained(target):
        refuse_other_things(target, kind, owner)


@contextmanager
def claim(
    folder: str | os.PathLike[str], kind: str = FORMAT, owner: str | None = None
) -> Iterator[Claim]:
    """Reserve a results folder for this process.

    Parameters
    ----------
    folder : path
    kind : str
        The `format` that will be written; only a folder of the same kind may be replaced.
    owner : str, optional
        Path of the config that the folder is named after. Results of another config are then not
        replaced. Without it (the user named the folder), results of any config may be replaced.

    Raises
    ------
    UsageFault
        If the path holds something else, or another process is writing to it.
    RunFault
        If the path cannot be written to.
    """
    from filelock import FileLock, Timeout

    check_place(folder, kind, owner)
    target = Path(os.path.abspath(folder))
    with explained(target):
        disk.make_parents(target)
        # The kernel holds the lock and releases it when the process ends. The empty lock file
        # stays: without it, two waiting processes could lock two files of the same name.
        path = _lock_path(target)
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if disk.kind(path) == "nothing":  # on some file systems this means: not writable
                raise PermissionError(errno.EACCES, "no file can be made there") from None
            raise UsageFault(
                f"{folder} is in use: another process is writing its results there. "
                "Wait for it, or choose another folder with --out."
            ) from None
    try:
        with explained(target):
            _clear(target)
            refuse_other_things(target, kind, owner)
        yield Claim(target, kind, owner)
    finally:
        lock.release()


def refuse_other_things(target: Path, kind: str = FORMAT, owner: str | None = None) -> None:
    """Refuse any target except nothing, an empty folder, or earlier results of the same kind.

    Raises
    ------
    UsageFault
        If anything else is there; the message names it.
    """
    found = disk.kind(target)
    if found == "nothing":
        return
    if found != "folder":
        raise UsageFault(f"{target} is a {found}, not a folder; choose another with --out.")
    if not disk.names(target):
        return
    manifest = _own_manifest(target)
    if manifest is None:
        raise UsageFault(
            f"{target} exists and is not a results folder (it has no {MANIFEST} of riskengine), "
            "so it is left alone; choose another with --out."
        )
    if manifest["format"] != kind:
        raise UsageFault(
            f"{target} holds {FORMATS[manifest['format']]}, so it is left alone; "
            "choose another with --out."
        )
    if owner is not None and not _is_of(owner, target, manifest):
        raise UsageFault(
            f"{target} holds {FORMATS[kind]} of another file, whose name gives the same folder as "
            f"{owner}; they are left alone. Choose another folder with --out."
        )
    foreign = _foreign(target, manifest)
    if foreign:
        raise UsageFault(
            f"{target} holds {foreign}, which is not part of its results and would be lost; "
            "move it away, or choose another folder with --out."
        )


def _foreign(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The first entry of a results folder that is not part of its results; empty if all are."""
    own = {MANIFEST, *manifest["files"], *_DERIVED}
    is_batch = manifest["format"] == BATCH_FORMAT
    inside = {each["name"] for each in manifest.get("scenarios", ())} if is_batch else set()
    for name in disk.names(folder):
        if disk.kind(folder / name) == "folder":
            below = _own_manifest(folder / name) if name in inside else None
            if below is None or below["format"] != FORMAT:
                return name
            if found := _foreign(folder / name, below):
                return f"{name}/{found}"
        elif not (name in own or _LITTER.match(name)):
            return name
    return ""


def _is_of(owner: str, target: Path, manifest: dict[str, Any]) -> bool:
    """Whether results may come from the config `owner`, judged by their mark or else its name."""
    mark = manifest.get("options", {}).get(MARK)
    if mark is not None:
        return bool(mark == mark_of(owner, target))
    files = manifest.get("config_files") or [manifest.get("input") or manifest.get("suite")]
    return not files[0] or files[0]["name"] == os.path.basename(owner).partition("#")[0]


def recover(target: Path) -> None:
    """Restore a results folder after an interrupted replacement, unless a process is writing it."""
    from filelock import FileLock, Timeout

    if not (_leftovers(target, _NEW) or _leftovers(target, _OLD)):
        return
    lock = FileLock(_lock_path(target))
    with suppress(Timeout, OSError), lock.acquire(blocking=False):
        _clear(target)


def _swap(fresh: Path, claimed: Claim) -> None:
    target = claimed.target
    if disk.kind(target) == "nothing":
        disk.rename(fresh, target)
    else:
        refuse_other_things(target, claimed.kind, claimed.owner)
        # If the second rename fails or is interrupted, `_clear` restores the old folder.
        disk.rename(target, fresh.with_suffix(_OLD))
        disk.rename(fresh, target)
    # The new folder is in place. Until its name is on the disk, a power cut restores the old one.
    with suppress(OSError):
        disk.sync_folder(target.parent)


def _clear(target: Path) -> None:
    """Restore an old folder whose successor still waits; remove all other hidden folders of ours.

    Waiting new folders are removed first. Otherwise a partly removed old folder could look like one
    whose successor still waits.
    """
    waiting = _leftovers(target, _NEW)
    for old in _leftovers(target, _OLD):
        if old.with_suffix(_NEW) in waiting and disk.kind(target) == "nothing":
            disk.rename(old, target)
    for leftover in (*waiting, *_leftovers(target, _OLD)):
        disk.remove(leftover)


def _leftovers(target: Path, suffix: str) -> list[Path]:
    pattern = re.compile(rf"\.{re.escape(_short(target.name))}\.[0-9a-f]{{16}}{re.escape(suffix)}")
    return [target.parent / name for name in disk.names(target.parent) if pattern.fullmatch(name)]


def _lock_path(target: Path) -> Path:
    return target.parent / f".{_short(target.name)}.lock"


def _fresh(target: Path) -> Path:
    return target.parent / f".{_short(target.name)}.{secrets.token_hex(8)}{_NEW}"


def _short(name: str) -> str:
    """The name itself, or a digest of it if the name leaves no room for our additions."""
    encoded = os.fsencode(name)
    if len(encoded) <= _MAX_NAME_BYTES:
        return name
    return hashlib.sha256(encoded).hexdigest()[:32]


def _own_manifest(target: Path) -> dict[str, Any] | None:
    """The manifest of a folder that riskengine wrote; None if there is none, or a foreign one."""
    if disk.kind(target / MANIFEST) != "file":
        return None
    try:
        manifest: dict[str, Any] = parsed(disk.read(target / MANIFEST, MOST_BYTES), _OWN)
    except ValueError:
        return None
    return manifest
