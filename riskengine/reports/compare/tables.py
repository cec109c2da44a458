"""Two runs side by side: tables from the differences of their figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from riskengine.config.differences import InputDifference
from riskengine.figures.catalog import of_total
from riskengine.figures.comparison import Difference
from riskengine.figures.pairing import Pairing
from riskengine.figures.wording import label
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import detail_level, level_text
from riskengine.model.notices import Notice
from riskengine.reports.run.stored import RunFacts
from riskengine.reports.tables import looks
from riskengine.reports.tables.changes import POINTS, RELATIVE, inputs_table, relative, signed
from riskengine.reports.tables.formats import AMOUNT, DAYS, LINE, LINE_AFTER, SHARE, Format, money
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import MISSING, exact, significant
from riskengine.reports.tables.table import Column, Table, estimate, number, said, text

_LONGEST_INPUT = 44  #: characters of a config value in a table; the files have all of it
_REMARK = (
    "In brackets: the 95 % interval of the difference; one that holds 0 does not tell the two "
    "apart. Negative: B loses less."
)
_RATIO_REMARK = (
    " Variance ratio: how many times the trials would be needed for the same interval without "
    "pairing."
)
_SUMS = "Industries add up for means only: their VaR and TVaR do not."

_Measure = tuple[str, float | None]  #: with the level, where it has one
_Part = tuple[str, dict[_Measure, Difference]]  #: an industry, material or pool by name
#: Further measures that are compared by industry, by material and by pool, with their headings
_MEASURES: Mapping[str, Mapping[_Measure, str]] = {
    "industry": {("loss_days", None): "Loss days, mean"},
    "material": {
        ("cut_days", None): "Days with any cut, mean",
        ("cut_weighted_days", None): "Days of demand cut, mean",
        ("shortage_days", None): "Days of demand short, mean",
    },
    "pool": {("contested_days", None): "Contested days, mean", ("used", None): "Used, mean"},
}


class LabelledFigure(NamedTuple):
    """A labelled figure of both runs."""

    label: str
    figure: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that is shown about two runs."""

    sources: tuple[str, str]  #: folders or configs
    facts: tuple[RunFacts, RunFacts]
    pairing: Pairing
    differences: Sequence[Difference]
    inputs: Sequence[InputDifference]
    notices: Sequence[Notice]
    language: str | None = None  #: of page and workbook: that of the config of A

    @property
    def money(self) -> str:
        return self.facts[0].money

    @property
    def title(self) -> str:
        titles = dict.fromkeys(facts.title for facts in self.facts)
        return " / ".join(titles)

    def lines(self) -> list[str]:
        """Which runs are compared, and whether they are paired."""
        named = zip("AB", self.sources, self.facts, strict=True)
        found = [f"{side}: {source} ({facts.line})" for side, source, facts in named]
        return [*found, self.pairing.reason, *_sharing(self.pairing)]

    def parts(self, scope: str) -> dict[str, dict[_Measure, Difference]]:
        """The figures of every industry, material or pool, by name; the total has no name."""
        found: dict[str, dict[_Measure, Difference]] = {}
        for each in self.differences:
            if each.scope == scope and each.component == "all":
                found.setdefault(each.name, {})[each.measure, each.level] = each
        return found

    def headline(self) -> list[LabelledFigure]:
        """The figures of the total that at least one of the runs has."""
        return [
            LabelledFigure(label(measure, each.level, exact), each)
            for measure in of_total()
            if measure.is_estimate
            for each in self.differences
            if (each.scope, each.component, each.measure) == ("total", "all", measure.name)
        ]

    def means(self, scope: str, measure: str = "mean") -> list[LabelledFigure]:
        """The mean loss of every industry or material, or another mean figure, by name."""
        key = (measure, None)
        parts = self.parts(scope).items()
        return [LabelledFigure(name, found[key]) for name, found in parts if key in found]

    def tables(self) -> list[Table]:
        """The inputs that differ and the headline figures, with their differences."""
        short = [replace(i, a=shortened(i.a), b=shortened(i.b)) for i in self.inputs]
        nothing = InputDifference(path="nothing", change="", a="", b="")
        ratio = _RATIO_REMARK if self.pairing.paired else ""
        total = figures_table(
            "total", f"Total loss, {unit_words(self.money)}", "Figure", self.headline()
        )
        tables = [
            differing_inputs(short or [nothing]),
            replace(total, remark=f"{say(_REMARK)}{say(ratio)}"),
            _parts(self, "industry", "", _SUMS),
            _parts(self, "material", ", loss attributed to it"),
            _pools(self),
        ]
        return [table for table in tables if table.rows]


def _sharing(pairing: Pairing) -> Iterator[str]:
    if not pairing.paired:
        return
    known = not math.isnan(pairing.correlation)
    together = f"; the total losses have correlation {pairing.correlation:.4f}" if known else ""
    yield f"{pairing.same:,} of them have the same total loss in both, to the bit{together}."


def differing_inputs(rows: Sequence[InputDifference]) -> Table:
    """Where the two configs differ."""
    return inputs_table("Inputs", "What differs in the inputs", rows)


def shortened(value: str) -> str:
    """A value of a config, cut to the room that a table has.

    >>> shortened("0.5"), len(shortened("x" * 99))
    ('0.5', 44)
    """
    return value if len(value) <= _LONGEST_INPUT else f"{value[: _LONGEST_INPUT - 3]}..."


def ratio_text(ratio: float) -> str:
    """The factor by which pairing reduced a variance."""
    if math.isnan(ratio):
        return MISSING
    return say("exact") if math.isinf(ratio) else f"{significant(ratio)} x"


_TIMES = replace(AMOUNT, text=ratio_text)
_LEVEL = AMOUNT.looking(Look(number_format="0.0#####"))
_BY_UNIT = {"probability": SHARE, "days": DAYS, "episodes": _LEVEL}


def figures_table(
    key: str,
    title: str,
    heading: str,
    rows: Sequence[LabelledFigure],
    *,
    name: str = "",
    unit: str = "",
) -> Table:
    """Figures of both runs, their difference with its interval, and the gain from pairing.

    The column of labels has the heading `heading`. With a `name`, the differences get defined
    names that start with it. A workbook has the `unit` in its headings.
    """
    sizes = [abs(size) for row in rows for size in (row.figure.a, row.figure.b)]
    in_money = money(max(filter(math.isfinite, sizes), default=1.0))

    def both(row: LabelledFigure) -> Format:
        return SHARE if row.figure.unit == "probability" else in_money

    def difference(row: LabelledFigure) -> Format:
        form = POINTS if row.figure.unit == "probability" else in_money
        return replace(change_format(row.figure), look=form.look)

    change = estimate("difference", "B - A", lambda row: row.figure.estimate, unit=unit, name=name)
    return Table(
        key=key,
        title=title,
        columns=[
            (said if heading == "Figure" else text)("figure", heading, lambda row: row.label),
            number("a", "A", lambda row: row.figure.a, unit=unit).by_row(both),
            number("b", "B", lambda row: row.figure.b, unit=unit).by_row(both),
            change.by_row(difference),
            number("relative", "Change of A", lambda row: relative(row.figure), RELATIVE),
            number(
                "variance_ratio", "Variance ratio", lambda row: row.figure.variance_ratio, _TIMES
            ),
        ],
        rows=rows,
        called=lambda row: str(row.label),
    )


def all_figures_table(differences: Sequence[Difference]) -> Table:
    """Every figure with full precision, as `compare.csv` has it."""

    def by_unit(column: Column) -> Column:
        return column.by_row(lambda figure: _BY_UNIT.get(figure.unit, AMOUNT))

    fields = ("scope", "name", "component", "measure")
    return Table(
        key="Figures",
        columns=[
            *(text(field, field.capitalize(), form=LINE) for field in fields),
            number("level", "Level", form=_LEVEL),
            text("unit", "Unit", form=LINE_AFTER),
            by_unit(number("a", "A")),
            by_unit(number("b", "B")),
            by_unit(estimate("difference", "B - A", lambda figure: figure.estimate)),
            number("relative", "Change of A", relative, RELATIVE),
            number("variance_ratio", "Variance ratio"),
            text("pairing", "Pairing", form=LINE_AFTER),
        ],
        rows=differences,
    )


def _parts(comparison: Comparison, scope: str, whose: str, remark: str = "") -> Table:
    """The differences of industries or materials in several measures."""

    def change_of_mean(part: _Part) -> float | None:
        return relative(part[1].get(("mean", None)))

    measures: dict[_Measure, str] = {("mean", None): "Mean"}
    levels = [d.level for d in comparison.differences if d.measure == "tvar" and d.level]
    if levels:
        at = detail_level(levels)
        measures["tvar", at] = f"TVaR {level_text(at)}"
    return Table(
        key=scope,
        title=f"By {scope}{whose}, {unit_words(comparison.money)}: B - A (95 % interval)",
        columns=[
            text(scope, scope.capitalize(), lambda part: part[0]),
            *(_difference(*each) for each in {**measures, **_MEASURES[scope]}.items()),
            number("relative", "Change of mean", change_of_mean, RELATIVE),
        ],
        rows=list(comparison.parts(scope).items()),
        remark=remark,
    )


def _difference(measure: _Measure, heading: str) -> Column:
    """The difference of a measure of industries, materials or pools."""

    def value(part: _Part) -> Estimate | None:
        return part[1][measure].estimate if measure in part[1] else None

    column = estimate(measure[0], heading, value)
    return column.by_row(lambda part: change_format(part[1].get(measure)))


def _pools(comparison: Comparison) -> Table:
    """The differences of pools, which have no losses; amounts are in the unit of each."""

    def unit(part: _Part) -> str:
        used = part[1].get(("used", None))
        return used.unit if used else ""

    return Table(
        key="pool",
        title="By pool: B - A (95 % interval)",
        columns=[
            text("pool", "Pool", lambda part: part[0]),
            *(_difference(*each) for each in _MEASURES["pool"].items()),
            text("unit", "Unit", unit),
        ],
        rows=list(comparison.parts("pool").items()),
    )


def change_format(found: Difference | None) -> Format:
    """The format of a difference: signed; differences of chances are in percentage points."""
    scale, unit = (100.0, say(" pp")) if found and found.unit == "probability" else (1.0, "")

    def ends(change: Estimate) -> str:
        if math.isnan(change.lower) or change.lower == change.upper:
            return ""
        return f"{signed(scale * change.lower)}{spoken().to}{signed(scale * change.upper)}"

    def value(change: float) -> str:
        return _only(found) if math.isnan(change) else f"{signed(scale * change)}{unit}"

    return Format(text=value, look=looks.ANY_NUMBER, ends=ends)


def _only(found: Difference | None) -> str:
    if found is None or math.isnan(found.a) == math.isnan(found.b):
        return MISSING
    return say("only in B" if math.isnan(found.a) else "only in A")
