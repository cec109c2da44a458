"""A sweep as `sweep.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.sweep.sentences import (
    EXPLAINED,
    NO_INDICES,
    all_noise,
    along,
    facts,
    heading,
    notes,
    sentences,
    settings_words,
    the,
    uncertainty_sentences,
)
from riskengine.reports.sweep.tables import (
    PERCENTILES,
    STEPS,
    bands_table,
    base_table,
    drivers_table,
    figures_table,
    heat_table,
    indices_table,
    path_columns,
    points_table,
    trace_table,
    uncertainty_table,
)
from riskengine.reports.sweep.view import SweepView, short_parameter
from riskengine.reports.tables.looks import REMARK, STRONG
from riskengine.reports.tables.words import NOTHING_TO_NOTE
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import band_chart, bar_chart, trace_chart
from riskengine.reports.xlsx.checks import HOLDS, SHEET, write_checks
from riskengine.reports.xlsx.sheets import write_bullets
from riskengine.reports.xlsx.table import Placed
from riskengine.sweeps.agreement import agreements
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import SweepTables

#: A fixed moment for every sweep, so that the bytes do not depend on the clock
_CREATED = "2000-01-01T00:00:00"
MOST_ROWS = 50_000  #: of the sheet Sweep: more would take long to write and to open
_MOST_DRIVERS = 20  #: in a chart
_DRIVER_LINES = 12
_TRACE_LINES = 17
_BAND_LINES = 20
_HOLDS = {
    "Sweep": "every figure at every point, with its difference from the base case; filter it",
    "Drivers": "the parameters in the order of what they do to a figure",
    "Indices": "every index of every figure, of the total and of the industries",
    "Lines": "figures along each parameter that takes numbers",
    "Heat map": "figures over both parameters of the grid",
    "Uncertainty": "what is chance and what is not known",
    "Points": "what each point sets each parameter to",
    SHEET: HOLDS,
}
_TORNADO = "a tornado: the parameters in the order of how far they move a figure"
_INDICES = {
    "low": "the figure where it is least",
    "high": "the figure where it is most",
    "swing": "most less least",
    "S1": "part of the spread that the parameter explains alone",
    "ST": "part of the spread that it explains alone and with others",
    "mu": "average change over its whole range, with its sign",
    "mu_star": "average size of the change over its whole range",
    "sigma": "how much the change depends on the others and on where it starts",
    "delta": "how far it shifts the whole distribution, 0 to 1",
}
_ENDS = "Low and high are the ends of the 95 % interval"
_BANDS = "What we do not know: 5 to 95 % (light), 25 to 75 % (dark), median (where dark changes)"


def sweep_workbook(tables: SweepTables) -> bytes:
    """The bytes of the workbook of a sweep; the same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    view = SweepView(tables)
    book = Book(tables.title or tables.config, "riskengine", _CREATED)
    summary = book.page("Summary", (46, 14, 14, 14, 46))
    sheets = _sheets(view)
    _summary(summary, view, [*sheets, SHEET])
    for write in sheets.values():
        write(book, view)
    write_checks(book, summary, agreements(tables))
    return book.close()


def _sheets(view: SweepView) -> dict[str, Callable[[Book, SweepView], None]]:
    """The sheets of figures of this sweep, and the functions that write them."""
    found: dict[str, Callable[[Book, SweepView], None]] = {"Sweep": _figures}
    if view.tables.sensitivity:
        found |= {"Drivers": _drivers, "Indices": _indices}
    if view.traces:
        found["Lines"] = _lines
    if any(True for _ in view.heats()):
        found["Heat map"] = _heat_map
    if view.tables.uncertainty:
        found["Uncertainty"] = _uncertainty
    return found | {"Points": _points}


def _summary(page: Page, view: SweepView, others: Sequence[str]) -> None:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    page.title(view.tables.title or view.tables.config, ". ".join(facts(view)) + ".")
    page.heading("The answer")
    for sentence in sentences(view) or [NO_INDICES]:
        page.paragraph(sentence, STRONG)
    page.gap()
    page.table(base_table(view))
    holds = _HOLDS | ({"Drivers": _TORNADO} if view.is_tornado else {})
    page.contents({name: holds[name] for name in others})
    page.gap()
    page.paragraph(
        f"{_ENDS}, which is chance: the error of a finite number of trials. What the parameters "
        "leave open is on the other sheets.",
        REMARK,
    )
    page.heading("What was varied")
    for position, name in enumerate(view.tables.parameters):
        page.paragraph_beside(name, settings_words(view, position))
    write_bullets(page, "Please note", notes(view), NOTHING_TO_NOTE)
    page.gap()


def _figures(book: Book, view: SweepView) -> None:
    page = book.page("Sweep", (8, 10, 24, 12, 9, *[14.0] * 6, 16))
    rows = view.tables.figures
    page.title(
        "Sweep",
        "One row for each point and figure; point 0 is the base case. Differences are from the "
        f"base case, paired by trial: all points have the same draws. {_ENDS}.",
    )
    if len(rows) > MOST_ROWS:
        last = rows[MOST_ROWS].point - 1
        rows = tuple(row for row in rows if row.point <= last)
        page.paragraph(
            f"Only points 0 to {last:,} are shown here: sweep.csv and sweep.parquet hold all "
            f"{len(view.tables.figures):,} rows.",
            REMARK,
        )
    page.gap()
    page.long_table(figures_table(view, rows))


def _drivers(book: Book, view: SweepView) -> None:
    page = book.page("Drivers", (34, *[13.0] * 8, 3, 42, 42))
    page.title("Drivers", f"The strongest parameter first. {EXPLAINED[view.tables.method]}")
    for key in view.main:
        if view.drivers(key):
            page.heading(f"What moves {the(key)}")
            _ranking(book, page, view, key)
        elif view.is_noise(key):
            page.heading(f"What moves {the(key)}")
            page.paragraph(all_noise(view, key))


def _ranking(book: Book, page: Page, view: SweepView, key: SeriesKey) -> None:
    """A table of the strongest parameters, with a chart next to it."""
    top = page.row
    table = drivers_table(view, key, _MOST_DRIVERS).without("parameter", "low", "high")
    placed = page.table(table, empty="")
    more = len(view.drivers(key)) - _MOST_DRIVERS
    if more > 0:
        page.paragraph(f"{more:,} more on the sheet Indices.")
    lines = max(_DRIVER_LINES, 3 + 2 * len(table.rows))
    page.chart_beside(_drivers_chart(book, placed, view, key), top, lines=lines, column=10)


def _drivers_chart(book: Book, placed: Placed, view: SweepView, key: SeriesKey) -> Any:
    words, method = f"What moves {the(key)}", view.tables.method
    if view.is_tornado:
        around = f": change from the {view.centre(key)[1]} ({view.unit})"
        changes = ("low_change", "high_change")
        return bar_chart(book, placed, changes, words + around, overlap=100)
    if method == MORRIS:
        return bar_chart(
            book, placed, ["mu_star"], f"{words}: average size of change ({view.unit})"
        )
    if method == SOBOL:
        return bar_chart(book, placed, ["ST", "S1"], words, "0%")
    if not placed.table.rows[0].indices.get("delta"):
        return bar_chart(book, placed, ["S1"], f"{words}: part of the spread", "0%")
    return bar_chart(book, placed, ["delta", "S1"], words, "0.0")


def _indices(book: Book, view: SweepView) -> None:
    page = book.page("Indices", (44, 7, 10, 22, 12, 9, 10, 16, *[14.0] * 5))
    used = dict.fromkeys(row.index for row in view.tables.sensitivity)
    glosses = "; ".join(f"{index}: {_INDICES[index]}" for index in used)
    page.title("Indices", f"{glosses}. {_ENDS}. Empty cells: no interval, no level or no setting.")
    page.gap()
    page.long_table(indices_table(view))


def _lines(book: Book, view: SweepView) -> None:
    page = book.page("Lines", (14, *[12.0] * 9, 3, 80))
    page.title("Lines", along(view))
    for position, trace in enumerate(view.traces):
        page.heading(f"Along {trace.parameter}")
        top = page.row
        placed = page.table(trace_table(view, position, trace), empty="")
        axes = (short_parameter(trace.parameter, 60), f"Loss ({view.unit})")
        chart = trace_chart(book, placed, [key.measure for key in view.main], axes)
        page.chart_beside(chart, top, lines=_TRACE_LINES, column=11)


def _heat_map(book: Book, view: SweepView) -> None:
    heats = list(view.heats())
    first, second = heats[0].parameters
    page = book.page("Heat map", (30, *[13.0] * max(4, len(heats[0].columns))))
    page.title("Heat map", f"Down: {first}. Across: {second}. The deeper the colour, the larger.")
    for heat in heats:
        page.heading(f"{heading(heat.key)} ({view.unit})")
        page.colour_scale(page.table(heat_table(view, heat), empty=""), 1)
    page.paragraph("Empty cells: the point failed.", REMARK)


def _uncertainty(book: Book, view: SweepView) -> None:
    page = book.page("Uncertainty", (24, 16, *[13.0] * 12))
    page.title(
        "Uncertainty",
        "Each point is one guess at what is not known. The percentiles over points say how far the "
        "figure moves with the guesses; more trials would not narrow them. By chance: half the "
        "width of the 95 % interval at one point, which more trials would narrow (the median over "
        "points).",
    )
    for sentence in uncertainty_sentences(view):
        page.paragraph(sentence, STRONG)
    page.heading("Bands of the total")
    placed = page.table(bands_table(view).without("base", *PERCENTILES), empty="")
    page.gap()
    page.chart(band_chart(book, placed, list(STEPS), (_BANDS, f"Loss ({view.unit})")), _BAND_LINES)
    page.gap(_BAND_LINES)
    page.heading("All figures")
    page.table(uncertainty_table(view))


def _points(book: Book, view: SweepView) -> None:
    settings = path_columns(view)
    widths = (8, 9, *[13.0] * len(view.main), *[18.0] * len(settings), 40)
    page = book.page("Points", widths)
    page.title("Points", "Point 0 is the base case: the config as it stands.")
    page.gap()
    figures = [key.measure for key in view.main]
    order = ("point", "status", *figures, *(column.key for column in settings), "message")
    page.long_table(points_table(view, settings).alone(*figures).only(*order))
