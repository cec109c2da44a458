"""What a scenario says of itself before any trial: days of restriction, days of cover."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskengine.measures.absorption import mean_time_to_end
from riskengine.model.distributions import Distribution
from riskengine.model.notices import next_levels
from riskengine.model.scenario import Material, Scenario


def restriction_days(
    scenario: Scenario, entry: Mapping[str, float], material: str | None = None
) -> float:
    """Mean days from entry until a path resolves; `inf` if it may never resolve.

    Parameters
    ----------
    scenario : Scenario
        Has the ladder.
    entry : mapping
        Probability of each level of entry.
    material : str, optional
        A material whose overrides of the ladder apply.
    """
    levels = list(scenario.ladder)
    starts = np.array([entry.get(level, 0.0) for level in levels])
    moves = np.array(
        [[next_levels(scenario, material, i).get(j, 0.0) for j in levels] for i in levels]
    )
    stays = np.array([_sojourn(scenario, level, material).mean() for level in levels])
    return mean_time_to_end(starts, moves, stays)


def days_of_cover(scenario: Scenario, material: str) -> float | None:
    """Days that stocks cover the worst cut by the largest coercing supplier; None without a cut.

    Notes
    -----
    Mean days of stock / (share of demand from the coercer x mean cut at the worst level).
    """
    subject = scenario.materials[material]
    coercers = [
        d.coercer for n, d in scenario.disputes.items() if material in scenario.concerned(n)
    ]
    exposure = max((subject.sources[country].share for country in coercers), default=0.0)
    worst = max((cut.mean() for cut in subject.cut.values()), default=0.0)
    if exposure * worst <= 0.0:
        return None
    return stock_days(subject) / (exposure * worst)


def _sojourn(scenario: Scenario, level: str, material: str | None) -> Distribution:
    if material is not None:
        override = scenario.materials[material].ladder.get(level)
        if override is not None and override.sojourn is not None:
            return override.sojourn
    return scenario.ladder[level].sojourn


def stock_days(material: Material) -> float:
    """Mean days of normal demand in all stocks of a material."""
    return sum(tier.days.mean() for tier in material.stocks.values())
