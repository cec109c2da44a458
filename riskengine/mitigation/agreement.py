"""Whether the tables of a mitigation study agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from riskengine.mitigation.tables import MitigationTables
from riskengine.model.agreement import Agreement
from riskengine.model.mitigation import is_affordable

_ROUNDING = 1e-9


def study_agreements(tables: MitigationTables) -> list[Agreement]:
    """The conditions that must hold between frontier, portfolios, worlds and beneficiaries."""
    return [*_of_frontier(tables), *_of_portfolios(tables), *_of_worlds(tables)]


def _of_frontier(tables: MitigationTables) -> Iterator[Agreement]:
    rows = [row for row in tables.frontier if row.portfolio]
    dear = [not is_affordable(row.cost, row.budget) for row in rows]
    yield _counted("A choice costs no more than its budget", dear)
    pairs = pairwise(sorted(rows, key=lambda row: row.budget))
    worse = [_is_above(after.in_sample, before.in_sample) for before, after in pairs]
    yield _counted("More budget gives no worse choice in the trials that choose", worse)
    before = [row.value - row.difference for row in rows if not math.isnan(row.value)]
    off = [not math.isclose(value, before[0], rel_tol=_ROUNDING) for value in before]
    yield _counted("Every difference is from the same value with nothing", off)
    played = {row.portfolio: getattr(row, tables.measure) for row in tables.portfolios}
    other = [played[row.portfolio] != row.in_sample for row in rows if row.portfolio in played]
    yield _counted("The value that decided is that of the portfolio as it was played", other)


def _of_portfolios(tables: MitigationTables) -> Iterator[Agreement]:
    below = [_is_above(row.var, row.tvar) for row in tables.portfolios]
    yield _counted("TVaR is no less than VaR", below)
    chances = [row.prob_loss for row in tables.portfolios if not math.isnan(row.prob_loss)]
    yield _counted("Chances lie between 0 and 1", [not 0.0 <= each <= 1.0 for each in chances])
    changed = [row for row in tables.beneficiaries if row.mean]
    groups = groupby(changed, key=lambda row: row.portfolio)
    sums = [math.fsum(row.share for row in members) for _, members in groups]
    known = [each for each in sums if not math.isnan(each)]
    off = [not math.isclose(each, 1.0, rel_tol=1e-6) for each in known]
    yield _counted("The shares of industries in a reduction add up to 1", off)


def _of_worlds(tables: MitigationTables) -> Iterator[Agreement]:
    regrets = [row.regret for row in tables.regret if not math.isnan(row.regret)]
    yield _counted("No regret is below 0", [regret < 0.0 for regret in regrets])
    worth = [row.value < 0.0 for row in tables.information]
    yield _counted("Nothing is worth less than 0 to know", worth)


def _is_above(one: float, other: float) -> bool:
    return one > other + _ROUNDING * abs(other)


def _counted(question: str, wrong: Iterable[bool]) -> Agreement:
    found = list(wrong)
    return Agreement(question, len(found), sum(found))
