"""Random mitigation studies, and what they must find, in the slow obvious way.

`random_study(number)` is a pure function of its number: a config of `random_configs` with up to
eight options of all kinds. `Study` then reads the rules a second time: portfolios are subsets from
itertools, the values of options are written into the document by hand, and each portfolio is a run
of its own.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
from random_configs import LEVELS, Config, random_config

import riskengine
from riskengine.config.mitigation.load import load_mitigation
from riskengine.errors import ConfigFault

TRIALS, SEED = 120, 5
MOST_OPTIONS = 8
MEASURES = ("mean", "var", "tvar", "prob_loss")

Path = tuple[str, ...]
Names = tuple[str, ...]  #: of a portfolio's options, in the order of the config
Changes = list[tuple[str, Path, Any]]  #: "set" or "add", the path, and the value
Make = Callable[[Config, Random], Changes]


def _one(config: Config, r: Random, *kinds: str) -> Path | None:
    """The path of a random member of a member, such as a stock of a material."""
    path: Path = ()
    held: Any = config
    for kind in kinds:
        members = list(held.get(kind, {}))
        if not members:
            return None
        name = r.choice(members)
        path, held = (*path, kind, name), held[kind][name]
    return path


def _setting(kinds: Path, key: str, values: list[Any]) -> Make:
    def make(config: Config, r: Random) -> Changes:
        at = _one(config, r, *kinds)
        return [] if at is None else [("set", (*at, key), r.choice(values))]

    return make


def _more_stock(config: Config, r: Random) -> Changes:
    at = _one(config, r, "materials", "stocks")
    if at is None or not isinstance(_found(config, at)["days"], int):
        return []
    return [("add", (*at, "days"), r.choice([4, 20]))]


def _new(kinds: Path, table: str, values: Config) -> Make:
    def make(config: Config, r: Random) -> Changes:
        at = _one(config, r, *kinds) if kinds else ()
        return [] if at is None else [("set", (*at, table, "new"), values)]

    return make


def _new_use(config: Config, r: Random) -> Changes:
    used = Counter[str]()
    for industry in config["industries"].values():
        for name, use in industry["uses"].items():
            used[name] += use["share"]
    pairs = [
        (industry, material)
        for industry, its in config["industries"].items()
        for material in config["materials"]
        if material not in its["uses"] and used[material] < 0.9
    ]
    if not pairs:
        return []
    industry, material = r.choice(pairs)
    use = {"share": 0.05, "dependence": 0.4}
    return [("set", ("industries", industry, "uses", material), use)]


def _propagation(config: Config, r: Random) -> Changes:
    buyer, seller = (r.choice(list(config["industries"])) for _ in range(2))
    path = ("propagation", "coefficients", buyer, seller)
    return [("set", path, r.choice([0.0, 0.3]))] if "propagation" in config else []


def _new_trigger(config: Config, r: Random) -> Changes:
    when, starts = r.sample(list(config["disputes"]), 2)
    values = {"when": when, "reaches": r.choice(LEVELS), "starts": starts, "probability": 0.8}
    return [("set", ("triggers", "new"), {**values, "lag": {"exponential": {"mean": 9}}})]


def _cut(config: Config, r: Random) -> Changes:
    name = r.choice(list(config["materials"]))
    return [("set", ("materials", name, "cut", r.choice(LEVELS)), r.choice([0.15, 0.9]))]


def _correlation(config: Config, r: Random) -> Changes:
    return [("set", ("correlation", r.choice(list(config["correlation"]))), 0.25)]


def _several(config: Config, r: Random) -> Changes:
    found = [
        change
        for kind in r.sample(["stock", "more stock", "inventory", "probability", "sojourn"], 3)
        for change in KINDS[kind](config, r)
    ]
    return list({path: (how, path, value) for how, path, value in found}.values())


_STOCK, _ALTERNATIVE = ("materials", "stocks"), ("materials", "alternatives")
_USE = ("industries", "uses")

#: what an option may do; those of `OF_PATHS` change the disputes or the ladder
KINDS: dict[str, Make] = {
    "stock": _setting(_STOCK, "days", [0, 3, 11, 90, {"gamma": {"mean": 12, "cv": 0.4}}]),
    "more stock": _more_stock,
    "release lag": _setting(_STOCK, "release_lag_days", [0, 5, 30]),
    "largest release": _setting(_STOCK, "max_release", [0.1, 0.7, 1]),
    "capacity": _setting(_ALTERNATIVE, "capacity", [0.05, 0.5]),
    "probability": _setting(_ALTERNATIVE, "probability", [0.0, 0.35, 1.0]),
    "lead time": _setting(_ALTERNATIVE, "lead_time", [1, 45]),
    "premium": _setting(_ALTERNATIVE, "premium", [0, 2]),
    "new stock": _new(("materials",), "stocks", {"days": 25, "release_lag_days": 3}),
    "new alternative": _new(
        ("materials",),
        "alternatives",
        {"capacity": 0.6, "lead_time": 80, "lead_from": "start", "probability": 0.9},
    ),
    "spare supply": _setting(("pools",), "capacity_per_year", [3, 120]),
    "refill": _setting(("materials",), "refill_rate", [0, 0.5]),
    "spend": _setting(("materials",), "spend_per_year", [0, 300]),
    "allocation": _setting(("materials",), "allocation", ["priority", "proportional"]),
    "source": _setting(("materials", "sources"), "share", [0.01]),
    "boycott cut": _setting(("materials", "sources"), "boycott_cut", [0.0, 1.0]),
    "dependence": _setting(_USE, "dependence", [0.0, 0.35]),
    "inventory": _setting(_USE, "inventory_days", [4, 60]),
    "substitution": _setting(_USE, "substitution_share", [0.35, 1.0]),
    "priority": _setting(_USE, "priority", [0, 5]),
    "new use": _new_use,
    "value added": _setting(("industries",), "value_added_per_year", [10, 5000]),
    "operating rate": _setting(("industries",), "min_operating_rate", [0, 0.6]),
    "combine": _setting(("industries",), "combine", ["bottleneck", "independent"]),
    "recapture": _setting(("industries",), "recapture", [0.5]),
    "new industry": _new((), "industries", {"value_added_per_year": 50, "uses": {}}),
    "propagation": _propagation,
    "coverage": _setting(("materials",), "coverage", [0.2, 0.9]),
    "rate": _setting(("disputes",), "rate_per_year", [0.1, 4]),
    "trigger": _setting(("triggers",), "probability", [0.0, 1.0]),
    "new trigger": _new_trigger,
    "sojourn": _setting(("ladder",), "sojourn", [{"exponential": {"mean": 10}}, 30]),
    "cut": _cut,
    "correlation": _correlation,
    "several": _several,
    "only a cost": lambda config, r: [],
}
OF_PATHS = ("coverage", "rate", "trigger", "new trigger", "sojourn", "correlation")


def _found(config: Config, path: Path) -> Any:
    held: Any = config
    for key in path:
        held = held[key]
    return held


@dataclass
class Option:
    """One option as the generator made it."""

    name: str
    kind: str
    changes: Changes
    cost: float  #: present value, computed by hand
    table: Config  #: as the config has it; empty for a step of a range


@dataclass
class Study:
    """A config with a mitigation, and the second reading of it."""

    config: Config  #: without `mitigation`
    table: Config  #: `mitigation`
    options: list[Option]
    rules: Counter[str] = field(default_factory=Counter)  #: what it has
    _runs: dict[tuple[Names, int], Any] = field(default_factory=dict)

    @property
    def document(self) -> Config:
        """What `mitigate` reads."""
        return {**copy.deepcopy(self.config), "mitigation": copy.deepcopy(self.table)}

    @property
    def level(self) -> float:
        return float(self.table["level"])

    @property
    def measure(self) -> str:
        return str(self.table["measure"])

    def written(self, names: Names) -> Config:
        """The config with the values of a portfolio, and of what is fixed, written into it."""
        config = copy.deepcopy(self.config)
        held = [each for each in self.options if each.name in names or each.table.get("fixed")]
        for wanted in ("set", "add"):
            for option in held:
                for how, path, value in option.changes:
                    if how == wanted:
                        owner = config
                        for key in path[:-1]:
                            owner = owner.setdefault(key, {})
                        value = copy.deepcopy(value)
                        owner[path[-1]] = owner[path[-1]] + value if how == "add" else value
        return config

    def run(self, names: Names, first_trial: int = 0) -> Any:
        """The run of a portfolio."""
        if (names, first_trial) not in self._runs:
            scenario = riskengine.load(self.written(names))
            self._runs[names, first_trial] = riskengine.simulate(
                scenario, trials=TRIALS, seed=SEED, first_trial=first_trial, threads=1
            )
        return self._runs[names, first_trial]

    def figures(self, names: Names, first_trial: int = 0) -> dict[str, float]:
        """Mean, value at risk, tail value at risk and probability of a loss, by the run."""
        result = self.run(names, first_trial)
        return {
            "mean": result.mean(),
            "var": result.var(self.level),
            "tvar": result.tvar(self.level),
            "prob_loss": float(np.mean(result.losses["total"] > 0.0)),
        }

    @cached_property
    def portfolios(self) -> dict[Names, dict[str, float]]:
        """All subsets that keep the rules and that the largest budget pays for, and limits too."""
        most = max(self.table.get("budgets", [float("inf")]))
        return {names: self.figures(names) for names in self.allowed() if self.cost(names) <= most}

    def allowed(self) -> Iterator[Names]:
        """All subsets that keep groups, exclusions and requirements."""
        free = [each for each in self.options if not each.table.get("fixed")]
        fixed = [each for each in self.options if each.table.get("fixed")]
        for size in range(len(free) + 1):
            for held in combinations(free, size):
                if self._is_allowed([*held, *fixed]):
                    yield tuple(each.name for each in held)

    def _is_allowed(self, held: list[Option]) -> bool:
        names = {each.name for each in held}
        for one in held:
            if not set(one.table.get("requires", ())) <= names:
                return False
            if names & set(one.table.get("excludes", ())):
                return False
        groups = [each.table["group"] for each in held if "group" in each.table]
        return len(groups) == len(set(groups))

    def cost(self, names: Names) -> float:
        return float(sum(each.cost for each in self.options if each.name in names))

    def keeps_limits(self, names: Names) -> bool:
        """Whether a portfolio keeps every limit, measured on its run."""
        if not self.table.get("limits"):
            return True
        result = self.run(names)
        return all(
            self.limited(result, limit) <= most for limit, most in self.table["limits"].items()
        )

    def limited(self, result: Any, limit: str) -> float:
        """What a limit measures; those of the generator are of two forms."""
        if limit == "mean":
            return float(result.mean())
        _, _, industry = limit.partition(" industry ")
        losses = np.sort(result.losses[f"industry:{industry}"].to_numpy())
        return float(losses[int(np.ceil(0.9 * len(losses))) - 1])

    def best(self, budget: float) -> tuple[Names | None, Names | None]:
        """The best portfolio at a budget and the second best.

        The second best is not the best with options that do nothing beside it.
        """
        known = self.portfolios
        places = {each.name: place for place, each in enumerate(self.options)}
        able = [names for names in known if self.cost(names) <= budget and self.keeps_limits(names)]
        able.sort(
            key=lambda names: (
                known[names][self.measure],
                self.cost(names),
                len(names),
                [places[name] for name in names],
            )
        )
        if not able:
            return None, None
        first, *others = able
        value = known[first][self.measure]
        others = [
            names
            for names in others
            if known[names][self.measure] != value or not set(first) <= set(names)
        ]
        return first, others[0] if others else None

    def steps(self) -> list[tuple[float, Names]]:
        """The whole frontier: each cost at which the best value falls, and the best there."""
        found: list[tuple[float, Names]] = []
        lowest = float("inf")
        for cost in sorted({self.cost(names) for names in self.portfolios}):
            names, _ = self.best(cost)
            if names is not None and self.portfolios[names][self.measure] < lowest:
                lowest = self.portfolios[names][self.measure]
                found.append((cost, names))
        return found


def name_of(names: Names) -> str:
    return " + ".join(names) or "nothing"


def random_study(number: int, **given: Any) -> Study:
    """A study without faults; keyword arguments replace keys of its table."""
    for attempt in range(40):
        r = Random(f"study {number} {attempt}")
        # Not even parts of it are the same objects: values are written into some of them.
        config = json.loads(json.dumps(random_config(number)))
        study = _drawn(config, r, given)
        try:
            load_mitigation(study.document)
        except ConfigFault:
            continue
        return study
    raise AssertionError(f"no study {number}")


def _drawn(config: Config, r: Random, given: Config) -> Study:
    years, rate = r.choice([(1, 0.0), (10, 0.0), (7, 0.05)])
    table: Config = {
        "measure": r.choice(MEASURES),
        "level": r.choice([0.8, 0.9, 0.97]),
        "years": years,
        "discount_rate": rate,
        "options": {},
    }
    options: list[Option] = []
    rules: Counter[str] = Counter()
    drawn = r.choices(list(KINDS), k=r.randint(4, MOST_OPTIONS - 2))
    several = _more_stock(config, r) if r.random() < 0.4 else []
    for place, kind in enumerate([*drawn, *["more stock"] * (2 * len(several))]):
        changes = several if place >= len(drawn) else KINDS[kind](config, r)
        if changes or kind == "only a cost":
            cost, value = _cost(r, years, rate)
            own: Config = {"cost": cost, "kind": kind}
            options.append(Option(f"o{place}", kind, changes, value, own))
    for option in options:
        _rule(option, options, r, rules)
    if len(options) < MOST_OPTIONS - 2 and r.random() < 0.5:
        options += _range(config, table, r, years, rate, rules)
    for option in options:
        if option.table:
            for how in ("set", "add"):
                own = {".".join(p): v for each, p, v in option.changes if each == how}
                if own:
                    option.table[how] = own
            table["options"][option.name] = option.table
    for option in options:
        option.table = option.table or {"group": option.name.partition("=")[0]}
    _budgets(options, table, r, rules)
    study = Study(config, table | given, options, rules)
    _limit(study, r)
    return study


def _cost(r: Random, years: int, rate: float) -> tuple[Any, float]:
    """A cost, and its present value in so many words."""
    if r.random() < 0.5:
        upfront = r.randint(0, 9)
        return upfront, float(upfront)
    upfront, yearly, recovered = r.randint(5, 9), r.randint(0, 2), r.randint(0, 4)
    value = upfront - recovered / (1 + rate) ** years
    for year in range(1, years + 1):
        value += yearly / (1 + rate) ** year
    return {"upfront": upfront, "yearly": yearly, "recovered": recovered}, value


def _rule(option: Option, options: list[Option], r: Random, rules: Counter[str]) -> None:
    """Give an option a rule, or a group with those that say something else of the same path."""
    earlier = options[: options.index(option)]
    for other in earlier:
        if _contradict(option, other):
            rules["same path"] += 1
            if "group" not in other.table and "group" not in option.table and r.random() < 0.6:
                option.table["group"] = other.table["group"] = f"of {other.name}"
            else:
                option.table.setdefault("excludes", []).append(other.name)
    chance = r.random()
    if chance < 0.15 and "group" not in option.table:
        option.table["group"] = r.choice(["first", "second"])
        rules["group"] += 1
    elif chance < 0.35 and earlier:
        option.table["requires"] = [r.choice(earlier).name]
        rules["requires"] += 1
    elif chance < 0.5 and earlier:
        option.table.setdefault("excludes", []).append(r.choice(earlier).name)
        rules["excludes"] += 1
    elif chance < 0.56:
        option.table["fixed"] = True
        rules["fixed"] += 1
    adds = [path for how, path, _ in option.changes if how == "add"]
    rules["one path, several adds"] += any(
        how == "add" and path in adds for each in earlier for how, path, _ in each.changes
    )


def _contradict(one: Option, other: Option) -> bool:
    return any(
        first[: len(second)] == second[: len(first)] and value != another
        for how, first, value in one.changes
        for how_else, second, another in other.changes
        if how == how_else == "set"
    )


def _range(
    config: Config, table: Config, r: Random, years: int, rate: float, rules: Counter[str]
) -> list[Option]:
    at = _one(config, r, "materials", "stocks")
    if at is None or not isinstance(_found(config, at)["days"], int):
        return []
    base = _found(config, at)["days"]
    cost, value = _cost(r, years, rate)
    path = (*at, "days")
    table["ranges"] = {
        "range": {
            "path": ".".join(path),
            "low": 0,
            "high": base + 12,
            "step": 6,
            "cost_per_unit": cost,
        }
    }
    rules["range"] += 1
    return [
        Option(f"range={days}", "range", [("set", path, days)], value * (days - base), {})
        for days in range(0, base + 13, 6)
        if days > base
    ]


def _budgets(options: list[Option], table: Config, r: Random, rules: Counter[str]) -> None:
    """Budgets that buy some options to the last cent, or others with a little left."""
    if r.random() < 0.25:
        rules["whole frontier"] += 1
        return
    costs = [each.cost for each in options if not each.table.get("fixed")]
    if not costs:
        return
    sums = {sum(r.sample(costs, r.randint(1, len(costs)))) for _ in range(3)}
    table["budgets"] = sorted({each + r.choice([0.0, 0.25]) for each in (*sums, max(costs))})


def _limit(study: Study, r: Random) -> None:
    """Limits that some portfolios miss by a hair and others keep."""
    if r.random() >= 0.3:
        return
    limit = "mean" if r.random() < 0.5 else "var 0.9 industry i0"
    base = study.limited(study.run(()), limit)
    study.table["limits"] = {limit: base * r.choice([0.6, 0.9, 1.0])}
    study.rules["limit"] += 1
