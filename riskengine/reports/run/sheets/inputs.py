"""The sheet Inputs: every input of the run with its unit, source and status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from riskengine.config.schema.distributions import family_of
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import ANNOTATIONS
from riskengine.errors import format_path
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.distributions import distribution_words, unit_of
from riskengine.reports.tables.looks import GIVEN, LINE, TEXT, Look
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Cell, Column, Table, after, text
from riskengine.reports.xlsx.text import pieces

_MOST_EXACT = 2**53  #: a larger whole number would lose digits in a cell
_WORDS = (
    "The resolved config: every table merged, every default written out. A record: changing a cell "
    "here changes nothing; change the config and run it again. Source and status hold for the "
    "whole entry; its note stands on the first row."
)

Path = tuple[str, ...]


class Notes(NamedTuple):
    """What a table of a config says of its values."""

    owner: Path = ()
    texts: Mapping[str, str] = {}  #: by annotation: note, source, status

    def text(self, annotation: str) -> str:
        return self.texts.get(annotation, "")


_NONE = Notes()


class Input(NamedTuple):
    """One input of a run."""

    path: Path
    value: Cell
    unit: str
    meaning: str
    status: str
    source: str
    note: str


def inputs_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    page = book.page("Inputs", (44, 26, 20, 32, 12, 30, 56))
    page.title("Inputs", f"{run.facts.line}. {_WORDS}")
    page.gap()
    header = page.row
    columns = [
        text("Input", lambda row: format_path(row.path)),
        Column(heading="Value", value=lambda row: row.value, look=GIVEN),
        after("Unit", lambda row: row.unit),
        text("What it is", lambda row: row.meaning),
        after("Status", lambda row: row.status),
        Column(heading="Source", value=lambda row: row.source, look=LINE, look_of=_source_look),
        text("Note", lambda row: row.note),
    ]
    page.table(Table(key="Inputs", columns=columns, rows=list(inputs(run))), empty="")
    page.keep_in_sight(header)


def _source_look(row: Input) -> Look:
    """In full where the note makes the row high; else in one line, which is the same source."""
    return TEXT if row.note else LINE


def inputs(run: Run) -> Iterator[Input]:
    """All inputs of a run, in the order of its config."""
    noted: set[Path] = set()
    for path, value, notes in leaves(run.config):
        node = node_at(path)
        # A note belongs to an entry of several rows, and is read once.
        first, *more = pieces("" if notes.owner in noted else notes.text("note"))
        noted.add(notes.owner)
        unit = unit_of(node, run.money)
        meaning = node.meaning if node is not None else ""
        status, source = notes.text("status"), notes.text("source")
        yield Input(path, _cell(value), unit, meaning, status, source, first)
        for piece in more:
            yield Input(path, None, "", "the note goes on", status, source, piece)


def leaves(
    table: Mapping[str, Any], path: Path = (), notes: Notes = _NONE
) -> Iterator[tuple[Path, Any, Notes]]:
    """Every value of a config, with the notes of the innermost table around it that has any."""
    own = {key: str(table[key]) for key in ANNOTATIONS if _is_note(table, key, path)}
    notes = Notes(path, own) if own else notes
    for key, value in table.items():
        if key in own:
            continue
        if not isinstance(value, Mapping):
            yield (*path, key), value, notes
        elif family_of(value):
            about = {name: str(value[name]) for name in ANNOTATIONS if name in value}
            yield (*path, key), value, Notes((*path, key), about) if about else notes
        else:
            yield from leaves(value, (*path, key), notes)


def _is_note(table: Mapping[str, Any], key: str, path: Path) -> bool:
    """Whether a key is an annotation, and not something of the user's that is called the same."""
    return isinstance(table.get(key), str) and node_at((*path, key)) is None


def _cell(value: Any) -> Cell:
    if isinstance(value, Mapping):
        return distribution_words(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) > _MOST_EXACT:
        return str(value)
    return value if isinstance(value, str | int | float) else str(value)
