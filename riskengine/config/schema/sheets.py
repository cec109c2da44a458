"""The single definition of the tables that a config may come from, as CSV files or sheets.

A table has one row for each entity of a collection. `[tables]` names its file, and a workbook that
is a config has it as a sheet. A further table is one further entry of `ROW_KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str, ...]

RUN_SHEET = "Run"  #: of a workbook: settings that belong to no table, one row each
RUN_COLUMNS = ("key", "value")  #: of that sheet; other columns are for people
OWN_SHEETS = ("Notes", "_")  #: how names of sheets begin that a config leaves alone
VARIANT = "-"  #: `Uses-low` is another version of the sheet `Uses`, which a sweep may name


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """How a row is named: the columns with its name fill the wildcards `*` of its path."""

    names: tuple[str, ...]  #: without any, the table has one row
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """What the rows of a table are.

    Which naming columns of a row are filled decides which of the `forms` it has. If `value` is
    set, that column holds the row's only value. Otherwise the other columns are keys of the table
    at the path of the row, except that a filled column `whole` holds the row's value as a whole.
    """

    sheet: str  #: the name of the sheet in a workbook that is a config
    forms: tuple[RowForm, ...]
    value: str = ""
    whole: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that name rows, in order, each once."""
        return tuple(dict.fromkeys(name for form in self.forms for name in form.names))

    @property
    def declares(self) -> bool:
        """Whether a row is a whole member of a collection at the top of a config."""
        return all(len(form.path) == 2 for form in self.forms)

    @property
    def depth(self) -> int:
        """Length of the longest path of a row: tables of members merge before those of parts."""
        return max(len(form.path) for form in self.forms)


def _kind(sheet: str, names: tuple[str, ...], path: Path, value: str = "") -> RowKind:
    return RowKind(sheet=sheet, forms=(RowForm(names=names, path=path),), value=value)


_LADDER = RowKind(
    sheet="Ladder",
    forms=(
        RowForm(names=("level",), path=("ladder", "*")),
        RowForm(names=("material", "level"), path=("materials", "*", "ladder", "*")),
    ),
)
_SWEEP = RowKind(
    sheet="Sweep",
    forms=(RowForm(names=("path",), path=("sweep", "parameters", "*")),),
    whole="values",
)
_MITIGATION = RowKind(
    sheet="Mitigation",
    forms=(
        RowForm(names=("option",), path=("mitigation", "options", "*")),
        RowForm(names=("range",), path=("mitigation", "ranges", "*")),
    ),
)

#: By key of `[tables]`, in the order of the sheets of a workbook
ROW_KINDS: Mapping[str, RowKind] = {
    "ladder": _LADDER,
    "disputes": _kind("Disputes", ("dispute",), ("disputes", "*")),
    "triggers": _kind("Triggers", ("trigger",), ("triggers", "*")),
    "correlation": _kind("Correlation", (), ("correlation",)),
    "materials": _kind("Materials", ("material",), ("materials", "*")),
    "sources": _kind("Sources", ("material", "country"), ("materials", "*", "sources", "*")),
    "alternatives": _kind(
        "Alternatives", ("material", "alternative"), ("materials", "*", "alternatives", "*")
    ),
    "stocks": _kind("Stocks", ("material", "tier"), ("materials", "*", "stocks", "*")),
    "pools": _kind("Pools", ("pool",), ("pools", "*")),
    "industries": _kind("Industries", ("industry",), ("industries", "*")),
    "uses": _kind("Uses", ("industry", "material"), ("industries", "*", "uses", "*")),
    "propagation": _kind(
        "Propagation",
        ("from", "to"),
        ("propagation", "coefficients", "*", "*"),
        value="coefficient",
    ),
    "sweep": _SWEEP,
    "mitigation": _MITIGATION,
}

#: Keys of `[tables]` in the order in which tables are merged
TABLE_NAMES = tuple(sorted(ROW_KINDS, key=lambda name: ROW_KINDS[name].depth))
