"""Pruned enumeration and branch and bound find what whole enumeration finds, to the bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mitigation.random_studies import SEED, Study, random_study

import riskengine
from riskengine.mitigation import study as studies
from riskengine.mitigation.blocks import LossTail
from riskengine.mitigation.effects import Shapley
from riskengine.mitigation.search import best as search
from riskengine.mitigation.search.enumeration import feasible_portfolios
from riskengine.mitigation.search.measured import Values
from riskengine.mitigation.search.together import Ranking
from riskengine.mitigation.tables import FrontierRow, MitigationTables

TRIALS = 300  #: so many that most lie outside all tails
ALL = 15


def tables_of(study: Study) -> MitigationTables:
    return riskengine.mitigate(study.document, trials=TRIALS, seed=SEED, threads=1).tables


@pytest.fixture(autouse=True)
def no_averages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shapley values play every portfolio, those that a search leaves out too."""

    def none(ranking: Ranking, values: Values, seed: int, most: int) -> Shapley:
        nothing = np.zeros(len(ranking.market.names))
        return Shapley(values=nothing, errors=nothing)

    monkeypatch.setattr(studies, "shapley", none)


def few_listed(patch: pytest.MonkeyPatch) -> None:
    """Branch and bound wherever there is more than one portfolio."""

    def listed(market: object, budget: float | None, most: int) -> list[int] | None:
        return feasible_portfolios(market, budget, 1)  # type: ignore[arg-type]

    patch.setattr(search, "feasible_portfolios", listed)


def chosen(row: FrontierRow) -> tuple[object, ...]:
    """What does not depend on how the choice was found."""
    figures = (row.in_sample, row.value, row.difference, row.mean, row.tvar, row.cost)
    return row.budget, row.portfolio, tuple(repr(each) for each in figures)


def compare(number: int, measure: str) -> tuple[bool, bool, int]:
    """Play a study in three ways; whether it was pruned, rises, and how many were not played."""
    study = random_study(number, measure=measure)
    study.table.setdefault("budgets", [5.0, 20.0, 90.0])
    whole = tables_of(study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MOST_WHOLE", 0)
        pruned = tables_of(study)
    with pytest.MonkeyPatch.context() as patch:
        few_listed(patch)
        searched = tables_of(study)
    compare_pruned(pruned, whole)
    compare_searched(searched, whole)
    return pruned.kept_trials < TRIALS, not whole.is_monotone, whole.played - searched.played


def compare_pruned(pruned: MitigationTables, whole: MitigationTables) -> None:
    assert pruned.frontier == whole.frontier or repr(pruned.frontier) == repr(whole.frontier)
    assert repr(pruned.options) == repr(whole.options)
    known = {row.portfolio: row for row in whole.portfolios}
    assert [row.portfolio for row in pruned.portfolios] == list(known)
    for row in pruned.portfolios:
        same = known[row.portfolio]
        assert (row.var, row.cost, row.feasible) == (same.var, same.cost, same.feasible)
        if math.isnan(row.mean):
            # The same losses beyond the value at risk, added in the same order.
            assert row.tvar == pytest.approx(same.tvar, rel=1e-14)
        else:
            assert row == same


def compare_searched(searched: MitigationTables, whole: MitigationTables) -> None:
    """The same choices where nothing raises a loss; else none is called proven."""
    if searched.is_monotone:
        assert [chosen(row) for row in searched.frontier] == [chosen(row) for row in whole.frontier]
        assert all(row.proven and row.gap == 0.0 for row in searched.frontier if row.portfolio)
    else:
        assert not any(row.proven for row in searched.frontier)
    known = {row.portfolio: row for row in whole.portfolios}
    for row in searched.portfolios:
        if row.portfolio in known:
            assert row.var == known[row.portfolio].var
            assert row.tvar == pytest.approx(known[row.portfolio].tvar, rel=1e-14)


@pytest.mark.costly
@pytest.mark.parametrize(("number", "measure"), [(101, "tvar"), (104, "var")])
def test_three_ways_to_search_find_the_same(number: int, measure: str) -> None:
    compare(number, measure)


@pytest.mark.exhaustive
@pytest.mark.parametrize("measure", ["mean", "var", "tvar", "prob_loss"])
def test_random_studies_are_searched_in_three_ways(measure: str) -> None:
    found = [compare(number, measure) for number in range(100, 100 + ALL)]
    pruned, rising, unplayed = zip(*found, strict=True)
    if measure in ("var", "tvar"):
        assert sum(pruned) >= 2
    else:
        assert not any(pruned)
    assert 2 <= sum(rising) <= ALL - 2
    assert any(unplayed)


@pytest.mark.parametrize("kept", [30, 12, 5])
def test_the_tail_of_a_portfolio_is_read_from_the_trials_that_are_kept(kept: int) -> None:
    """Of 200 losses the value at risk at 95 % is the 11th largest, and the tail the 10 above it.

    Where fewer than 11 are kept, the others are at most the floor, which is then the value at risk.
    """
    losses = np.random.default_rng(kept).gamma(0.5, 100.0, 200)
    largest = np.sort(losses)[::-1]
    floor = float(largest[kept])
    rows = np.flatnonzero(losses > floor)
    found = LossTail(rows=rows, floor=floor).measured(losses[rows], 200, 0.95)
    var = largest[10] if kept > 10 else floor
    assert found.var == var
    assert found.tvar == pytest.approx(var + np.maximum(largest - var, 0.0).sum() / 10, rel=1e-12)
