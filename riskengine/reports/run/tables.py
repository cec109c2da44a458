"""The tables of a run, each defined once: screen, page and workbook choose columns by key."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from riskengine.figures.catalog import of_total
from riskengine.figures.curves import CurveRow
from riskengine.figures.evidence import COMPONENTS
from riskengine.figures.measure import Measure
from riskengine.figures.wording import Row, label, sheet_row
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.run.stored import RunFigures
from riskengine.reports.tables import formats, looks
from riskengine.reports.tables.formats import AFTER, AMOUNT, DAYS, SHARE, Format
from riskengine.reports.tables.numbers import Money, exact
from riskengine.reports.tables.table import Column, Table, estimate, number, said, text

CURVES = ("AEP", "OEP")  #: types of exceedance curves of the total
_CHANCE = formats.GIVEN_SHARE.looking(looks.SHARE)
_WITH_INTERVAL = {"mean": "Mean (95 % interval)"}  #: next to figures without one


class TotalFigure(NamedTuple):
    """One figure of the total and its meaning."""

    measure: Measure
    level: float | None  #: of the measure; None without levels
    label: str
    estimate: Estimate
    form: Format
    unit: str
    on_sheet: Row  #: its label and meaning in a workbook


def headline(run: RunFigures) -> list[Table]:
    """The tables at the end of a run: the total, the industries, the materials, the pools."""
    tables, level = [_moments(run), _tail(run)], level_name(run.detail)
    if run.names("industry"):
        shown = parts(run, "industry").only(
            "name", "mean", "prob_loss", "prob_output_loss", f"tvar_{level}",
            f"share_of_tvar_{level}", "loss_days", "first_loss_day_median", key="industries",
        )  # fmt: skip
        remark = "Industries add up for means and shares only: their VaR and TVaR do not."
        title = f"By industry, {run.facts.money}"
        alone = shown.alone(f"tvar_{level}", "loss_days").headed(_WITH_INTERVAL)
        tables.append(replace(alone, title=title, remark=remark))
    if run.names("material"):
        shown = parts(run, "material").only(
            "name", "mean", f"share_of_tvar_{level}", "cut_days", "cut_weighted_days",
            "shortage_days", key="materials",
        )  # fmt: skip
        title = f"By material: loss attributed to it, {run.facts.money}"
        tables.append(replace(shown.headed(_WITH_INTERVAL), title=title))
    if run.pools:
        tables.append(pools_table(run))
    return tables


def _moments(run: RunFigures) -> Table:
    found = total(run).only("label", "estimate")
    return replace(
        found,
        title=f"Total loss over {run.facts.horizon_days:g} days, {run.facts.money} (95 % interval)",
        rows=[row for row in found.rows if not row.measure.has_confidence],
    )


def _tail(run: RunFigures) -> Table:
    def at(measure: Measure) -> Callable[[float], Estimate]:
        return lambda level: run.total(measure.name, level)

    return Table(
        key="tail",
        title=f"Bad outcomes, {run.facts.money} (95 % interval)",
        columns=[
            text("level", "Level", level_text),
            *(
                estimate(measure.name, measure.shown.heading or measure.words, at(measure))
                for measure in of_total()
                if measure.has_confidence
            ),
        ],
        rows=run.confidence,
    )


def total(run: RunFigures) -> Table:
    """Every figure of the total: one row each, with its own format."""

    def figures(key: str, value: Callable[[TotalFigure], object], long: str = "") -> Column:
        column = number(key, "", value, long=long)
        return column.by_row(lambda row: row.form)

    whole = figures("estimate", lambda row: row.estimate)
    return Table(
        key="total",
        columns=[
            said("label", ""),
            replace(whole, has_interval=True),
            said("figure", "Figure", lambda row: row.on_sheet.label),
            figures("value", lambda row: row.estimate.value, "Value"),
            figures("lower", lambda row: row.estimate.lower, "95 % low"),
            figures("upper", lambda row: row.estimate.upper, "95 % high"),
            said("unit", "Unit", form=AFTER),
            said("meaning", "What it says", lambda row: row.on_sheet.says, AFTER),
        ],
        rows=list(_total_figures(run)),
    )


def _total_figures(run: RunFigures) -> Iterator[TotalFigure]:
    """Every figure of the total, in the order of the catalogue."""
    for measure in of_total():
        for place, level in enumerate(run.levels(measure), 1):
            yield TotalFigure(
                measure=measure,
                level=level,
                label=label(measure, level, exact),
                estimate=run.total(measure.name, level),
                form=SHARE if measure.is_probability else run.amount,
                unit=measure.unit_in(run.money),
                on_sheet=sheet_row(measure, level, place, exact),
            )


def parts(run: RunFigures, scope: str, names: Sequence[str] | None = None) -> Table:
    """Every figure of a scope, `industry` or `material`, for some names or for all."""
    own = _industry_columns(run) if scope == "industry" else _material_columns(run)
    return Table(
        key=scope,
        title=f"By {scope}, {run.facts.money} (95 % interval)",
        columns=[text("name", scope.capitalize(), str), *_common(run, scope), *own],
        rows=run.names(scope) if names is None else names,
    )


class _Figures:
    """Columns of figures of one scope, found by their measure."""

    def __init__(self, run: RunFigures, scope: str):
        self.run = run
        self.scope = scope

    def of(
        self, measure: str, level: float | None = None, component: str = "all"
    ) -> Callable[[str], Estimate]:
        return lambda name: self.run.get(self.scope, name, measure, level, component)

    def value(self, measure: str, level: float | None = None) -> Callable[[str], float]:
        return lambda name: self.run.get(self.scope, name, measure, level).value

    def share(self, measure: str, level: float | None = None) -> Callable[[str], float]:
        return lambda name: self.run.share(self.scope, name, measure, level)


def _common(run: RunFigures, scope: str) -> Iterator[Column]:
    """The columns that industries and materials share; materials have fewer defined names."""
    take, loss = _Figures(run, scope), partial(number, form=run.amount, unit=run.money)
    is_industry, detail = scope == "industry", f"TVaR {level_text(run.detail)}"

    def name(of_industry: str) -> str:
        return of_industry if is_industry else ""

    long = "Mean loss" if is_industry else "Mean attributed loss"
    called = "Mean" if is_industry else "MaterialMean"
    yield loss("mean", "Mean", take.of("mean"), has_interval=True, long=long, name=called)
    yield loss("sd", "Standard deviation", take.value("sd"), name=name("SD"))
    yield number("prob_loss", "Any loss", take.value("prob_loss"), SHARE, long="Chance of any loss",
                 name=name("ProbLoss"))  # fmt: skip
    yield loss("max", "Largest loss", take.value("max"), name=name("Max"))
    yield number("share_of_mean", "Share of the total's mean", take.share("mean"), SHARE)
    yield number(f"share_of_tvar_{level_name(run.detail)}", f"Share of {detail}",
                 take.share("tvar", run.detail), SHARE,
                 long=f"Share of the total's {detail}")  # fmt: skip
    for measure, words in (("var", "VaR"), ("tvar", "TVaR")):
        for level in run.confidence:
            heading, short = f"{words} {level_text(level)}", f"{words}{level_name(level)}"
            key, value = f"{measure}_{level_name(level)}", take.of(measure, level)
            yield loss(key, heading, value, name=name(short), has_interval=True)
    for addend in addends(run):
        # The contribution to the mean is the mean itself, whose cell has a name already.
        called = "" if addend.level is None else f"{scope.capitalize()}PartOf{addend.key}"
        heading, long = f"Part of the total's {addend.heading}", f"Part of {addend.heading}"
        part = take.value(f"contribution_{addend.measure}", addend.level)
        yield loss(f"part_of_{addend.key}", heading, part, long=long, name=called)


def _industry_columns(run: RunFigures) -> Iterator[Column]:
    take, days = _Figures(run, "industry"), partial(number, form=DAYS)
    yield number("prob_output_loss", "Lost output", take.value("prob_output_loss"), SHARE,
                 long="Chance of lost output", name="ProbOutput")  # fmt: skip
    yield days("loss_days", "Loss days, mean", take.of("loss_days"), unit="days", name="LossDays",
               long="Days with a loss, mean", has_interval=True)  # fmt: skip
    stopped, first = take.value("stopped_days"), take.value("first_loss_day_median")
    yield days("stopped_days", "Days stopped, mean", stopped, unit="days", name="StoppedDays")
    heading, long = "First loss day, median", "First day of loss, median"
    yield days("first_loss_day_median", heading, first, unit="day", long=long)
    for component in COMPONENTS:
        value = take.of("mean", component=component)
        heading = f"Mean {component} loss"
        yield estimate(f"mean_{component}", heading, value, run.amount, unit=run.money)


def _material_columns(run: RunFigures) -> Iterator[Column]:
    take = _Figures(run, "material")
    for measure, heading, long, unit, name in (
        ("cut_days", "Days with any cut, mean", "Days restricted, mean", "days", "DaysRestricted"),
        ("cut_weighted_days", "Days of demand cut, mean", "Cut, mean", "days of demand",
         "CutWeightedDays"),
        ("shortage_days", "Days of demand short, mean", "Shortage, mean", "days of demand",
         "ShortageDays"),
    ):  # fmt: skip
        yield estimate(measure, heading, take.of(measure), DAYS, long=long, unit=unit, name=name)


class Addend(NamedTuple):
    """A figure of the total to which the parts of all industries, or of all materials, add up."""

    heading: str
    measure: str
    level: float | None
    key: str  #: first part of its defined name on the sheet Summary


def addends(run: RunFigures) -> list[Addend]:
    """The mean, and TVaR at each confidence level of the run."""
    tails = (
        Addend(f"TVaR {level_text(level)}", "tvar", level, f"TVaR{level_name(level)}")
        for level in run.confidence
    )
    return [Addend("mean", "mean", None, "Mean"), *tails]


def level_table(run: RunFigures) -> Table | None:
    """Mean days of each material on each level; None if the folder does not have them."""
    days = {name: run.level_days(name) for name in run.names("material")}
    levels = list(next(iter(days.values()), {}))
    if not levels:
        return None

    def on(level: str) -> Callable[[str], Estimate]:
        return lambda material: days[material][level]

    return Table(
        key="LevelDays",
        title="By material: mean days on each level, mildest first (95 % interval)",
        columns=[
            text("material", "Material", str),
            *(estimate(level, level, on(level), DAYS, unit="days") for level in levels),
        ],
        rows=list(days),
        remark="A day counts for the deepest level on which the material stands.",
    )


def pools_table(run: RunFigures) -> Table:
    """The figures of all pools: contested days, and how much of the capacity is used."""

    def capacity(name: str) -> float:
        return run.pools[name].capacity_per_year.mean() * run.facts.horizon_days / 365.0

    def share(name: str) -> Estimate | None:
        whole = capacity(name)
        if not 0.0 < whole < math.inf:
            return None
        value, lower, upper = run.get("pool", name, "used")
        return Estimate(value / whole, lower / whole, upper / whole)

    return Table(
        key="Pools",
        title="By pool: spare supply that several buyers want (95 % interval)",
        columns=[
            text("name", "Pool", str),
            estimate("contested_days", "Contested days, mean",
                     lambda name: run.get("pool", name, "contested_days"), DAYS,
                     long="Contested, mean", unit="days", name="ContestedDays"),
            estimate("used", "Used, mean", lambda name: run.get("pool", name, "used"), AMOUNT,
                     name="PoolUsed"),
            number("capacity", "Capacity, mean", capacity, AMOUNT),
            text("unit", "Unit", lambda name: run.pools[name].counted_in, AFTER),
            estimate("share", "Used of capacity", share, SHARE, name="PoolShare"),
        ],
        rows=list(run.pools),
        remark=f"Used and capacity: over {run.facts.horizon_days:g} days.",
    )  # fmt: skip


def component_table(run: RunFigures) -> Table:
    """The components of the mean loss of the total."""
    whole = run.total("mean").value

    def part(component: str) -> float:
        return run.get("total", "", "mean", component=component).value

    return Table(
        key="DriversByComponent",
        columns=[
            said("component", "Component", str),
            number("part", "Part of mean", part, run.amount, unit=run.money),
            number("share", "Share of mean",
                   lambda component: part(component) / whole if whole > 0.0 else None, SHARE),
        ],
        rows=COMPONENTS,
    )  # fmt: skip


class ReturnPeriod(NamedTuple):
    """One return period of the total."""

    years: float
    probability: float  #: of exceedance within the horizon
    losses: dict[str, Estimate]  #: by type of curve

    def loss(self, curve: str) -> Estimate:
        return self.losses.get(curve, UNKNOWN)


def return_periods(curves: Iterable[CurveRow]) -> list[ReturnPeriod]:
    """The curves of the total side by side, in order of rising return period."""
    found: dict[float, ReturnPeriod] = {}
    for row in curves:
        if row.scope == "total":
            period = ReturnPeriod(row.return_period, row.probability, {})
            losses = found.setdefault(row.return_period, period).losses
            losses[row.type] = Estimate(row.loss, row.lower, row.upper)
    return [found[years] for years in sorted(found)]


def exceedance_table(run: RunFigures, curves: Iterable[CurveRow], money: Money) -> Table:
    """The losses of the total by return period, in the unit `money`; other curves are ignored."""

    def loss(curve: str) -> Callable[[ReturnPeriod], Estimate]:
        return lambda row: money.scaled(row.loss(curve))

    form = run.amount if money.divisor == 1.0 else AMOUNT
    unit = run.money if money.divisor == 1.0 else money.unit
    return Table(
        key="Exceedance",
        title=f"Exceedance curves of the total, {money.unit} (95 % interval)",
        columns=[
            number("return_period", "Return period, years", lambda row: row.years,
                   formats.GIVEN.looking(looks.COUNT), long="Return period", unit="years"),
            number("probability", "Chance within the time played", form=_CHANCE,
                   long="Chance within the horizon"),
            *(estimate(each, f"{each} loss", loss(each), form, unit=unit) for each in CURVES),
        ],
        rows=return_periods(curves),
        remark="AEP: all spells of a trial together. OEP: its largest spell alone.",
    )  # fmt: skip
