"""How a column or a setting is presented to people who fill it in: words, unit, format, choices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.config.editors import description
from riskengine.config.schema.distributions import NAMES
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import (
    KNOWN_ON,
    Anything,
    Day,
    Flag,
    Integer,
    Map,
    NameList,
    Node,
    Number,
    Rising,
    Shorthand,
    Spread,
    Text,
)
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.tabular.layout import EntryColumn, EntryTable
from riskengine.errors import format_path
from riskengine.model.statuses import KNOWN
from riskengine.reports.screen import width_of
from riskengine.reports.tables.looks import ENTRY, Look
from riskengine.reports.xlsx.entries import SPARE_ROWS, EntryHeading

PERCENT = ENTRY._replace(number_format="0.0##%")
NUMBER = ENTRY._replace(number_format="General")
DAY = ENTRY._replace(number_format="yyyy-mm-dd", align="left")
WORDS = ENTRY._replace(number_format="@", align="left")

_SHARES = ("share", "fraction", "probability", "confidence level")  #: how units of shares begin
_PURE = ("shape", "alpha", "beta", "cv", "mu", "sigma")  #: parameters without the unit of the key
_NOTES = {
    "status": "How sure the row is: sourced, derived, assumption or borrowed. Shown in reports.",
    "source": "Where the values of the row come from. Shown in reports.",
    "note": "Free text about the row. Shown in reports.",
    KNOWN_ON: "The day from which the values of the row were known, for back-tests.",
}
_LONGEST_CELL = 24  #: characters of a cell that a column is made wide for
_LONGEST_NAME = 48  #: the same in a column of names, which the next cell would cut
_NOTES_WIDTH = 40
_BOLDER = 1.1  #: width of a bold letter
_FILTER = 3  #: width of the button of a filter
_A_DISTRIBUTION = (
    "A distribution stands here as text, such as {{ uniform = {{ low = 0.2, high = 0.6 }} }}, or "
    "in columns of its own, such as {key}.uniform.low and {key}.uniform.high."
)
_A_LIST = 'Written as a list, such as ["gallium", "tungsten"].'


def heading(
    table: EntryTable, column: EntryColumn, sheets: Mapping[str, EntryTable]
) -> EntryHeading:
    """A column as people see it.

    Parameters
    ----------
    table : EntryTable
    column : EntryColumn
        One of its own.
    sheets : mapping
        All tables by key, for drop-down lists of their names.
    """
    node, unit = _number_of(_meant(table, column)), ""
    if isinstance(node, Number | Spread | Integer | Rising):
        unit = node.unit
    is_parameter = isinstance(node, Spread) and column.key[-1] in _PURE
    is_text = isinstance(node, Text | NameList | Anything) or node is None
    limits = _limits(node) if isinstance(column.node, Number) else {}
    return EntryHeading(
        title=format_path(column.key),
        unit="" if is_parameter else unit,
        help=_help(table, column, node),
        look=NUMBER if is_parameter else look_of(node, unit),
        width=_width(table, column, is_text=is_text),
        is_text=is_text or column.is_name,
        is_name=column.is_name,
        choices=_choices(column, node, sheets),
        **limits,
    )


def look_of(node: Node | None, unit: str) -> Look:
    """The look of cells with values of a kind."""
    if isinstance(node, Day):
        return DAY
    if isinstance(node, Number | Spread) and unit.startswith(_SHARES):
        return PERCENT
    if isinstance(node, Number | Spread | Integer | Flag):
        return NUMBER
    return WORDS


def _number_of(node: Node | None) -> Node | None:
    """The number that may stand in place of a table of numbers; other nodes as they are."""
    if isinstance(node, Shorthand):
        return node.keys[node.first]
    return getattr(node, "number", node)


def _limits(node: Node | None) -> dict[str, float]:
    if not isinstance(node, Number) or node.low == -math.inf:
        return {}
    return {"least": node.low} | ({"most": node.high} if node.high < math.inf else {})


def _meant(table: EntryTable, column: EntryColumn) -> Node | None:
    """What the schema says about a column; of a parameter, about its distribution."""
    kind = ROW_KINDS[table.name]
    if column.is_name or len(column.key) < 2:
        return column.node
    for length in range(1, len(column.key)):
        for form in kind.forms:
            node = node_at((*form.path, *column.key[:length]))
            if isinstance(node, Spread):
                return node
    return column.node


def _help(table: EntryTable, column: EntryColumn, node: Node | None) -> str:
    key = column.key
    if column.is_name:
        return _name_help(table, column)
    if key[-1] in _NOTES and len(key) == 1:
        return _NOTES[key[-1]]
    family = next((part for part in key[:-1] if part in NAMES), "")
    if isinstance(node, Spread) and node is not column.node:
        return _part_help(key, family, node)
    words = description(node) if node is not None else ""
    above = node_at((*ROW_KINDS[table.name].forms[0].path, *key[:-1]))
    if isinstance(above, Map) and above.meaning:
        words = f"{above.meaning[:1].upper()}{above.meaning[1:]}: {key[-1]}. {words}"
    if isinstance(node, Spread):
        words += " " + _A_DISTRIBUTION.format(key=format_path(key))
    return f"{words} {_A_LIST}" if isinstance(node, NameList) else words


def _part_help(key: tuple[str, ...], family: str, node: Spread) -> str:
    """The comment of a column with a parameter or a bound of a distribution."""
    words = description(node)
    if not family:
        bound = {"min": "smallest", "max": "largest"}[key[-1]]
        return f"The {bound} value that the distribution may give. {words}"
    return f"{key[-1]} of the {family} distribution. {words}"


def _name_help(table: EntryTable, column: EntryColumn) -> str:
    name = column.key[0]
    if column.refers:
        return f"The {name}: one of the sheet {ROW_KINDS[column.refers].sheet}."
    if table.name == "sweep":
        return (
            "What is varied: a path such as materials.gallium.stocks.public.days, or several "
            "joined by commas. Beside it values as a list, low and high, or a distribution."
        )
    return f"The name of the {name}. Draws depend on names: another name gives other draws."


def _width(table: EntryTable, column: EntryColumn, *, is_text: bool) -> float:
    """Wide enough for the title beside its filter, and for most cells; long texts run on."""
    at = list(table.columns).index(column)
    texts = [str(row[at]) for row in table.rows if row[at] is not None]
    most = _LONGEST_NAME if column.is_name or column.refers else _LONGEST_CELL
    longest = min(max(map(width_of, texts), default=0), most)
    notes = _NOTES_WIDTH if column.key[0] in ("note", "source", "set") else 0
    title = _BOLDER * len(format_path(column.key)) + _FILTER
    return float(max(longest + 2, round(title), notes, 14 if is_text else 11))


def _choices(
    column: EntryColumn, node: Node | None, sheets: Mapping[str, EntryTable]
) -> Sequence[str] | str:
    if column.refers in sheets:
        return names_range(sheets[column.refers])
    if column.key == ("status",):
        return KNOWN
    return choices_of(node)


def choices_of(node: Node | None) -> Sequence[str]:
    """The words from which a value is chosen."""
    if isinstance(node, Flag):
        return ("TRUE", "FALSE")
    return node.choices if isinstance(node, Text) else ()


def names_range(table: EntryTable) -> str:
    """The cells of a sheet with the names of its rows, as a drop-down list takes them."""
    last = max(len(table.rows), 1) + 1 + SPARE_ROWS
    return f"='{table.sheet}'!$A$2:$A${last}"


def setting_words(node: Node | None, value: Any) -> tuple[str, str, Look]:
    """Unit, explanation and look of a setting."""
    unit = getattr(node, "unit", "") if node is not None else ""
    look = look_of(node, unit)
    is_word = isinstance(value, str) and not isinstance(node, Day)
    return unit, description(node) if node is not None else "", WORDS if is_word else look
