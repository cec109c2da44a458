"""The inputs of a run: every value with its unit, and the status of each table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from riskengine.config.schema.distributions import family_of
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import ANNOTATIONS
from riskengine.errors import format_path
from riskengine.language.speaking import say
from riskengine.model.confidence import level_text
from riskengine.model.statuses import (
    ALL_TOGETHER,
    KINDS,
    NO_ROW,
    STATUSES,
    UNMARKED,
    InputTable,
    Path,
    StatusCounts,
    StatusParts,
    StatusRows,
    input_tables,
    tally,
)
from riskengine.reports.run.stored import RunFigures, StoredRun
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import AFTER, COUNT, LINE, SHARE, TEXT
from riskengine.reports.tables.numbers import short_percent
from riskengine.reports.tables.table import Cell, Column, Table, number, said, text
from riskengine.reports.tables.words import distribution_words, listing, unit_of
from riskengine.reports.xlsx.text import pieces

_CARRYING = 4  #: materials shown as those that carry the answer
_MOST_EXACT = 2**53  #: a larger whole number would lose digits in a cell
_GIVEN = TEXT.looking(looks.GIVEN)


def status_words(counts: StatusCounts) -> str:
    """A sentence on how many inputs are sourced, derived and assumed."""
    everything = sum(counts.values())
    if not everything or counts[UNMARKED] == everything:
        return say("No row of the inputs says whether it is sourced, derived or assumed.")
    borrowed = (
        f"; {counts['borrowed']} are borrowed from another case" if counts["borrowed"] else ""
    )
    unmarked = f"; {counts[UNMARKED]} do not say" if counts[UNMARKED] else ""
    return say(
        f"Of {everything} rows of inputs {counts['sourced']} are sourced, {counts['derived']} "
        f"derived from sources, and {counts['assumption']} contain an assumption{borrowed}"
        f"{unmarked}."
    )


def status_table(items: Sequence[InputTable]) -> Table:
    """The number of rows by kind and status."""
    kinds = [kind for kind in KINDS if any(item.kind == kind for item in items)]
    rows = [(KINDS[kind], tally([i for i in items if i.kind == kind])) for kind in kinds]
    return Table(
        key="statuses",
        title="Rows of inputs by status",
        columns=[said("kind", "Inputs", lambda row: row[0]), *_status_columns()],
        rows=[*rows, ("All", tally(items))],
        remark="Sourced: as published. Derived: computed from published figures. Assumption: at "
        "least one figure is ours, with the reason in its note. Borrowed: taken over from another "
        "case. Not marked: it does not say.",
    )


class _Resting(NamedTuple):
    figure: str
    parts: StatusParts


def resting_table(run: RunFigures, config: Mapping[str, Any]) -> Table:
    """How much of the expected loss and of TVaR rests on inputs of each status, by their kind."""

    statuses = StatusRows(config)

    def of(figure: str, measure: str, level: float | None = None) -> list[_Resting]:
        def part(scope: str) -> Callable[[str], float]:
            return lambda name: run.part(scope, name, measure, level)

        divided = statuses.divided(part("material"), part("industry"))
        return [_Resting(figure, parts) for parts in divided]

    tail = of(f"TVaR {level_text(run.detail)}", "tvar", run.detail)
    rows = [*of("Expected loss", "mean"), *tail]

    def share(status: str) -> Callable[[_Resting], float]:
        return lambda row: row.parts.share(status)

    return Table(
        key="resting",
        title="What the loss rests on: shares by the weakest status among the rows behind it",
        columns=[
            said("figure", "Figure"),
            said("inputs", "Inputs", lambda row: row.parts.inputs),
            *(
                number(status.replace(" ", "_"), status.capitalize(), share(status), SHARE)
                for status in (*STATUSES, NO_ROW)
            ),
        ],
        rows=rows,
        remark="What is attributed to a material, or lost by an industry, counts with the weakest "
        "status among its rows of the kind; all together, also among those of the industries that "
        "use the material. Disputes, levels and triggers bear on all of it alike.",
    )


def in_short(resting: Table) -> Table:
    """The shares of the expected loss; only those of all kinds together where none differs."""
    rows = [row for row in resting.rows if row.figure == resting.rows[0].figure]
    shares = [column for column in resting.columns if not column.is_text]
    values = [[column.value(row) for column in shares if column.value] for row in rows]
    is_alike = all(each == values[-1] for each in values)
    return replace(resting, rows=rows[-1:] if is_alike else rows, remark="")


def resting_words(resting: Table) -> str:
    """A sentence on the statuses that the expected loss rests on, all kinds together."""
    row = next(row for row in resting.rows if row.parts.inputs == ALL_TOGETHER)
    shares = {status: row.parts.share(status) for status in STATUSES}
    found = [
        say(f"{short_percent(share)} {status}") for status, share in shares.items() if share > 0.0
    ]
    if not found:
        return say("There is no expected loss that could rest on any of them.")
    return say(f"By the weakest input behind each part, the expected loss is {listing(found)}.")


def carrying_table(run: StoredRun) -> Table:
    """The materials behind the worst trials, and the status of their inputs."""
    everything = input_tables(run.config)

    def share(row: tuple[str, StatusCounts]) -> float:
        return run.tail_share("material", row[0])

    names = run.ranked("material")[:_CARRYING]
    return Table(
        key="carrying",
        title="The assumptions that carry the answer: inputs of the materials behind the worst "
        "trials",
        columns=[
            text("material", "Material", lambda row: row[0]),
            number("share", f"Share of TVaR {level_text(run.detail)}", share, SHARE),
            *_status_columns(),
        ],
        rows=[(name, tally([i for i in everything if name in i.path])) for name in names],
        remark="Counted are the tables of the material itself, its sources, other suppliers, "
        "stocks and uses. A table counts as assumption when any of its figures is one.",
    )


def _status_columns() -> Iterator[Column]:
    """A column for each status, for rows of (name, counts)."""

    def counted(status: str) -> Callable[[tuple[str, StatusCounts]], int]:
        return lambda row: row[1][status]

    for status in STATUSES:
        yield number(status, status.capitalize(), counted(status), COUNT)


def listing_table(kind: str, items: Sequence[InputTable]) -> Table:
    """Tables of one kind with what their author says about them."""
    return Table(
        key="inputs",
        title=KINDS[kind],
        columns=[
            text("name", "Name"),
            said("status", "Status", lambda item: item.given_status),
            text("note", "Note"),
            text("source", "Source"),
        ],
        rows=items,
    )


class Annotated(NamedTuple):
    """The annotations of a table of a config, which apply to its values."""

    owner: Path = ()
    texts: Mapping[str, str] = {}  #: by annotation: note, source, status

    def text(self, annotation: str) -> str:
        return self.texts.get(annotation, "")


class InputValue(NamedTuple):
    """One value of a config."""

    path: Path
    value: Cell
    unit: str
    meaning: str
    status: str
    source: str
    note: str


def values_table(run: StoredRun) -> Table:
    """Every value of the resolved config with its unit, source and status."""
    # Wrapped where a note makes the row high, otherwise on one line; the text is the same.
    source = text("source", "Source").by_row(lambda row: TEXT if row.note else LINE)
    return Table(
        key="Inputs",
        columns=[
            text("input", "Input", lambda row: format_path(row.path)),
            number("value", "Value", form=_GIVEN),
            said("unit", "Unit", form=AFTER),
            said("meaning", "What it is"),
            said("status", "Status", form=AFTER),
            source,
            text("note", "Note"),
        ],
        rows=list(input_values(run.config, run.money)),
    )


def input_values(config: Mapping[str, Any], money: str) -> Iterator[InputValue]:
    """All values of a resolved config in its order; units of money are told in `money`."""
    noted: set[Path] = set()
    for path, value, notes in leaves(config):
        node = node_at(path)
        # A note applies to all rows of its table, and is shown only with the first of them.
        first, *more = pieces("" if notes.owner in noted else notes.text("note"))
        noted.add(notes.owner)
        unit = unit_of(node, money)
        meaning = node.meaning if node is not None else ""
        status, source = notes.text("status"), notes.text("source")
        yield InputValue(path, _cell(value), unit, meaning, status, source, first)
        for piece in more:
            yield InputValue(path, None, "", "the note goes on", status, source, piece)


def leaves(
    table: Mapping[str, Any], path: Path = (), notes: Annotated | None = None
) -> Iterator[tuple[Path, Any, Annotated]]:
    """Every value of a config, with the notes of the innermost table around it that has any."""
    own = {key: str(table[key]) for key in ANNOTATIONS if _is_note(table, key, path)}
    notes = Annotated(path, own) if own else notes or Annotated()
    for key, value in table.items():
        if key in own:
            continue
        if not isinstance(value, Mapping):
            yield (*path, key), value, notes
        elif family_of(value):
            about = {name: str(value[name]) for name in ANNOTATIONS if name in value}
            yield (*path, key), value, Annotated((*path, key), about) if about else notes
        else:
            yield from leaves(value, (*path, key), notes)


def _is_note(table: Mapping[str, Any], key: str, path: Path) -> bool:
    """Whether a key is an annotation, and not something of the user's with the same name."""
    return isinstance(table.get(key), str) and node_at((*path, key)) is None


def _cell(value: Any) -> Cell:
    if isinstance(value, Mapping):
        return distribution_words(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, int) and abs(value) > _MOST_EXACT:
        return str(value)
    return value if isinstance(value, str | int | float) else str(value)
