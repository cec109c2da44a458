"""The domain: what a scenario is made of, as frozen values that know no files and no arrays.

Collections are dicts keyed by name in the order of the config; that order is part of the model
(alternatives and stock tiers are used in it). Shares and fractions are in [0, 1], durations in
days, money in the config's unit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from riskengine.errors import TypeFault, UsageFault
from riskengine.model.confidence import LEVELS
from riskengine.model.distributions import Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a scenario is to be run; only `horizon_days` describes what is modelled."""

    title: str
    trials: int
    seed: int
    horizon_days: float
    valuation_date: str | None  #: ISO date of time 0, for dated reports
    money: str  #: unit of all money
    importer: str | None  #: default importer of materials and industries
    levels: tuple[float, ...] = LEVELS  #: rising confidence levels of VaR and TVaR, in (0, 1)
    thresholds: tuple[float, ...] = ()  #: rising losses whose exceedance probability is asked for
    sampling: str = "random"  #: or `sobol`: Sobol' points for the leading decisions
    tilt: float = 0.0  #: shift of systemic scores towards worse outcomes
    given_onset: bool = False  #: only trials in which a dispute breaks out, weighted
    language: str | None = None  #: of pages and workbooks; None for English

    @property
    def is_plain(self) -> bool:
        """Whether trials are independent and without weights."""
        return self.sampling == "random" and not self.is_weighted

    @property
    def is_weighted(self) -> bool:
        """Whether trials have weights."""
        return self.tilt != 0.0 or self.given_onset


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One rung of the escalation ladder."""

    sojourn: Distribution  #: days on the level
    next: dict[str, float]  #: probability of each next level, or of `resolved`
    boycott: bool = False  #: third countries stop re-exporting on this level


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelOverride:
    """What a material changes about a level of the ladder; None leaves it as it is."""

    sojourn: Distribution | None = None
    next: dict[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveEpisode:
    """The episode a dispute is in at time 0."""

    level: str
    elapsed_days: float = 0.0
    materials: tuple[str, ...] | None = None  #: exactly those covered; None draws the coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A pair (coercer, target), the peril."""

    coercer: str
    target: str
    rate_per_year: float = 0.0
    entry: dict[str, float] = field(default_factory=dict)  #: probability of each level of entry
    active: ActiveEpisode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Contagion: an episode of `when` that reaches a level may start one of `starts`."""

    when: str
    reaches: str
    starts: str
    probability: float
    lag: Distribution  #: days


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """One-factor dependence between materials, each rho in [0, 1]."""

    coverage: float = 0.0
    duration: float = 0.0
    escalation: float = 0.0
    severity: float = 0.0
    rerouting: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A country of normal supply."""

    share: float  #: of the material's normal demand
    boycott_cut: Distribution  #: fraction cut while another country's dispute is on a boycott level


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Supply that can be added: another supplier, recycling, substitution, leakage."""

    capacity: Distribution  #: share of demand
    probability: float  #: of success
    lead_time: Distribution  #: days
    ramp_days: float
    ramp_steps: int
    premium: Distribution  #: extra cost as a share of the normal price
    boycott_cut: Distribution  #: fraction of its flow lost on a boycott level
    lead_from: str = "first-cut"  #: of the trial, or `start`: when the lead time begins
    kind: str = ""
    pool: str | None = None  #: from which it comes, shared with other buyers
    precedence: float = 0.0  #: in a pool that serves larger ones first


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Spare supply that alternatives of several materials, of one or more importers, want."""

    capacity_per_year: Distribution  #: in `unit`
    unit: str = ""
    allocation: str = "proportional"  #: or "precedence", "first-come"
    scarcity_elasticity: float | None = None  #: None where the price does not rise
    scarcity_cap: float = 10.0  #: times the price

    @property
    def counted_in(self) -> str:
        """What its amounts are counted in, for people."""
        return self.unit or "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTier:
    """One stock of a material."""

    days: Distribution  #: days of normal demand held at time 0
    release_lag_days: float  #: after the first gap of the trial
    max_release: float  #: share of demand
    build_rate: float = 0.0  #: share of demand by which it grows while nothing is lost; 0 for none
    target_days: float | None = None  #: up to which it grows; None for the days held at time 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One supply line of one importer."""

    importer: str
    spend_per_year: float
    coverage: float  #: probability that an episode covers it
    cut: dict[str, Distribution]  #: fraction of the coercer's flow blocked, by level
    price_elasticity: float | None
    price_cap: float
    refill_rate: float  #: share of demand
    allocation: str  #: "proportional" or "priority"
    sources: dict[str, Source]
    alternatives: dict[str, Alternative]
    stocks: dict[str, StockTier]
    ladder: dict[str, LevelOverride]
    demand_per_year: float | None = None  #: in the unit of the pools that its alternatives name


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadInventory:
    """Own stocks that differ between firms: classes of equal size, each at its part of a spread."""

    across: Distribution  #: of days of own consumption, over the firms
    classes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One industry's use of one material."""

    share: float  #: of the material's demand
    dependence: float  #: share of the industry's output that stops without the material
    inventory_days: float | SpreadInventory  #: of own consumption
    substitution_share: float
    substitution_lag_days: float
    priority: float  #: larger numbers are cut first


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """An industry and what it depends on; `uses` is keyed by material."""

    importer: str
    value_added_per_year: float
    combine: str  #: "bottleneck" or "independent"
    min_operating_rate: float
    recapture: float
    uses: dict[str, Use]

    @property
    def classes(self) -> int:
        """Into how many classes of equal size its firms fall: 1 where they are alike."""
        held = (use.inventory_days for use in self.uses.values())
        return next((each.classes for each in held if isinstance(each, SpreadInventory)), 1)


NO_ORIGIN = (
    "this scenario does not come from riskengine.load, or was copied, so its config cannot be read "
    "again: load the config, and change that scenario"
)


class Origin(Protocol):
    """What a scenario was read from."""

    def changed(self, scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
        """The scenario read again with values at dotted paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario of one or several importers, complete and checked.

    `document` is the resolved config: the same scenario as nested plain dicts with every default
    filled in, tables and `extends` merged, and notes and sources kept. It is what the manifest
    stores, and loading it again gives an equal scenario.
    """

    run: RunSettings
    ladder: dict[str, Level]  #: mildest first
    disputes: dict[str, Dispute]
    triggers: dict[str, Trigger]
    correlation: Correlation
    materials: dict[str, Material]
    pools: dict[str, Pool]
    industries: dict[str, Industry]
    propagation: dict[str, dict[str, float]]  #: [from][to]: output of `to` lost per unit of `from`
    document: dict[str, Any] = field(repr=False)
    stem: str = "scenario"  #: of the config file; names the results folder
    files: tuple[tuple[str, str], ...] = ()  #: (file name, SHA-256) of every file read
    sheets: tuple[str, ...] = ()  #: book.xlsx#Sheet, chosen where a config names the book alone
    left_out: tuple[str, ...] = field(default=(), compare=False)  #: of parts
    origin: Origin | None = field(default=None, repr=False, compare=False)  #: what it was read from

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """A new scenario with other values in its config, checked as a whole.

        Parameters
        ----------
        values : mapping of str to object
            Values by dotted path, as for ``--set``: numbers in the units of the config, texts,
            lists, or dicts for distributions and whole members.

        Returns
        -------
        Scenario
            Read from the same config and files, as they were when this scenario was read.

        Raises
        ------
        ConfigFault
            When a path leads nowhere or the values make no sense; it holds every fault at once.
        UsageFault
            When this scenario was not made by `riskengine.load` or `with_values`.

        Examples
        --------
        >>> import riskengine
        >>> scenario = riskengine.load("configs/minimal.toml")
        >>> changed = scenario.with_values({"run.trials": 500, "run.title": "A short run"})
        >>> changed.run.trials, scenario.run.trials
        (500, 20000)
        """
        if self.origin is None:
            raise UsageFault(NO_ORIGIN)
        return self.origin.changed(self, values)

    def buyers(self, pool: str) -> list[tuple[str, str]]:
        """The alternatives that come from a pool, each after its material, in config order."""
        return [
            (name, label)
            for name, material in self.materials.items()
            for label, alternative in material.alternatives.items()
            if alternative.pool == pool
        ]

    def concerned(self, dispute: str) -> list[str]:
        """The materials that a dispute concerns: its target imports them from its coercer."""
        pair = self.disputes[dispute]
        return [
            name
            for name, material in self.materials.items()
            if material.importer == pair.target and pair.coercer in material.sources
        ]


def check_scenario(given: object) -> None:
    """Refuse an argument that is not a scenario, such as a path, and say what to give instead.

    Raises
    ------
    TypeFault
    """
    if isinstance(given, Scenario):
        return
    what, source = f"of the type {type(given).__name__}", "..."
    if isinstance(given, str | os.PathLike):
        source = repr(os.fspath(given))
        what = f"the path {source}"
    raise TypeFault(
        f"a scenario is needed, and this is {what}: read the config first, with "
        f"riskengine.load({source}), and give what that returns"
    )
