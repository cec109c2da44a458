"""A case to begin with: a config that runs, with its tables, in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.config.sources.shipped import PREFIX, SHIPPED, Shipped, by_name, case_files
from riskengine.errors import RunFault, UsageFault
from riskengine.model.spelling import Speller
from riskengine.store import disk
from riskengine.verbs.jobs.new_folder import check_new_folder, put_new_folder, write_files

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
        write_files(fresh, files)
        if workbook:
            _make_book(fresh, found, list(files))

    name = f"{found.name}{BOOK}" if workbook else found.own_name
    put_new_folder(place, name, fill)
    return Path(place) / name


def new_for(
    folder: str | os.PathLike[str],
    importer: str,
    *,
    coercer: str = "China",
    materials: Sequence[str] | None = None,
    like: str | None = None,
    trade: str | os.PathLike[str] | None = None,
    workbook: bool = False,
) -> ImporterResult:
    """Write a scenario for any importer, from trade data, into a new folder.

    Imports come from the trade tables. What trade data cannot tell is borrowed from a shipped case
    or left out; the list on top of the config names it. The folder `concentration` beside the
    config says who supplies what.

    Parameters
    ----------
    folder : path
        A folder that is not there yet, or is empty.
    importer, coercer : str
        Economies by name, in any language, or by code: who is cut off, and by whom.
    materials : sequence of str, optional
        Materials of the shipped case, or commodities of the trade tables. If left out, all
        materials of the case that the coercer sells.
    like : str, optional
        `korea` or `japan`: the case to borrow from. If left out, the importer's own or Korea.
    trade : path, optional
        Trade tables that `update_trade` made. If left out, the shipped ones.
    workbook : bool
        Write a workbook in place of TOML and tables.

    Returns
    -------
    ImporterResult

    Raises
    ------
    UsageFault
        If a name is wrong, the importer has no trade, the coercer sells nothing, or something is
        in the folder.
    RunFault
        If the folder cannot be written; nothing is left there.

    Examples
    --------
    >>> import riskengine, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = riskengine.new_for(f"{place}/mine", "Germany", materials=["light-rare-earths"])
    ...     riskengine.load(made.config).run.importer
    'Germany'
    """
    from riskengine.verbs.jobs.drafted_case import drafted, write_draft
    from riskengine.verbs.jobs.suppliers import add_concentration

    place, tables = os.fspath(folder), None if trade is None else os.fspath(trade)
    check_new_folder(place)
    draft = drafted(importer, coercer, materials, like, tables)
    name = f"{draft.name}{BOOK if workbook else '.toml'}"

    def fill(fresh: Path) -> None:
        write_draft(fresh, draft, workbook=workbook)
        add_concentration(fresh, name, tables)

    put_new_folder(place, name, fill)
    return ImporterResult(
        config=Path(place) / name,
        remarks=tuple(each.text for each in draft.remarks),
        counts=draft.counts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImporterResult:
    """A scenario for an importer that was written."""

    config: Path
    remarks: tuple[str, ...]  #: what is assumed, borrowed or missing, and what replaces it
    counts: Mapping[str, int]  #: rows of its tables by status


def update_trade(
    folder: str | os.PathLike[str], files: Sequence[str | os.PathLike[str]]
) -> TradeResult:
    """Make trade tables from files of the public trade database BACI, for `new_for`.

    Parameters
    ----------
    folder : path
        A folder that is not there yet, or is empty.
    files : sequence of path
        Files as published: CSV with the columns t, i, j, k, v and q, or ZIP archives with them. The
        latest three years are used.

    Returns
    -------
    TradeResult

    Raises
    ------
    UsageFault
        If a file is not of this form, or something is in the folder.
    RunFault
        If a file cannot be read, or the folder cannot be written; nothing is left there.
    """
    from riskengine.verbs.jobs.trade_update import updated_trade, write_trade

    place = os.fspath(folder)
    check_new_folder(place)
    update = updated_trade([os.fspath(file) for file in files])
    put_new_folder(place, "trade.json", lambda fresh: write_trade(fresh, update))
    totals, codes = update.tables["import_totals"], update.tables["customs_codes"]
    return TradeResult(
        folder=Path(place),
        years=update.years,
        importers=totals["importer"].nunique(),
        commodities=totals["commodity"].nunique(),
        codes=int(codes["is_shipped"].sum()),
        remarks=update.remarks,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeResult:
    """Trade tables that were made of published files."""

    folder: Path
    years: tuple[int, ...]
    importers: int
    commodities: int
    codes: int  #: customs codes with trade
    remarks: tuple[str, ...]  #: what is missing, and what was left out


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

    convert(folder / case.own_name, folder / f"{case.name}{BOOK}")
    for name in dict.fromkeys(name.split("/")[0] for name in names):
        disk.remove(folder / name)
    worlds = case_files(case, BOOK).items()
    write_files(folder, {name: data for name, data in worlds if name.startswith("worlds/")})
