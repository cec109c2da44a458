"""Two runs beside each other: tables for people, from the differences of their figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from riskengine.figures.catalog import of_total
from riskengine.figures.comparison import Difference
from riskengine.figures.pairing import Pairing
from riskengine.figures.wording import label
from riskengine.model.confidence import detail_level, level_text
from riskengine.model.notices import Notice
from riskengine.reports.compare.inputs import InputDifference
from riskengine.reports.run.headline import RunFacts
from riskengine.reports.tables.numbers import MISSING, exact, percent, significant
from riskengine.reports.tables.table import Cell, Column, Table, text, words

_LONGEST_INPUT = 44  #: characters of a value of a config in a table; the files have all

_REMARK = "Negative: B loses less. An interval that holds 0 does not tell the two apart."
_SHARPER = " Sharper: times the trials, without pairing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that is shown of two runs."""

    sources: tuple[str, str]  #: folders or configs
    facts: tuple[RunFacts, RunFacts]
    pairing: Pairing
    differences: Sequence[Difference]
    inputs: Sequence[InputDifference]
    notices: Sequence[Notice]

    @property
    def money(self) -> str:
        return self.facts[0].money

    @property
    def title(self) -> str:
        titles = dict.fromkeys(facts.title for facts in self.facts)
        return " / ".join(titles)

    def lines(self) -> list[str]:
        """Which runs these are, and whether they are paired."""
        named = zip("AB", self.sources, self.facts, strict=True)
        return [f"{side}: {source} ({facts.line})" for side, source, facts in named] + [
            self.pairing.reason,
            *_sharing(self.pairing),
        ]

    def headline(self) -> list[tuple[str, Difference]]:
        """The figures of the total that either run has, each with its label."""
        return [
            (label(measure, each.level, exact), each)
            for measure in of_total()
            if measure.is_estimate
            for each in self.differences
            if (each.scope, each.component, each.measure) == ("total", "all", measure.name)
        ]

    def means(self, scope: str) -> list[tuple[str, Difference]]:
        """The mean loss of every industry or material, by name."""
        found = _Index(self.differences)
        rows = [(name, found.get(scope, name, "mean", None)) for name in found.names(scope)]
        return [(name, figure) for name, figure in rows if figure is not None]

    def tables(self) -> list[Table]:
        """The inputs that differ and the headline figures, with their differences."""
        tables = [_inputs(self.inputs), _total(self)]
        tables += [make(self) for make in (_industries, _materials)]
        return [table for table in tables if table.rows]


def _sharing(pairing: Pairing) -> Iterator[str]:
    if not pairing.paired:
        return
    known = not math.isnan(pairing.correlation)
    together = f"; the total losses have correlation {pairing.correlation:.4f}" if known else ""
    yield f"{pairing.same:,} of them have the same total loss in both, to the bit{together}."


def _inputs(inputs: Iterable[InputDifference]) -> Table:
    columns = ("path", "Input"), ("change", ""), ("a", "A"), ("b", "B")
    rows: list[list[Cell]] = [
        [each.path, each.change, shortened(each.a), shortened(each.b)] for each in inputs
    ]
    return Table(
        key="inputs",
        title="What differs in the inputs",
        columns=[text(key, heading) for key, heading in columns],
        rows=rows or [["nothing", "", "", ""]],
    )


def shortened(value: str) -> str:
    """A value of a config as far as a table has room for it.

    >>> shortened("0.5"), len(shortened("x" * 99))
    ('0.5', 44)
    """
    return value if len(value) <= _LONGEST_INPUT else f"{value[: _LONGEST_INPUT - 3]}..."


def _total(comparison: Comparison) -> Table:
    return Table(
        key="total",
        title=f"Total loss, {comparison.money}",
        columns=[
            text("figure", "Figure"),
            _shown("a", "A"),
            _shown("b", "B"),
            _shown("difference", "B - A (95 % interval)"),
            _shown("relative", "Change"),
            _shown("variance_ratio", "Sharper by pairing"),
        ],
        rows=[_row(label, figure) for label, figure in comparison.headline()],
        remark=_REMARK + (_SHARPER if comparison.pairing.paired else ""),
    )


def _row(label: str, found: Difference) -> list[Cell]:
    write = percent if found.unit == "probability" else significant
    return [
        label,
        write(found.a),
        write(found.b),
        change_text(found),
        relative_text(found),
        ratio_text(found.variance_ratio),
    ]


def _industries(comparison: Comparison) -> Table:
    return _parts(
        comparison,
        "industry",
        f"By industry, {comparison.money}: B - A (95 % interval)",
        (("loss_days", "Loss days, mean", None),),
        "Industries add up for means only: their VaR and TVaR do not.",
    )


def _materials(comparison: Comparison) -> Table:
    return _parts(
        comparison,
        "material",
        f"By material, loss attributed to it, {comparison.money}: B - A (95 % interval)",
        (
            ("cut_days", "Days with any cut, mean", None),
            ("cut_weighted_days", "Days of demand cut, mean", None),
            ("shortage_days", "Days of demand short, mean", None),
        ),
        "",
    )


_Wanted = tuple[str, str, float | None]


def _parts(
    comparison: Comparison, scope: str, title: str, more: Sequence[_Wanted], remark: str
) -> Table:
    found = _Index(comparison.differences)
    levels = {each.level for each in comparison.differences if each.measure == "tvar"}
    at = detail_level(level for level in levels if level is not None)
    tail = [("tvar", f"TVaR {level_text(at)}", at)] if levels else []
    wanted: list[_Wanted] = [("mean", "Mean", None), *tail, *more]
    rows: list[list[Cell]] = []
    for name in found.names(scope):
        cells = [found.get(scope, name, measure, level) for measure, _, level in wanted]
        relative = relative_text(cells[0]) if cells[0] else MISSING
        rows.append([name, *(change_text(c) if c else MISSING for c in cells), relative])
    return Table(
        key=scope,
        title=title,
        columns=[
            text(scope, scope.capitalize()),
            *(_shown(measure, heading) for measure, heading, _ in wanted),
            _shown("relative", "Change of mean"),
        ],
        rows=rows,
        remark=remark,
    )


class _Index:
    """Finds a difference by what it is."""

    def __init__(self, differences: Iterable[Difference]):
        self._found = {
            (d.scope, d.name, d.measure, d.level): d for d in differences if d.component == "all"
        }

    def get(self, scope: str, name: str, measure: str, level: float | None) -> Difference | None:
        return self._found.get((scope, name, measure, level))

    def names(self, scope: str) -> list[str]:
        return list(dict.fromkeys(name for of, name, *_ in self._found if of == scope))


def change_text(found: Difference) -> str:
    """A difference with its sign and interval; of chances, in percentage points."""
    if math.isnan(found.difference):
        return _only(found)
    scale, unit = (100.0, " pp") if found.unit == "probability" else (1.0, "")
    value = signed(scale * found.difference) + unit
    if math.isnan(found.lower) or found.lower == found.upper:
        return value
    ends = " to ".join(signed(scale * end) for end in (found.lower, found.upper))
    return f"{value} ({ends})"


def _only(found: Difference) -> str:
    if math.isnan(found.a) == math.isnan(found.b):
        return MISSING
    return "only in B" if math.isnan(found.a) else "only in A"


def signed(value: float) -> str:
    """A number with three significant figures and always a sign.

    >>> signed(12.345), signed(-0.5), signed(0.0)
    ('+12.3', '-0.500', '0')
    """
    return f"+{significant(value)}" if value > 0.0 else significant(value)


def relative_text(found: Difference) -> str:
    """The difference as a share of A."""
    if math.isnan(found.difference) or found.a == 0.0:
        return MISSING
    return f"{signed(100.0 * found.difference / found.a)} %"


def ratio_text(ratio: float) -> str:
    """By what factor pairing shrank a variance."""
    if math.isnan(ratio):
        return MISSING
    return "exact" if math.isinf(ratio) else f"{significant(ratio)} x"


def _shown(key: str, heading: str) -> Column:
    return words(key, heading)
