"""A study finds what runs of all portfolios find, one after the other, to the bit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from mitigation.random_studies import (
    KINDS,
    MEASURES,
    OF_PATHS,
    SEED,
    TRIALS,
    Names,
    Study,
    name_of,
    random_study,
)

import riskengine
from riskengine.mitigation.tables import FrontierRow, MitigationTables
from riskengine.mitigation.variants import Group, Variants

FEW = (9, 14, 19, 23)  #: few portfolios in each
ALL = 64
CLOSE = {"rel": 1e-9, "abs": 1e-9}  #: sums of the same numbers in a different order


def tables_of(study: Study, threads: int = 1) -> MitigationTables:
    found = riskengine.mitigate(study.document, trials=TRIALS, seed=SEED, threads=threads)
    return found.tables


def compare(study: Study) -> MitigationTables:
    """Play a study, and hold every table against runs by hand."""
    tables = tables_of(study)
    compare_portfolios(study, tables)
    compare_frontier(study, tables)
    compare_effects(study, tables)
    return tables


def compare_portfolios(study: Study, tables: MitigationTables) -> None:
    found = {row.portfolio: row for row in tables.portfolios}
    known = {name_of(names): names for names in study.allowed()}
    assert {name_of(names) for names in study.portfolios} <= set(found) <= set(known)
    for name, row in found.items():
        own = {measure: getattr(row, measure) for measure in MEASURES}
        assert own == study.figures(known[name]), name
        assert row.cost == pytest.approx(study.cost(known[name]), **CLOSE)
        assert row.feasible == study.keeps_limits(known[name])


def compare_frontier(study: Study, tables: MitigationTables) -> None:
    budgets = study.table.get("budgets")
    if budgets is None:
        steps = [(row.budget, row.portfolio) for row in tables.frontier]
        expected = [(cost, name_of(names)) for cost, names in study.steps()]
        assert [name for _, name in steps] == [name for _, name in expected]
        assert [cost for cost, _ in steps] == pytest.approx([cost for cost, _ in expected], **CLOSE)
    else:
        assert [row.budget for row in tables.frontier] == budgets
    for row in tables.frontier:
        best, rival = study.best(row.budget * (1 + 1e-12))
        assert row.portfolio == ("" if best is None else name_of(best))
        if best is None:
            assert math.isnan(row.in_sample)
        else:
            compare_choice(study, row, best, rival)


def compare_choice(study: Study, row: FrontierRow, best: Names, rival: Names | None) -> None:
    """The choice in sample, and its figures out of sample."""
    assert (row.proven, row.gap) == (True, 0.0)
    assert row.in_sample == study.portfolios[best][study.measure]
    nothing, own = (study.figures(names, first_trial=TRIALS) for names in ((), best))
    assert (row.value, row.mean, row.tvar) == (own[study.measure], own["mean"], own["tvar"])
    assert row.difference == pytest.approx(own[study.measure] - nothing[study.measure], **CLOSE)
    assert row.rival == ("" if rival is None else name_of(rival))
    if rival is not None:
        other = study.figures(rival, first_trial=TRIALS)[study.measure]
        assert row.rival_difference == pytest.approx(other - own[study.measure], **CLOSE)


def needed(study: Study, name: str) -> set[str]:
    """An option with everything that it requires and that is not decided."""
    by_name = {each.name: each for each in study.options}
    found: set[str] = set()
    waiting = [name]
    while waiting:
        option = by_name[waiting.pop()]
        if option.name not in found and not option.table.get("fixed"):
            found.add(option.name)
            waiting += option.table.get("requires", [])
    return found


def compare_effects(study: Study, tables: MitigationTables) -> None:
    """First-in effects, rises, and synergies, from runs by hand."""
    allowed = {frozenset(names): names for names in study.allowed()}
    nothing = study.run(()).losses["total"].to_numpy()

    def value(names: set[str], measure: str = study.measure) -> float:
        return study.figures(allowed[frozenset(names)])[measure]

    for row in tables.options:
        alone = needed(study, row.option)
        if not alone or frozenset(alone) not in allowed:
            assert math.isnan(row.first_in)
            continue
        assert row.first_in == pytest.approx(value(alone) - value(set()), **CLOSE)
        above = row.first_in_upper - row.first_in
        assert above >= 0.0
        assert row.first_in - row.first_in_lower == pytest.approx(above, **CLOSE)
        mean = value(alone, "mean") - value(set(), "mean")
        assert row.first_in_mean == pytest.approx(mean, **CLOSE)
        losses = study.run(allowed[frozenset(alone)]).losses["total"].to_numpy()
        assert row.changes == bool((np.abs(losses - nothing) > 1e-9 * nothing).any())
        assert row.largest_rise == pytest.approx(max(0.0, (losses - nothing).max()), **CLOSE)
    pairs = {(row.first, row.second): row for row in tables.interactions}
    names = [row.option for row in tables.options if not math.isnan(row.first_in)]
    expected = {
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if frozenset(needed(study, one) | needed(study, other)) in allowed
    }
    assert set(pairs) == expected
    for (one, other), row in pairs.items():
        first, second = needed(study, one), needed(study, other)
        synergy = value(first) + value(second) - value(first | second) - value(set())
        assert row.synergy == pytest.approx(synergy, **CLOSE)


@pytest.mark.parametrize("number", FEW)
def test_every_portfolio_is_the_run_of_its_values_and_the_best_are_named(number: int) -> None:
    compare(random_study(number))


@pytest.mark.exhaustive
def test_random_studies_are_their_runs_and_meet_every_kind_of_option_and_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    groups: list[int] = []
    original = Variants.groups

    def counted(variants: Variants, portfolios: Sequence[int], most: int) -> Iterator[Group]:
        found = list(original(variants, portfolios, most))
        groups.append(len(found))
        return iter(found)

    monkeypatch.setattr(Variants, "groups", counted)
    kinds, rules, measures = Counter[str](), Counter[str](), Counter[str]()
    rising = unmet = 0
    for number in sorted(set(range(ALL)) - set(FEW)):
        study = random_study(number)
        tables = compare(study)
        kinds.update(option.kind for option in study.options)
        rules.update(study.rules)
        measures[study.measure] += 1
        rising += not tables.is_monotone
        unmet += any(not row.portfolio for row in tables.frontier)
    assert min(kinds[kind] for kind in (*KINDS, "range")) >= 2, kinds
    assert len(rules) == 9
    assert min(rules.values()) >= 3, rules
    assert min(measures[measure] for measure in MEASURES) >= 10, measures
    assert sum(kinds[kind] for kind in OF_PATHS) >= 20
    assert sum(count > 1 for count in groups) >= 50
    assert rising >= 10
    assert unmet >= 2
