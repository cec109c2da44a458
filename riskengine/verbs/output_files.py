"""Files outside results folders: written under other names, and moved when all are complete."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from riskengine.errors import RunFault, UsageFault
from riskengine.store import disk
from riskengine.store.faults import explained
from riskengine.store.folder import MANIFEST, MOST_BYTES, kind_of
from riskengine.store.shapes import ANYTHING, parsed


def put_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, replacing those of an earlier call.

    Raises
    ------
    RunFault
        If they cannot be written. No file is put in place before all are complete.
    """
    fresh = {folder / f".{secrets.token_hex(8)}.new": name for name in files}
    with explained(folder):
        try:
            os.makedirs(folder, exist_ok=True)
            for path, name in fresh.items():
                with disk.new_file(path) as file:
                    file.write(files[name])
            for path, name in fresh.items():
                os.replace(path, folder / name)
        finally:
            _remove(fresh)
    return [folder / name for name in files]


def put_page(path: str, page: str) -> None:
    """Write a page over an existing file; on failure, leave that file as it was.

    Raises
    ------
    RunFault
        If the page cannot be written.
    """
    target = Path(path)
    fresh = target.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with disk.new_file(fresh) as file:
            file.write(page.encode(errors="backslashreplace"))
        os.replace(fresh, target)
    except OSError as error:
        _remove([fresh])
        raise RunFault(f"the page could not be written to {path}: {error.strerror}") from error


def put_checked_file(
    path: str,
    contents: Iterable[bytes],
    is_right: Callable[[str], bool],
    *,
    replaces: bool = False,
) -> bytes | None:
    """Write the first content that passes a check to a file.

    Parameters
    ----------
    path : str
    contents : iterable of bytes
    is_right : callable
        Called with the path of a file beside it that holds a content, and ends as it does.
    replaces : bool
        Whether a file that is there already is replaced; otherwise it is a fault.

    Returns
    -------
    bytes or None
        The content that was written; None, and nothing is written, if none passes.

    Raises
    ------
    UsageFault
        If there is something at the path already.
    RunFault
        If the file cannot be written.
    """
    target = Path(path)
    taken = UsageFault(f"{path} is there already, and is not replaced: choose another file.")
    if os.path.lexists(target) and not (replaces and os.path.isfile(target)):
        raise taken
    fresh = target.with_name(f".{secrets.token_hex(8)}{target.suffix}")
    try:
        for content in contents:
            with disk.new_file(fresh) as file:
                file.write(content)
            if not is_right(os.fspath(fresh)):
                _remove([fresh])
                continue
            if replaces:
                os.replace(fresh, target)
            else:
                with disk.new_file(target) as file:
                    file.write(content)
            return content
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise RunFault(f"{path} could not be written: {error.strerror}") from error
    finally:
        _remove([fresh])
    return None


def refuse_results_folder(folder: Path, what: str) -> None:
    """Keep other files out of results folders: a later run would refuse to replace such a folder.

    Raises
    ------
    UsageFault
        If the folder, or one above it, holds results.
    """
    place = Path(os.path.abspath(folder))
    for each in (place, *place.parents):
        if holds_results(each):
            raise UsageFault(
                f"{each} holds results, and {what} has no place among them; "
                "choose another folder with --out."
            )


def holds_results(folder: Path) -> bool:
    """Whether a folder has a manifest written by riskengine."""
    try:
        manifest = parsed(disk.read(folder / MANIFEST, MOST_BYTES), ANYTHING)
    except (OSError, ValueError):
        return False
    return kind_of(manifest) is not None


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)
