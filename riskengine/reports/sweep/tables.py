"""The tables of a sweep, each defined once; screen, page and workbook choose their columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from riskengine.figures.wording import meaning
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name
from riskengine.model.sweep import MORRIS, SOBOL
from riskengine.reports.sweep import sentences as said
from riskengine.reports.tables.formats import (
    AFTER,
    AMOUNT,
    COUNT,
    LINE,
    LINE_AFTER,
    SET_TO,
    SHARE,
    Format,
    money,
)
from riskengine.reports.tables.looks import LEVEL_FORMAT, STRONG, Look
from riskengine.reports.tables.table import (
    Column,
    Table,
    Value,
    estimate,
    number,
    origin_table,
    text,
    with_ends,
)
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import figure_heading, the
from riskengine.reports.xlsx.text import heading_unit
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.settings import named_parameter, setting_text, shown_setting
from riskengine.sweeps.tables import PointRow, SensitivityRow, SweepRow, SweepTables
from riskengine.sweeps.view import MEAN, Band, Driver, Heat, SweepView, Trace

_MOST = 12  #: parameters in one table of the screen
_DOUBT = (
    f' "{said.IN_DOUBT.capitalize()}": the effect does not stand out from the noise of finitely '
    "many trials and points."
)
PERCENTILES = {"p05": "5 %", "p25": "25 %", "p50": "Median", "p75": "75 %", "p95": "95 %"}
#: Columns of the bands that a stacked chart needs: from one percentile up to the next.
STEPS = {
    "to_p05": ("below 5 %", "", "p05"),
    "to_p25": ("5 to 25 %", "p05", "p25"),
    "to_p50": ("25 % to median", "p25", "p50"),
    "to_p75": ("median to 75 %", "p50", "p75"),
    "to_p95": ("75 to 95 %", "p75", "p95"),
}
SETTING = Format(text="{:.6g}".format, look=Look(number_format="General", align="right"))
_CASE = replace(COUNT, text=lambda point: f"{point:,}" if point else say("base case"))
_LEVEL = SHARE.looking(Look(number_format=LEVEL_FORMAT))
_PURE = ("S1", "ST", "delta")  #: indices without a unit
_INDEX = AMOUNT.looking(said.SHIFT.look)


def sweep_lines(tables: SweepTables) -> list[str]:
    """The title, and what was run."""
    return [tables.title or tables.config, *said.facts(SweepView(tables))]


def sweep_tables(tables: SweepTables) -> list[Table]:
    """The tables for the screen: the base case, and what moves the mean and VaR."""
    view = SweepView(tables)
    found = [drivers_table(view, key, _MOST) for key in view.ranked if view.drivers(key)]
    # The remark explains the columns, and is shown once, under the last of these tables.
    found = [*(replace(table, remark="") for table in found[:-1]), *found[-1:]]
    return [base_table(view).without("meaning"), *map(shown_drivers, found)]


def sweep_sentences(tables: SweepTables) -> list[str]:
    """The sentences on what drives the answer, on chance, and on lack of knowledge."""
    return said.sentences(SweepView(tables))


def base_table(view: SweepView) -> Table:
    """The main figures of the base case."""
    return Table(
        key="BaseCase",
        title=f"Base case, {unit_words(view.tables.money)} (95 % interval)",
        columns=[
            text("figure", "Figure", figure_heading),
            _losses(view)("base", "Base case", view.base, name="Base"),
            told("meaning", "What it says", lambda key: meaning(key.measure, key.level), AFTER),
        ],
        rows=view.main,
        called=figure_name,
    )


# What moves a figure


def drivers_table(view: SweepView, key: SeriesKey, most: int | None = None) -> Table:
    """The parameters that move a figure, in order of their effect; at most `most` of them."""
    drivers = view.drivers(key)
    rows, method = drivers[:most], view.tables.method
    has_unit = view.is_tornado or method == MORRIS
    more = len(drivers) - len(rows)
    return Table(
        key=f"Drivers_{key.measure}",
        title=say(f"What moves {the(key)}")
        + (say(f", {unit_words(view.tables.money)} (95 % interval)") if has_unit else ""),
        columns=[
            text("parameter", "Parameter", lambda driver: say(named_parameter(driver.parameter))),
            text("short", "Parameter", lambda driver: said.short_parameter(driver.parameter, 60)),
            *_effects(view, key),
            told("remark", "Remark", said.remark, AFTER),
        ],
        rows=rows,
        remark=say(said.EXPLAINED[method])
        + (say(_DOUBT) if any(map(said.remark, rows)) else "")
        + (say(f" {more:,} more in sensitivity.csv.") if more else ""),
    )


def shown_drivers(table: Table) -> Table:
    """The drivers as a screen or a page shows them; the column of remarks only if there are any."""
    unused = () if any(map(said.remark, table.rows)) else ("remark",)
    return table.without("short", "low_change", "high_change", "mu", *unused)


def _effects(view: SweepView, key: SeriesKey) -> list[Column]:
    """The effect of each parameter on a figure, as the method measures it."""
    figure, loss, method = _money(view), _losses(view), view.tables.method
    if view.is_tornado:
        base, word = view.centre(key)
        change = f"change from {word}"
        return [
            figure("low_change", f"Least: {change}", _value("low", base)),
            figure("high_change", f"Most: {change}", _value("high", base)),
            loss("swing", "Difference", _index("swing")),
            text("low_setting", "Least at", lambda driver: driver.setting("low"), SET_TO),
            figure("low", "is", _value("low")),
            text("high_setting", "Most at", lambda driver: driver.setting("high"), SET_TO),
            figure("high", "is", _value("high")),
        ]
    if method == MORRIS:
        return [
            loss("mu_star", "Moved by", _index("mu_star")),
            figure("mu", "Average change", _value("mu")),
            figure("sigma", "Differs by", _value("sigma")),
            told("direction", "Along its range", said.direction, AFTER),
        ]
    if method == SOBOL:
        return [
            estimate("ST", "Explains with others", _index("ST"), said.PART),
            estimate("S1", "Explains alone", _index("S1"), said.PART),
        ]
    return [
        estimate("delta", "Shift", _index("delta"), said.SHIFT),
        estimate("S1", "Explains", _index("S1"), said.PART),
    ]


def _index(index: str) -> Callable[[Driver], Estimate]:
    return lambda driver: driver.estimate(index)


def _value(index: str, less: float = 0.0) -> Callable[[Driver], float]:
    return lambda driver: driver.estimate(index).value - less


def indices_table(view: SweepView) -> Table:
    """Every index of every figure."""
    in_unit = by_unit(view)

    def form_of(row: SensitivityRow) -> Format:
        return _INDEX if row.index in _PURE else in_unit(row)

    def unit_of_row(row: SensitivityRow) -> str | None:
        if row.index in _PURE:
            return None
        return "probability" if row.measure == "prob_loss" else unit_of(view)

    value = estimate("value", "Value", with_ends("value", ""))
    return Table(
        key="Indices",
        columns=[
            text("parameter", "Parameter"),
            number("rank", "Rank", form=COUNT),
            text("scope", "Scope", form=AFTER),
            text("name", "Name"),
            text("measure", "Measure"),
            number("level", "Level", form=_LEVEL),
            text("index", "Index", form=AFTER),
            text("setting", "At", lambda row: shown_setting(row.setting), SET_TO),
            replace(value, format=_INDEX, format_of=form_of),
            text("unit", "Unit", unit_of_row, AFTER),
            told("clear", "Stands out from noise", lambda r: "yes" if r.clear else "no", AFTER),
        ],
        rows=view.tables.sensitivity,
    )


# Figures along parameters, over two of them, and at every point


def trace_table(view: SweepView, position: int, trace: Trace) -> Table:
    """The main figures along one parameter."""

    def at(key: SeriesKey) -> Value:
        return lambda row: trace.estimates[key][row]

    return Table(
        key=f"Line_{position + 1}",
        title=f"Along {trace.parameter}, {unit_words(view.tables.money)} (95 % interval)",
        columns=[number("setting", "Setting", trace.xs.__getitem__, SETTING), *_main(view, at)],
        rows=range(len(trace.xs)),
    )


def heat_table(view: SweepView, heat: Heat) -> Table:
    """A figure over the settings of two parameters."""

    def at(column: int) -> Callable[[int], float]:
        return lambda row: heat.values[row][column]

    corner, form = f"{said.short_parameter(heat.parameters[0], 40)} ↓", money_format(view)
    return Table(
        key=f"Heat_{heat.key.measure}",
        title=f"{figure_heading(heat.key)}, {unit_words(view.tables.money)}",
        columns=[
            text("row", corner, heat.rows.__getitem__, SET_TO.looking(STRONG)),
            *(number(f"c{k}", words, at(k), form) for k, words in enumerate(heat.columns)),
        ],
        rows=range(len(heat.rows)),
    )


def points_table(view: SweepView, settings: Sequence[Column], most: int | None = None) -> Table:
    """The settings of each point and its main figures; at most `most` points."""

    def at(key: SeriesKey) -> Value:
        return lambda row: view.at(key, row.point)

    rows = view.tables.points[:most]
    more = len(view.tables.points) - len(rows)
    return Table(
        key="Points",
        title=f"Points, {unit_words(view.tables.money)} (95 % interval)",
        columns=[
            number("point", "Point", form=_CASE),
            told("status", "Status", form=AFTER),
            *settings,
            *_main(view, at),
            text("message", "Why it failed", form=AFTER),
        ],
        rows=rows,
        remark="points.csv and sweep.csv hold every point with every figure"
        + (f"; {more:,} more points are only there." if more else "."),
    )


def parameter_columns(view: SweepView) -> list[Column]:
    """The setting of each parameter at a point, in words."""

    def at(settings: Sequence[Any]) -> Callable[[PointRow], str]:
        return lambda row: setting_text(settings[row.point])

    pairs = zip(view.tables.parameters, view.settings, strict=True)
    return [
        text(f"parameter_{k}", said.short_parameter(name, 60), at(settings))
        for k, (name, settings) in enumerate(pairs)
    ]


def path_columns(view: SweepView) -> list[Column]:
    """The setting of each path at a point; numbers stay numbers."""

    def at(position: int) -> Callable[[PointRow], Any]:
        def cell(row: PointRow) -> Any:
            value = row.settings[position]
            return str(value).lower() if isinstance(value, bool) else value

        return cell

    return [number(f"path_{k}", path, at(k), SETTING) for k, path in enumerate(view.tables.paths)]


def figures_table(view: SweepView, rows: Sequence[SweepRow]) -> Table:
    """The tidy table: one row for each point and figure."""
    form_of = by_unit(view)
    figures = [
        estimate("value", "Value", with_ends("value", "")),
        estimate("difference", "Difference from base", with_ends("difference")),
    ]
    return Table(
        key="Sweep",
        columns=[
            number("point", "Point", form=COUNT),
            text("scope", "Scope", form=LINE_AFTER),
            text("name", "Name", form=LINE),
            text("measure", "Measure", form=LINE),
            number("level", "Level", form=_LEVEL),
            *(replace(column, format=_INDEX, format_of=form_of) for column in figures),
            text("unit", "Unit", form=LINE_AFTER),
        ],
        rows=rows,
    )


# What is not known


def bands_table(view: SweepView) -> Table:
    """Percentiles of the total over the points, and the steps between them."""
    form = money_format(view)

    def at(end: str) -> Callable[[Band], float]:
        return lambda band: float(getattr(band.spread, end))

    def step(low: str, high: str) -> Callable[[Band], float]:
        return lambda band: at(high)(band) - (at(low)(band) if low else 0.0)

    return Table(
        key="Bands",
        title=f"Percentiles over the points, {unit_words(view.tables.money)}",
        columns=[
            text("figure", "Figure", lambda band: figure_heading(band.key)),
            estimate("base", "Base case (by chance)", form=form),
            *(number(end, words, at(end), form) for end, words in PERCENTILES.items()),
            *(
                _money(view)(key, words, step(low, high))
                for key, (words, low, high) in STEPS.items()
            ),
        ],
        rows=view.spreads,
        remark="uncertainty.csv has the same for every industry and material, noise.csv how much "
        "of the spread is noise, which is taken out of the percentiles.",
    )


def uncertainty_table(view: SweepView) -> Table:
    """Every figure over the points, next to its error by chance."""
    form_of = by_unit(view)
    figures = {"base": "Base case", "chance": "By chance, ±"} | PERCENTILES
    figures |= {"mean": "Mean", "sd": "Standard deviation"}
    return Table(
        key="Uncertainty",
        columns=[
            text("name", "Name", lambda row: row.name or say("total")),
            text("measure", "Measure"),
            number("level", "Level", form=_LEVEL),
            *(number(key, words, form=_INDEX).by_row(form_of) for key, words in figures.items()),
            text("scope", "Scope", form=AFTER),
            text("unit", "Unit"),
        ],
        rows=view.tables.uncertainty,
    )


def sweep_origin(view: SweepView) -> Table:
    """The inputs from which the figures were made."""
    tables = view.tables
    rows = [
        ["Config", tables.config],
        ["Method", tables.method],
        ["Points", say(f"{len(tables.points) - 1:,} and the base case")],
        ["Trials at each point", f"{tables.trials:,}"],
        ["Seed of the draws", str(tables.seed)],
        *(["Varied", parameter] for parameter in tables.parameters),
    ]
    remark = "The same config, seed and trials give the same figures to the bit."
    return origin_table("Origin", rows, remark)


# Columns


def figure_name(key: SeriesKey) -> str:
    """A figure as part of a defined name.

    >>> figure_name(SeriesKey("total", "", "tvar", 0.99))
    'TVaR99'
    """
    level = "" if key.level is None else level_name(key.level)
    return {"mean": "Mean", "var": "VaR", "tvar": "TVaR"}.get(key.measure, key.measure) + level


def unit_of(view: SweepView) -> str:
    """The unit of money, short enough for a heading."""
    return heading_unit(unit_words(view.tables.money))


def money_format(view: SweepView) -> Format:
    """The format of money: all amounts of a workbook have the same number of decimals."""
    return money(abs(view.base(MEAN).value))


def _money(view: SweepView) -> partial[Column]:
    """Makes columns of money."""
    return partial(number, form=money_format(view), unit=unit_of(view))


def _losses(view: SweepView) -> partial[Column]:
    """Makes columns of money with intervals."""
    return partial(_money(view), has_interval=True)


def by_unit(view: SweepView) -> Callable[[Any], Format]:
    """The format of a row by its measure: chances are shares, all else is money."""
    amounts = money_format(view)
    return lambda row: SHARE if row.measure == "prob_loss" else amounts


def _main(view: SweepView, at: Callable[[SeriesKey], Value]) -> list[Column]:
    """The main figures with their intervals."""
    loss = _losses(view)
    return [loss(key.measure, figure_heading(key), at(key)) for key in view.main]
