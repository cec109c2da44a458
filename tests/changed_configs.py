"""Random changes of random configs: one kind of change for everything that a config can say.

A `Change` changes a config in place and returns whether the config has anything of its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from random_configs import LEVELS, Config

Change = Callable[[Config, Random], bool]


def _material(config: Config, r: Random) -> Config:
    found: Config = r.choice(list(config["materials"].values()))
    return found


def _industry(config: Config, r: Random) -> Config:
    found: Config = r.choice(list(config["industries"].values()))
    return found


def _in(owner: Config, r: Random) -> Config | None:
    return r.choice(list(owner.values())) if owner else None


def _part_of_material(part: str, key: str, values: list[Any]) -> Change:
    def change(config: Config, r: Random) -> bool:
        found = _in(_material(config, r)[part], r)
        if found is not None:
            found[key] = r.choice(values)
        return found is not None

    return change


def _of(pick: Callable[[Config, Random], Config], key: str, values: list[Any]) -> Change:
    def change(config: Config, r: Random) -> bool:
        pick(config, r)[key] = r.choice(values)
        return True

    return change


def _of_use(key: str, values: list[Any]) -> Change:
    def change(config: Config, r: Random) -> bool:
        found = _in(_industry(config, r)["uses"], r)
        if found is not None:
            found[key] = r.choice(values)
        return found is not None

    return change


def _of_run(key: str, values: list[Any]) -> Change:
    return _of(lambda config, _: config["run"], key, values)


def _of_dispute(key: str, values: list[Any]) -> Change:
    return _of(lambda config, r: r.choice(list(config["disputes"].values())), key, values)


def _spread_inventories(config: Config, r: Random) -> bool:
    """Let the firms of an industry hold different inventories of all that they use."""
    uses = _industry(config, r)["uses"]
    classes = r.choice([2, 3, 7])
    for use in uses.values():
        across = r.choice([9, {"exponential": {"mean": r.choice([4, 20])}}])
        use["inventory_days"] = {"across": across, "classes": classes}
    return bool(uses)


def _add_tier(config: Config, r: Random) -> bool:
    _material(config, r)["stocks"]["further"] = {"days": r.choice([4, 40]), "release_lag_days": 2}
    return True


def _add_alternative(config: Config, r: Random) -> bool:
    _material(config, r)["alternatives"]["further"] = {
        "capacity": 0.3,
        "probability": 0.8,
        "lead_time": r.choice([5, {"exponential": {"mean": 30}}]),
        "premium": 0.2,
    }
    return True


def _remove(part: str) -> Change:
    def change(config: Config, r: Random) -> bool:
        owner = _material(config, r)[part]
        return bool(owner) and owner.pop(r.choice(list(owner))) is not None

    return change


def _remove_use(config: Config, r: Random) -> bool:
    owner = _industry(config, r)["uses"]
    return bool(owner) and owner.pop(r.choice(list(owner))) is not None


def _swap_use(config: Config, r: Random) -> bool:
    """Let an industry use another material in place of one: as many uses, in the same order."""
    able = [
        (industry["uses"], others)
        for industry in config["industries"].values()
        if (others := [name for name in config["materials"] if name not in industry["uses"]])
        and industry["uses"]
    ]
    if not able:
        return False
    uses, others = r.choice(able)
    gone, other = r.choice(list(uses)), r.choice(others)
    kept = [(other if name == gone else name, use) for name, use in uses.items()]
    uses.clear()
    uses.update(kept)
    uses[other]["share"] = 0.01
    return True


def _halve_source(config: Config, r: Random) -> bool:
    r.choice(list(_material(config, r)["sources"].values()))["share"] *= 0.5
    return True


def _remove_source(config: Config, r: Random) -> bool:
    owner = _material(config, r)["sources"]
    return len(owner) > 1 and owner.pop(r.choice(list(owner))) is not None


def _propagation(config: Config, r: Random) -> bool:
    names = list(config["industries"])
    config["propagation"] = {
        "coefficients": {a: {b: 0.1 * r.random() for b in names} for a in names}
    }
    return True


def _trigger(config: Config, r: Random) -> bool:
    found = _in(config["triggers"], r)
    if found is not None:
        found["probability"] = r.random()
    return found is not None


def _correlation(config: Config, r: Random) -> bool:
    config["correlation"][r.choice(list(config["correlation"]))] = 0.25
    return True


def _sojourn(config: Config, r: Random) -> bool:
    config["ladder"][r.choice(LEVELS)]["sojourn"] = {"exponential": {"mean": r.choice([10, 90])}}
    return True


def _cut(config: Config, r: Random) -> bool:
    _material(config, r)["cut"][r.choice(LEVELS)] = r.choice([0.15, 0.9])
    return True


def _of_pool(key: str, values: list[Any]) -> Change:
    def change(config: Config, r: Random) -> bool:
        found = _in(config.get("pools", {}), r)
        if found is not None:
            found[key] = r.choice(values)
        return found is not None

    return change


def _buyer(config: Config, r: Random) -> Config | None:
    """An alternative that names a pool."""
    found = [
        alternative
        for material in config["materials"].values()
        for alternative in material["alternatives"].values()
        if "pool" in alternative
    ]
    return r.choice(found) if found else None


def _precedence(config: Config, r: Random) -> bool:
    """Let all pools serve buyers by ranks, and give each buyer one."""
    for pool in config.get("pools", {}).values():
        pool["allocation"] = "precedence"
    for material in config["materials"].values():
        for alternative in material["alternatives"].values():
            if "pool" in alternative:
                alternative["precedence"] = r.choice([-1, 0, 7])
    return "pools" in config


def _leave_pool(config: Config, r: Random) -> bool:
    buyer = _buyer(config, r)
    if buyer is not None:
        buyer.pop("pool")
        buyer.setdefault("capacity", 0.4)
    return buyer is not None


def _demand(config: Config, r: Random) -> bool:
    _material(config, r)["demand_per_year"] = r.choice([20, 900])
    return "pools" in config


_DAYS = [0, 3, 11, 90, {"gamma": {"mean": 12, "cv": 0.4}}]
_SHARES = [0.0, 0.35, 1.0]

#: what versions of one world may differ in
OF_ENTITIES: dict[str, Change] = {
    "stock": _part_of_material("stocks", "days", _DAYS),
    "release-lag": _part_of_material("stocks", "release_lag_days", [0, 5, 30]),
    "max-release": _part_of_material("stocks", "max_release", [0.1, 0.7, 1]),
    "tier-added": _add_tier,
    "tier-removed": _remove("stocks"),
    "capacity": _part_of_material("alternatives", "capacity", [0.05, 0.5]),
    "probability": _part_of_material("alternatives", "probability", _SHARES),
    "lead-time": _part_of_material("alternatives", "lead_time", [1, 45]),
    "ramp": _part_of_material("alternatives", "ramp_days", [0, 30, 90]),
    "premium": _part_of_material("alternatives", "premium", [0, 0.1, 2]),
    "alternative-added": _add_alternative,
    "alternative-removed": _remove("alternatives"),
    "source-share": _halve_source,
    "boycott-cut": _part_of_material("sources", "boycott_cut", _SHARES),
    "refill": _of(_material, "refill_rate", [0, 0.2, 0.5]),
    "spend": _of(_material, "spend_per_year", [0, 55, 300]),
    "price": _of(_material, "price_elasticity", [0.2, 0.9]),
    "allocation": _of(_material, "allocation", ["priority", "proportional"]),
    "dependence": _of_use("dependence", _SHARES),
    "inventory": _of_use("inventory_days", [0, 4, 60]),
    "firms-differ": _spread_inventories,
    "substitution": _of_use("substitution_share", _SHARES),
    "substitution-lag": _of_use("substitution_lag_days", [0, 10]),
    "share": _of_use("share", [0.01, 0.05]),
    "priority": _of_use("priority", [0, 5]),
    "use-removed": _remove_use,
    "use-swapped": _swap_use,
    "value-added": _of(_industry, "value_added_per_year", [10, 5000]),
    "combine": _of(_industry, "combine", ["bottleneck", "independent"]),
    "min-rate": _of(_industry, "min_operating_rate", [0, 0.6]),
    "recapture": _of(_industry, "recapture", [0, 0.5]),
    "propagation": _propagation,
    "pool-capacity": _of_pool("capacity_per_year", [0, 3, 25, {"uniform": {"low": 1, "high": 90}}]),
    "pool-allocation": _of_pool("allocation", ["proportional", "precedence", "first-come"]),
    "pool-elasticity": _of_pool("scarcity_elasticity", [0.3, 0.8]),
    "pool-cap": _of_pool("scarcity_cap", [1, 1.2]),
    "pool-left": _leave_pool,
    "precedence": _precedence,
    "demand": _demand,
}

#: what changes the paths of some trials
OF_WORLDS: dict[str, Change] = {
    "rate": _of_dispute("rate_per_year", [0.1, 4]),
    "trigger": _trigger,
    "correlation": _correlation,
    "sojourn": _sojourn,
    "coverage": _of(_material, "coverage", [0.2, 0.9]),
    "cut": _cut,
    "source-removed": _remove_source,
    "importer": _of(_material, "importer", ["Korea", "Japan"]),
    "horizon": _of_run("horizon_days", [150, 500]),
}
