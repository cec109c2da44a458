"""A scenario as the engine understands it: tables for people, without running anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from riskengine.figures.unplayed import days_of_cover, restriction_days, stock_days
from riskengine.language.money import unit_words
from riskengine.language.speaking import say
from riskengine.model.flat.demand import inventories
from riskengine.model.scenario import Dispute, Material, Scenario, StockTier, Use
from riskengine.reports.tables.formats import GIVEN, GIVEN_MEAN, GIVEN_SHARE
from riskengine.reports.tables.numbers import plain, short, short_percent
from riskengine.reports.tables.table import Cell, Column, Table, number, text

_LADDER_REMARK = "A line for one material shows what it changes about the level."


def describe(scenario: Scenario) -> list[Table]:
    """Everything a scenario holds, in the order in which a trial uses it."""
    parts = (_disputes, _ladder, _episodes, _triggers, _materials, _sources, _alternatives, _pools,
             _buyers, _stocks, _industries, _uses)  # fmt: skip
    tables = [make(scenario) for make in parts]
    return [table for table in tables if table.rows]


def _disputes(scenario: Scenario) -> Table:
    def active(dispute: Dispute) -> str:
        state = dispute.active
        return say(f"{state.level} for {state.elapsed_days:g} days", "ladder") if state else ""

    return Table(
        key="disputes",
        title="Disputes",
        columns=[
            text("dispute", "Dispute"),
            text("parties", "Parties"),
            number("rate_per_year", "Onsets a year", form=GIVEN),
            text("entry", "Enters at"),
            text("active", "In progress at day 0"),
            text("materials", "Materials concerned"),
        ],
        rows=[
            [name, say(f"{d.coercer} against {d.target}", "parties"), d.rate_per_year,
             _chances(d.entry), active(d), ", ".join(scenario.concerned(name)) or say("none")]
            for name, d in scenario.disputes.items()
        ],
    )  # fmt: skip


def _ladder(scenario: Scenario) -> Table:
    rows: list[list[Cell]] = [
        [name, level.sojourn.mean(), _chances(level.next), say("yes") if level.boycott else "", ""]
        for name, level in scenario.ladder.items()
    ]
    for label, material in scenario.materials.items():
        for name, override in material.ladder.items():
            sojourn = override.sojourn.mean() if override.sojourn else None
            rows.append([name, sojourn, _chances(override.next or {}), "", label])
    return Table(
        key="ladder",
        title="Escalation ladder, mildest level first",
        columns=[
            text("level", say("Level", "ladder")),
            number("mean_days", "Mean stay, days", form=GIVEN_MEAN),
            text("next", "Then goes to"),
            text("boycott", "Others join"),
            text("material", "Only for"),
        ],
        rows=rows,
        remark=_LADDER_REMARK if len(rows) > len(scenario.ladder) else "",
    )


def _episodes(scenario: Scenario) -> Table:
    rows: list[list[Cell]] = []
    for name, dispute in scenario.disputes.items():
        if not dispute.entry:
            continue
        others = [m for m in scenario.concerned(name) if scenario.materials[m].ladder]
        rows += [
            [name, label or "", restriction_days(scenario, dispute.entry, label)]
            for label in (None, *others)
        ]
    return Table(
        key="episodes",
        title="How long a material stays restricted once an episode covers it",
        columns=[
            text("dispute", "Dispute"),
            text("material", "Only for"),
            number("mean_days", "Mean, days", form=GIVEN_MEAN),
        ],
        rows=rows,
        remark="From entry until resolved, by the ladder alone; the horizon may end it sooner.",
    )


def _triggers(scenario: Scenario) -> Table:
    return Table(
        key="triggers",
        title="Triggers",
        columns=[
            text("trigger", "Trigger"),
            text("when", "When"),
            text("reaches", "Reaches"),
            text("starts", "Starts"),
            number("probability", "Probability", form=GIVEN_SHARE),
            number("mean_lag_days", "Mean lag, days", form=GIVEN_MEAN),
        ],
        rows=[
            [name, t.when, t.reaches, t.starts, t.probability, t.lag.mean()]
            for name, t in scenario.triggers.items()
        ],
    )


def _materials(scenario: Scenario) -> Table:
    return Table(
        key="materials",
        title="Materials",
        columns=[
            text("material", "Material"),
            text("importer", "Importer"),
            number("spend_per_year", f"Spend a year, {unit_words(scenario.run.money)}", form=GIVEN),
            number("coverage", "Covered", form=GIVEN_SHARE),
            text("cut", "Share of the flow cut, mean by level"),
            number("stock_days", "Stocks, days", form=GIVEN_MEAN),
            number("days_of_cover", "Days of cover", form=GIVEN_MEAN),
        ],
        rows=[
            [name, m.importer, m.spend_per_year, m.coverage, _cuts(scenario, m), stock_days(m),
             days_of_cover(scenario, name)]
            for name, m in scenario.materials.items()
        ],
        remark="Days of cover: mean stocks against the worst mean cut from the coercer most "
        "relied on, before any alternative.",
    )  # fmt: skip


def _sources(scenario: Scenario) -> Table:
    coercers = {
        (material, dispute.coercer): name
        for name, dispute in scenario.disputes.items()
        for material in scenario.concerned(name)
    }
    return Table(
        key="sources",
        title="Sources: what each material is exposed to",
        columns=[
            text("material", "Material"),
            text("country", "Country"),
            number("share", "Share of demand", form=GIVEN_SHARE),
            text("dispute", "Dispute"),
            number("boycott_cut", "Cut in others' boycott", form=GIVEN_SHARE),
        ],
        rows=[
            [name, country, source.share, coercers.get((name, country), ""),
             source.boycott_cut.mean()]
            for name, material in scenario.materials.items()
            for country, source in material.sources.items()
        ],
    )  # fmt: skip


def _alternatives(scenario: Scenario) -> Table:
    rows: list[list[Cell]] = [
        [name, label, a.kind, a.capacity.mean(), a.probability, a.lead_time.mean(),
         a.ramp_days, a.premium.mean(), *([a.pool or ""] if scenario.pools else []),
         say("day 0" if a.lead_from == "start" else "the first cut")]
        for name, material in scenario.materials.items()
        for label, a in material.alternatives.items()
    ]  # fmt: skip
    is_begun = any(row[-1] == say("day 0") for row in rows)
    table = Table(
        key="alternatives",
        title="Alternatives, in order of use",
        columns=[
            text("material", "Material"),
            text("alternative", "Alternative"),
            text("kind", "Kind"),
            number("capacity", "Capacity, share of demand", form=GIVEN_SHARE),
            number("probability", "Succeeds", form=GIVEN_SHARE),
            number("mean_lead_days", "Mean lead time, days", form=GIVEN_MEAN),
            number("ramp_days", "Ramp, days", form=GIVEN),
            number("premium", "Premium", form=GIVEN_SHARE),
            *([text("pool", "From the pool")] if scenario.pools else []),
            text("lead_from", "Lead time from"),
        ],
        rows=rows,
    )
    return table if is_begun else table.without("lead_from")


class _Buyer(NamedTuple):
    """An alternative that comes from a pool."""

    pool: str
    material: str
    importer: str
    alternative: str
    demand_per_year: float
    share: float  #: of demand: what it could take, on average
    could_take: float  #: the same in the unit of the pool
    unit: str
    precedence: float


def _buyers_of(scenario: Scenario) -> list[_Buyer]:
    """All buyers, pool by pool."""
    found = []
    for pool, plan in scenario.pools.items():
        for name, label in scenario.buyers(pool):
            material = scenario.materials[name]
            a = material.alternatives[label]
            demand, share = material.demand_per_year or 0.0, a.capacity.mean()
            place = (pool, name, material.importer, label)
            amounts = (demand, share, share * demand, plan.counted_in)
            found.append(_Buyer(*place, *amounts, a.precedence))
    return found


def _pools(scenario: Scenario) -> Table:
    taken = dict.fromkeys(scenario.pools, 0.0)
    for buyer in _buyers_of(scenario):
        taken[buyer.pool] += buyer.could_take
    is_dearer = any(pool.scarcity_elasticity is not None for pool in scenario.pools.values())
    prices = [
        number("scarcity_elasticity", "Elasticity then", form=GIVEN),
        number("scarcity_cap", "Dearest, times the price", form=GIVEN),
    ]
    rows: list[list[Cell]] = []
    for name, pool in scenario.pools.items():
        capacity, elasticity = pool.capacity_per_year.mean(), pool.scarcity_elasticity
        share = taken[name] / capacity if capacity > 0.0 else None
        price = [elasticity, None if elasticity is None else pool.scarcity_cap]
        rows.append([name, capacity, pool.counted_in, pool.allocation,
                     *(price if is_dearer else []), taken[name], share])  # fmt: skip
    return Table(
        key="pools",
        title="Pools: spare supply that several buyers want",
        columns=[
            text("pool", "Pool"),
            number("capacity_per_year", "Capacity a year", form=GIVEN_MEAN),
            text("unit", "Unit"),
            text("allocation", "When more is asked for"),
            *(prices if is_dearer else []),
            number("could_take", "Buyers could take a year", form=GIVEN_MEAN),
            number("share", "Of capacity", form=GIVEN_SHARE),
        ],
        rows=rows,
        remark="What buyers could take: the mean capacities of their alternatives, all on stream. "
        "A pool is contested while they ask for more than it has.",
    )


def _buyers(scenario: Scenario) -> Table:
    table = Table(
        key="buyers",
        title="Buyers of pools",
        columns=[
            text("pool", "Pool"),
            text("material", "Material"),
            text("importer", "Importer"),
            text("alternative", "Alternative"),
            number("demand_per_year", "Demand a year", form=GIVEN),
            number("share", "Could take, share of demand", form=GIVEN_SHARE),
            number("could_take", "Could take a year", form=GIVEN_MEAN),
            text("unit", "Unit"),
            number("precedence", "Precedence", form=GIVEN),
        ],
        rows=_buyers_of(scenario),
    )
    is_ranked = any(pool.allocation == "precedence" for pool in scenario.pools.values())
    return table if is_ranked else table.without("precedence")


def _stocks(scenario: Scenario) -> Table:
    rows: list[list[Cell]] = [
        [name, label, tier.days.mean(), tier.release_lag_days, tier.max_release, *_building(tier)]
        for name, material in scenario.materials.items()
        for label, tier in material.stocks.items()
    ]
    table = Table(
        key="stocks",
        title="Stocks, in order of release",
        columns=[
            text("material", "Material"),
            text("stock", "Stock"),
            number("days", "Days of normal demand", form=GIVEN_MEAN),
            number("release_lag_days", "Released after, days", form=GIVEN),
            number("max_release", "At most, share of demand", form=GIVEN_SHARE),
            number("target_days", "Target, days", form=GIVEN_MEAN),
            number("build_rate", "Built up at, share of demand", form=GIVEN_SHARE),
        ],
        rows=rows,
    )
    stocks = (material.stocks.values() for material in scenario.materials.values())
    is_building = any(tier.build_rate > 0.0 for tiers in stocks for tier in tiers)
    return table if is_building else table.without("target_days", "build_rate")


def _building(tier: StockTier) -> list[Cell]:
    """How far a stock is built up, and how fast; empty where it is not."""
    if tier.build_rate == 0.0:
        return [None, None]
    return [tier.days.mean() if tier.target_days is None else tier.target_days, tier.build_rate]


def _industries(scenario: Scenario) -> Table:
    money = unit_words(scenario.run.money)
    return Table(
        key="industries",
        title="Industries",
        columns=[
            text("industry", "Industry"),
            text("importer", "Country"),
            number("value_added_per_year", f"Value added a year, {money}", form=GIVEN),
            text("combine", "Several shortages"),
            number("min_operating_rate", "Stops below", form=GIVEN_SHARE),
            number("recapture", "Made up later", form=GIVEN_SHARE),
        ],
        rows=[
            [name, i.importer, i.value_added_per_year, i.combine, i.min_operating_rate, i.recapture]
            for name, i in scenario.industries.items()
        ],
    )


def _uses(scenario: Scenario) -> Table:
    return Table(
        key="uses",
        title="Uses: what each industry depends on",
        columns=[
            text("industry", "Industry"),
            text("material", "Material"),
            number("share", "Share of the material's demand", form=GIVEN_SHARE),
            number("dependence", "Output lost without it", form=GIVEN_SHARE),
            number("inventory_days", "Own inventory, days", form=GIVEN_MEAN),
            *_of_firms(scenario),
            text("substitution", "Substitution"),
        ],
        rows=[
            [name, label, use.share, use.dependence, *_inventory(scenario, use, industry.classes),
             _substitution(use)]
            for name, industry in scenario.industries.items()
            for label, use in industry.uses.items()
        ],
    )  # fmt: skip


def _firms_differ(scenario: Scenario) -> bool:
    return any(industry.classes > 1 for industry in scenario.industries.values())


def _of_firms(scenario: Scenario) -> list[Column]:
    """Columns about firms that differ, where any do."""
    if not _firms_differ(scenario):
        return []
    return [
        number("classes", "Classes of firms", form=GIVEN),
        number("least_inventory_days", "Least inventory of a class, days", form=GIVEN_MEAN),
        number("most_inventory_days", "Most inventory of a class, days", form=GIVEN_MEAN),
    ]


def _inventory(scenario: Scenario, use: Use, classes: int) -> list[float]:
    """The mean over the classes of firms; where any differ, also their number and range."""
    days = inventories(use, classes)
    mean = days[0] if days[0] == days[-1] else math.fsum(days) / classes
    return [mean, classes, days[0], days[-1]] if _firms_differ(scenario) else [mean]


def _cuts(scenario: Scenario, material: Material) -> str:
    cuts = [(level, material.cut[level]) for level in scenario.ladder if level in material.cut]
    return ", ".join(f"{level} {short(cut.mean())}" for level, cut in cuts) or say("none")


def _chances(chances: Mapping[str, float]) -> str:
    likely = {name: chance for name, chance in chances.items() if chance > 0.0}
    return ", ".join(f"{name} {short_percent(chance)}" for name, chance in likely.items())


def _substitution(use: Use) -> str:
    if use.substitution_share == 0.0:
        return ""
    share, days = short_percent(use.substitution_share), plain(use.substitution_lag_days)
    return say(f"{share} after {days} days")
