"""The peer's view of a scenario: quantiles of normal scores, and everything as arrays.

It covers scenarios of the kind of `configs/korea-2026.toml`: renewing disputes, triggers without
loops, at most one dispute a material, bottleneck industries, proportional allocation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, log_ndtr, ndtr, ndtri

from riskengine.model.distributions import Distribution
from riskengine.model.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEK = 7.0

_QUANTILES: dict[str, Any] = {
    "exponential": lambda u, mean: -mean * np.log1p(-u),
    "lognormal": lambda u, mu, sigma: np.exp(mu + sigma * ndtri(u)),
    "weibull": lambda u, shape, scale: scale * (-np.log1p(-u)) ** (1.0 / shape),
    "gamma": lambda u, shape, scale: scale * gammaincinv(shape, u),
    "loglogistic": lambda u, median, shape: median * (u / (1.0 - u)) ** (1.0 / shape),
    "pareto": lambda u, minimum, shape: minimum * (1.0 - u) ** (-1.0 / shape),
    "uniform": lambda u, low, high: low + (high - low) * u,
    "triangular": lambda u, low, mode, high: np.where(
        u * (high - low) <= mode - low,
        low + np.sqrt(u * (high - low) * (mode - low)),
        high - np.sqrt((1.0 - u) * (high - low) * (high - mode)),
    ),
    "beta": lambda u, alpha, beta: betaincinv(alpha, beta, u),
    "pert": lambda u, low, mode, high: (
        low
        + (high - low)
        * betaincinv(
            1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low), u
        )
    ),
}


def quantile(d: Distribution, z: Floats, elapsed: float = 0.0) -> Floats:
    """Quantile of a distribution at the probability of each normal score, as scipy gives it."""
    if d.is_constant:
        return np.full(z.shape, d.parameters[0] - elapsed)
    if elapsed == 0.0 and not d.is_truncated:
        if d.family == "lognormal":
            return np.exp(d.parameters[0] + d.parameters[1] * z)
        if d.family == "exponential":
            return -d.parameters[0] * log_ndtr(-z)
    low = d.below(max(d.minimum, elapsed)) if max(d.minimum, elapsed) > 0.0 else 0.0
    high = d.below(d.maximum) if d.maximum < np.inf else 1.0
    u = np.minimum(low + (high - low) * ndtr(z), 1.0 - 1e-15)
    if d.family == "empirical":
        found = np.searchsorted(np.cumsum(d.weights), u)
        return np.array(d.values)[np.minimum(found, len(d.values) - 1)] - elapsed
    return np.asarray(_QUANTILES[d.family](u, *d.parameters)) - elapsed


def scores(rng: Generator, rho: float, common: Floats, shape: tuple[int, ...]) -> Floats:
    """One-factor scores: the square root of rho times the common one, and the rest on its own."""
    own = rng.standard_normal(shape)
    if rho == 0.0:
        return own
    own *= np.sqrt(1.0 - rho)
    own += np.sqrt(rho) * common
    return own


def draw_rows(rng: Generator, distributions: Sequence[Distribution], trials: int) -> Floats:
    """One independent draw a row and trial; a single column where nothing is random."""
    if all(d.is_constant for d in distributions):
        return np.array([d.parameters[0] for d in distributions]).reshape(-1, 1)
    return np.array([quantile(d, rng.standard_normal(trials)) for d in distributions])


@dataclass(frozen=True, slots=True)
class Walk:
    """What the paths of one dispute need; rows are (ladder, level), flat."""

    materials: Ints  #: rows of the materials concerned; -1 alone where there is none
    cover_score: Floats  #: a material is covered above this score
    forced: NDArray[np.bool_] | None  #: coverage of the active episode where it is given
    ladder: Ints  #: of each material concerned
    cut: list[list[Distribution]]  #: of each material concerned, by level
    entry: Floats  #: scores up to which each level is entered
    next: Floats  #: scores up to which each outcome is next, `resolved` first
    sojourn: list[Distribution]


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario laid out for the grid; materials come by falling number of alternatives."""

    scenario: Scenario
    order: list[str]  #: disputes, those that trigger before those that are triggered
    walks: dict[str, Walk]
    materials: list[str]
    weeks: int
    use_material: Ints  #: row of the material of each use; uses are grouped by industry
    use_first: Ints  #: first use of each industry
    cost_weight: Floats  #: (industries, materials) money a day per unit of premium
    multiplier: Floats  #: total loss per unit of direct loss of each industry


def plan(scenario: Scenario) -> Plan:
    """Lay a scenario out for the grid.

    Raises
    ------
    ValueError
        If the scenario has something that the peer leaves out.
    """
    _refuse_foreign(scenario)
    watched: dict[str, set[str]] = {name: set() for name in scenario.disputes}
    for trigger in scenario.triggers.values():
        watched[trigger.starts].add(trigger.when)
    materials = sorted(
        scenario.materials, key=lambda name: -len(scenario.materials[name].alternatives)
    )
    row = {name: i for i, name in enumerate(materials)}
    uses = [(i, m) for i, industry in scenario.industries.items() for m in industry.uses]
    counts = [len(industry.uses) for industry in scenario.industries.values()]
    return Plan(
        scenario=scenario,
        order=list(TopologicalSorter(watched).static_order()),
        walks={name: _walk_of(scenario, name, row) for name in scenario.disputes},
        materials=materials,
        weeks=int(np.ceil(scenario.run.horizon_days / WEEK)),
        use_material=np.array([row[m] for _, m in uses]),
        use_first=np.cumsum([0, *counts[:-1]]),
        cost_weight=_cost_weights(scenario, materials),
        multiplier=_multipliers(scenario),
    )


def _refuse_foreign(scenario: Scenario) -> None:
    concerned = [name for d in scenario.disputes for name in scenario.concerned(d)]
    if len(set(concerned)) < len(concerned):
        raise ValueError("the peer knows at most one dispute a material")
    if any(m.allocation != "proportional" for m in scenario.materials.values()):
        raise ValueError("the peer knows proportional allocation only")
    if any(
        alternative.lead_from == "start"
        for m in scenario.materials.values()
        for alternative in m.alternatives.values()
    ):
        raise ValueError("the peer counts lead times from the first cut only")
    if any(t.build_rate > 0.0 for m in scenario.materials.values() for t in m.stocks.values()):
        raise ValueError("the peer knows no stocks that are built up")
    if any(i.combine != "bottleneck" or not i.uses for i in scenario.industries.values()):
        raise ValueError("the peer knows industries with uses, and bottlenecks, only")


def _walk_of(scenario: Scenario, name: str, row: dict[str, int]) -> Walk:
    dispute = scenario.disputes[name]
    levels = list(scenario.ladder)
    owners = scenario.concerned(name)
    changed = [owner for owner in owners if scenario.materials[owner].ladder]
    sojourn, following = [], []
    for owner in (None, *changed):
        overrides = scenario.materials[owner].ladder if owner else {}
        for level, common in scenario.ladder.items():
            own = overrides.get(level)
            sojourn.append(own.sojourn if own and own.sojourn else common.sojourn)
            chances = own.next if own and own.next else common.next
            following.append(_score_limits(chances, ["resolved", *levels]))
    given = dispute.active.materials if dispute.active else None
    nothing = Distribution(family="constant", parameters=(0.0,))
    return Walk(
        materials=np.array([row[owner] for owner in owners] or [-1]),
        cover_score=ndtri([1.0 - scenario.materials[owner].coverage for owner in owners] or [0.0]),
        forced=None if given is None else np.array([owner in given for owner in owners]),
        ladder=np.array([1 + changed.index(o) if o in changed else 0 for o in owners] or [0]),
        cut=[[scenario.materials[o].cut.get(k, nothing) for k in levels] for o in owners],
        entry=_score_limits(dispute.entry, levels),
        next=np.array(following),
        sojourn=sojourn,
    )


def _score_limits(chances: dict[str, float], outcomes: Sequence[str]) -> Floats:
    """Scores up to which each outcome is chosen, mildest first."""
    shares = np.array([chances.get(outcome, 0.0) for outcome in outcomes])
    limits = ndtri(np.minimum(np.cumsum(shares), 1.0))
    limits[shares.nonzero()[0].max(initial=0) :] = np.inf
    return np.asarray(limits)


def _cost_weights(scenario: Scenario, materials: list[str]) -> Floats:
    weights = np.array(
        [
            [i.uses[m].share if m in i.uses else 0.0 for m in materials]
            for i in scenario.industries.values()
        ]
    )
    taken = weights.sum(axis=0)
    spend = np.array([scenario.materials[m].spend_per_year / 365.0 for m in materials])
    return weights * np.divide(spend, taken, out=np.zeros_like(spend), where=taken > 0.0)


def _multipliers(scenario: Scenario) -> Floats:
    names = list(scenario.industries)
    passed = np.array([[scenario.propagation.get(j, {}).get(i, 0.0) for i in names] for j in names])
    return np.asarray(np.linalg.inv(np.eye(len(names)) - passed).sum(axis=1))
