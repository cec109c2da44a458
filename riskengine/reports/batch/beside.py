"""A batch beside its reference and beside an earlier batch: figures, and inputs that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from riskengine.batches.outcome import MIXTURE, PreviousBatch, ScenarioComparison
from riskengine.batches.view import BatchView, differences
from riskengine.figures.catalog import find
from riskengine.figures.comparison import PAIRED, Difference
from riskengine.figures.wording import label
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.reports.batch.tables import amounts, signed, unit_of
from riskengine.reports.tables.formats import AFTER, AMOUNT, LINE, SHARE, WRITTEN, Format
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import as_written, significant
from riskengine.reports.tables.table import Column, Table, Value, estimate, number, text

_CHANGE = Format(text=lambda value: signed(value), look=AMOUNT.look)
_POINTS = SHARE.looking(Look(number_format="+0.00%;-0.00%;0%"))


class InputRow(NamedTuple):
    """A value of a config that differs, or a scenario that came or went."""

    scenario: str
    path: str
    change: str
    before: str
    after: str


def beside_table(
    view: BatchView,
    key: str,
    words: tuple[str, str, str],
    compared: Sequence[ScenarioComparison],
    mixture: Sequence[Difference] = (),
) -> Table:
    """One row a scenario: a figure before, now, and the difference with its interval.

    `words` are the title and the headings of both figures.
    """
    level = view.detail
    found = {each.scenario: differences(each) for each in compared}
    if mixture:
        found[MIXTURE] = differences(mixture)
    why = {each.scenario: each.why for each in compared}
    title, before, now = words
    columns = [text("scenario", "Scenario", str, LINE)]
    for measure, at in (("mean", None), ("tvar", level), ("var", level), ("prob_loss", None)):
        columns += _beside_columns(view, found, measure, at, (before, now))
    columns.append(
        text("pairing", "Compared", lambda name: _pairing(found[name], why.get(name, "")), AFTER)
    )
    return Table(key=key, title=title, columns=columns, rows=list(found))


def _beside_columns(
    view: BatchView,
    found: Mapping[str, Mapping[tuple[str, float | None], Difference]],
    measure: str,
    level: float | None,
    words: tuple[str, str],
) -> list[Column]:
    """Figure before, figure now, and difference."""
    known = find(measure)
    called = label(known, level, significant) if known else measure
    is_chance = measure == "prob_loss"
    form, change = (SHARE, _POINTS) if is_chance else (amounts(view), amounts(view))
    unit = "" if is_chance else unit_of(view)

    def side(field: str) -> Value:
        def value(name: str) -> float | None:
            row = found[name].get((measure, level))
            return getattr(row, field) if row else None

        return value

    def difference(name: str) -> Estimate:
        row = found[name].get((measure, level))
        return row.estimate if row else UNKNOWN

    return [
        number(f"{measure}_a", f"{called}, {words[0]}", side("a"), form, unit=unit),
        number(f"{measure}_b", f"{called}, {words[1]}", side("b"), form, unit=unit),
        estimate(f"{measure}_change", f"{called}, change", difference,
                 replace(change, text=_CHANGE.text) if not is_chance else change, unit=unit),
    ]  # fmt: skip


def _pairing(found: Mapping[tuple[str, float | None], Difference], why: str) -> str:
    if not found:
        return why
    is_paired = any(row.pairing == PAIRED for row in found.values())
    return "trial by trial" if is_paired else "by intervals"


def input_rows(compared: Sequence[ScenarioComparison]) -> list[InputRow]:
    """The values of configs that differ, scenario by scenario."""
    return [
        InputRow(each.scenario, row.path, row.change, row.a, row.b)
        for each in compared
        for row in each.inputs
    ]


def changed_rows(previous: PreviousBatch) -> list[InputRow]:
    """The scenarios that came or went since the earlier batch, and the values that changed."""
    came = [InputRow(name, "", "new scenario", "", "") for name in previous.came]
    went = [InputRow(name, "", "no longer there", "", "") for name in previous.went]
    return came + went + input_rows(previous.comparisons)


def inputs_table(
    key: str, title: str, rows: Sequence[InputRow], headings: tuple[str, str]
) -> Table:
    """Values of configs that differ: numbers as numbers, any other value as its TOML."""
    return Table(
        key=key,
        title=title,
        columns=[
            text("scenario", "Scenario", form=LINE),
            text("path", "Input"),
            text("change", "Change", form=LINE),
            text("before", headings[0], lambda each: as_written(each.before), WRITTEN),
            text("after", headings[1], lambda each: as_written(each.after), WRITTEN),
        ],
        rows=rows,
    )
