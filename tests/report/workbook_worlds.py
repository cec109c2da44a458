"""Stored runs and reopened workbooks, shared by the tests of workbooks."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import riskengine
from riskengine.reports.run.workbook import workbook
from riskengine.store.results import StoredResults, load_results

Config = dict[str, Any]

LONG = "semiconductors and displays of the"
NASTY = (
    '=HYPERLINK("http://evil.example","click")',
    "+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "<r><t>rich</t></r>",
    "https://example.com/a",
    "internal:Summary!A1",
    "x" * 300,
    f"{LONG} north",
    f"{LONG} south",
    "\u0645\u0635\u0646\u0639 \u0627\u0644\u0633\u064a\u0627\u0631\u0627\u062a",  # right to left
    "\U0001f697\U0001f50b",
    "반도체 산업",
    "'quoted",
    "total",
    "1E5",
    "00123",
    "R1C1",
    "a" + chr(0xA0) + "b",
)


def config(industries: tuple[str, ...] = ("chips", "motors"), **run: Any) -> Config:
    """Two materials, one of them called like the total, and some industries."""
    material = {
        "spend_per_year": 100.0,
        "cut": {"slow": 0.5, "ban": {"pert": {"low": 0.7, "mode": 0.9, "high": 1.0}}},
        "sources": {"China": {"share": 0.9, "status": "sourced", "source": "=customs"}},
        "stocks": {"private": {"days": {"lognormal": {"median": 10, "p90": 20}}}},
        "status": "assumption",
        "note": "=1+1, says the note",
    }
    names = ("=cmd|'/c calc'!A1", "total")
    share = 1.0 / len(industries)
    return {
        "run": {
            "title": "=Two materials",
            "trials": 2_000,
            "horizon_days": 365,
            "importer": "Korea",
            "money": "USD million",
            "valuation_date": "2026-01-08",
            **run,
        },
        "ladder": {
            "slow": {"sojourn": {"exponential": {"mean": 60}}, "next": {"ban": 1.0}},
            "ban": {"sojourn": 90, "next": {"resolved": 1.0}},
        },
        "disputes": {
            "quarrel": {
                "coercer": "China",
                "target": "Korea",
                "rate_per_year": 0.4,
                "entry": {"slow": 1.0},
            }
        },
        "materials": dict.fromkeys(names, material),
        "industries": {
            name: {
                "value_added_per_year": 5_000.0 + 700 * k,
                "uses": {names[k % 2]: {"share": share, "dependence": 0.5, "inventory_days": 5}},
            }
            for k, name in enumerate(industries)
        },
    }


def stored(folder: Path, scenario: Config) -> StoredResults:
    """Run a config and open the results."""
    riskengine.simulate(riskengine.load(scenario)).save(folder)
    return load_results(folder)


def opened(data: bytes, *, values: bool = False) -> Workbook:
    """A workbook read back: its formulas, or the values stored with them."""
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def made(results: StoredResults) -> Workbook:
    return opened(workbook(results))


def table(sheet: Worksheet, name: str) -> list[dict[str, Any]]:
    """The rows of an Excel table by heading."""
    header, *rows = sheet[sheet.tables[name].ref]
    return [{str(h.value): cell for h, cell in zip(header, row, strict=True)} for row in rows]


def links_inside(part: bytes) -> bool:
    """Whether every link of a part leads to the first cell of a sheet of the same workbook."""
    link = rb"""<hyperlink ref="A\d+" location="'[^'"]+'!A1" display="[^"]+"/>"""
    return len(re.findall(link, part)) == part.count(b"<hyperlink ")


def texts(sheet: Worksheet) -> str:
    """All texts of a sheet, one a line."""
    cells = (cell.value for row in sheet.iter_rows() for cell in row)
    return "\n".join(value for value in cells if isinstance(value, str))


def at_name(book: Workbook, name: str) -> Any:
    """The value of the cell that a defined name refers to."""
    ((sheet, cell),) = book.defined_names[name].destinations
    return book[sheet][cell.replace("$", "")].value
