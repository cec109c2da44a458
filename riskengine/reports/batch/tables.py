"""The tables of a batch, each defined once for the screen, the page and the workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.outcome import KEPT, MIXTURE, PLAYED, ScenarioComparison
from riskengine.batches.tables import ChangeRow, change_rows, input_rows
from riskengine.batches.view import IN_TAIL, BatchView, differences
from riskengine.figures.catalog import find, of_total
from riskengine.figures.comparison import PAIRED, Difference
from riskengine.figures.measure import Measure
from riskengine.figures.metrics import Figure
from riskengine.figures.wording import label, sheet_row
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.curves import RETURN_PERIODS
from riskengine.measures.estimate import UNKNOWN, Estimate, estimate_of
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.tables.changes import POINTS, RELATIVE, inputs_table, relative, signed
from riskengine.reports.tables.formats import AFTER, COUNT, LINE, SHARE, Format, money
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import significant
from riskengine.reports.tables.table import Column, Table, Value, estimate, number, text, with_ends
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import with_rest
from riskengine.reports.xlsx.text import heading_unit

SCOPES = {"industry": "industries", "material": "materials"}
#: The figures of a comparison that the page shows
BESIDE = ("scenario", "mean_a", "mean_b", "mean_change", "tvar_a", "tvar_b", "tvar_change")
_ROUNDING = 1e-12  #: of the total: what is left of a part that is nothing
_DAYS = COUNT.looking(Look(number_format="#,##0.##"))
_SCENARIO = text("scenario", "Scenario", lambda name: called(name), LINE)
_OF_ROW = text("scenario", "Scenario", form=LINE)
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
    means = [view.total(name, "mean").value for name in view.names]
    return money(max(filter(math.isfinite, means), default=1.0))


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
    beside = {each.scenario: differences(each) for each in view.outcome.against_reference}
    loss, chance = _losses(view), _taken(view, "prob_loss")

    def tail(key: str, words: str) -> Column:
        heading, name = f"{words} {level_text(level)}", f"{words}{level_name(level)}"
        return loss(key, heading, _taken(view, key, level), name=name)

    def change(name: str) -> float | None:
        return relative(beside.get(name, {}).get(("tvar", level)))

    columns = [
        loss("mean", f"Mean loss{per_year}", view.mean, name="Mean"),
        tail("var", "VaR"),
        tail("tvar", "TVaR"),
        estimate("chance", "Chance of any loss", chance, SHARE, name="Chance").alone(),
        number("change", f"TVaR {level_text(level)} against the reference", change, RELATIVE),
    ]
    title = f"The scenarios, {unit_words(view.outcome.money)} (95 % interval)"
    table = replace(_by_scenario(view, "Scenarios", title, columns), remark=_remark(view))
    unused = () if view.outcome.reference in view.names else ("change",)
    return table.without(*unused)


def _remark(view: BatchView) -> str:
    reference, said = view.outcome.reference, []
    if reference in view.names:
        said.append(f"The reference is {reference}.")
    if view.outcome.mixture is not None:
        said.append(f"{MIXTURE}: the scenarios drawn by their weights.")
    if not view.has_one_horizon:
        said.append("VaR and TVaR are of horizons of different lengths.")
    return spoken().gap.join(map(say, said))


def figures_table(view: BatchView) -> Table:
    """One row a scenario with the figures of its total that have no level."""

    def per_year(name: str) -> Estimate:
        return view.per_year(name, view.total(name, "mean"))

    first = _losses(view)("mean_per_year", "Mean loss a year", per_year, name="MeanPerYear")
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
    mixture = view.outcome.mixture

    def form(row: Figure) -> Format:
        return SHARE if row.unit == "probability" else amounts(view)

    def figure(row: Figure) -> str:
        measure = find(row.measure)
        return label(measure, row.level, significant) if measure else row.measure

    value = _losses(view)("value", "Value", with_ends("value", ""))
    return Table(
        key="Mixture",
        title=f"The mixture, {unit_words(view.outcome.money)} (95 % interval)",
        columns=[told("figure", "Figure", figure, LINE), value.by_row(form)],
        rows=[each for each in mixture.figures if each.scope == "total"] if mixture else [],
    )


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
    points = {
        name: {row.return_period: row.loss for row in view.curves(name) if row.type == "AEP"}
        for name in names
    }

    def value(name: str) -> Value:
        return lambda period: points[name].get(period)

    drawn = [number(str(k), name, value(name), amounts(view)) for k, name in enumerate(names)]
    return Table(
        key="Curves",
        title=f"Loss that is exceeded once in so many years ({unit_of(view)})",
        columns=[number("period", "Return period", float, COUNT, unit="years"), *drawn],
        rows=[float(p) for p in RETURN_PERIODS if any(p in found for found in points.values())],
    )


def points_table(view: BatchView) -> Table:
    """Every point of every exceedance curve, with its interval."""
    return Table(
        key="Points",
        title="Exceedance curves",
        columns=[
            text("scenario", "Scenario", lambda each: called(each[0]), LINE),
            text("type", "Type", lambda each: each[1].type, LINE),
            number("period", "Return period", lambda each: each[1].return_period, COUNT,
                   unit="years"),
            number("probability", "Chance within the horizon", lambda each: each[1].probability,
                   SHARE),
            _losses(view)("loss", "Loss", lambda each: estimate_of(each[1], "loss", "")),
        ],
        rows=[(name, row) for name in view.names for row in view.curves(name)],
    )  # fmt: skip


# By industry and by material


def parts_table(view: BatchView, scope: str, measure: str, most: int) -> Table:
    """A row for each scenario, a column for each industry or material, the largest first.

    Where there are more than `most`, the others have one column together.
    """
    level = view.detail if measure == IN_TAIL else None
    words = f"Part of TVaR {level_text(view.detail)}" if level else "Mean loss"
    known = view.parts(scope)

    def value(parts: Sequence[str]) -> Value:
        def summed(scenario: str) -> float | None:
            found = [view.get(scenario, scope, part, measure, level).value for part in parts]
            there = [each for each in found if not math.isnan(each)]
            least = _ROUNDING * view.total(scenario, "tvar" if level else "mean", level).value
            return math.fsum(x for x in there if not abs(x) < least) if there else None

        return summed

    def together(rest: Sequence[Column]) -> Column:
        return number("rest", say(f"All {len(rest):,} others"), value(known[-len(rest) :]), form)

    form = amounts(view)
    every = [number(str(k), part, value([part]), form) for k, part in enumerate(known)]
    columns = with_rest(every, most, together)
    key = f"{'Tail' if level else 'Mean'}By{scope.capitalize()}"
    return _by_scenario(view, key, f"{words} by {scope} ({unit_of(view)})", columns)


def all_parts_table(view: BatchView, scope: str, most: int) -> Table:
    """A row for each scenario and industry or material, with intervals."""
    level, loss = view.detail, _losses(view)
    pairs = [
        (name, part)
        for name in view.names
        for part in view.parts(scope)
        if not math.isnan(view.get(name, scope, part, "mean").value)
    ]

    def taken(measure: str, at: float | None = None) -> Value:
        return lambda pair: view.get(pair[0], scope, pair[1], measure, at)

    return Table(
        key=f"All{SCOPES[scope].capitalize()}",
        title=f"Every scenario and {scope}",
        columns=[
            text("scenario", "Scenario", lambda pair: called(pair[0]), LINE),
            text("part", scope.capitalize(), lambda pair: pair[1]),
            loss("tail", f"Part of TVaR {level_text(level)}", taken(IN_TAIL, level)).alone(),
            loss("mean", "Mean loss", taken("mean")),
            loss("var", f"VaR {level_text(level)}", taken("var", level)),
            estimate("chance", "Chance of any loss", taken("prob_loss"), SHARE),
        ],
        rows=pairs[:most],
        remark=f"The first {most:,} of {len(pairs):,} rows." if len(pairs) > most else "",
    )


# Beside the reference and beside the earlier batch


def reference_table(view: BatchView) -> Table:
    """Every scenario against the reference."""
    outcome = view.outcome
    words = say(f"Against {outcome.reference}", "reference"), "reference", "scenario"
    return _beside(view, "Reference", words, outcome.against_reference)


def previous_table(view: BatchView) -> Table:
    """Every scenario beside the earlier batch; no rows if there is none."""
    earlier = view.outcome.previous
    words = "Beside the earlier batch", "last time", "now"
    compared, mixture = (earlier.comparisons, earlier.mixture) if earlier else ((), ())
    return _beside(view, "LastTime", words, compared, mixture)


def _beside(
    view: BatchView,
    key: str,
    words: tuple[str, str, str],
    compared: Sequence[ScenarioComparison],
    mixture: Sequence[Difference] = (),
) -> Table:
    """One row a scenario: a figure before, now, and the difference with its interval.

    `words` are the title and the headings of both figures.
    """
    found = {each.scenario: differences(each) for each in compared}
    found |= {MIXTURE: differences(mixture)} if mixture else {}
    why = {each.scenario: each.why for each in compared}
    level, (title, *sides) = view.detail, words
    measures = (("mean", None), ("tvar", level), ("var", level), ("prob_loss", None))

    def pairing(name: str) -> str:
        if not found[name]:
            return why.get(name, "")
        is_paired = any(row.pairing == PAIRED for row in found[name].values())
        return "trial by trial" if is_paired else "by intervals"

    figures = (each for key in measures for each in _beside_columns(view, found, key, sides))
    return Table(
        key=key,
        title=title,
        columns=[_SCENARIO, *figures, told("pairing", "Compared", pairing, AFTER)],
        rows=list(found),
    )


def _beside_columns(
    view: BatchView,
    found: Mapping[str, Mapping[tuple[str, float | None], Difference]],
    key: tuple[str, float | None],
    sides: Sequence[str],
) -> list[Column]:
    """Figure before, figure now, and difference."""
    measure, level = key
    known, is_chance = find(measure), measure == "prob_loss"
    words = label(known, level, significant) if known else measure
    figures = partial(number, form=SHARE) if is_chance else _money(view)
    form = POINTS if is_chance else replace(amounts(view), text=signed)

    def side(field: str) -> Value:
        return lambda name: getattr(found[name].get(key), field, None)

    def difference(name: str) -> Estimate:
        row = found[name].get(key)
        return row.estimate if row else UNKNOWN

    change = figures(f"{measure}_change", f"{words}, change", difference, has_interval=True)
    return [
        *(figures(f"{measure}_{end}", f"{words}, {of}", side(end))
          for end, of in zip("ab", sides, strict=True)),
        replace(change, format=form),
    ]  # fmt: skip


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
    return Table(
        key="Played",
        title="How each scenario was played",
        columns=[
            text("name", "Scenario", form=LINE),
            told("status", "Status", lambda each: status.get(each.status, each.status), LINE),
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


def failed_table(view: BatchView) -> Table:
    """The scenarios without figures, and why."""
    return Table(
        key="Failed",
        title="Scenarios that failed",
        columns=[
            text("name", "Scenario", form=LINE),
            text("config", "Config"),
            text("message", "Why"),
        ],
        rows=view.outcome.failed,
    )


def in_one_line(failed: Table) -> Table:
    """The messages of failed scenarios without line breaks, for a screen and a page."""
    rows = [replace(row, message=" ".join(row.message.split())) for row in failed.rows]
    return replace(failed, rows=rows)


def screen_tables(view: BatchView) -> list[Table]:
    """The tables that a terminal shows."""
    tables = [headline_table(view), in_one_line(failed_table(view))]
    return [table for table in tables if table.rows]
