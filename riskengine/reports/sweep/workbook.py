"""A sweep as `sweep.xlsx`, for people who work in Excel."""

from __future__ import annotations

from typing import Any, NamedTuple

from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.sweep.charts import band_chart, bar_chart, tornado_chart, trace_chart
from riskengine.reports.sweep.checks import FINE, WRONG, Agreement, checks_table
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
from riskengine.reports.tables.table import Table
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Placed
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
    "Checks": "whether the tables agree with each other",
}
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


class Verdict(NamedTuple):
    """The cell of a check, and the verdict that it shows."""

    place: str
    says: str


def sweep_workbook(tables: SweepTables) -> bytes:
    """Make the workbook of a sweep.

    Returns
    -------
    bytes
        The file. The same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    view = SweepView(tables)
    book = Book(tables.title or tables.config, "riskengine", _CREATED)
    summary = book.page("Summary", (46, 14, 14, 14, 46))
    _summary(summary, view)
    _figures(book, view)
    if tables.sensitivity:
        _drivers(book, view)
        _indices(book, view)
    if view.traces:
        _lines(book, view)
    if any(True for _ in view.heats()):
        _heat_map(book, view)
    if tables.uncertainty:
        _uncertainty(book, view)
    _points(book, view)
    _write_verdict(summary, _checks(book, view))
    return book.close()


def _summary(page: Page, view: SweepView) -> None:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    page.title(view.tables.title or view.tables.config, ". ".join(facts(view)) + ".")
    page.heading("The answer")
    for sentence in sentences(view) or [NO_INDICES]:
        page.paragraph(sentence, STRONG)
    page.gap()
    page.table(base_table(view))
    page.paragraph(
        f"{_ENDS}, which is chance: the error of a finite number of trials. What the parameters "
        "leave open is on the other sheets.",
        REMARK,
    )
    page.heading("What was varied")
    for position, name in enumerate(view.tables.parameters):
        page.paragraph_beside(name, settings_words(view, position))
    page.heading("Please note")
    for note in notes(view):
        page.paragraph(f"•  {note}")
    if not notes(view):
        page.paragraph("There is nothing to note.")
    page.heading("What is on the other sheets")
    for name, says in _HOLDS.items():
        if _is_present(name, view):
            page.paragraph_beside(name, says)
    page.gap()


def _is_present(name: str, view: SweepView) -> bool:
    return {
        "Lines": bool(view.traces),
        "Heat map": any(True for _ in view.heats()),
        "Uncertainty": bool(view.tables.uncertainty),
        "Drivers": bool(view.tables.sensitivity),
        "Indices": bool(view.tables.sensitivity),
    }.get(name, True)


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
    _long_table(page, figures_table(view, rows))


def _long_table(page: Page, table: Table) -> None:
    """A table whose header stays in view."""
    page.gap()
    header = page.row
    page.table(table, empty="")
    page.keep_in_sight(header)


def _drivers(book: Book, view: SweepView) -> None:
    page = book.page("Drivers", (34, *[13.0] * 8, 3, *[13.0] * 6))
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
        return tornado_chart(book, placed, ("low_change", "high_change"), words + around)
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
    page = book.page("Indices", (44, 7, 10, 22, 12, 9, 10, 16, *[14.0] * 4))
    used = dict.fromkeys(row.index for row in view.tables.sensitivity)
    glosses = "; ".join(f"{index}: {_INDICES[index]}" for index in used)
    page.title("Indices", f"{glosses}. {_ENDS}. Empty cells: no interval, no level or no setting.")
    _long_table(page, indices_table(view))


def _lines(book: Book, view: SweepView) -> None:
    page = book.page("Lines", (14, *[12.0] * 9, 3, *[13.0] * 6))
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
    page.skip(_BAND_LINES)
    page.heading("All figures")
    page.table(uncertainty_table(view))


def _points(book: Book, view: SweepView) -> None:
    settings = path_columns(view)
    widths = (8, 9, *[18.0] * len(settings), *[13.0] * len(view.main), 40)
    page = book.page("Points", widths)
    page.title("Points", "Point 0 is the base case: the config as it stands.")
    _long_table(page, points_table(view, settings).alone(*(key.measure for key in view.main)))


def _checks(book: Book, view: SweepView) -> list[Verdict]:
    """The last sheet, whose verdicts are formulas."""
    page = book.page("Checks", (70, 14, 14, 16))
    page.title("Checks", "Each counts the cases that cannot be. None is fine.")
    page.gap()
    table = checks_table(view)
    placed = page.table(table)
    return [_verdict(page, placed, offset, row) for offset, row in enumerate(table.rows)]


def _verdict(page: Page, placed: Placed, offset: int, row: Agreement) -> Verdict:
    at, column = placed.first_row + offset, placed.position("verdict")
    wrong = page.cell_at(at, placed.position("wrong"))
    formula = f'=IF({wrong}=0,"{FINE}","{WRONG}")'
    page.formula(at, column, formula, row.verdict, STRONG._replace(indent=1))
    return Verdict(placed.cell(offset, column), row.verdict)


def _write_verdict(page: Page, verdicts: list[Verdict]) -> None:
    """Say on the first sheet whether all checks of the workbook are fine."""
    right, wrong = "all fine", "SEE THE SHEET CHECKS"
    page.put(page.row, 0, "Checks of the tables:", STRONG)
    conditions = ",".join(f'{verdict.place}="{FINE}"' for verdict in verdicts)
    value = right if all(verdict.says == FINE for verdict in verdicts) else wrong
    look = STRONG._replace(wrap=False)
    page.formula(page.row, 1, f'=IF(AND({conditions}),"{right}","{wrong}")', value, look)
    page.row += 1
