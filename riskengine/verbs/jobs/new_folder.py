"""A new folder for the user: whole or not at all, and never over something else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from riskengine.errors import RunFault, UsageFault
from riskengine.store import disk
from riskengine.verbs.output_files import refuse_results_folder


def put_new_folder(folder: str, last: str, fill: Callable[[Path], None]) -> None:
    """Make a folder with contents.

    Parameters
    ----------
    folder : str
        Nothing, or an empty folder, is there.
    last : str
        The file without which the others are of no use.
    fill : callable
        Called with an empty folder beside or in it; writes all files into that.

    Raises
    ------
    UsageFault
        If something is there.
    RunFault
        If something cannot be written; what was written is removed.

    Notes
    -----
    A new folder appears by one rename. An empty one that is there keeps its owner and its place in
    the shell of the user: its files are moved in one by one, `last` being the last.
    """
    target = Path(os.path.abspath(folder))
    is_there = check_new_folder(folder)
    fresh = (target if is_there else target.parent) / f".{secrets.token_hex(8)}.new"
    try:
        disk.make_parents(target)
        disk.make_folder(fresh)
        fill(fresh)
        disk.sync_folder(fresh)
        if is_there:
            _move_in(fresh, target, last)
        else:
            disk.rename(fresh, target)
    except OSError as error:
        raise RunFault(
            f"{folder} could not be written: {error.strerror or error}. Nothing is left there."
        ) from error
    finally:
        _remove(fresh)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder by their names, which may lead through folders of it."""
    for name, data in files.items():
        path = folder.joinpath(*name.split("/"))
        if not path.parent.is_dir():
            disk.make_folder(path.parent)
        with disk.new_file(path) as file:
            file.write(data)


def check_new_folder(folder: str) -> bool:
    """Whether an empty folder is there; False if nothing is.

    Raises
    ------
    UsageFault
        If anything else is there, or the folder lies among results.
    """
    if not folder or "\0" in folder:
        raise UsageFault("the folder has no name: riskengine new FOLDER")
    try:
        entries = os.listdir(folder)
    except FileNotFoundError:
        if os.path.lexists(folder):
            raise UsageFault(f"{folder} is a link to nothing: choose another folder.") from None
        refuse_results_folder(Path(folder), "a case")
        return False
    except NotADirectoryError:
        raise UsageFault(f"{folder} is not a folder, or lies below a file.") from None
    except OSError as error:
        raise RunFault(f"{folder} cannot be read: {error.strerror}") from error
    if entries:
        some = ", ".join(sorted(entries)[:3]) + (", ..." if len(entries) > 3 else "")
        raise UsageFault(f"{folder} is not empty ({some}): choose a new folder, or an empty one.")
    refuse_results_folder(Path(folder), "a case")
    return True


def _move_in(fresh: Path, target: Path, last: str) -> None:
    moved: list[Path] = []
    try:
        for name in sorted(disk.names(fresh), key=lambda name: (name == last, name)):
            disk.rename(fresh / name, target / name)
            moved.append(target / name)
        disk.sync_folder(target)
    except BaseException:  # interrupted, too
        for path in moved:
            _remove(path)
        raise


def _remove(path: Path) -> None:
    with suppress(OSError):
        disk.remove(path)
