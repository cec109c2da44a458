"""Scenarios of any size, for measuring how the cost of a trial grows.

One importer and one coercer, as in the Korean case and as dense as it: each material has two
sources, three alternatives and two stock tiers, each industry uses a quarter of the materials, and
all correlations are on. Members differ a little from one another, so that events do not fall
together, but nothing is random: a size always gives the same scenario.
"""

from __future__ import annotations

from typing import Any

_LEVELS = ("licensing", "slow", "stopped", "boycott")
_USED_BY = 4  # each industry uses every fourth material
_SHARING = 3  # so many materials want the same two pools


def busy(materials: int, industries: int, horizon_days: float = 730.0) -> dict[str, Any]:
    """A quarrel in force at time 0, and more of them later."""
    return {
        "run": {"importer": "Here", "horizon_days": horizon_days},
        "ladder": _ladder(),
        "disputes": {"quarrel": _dispute(rate=0.16) | {"active": {"level": "slow"}}},
        **_economy(materials, industries),
    }


def ending(materials: int, industries: int, horizon_days: float) -> dict[str, Any]:
    """A quarrel in force at time 0, over within 300 days, and nothing after it."""
    short = {"lognormal": {"median": 60, "p90": 120}, "max": 150}
    scenario = busy(materials, industries, horizon_days)
    scenario["ladder"] = {
        "licensing": {"sojourn": short, "next": {"resolved": 1.0}},
        "slow": {"sojourn": short, "next": {"stopped": 0.5, "resolved": 0.5}},
        "stopped": {"sojourn": short, "next": {"resolved": 1.0}},
        "boycott": {"sojourn": short, "next": {"resolved": 1.0}, "boycott": True},
    }
    scenario["disputes"]["quarrel"]["rate_per_year"] = 0.0
    return scenario


def sharing(early: str, late: str) -> dict[str, Any]:
    """A quarrel in force, and materials that share spare supply, with the allocations given.

    Three materials want the pools `early` and, for what they still lack after an alternative of
    their own, `late`. Two others share `apart`, so that there are two markets.
    """
    scenario = busy(5, 5)
    scarce = {"scarcity_elasticity": 0.4, "scarcity_cap": 3}
    scenario["pools"] = {
        "early": {"capacity_per_year": {"uniform": {"low": 0, "high": 40}}, "allocation": early},
        "apart": {"capacity_per_year": 2, "scarcity_elasticity": 1},
        "late": {"capacity_per_year": {"uniform": {"low": 0, "high": 30}}, "allocation": late},
    }
    scenario["pools"]["early"] |= scarce
    scenario["pools"]["late"] |= scarce
    for i, demand in enumerate((100, 250, 40, 80, 110)):
        material = scenario["materials"][f"material-{i}"]
        material["demand_per_year"] = demand
        kinds = {"supplier": "early", "leakage": "late"} if i < _SHARING else {"recycling": "apart"}
        for kind, pool in kinds.items():
            material["alternatives"][kind] |= {"pool": pool, "precedence": i // 2}
    return scenario


def calm(materials: int, industries: int, rate: float) -> dict[str, Any]:
    """No quarrel at time 0, and a year in which one may begin."""
    scenario = busy(materials, industries, 365.0)
    scenario["disputes"] = {"quarrel": _dispute(rate)}
    return scenario


def _dispute(rate: float) -> dict[str, Any]:
    return {
        "coercer": "There",
        "target": "Here",
        "rate_per_year": rate,
        "entry": {"licensing": 0.3, "slow": 0.4, "stopped": 0.3},
    }


def _ladder() -> dict[str, Any]:
    stay = {"lognormal": {"median": 60, "p90": 220}}
    return {
        "licensing": {"sojourn": {"exponential": {"mean": 300}}, "next": {"resolved": 1.0}},
        "slow": {
            "sojourn": stay,
            "next": {"resolved": 0.5, "licensing": 0.3, "stopped": 0.2},
        },
        "stopped": {"sojourn": stay, "next": {"resolved": 0.2, "slow": 0.6, "boycott": 0.2}},
        "boycott": {"sojourn": stay, "next": {"slow": 0.5, "stopped": 0.5}, "boycott": True},
    }


def _economy(materials: int, industries: int) -> dict[str, Any]:
    kinds = ("coverage", "duration", "escalation", "severity", "rerouting")
    return {
        "correlation": dict.fromkeys(kinds, 0.5),
        "materials": {f"material-{i}": _material(i) for i in range(materials)},
        "industries": {f"industry-{i}": _industry(i, materials) for i in range(industries)},
    }


def _material(i: int) -> dict[str, Any]:
    depths = {
        level: {"uniform": {"low": 0.25 * k, "high": 0.25 * (k + 1)}}
        for k, level in enumerate(_LEVELS)
    }
    return {
        "coverage": 0.7,
        "spend_per_year": 100.0,
        "price_elasticity": 0.5,
        "refill_rate": 0.1,
        "cut": depths,
        "sources": {
            "There": {"share": 0.6 + 0.02 * (i % 11)},
            "Elsewhere": {"share": 0.15, "boycott_cut": 0.5},
        },
        "alternatives": {
            "supplier": _alternative(0.20, 0.6, 180.0 + 10.0 * (i % 7)),
            "recycling": _alternative(0.05, 0.9, 240.0 + 10.0 * (i % 5)),
            "leakage": _alternative(0.10, 0.6, 60.0 + 5.0 * (i % 3)) | {"boycott_cut": 0.7},
        },
        "stocks": {
            "private": {"days": {"uniform": {"low": 20 + i % 13, "high": 60 + i % 13}}},
            "public": {"days": 15, "release_lag_days": 30, "max_release": 0.5},
        },
    }


def _alternative(capacity: float, probability: float, median_days: float) -> dict[str, Any]:
    return {
        "capacity": capacity,
        "probability": probability,
        "lead_time": {"lognormal": {"median": median_days, "p90": 2.0 * median_days}},
        "ramp_days": 120,
        "premium": 0.3,
    }


def _industry(i: int, materials: int) -> dict[str, Any]:
    return {
        "value_added_per_year": 1000.0 + 100.0 * i,
        "uses": {
            f"material-{m}": {
                "share": 0.02,
                "dependence": 0.05 + 0.01 * (m % 17),
                "inventory_days": 10 + (i + m) % 25,
            }
            for m in range(materials)
            if (i + m) % _USED_BY == 0
        },
    }
