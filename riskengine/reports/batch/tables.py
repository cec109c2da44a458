"""The tables of a batch, each defined once for the screen, the page and the workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from riskengine.batches.outcome import (
    FAILED,
    MIXTURE,
    PLAYED,
    ScenarioOutcome,
)
from riskengine.batches.view import IN_TAIL, BatchView, differences
from riskengine.figures.catalog import find, of_total
from riskengine.figures.comparison import Difference
from riskengine.figures.measure import Measure
from riskengine.figures.metrics import Figure
from riskengine.figures.wording import label, sheet_row
from riskengine.measures.curves import RETURN_PERIODS
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.tables.formats import COUNT, LINE, SHARE, TEXT, Format, money
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import abridged, significant
from riskengine.reports.tables.table import Column, Table, Value, estimate, number, text
from riskengine.reports.xlsx.text import one_line

SCOPES = {"industry": "industries", "material": "materials"}
_ROUNDING = 1e-12  #: of the total: what is left of a part that is nothing
_LONGEST_UNIT = 40  #: characters of the unit of money in a heading
_RELATIVE = Format(
    text=lambda share: f"{signed(100.0 * share)} %", look=Look(number_format='+0.0%;-0.0%;"-"')
)
_DAYS = COUNT.looking(Look(number_format="#,##0.##"))


def unit_of(view: BatchView) -> str:
    """The unit of money, short enough for the heading of a column."""
    return abridged(one_line(view.outcome.money), _LONGEST_UNIT)


def amounts(view: BatchView) -> Format:
    """The format of money: all amounts have the same number of decimals."""
    means = [view.total(name, "mean").value for name in view.names]
    return money(max(filter(math.isfinite, means), default=1.0))


def signed(value: float) -> str:
    """A number with three significant figures and a sign; 0 has no sign."""
    return f"+{significant(value)}" if value > 0.0 else significant(value)


def relative(found: Difference | None) -> float | None:
    """A difference as a share of the figure before; None if that is 0."""
    share = found.difference / found.a if found and found.a else math.nan
    return None if math.isnan(share) else share


def headline_table(view: BatchView) -> Table:
    """One row a scenario with the figures that answer for it, and the mixture last."""
    level = view.detail
    per_year = "" if view.has_one_horizon else " a year"
    beside = {each.scenario: differences(each) for each in view.outcome.against_reference}
    columns = [
        text("scenario", "Scenario", str, LINE),
        _money(view, "mean", f"Mean loss{per_year}", view.mean, "Mean"),
        *(
            _money(view, key, f"{words} {level_text(level)}", _taken(view, key, level), words)
            for key, words in (("var", "VaR"), ("tvar", "TVaR"))
        ),
        number("chance", "Chance of any loss", lambda name: view.total(name, "prob_loss").value,
               SHARE, name="Chance"),
    ]  # fmt: skip
    if view.outcome.reference in view.names:

        def change(name: str) -> float | None:
            found = beside.get(name, {}).get(("tvar", level))
            return relative(found)

        heading = f"TVaR {level_text(level)} against the reference"
        columns.append(number("change", heading, change, _RELATIVE))
    return Table(
        key="Scenarios",
        title=f"The scenarios, {view.outcome.money} (95 % interval)",
        columns=columns,
        rows=view.names,
        remark=_remark(view),
    )


def origin_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a batch was made, from its manifest."""
    file = facts.get("batch_file")
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    rows = [
        ("Batch file", file["name"] if file else ""),
        ("SHA-256 of the batch file", file["sha256"] if file else ""),
        ("Values for all scenarios", "; ".join(facts.get("overrides", ()))),
        ("Versions", versions),
        ("When, and every hash", "manifest.json beside this file"),
    ]
    return [row for row in rows if row[1]]


def screen_tables(view: BatchView) -> list[Table]:
    """The tables that a terminal shows."""
    tables = [headline_table(view), in_one_line(failed_table(view))]
    return [table for table in tables if table.rows]


def _remark(view: BatchView) -> str:
    found = []
    if view.outcome.reference in view.names:
        found.append(f"The reference is {view.outcome.reference}.")
    if view.outcome.mixture is not None:
        found.append(f"{MIXTURE}: the scenarios drawn by their weights.")
    if not view.has_one_horizon:
        found.append("VaR and TVaR are of horizons of different lengths.")
    return " ".join(found)


def _taken(view: BatchView, measure: str, level: float | None) -> Value:
    return lambda name: view.total(name, measure, level)


def _money(view: BatchView, key: str, heading: str, value: Value, name: str = "") -> Column:
    named = f"{name}{level_name(view.detail)}" if name in ("VaR", "TVaR") else name
    return estimate(key, heading, value, amounts(view), unit=unit_of(view), name=named)


def figures_table(view: BatchView) -> Table:
    """One row a scenario with the figures of its total that have no level."""

    def per_year(name: str) -> Estimate:
        return view.per_year(name, view.total(name, "mean"))

    columns = [estimate("mean_per_year", "Mean loss a year", per_year, amounts(view),
                        unit=unit_of(view), name="MeanPerYear")]  # fmt: skip
    plain = [measure for measure in of_total() if measure.levels is None]
    columns += [_figure_column(view, measure, None) for measure in plain]
    return _by_scenario(view, "Figures", "Means and chances", columns)


def levels_table(view: BatchView, measure: Measure) -> Table:
    """One row a scenario with a measure at every level that all scenarios have."""
    columns = [_figure_column(view, measure, level) for level in view.levels]
    key = f"{measure.shown.key or measure.name}Levels"
    return _by_scenario(view, key, measure.shown.heading, columns)


def _by_scenario(view: BatchView, key: str, title: str, columns: Sequence[Column]) -> Table:
    first = text("scenario", "Scenario", str, LINE)
    return Table(key=key, title=title, columns=[first, *columns], rows=view.names)


def _status(each: ScenarioOutcome) -> str:
    """Whether it failed; results that were kept are those that playing again would give."""
    return FAILED if each.status == FAILED else PLAYED


def played_table(view: BatchView) -> Table:
    """How each scenario was played, failed ones too."""
    return Table(
        key="Played",
        title="How each scenario was played",
        columns=[
            text("name", "Scenario", form=LINE),
            text("status", "Status", _status, LINE),
            number("weight", "Weight", form=SHARE),
            number("horizon_days", "Horizon", form=_DAYS, unit="days"),
            number("trials", "Trials", form=COUNT),
            number("seed", "Seed", form=COUNT.looking(Look(number_format="0"))),
            text("config", "Config"),
            text("overrides", "Changed values", lambda each: "; ".join(each.overrides)),
            text("note", "Note"),
            text("source", "Source"),
        ],
        rows=view.outcome.scenarios,
    )


def _figure_column(view: BatchView, measure: Measure, level: float | None) -> Column:
    row = sheet_row(measure, level, 1, significant)
    is_chance = measure.is_probability
    is_named = (measure.name, level) in (("mean", None), ("prob_loss", None)) or (
        measure.name in ("var", "tvar") and level == view.detail
    )
    return number(
        f"{measure.name}{'' if level is None else level_name(level)}",
        row.label,
        _taken(view, measure.name, level) if measure.is_estimate
        else lambda name: view.total(name, measure.name, level).value,
        SHARE if is_chance else amounts(view),
        unit="" if is_chance else unit_of(view),
        name="" if is_named else row.key,
        has_interval=measure.is_estimate,
    )  # fmt: skip


def curves_table(view: BatchView, names: Sequence[str]) -> Table:
    """Losses of the whole horizon by return period, a column for each of some scenarios."""
    points = {
        name: {row.return_period: row.loss for row in view.curves(name) if row.type == "AEP"}
        for name in names
    }

    def value(name: str) -> Value:
        return lambda period: points[name].get(period)

    periods = [float(p) for p in RETURN_PERIODS if any(p in found for found in points.values())]
    return Table(
        key="Curves",
        title=f"Loss that is exceeded once in so many years ({unit_of(view)})",
        columns=[
            number("period", "Return period", float, COUNT, unit="years"),
            *(
                number(str(place), name, value(name), amounts(view))
                for place, name in enumerate(names)
            ),
        ],
        rows=periods,
    )


def points_table(view: BatchView) -> Table:
    """Every point of every exceedance curve, with its interval."""
    rows = [(name, row) for name in view.names for row in view.curves(name)]
    return Table(
        key="Points",
        title="Exceedance curves",
        columns=[
            text("scenario", "Scenario", lambda each: each[0], LINE),
            text("type", "Type", lambda each: each[1].type, LINE),
            number("period", "Return period", lambda each: each[1].return_period, COUNT,
                   unit="years"),
            number("probability", "Chance within the horizon", lambda each: each[1].probability,
                   SHARE),
            estimate("loss", "Loss", lambda each: Estimate(each[1].loss, each[1].lower,
                     each[1].upper), amounts(view), unit=unit_of(view)),
        ],
        rows=rows,
    )  # fmt: skip


def parts_table(view: BatchView, scope: str, measure: str, most: int) -> Table:
    """A row for each scenario, a column for each industry or material, the largest first.

    Where there are more than `most`, the others have one column together.
    """
    level = view.detail if measure == IN_TAIL else None
    words = f"Part of TVaR {level_text(view.detail)}" if level else "Mean loss"
    known = view.parts(scope)
    shown, rest = (known, []) if len(known) <= most else (known[: most - 1], known[most - 1 :])

    def value(parts: Sequence[str]) -> Value:
        def summed(scenario: str) -> float | None:
            found = [view.get(scenario, scope, part, measure, level).value for part in parts]
            there = [each for each in found if not math.isnan(each)]
            least = _ROUNDING * view.total(scenario, "tvar" if level else "mean", level).value
            return math.fsum(x for x in there if not abs(x) < least) if there else None

        return summed

    columns = [number(str(place), part, value([part]), amounts(view))
               for place, part in enumerate(shown)]  # fmt: skip
    if rest:
        heading = f"All {len(rest):,} others"
        columns.append(number("rest", heading, value(rest), amounts(view)))
    return Table(
        key=f"{'Tail' if level else 'Mean'}By{scope.capitalize()}",
        title=f"{words} by {scope} ({unit_of(view)})",
        columns=[text("scenario", "Scenario", str, LINE), *columns],
        rows=view.names,
    )


def all_parts_table(view: BatchView, scope: str, most: int) -> Table:
    """A row for each scenario and industry or material, with intervals."""
    level, parts = view.detail, view.parts(scope)
    pairs = [
        (name, part)
        for name in view.names
        for part in parts
        if not math.isnan(view.get(name, scope, part, "mean").value)
    ]

    def taken(measure: str, at: float | None = None) -> Value:
        return lambda pair: view.get(pair[0], scope, pair[1], measure, at)

    tail = taken(IN_TAIL, level)
    form, unit = amounts(view), unit_of(view)
    return Table(
        key=f"All{SCOPES[scope].capitalize()}",
        title=f"Every scenario and {scope}",
        columns=[
            text("scenario", "Scenario", lambda pair: pair[0], LINE),
            text("part", scope.capitalize(), lambda pair: pair[1]),
            number("tail", f"Part of TVaR {level_text(level)}", lambda pair: tail(pair).value,
                   form, unit=unit),
            estimate("mean", "Mean loss", taken("mean"), form, unit=unit),
            estimate("var", f"VaR {level_text(level)}", taken("var", level), form, unit=unit),
            estimate("chance", "Chance of any loss", taken("prob_loss"), SHARE),
        ],
        rows=pairs[:most],
        remark=f"The first {most:,} of {len(pairs):,} rows." if len(pairs) > most else "",
    )  # fmt: skip


def mixture_table(view: BatchView) -> Table:
    """Every figure of the total of the mixture."""
    mixture = view.outcome.mixture
    rows = [each for each in mixture.figures if each.scope == "total"] if mixture else []

    def form(row: Figure) -> Format:
        return SHARE if row.unit == "probability" else amounts(view)

    def called(row: Figure) -> str:
        measure = find(row.measure)
        return label(measure, row.level, significant) if measure else row.measure

    return Table(
        key="Mixture",
        title=f"The mixture, {view.outcome.money} (95 % interval)",
        columns=[
            text("figure", "Figure", called, LINE),
            replace(
                estimate("value", "Value", lambda row: Estimate(row.value, row.lower, row.upper),
                         amounts(view), unit=unit_of(view)),
                format_of=form,
            ),
        ],
        rows=rows,
    )  # fmt: skip


def weights_table(view: BatchView) -> Table:
    """The scenarios of a mixture with their weights, beside their figures and those of it."""
    weights = {each.name: each.weight for each in view.outcome.scenarios} | {MIXTURE: 1.0}
    table = headline_table(view).without("change", "chance")
    weight = number("weight", "Weight", lambda name: weights[name], SHARE)
    unnamed = [replace(column, name="") for column in table.columns]
    columns = [unnamed[0], weight, *unnamed[1:]]
    return replace(table, key="Weights", title="What is mixed", columns=columns, remark="")


def in_one_line(failed: Table) -> Table:
    """The messages of failed scenarios without line breaks, for a screen and a page."""
    rows = [replace(row, message=" ".join(row.message.split())) for row in failed.rows]
    return replace(failed, rows=rows)


def failed_table(view: BatchView) -> Table:
    """The scenarios without figures, and why."""
    rows: list[ScenarioOutcome] = [x for x in view.outcome.scenarios if x.status == FAILED]
    return Table(
        key="Failed",
        title="Scenarios that failed",
        columns=[
            text("name", "Scenario", form=LINE),
            text("config", "Config"),
            text("message", "Why", form=TEXT),
        ],
        rows=rows,
    )
