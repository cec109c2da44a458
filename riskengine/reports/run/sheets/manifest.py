"""The sheet Manifest: where the results come from, and the names that others may link to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.looks import COUNT, GIVEN
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Column, Table, number, text

_AGAIN = (
    "To run it again: the same config, seed and trials give the same losses, bit for bit. The file "
    "manifest.json beside this workbook holds the whole resolved config."
)
_NAMES = (
    "Link to these names rather than to cells: =TVaR99_total works in any cell of this workbook, "
    "and from another one with the file name in front. They stay when the layout changes."
)


def manifest_sheet(book: Book, run: Run) -> None:
    """Write the sheet; comes last, when all names are known."""
    page = book.page("Manifest", (40, 68, 28))
    page.title("Manifest", _AGAIN)
    page.heading("The run")
    page.table(Table(key="Run", columns=_FACT_COLUMNS, rows=list(_facts(run.manifest))), empty="")
    for heading, key, files in (
        ("Config files that were read", "ConfigFiles", _config_files(run.manifest)),
        ("Files of the results", "ResultFiles", _result_files(run.manifest)),
    ):
        page.heading(heading)
        if files:
            page.table(Table(key=key, columns=_FILE_COLUMNS, rows=files), empty="")
        else:
            page.paragraph("None.")
    page.heading("Defined names")
    page.paragraph(_NAMES)
    columns = [
        text("Name", lambda row: row.name),
        text("Figure", lambda row: row.meaning),
        text("Where", lambda row: row.place.replace("$", "")),
    ]
    page.table(Table(key="DefinedNames", columns=columns, rows=list(book.defined)))


_FACT_COLUMNS = [
    text("What", lambda row: row[0]),
    Column(heading="Value", value=lambda row: row[1], look=GIVEN._replace(align="left", colour="")),
]
_FILE_COLUMNS = [
    text("File", lambda row: row[0]),
    text("SHA-256", lambda row: row[1]),
    number("Size (bytes)", lambda row: row[2], COUNT),
]


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Title", manifest["title"]
    yield "Started (UTC)", manifest["started"]
    yield "Seconds", f"{manifest['seconds']:,.1f}"
    for name in ("trials", "first_trial", "seed"):
        yield name.replace("_", " ").capitalize(), str(manifest[name])
    yield "Horizon (days)", f"{manifest['horizon_days']:,g}"
    yield "Money", manifest["money"]
    for name, version in manifest.get("versions", {}).items():
        yield f"Version of {name}", str(version)
    yield "Platform", str(manifest.get("platform", ""))
    for override in manifest.get("overrides", []):
        yield "Changed on the command line", override
    yield "Format", f"{manifest['format']}, version {manifest['format_version']}"


def _config_files(manifest: Mapping[str, Any]) -> list[tuple[str, str, None]]:
    return [(file["name"], file["sha256"], None) for file in manifest.get("config_files", [])]


def _result_files(manifest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(name, file["sha256"], file["bytes"]) for name, file in manifest["files"].items()]
