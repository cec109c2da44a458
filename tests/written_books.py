"""Workbooks of configs, written by openpyxl from the tables of `table_twin`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from openpyxl.utils.escape import escape
from table_twin import PLAN, Rows, settings, split, toml

SHEETS = {table: forms[0][0] for table, forms in PLAN.items()}


def sheets_of(config: Mapping[str, Any], random: Random) -> dict[str, Rows]:
    """The sheets of a config by name: its settings first, then its tables."""
    tables, rest = split(config, random)
    run: Rows = [["key", "value", "unit", "note"]]
    run += [[key, value, None, None] for key, value in settings(rest)]
    return {"Run": run} | {SHEETS[table]: rows for table, rows in tables.items()}


def write_book(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Write sheets as a workbook; numbers that a cell would round are texts."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_cell(cell) for cell in row])
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # a text that begins with = is no formula
    book.save(path)
    return path


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool | datetime.date) or value is None:
        return value
    is_exact = float(f"{value:.15g}") == value and abs(value) <= 10**15
    return value if is_exact else toml(value)
