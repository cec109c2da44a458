"""Small scenarios whose story is known beforehand, shared by the tests of stories."""

from __future__ import annotations

from typing import Any

from riskengine.config import load
from riskengine.play.replay import Replay, replay

Config = dict[str, Any]

HOSTILE = '=1+1 <script>alert("x")</script> & 갈륨 gnp \U0001f4a3 :bomb: [red]'


def known_config(name: str = "gallium", **industry: Any) -> Config:
    """One dispute, material and industry, in which nothing is left to chance.

    Supply falls by 40 % of demand on day 0 and by 80 % on day 20. The stock of 10 days is empty on
    day 22.5, the inventory of 3 days of consumption on day 26.25. Recycling gives 30 % from day 30;
    the path ends on day 60.
    """
    use = {
        "share": 1.0,
        "dependence": 0.5,
        "inventory_days": 3,
        "substitution_share": 0.2,
        "substitution_lag_days": 10,
    }
    supply = {"capacity": 0.3, "probability": 1.0, "lead_time": 30, "premium": 0.4}
    return {
        "run": {
            "title": "Known",
            "horizon_days": 100,
            "trials": 3,
            "importer": "Korea",
            "money": "EUR million",
            "valuation_date": "2026-01-08",
        },
        "ladder": {
            "slow": {"sojourn": 20, "next": {"ban": 1.0}},
            "ban": {"sojourn": 40, "next": {"resolved": 1.0}},
        },
        "disputes": {
            name: {"coercer": "China", "target": "Korea", "active": {"level": "slow"}},
        },
        "materials": {
            name: {
                "spend_per_year": 365.0,
                "coverage": 1.0,
                "cut": {"slow": 0.5, "ban": 1.0},
                "sources": {"China": {"share": 0.8}},
                "alternatives": {
                    f"{name} recycling": supply,
                    f"{name} mine": {**supply, "lead_time": 200},
                    f"{name} scrap": {**supply, "probability": 0.0},
                },
                "stocks": {f"{name} stock": {"days": 10}},
            }
        },
        "industries": {
            name if name != "gallium" else "chips": {
                "value_added_per_year": 3650.0,
                "uses": {name: use},
                **industry,
            }
        },
    }


def known_replay(name: str = "gallium", **industry: Any) -> Replay:
    """The one trial of that config: all of them are alike."""
    return replay(load(known_config(name, **industry)), 0, 1)
