"""Two importers that want the same spare supply, in a scenario that is known beforehand."""

from __future__ import annotations

from typing import Any

Config = dict[str, Any]


def contested_config(pool: str = "spare metal", **own: Any) -> Config:
    """Two buyers with a demand of 100 t a year each, and a pool of 60 t; nothing by chance.

    80 % of the demand of each is cut on day 0: Japan's until day 60, Korea's until day 100. From
    day 10 on each could take 60 t a year of the pool, so that 120 t of 60 t are asked for: each is
    granted 30 t a year, a half of what it asks for, at (120 / 60)^(1 / 1) = 2 times the price.
    From day 60 on Korea alone asks for 60 t a year and is granted all of it, until day 100. So the
    pool is contested on 50 days, and grants 60 * (100 - 10) / 365 t.
    """
    return {
        "run": {
            "title": "One pool, two buyers",
            "horizon_days": 200,
            "trials": 4,
            "importer": "Korea",
            "money": "EUR million",
            "valuation_date": "2026-01-01",
        },
        "ladder": {
            "ban": {"sojourn": 100, "next": {"resolved": 1.0}},
            "brief": {"sojourn": 60, "next": {"resolved": 1.0}},
        },
        "disputes": {
            "on-korea": _dispute("Korea", "ban"),
            "on-japan": _dispute("Japan", "brief"),
        },
        "materials": {
            "metal-korea": _material("Korea", pool),
            "metal-japan": _material("Japan", pool),
        },
        "pools": {pool: {"capacity_per_year": 60, "unit": "t", "scarcity_elasticity": 1, **own}},
        "industries": {
            "mills-korea": _industry("Korea", "metal-korea"),
            "mills-japan": _industry("Japan", "metal-japan"),
        },
    }


def _dispute(target: str, level: str) -> Config:
    return {"coercer": "China", "target": target, "active": {"level": level}}


def _material(importer: str, pool: str) -> Config:
    supply = {"pool": pool, "capacity": 0.6, "lead_time": 10, "premium": 0.5}
    return {
        "importer": importer,
        "spend_per_year": 365.0,
        "demand_per_year": 100,
        "cut": {"ban": 1.0, "brief": 1.0},
        "sources": {"China": {"share": 0.8}},
        "alternatives": {"market": supply},
    }


def _industry(importer: str, material: str) -> Config:
    uses = {material: {"share": 1.0, "dependence": 0.5}}
    return {"importer": importer, "value_added_per_year": 365.0, "uses": uses}
