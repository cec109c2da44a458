"""Stored results of small runs, shared by the tests of pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import riskengine
from riskengine.store.results import StoredResults, load_results

Config = dict[str, Any]

SCRIPT = "</script><img src=x onerror=alert(1)>"
NASTY = (
    SCRIPT,
    "$\\frac{1}{0}$ & {} %s @0@ <b>",
    "\u0639\u0646\u0627\u0635\u0631 gnp \u05d0\u05d1",  # right to left
    "\U0001f9f2 \U0001f468\u200d\U0001f469\u200d\U0001f467 네오디뮴 자석",
    "long-" * 58,
    "\"quoted\" 'names' `and` style=\"x\" id='y' </svg></style>",
)


def config(
    names: Sequence[str] = ("gallium", "magnets"), *, title: str = "Two materials", **run: Any
) -> Config:
    """Materials of these names, each with an industry that is named after it."""
    material = {
        "spend_per_year": 100.0,
        "coverage": 1.0,
        "cut": {"slow": 0.5, "ban": {"uniform": {"low": 0.7, "high": 1.0}}},
        "sources": {"China": {"share": 0.9, "status": "sourced"}},
        "status": "assumption",
    }
    use = {"share": 1.0, "dependence": 0.5, "inventory_days": 10, "status": "derived"}
    return {
        "run": {
            "title": title,
            "horizon_days": 365,
            "trials": 3_000,
            "importer": "Korea",
            "money": "USD million",
            "valuation_date": "2026-01-08",
            **run,
        },
        "ladder": {
            "slow": {"sojourn": {"exponential": {"mean": 40}}, "next": {"ban": 1.0}},
            "ban": {"sojourn": {"exponential": {"mean": 60}}, "next": {"resolved": 1.0}},
        },
        "disputes": {
            f"quarrel {names[0]}": {
                "coercer": "China",
                "target": "Korea",
                "rate_per_year": 0.8,
                "entry": {"slow": 1.0},
                "note": names[0],
            }
        },
        "materials": {
            name: {
                **material,
                "note": f"{name} $x$",
                "source": name,
                "alternatives": {name: {"capacity": 0.3, "probability": 0.7, "lead_time": 60}},
                "stocks": {f"{name} stock": {"days": 10 + 10 * k, "status": "guess"}},
            }
            for k, name in enumerate(names)
        },
        "industries": {
            f"{name} works": {"value_added_per_year": 5_000.0, "uses": {name: use}}
            for name in names
        },
    }


def stored(folder: Path, scenario: Config) -> StoredResults:
    """Run a config and open the results."""
    result = riskengine.simulate(riskengine.load(scenario))
    result.save(folder)
    return load_results(folder)
