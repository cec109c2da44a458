"""A case to begin with: a config that runs, with its tables, in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from riskengine.config.sources.shipped import PREFIX, SHIPPED, Shipped, by_name, case_files
from riskengine.errors import RunFault, UsageFault
from riskengine.model.spelling import Speller
from riskengine.store import disk
from riskengine.verbs.jobs.new_folder import check_new_folder, put_new_folder

BOOK = ".xlsx"


def new(folder: str | os.PathLike[str], case: str = "minimal", *, workbook: bool = False) -> Path:
    """Write a case that comes with riskengine into a new folder, ready to run and to change.

    Parameters
    ----------
    folder : path
        A folder that is not there yet, or is empty.
    case : str
        One of the names that `riskengine new --list` prints.
    workbook : bool
        Write the case as a workbook, which is then a config whole, in place of TOML and tables.

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

    def fill(fresh: Path) -> None:
        _write(fresh, files)
        if workbook:
            _make_book(fresh, found, list(files))

    name = f"{found.name}{BOOK}" if workbook else found.file
    put_new_folder(place, name, fill)
    return Path(place) / name


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


def _make_book(folder: Path, case: Shipped, names: Sequence[str]) -> None:
    """Put a workbook in the place of config and tables; worlds then extend the workbook."""
    from riskengine.verbs.convert import convert

    convert(folder / case.file, folder / f"{case.name}{BOOK}")
    for name in dict.fromkeys(name.split("/")[0] for name in names):
        disk.remove(folder / name)
    worlds = case_files(case, BOOK).items()
    _write(folder, {name: data for name, data in worlds if name.startswith("worlds/")})


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder.joinpath(*name.split("/"))
        if not path.parent.is_dir():
            disk.make_folder(path.parent)
        with disk.new_file(path) as file:
            file.write(data)
