"""Finished parts of a long job, kept on disk until its tables are written; the tables' folder.

Each finished part is one file in a hidden folder next to the target. The file is written under
another name, synced and renamed; its first line holds a digest of the file and of the job. So a
process that dies leaves only complete files. A part whose file is damaged anyway is played again.
The hidden folder is removed once the tables are in place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from riskengine.errors import UsageFault
from riskengine.model.spelling import counted
from riskengine.store import disk
from riskengine.store.faults import explained
from riskengine.store.folder import Claim
from riskengine.store.provenance import engine_digest, versions
from riskengine.store.results import write_files
from riskengine.store.shapes import TEXT, Each, Shape, parsed
from riskengine.store.streams import Writer

SEAL_BYTES = 65  #: 64 hexadecimal digits and a line end

_UNFINISHED = ".new"
_MOST_BYTES = 1 << 26  #: of a kept part; ours take some kilobytes


def begin_hidden(folder: Path, parts: str, *, restart: bool) -> None:
    """Make a hidden folder for finished parts, or go on with the one that is there.

    Parameters
    ----------
    folder : Path
    parts : str
        What is kept in it, for messages.
    restart : bool
        Remove what is kept.

    Raises
    ------
    UsageFault
        If something else is at its path.
    """
    found = disk.kind(folder)
    if found not in ("folder", "nothing"):  # a link could lead into a foreign folder
        raise UsageFault(
            f"{folder}, where finished {parts} are kept, is a {found} and no "
            "folder; remove it, or choose another folder with --out."
        )
    if restart and found == "folder":
        disk.remove(folder)
    if restart or found == "nothing":
        disk.make_folder(folder)


class WorkFolder:
    """The finished parts of one job, kept until its tables are written."""

    job = "job"  #: what it is, in messages
    part = "part"  #: what is kept of it, in messages
    _identity_name = "job.json"
    _prefix = "part-"  #: of the names of the parts

    def __init__(self, claimed: Claim):
        self._target = claimed.target
        self._folder = claimed.work_folder
        self._own = ""

    def begin(self, identity: Mapping[str, str], *, restart: bool) -> None:
        """Continue with the parts kept by the same job, or start without any.

        Parameters
        ----------
        identity : mapping
            Everything that a part depends on: description -> digest.
        restart : bool
            Discard the parts that are kept.

        Raises
        ------
        UsageFault
            If the folder holds parts of another job (the message names the differences), or if
            its path holds something else. Nothing is changed then.
        RunFault
            If the folder cannot be written.
        """
        text = json.dumps(dict(identity), sort_keys=True)
        self._own = hashlib.sha256(text.encode()).hexdigest()
        with explained(self._target):
            begin_hidden(self._folder, f"{self.part}s", restart=restart)
            self._tidy()
            kept = self._identity()
            if kept is None:  # any parts of another job there fail their digest
                self._write(self._identity_name, text.encode(), own="")
            elif kept != dict(identity):
                raise UsageFault(self._refusal(kept, identity))

    def count(self) -> int:
        """The number of parts that are kept."""
        names = disk.names(self._folder)
        return sum(name.startswith(self._prefix) and _UNFINISHED not in name for name in names)

    def counted(self) -> str:
        """The number of parts that are kept, with their word."""
        return counted(self.count(), self.part)

    def remove(self) -> None:
        """Remove the whole folder, once the tables are in place."""
        with suppress(OSError):  # the next job removes or uses what is left
            disk.remove(self._folder)

    def _identity(self) -> dict[str, str] | None:
        identity: dict[str, str] | None = self._document(self._identity_name, "", Each(TEXT))
        return identity

    def _refusal(self, kept: Mapping[str, str], identity: Mapping[str, str]) -> str:
        changed = [name for name, digest in identity.items() if kept.get(name) != digest]
        return (
            f"an unfinished {self.job} for {self._target} is kept (played: {self.counted()}), and "
            f"since then {_listed(changed)} changed. Add --restart to throw its {self.part}s away "
            "and begin again, undo the change to go on with them, or choose another folder with "
            "--out."
        )

    def _tidy(self) -> None:
        """Remove unfinished files, and foreign entries: links, pipes and folders."""
        for name in disk.names(self._folder):
            entry = self._folder / name
            if name.endswith(_UNFINISHED) or disk.kind(entry) != "file":
                disk.remove(entry)

    def _write(self, name: str, content: bytes, own: str) -> None:
        aside = self._folder / f"{name}{_UNFINISHED}"
        try:
            with disk.new_file(aside) as file:
                file.write(_seal(content, own) + b"\n")
                file.write(content)
            disk.replace(aside, self._folder / name)
        except OSError:
            with suppress(OSError):
                disk.remove(aside)
            raise

    def _read(self, name: str, own: str, most: int = _MOST_BYTES) -> bytes | None:
        """The content of a file; None if it is missing, damaged or from another job."""
        try:
            seal, _, content = disk.read(self._folder / name, most).partition(b"\n")
        except (OSError, ValueError):
            return None
        return content if seal == _seal(content, own) else None

    def _document(self, name: str, own: str, shape: Shape) -> Any:
        """The contents of a JSON file of a shape; None if it is missing or not valid."""
        content = self._read(name, own)
        with suppress(ValueError):
            return None if content is None else parsed(content, shape)
        return None


def write_tables(claimed: Claim, writers: Mapping[str, Writer], about: Mapping[str, Any]) -> None:
    """Write a folder of tables and reports, completely or not at all.

    Parameters
    ----------
    claimed : Claim
        Of the kind of the folder.
    writers : mapping
        Writers by file name.
    about : mapping
        The fields of the manifest except the kind and the list of files.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """

    def fill(folder: Path) -> None:
        write_files(
            folder, writers, lambda written: {"format": claimed.kind, **about, "files": written}
        )

    claimed.replace(fill)


def identity_of(
    document: Mapping[str, Any],
    files: Sequence[tuple[str, str]],
    trials: int,
    seed: int,
    libraries: Sequence[str],
    further: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Everything that a part of a job depends on, in words for a message about what has changed.

    Parameters
    ----------
    document : mapping
        The resolved config.
    files : sequence of (str, str)
        Name and SHA-256 of every file that was read.
    trials, seed : int
        In place of those of the config.
    libraries : sequence of str
        On which the job depends besides those of a run.
    further : mapping, optional
        Plain values by their description.

    Returns
    -------
    dict
        Description -> digest.
    """
    run = {key: value for key, value in document["run"].items() if key not in ("trials", "seed")}
    found: dict[str, Any] = {
        "the config": {**document, "run": run},
        "the files that it reads": files,
        **(further or {}),
        "the number of trials": trials,
        "the seed": seed,
        "the engine": (engine_digest(), versions(*libraries)),
    }
    return {name: digest_of([value]) for name, value in found.items()}


def digest_of(values: Iterable[Any]) -> str:
    """SHA-256 of plain values: texts, numbers, lists, tables."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(json.dumps(value, sort_keys=True, default=str).encode() + b"\n")
    return digest.hexdigest()


def _seal(content: bytes, own: str) -> bytes:
    """The first line of a file: a digest of its other lines and of the job that it belongs to."""
    return hashlib.sha256(own.encode() + b"\n" + content).hexdigest().encode()


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
