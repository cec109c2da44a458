"""The sheets Drivers and Indices of a sweep: the parameters in the order of what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import LATIN_HYPERCUBE, MORRIS, SOBOL
from riskengine.reports.sweep.sentences import EXPLAINED, all_noise, direction, remark, the
from riskengine.reports.sweep.sheets.charts import bar_chart, tornado_chart
from riskengine.reports.sweep.sheets.columns import (
    INDEX,
    in_unit,
    money,
    money_look_of,
    unit_look,
)
from riskengine.reports.sweep.view import Driver, SweepView, short_parameter, shown_setting
from riskengine.reports.tables.looks import COUNT, LEVEL_FORMAT, Look
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import (
    Cell,
    Column,
    Placed,
    Table,
    after,
    estimated,
    number,
    text,
)
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import SensitivityRow

MOST = 20  #: parameters in a chart
_LINES = 12
_WIDTHS = (34, *[13.0] * 8, 3, *[13.0] * 6)
_CHART_COLUMN = 10
_SHARE = INDEX._replace(number_format="0.0%")  #: of the spread; by its error it may be below 0
_LEVEL = INDEX._replace(number_format=LEVEL_FORMAT)
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


def drivers_sheet(book: Book, view: SweepView) -> None:
    """Write both sheets; there are none without indices."""
    if not view.tables.sensitivity:
        return
    page = book.page("Drivers", _WIDTHS)
    page.title("Drivers", f"The strongest parameter first. {EXPLAINED[view.tables.method]}")
    for key in view.main:
        if view.drivers(key):
            page.heading(f"What moves {the(key)}")
            _ranking(book, page, view, key)
        elif view.is_noise(key):
            page.heading(f"What moves {the(key)}")
            page.paragraph(all_noise(view, key))
    _all(book, view)


def _ranking(book: Book, page: Page, view: SweepView, key: SeriesKey) -> None:
    """A table of the parameters, and beside it a chart of the first of them."""
    top, drivers = page.row, view.drivers(key)[:MOST]
    columns = [
        Column(heading="Parameter", value=_name, look=text("", str).look),
        *_measures(view, key),
        after("Remark", remark),
    ]
    name = f"Drivers_{key.measure}"
    placed = page.table(Table(key=name, columns=columns, rows=drivers), empty="")
    more = len(view.drivers(key)) - MOST
    if more > 0:
        page.paragraph(f"{more:,} more are on the sheet Indices.")
    end, page.row = page.row, top
    lines = max(_LINES, 3 + 2 * len(drivers))
    page.chart(_chart(book, placed, view, key), lines, _CHART_COLUMN)
    page.row = max(end, top + lines)


def _name(driver: Driver) -> str:
    return short_parameter(driver.parameter, 60)


def _measures(view: SweepView, key: SeriesKey) -> list[Column]:
    look, unit, method = money_look_of(view), money(view), view.tables.method
    if view.is_tornado:
        base, word = view.centre(key)
        return [
            number(f"Least: change from {word} ({unit})", _less(base, "low"), look),
            number(f"Most: change from {word} ({unit})", _less(base, "high"), look),
            *estimated("Difference", unit, lambda d: d.estimate("swing"), look),
            after("Least at", lambda d: d.setting("low")),
            after("Most at", lambda d: d.setting("high")),
        ]
    if method == MORRIS:
        return [
            *estimated("Moved by", unit, lambda d: d.estimate("mu_star"), look),
            number(f"Average change ({unit})", lambda d: d.estimate("mu").value, look),
            number(f"Differs by ({unit})", lambda d: d.estimate("sigma").value, look),
            after("Along its range", direction),
        ]
    first, second = ("ST", "S1") if method == SOBOL else ("delta", "S1")
    words = {"ST": "With others", "delta": "Shift", "S1": "Alone"}
    return [
        *estimated(words[first], "", _of(first), _SHARE if first == "ST" else INDEX),
        *estimated(words[second], "", _of(second), _SHARE),
    ]


def _of(index: str) -> Callable[[Driver], Estimate]:
    return lambda driver: driver.estimate(index)


def _less(base: float, index: str) -> Callable[[Driver], float]:
    return lambda driver: driver.estimate(index).value - base


def _chart(book: Book, placed: Placed, view: SweepView, key: SeriesKey) -> Any:
    words, unit, method = f"What moves {the(key)}", money(view), view.tables.method
    if view.is_tornado:
        around = f": change from the {view.centre(key)[1]} ({unit})"
        return tornado_chart(book, placed, (1, 2), words + around)
    if method == MORRIS:
        look = money_look_of(view).number_format
        return bar_chart(book, placed, (1,), f"{words}: average size of change ({unit})", look)
    if method == LATIN_HYPERCUBE and not placed.table.rows[0].indices.get("delta"):
        return bar_chart(book, placed, (4,), f"{words}: part of the spread", "0%")
    number_format = "0%" if method == SOBOL else "0.0"
    return bar_chart(book, placed, (1, 4), words, number_format)


def _all(book: Book, view: SweepView) -> None:
    """Every index of every figure, on a sheet of its own, with what the indices are."""
    page = book.page("Indices", (44, 7, 10, 22, 12, 9, 10, 16, *[14.0] * 4))
    page.title("Indices", f"{_glosses(view)}. Empty cells: no interval, no level or no setting.")
    page.gap()
    look = unit_look(view, lambda row: str(row.measure))

    def shown(row: SensitivityRow) -> Look:
        return INDEX if row.index in ("S1", "ST", "delta") else look(row)

    columns = [
        text("Parameter", _field("parameter")),
        number("Rank", _field("rank"), COUNT),
        after("Scope", _field("scope")),
        text("Name", _field("name")),
        text("Measure", _field("measure")),
        number("Level", _field("level"), _LEVEL),
        after("Index", _field("index")),
        text("At", lambda row: shown_setting(row.setting)),
        in_unit("Value", _field("value"), shown),
        in_unit("95 % low", _field("lower"), shown),
        in_unit("95 % high", _field("upper"), shown),
        after("Stands out from noise", lambda row: "yes" if row.clear else "no"),
    ]
    header = page.row
    page.table(Table(key="Indices", columns=columns, rows=view.tables.sensitivity), empty="")
    page.keep_in_sight(header)


def _glosses(view: SweepView) -> str:
    used = dict.fromkeys(row.index for row in view.tables.sensitivity)
    return "; ".join(f"{index}: {_INDICES[index]}" for index in used)


def _field(name: str) -> Callable[[SensitivityRow], Cell]:
    return lambda row: getattr(row, name)
