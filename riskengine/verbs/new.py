"""A case to begin with: a config that runs, with its tables, in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from riskengine.config.sources.shipped import PREFIX, SHIPPED, Shipped, by_name, case_files
from riskengine.errors import RunFault, UsageFault
from riskengine.model.spelling import Speller
from riskengine.store import disk
from riskengine.verbs.jobs.new_folder import check_new_folder, put_new_folder


def new(folder: str | os.PathLike[str], case: str = "minimal") -> Path:
    """Write a case that comes with riskengine into a new folder, ready to run and to change.

    Parameters
    ----------
    folder : path
        A folder that is not there yet, or is empty.
    case : str
        One of the names that `riskengine new --list` prints.

    Returns
    -------
    Path
        The config, the only one in the folder. Its tables stand beside it.

    Raises
    ------
    UsageFault
        If there is no such case, or something is in the folder.
    RunFault
        If the folder cannot be written; nothing is left there.

    Examples
    --------
    >>> import riskengine, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     config = riskengine.new(f"{place}/mine", "company")
    ...     riskengine.load(config).run.money
    'KRW billion'
    """
    place, found = os.fspath(folder), find_case(case)
    check_new_folder(place)
    try:
        files = case_files(found)
    except OSError as error:
        raise RunFault(f"this riskengine has lost its cases: {error}") from error
    put_new_folder(place, found.file, lambda fresh: _write(fresh, files))
    return Path(place) / found.file


def cases() -> list[Shipped]:
    """The cases that can be written, in the order in which they are listed."""
    return [each for each in SHIPPED if each.can_begin]


def find_case(name: str) -> Shipped:
    """The case with a name.

    Raises
    ------
    UsageFault
        If there is none.
    """
    found = by_name(name)
    if found is None:
        names = [each.name for each in cases()]
        hint = Speller().suggest(name, names)
        hint = f" {hint[0].upper()}{hint[1:]}" if hint else ""
        raise UsageFault(f'there is no case "{name}".{hint} There are: {", ".join(names)}.')
    if not found.can_begin:
        raise UsageFault(
            f'"{name}" cannot run alone: write extends = "{PREFIX}{name}" in a config that has '
            "materials and industries, as the case company does."
        )
    return found


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder.joinpath(*name.split("/"))
        if not path.parent.is_dir():
            disk.make_folder(path.parent)
        with disk.new_file(path) as file:
            file.write(data)
