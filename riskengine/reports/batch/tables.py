"""The tables of a batch, each defined once for the screen, the page and the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.outcome import KEPT, MIXTURE, PLAYED
from riskengine.batches.tables import ChangeRow, change_rows, input_rows
from riskengine.batches.view import IN_TAIL, BatchView, BesideRow, beside
from riskengine.figures.catalog import find, of_total
from riskengine.figures.measure import Measure
from riskengine.figures.wording import label, sheet_row
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.measures.curves import RETURN_PERIODS
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.tables.changes import POINTS, RELATIVE, inputs_table, relative, signed
from riskengine.reports.tables.formats import AFTER, COUNT, LINE, SHARE, Format, money
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import significant
from riskengine.reports.tables.table import Column, Table, Value, estimate, number, text, with_ends
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import all_said, with_rest
from riskengine.reports.xlsx.text import heading_unit

SCOPES = {"industry": "industries", "material": "materials"}
#: The figures of a comparison that the page shows
BESIDE = ("scenario", "mean_a", "mean_b", "mean_change", "tvar_a", "tvar_b", "tvar_change")
_DAYS = COUNT.looking(Look(number_format="#,##0.##"))
_SCENARIO = text("scenario", "Scenario", lambda name: called(name), LINE)
_CALLED = text("scenario", "Scenario", lambda row: called(row.scenario), LINE)
_OF_ROW = text("scenario", "Scenario", form=LINE)
_NAME = text("name", "Scenario", form=LINE)
#: What is called a change of a scenario itself, where there is no path
_OF_SCENARIO = {"added": "new scenario", "removed": "no longer there"}


def called(scenario: str) -> str:
    """A scenario as people see it: by its name, or the mixture."""
    return say(scenario) if scenario == MIXTURE else scenario


def unit_of(view: BatchView) -> str:
    """The unit of money, short enough for the heading of a column."""
    return heading_unit(unit_words(view.outcome.money))


def amounts(view: BatchView) -> Format:
    """The format of money: all amounts have the same number of decimals."""
    return money(view.largest_mean)


def _money(view: BatchView) -> partial[Column]:
    """Makes columns of money."""
    return partial(number, form=amounts(view), unit=unit_of(view))


def _losses(view: BatchView) -> partial[Column]:
    """Makes columns of money with intervals."""
    return partial(_money(view), has_interval=True)


def _taken(view: BatchView, measure: str, level: float | None = None) -> Value:
    return lambda name: view.total(name, measure, level)


def _by_scenario(view: BatchView, key: str, title: str, columns: Sequence[Column]) -> Table:
    return Table(key=key, title=title, columns=[_SCENARIO, *columns], rows=view.names)


# What the scenarios come to


def headline_table(view: BatchView) -> Table:
    """One row a scenario with the figures that answer for it, and the mixture last."""
    level, per_year = view.detail, "" if view.has_one_horizon else " a year"
    against = {row.scenario: row.found for row in beside(view.outcome.against_reference)}
    loss, chance = _losses(view), _taken(view, "prob_loss")

    def tail(key: str, words: str) -> Column:
        heading, name = f"{words} {level_text(level)}", f"{words}{level_name(level)}"
        return loss(key, heading, _taken(view, key, level), name=name)

    def change(name: str) -> float | None:
        return relative(against.get(name, {}).get(("tvar", level)))

    columns = [
        loss("mean", f"Mean loss{per_year}", view.mean, name="Mean"),
        tail("var", "VaR"),
        tail("tvar", "TVaR"),
        estimate("chance", "Chance of any loss", chance, SHARE, name="Chance").alone(),
        number("change", f"TVaR {level_text(level)} against the reference", change, RELATIVE),
    ]
    title = f"The scenarios, {unit_words(view.outcome.money)} (95 % interval)"
    table = replace(_by_scenario(view, "Scenarios", title, columns), remark=_remark(view))
    return table if view.outcome.reference in view.names else table.without("change")


def _remark(view: BatchView) -> str:
    reference = view.outcome.reference
    remarks = {
        f"The reference is {reference}.": reference in view.names,
        f"{MIXTURE}: the scenarios drawn by their weights.": view.outcome.mixture is not None,
        "VaR and TVaR are of horizons of different lengths.": not view.has_one_horizon,
    }
    return all_said(*(words for words, holds in remarks.items() if holds))


def figures_table(view: BatchView) -> Table:
    """One row a scenario with the figures of its total that have no level."""
    per_year = partial(_losses(view), "mean_per_year", "Mean loss a year", name="MeanPerYear")
    first = per_year(lambda name: view.per_year(name, view.total(name, "mean")))
    plain = [measure for measure in of_total() if measure.levels is None]
    columns = [first, *(_figure_column(view, measure, None) for measure in plain)]
    return _by_scenario(view, "Figures", "Means and chances", columns)


def levels_table(view: BatchView, measure: Measure) -> Table:
    """One row a scenario with a measure at every level that all scenarios have."""
    columns = [_figure_column(view, measure, level) for level in view.levels]
    key = f"{measure.shown.key or measure.name}Levels"
    return _by_scenario(view, key, measure.shown.heading, columns)


def _figure_column(view: BatchView, measure: Measure, level: float | None) -> Column:
    row, at = sheet_row(measure, level, 1, significant), "" if level is None else level_name(level)
    in_headline = (("mean", None), ("prob_loss", None), ("var", view.detail), ("tvar", view.detail))
    name = "" if (measure.name, level) in in_headline else row.key
    made = partial(number, form=SHARE) if measure.is_probability else _money(view)
    taken = _taken(view, measure.name, level)
    column = made(f"{measure.name}{at}", row.label, taken, name=name, has_interval=True)
    return column if measure.is_estimate else column.alone()


def mixture_table(view: BatchView) -> Table:
    """Every figure of the total of the mixture."""
    mixture, in_money = view.outcome.mixture, amounts(view)
    title = f"The mixture, {unit_words(view.outcome.money)} (95 % interval)"
    figure = told("figure", "Figure", lambda row: _label(row.measure, row.level), LINE)
    value = _losses(view)("value", "Value", with_ends("value", ""))
    value = value.by_row(lambda row: SHARE if row.unit == "probability" else in_money)
    rows = [each for each in mixture.figures if each.scope == "total"] if mixture else []
    return Table(key="Mixture", title=title, columns=[figure, value], rows=rows)


def _label(name: str, level: float | None) -> str:
    measure = find(name)
    return label(measure, level, significant) if measure else name


def weights_table(view: BatchView) -> Table:
    """The scenarios of a mixture with their weights, beside their figures and those of it."""
    weights = {each.name: each.weight for each in view.outcome.scenarios} | {MIXTURE: 1.0}
    table, losses = headline_table(view), ("mean", "var", "tvar")
    first, *figures = table.only("scenario", *losses).unnamed(*losses).columns
    weight = number("weight", "Weight", lambda name: weights[name], SHARE)
    title, columns = "What is mixed", [first, weight, *figures]
    return replace(table, key="Weights", title=title, columns=columns, remark="")


# Curves


def curves_table(view: BatchView, names: Sequence[str]) -> Table:
    """Losses of the whole horizon by return period, a column for each of some scenarios."""
    found, form = [view.by_period(name) for name in names], amounts(view)
    losses = [number(str(k), name, found[k].get, form) for k, name in enumerate(names)]
    return Table(
        key="Curves",
        title=f"Loss that is exceeded once in so many years ({unit_of(view)})",
        columns=[number("period", "Return period", float, COUNT, unit="years"), *losses],
        rows=[float(p) for p in RETURN_PERIODS if any(p in points for points in found)],
    )


def points_table(view: BatchView) -> Table:
    """Every point of every exceedance curve, with its interval."""
    columns = [
        _CALLED,
        text("type", "Type", form=LINE),
        number("return_period", "Return period", form=COUNT, unit="years"),
        number("probability", "Chance within the horizon", form=SHARE),
        _losses(view)("loss", "Loss"),
    ]
    return Table(key="Points", title="Exceedance curves", columns=columns, rows=view.points)


# By industry and by material


def parts_table(view: BatchView, scope: str, measure: str, most: int) -> Table:
    """A row for each scenario, a column for each industry or material, the largest first.

    Where there are more than `most`, the others have one column together.
    """
    is_tail, known, form = measure == IN_TAIL, view.parts(scope), amounts(view)
    words = f"Part of TVaR {level_text(view.detail)}" if is_tail else "Mean loss"

    def value(parts: Sequence[str]) -> Value:
        return lambda scenario: view.of_parts(scenario, scope, parts, measure)

    def together(rest: Sequence[Column]) -> Column:
        return number("rest", say(f"All {len(rest):,} others"), value(known[-len(rest) :]), form)

    every = [number(str(k), part, value([part]), form) for k, part in enumerate(known)]
    key = f"{'Tail' if is_tail else 'Mean'}By{scope.capitalize()}"
    title, columns = f"{words} by {scope} ({unit_of(view)})", with_rest(every, most, together)
    return _by_scenario(view, key, title, columns)


def all_parts_table(view: BatchView, scope: str, most: int) -> Table:
    """A row for each scenario and industry or material, with intervals."""
    level, loss, rows = level_text(view.detail), _losses(view), view.part_rows(scope)
    return Table(
        key=f"All{SCOPES[scope].capitalize()}",
        title=f"Every scenario and {scope}",
        columns=[
            _CALLED,
            text("part", scope.capitalize()),
            loss("tail", f"Part of TVaR {level}").alone(),
            loss("mean", "Mean loss"),
            loss("var", f"VaR {level}"),
            estimate("chance", "Chance of any loss", form=SHARE),
        ],
        rows=rows[:most],
        remark=f"The first {most:,} of {len(rows):,} rows." if len(rows) > most else "",
    )


# Beside the reference and beside the earlier batch


def reference_table(view: BatchView) -> Table:
    """Every scenario against the reference."""
    title = say(f"Against {view.outcome.reference}", "reference")
    rows = beside(view.outcome.against_reference)
    return _beside(view, "Reference", title, ("reference", "scenario"), rows)


def previous_table(view: BatchView) -> Table:
    """Every scenario beside the earlier batch; no rows if there is none."""
    earlier = view.outcome.previous
    rows = beside(earlier.comparisons, earlier.mixture) if earlier else []
    return _beside(view, "LastTime", "Beside the earlier batch", ("last time", "now"), rows)


def _beside(
    view: BatchView, key: str, title: str, sides: tuple[str, str], rows: Sequence[BesideRow]
) -> Table:
    """Figures of both sides, which `sides` names, and the difference with its interval."""
    level = view.detail
    measures = (("mean", None), ("tvar", level), ("var", level), ("prob_loss", None))
    figures = (each for at in measures for each in _sides_and_change(view, at, sides))
    columns = [_CALLED, *figures, told("pairing", "Compared", _pairing, AFTER)]
    return Table(key=key, title=title, columns=columns, rows=rows)


def _pairing(row: BesideRow) -> str:
    how = "trial by trial" if row.is_paired else "by intervals"
    return how if row.found else row.why


def _sides_and_change(
    view: BatchView, key: tuple[str, float | None], sides: Sequence[str]
) -> list[Column]:
    """Figure before, figure now, and difference."""
    is_chance = key[0] == "prob_loss"
    words, figures = _label(*key), partial(number, form=SHARE) if is_chance else _money(view)

    def taken(field: str, missing: Estimate | None = None) -> Value:
        return lambda row: getattr(row.found.get(key), field, missing)

    both = (
        figures(f"{key[0]}_{end}", f"{words}, {side}", taken(end))
        for end, side in zip("ab", sides, strict=True)
    )
    change = taken("estimate", UNKNOWN)
    difference = figures(f"{key[0]}_change", f"{words}, change", change, has_interval=True)
    form = POINTS if is_chance else replace(amounts(view), text=signed)
    return [*both, replace(difference, format=form)]


def changed_table(view: BatchView) -> Table:
    """The scenarios that came or went since the earlier batch, and the values that changed."""
    earlier = view.outcome.previous
    rows = change_rows(earlier) if earlier else []
    return _inputs("ChangedValues", "Since last time", rows, ("Last time", "Now"))


def against_table(view: BatchView) -> Table:
    """The values of configs that differ from the reference."""
    title = say(f"From {view.outcome.reference}", "reference")
    rows = input_rows(view.outcome.against_reference)
    return _inputs("InputsValues", title, rows, ("In the reference", "In the scenario"))


def _inputs(key: str, title: str, rows: Sequence[ChangeRow], headings: tuple[str, str]) -> Table:
    def kind(row: ChangeRow) -> str:
        return row.change if row.path else _OF_SCENARIO[row.change]

    change = told("change", "Change", kind, LINE)
    return inputs_table(key, title, rows, headings, change=change, before=[_OF_ROW])


# How it was made


def played_table(view: BatchView) -> Table:
    """How each scenario was played, failed ones too."""
    status = {KEPT: PLAYED}  # what was kept is what playing again would give
    columns = [
        _NAME,
        told("status", "Status", lambda each: status.get(each.status, each.status), LINE),
        number("weight", "Weight", form=SHARE),
        number("horizon_days", "Horizon", form=_DAYS, unit="days"),
        number("trials", "Trials", form=COUNT),
        number("seed", "Seed", form=COUNT.looking(Look(number_format="0"))),
        text("config", "Config"),
        text("overrides", "Changed values", lambda each: "; ".join(each.overrides)),
        text("note", "Note"),
        text("source", "Source"),
    ]
    title, rows = "How each scenario was played", view.outcome.scenarios
    return Table(key="Played", title=title, columns=columns, rows=rows)


def failed_table(view: BatchView) -> Table:
    """The scenarios without figures, and why."""
    columns, rows = [_NAME, text("config", "Config"), text("message", "Why")], view.outcome.failed
    return Table(key="Failed", title="Scenarios that failed", columns=columns, rows=rows)


def in_one_line(failed: Table) -> Table:
    """The messages of failed scenarios without line breaks, for a screen and a page."""
    rows = [replace(row, message=" ".join(row.message.split())) for row in failed.rows]
    return replace(failed, rows=rows)


def screen_tables(view: BatchView) -> list[Table]:
    """The tables that a terminal shows."""
    tables = [headline_table(view), in_one_line(failed_table(view))]
    return [table for table in tables if table.rows]
