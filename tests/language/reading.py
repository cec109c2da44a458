"""What a reader of a page or workbook sees, and which English words are left in it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import openpyxl

#: Words that are the same in every language: abbreviations, names of files and commands
SAME = {
    *("VaR", "TVaR", "AEP", "OEP", "USD", "Kaplan", "Meier", "Sobol", "rho", "SHA-256", "UTC"),
    *("S1", "ST", "mu", "sigma", "delta", "Morris", "points.csv", "sweep.csv", "sweep.parquet"),
    *("sensitivity.csv", "uncertainty.csv", "noise.csv"),
    *("manifest.json", "timeline.csv", "stories.json", "survival.parquet", "sweep.xlsx"),
    *("riskengine", "sweep", "compare", "explain", "FOLDER", "trial", "TVaR99_total"),
    *("resolved", "lead_time", "run.importer"),
}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.'-]*[A-Za-z0-9_]")


class _Shown(HTMLParser):
    """The texts of a page between tags, and those for readers who cannot see it."""

    def __init__(self, page: str):
        super().__init__()
        self.texts: list[str] = []
        self._is_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        self.texts += [value or "" for name, value in attrs if name == "aria-label"]

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.texts.append(data)


def texts_of_page(page: str) -> list[str]:
    return _Shown(page).texts


def cells_of(book: bytes) -> dict[str, list[list[Any]]]:
    """The cells of a workbook, sheet by sheet."""
    found = openpyxl.load_workbook(io.BytesIO(book))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in found}


def texts_of_book(book: bytes) -> Iterator[str]:
    """Titles of sheets, and texts of cells and of formulas."""
    for title, rows in cells_of(book).items():
        yield title
        for row in rows:
            for cell in row:
                if isinstance(cell, str) and cell.startswith("="):
                    yield from re.findall('"([^"]*)"', cell)
                elif isinstance(cell, str):
                    yield cell


def words_of(value: Any) -> Iterator[str]:
    """All texts of plain data, keys as well."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from words_of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from words_of(each)
    else:
        yield str(value)


def english_left(texts: Iterable[str], own: Iterable[str]) -> list[str]:
    """The texts that have words other than the user's own and those of every language.

    Parameters
    ----------
    texts : iterable of str
        As a reader sees them.
    own : iterable of str
        Texts of the config and of the record of the run; what is a path or a name of these stays.
    """
    known = {text for text in own if len(text) >= 2}
    short = {word for text in known if len(text) <= 60 for word in _WORD.findall(text)} | SAME
    found = []
    for text in (each.replace("\xa0", " ") for each in texts):
        if text.strip() in known:
            continue
        words = [word for word in _WORD.findall(text) if word not in short]
        # A path of the config, such as `materials.gallium.cut.ban`
        words = [word for word in words if any(part not in short for part in word.split("."))]
        if words and "…" not in text and not any(text.strip() in each for each in known):
            found.append(text)
    return found
