"""Workbooks put together from XML text, sound and hostile ones, and their cells as read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riskengine.config.sources.files import File, UnreadableError
from riskengine.config.sources.grids import CellError, Grid, read_grid

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Part = bytes | Iterable[bytes]  #: content, or pieces of it that need not be in memory at once


def relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    """A part of links: id -> kind and target."""
    links = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f"<Relationships>{links}</Relationships>".encode()


def sheet_xml(rows: str, after: str = "") -> bytes:
    """A sheet with rows as XML text."""
    return f"<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>".encode()


def packed(parts: Iterable[tuple[str, Part]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of parts; a name may come twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w") as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return target.getvalue()


def book(
    sheets: Mapping[str, Part] | Part,
    *,
    states: Mapping[str, str] | None = None,
    strings: Part | None = None,
    styles: Part | None = None,
    settings: str = "",
) -> dict[str, Part]:
    """The parts of a workbook: its sheets by name, or the only one."""
    given = sheets if isinstance(sheets, Mapping) else {"S": sheets}
    links = {f"s{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(given) + 1)}
    parts: dict[str, Part] = {}
    listed = ""
    for number, (name, content) in enumerate(given.items(), start=1):
        state = (states or {}).get(name, "visible")
        listed += f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="s{number}"/>'
        parts[f"xl/worksheets/sheet{number}.xml"] = content
    for kind, extra in (("sharedStrings", strings), ("styles", styles)):
        if extra is not None:
            links[kind] = (kind, f"{kind}.xml")
            parts[f"xl/{kind}.xml"] = extra
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns:r="{_OFFICE}">{settings}<sheets>{listed}</sheets></workbook>'.encode()
    )
    parts["xl/_rels/workbook.xml.rels"] = relations(links)
    parts["_rels/.rels"] = relations({"r": ("officeDocument", "xl/workbook.xml")})
    return parts


def read_book(data: bytes | Mapping[str, Part], sheet: str | None = None) -> Grid:
    """The grid of a sheet of a workbook, given as bytes or parts."""
    content = data if isinstance(data, bytes) else packed(data.items())
    return read_grid(File(name="b.xlsx", shown="b.xlsx", data=content), sheet)


def read_rows(rows: str, after: str = "", **more: Any) -> list[Sequence[Any]]:
    """The cells of a sheet given as XML text; none may be bad."""
    read = read_book(book(sheet_xml(rows, after), **more))
    assert read.bad == {}
    return [list(cells) for cells in read.rows]


def refusal(data: bytes | Mapping[str, Part], sheet: str | None = None) -> str:
    """How a workbook is refused; it must be."""
    try:
        grid = read_book(data, sheet)
    except (UnreadableError, CellError) as error:
        return f"{error.found}; {error.hint}"
    raise AssertionError(f"was read: {grid.rows[:3]}")
