"""Whether the tables of a sweep agree: what each check looks at, and what it counts as wrong."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from report.sweep_worlds import sweep, usual

from riskengine.model.agreement import FINE, WRONG, Agreement
from riskengine.sweeps.agreement import agreements
from riskengine.sweeps.tables import SweepTables

DIFFERENCE = "A difference is the value less that of the base case"
CHANCE = "Chances lie between 0 and 1"
TAIL = "TVaR is no less than VaR of the same level"
SIZE = "Swings, sizes of moves and deviations are no less than 0"


def checked(tables: SweepTables) -> dict[str, Agreement]:
    return {row.question: row for row in agreements(tables)}


def with_figure(measure: str, **changed: Any) -> SweepTables:
    """A sweep in which one figure of the total at point 1 is another."""
    tables = usual("one-at-a-time")
    figures = list(tables.figures)
    at = next(
        k
        for k, row in enumerate(figures)
        if (row.point, row.scope, row.measure) == (1, "total", measure)
    )
    figures[at] = dataclasses.replace(figures[at], **changed)
    return dataclasses.replace(tables, figures=tuple(figures))


def value_of(measure: str) -> float:
    tables = usual("one-at-a-time")
    return next(
        row.value
        for row in tables.figures
        if (row.point, row.scope, row.measure) == (1, "total", measure)
    )


def test_each_check_counts_what_it_looked_at() -> None:
    # 10 points and the base case, one of them failed; the total and 2 industries with 11 figures,
    # of which 1 is a chance and 4 pairs are VaR and TVaR of one level.
    counts = [row.looked_at for row in checked(sweep("one-at-a-time", failed={2})).values()][:5]
    assert counts == [11, 1, 10 * 3 * 11, 11 * 3, 11 * 3 * 4]


def test_a_point_without_figures_and_a_failure_without_reason_are_wrong() -> None:
    tables = sweep("one-at-a-time", failed={2})
    points = [dataclasses.replace(row, message="") for row in tables.points]
    figures = tuple(row for row in tables.figures if row.point != 4)
    found = checked(dataclasses.replace(tables, points=tuple(points), figures=figures))
    assert found["Every failed point says why"].wrong == 1
    assert found["Every point that is done has figures, and no other"].wrong == 1


@pytest.mark.parametrize(("error", "wrong"), [(0.5e-9, 0), (2e-9, 1)])
def test_a_difference_may_be_off_by_rounding_alone(error: float, wrong: int) -> None:
    tables = usual("one-at-a-time")
    change = value_of("mean") - tables.figures[0].value
    size = max(value_of("mean"), tables.figures[0].value)
    assert checked(with_figure("mean", difference=change + error * size))[DIFFERENCE].wrong == wrong


@pytest.mark.parametrize(("chance", "wrong"), [(0.0, 0), (1.0, 0), (1.001, 1), (-0.001, 1)])
def test_a_chance_lies_between_none_and_all(chance: float, wrong: int) -> None:
    assert checked(with_figure("prob_loss", value=chance))[CHANCE].wrong == wrong


@pytest.mark.parametrize(("share", "wrong"), [(1.0, 0), (1.0 - 0.5e-9, 0), (1.0 - 2e-9, 1)])
def test_the_mean_of_a_tail_is_no_less_than_where_it_begins(share: float, wrong: int) -> None:
    found = checked(with_figure("tvar", value=share * value_of("var")))[TAIL]
    assert (found.wrong, found.verdict) == (wrong, WRONG if wrong else FINE)


@pytest.mark.parametrize(("value", "wrong"), [(0.0, 0), (-0.001, 1), (math.nan, 1)])
def test_a_swing_has_a_size(value: float, wrong: int) -> None:
    tables = usual("one-at-a-time")
    rows = list(tables.sensitivity)
    at = next(k for k, row in enumerate(rows) if row.index == "swing")
    rows[at] = dataclasses.replace(rows[at], value=value)
    found = checked(dataclasses.replace(tables, sensitivity=tuple(rows)))
    assert found[SIZE].wrong == wrong
    assert found["Indices are numbers"].wrong == int(math.isnan(value))
