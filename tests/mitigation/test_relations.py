"""What a change of a study changes, and what it leaves as it was, to the bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from mitigation.random_studies import SEED, TRIALS, Study, random_study

import riskengine
from riskengine.mitigation.tables import MitigationTables, OptionRow

Config = dict[str, Any]
FEW, ALL = 305, range(300, 316)


_KNOWN: dict[str, MitigationTables] = {}  #: several checks begin with the same study


def tables_of(document: Config) -> MitigationTables:
    text = repr(document)
    if text not in _KNOWN:
        _KNOWN[text] = riskengine.mitigate(document, trials=TRIALS, seed=SEED, threads=1).tables
    return _KNOWN[text]


def check_budgets(study: Study) -> None:
    """More money never gives a worse best in sample."""
    document = study.document
    document["mitigation"]["budgets"] = [0.5 * step for step in range(1, 121, 7)]
    document["mitigation"].pop("limits", None)
    values = [row.in_sample for row in tables_of(document).frontier]
    assert values == sorted(values, reverse=True)
    del document["mitigation"]["budgets"]
    steps = tables_of(document).frontier
    assert all(one.in_sample > other.in_sample for one, other in pairwise(steps))
    assert all(one.budget < other.budget for one, other in pairwise(steps))


def _without_shapley(rows: Iterable[OptionRow]) -> list[OptionRow]:
    return [replace(row, shapley=0.0) for row in rows]


def check_idle(study: Study) -> None:
    """An option that does nothing changes no row of another."""
    before, document = tables_of(study.document), study.document
    idle = {"cost": 1e6, "kind": "idle"}
    document["mitigation"]["options"]["idle"] = idle
    document["mitigation"].setdefault(
        "budgets", sorted({60.0, *(row.budget for row in before.frontier)})
    )
    own = study.document
    own["mitigation"]["budgets"] = document["mitigation"]["budgets"]
    before, after = tables_of(own), tables_of(document)
    assert repr(after.frontier) == repr(before.frontier)
    known = {row.portfolio: row for row in after.portfolios}
    assert [known[row.portfolio] for row in before.portfolios] == list(before.portfolios)
    assert repr(after.beneficiaries) == repr(before.beneficiaries)
    others = [row for row in after.options if row.option != "idle"]
    assert repr(_without_shapley(others)) == repr(_without_shapley(before.options))
    # Twice as many subsets are added up, in another order.
    assert [row.shapley for row in others] == pytest.approx(
        [row.shapley for row in before.options], rel=1e-12, nan_ok=True
    )
    (row,) = (row for row in after.options if row.option == "idle")
    assert (row.first_in, row.last_in, row.largest_rise, row.changes) == (0.0, 0.0, 0.0, False)
    pairs = [row for row in after.interactions if "idle" not in (row.first, row.second)]
    assert pairs == list(before.interactions)
    assert all(row.synergy == 0.0 for row in after.interactions if row not in pairs)


def renamed(document: Config, new: Callable[[str], str]) -> Config:
    found = copy.deepcopy(document)
    table = found["mitigation"]
    table["options"] = {new(name): option for name, option in table["options"].items()}
    for option in table["options"].values():
        for key in ("requires", "excludes"):
            if key in option:
                option[key] = [new(name) for name in option[key]]
    return found


def check_names(study: Study) -> None:
    """Options of other names, in the same order, give the same rows under those names."""

    def new(name: str) -> str:
        return name if "=" in name else f"Z{9 - int(name[1:])} {name}"

    def back(text: str) -> str:
        return " + ".join((each.partition(" o")[2] and "o" + each.partition(" o")[2]) or each
                          for each in text.split(" + "))  # fmt: skip

    before, after = tables_of(study.document), tables_of(renamed(study.document, new))
    frontier = [replace(row, portfolio=back(row.portfolio), rival=back(row.rival))
                for row in after.frontier]  # fmt: skip
    assert repr(frontier) == repr(list(before.frontier))
    assert [replace(row, portfolio=back(row.portfolio)) for row in after.portfolios] == list(
        before.portfolios
    )


def check_units(study: Study) -> None:
    """Money in 2^10ths changes units alone: losses, costs and budgets, to the bit."""
    unit = 1024.0
    document = study.document
    for material in document["materials"].values():
        material["spend_per_year"] *= unit
    for industry in document["industries"].values():
        industry["value_added_per_year"] *= unit
    table = document["mitigation"]
    for option in (*table["options"].values(), *table.get("ranges", {}).values()):
        key = "cost" if "cost" in option else "cost_per_unit"
        cost = option[key]
        option[key] = (
            {name: each * unit for name, each in cost.items()}
            if isinstance(cost, dict)
            else cost * unit
        )
        for path in option.get("set", {}):
            if path.endswith(("value_added_per_year", "spend_per_year")):
                option["set"][path] *= unit
            if path == "industries.new":
                option["set"][path]["value_added_per_year"] *= unit
    if "budgets" in table:
        table["budgets"] = [budget * unit for budget in table["budgets"]]
    table["limits"] = {name: most * unit for name, most in table.get("limits", {}).items()}
    before, after = tables_of(study.document), tables_of(document)
    assert [row.portfolio for row in after.portfolios] == [
        row.portfolio for row in before.portfolios
    ]
    for one, other in zip(before.portfolios, after.portfolios, strict=True):
        assert other == replace(
            one,
            cost=one.cost * unit,
            mean=one.mean * unit,
            var=one.var * unit,
            tvar=one.tvar * unit,
        )
    chances = study.measure == "prob_loss"
    for step, scaled in zip(before.frontier, after.frontier, strict=True):
        assert (scaled.portfolio, scaled.rival) == (step.portfolio, step.rival)
        assert scaled.budget == step.budget * unit
        expected = step.value if chances else step.value * unit
        assert scaled.value == expected or math.isnan(expected)


CHECKS = [check_budgets, check_idle, check_names, check_units]


@pytest.mark.parametrize("check", CHECKS)
def test_a_study_keeps_what_a_change_does_not_concern(check: Callable[[Study], None]) -> None:
    check(random_study(FEW))


@pytest.mark.exhaustive
@pytest.mark.parametrize("check", CHECKS)
def test_random_studies_keep_what_a_change_does_not_concern(
    check: Callable[[Study], None],
) -> None:
    for number in ALL:
        check(random_study(number))


def test_without_worlds_there_is_no_regret() -> None:
    tables = tables_of(random_study(FEW).document)
    assert tables.worlds == 0
    assert (tables.regret, tables.finalists, tables.information) == ((), (), ())
    assert all(math.isnan(row.worlds) for row in tables.options)
