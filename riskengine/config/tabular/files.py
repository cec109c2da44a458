"""A config as a TOML file, and CSV tables beside it where a sweep or an option reads several."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from riskengine.config.schema.check import is_annotation
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.standalone import PROPAGATION, OtherTable
from riskengine.config.tabular.cells import Cell
from riskengine.config.tabular.layout import EntryTable, entry_table, owned_keys
from riskengine.config.toml.writing import document_lines
from riskengine.errors import escaped, format_path


def table_file(table: str, version: str) -> str:
    """The name of the file of a table.

    >>> table_file("uses", "low"), table_file("uses", "")
    ('uses-low.csv', 'uses.csv')
    """
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in version).strip(".-")
    return f"{table}-{kept}.csv" if version else f"{table}.csv"


def config_files(
    document: Mapping[str, Any],
    whole: Mapping[str, Any],
    others: Sequence[OtherTable],
    folder: str,
    name: str,
) -> tuple[str, dict[str, bytes]]:
    """The text of a TOML file, and the tables beside it by name.

    Parameters
    ----------
    document, whole : mapping
        The document, and the same with what it extends.
    others : sequence of OtherTable
        Tables that a sweep or an option reads in place of others.
    folder : str
        Of the tables, as the file names it.
    name : str
        Of what was converted.
    """
    tables = dict.fromkeys(other.table for other in others)
    files = {
        table_file(other.table, other.version): _csv(
            entry_table(other.table, other.document, whole)
        )
        for other in others
    }
    left = dict(document)
    for table in tables:
        own = table_file(table, "")
        files.setdefault(own, _csv(entry_table(table, document, whole)))
        left = _referring(left, table, f"{folder}/{own}")
    head = [f"# Written by `riskengine convert` from {escaped(name)}.", ""]
    return "\n".join([*head, *document_lines(left)]).rstrip("\n") + "\n", files


def _csv(table: EntryTable) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([format_path(column.key) for column in table.columns])
    writer.writerows([[_text(cell) for cell in row] for row in table.rows])
    return text.getvalue().encode()


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else cell if isinstance(cell, str) else repr(cell)


def _referring(document: Mapping[str, Any], table: str, reference: str) -> dict[str, Any]:
    """A document that names the file of a table, without what stands in it."""
    left = dict(document)
    for form in ROW_KINDS[table].forms:
        left = _cut(left, form.path, owned_keys(form))
    if table == PROPAGATION:
        return {**left, table: {**left.get(table, {}), "file": reference}}
    return {**left, "tables": {**left.get("tables", {}), table: reference}}


def _cut(value: Any, path: tuple[str, ...], kept: Collection[str]) -> dict[str, Any]:
    """A table without the rows at a path with wildcards.

    Notes of collections stay, and `kept` of each row: what stands in tables of its own.
    """
    first, rest = path[0], path[1:]
    found = dict(value)
    for key, item in value.items():
        if (first not in ("*", key)) or is_annotation(key, item):
            continue
        left = (
            _cut(item, rest, kept)
            if rest
            else {k: v for k, v in item.items() if k in kept}
            if isinstance(item, Mapping)
            else {}
        )
        if left or (rest and first == "*"):
            found[key] = left
        else:
            del found[key]
    return found
