"""The whole simulator in plain Python: slow, literal, the oracle for the compiled engine.

One function, or a few, per section of the model, in the order of the model. It shares no code
with the engine: it reads the merged config as a plain dict, asks for one uniform at a time by
name, and keeps every quantity as a step function of time that is exact between events.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

from scipy import stats
from scipy.special import ndtr, ndtri

YEAR_DAYS = 365.0
NEVER = math.inf
NOTHING = 1e-12  # a gap, shortage, short fraction, stock or inventory below this counts as zero
RESOLVED = "resolved"
SOLO = ""  # the material name under which a dispute that concerns no material walks the ladder

Table = dict[str, Any]
Uniform = Callable[[str, tuple[str, ...], int, int], float]
Draw = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one trial yields (section 7): money, days and counts, by name."""

    total: float
    largest_spell: float  # the largest loss of a single spell
    industry_loss: dict[str, float]  # the sum of the four components that follow
    output: dict[str, float]
    rerouting: dict[str, float]
    price: dict[str, float]
    indirect: dict[str, float]  # by the industry that suffers it
    loss_days: dict[str, float]  # by industry: days with o(t) > 0
    stopped_days: dict[str, float]  # by industry: days with o(t) = 1
    first_loss_day: dict[str, float | None]  # by industry: None if there is no output loss
    material_loss: dict[str, float]  # attribution of the total
    cut_days: dict[str, float]  # by material: days with lost(t) > 0
    cut_weighted_days: dict[str, float]  # by material: integral of lost(t), days of normal demand
    shortage_days: dict[str, float]  # by material: days of normal demand
    contested_days: dict[str, float]  # by pool: days on which more is asked for than there is
    pool_used: dict[str, float]  # by pool: what it grants, in its unit
    level_days: dict[str, list[float]]  # by material: days on which each level is its deepest
    deepest_level: dict[str, int]  # by material: position in the ladder, -1 if on no level
    episodes: dict[str, int]  # by dispute: those that began before the horizon
    mechanisms: frozenset[str]  # what had an effect in this trial


def simulate_trial(config: Table, uniform: Uniform) -> Trial:
    """Play one trial of the merged config with the given uniforms."""
    scene = Scene(config, uniform)
    episodes = break_out(scene)
    sides = {name: supply_side(scene, name, episodes) for name in scene.materials}
    settlement = settle(scene, sides)
    supplies = {name: supply(scene, name, sides[name], settlement) for name in scene.materials}
    needs = uses(scene, supplies)
    operations = {name: operate(scene, name, needs) for name in scene.industries}
    ledger = [*output_lines(scene, operations), *cost_lines(scene, supplies)]
    return add_up(scene, episodes, supplies, settlement, operations, ledger)


# --- The scene: defaults of the config, scores, and a notebook of what really had an effect ---

DEFAULTS: dict[str, Table] = {
    "ladder": {"boycott": False},
    "disputes": {"rate_per_year": 0.0, "active": None},
    "materials": {
        "spend_per_year": 0.0, "coverage": 1.0, "cut": {}, "price_elasticity": None,
        "price_cap": 10.0, "refill_rate": 0.0, "allocation": "proportional", "ladder": {},
    },
    "sources": {"boycott_cut": 0.0},
    "alternatives": {
        "probability": 1.0, "ramp_days": 0.0, "ramp_steps": 4, "premium": 0.0, "boycott_cut": 0.0,
        "lead_from": "first-cut", "capacity": 1.0, "pool": None, "precedence": 0,
    },
    "pools": {"allocation": "proportional", "scarcity_elasticity": None, "scarcity_cap": 10.0},
    "stocks": {
        "release_lag_days": 0.0, "max_release": 1.0, "build_rate": 0.0, "target_days": 0.0,
    },
    "industries": {"combine": "bottleneck", "min_operating_rate": 0.0, "recapture": 0.0},
    "uses": {
        "inventory_days": 0.0, "priority": 0,
        "substitution_share": 0.0, "substitution_lag_days": 0.0,
    },
}  # fmt: skip
PARTS = {"materials": ("sources", "alternatives", "stocks"), "industries": ("uses",)}
REMARKS = {"title", "note", "source", "status"}
DECISIONS = ("coverage", "duration", "escalation", "severity", "rerouting")


def without_remarks(table: Any) -> Any:
    """The same table without its remarks, which any table of a config may carry."""
    if not isinstance(table, dict):
        return table
    remarks = {key for key in REMARKS & table.keys() if isinstance(table[key], (str, list))}
    return {key: without_remarks(table[key]) for key in table if key not in remarks}


def filled(kind: str, table: Table) -> dict[str, Table]:
    """The collection `kind` of a table, every entry with its defaults."""
    entries = {name: DEFAULTS[kind] | entry for name, entry in table.get(kind, {}).items()}
    for entry in entries.values():
        entry |= {part: filled(part, entry) for part in PARTS.get(kind, ())}
    return entries


class Scene:
    """One config with its defaults, the uniforms of one trial, and the mechanisms seen so far."""

    def __init__(self, config: Table, uniform: Uniform) -> None:
        config = without_remarks(config)
        self.uniform = uniform
        self.mechanisms: set[str] = set()
        self.horizon = float(config["run"]["horizon_days"])
        self.ladder = filled("ladder", config)
        self.levels = list(self.ladder)
        self.disputes = filled("disputes", config)
        self.triggers = config.get("triggers", {})
        self.correlation = dict.fromkeys(DECISIONS, 0.0) | config.get("correlation", {})
        self.industries = filled("industries", config)
        self.propagation = config.get("propagation", {}).get("coefficients", {})
        self.materials = filled("materials", config)
        self.pools = filled("pools", config)
        for material in self.materials.values():
            material.setdefault("importer", config["run"].get("importer"))

    def saw(self, mechanism: str, happened: bool = True) -> None:
        """Note that a mechanism had an effect."""
        if happened:
            self.mechanisms.add(mechanism)

    def score(
        self, decision: str, purpose: str, own: tuple[str, ...], shared: tuple[str, ...],
        episode: int = 0, step: int = 0,
    ) -> float:  # fmt: skip
        """u = Phi(z), z = sqrt(rho) Z + sqrt(1 - rho) e (section 2, dependence).

        A dispute that concerns no material has nothing to share Z with: its own score is all of z.
        """
        rho = self.correlation[decision]
        shares_nothing = own[-1] == ""  # a dispute that concerns no material walks alone
        if rho == 0 or shares_nothing:
            return self.uniform(purpose, own, episode, step)
        self.saw(f"correlation:{decision}")
        systemic = self.uniform(purpose, shared, episode, step)
        if rho == 1:
            return systemic
        e = ndtri(self.uniform(purpose, own, episode, step))
        return float(ndtr(math.sqrt(rho) * ndtri(systemic) + math.sqrt(1.0 - rho) * e))

    def independent(self, distribution: Any, purpose: str, *names: str) -> float:
        """One independent draw per trial of a setting that may be a distribution."""
        return quantity(self, distribution, partial(self.uniform, purpose, names, 0, 0))


# --- Step functions of time ---


@dataclass(frozen=True, slots=True)
class Steps:
    """A function of time on [0, horizon): half-open pieces (start, end, value), in order."""

    pieces: list[tuple[float, float, Any]]

    def at(self, t: float) -> Any:
        return next(value for start, end, value in self.pieces if start <= t < end)

    def edges(self) -> list[float]:
        return [start for start, _, _ in self.pieces]

    def first(self, wanted: Callable[[Any], bool]) -> float:
        return min((start for start, _, value in self.pieces if wanted(value)), default=NEVER)

    def integral(self, rate: Callable[[Any], float]) -> float:
        return math.fsum((end - start) * rate(value) for start, end, value in self.pieces)


def steps(scene: Scene, edges: Iterable[float], value_at: Callable[[float], Any]) -> Steps:
    """The step function with the value `value_at(t)`, which changes at `edges` only."""
    cuts = sorted({0.0, scene.horizon} | {edge for edge in edges if 0.0 < edge < scene.horizon})
    return Steps([(start, end, value_at(start)) for start, end in pairwise(cuts)])


def combined(scene: Scene, function: Callable[..., Any], *parts: Steps) -> Steps:
    """The step function t -> function(part_1(t), part_2(t), ...)."""
    edges = [edge for part in parts for edge in part.edges()]
    return steps(scene, edges, lambda t: function(*(part.at(t) for part in parts)))


# --- Distributions ---


def lognormal(
    *, median: float = 0.0, mean: float = 0.0, cv: float = 0.0, mu: float = 0.0,
    sigma: float = 0.0, **percentile: float,
) -> Any:  # fmt: skip
    if percentile:  # p90, p95 or p99
        ((name, value),) = percentile.items()
        sigma = math.log(value / median) / ndtri(float(name.removeprefix("p")) / 100.0)
        scale = median
    elif mean:
        sigma = math.sqrt(math.log1p(cv * cv))
        scale = mean / math.sqrt(1.0 + cv * cv)
    else:
        scale = math.exp(mu)
    return stats.lognorm(sigma, scale=scale) if sigma > 0.0 else scale


def weibull(
    *, shape: float = 0.0, scale: float = 0.0, median: float = 0.0, p90: float = 0.0
) -> Any:
    if median and median == p90:
        return median
    if median:
        shape = math.log(math.log(10.0) / math.log(2.0)) / math.log(p90 / median)
        scale = median / math.log(2.0) ** (1.0 / shape)
    return stats.weibull_min(shape, scale=scale)


def gamma(*, shape: float = 0.0, scale: float = 0.0, mean: float = 0.0, cv: float = 0.0) -> Any:
    if mean and cv == 0.0:
        return mean
    if mean:
        shape, scale = 1.0 / cv**2, mean * cv**2
    return stats.gamma(shape, scale=scale)


def beta(*, alpha: float = 0.0, beta: float = 0.0, mean: float = 0.0, sd: float = 0.0) -> Any:
    if mean and sd == 0.0:
        return mean
    if mean:
        weight = mean * (1.0 - mean) / sd**2 - 1.0
        alpha, beta = mean * weight, (1.0 - mean) * weight
    return stats.beta(alpha, beta)


def triangular(*, low: float, mode: float, high: float) -> Any:
    return stats.triang((mode - low) / (high - low), low, high - low)


def pert(*, low: float, mode: float, high: float) -> Any:
    rise, fall = (mode - low) / (high - low), (high - mode) / (high - low)
    return stats.beta(1.0 + 4.0 * rise, 1.0 + 4.0 * fall, low, high - low)


FAMILIES: dict[str, Callable[..., Any]] = {
    "exponential": lambda mean: stats.expon(scale=mean),
    "lognormal": lognormal,
    "weibull": weibull,
    "gamma": gamma,
    "loglogistic": lambda median, shape: stats.fisk(shape, scale=median),
    "pareto": lambda minimum, shape: stats.pareto(shape, scale=minimum),
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "triangular": triangular,
    "pert": pert,
    "beta": beta,
}


@lru_cache(maxsize=1000)
def law(family: str, parameters: tuple[tuple[str, float], ...]) -> Any:
    """The frozen scipy distribution, or its only value where it is degenerate."""
    table = dict(parameters)
    if "low" in table and table["low"] == table["high"]:
        return table["low"]
    return FAMILIES[family](**table)


def quantity(scene: Scene, distribution: Any, draw: Draw) -> float:
    """Q(u), of the truncated distribution if it has a min or max; a number needs no draw."""
    return remainder(scene, distribution, 0.0, draw)


def remainder(scene: Scene, distribution: Any, elapsed: float, draw: Draw) -> float:
    """Q(u') - a, conditional on exceeding a = `elapsed` (section 2, active disputes).

    In the survival form: s' = S(a) (1 - u), remainder = Qs(s') - a; without condition a = 0.
    """
    if not isinstance(distribution, dict):
        return distribution - elapsed
    low, high = distribution.get("min", -math.inf), distribution.get("max", math.inf)
    (family,) = distribution.keys() - {"min", "max"}
    scene.saw(f"family:{family}")
    scene.saw("truncated", len(distribution) > 1)
    if family == "empirical":
        return empirical(distribution[family], low, high, elapsed, draw()) - elapsed
    x = law(family, tuple(sorted(distribution[family].items())))
    if isinstance(x, (int, float)):
        return x - elapsed
    u, tail, mass = draw(), x.sf(high), x.sf(low) - x.sf(high)
    if elapsed > 0.0:
        survival = (x.sf(max(elapsed, low)) - tail) / mass
        value = x.isf(tail + survival * (1.0 - u) * mass)
        return float(min(max(value, low, elapsed), high)) - elapsed
    p = x.cdf(low) + u * (x.cdf(high) - x.cdf(low))
    value = x.ppf(p) if p <= 0.5 else x.isf(tail + (1.0 - u) * mass)  # from the nearer tail
    return float(min(max(value, low), high))


def empirical(table: Table, low: float, high: float, elapsed: float, u: float) -> float:
    """The first value whose cumulative weight reaches u, among those that are possible."""
    values = table["values"]
    weighted = zip(values, table.get("weights", [1.0] * len(values)), strict=True)
    possible = sorted(
        (x, weight)
        for x, weight in weighted
        if weight > 0.0 and low <= x <= high and (x > elapsed or elapsed == 0.0)
    )
    total = math.fsum(weight for _, weight in possible)
    cumulative = 0.0
    for x, weight in possible:
        cumulative += weight / total
        if cumulative >= u:
            return x
    return possible[-1][0]


# --- Section 1: onset and contagion of disputes ---


class Visit(NamedTuple):
    """A stay on a level of the ladder, [start, end), cut off at the horizon."""

    start: float
    end: float
    level: str


class Episode(NamedTuple):
    """One outbreak of a dispute, with the path of each covered material."""

    dispute: str
    number: int
    start: float
    end: float
    paths: dict[str, list[Visit]]
    lineage: frozenset[str]  # this dispute and those that led to it through triggers


class Onset(NamedTuple):
    """An own onset, or the arrival of a trigger, in the order of simultaneous events."""

    time: float
    is_triggered: bool
    dispute_rank: int
    trigger_rank: int
    dispute: str
    lineage: frozenset[str] = frozenset()


def break_out(scene: Scene) -> list[Episode]:
    """All episodes that begin before the horizon, in the order in which they begin."""
    ranks = {dispute: rank for rank, dispute in enumerate(scene.disputes)}
    pending = {d: 0.0 if scene.disputes[d]["active"] else calm(scene, d, 0) for d in ranks}
    busy_until = dict.fromkeys(ranks, 0.0)
    arrivals: list[Onset] = []
    episodes: list[Episode] = []
    while True:
        own = [Onset(pending[d], False, rank, 0, d) for d, rank in ranks.items()]
        onset = min(own + arrivals, key=lambda event: event[:4], default=None)
        if onset is None or onset.time >= scene.horizon:
            return episodes
        dispute = onset.dispute
        if onset.is_triggered:
            arrivals.remove(onset)
            if onset.time < busy_until[dispute]:
                scene.saw("trigger-while-busy")
                continue
            scene.saw("trigger-fired")
            scene.saw("trigger-loop", dispute in onset.lineage)
        number = sum(episode.dispute == dispute for episode in episodes)
        scene.saw("renewal", number > 0 and not onset.is_triggered)
        episode = play_episode(scene, onset, number)
        episodes.append(episode)
        busy_until[dispute] = episode.end
        pending[dispute] = episode.end + calm(scene, dispute, number + 1)
        arrivals += set_off(scene, episode, ranks)


def calm(scene: Scene, dispute: str, number: int) -> float:
    """The gap before episode `number`: exponential with mean 365 / rate_per_year."""
    rate = scene.disputes[dispute]["rate_per_year"]
    if rate == 0:
        return NEVER
    return -(YEAR_DAYS / rate) * math.log1p(-scene.uniform("onset", (dispute,), number, 0))


def set_off(scene: Scene, episode: Episode, ranks: dict[str, int]) -> list[Onset]:
    """The arrivals that one episode schedules through the triggers."""
    arrivals = []
    for rank, (name, trigger) in enumerate(scene.triggers.items()):
        worst = scene.levels[scene.levels.index(trigger["reaches"]) :]
        visits = [visit for path in episode.paths.values() for visit in path]
        reached = min((visit.start for visit in visits if visit.level in worst), default=NEVER)
        if trigger["when"] != episode.dispute or reached == NEVER:
            continue
        if scene.uniform("trigger", (name,), episode.number, 0) <= trigger["probability"]:
            draw = partial(scene.uniform, "lag", (name,), episode.number, 0)
            time = reached + quantity(scene, trigger["lag"], draw)
            starts = trigger["starts"]
            arrivals.append(Onset(time, True, ranks[starts], rank, starts, episode.lineage))
    return arrivals


# --- Section 2: escalation, per material ---


def concerned(scene: Scene, dispute: str) -> list[str]:
    """The materials whose importer is the target and that have a source in the coercer."""
    coercer, target = scene.disputes[dispute]["coercer"], scene.disputes[dispute]["target"]
    return [
        name
        for name, material in scene.materials.items()
        if material["importer"] == target and coercer in material["sources"]
    ]


def play_episode(scene: Scene, onset: Onset, number: int) -> Episode:
    """One episode: which materials are covered, and the path of each."""
    dispute, start = onset.dispute, onset.time
    materials = concerned(scene, dispute)
    covered = [name for name in materials if is_covered(scene, dispute, name, number)]
    scene.saw("coverage-missed", len(covered) < len(materials))
    scene.saw("solo-dispute", not materials)
    paths = {name: walk(scene, onset, name, number) for name in (covered if materials else [SOLO])}
    end = max((visit.end for path in paths.values() for visit in path), default=start)
    return Episode(dispute, number, start, end, paths, onset.lineage | {dispute})


def is_covered(scene: Scene, dispute: str, material: str, number: int) -> bool:
    """Covered when u > 1 - coverage, unless `active.materials` settles it."""
    active = scene.disputes[dispute]["active"] if number == 0 else None
    if active and "materials" in active:
        scene.saw("forced-coverage")
        return material in active["materials"]
    u = scene.score("coverage", "coverage", (dispute, material), (dispute,), number)
    return u > 1.0 - scene.materials[material]["coverage"]


def walk(scene: Scene, onset: Onset, material: str, number: int) -> list[Visit]:
    """The semi-Markov path of one material in one episode, up to the horizon."""
    dispute, start = onset.dispute, onset.time
    active = scene.disputes[dispute]["active"] if number == 0 else None

    def u(decision: str, purpose: str, step: int) -> float:
        return scene.score(decision, purpose, (dispute, material), (dispute,), number, step)

    if active:
        scene.saw("active")
        level, elapsed = active["level"], active.get("elapsed_days", 0.0)
    else:
        entry = scene.disputes[dispute]["entry"]
        level, elapsed = choose(scene, entry, u("escalation", "choice", 0)), 0.0
    path: list[Visit] = []
    while level != RESOLVED:
        step, rung = len(path), rung_of(scene, material, level)
        scene.saw("elapsed", elapsed > 0.0)
        stay = remainder(scene, rung["sojourn"], elapsed, partial(u, "duration", "sojourn", step))
        path.append(Visit(start, min(start + stay, scene.horizon), level))
        if start + stay >= scene.horizon:
            scene.saw("horizon-cut")
            break
        level = choose(scene, rung["next"], u("escalation", "choice", step + 1))
        start, elapsed = start + stay, 0.0
    return path


def choose(scene: Scene, probabilities: Table, u: float) -> str:
    """Discrete choices go by cumulative probability from mildest to worst."""
    cumulative, chosen = 0.0, RESOLVED
    for level in (RESOLVED, *scene.levels):
        if probabilities.get(level, 0.0) > 0.0:
            cumulative, chosen = cumulative + probabilities[level], level
            if cumulative >= u:
                break
    return chosen


def rung_of(scene: Scene, material: str, level: str) -> Table:
    """A level of the ladder, with what the material overrides of it."""
    override = {} if material == SOLO else scene.materials[material]["ladder"].get(level, {})
    scene.saw("ladder-override", bool(override))
    return scene.ladder[level] | override


def blockade(scene: Scene, dispute: str, material: str, episodes: list[Episode]) -> Steps:
    """What one dispute does to one material: (cut[level(t)], is it on a boycott level)."""
    stays = []
    for episode in (episode for episode in episodes if episode.dispute == dispute):
        names, shared = (dispute, material), (dispute,)
        draw = partial(scene.score, "severity", "severity", names, shared, episode.number)
        for visit in episode.paths.get(material, []):
            cut = scene.materials[material]["cut"].get(visit.level, 0.0)
            scene.saw("severity-drawn", isinstance(cut, dict))
            state = quantity(scene, cut, draw), scene.ladder[visit.level]["boycott"]
            stays.append((visit.start, visit.end, state))

    def state_at(t: float) -> tuple[float, bool]:
        return next((state for start, end, state in stays if start <= t < end), (0.0, False))

    return steps(scene, [edge for stay in stays for edge in stay[:2]], state_at)


# --- Section 3: lost supply ---


def lost_supply(scene: Scene, material: str, blockades: dict[str, Steps]) -> Steps:
    """lost(t) = sum over sources of share times the largest cut fraction, at most 1."""
    sources = scene.materials[material]["sources"]

    def cut(country: str, dispute: str, state: tuple[float, bool]) -> float:
        blocked, is_boycott = state
        if scene.disputes[dispute]["coercer"] == country:
            return blocked
        if not is_boycott:
            return 0.0
        fraction = sources[country]["boycott_cut"]
        fraction = scene.independent(fraction, "source", material, country)
        scene.saw("boycott-source", fraction * sources[country]["share"] > 0.0)
        return fraction

    def lost(*states: tuple[float, bool]) -> float:
        total, hurting = 0.0, set()
        for country, source in sources.items():
            cuts = {d: cut(country, d, state) for d, state in zip(blockades, states, strict=True)}
            hurting |= {d for d, fraction in cuts.items() if fraction * source["share"] > 0.0}
            total += source["share"] * max(cuts.values(), default=0.0)
        scene.saw("two-disputes-one-material", len(hurting) > 1)
        return min(total, 1.0)

    return combined(scene, lost, *blockades.values())


# --- Section 4: rerouting ---


def reroute(
    scene: Scene, material: str, lost: Steps, flows: dict[str, Steps], settlement: Settlement
) -> tuple[Steps, Steps]:
    """The gap g(t) that the alternatives leave, and the sum of premium_a * used_a."""
    alternatives = scene.materials[material]["alternatives"]
    pooled = {a: settlement.grants[material, a] for a in flows if alternatives[a]["pool"]}
    limits = [pooled.get(a, Steps([(0.0, scene.horizon, None)])) for a in flows]

    def used(needed: float, *states: Any) -> dict[str, tuple[float, float]]:
        taken = {}
        available, granted = states[: len(flows)], states[len(flows) :]
        for name, flow, grant in zip(flows, available, granted, strict=True):
            amount, scarcity = (min(flow, needed), 1.0) if grant is None else grant
            taken[name] = amount, scarcity
            needed -= amount
        return taken

    def premiums(taken: dict[str, tuple[float, float]]) -> float:
        paid = 0.0
        for name, (amount, scarcity) in taken.items():
            if amount > 0.0:
                scene.saw("alternative-used")
                premium = alternatives[name]["premium"]
                premium = scene.independent(premium, "premium", material, name)
                paid += amount * ((1.0 + premium) * scarcity - 1.0)
        return paid

    taken = combined(scene, used, lost, *flows.values(), *limits)
    gap = combined(
        scene,
        lambda x, taken: nonzero(x - math.fsum(amount for amount, _ in taken.values())),
        lost,
        taken,
    )
    return gap, combined(scene, premiums, taken)


def alternative_flow(
    scene: Scene, material: str, name: str, start: float, boycotted: Steps
) -> Steps:
    """available_a(t): what one alternative can supply after the first loss at `start`."""
    alternative = scene.materials[material]["alternatives"][name]
    names, shared = (material, name), (scene.materials[material]["importer"],)
    if scene.score("rerouting", "reroute", names, shared) > alternative["probability"]:
        scene.saw("alternative-failed")
        return steps(scene, [], lambda t: 0.0)
    draw = partial(scene.score, "rerouting", "lead", names, shared)
    lead, ramp = quantity(scene, alternative["lead_time"], draw), alternative["ramp_days"]
    capacity = scene.independent(alternative["capacity"], "capacity", material, name)
    parts = alternative["ramp_steps"]
    begins = {"first-cut": start, "start": 0.0}[alternative["lead_from"]]
    arrivals = [begins + lead + ramp * (j - 0.5) / parts for j in range(1, parts + 1)]
    if alternative["lead_from"] == "start":
        arrived = sum(arrival <= start for arrival in arrivals)
        scene.saw("started-whole-at-the-cut", arrived == parts)
        scene.saw("started-in-part-at-the-cut", 0 < arrived < parts)
        scene.saw("started-after-the-cut", arrived == 0 and min(arrivals) < scene.horizon)

    def available(t: float) -> float:
        arrived = sum(arrival <= t for arrival in arrivals)
        scene.saw("ramp", 0 < arrived < parts)
        if arrived == 0 or not boycotted.at(t):
            return capacity * arrived / parts
        cut = scene.independent(alternative["boycott_cut"], "boycott", material, name)
        scene.saw("boycott-alternative", cut > 0.0)
        return capacity * arrived / parts * (1.0 - cut)

    return steps(scene, [*arrivals, *boycotted.edges()], available)


def nonzero(x: float) -> float:
    return x if x >= NOTHING else 0.0


# --- Section 4a: pools ---


class Settlement(NamedTuple):
    """What all pools of a trial grant."""

    grants: dict[tuple[str, str], Steps]  # by material and alternative: (share used, scarcity)
    contested_days: dict[str, float]
    used: dict[str, float]  # in the unit of the pool


class Asked(NamedTuple):
    """One request to a pool at a time t."""

    buyer: tuple[str, str]
    share: float  # of the material's demand
    amount: float  # in the unit of the pool
    precedence: float
    before: float  # granted just before t


def settle(scene: Scene, sides: dict[str, SupplySide]) -> Settlement:
    """Settle every pool at every moment at which anything of any buyer changes."""
    buyers = {
        (material, name): alternative["pool"]
        for material, side in sides.items()
        for name in side.flows
        if (alternative := scene.materials[material]["alternatives"][name])["pool"]
    }
    capacities = {
        pool: scene.independent(table["capacity_per_year"], "pool", pool)
        for pool, table in scene.pools.items()
    }
    edges = {0.0}
    for material, side in sides.items():
        if any(material == buyer for buyer, _ in buyers):
            for part in (side.lost, *side.flows.values()):
                edges |= set(part.edges())
    moments = sorted(edges)
    found: dict[tuple[str, str], list[tuple[float, float, Any]]] = {buyer: [] for buyer in buyers}
    contested_days, used = dict.fromkeys(scene.pools, 0.0), dict.fromkeys(scene.pools, 0.0)
    shares = dict.fromkeys(buyers, 0.0)
    amounts = dict.fromkeys(buyers, 0.0)
    for start, end in pairwise([*moments, scene.horizon]):
        left_short: set[str] = set()  # materials that an earlier pool does not grant all
        for pool in scene.pools:
            own = [buyer for buyer, named in buyers.items() if named == pool]
            asked = [ask(scene, sides, buyer, shares, amounts, start) for buyer in own]
            for request in asked:
                later = request.buyer[0] in left_short and request.amount > 0.0
                scene.saw("pool-after-a-scarce-one", later)
            total = math.fsum(request.amount for request in asked)
            contested = total > capacities[pool] * (1.0 + 1e-12)
            granted = share_out(scene, pool, capacities[pool], asked) if contested else {}
            scarcity = price_of_scarcity(scene, pool, total, capacities[pool]) if contested else 1.0
            for request in asked:
                amount = granted.get(request.buyer, request.amount)
                demand = scene.materials[request.buyer[0]]["demand_per_year"]
                cut = amount < request.amount
                shares[request.buyer] = amount / demand if cut else request.share
                amounts[request.buyer] = amount
                found[request.buyer].append((start, end, (shares[request.buyer], scarcity)))
                used[pool] += amount * (end - start) / YEAR_DAYS
            if contested:
                contested_days[pool] += end - start
                scene.saw(f"pool-{scene.pools[pool]['allocation']}")
                importers = {
                    scene.materials[request.buyer[0]]["importer"]
                    for request in asked
                    if request.amount > 0.0
                }
                scene.saw("pool-two-importers", len(importers) > 1)
                scene.saw("pool-empty", capacities[pool] == 0.0)
                scene.saw("pool-drawn", isinstance(scene.pools[pool]["capacity_per_year"], dict))
            scene.saw("pool-for-all", not contested and total > 0.0)
            left_short |= {request.buyer[0] for request in asked if request.buyer in granted}
    grants = {buyer: Steps(pieces) for buyer, pieces in found.items()}
    return Settlement(grants, contested_days, used)


def ask(
    scene: Scene,
    sides: dict[str, SupplySide],
    buyer: tuple[str, str],
    shares: dict[tuple[str, str], float],
    amounts: dict[tuple[str, str], float],
    t: float,
) -> Asked:
    """min(available, what the material lacks after the alternatives before) * demand_per_year."""
    material, name = buyer
    side = sides[material]
    needed = side.lost.at(t)
    for other, flow in side.flows.items():
        if other == name:
            break
        pooled = scene.materials[material]["alternatives"][other]["pool"]
        needed -= shares[material, other] if pooled else min(flow.at(t), needed)
    share = min(side.flows[name].at(t), needed)
    amount = share * scene.materials[material]["demand_per_year"]
    precedence = scene.materials[material]["alternatives"][name]["precedence"]
    return Asked(buyer, share, amount, precedence, amounts[buyer])


def share_out(
    scene: Scene, pool: str, capacity: float, asked: list[Asked]
) -> dict[tuple[str, str], float]:
    """What each buyer of a contested pool is granted."""
    allocation = scene.pools[pool]["allocation"]
    if allocation == "proportional":
        total = math.fsum(request.amount for request in asked)
        return {request.buyer: request.amount * capacity / total for request in asked}
    if allocation == "first-come":
        kept = {request.buyer: min(request.before, request.amount) for request in asked}
        scene.saw("pool-kept", any(kept.values()))
        rest = max(capacity - math.fsum(kept.values()), 0.0)
        unmet = math.fsum(request.amount - kept[request.buyer] for request in asked)
        return {
            request.buyer: kept[request.buyer]
            + rest * (request.amount - kept[request.buyer]) / unmet
            for request in asked
        }
    granted = {}
    for rank in sorted({request.precedence for request in asked}, reverse=True):
        equal = [request for request in asked if request.precedence == rank]
        total = math.fsum(request.amount for request in equal)
        served = min(total, capacity)
        scene.saw("pool-ranks-tied", sum(request.amount > 0.0 for request in equal) > 1)
        scene.saw("pool-rank-unserved", total > 0.0 and capacity == 0.0)
        for request in equal:
            granted[request.buyer] = request.amount * served / total if total > 0.0 else 0.0
        capacity -= served
    return granted


def price_of_scarcity(scene: Scene, pool: str, asked: float, capacity: float) -> float:
    """min((R/K)^(1/e), scarcity_cap), 1 without an elasticity."""
    elasticity, cap = scene.pools[pool]["scarcity_elasticity"], scene.pools[pool]["scarcity_cap"]
    if elasticity is None or capacity == 0.0:
        return 1.0
    factor = float((asked / capacity) ** (1.0 / elasticity))
    scene.saw("pool-dearer", factor < cap)
    scene.saw("pool-price-cap", factor >= cap)
    return min(factor, cap)


# --- Section 5: stocks of the material ---


class Tier(NamedTuple):
    """A stock that may be released from the time `opens` on."""

    days: float  # held at time 0
    opens: float
    max_release: float
    full: float  # the most days that it ever holds
    build_rate: float = 0.0  # 0: not built up, but refilled


def stock_tier(scene: Scene, material: str, name: str, first_gap: float) -> Tier:
    """One stock of a material, as drawn for this trial."""
    tier = scene.materials[material]["stocks"][name]
    days = scene.independent(tier["days"], "stock", material, name)
    full = max(days, tier["target_days"]) if tier["build_rate"] > 0.0 else days
    return Tier(
        nonzero(days),
        first_gap + tier["release_lag_days"],
        tier["max_release"],
        nonzero(full),
        tier["build_rate"],
    )


def net_shortage(scene: Scene, material: str, gap: Steps, lost: Steps) -> Steps:
    """n(t): the gap less what the stock tiers release."""
    first = gap.first(lambda g: g > 0.0)
    if first == NEVER:
        return gap
    table = scene.materials[material]
    tiers = [stock_tier(scene, material, name, first) for name in table["stocks"]]
    return after_release(scene, "stock", tiers, table["refill_rate"], gap, lost)


def after_release(
    scene: Scene, kind: str, tiers: list[Tier], refill_rate: float, gap: Steps, lost: Steps
) -> Steps:
    """What is left of a gap once the tiers release in turn, split where one runs empty.

    While there is no gap the first tier that is not full refills. A tier that is built up grows
    while nothing is lost, which is less often: alternatives may fill a loss. A tier that would be
    empty or full in the last 1e-12 days of an interval is so at its end: rounding opens no gap.
    """
    levels, pieces = [tier.days for tier in tiers], []
    edges = [*gap.edges(), *lost.edges(), *(tier.opens for tier in tiers)]
    for start, end, g in steps(scene, edges, gap.at).pieces:
        t = start
        while t < end:
            flows, left = tier_flows(scene, kind, tiers, levels, refill_rate, t, g)
            grow(scene, tiers, levels, flows, lost.at(t), t)
            waits = [
                level / -flow if flow < 0.0 else (tier.full - level) / flow if flow else NEVER
                for tier, level, flow in zip(tiers, levels, flows, strict=True)
            ]
            days = min([end - t, *(wait for wait in waits if wait <= end - t - NOTHING)])
            stop = end if days == end - t else min(t + days, end)
            for k, flow in enumerate(flows):
                if waits[k] > days:
                    levels[k] = nonzero(levels[k] + flow * days)
                else:
                    levels[k] = tiers[k].full if flow > 0.0 else 0.0
                    scene.saw("build-complete", flow > 0.0 and tiers[k].build_rate > 0.0)
                scene.saw(f"{kind}-depleted", flow < 0.0 and levels[k] == 0.0)
            pieces.append((t, stop, left))
            t = stop
    return Steps([piece for piece in pieces if piece[0] < piece[1]])


def tier_flows(
    scene: Scene, kind: str, tiers: list[Tier], levels: list[float], refill_rate: float,
    t: float, g: float,
) -> tuple[list[float], float]:  # fmt: skip
    """The rate at which each tier rises or falls at time t, and what is left of the gap g."""
    flows, left = [0.0] * len(tiers), g
    if g == 0.0:
        refilled = [k for k, tier in enumerate(tiers) if tier.build_rate == 0.0]
        lacking = [k for k in refilled if levels[k] < tiers[k].full]
        if lacking and refill_rate > 0.0:
            flows[lacking[0]] = refill_rate
            scene.saw(f"refill-{kind}")
            scene.saw("refill-beside-build", len(refilled) < len(tiers))
        return flows, 0.0
    for k, tier in enumerate(tiers):
        if levels[k] == 0.0 or left <= 0.0:
            continue
        if t < tier.opens:
            scene.saw(f"{kind}-lag")
            continue
        scene.saw(f"{kind}-used")
        scene.saw("release-cap", tier.max_release < left)
        flows[k] = -min(tier.max_release, left)
        left += flows[k]
    return flows, nonzero(left)


def grow(
    scene: Scene, tiers: list[Tier], levels: list[float], flows: list[float], lost: float, t: float
) -> None:
    """Let the tiers that are built up and are not full yet grow at time t if nothing is lost."""
    for k, tier in enumerate(tiers):
        if tier.build_rate == 0.0 or levels[k] >= tier.full:
            continue
        if lost == 0.0:
            flows[k] = tier.build_rate
            scene.saw("build-from-the-start", t == 0.0)
            scene.saw("build-again", levels[k] < tier.days)
        else:
            scene.saw("build-interrupted", flows[k] < 0.0)
            scene.saw("build-waits-for-all-supply", flows[k] == 0.0)


class SupplySide(NamedTuple):
    """What a material loses and what its alternatives have on stream, before any pool is asked."""

    lost: Steps
    flows: dict[str, Steps]  # available_a(t); empty where nothing is ever lost
    deepest_level: int
    depth: Steps


class Supply(NamedTuple):
    """One material through the trial: sections 2 to 5 in one record."""

    lost: Steps
    premiums: Steps
    net: Steps
    deepest_level: int
    depth: Steps  # position in the ladder of the deepest level at t, -1 if on none


def supply_side(scene: Scene, material: str, episodes: list[Episode]) -> SupplySide:
    """From the episodes of all disputes to what one material loses and could have instead."""
    blockades = {
        dispute: blockade(scene, dispute, material, episodes)
        for dispute in scene.disputes
        if material in concerned(scene, dispute)
    }
    boycotted = combined(scene, lambda *x: any(boycott for _, boycott in x), *blockades.values())
    lost = lost_supply(scene, material, blockades)
    start = lost.first(lambda x: x > 0.0)
    alternatives = scene.materials[material]["alternatives"] if start < NEVER else {}
    flows = {a: alternative_flow(scene, material, a, start, boycotted) for a in alternatives}
    visits = [visit for episode in episodes for visit in episode.paths.get(material, [])]
    deepest = max((scene.levels.index(visit.level) for visit in visits), default=-1)
    return SupplySide(lost, flows, deepest, depth_of(scene, visits))


def supply(scene: Scene, material: str, side: SupplySide, settlement: Settlement) -> Supply:
    """The net shortage of one material, and what its alternatives cost."""
    gap, premiums = reroute(scene, material, side.lost, side.flows, settlement)
    net = net_shortage(scene, material, gap, side.lost)
    return Supply(side.lost, premiums, net, side.deepest_level, side.depth)


def depth_of(scene: Scene, visits: list[Visit]) -> Steps:
    """The position in the ladder of the deepest level that a path is on, -1 while none is."""

    def deepest(t: float) -> int:
        now = [visit.level for visit in visits if visit.start <= t < visit.end]
        scene.saw("two-paths-at-once", len(now) > 1)
        return max(map(scene.levels.index, now), default=-1)

    return steps(scene, [edge for visit in visits for edge in (visit.start, visit.end)], deepest)


# --- Section 6: industries ---


def uses_of(scene: Scene, material: str) -> dict[str, Table]:
    """The uses of one material, by industry."""
    industries = scene.industries.items()
    return {i: table["uses"][material] for i, table in industries if material in table["uses"]}


def allocate(scene: Scene, material: str, n: float) -> dict[str, float]:
    """The fraction by which each use is short when the material is short by n."""
    users = uses_of(scene, material)
    if scene.materials[material]["allocation"] == "proportional":
        return dict.fromkeys(users, n)
    before = max(0.0, 1.0 - math.fsum(use["share"] for use in users.values()))
    scene.saw("unused-demand-first", before > 0.0 and n > 0.0)
    short: dict[str, float] = {}
    for priority in sorted({use["priority"] for use in users.values()}, reverse=True):
        group = [name for name, use in users.items() if use["priority"] == priority]
        width = math.fsum(users[name]["share"] for name in group)
        if width > 0.0:
            fraction = min(max((n - before) / width, 0.0), 1.0)
        else:
            fraction = 1.0 if n - before >= NOTHING else 0.0
        short |= dict.fromkeys(group, nonzero(fraction))
        before += width
        scene.saw("priority-tie", len(group) > 1 and fraction > 0.0)
    scene.saw("priority", any(fraction != n for fraction in short.values()))
    return short


def firms_of(industry: Table) -> int:
    """Into how many classes of firms an industry is split: 1 where no inventory is spread."""
    spread = [use["inventory_days"] for use in industry["uses"].values()]
    return next((int(held.get("classes", 5)) for held in spread if isinstance(held, dict)), 1)


def held_by(scene: Scene, use: Table, firms: int) -> list[float]:
    """Days of own inventory in each class of firms, at the middle of its part of the spread."""
    held = use["inventory_days"]
    if not isinstance(held, dict):
        return [nonzero(held)] * firms
    middles = [(2 * j + 1) / (2 * firms) for j in range(firms)]
    days = [quantity(scene, held["across"], lambda u=u: u) for u in middles]
    scene.saw("firms-differ", len(set(days)) > 1)
    return [nonzero(each) for each in days]


def uses(scene: Scene, supplies: dict[str, Supply]) -> dict[tuple[str, str], list[Steps]]:
    """d * f'(t) of every use (industry, material): allocation, inventory, substitution.

    One after the other for each class of firms of the industry.
    """
    needs = {}
    for material, line in supplies.items():
        short = combined(scene, partial(allocate, scene, material), line.net)
        refill_rate = scene.materials[material]["refill_rate"]
        for industry, use in uses_of(scene, material).items():
            f = Steps([(start, end, by_use[industry]) for start, end, by_use in short.pieces])
            needs[industry, material] = []
            for days in held_by(scene, use, firms_of(scene.industries[industry])):
                inventory = Tier(days, opens=0.0, max_release=math.inf, full=days)
                unmet = after_release(scene, "inventory", [inventory], refill_rate, f, f)
                needs[industry, material].append(after_substitution(scene, use, unmet))
    return needs


def after_substitution(scene: Scene, use: Table, unmet: Steps) -> Steps:
    """d * f'(t), the dependence d being lower some time after the first f' > 0."""
    since = unmet.first(lambda f: f > 0.0) + use["substitution_lag_days"]

    def need(t: float) -> float:
        replaced = use["substitution_share"] if t >= since else 0.0
        scene.saw("substitution", replaced > 0.0 and unmet.at(t) > 0.0)
        return use["dependence"] * (1.0 - replaced) * unmet.at(t)

    return steps(scene, [*unmet.edges(), since], need)


class Operation(NamedTuple):
    """An industry at one time: the output fraction it loses, and each material's part of it."""

    loss: float
    parts: dict[str, float]


def operate(scene: Scene, industry: str, needs: dict[tuple[str, str], list[Steps]]) -> Steps:
    """o(t) of one industry, the mean over its classes of firms, with its parts by material."""
    firms = firms_of(scene.industries[industry])
    lines = [operate_firms(scene, industry, needs, j) for j in range(firms)]

    def mean(*classes: Operation) -> Operation:
        losses = [each.loss for each in classes]
        scene.saw("firms-stop-apart", 0.0 in losses and max(losses) > 0.0)
        parts = {
            material: math.fsum(each.loss * each.parts.get(material, 0.0) for each in classes)
            for material in scene.industries[industry]["uses"]
        }
        whole = math.fsum(losses)
        return Operation(
            whole / firms, {m: part / whole for m, part in parts.items() if part > 0.0}
        )

    return combined(scene, mean, *lines) if firms > 1 else lines[0]


def operate_firms(
    scene: Scene, industry: str, needs: dict[tuple[str, str], list[Steps]], j: int
) -> Steps:
    """The output that a class of firms loses, with its attribution to materials."""
    table = scene.industries[industry]

    def operation(*needed: float) -> Operation:
        independent = table["combine"] == "independent"
        loss = max(needed, default=0.0)
        if independent:
            loss = 1.0 - math.prod(1.0 - need for need in needed)
            scene.saw("independent", sum(need > 0.0 for need in needed) > 1)
        rate = nonzero(1.0 - loss)
        if rate == 0.0 or rate < table["min_operating_rate"]:
            scene.saw("stopped")
            loss = 1.0
        weights = list(needed)
        if loss < 1.0 and not independent:
            weights = [1.0 if need == loss > 0.0 else 0.0 for need in needed]
            scene.saw("bottleneck-tie", sum(weights) > 1.0)
        whole = math.fsum(weights)
        pairs = zip(table["uses"], weights, strict=True)
        return Operation(loss, {m: weight / whole for m, weight in pairs if weight > 0.0})

    return combined(scene, operation, *(needs[industry, material][j] for material in table["uses"]))


# --- Section 6: loss components, in money ---


class Line(NamedTuple):
    """One line of the ledger: a direct loss between two events."""

    start: float
    industry: str
    material: str
    component: str
    money: float


def output_lines(scene: Scene, operations: dict[str, Steps]) -> list[Line]:
    """value_added_per_year/365 * integral of o dt * (1 - recapture), by material."""
    lines = []
    for industry, operation in operations.items():
        table = scene.industries[industry]
        rate = table["value_added_per_year"] / YEAR_DAYS * (1.0 - table["recapture"])
        for start, end, now in operation.pieces:
            scene.saw("recapture", now.loss > 0.0 and table["recapture"] > 0.0)
            for material, part in now.parts.items():
                money = rate * now.loss * part * (end - start)
                lines.append(Line(start, industry, material, "output", money))
    return lines


def cost_lines(scene: Scene, supplies: dict[str, Supply]) -> list[Line]:
    """spend_per_year/365 * weight * integral of premiums, and of the price rise."""
    lines = []
    for material, line in supplies.items():
        users = uses_of(scene, material)
        shares = math.fsum(use["share"] for use in users.values())
        rise = combined(scene, partial(price_rise, scene, material), line.net)
        for component, costs in (("rerouting", line.premiums), ("price", rise)):
            for industry, use in users.items():
                weight = use["share"] / shares if shares > 0.0 else 0.0
                rate = scene.materials[material]["spend_per_year"] / YEAR_DAYS * weight
                for start, end, cost in costs.pieces:
                    money = rate * cost * (end - start)
                    scene.saw("price" if component == "price" else "rerouting-cost", money > 0.0)
                    lines.append(Line(start, industry, material, component, money))
    return lines


def price_rise(scene: Scene, material: str, n: float) -> float:
    """(1 - n) * (min((1 - n)^(-1/price_elasticity), price_cap) - 1), 0 without elasticity."""
    elasticity = scene.materials[material]["price_elasticity"]
    cap = scene.materials[material]["price_cap"]
    left = 1.0 - n
    if elasticity is None or left <= 0.0:
        return 0.0
    if left > cap**-elasticity:
        return left * (left ** (-1.0 / elasticity) - 1.0)
    scene.saw("price-cap", n > 0.0)
    return left * (cap - 1.0)


def solve(names: list[str], right: Table, coefficient: Callable[[str, str], float]) -> Table:
    """The x with x[i] = right[i] + sum over j of coefficient(i, j) x[j], by elimination."""
    rows = {i: {j: float(i == j) - coefficient(i, j) for j in names} for i in names}
    x = dict(right)
    for k in names:  # Gauss and Jordan, with a row for a pivot
        pivot = max(names[names.index(k) :], key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot], x[k], x[pivot] = rows[pivot], rows[k], x[pivot], x[k]
        for i in names:
            factor = rows[i][k] / rows[k][k] if i != k else 0.0
            rows[i] = {j: rows[i][j] - factor * rows[k][j] for j in names}
            x[i] -= factor * x[k]
    return {i: x[i] / rows[i][i] for i in names}


# --- Section 7: what a trial yields ---


def find_spells(scene: Scene, episodes: list[Episode]) -> list[tuple[float, float]]:
    """Maximal intervals in which an episode that concerns a material is in progress."""
    spells: list[tuple[float, float]] = []
    for start, end in sorted((e.start, e.end) for e in episodes if concerned(scene, e.dispute)):
        if spells and start <= spells[-1][1]:
            spells[-1] = (spells[-1][0], max(end, spells[-1][1]))
        elif start < end:
            spells.append((start, end))
    scene.saw("two-spells", len(spells) > 1)
    return spells


def add_up(
    scene: Scene, episodes: list[Episode], supplies: dict[str, Supply], settlement: Settlement,
    operations: dict[str, Steps], ledger: list[Line],
) -> Trial:  # fmt: skip
    """The ledger summed in every way; a direct loss counts with the indirect loss it causes."""
    industries = list(scene.industries)

    def component(industry: str, name: str) -> float:
        lines = (x for x in ledger if x.industry == industry and x.component == name)
        return math.fsum(line.money for line in lines)

    def passed_on(j: str, i: str) -> float:
        return scene.propagation.get(j, {}).get(i, 0.0)

    def loss(wanted: Callable[[Line], bool]) -> float:
        return math.fsum(line.money * caused[line.industry] for line in ledger if wanted(line))

    output, rerouting, price = (
        {i: component(i, name) for i in industries} for name in ("output", "rerouting", "price")
    )
    direct = {i: output[i] + rerouting[i] + price[i] for i in industries}
    suffered = solve(industries, direct, lambda i, j: passed_on(j, i))
    caused = solve(industries, dict.fromkeys(industries, 1.0), passed_on)
    indirect = {i: suffered[i] - direct[i] for i in industries}
    scene.saw("indirect", any(money > 0.0 for money in indirect.values()))
    total = math.fsum(suffered.values())
    spells = find_spells(scene, episodes)
    by_spell = [loss(lambda x, a=a, b=b: a <= x.start < b) for a, b in spells]
    first_loss = {i: o.first(lambda now: now.loss > 0.0) for i, o in operations.items()}
    return Trial(
        total=total,
        largest_spell=max(by_spell) if len(spells) > 1 else total,
        industry_loss=suffered,
        output=output,
        rerouting=rerouting,
        price=price,
        indirect=indirect,
        loss_days={i: o.integral(lambda now: now.loss > 0.0) for i, o in operations.items()},
        stopped_days={i: o.integral(lambda now: now.loss == 1.0) for i, o in operations.items()},
        first_loss_day={i: None if day == NEVER else day for i, day in first_loss.items()},
        material_loss={m: loss(lambda x, m=m: x.material == m) for m in scene.materials},
        cut_days={m: line.lost.integral(lambda lost: lost > 0.0) for m, line in supplies.items()},
        cut_weighted_days={m: line.lost.integral(lambda x: x) for m, line in supplies.items()},
        shortage_days={m: line.net.integral(lambda n: n) for m, line in supplies.items()},
        deepest_level={m: line.deepest_level for m, line in supplies.items()},
        contested_days=settlement.contested_days,
        pool_used=settlement.used,
        level_days={
            m: [line.depth.integral(lambda now, k=k: now == k) for k in range(len(scene.levels))]
            for m, line in supplies.items()
        },
        episodes={d: sum(e.dispute == d for e in episodes) for d in scene.disputes},
        mechanisms=frozenset(scene.mechanisms),
    )
