"""A sweep on the screen: the base case, and the parameters in the order of what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.sweep.sentences import (
    EXPLAINED,
    IN_DOUBT,
    direction,
    estimated,
    facts,
    heading,
    remark,
    sentences,
    share_words,
    shift_words,
    the,
)
from riskengine.reports.sweep.view import Driver, SweepView, named_parameter
from riskengine.reports.tables.numbers import significant
from riskengine.reports.tables.table import Cell, Column, Table, text, words
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import SweepTables

_DOUBT = (
    f' "{IN_DOUBT[0].upper()}{IN_DOUBT[1:]}": the effect does not stand out from the noise of '
    "finitely many trials and points."
)
_MOST = 12  #: parameters in one table of the screen


def sweep_lines(tables: SweepTables) -> list[str]:
    """The title, and what was played."""
    return [tables.title or tables.config, *facts(SweepView(tables))]


def sweep_tables(tables: SweepTables) -> list[Table]:
    """The base case, and the parameters in order of what they do to the mean and to VaR 99 %."""
    view = SweepView(tables)
    found = [table for key in view.ranked for table in drivers_table(view, key, _MOST)]
    # What the columns mean is said once, under the last of these tables.
    return [_base(view), *(replace(table, remark="") for table in found[:-1]), *found[-1:]]


def sweep_sentences(tables: SweepTables) -> list[str]:
    """What drives the answer, and what is chance and what is not known, each in a sentence."""
    return sentences(SweepView(tables))


def drivers_table(view: SweepView, key: SeriesKey, most: int) -> Iterator[Table]:
    """The parameters that move a figure, the strongest first; none without indices."""
    drivers, method = view.drivers(key), view.tables.method
    if not drivers:
        return
    columns, row = _layout(view)
    more = len(drivers) - most
    remarks = [remark(driver) for driver in drivers[:most]]
    if any(remarks):
        columns = [*columns, text("remark", "Remark")]
    is_money = view.is_tornado or method == MORRIS
    yield Table(
        key=f"drivers_{key.measure}",
        title=f"What moves {the(key)}{f', {view.tables.money}' if is_money else ''}",
        columns=[text("parameter", "Parameter"), *columns],
        rows=[
            [named_parameter(driver.parameter), *row(driver), *([beside] if any(remarks) else [])]
            for driver, beside in zip(drivers, remarks, strict=False)
        ],
        remark=EXPLAINED[method]
        + (_DOUBT if any(remarks) else "")
        + (f" {more:,} more in sensitivity.csv." if more > 0 else ""),
    )


def _base(view: SweepView) -> Table:
    rows: list[list[Cell]] = [[heading(key), estimated(view.base(key))] for key in view.main]
    return Table(
        key="base",
        title=f"Base case, {view.tables.money} (95 % interval)",
        columns=[text("figure", ""), _figures("value", "")],
        rows=rows,
    )


def _layout(view: SweepView) -> tuple[list[Column], Callable[[Driver], list[Cell]]]:
    """The columns after the parameter, and what stands in them."""
    if view.is_tornado:
        columns = [
            text("low_setting", "Least at"),
            _figures("low", "is"),
            text("high_setting", "Most at"),
            _figures("high", "is"),
            _figures("swing", "Difference (95 % interval)"),
        ]
        return columns, _swing
    return {
        SOBOL: ([_figures("S1", "Explains alone"), _figures("ST", "With others")], _sobol),
        MORRIS: (
            [
                _figures("mu_star", "Moved by"),
                text("direction", "Along its range"),
                _figures("sigma", "Differs by"),
            ],
            _morris,
        ),
    }.get(view.tables.method, ([_figures("delta", "Shift"), _figures("S1", "Explains")], _delta))


def _swing(driver: Driver) -> list[Cell]:
    return [
        driver.setting("low"),
        significant(driver.estimate("low").value),
        driver.setting("high"),
        significant(driver.estimate("high").value),
        estimated(driver.estimate("swing")),
    ]


def _sobol(driver: Driver) -> list[Cell]:
    return [share_words(driver.estimate("S1")), share_words(driver.estimate("ST"))]


def _morris(driver: Driver) -> list[Cell]:
    sigma = significant(driver.estimate("sigma").value)
    return [estimated(driver.estimate("mu_star")), direction(driver), sigma]


def _delta(driver: Driver) -> list[Cell]:
    return [shift_words(driver.estimate("delta")), share_words(driver.estimate("S1"))]


def _figures(key: str, heading_: str) -> Column:
    """Figures that are words already."""
    return words(key, heading_)
