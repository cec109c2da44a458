"""A sweep as `sweep.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from riskengine.language.speaking import say
from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.sweep import sentences as said
from riskengine.reports.sweep import tables as shown
from riskengine.reports.tables.looks import REMARK, STRONG
from riskengine.reports.tables.words import NOTHING_TO_NOTE, figure_heading, the
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import band_chart, bar_chart, trace_chart
from riskengine.reports.xlsx.sheets import Part, Sheet, bullets, contents, heading, written
from riskengine.reports.xlsx.table import Placed
from riskengine.sweeps.agreement import agreements
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import SweepTables
from riskengine.sweeps.view import Heat, SweepView

MOST_ROWS = 50_000  #: of the sheet Sweep: more would take long to write and to open
_MOST_DRIVERS = 20  #: in a chart
_DRIVER_LINES = 12
_TRACE_LINES = 17
_BAND_LINES = 20
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

_GUESSES = (
    "Each point is one guess at what is not known. The percentiles over points say how far the "
    "figure moves with the guesses; more trials would not narrow them. By chance: half the width "
    "of the 95 % interval at one point, which more trials would narrow (the median over points)."
)
_FAILED = "Empty cells: the point failed."
_NO_CELL = "Empty cells: no interval, no level or no setting."


def sweep_workbook(tables: SweepTables) -> bytes:
    """The bytes of the workbook of a sweep; the same tables give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    view = SweepView(tables)
    others = list(_sheets(view))
    return written([_summary(view, others), *others], agreements(tables))


def _sheets(view: SweepView) -> Iterator[Sheet]:
    """The sheets of figures of this sweep."""
    yield _figures(view)
    if view.tables.sensitivity:
        holds = "the parameters in the order of what they do to a figure"
        tornado = "a tornado: the parameters in the order of how far they move a figure"
        facts = f"{say('The strongest parameter first.')} {say(said.EXPLAINED[view.tables.method])}"
        widths, parts = (34, *[13.0] * 8, 3, 42, 42), [partial(_drivers, view)]
        yield Sheet("Drivers", tornado if view.is_tornado else holds, widths, facts, parts)
        holds = "every index of every figure, of the total and of the industries"
        glosses = {row.index: _INDICES[row.index] for row in view.tables.sensitivity}
        words = "; ".join(f"{index}: {say(gloss)}" for index, gloss in glosses.items())
        facts = f"{words}. {say(_ENDS)}. {say(_NO_CELL)}"
        widths = (44, 7, 10, 22, 12, 9, 10, 16, *[14.0] * 5)
        yield Sheet("Indices", holds, widths, facts, [shown.indices_table(view)])
    if view.traces:
        holds, parts = "figures along each parameter that takes numbers", [partial(_lines, view)]
        yield Sheet("Lines", holds, (14, *[12.0] * 9, 3, 80), said.along(view), parts)
    heats = list(view.heats())
    if heats:
        first, second = heats[0].parameters
        facts = f"Down: {first}. Across: {second}. The deeper the colour, the larger."
        widths = (30, *[13.0] * max(4, len(heats[0].columns)))
        maps = (partial(_heat, view, heat) for heat in heats)
        yield Sheet(
            "Heat map",
            "figures over both parameters of the grid",
            widths,
            facts,
            [*maps, (_FAILED, REMARK)],
        )
    if view.tables.uncertainty:
        holds, widths = "what is chance and what is not known", (24, 16, *[13.0] * 12)
        told = ((each, STRONG) for each in said.uncertainty_sentences(view))
        every = ("All figures", shown.uncertainty_table(view))
        yield Sheet("Uncertainty", holds, widths, _GUESSES, [*told, partial(_bands, view), every])
    yield _points(view)


def _summary(view: SweepView, others: Sequence[Sheet]) -> Sheet:
    """The first sheet, with a free row at the end for the verdict on the checks."""

    def varied(page: Page) -> None:
        page.heading("What was varied")
        for position, name in enumerate(view.tables.parameters):
            page.paragraph_beside(name, said.settings_words(view, position))

    chance = (
        f"{_ENDS}, which is chance: the error of a finite number of trials. What the parameters "
        "leave open is on the other sheets."
    )
    parts: list[Part] = [
        heading("The answer"),
        *((sentence, STRONG) for sentence in said.sentences(view) or [said.NO_INDICES]),
        Page.gap,
        lambda page: page.table(shown.base_table(view)),
        contents(others),
        Page.gap,
        (chance, REMARK),
        varied,
        bullets("Please note", said.notes(view), NOTHING_TO_NOTE),
        Page.gap,
    ]
    widths, title = (46, 14, 14, 14, 46), view.tables.title or view.tables.config
    return Sheet("Summary", "", widths, ". ".join(said.facts(view)) + ".", parts, title)


def _figures(view: SweepView) -> Sheet:
    rows = view.tables.figures
    facts = (
        "One row for each point and figure; point 0 is the base case. Differences are from the "
        f"base case, paired by trial: all points have the same draws. {_ENDS}."
    )
    parts: list[Part] = []
    if len(rows) > MOST_ROWS:
        last = rows[MOST_ROWS].point - 1
        rows = tuple(row for row in rows if row.point <= last)
        some = (
            f"Only points 0 to {last:,} are shown here: sweep.csv and sweep.parquet hold all "
            f"{len(view.tables.figures):,} rows."
        )
        parts = [(some, REMARK)]
    holds = "every figure at every point, with its difference from the base case; filter it"
    widths = (8, 10, 24, 12, 9, *[14.0] * 6, 16)
    return Sheet("Sweep", holds, widths, facts, [*parts, shown.figures_table(view, rows)])


def _drivers(view: SweepView, page: Page) -> None:
    for key in view.main:
        if view.drivers(key):
            page.heading(f"What moves {the(key)}")
            _ranking(page, view, key)
        elif view.is_noise(key):
            page.heading(f"What moves {the(key)}")
            page.paragraph(said.all_noise(view, key))


def _ranking(page: Page, view: SweepView, key: SeriesKey) -> None:
    """A table of the strongest parameters, with a chart next to it."""
    top = page.row
    table = shown.drivers_table(view, key, _MOST_DRIVERS).without("parameter", "low", "high")
    placed = page.table(table, empty="")
    more = len(view.drivers(key)) - _MOST_DRIVERS
    if more > 0:
        page.paragraph(f"{more:,} more on the sheet Indices.")
    lines = max(_DRIVER_LINES, 3 + 2 * len(table.rows))
    page.chart_beside(_drivers_chart(page, placed, view, key), top, lines=lines, column=10)


def _drivers_chart(page: Page, placed: Placed, view: SweepView, key: SeriesKey) -> Any:
    words, method = f"What moves {the(key)}", view.tables.method
    if view.is_tornado:
        around = f": change from the {say(view.centre(key)[1])} ({shown.unit_of(view)})"
        changes = ("low_change", "high_change")
        return bar_chart(page.book, placed, changes, say(words) + say(around), overlap=100)
    if method == MORRIS:
        words = say(words) + say(f": average size of change ({shown.unit_of(view)})")
        return bar_chart(page.book, placed, ["mu_star"], words)
    if method == SOBOL:
        return bar_chart(page.book, placed, ["ST", "S1"], words, "0%")
    if not placed.table.rows[0].indices.get("delta"):
        return bar_chart(page.book, placed, ["S1"], say(words) + say(": part of the spread"), "0%")
    return bar_chart(page.book, placed, ["delta", "S1"], words, "0.0")


def _lines(view: SweepView, page: Page) -> None:
    for position, trace in enumerate(view.traces):
        page.heading(f"Along {trace.parameter}")
        top = page.row
        placed = page.table(shown.trace_table(view, position, trace), empty="")
        axes = (said.short_parameter(trace.parameter, 60), f"Loss ({shown.unit_of(view)})")
        chart = trace_chart(page.book, placed, [key.measure for key in view.main], axes)
        page.chart_beside(chart, top, lines=_TRACE_LINES, column=11)


def _heat(view: SweepView, heat: Heat, page: Page) -> None:
    page.heading(f"{figure_heading(heat.key)} ({shown.unit_of(view)})")
    page.colour_scale(page.table(shown.heat_table(view, heat), empty=""), 1)


def _bands(view: SweepView, page: Page) -> None:
    page.heading("Bands of the total")
    table = shown.bands_table(view).without("base", *shown.PERCENTILES)
    placed, words = page.table(table, empty=""), (_BANDS, f"Loss ({shown.unit_of(view)})")
    page.gap()
    page.chart_across(band_chart(page.book, placed, list(shown.STEPS), words), _BAND_LINES)


def _points(view: SweepView) -> Sheet:
    settings, figures = shown.path_columns(view), [key.measure for key in view.main]
    order = ("point", "status", *figures, *(column.key for column in settings), "message")
    table = shown.points_table(view, settings).alone(*figures).only(*order)
    widths = (8, 9, *[13.0] * len(figures), *[18.0] * len(settings), 40)
    facts = "Point 0 is the base case: the config as it stands."
    return Sheet("Points", "what each point sets each parameter to", widths, facts, [table])
