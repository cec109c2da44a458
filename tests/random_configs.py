"""Random configs that together use every mechanism of the model.

`random_config(number)` is a pure function of its number. Figures come from short lists that make
mechanisms meet: stocks that run out, cuts that coincide, ties, zeros and ones.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

Config = dict[str, Any]

LEVELS = ["slow", "stop", "boycott"]
COERCERS = ["China", "Bolivia", "Chad"]
IMPORTERS = ["Korea", "Japan"]


def random_config(number: int) -> Config:
    """A valid config with one to four materials and industries."""
    r = Random(number)
    materials = {f"m{k}": _material(r) for k in range(r.randint(1, 4))}
    disputes = _disputes(r, materials)
    industries = {f"i{k}": _industry(r) for k in range(r.randint(1, 4))}
    _add_uses(r, materials, industries)
    config: Config = {
        "run": {"horizon_days": r.choice([200, 400, 800]), "importer": "Korea", "trials": 10},
        "ladder": {level: _rung(r, level) for level in LEVELS},
        "disputes": disputes,
        "triggers": {f"t{k}": _trigger(r, list(disputes)) for k in range(r.randint(0, 4))},
        "materials": materials,
        "industries": industries,
        "correlation": {
            kind: r.choice([0, 0.5, 1])
            for kind in ("coverage", "duration", "escalation", "severity", "rerouting")
        },
    }
    _add_building(Random(f"building {number}"), materials)
    _spread_inventories(Random(f"firms {number}"), industries)
    _add_pools(Random(f"pools {number}"), config)
    if r.random() < 0.15:
        _make_twins(config)
    if r.random() < 0.5:
        config["propagation"] = {
            "coefficients": {i: {j: 0.2 * r.random() for j in industries} for i in industries}
        }
    return config


def _distribution(r: Random, size: float) -> Config:
    families: list[Config] = [
        {"exponential": {"mean": size}},
        {"lognormal": {"median": size, "p90": 3 * size}},
        {"lognormal": {"mean": size, "cv": 0.8}},
        {"lognormal": {"mu": math.log(size), "sigma": 0.5}},
        {"weibull": {"shape": 0.9, "scale": size}},
        {"weibull": {"median": size, "p90": 2.5 * size}},
        {"gamma": {"shape": 2, "scale": size / 2}},
        {"gamma": {"mean": size, "cv": 0.6}},
        {"loglogistic": {"median": size, "shape": 2.2}},
        {"pareto": {"minimum": size / 2, "shape": 2.5}},
        {"uniform": {"low": size / 2, "high": 2 * size}},
        {"triangular": {"low": size / 2, "mode": size, "high": 2 * size}},
        {"pert": {"low": size / 2, "mode": size, "high": 2 * size}},
        {"empirical": {"values": [size / 2, size, size * 1.3], "weights": [1, 2, 3]}},
    ]
    chosen = r.choice(families)
    if r.random() < 0.25:
        chosen = {**chosen, "min": 0.6 * size, "max": 1.9 * size}
    return chosen


def _fraction(r: Random) -> float | Config:
    choices: list[float | Config] = [
        0.0,
        0.3,
        0.5,
        1.0,
        {"beta": {"mean": 0.5, "sd": 0.2}},
        {"beta": {"alpha": 2, "beta": 3}},
        {"uniform": {"low": 0.2, "high": 0.9}},
    ]
    return r.choice(choices)


def _shares(r: Random, count: int, total: float) -> list[float]:
    weights = [r.random() + 0.05 for _ in range(count)]
    return [total * weight / sum(weights) for weight in weights]


def _rung(r: Random, level: str) -> Config:
    probabilities = dict(zip(["resolved", *LEVELS], _shares(r, 4, 1.0), strict=True))
    if r.random() < 0.5:
        gone = probabilities.pop(r.choice(LEVELS))
        probabilities["resolved"] += gone
    sojourn = 25 if r.random() < 0.15 else _distribution(r, 40)
    return {"sojourn": sojourn, "next": probabilities, "boycott": level == "boycott"}


def _disputes(r: Random, materials: Config) -> Config:
    pairs = [(coercer, target) for coercer in COERCERS for target in IMPORTERS]
    pairs.append(("China", "Zambia"))
    r.shuffle(pairs)
    disputes = {}
    for k, (coercer, target) in enumerate(pairs[: r.randint(2, 5)]):
        dispute: Config = {
            "coercer": coercer,
            "target": target,
            "rate_per_year": r.choice([0, 0.5, 2]),
            "entry": {"slow": 0.5, "stop": 0.3, "boycott": 0.2},
        }
        if r.random() < 0.5:
            dispute["active"] = {"level": r.choice(LEVELS), "elapsed_days": r.choice([0, 3, 15])}
            concerned = [
                name
                for name, material in materials.items()
                if material.get("importer", "Korea") == target and coercer in material["sources"]
            ]
            if concerned and r.random() < 0.4:
                dispute["active"]["materials"] = r.sample(concerned, r.randint(1, len(concerned)))
        disputes[f"d{k}"] = dispute
    return disputes


def _trigger(r: Random, disputes: list[str]) -> Config:
    return {
        "when": r.choice(disputes),
        "reaches": r.choice(LEVELS),
        "starts": r.choice(disputes),
        "probability": r.random(),
        "lag": _distribution(r, 20),
    }


def _material(r: Random) -> Config:
    countries = r.sample([*COERCERS, "Norway"], r.randint(1, 4))
    shares = _shares(r, len(countries), r.choice([1.0, 0.8]))
    material: Config = {
        "spend_per_year": r.choice([0, 100]),
        "coverage": r.choice([1, 0.7]),
        "cut": {level: _fraction(r) for level in LEVELS},
        "sources": {
            country: {"share": share, "boycott_cut": _fraction(r)}
            for country, share in zip(countries, shares, strict=True)
        },
        "refill_rate": r.choice([0, 0.1, 0.3]),
        "allocation": r.choice(["priority", "proportional"]),
        "alternatives": {f"a{j}": _alternative(r) for j in range(r.randint(0, 3))},
        "stocks": {f"s{j}": _tier(r) for j in range(r.randint(0, 3))},
    }
    if r.random() < 0.5:
        material["price_elasticity"] = r.choice([0.3, 1.5])
        material["price_cap"] = r.choice([10, 2])
    if r.random() < 0.3:
        material["ladder"] = {
            "slow": {"sojourn": _distribution(r, 60)},
            "stop": {"next": {"resolved": 1.0}},
        }
    if r.random() < 0.3:
        material["importer"] = "Japan"
    return material


def _alternative(r: Random) -> Config:
    return {
        "capacity": r.choice([0.1, 0.3, {"uniform": {"low": 0.1, "high": 0.4}}]),
        "probability": r.random(),
        "lead_time": _distribution(r, 30),
        "ramp_days": r.choice([0, 60]),
        "ramp_steps": r.choice([1, 4, 7]),
        "premium": r.choice([0, 0.4, {"exponential": {"mean": 0.4}}]),
        "boycott_cut": _fraction(r),
    }


def _tier(r: Random) -> Config:
    return {
        "days": r.choice([0, 5, 20, {"gamma": {"mean": 10, "cv": 0.5}}]),
        "release_lag_days": r.choice([0, 7]),
        "max_release": r.choice([1, 0.2]),
    }


def _add_building(r: Random, materials: Config) -> None:
    """Let some alternatives and stocks be under construction from time 0 on.

    `r` is not the source of the rest of the config, which these settings therefore do not change.
    """
    for material in materials.values():
        for alternative in material["alternatives"].values():
            if r.random() < 0.4:
                alternative["lead_from"] = "start"
                alternative["lead_time"] = _distribution(r, r.choice([30, 120]))
                alternative["ramp_days"] = r.choice([0, 240, 600])
        for tier in material["stocks"].values():
            if r.random() < 0.4:
                tier["build_rate"] = r.choice([0.05, 0.3])
                if r.random() < 0.7:
                    tier["target_days"] = r.choice([3, 15, 45])


def _industry(r: Random) -> Config:
    return {
        "value_added_per_year": r.choice([100, 1000]),
        "combine": r.choice(["bottleneck", "independent"]),
        "min_operating_rate": r.choice([0, 0.3, 0.8]),
        "recapture": r.choice([0, 0.2]),
        "uses": {},
    }


def _add_uses(r: Random, materials: Config, industries: Config) -> None:
    for material in materials:
        users = [industry for industry in industries.values() if r.random() < 0.8]
        shares = _shares(r, len(users), r.choice([1.0, 0.75]))
        for industry, share in zip(users, shares, strict=True):
            industry["uses"][material] = {
                "share": share,
                "dependence": r.choice([1, 0.6, r.random()]),
                "inventory_days": r.choice([0, 8]),
                "substitution_share": r.choice([0, 0.4]),
                "substitution_lag_days": r.choice([0, 30]),
                "priority": r.choice([0, 1, 2]),
            }


def _spread_inventories(r: Random, industries: Config) -> None:
    """Let the firms of some industries differ; `r` is not the source of the rest of the config."""
    for industry in industries.values():
        if r.random() < 0.35:
            classes = r.choice([{}, {"classes": 1}, {"classes": 2}, {"classes": 7}])
            for use in industry["uses"].values():
                if r.random() < 0.7:
                    across = r.choice([12, _distribution(r, r.choice([4, 15]))])
                    use["inventory_days"] = {"across": across, **classes}


def _add_pools(r: Random, config: Config) -> None:
    """Let alternatives of several materials want the same spare supply in some configs.

    `r` is not the source of the rest of the config.
    """
    if r.random() < 0.3:
        return
    names = [f"p{k}" for k in range(r.choice([1, 1, 2, 3]))]
    config["pools"] = {name: _pool(r) for name in names}
    for material in config["materials"].values():
        if not material["alternatives"] and r.random() < 0.6:
            material["alternatives"] = {f"a{j}": _alternative(r) for j in range(r.randint(1, 3))}
        material["demand_per_year"] = r.choice([40, 100, 300])
        own = list(material["alternatives"].values())
        most = min(len(own), len(names))
        chosen = sorted(r.sample(range(len(own)), r.randint(min(1, most), most)))
        wanted = sorted(r.sample(names, len(chosen)))
        for place, name in zip(chosen, wanted, strict=True):
            own[place] |= {"pool": name, "precedence": r.choice([0, 0, 1, 2.5])}
            own[place] |= {"probability": r.choice([1, 0.8]), "lead_time": r.choice([5, 20])}
            if r.random() < 0.4:
                del own[place]["capacity"]


def _pool(r: Random) -> Config:
    pool: Config = {
        "capacity_per_year": r.choice([0, 6, 15, 30, 80, {"uniform": {"low": 5, "high": 60}}]),
        "allocation": r.choice(["proportional", "precedence", "first-come"]),
    }
    if r.random() < 0.5:
        pool["scarcity_elasticity"] = r.choice([0.4, 2])
        pool["scarcity_cap"] = r.choice([10, 1.5])
    return pool


def _make_twins(config: Config) -> None:
    """Give an industry two materials that are alike in all but name: ties of the bottleneck."""
    config["correlation"] = dict.fromkeys(config["correlation"], 1)
    twin = config["materials"]["m0"]
    for name, industry in config["industries"].items():
        if "m0" in industry["uses"]:
            industry["combine"] = "bottleneck"
            industry["uses"]["twin"] = dict(industry["uses"]["m0"])
            config["industries"][name] = industry
    twin["coverage"] = 1
    twin["alternatives"] = {}
    twin["stocks"] = {}
    twin["sources"] = {c: {"share": s["share"]} for c, s in twin["sources"].items()}
    config["materials"]["twin"] = twin
    for dispute in config["disputes"].values():
        dispute.get("active", {}).pop("materials", None)
