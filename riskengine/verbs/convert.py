"""A conversion: takes a config or a results folder, and gives the config as a file of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from riskengine.config.layers.assemble import Source
from riskengine.config.standalone import standalone
from riskengine.errors import RunFault, UsageFault
from riskengine.verbs.jobs.conversion import (
    BOOK,
    TOML,
    BookForm,
    TomlForm,
    given_config,
    is_same_config,
    lost_in,
    with_worlds,
)
from riskengine.verbs.output_files import put_checked_file, refuse_results_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionResult:
    """A config that was written to a file of its own."""

    file: Path
    tables: tuple[Path, ...]  #: beside a TOML file whose sweep or options read several tables
    extends: str | None  #: what comes with riskengine and stays extended
    remarks: tuple[str, ...]  #: what to know before using the file


def convert(
    source: Source, target: str | os.PathLike[str], *, force: bool = False
) -> ConversionResult:
    """Write a config as a TOML file or as a workbook.

    What `extends`, `[tables]`, files of values and of propagation bring stands in the result
    itself; only what comes with riskengine stays extended. The result reads back to an equal
    scenario, which is checked before it is put in its place.

    Parameters
    ----------
    source : path, dict or Scenario
        A config, TOML or workbook, or a results folder, whose config is taken.
    target : path
        The name of the file ends in .toml or .xlsx.
    force : bool
        Replace a file that is there already.

    Returns
    -------
    ConversionResult

    Raises
    ------
    ConfigFault
        When the config is not valid; it holds all faults at once.
    UsageFault
        When the target is there already, has another ending or lies among results.
    ResultsFault
        When a folder holds no config that can be used.
    RunFault
        When the file cannot be written; what was there before stays intact.

    Examples
    --------
    >>> import riskengine, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = riskengine.convert("configs/minimal.toml", f"{folder}/minimal.xlsx")
    ...     riskengine.load(done.file).run.trials
    20000
    """
    file = os.fspath(target)
    form = _form(file, force=force)
    given = given_config(source)
    read, remarks = with_worlds(standalone(given.source, form.name_of), os.path.dirname(file))
    with form.contents(read, given.name) as contents:
        written = put_checked_file(
            file, contents, lambda path: is_same_config(path, read), replaces=force
        )
        if written is None:
            raise RunFault(f"{file} would not read back to the same config. Nothing was written.")
    return ConversionResult(
        file=Path(file),
        tables=form.tables,
        extends=read.document.get("extends"),
        remarks=(*given.remarks, *lost_in(read), *remarks),
    )


def _form(file: str, *, force: bool) -> BookForm | TomlForm:
    """What is written to a file, by the ending of its name."""
    folder, ending = os.path.dirname(file), os.path.splitext(file)[1].lower()
    if ending not in (BOOK, TOML):
        raise UsageFault(f"{file} ends neither in {TOML} nor in {BOOK}: name it so.")
    if folder and not os.path.isdir(folder):
        raise UsageFault(f"there is no folder {folder}: make it first, or choose another place.")
    if os.path.lexists(file) and not force:
        raise UsageFault(f"{file} is there already; --force replaces it.")
    refuse_results_folder(Path(folder), "a config")
    return BookForm() if ending == BOOK else TomlForm(file, force=force)
