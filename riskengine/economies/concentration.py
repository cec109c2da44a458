"""How much of each material comes from its largest supplier: in the world, imports, a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from riskengine.economies import tables
from riskengine.economies.drafting.stand_ins import stand_ins_of
from riskengine.economies.names import Economy, by_code, country_name, find_economy, has_code
from riskengine.economies.stages import MADE, MOST_FROM_ONE, STRATEGIC, listed_name
from riskengine.economies.tables import read_rows, shipped_table
from riskengine.economies.trade import Trade, shipped_trade
from riskengine.errors import UsageFault
from riskengine.model.scenario import Scenario
from riskengine.model.statuses import weakest

WORLD, IMPORTS, DEMAND = "world", "imports", "demand"
_APART = ("WLD", "OTH")  #: rows of the world tables that are no country
_ROUNDING = 1e-9  #: of a sum of shares

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A country and its share of a stage."""

    country: str
    share: float
    is_third: bool  #: neither the importer itself nor, for the EU and its members, a member


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyStage:
    """Who supplies one material at one stage."""

    material: str
    kind: str  #: `WORLD`, `IMPORTS` or `DEMAND`
    stage: str  #: in words
    years: str = ""  #: of the shares; empty for the demand of a scenario
    suppliers: tuple[Supplier, ...]  #: the largest first, at least one
    by_year: Mapping[int, float] = field(default_factory=dict)  #: of the largest, where known
    lowest: float | None = None  #: share of the largest supplier in its lowest year
    mean: float | None = None  #: of all years
    highest: float | None = None
    quality: str = ""  #: remarks of the tables on their figures, or the status of the sources

    @property
    def largest(self) -> Supplier:
        return self.suppliers[0]

    @property
    def is_strategic(self) -> bool:
        """Whether the European regulation lists the material as strategic."""
        return listed_name(self.material) in STRATEGIC

    @property
    def is_above(self) -> bool | None:
        """Whether one third country supplies more than the European limit; None of the world."""
        if self.kind == WORLD:
            return None
        return any(s.is_third and s.share > MOST_FROM_ONE + _ROUNDING for s in self.suppliers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Who supplies what a scenario needs."""

    title: str
    stages: tuple[SupplyStage, ...]  #: material by material: the world, imports, demand
    unseen: tuple[str, ...]  #: materials of which the tables have neither production nor trade

    def of(self, kind: str) -> list[SupplyStage]:
        """The stages of a kind."""
        return [stage for stage in self.stages if stage.kind == kind]


def concentration(scenario: Scenario, trade: Trade | None = None) -> Concentration:
    """Who supplies each material of a scenario, at each stage that the tables know.

    Parameters
    ----------
    scenario : Scenario
        Its sources are the stage of demand. World production and imports are found by the names of
        its materials and importers; what the tables do not have is left out.
    trade : Trade, optional
        Other trade tables than the shipped ones.
    """
    importers = {material.importer for material in scenario.materials.values()}
    bought = {
        name: _Imports(economy, trade or shipped_trade())
        for name in importers
        if (economy := _economy(name)) is not None
    }
    stages: list[SupplyStage] = []
    unseen = []
    for name, material in scenario.materials.items():
        imports = bought.get(material.importer)
        seen = [*_world(name), *(imports.stages(name) if imports else ())]
        stages += [*seen, *_demand(scenario, name, imports.importer if imports else None)]
        if not seen:
            unseen.append(name)
    return Concentration(title=scenario.run.title, stages=tuple(stages), unseen=tuple(unseen))


@cache
def _production() -> tuple[Row, ...]:
    """World production, a later edition after an earlier one."""
    rows = read_rows(shipped_table("world_production"), "measure", "production")
    return tuple(sorted(rows, key=lambda row: str(row["edition"])))


def _world(material: str) -> Iterator[SupplyStage]:
    """World production by stage: the newest year, and the largest supplier in all years.

    Stages are mine, refinery, smelter, smelter (ferrosilicon), smelter (silicon metal), sponge
    metal and primary low-purity.
    """
    wanted = MADE.get(listed_name(material))
    if wanted is None:
        return
    found: dict[str, dict[tuple[int, str], Row]] = {}
    for row in _production():  # a later edition revises the years of an earlier one
        is_wanted = row["material"] == wanted.material and (row["form"] or "") == wanted.form
        if is_wanted and row["economy"] not in _APART and row["share_of_listed_countries"]:
            found.setdefault(row["stage"], {})[row["year"], row["country"]] = row
    for stage, rows in found.items():
        shares = {place: float(row["share_of_listed_countries"]) for place, row in rows.items()}
        newest = max(year for year, _ in shares)
        suppliers = _ranked(
            (who, share, True) for (year, who), share in shares.items() if year == newest
        )
        largest = suppliers[0].country
        by_year = {year: shares[year, who] for year, who in sorted(shares) if who == largest}
        yield SupplyStage(
            material=material,
            kind=WORLD,
            stage=f"world, {stage}",
            years=str(newest),
            suppliers=suppliers,
            by_year=by_year,
            lowest=min(by_year.values()),
            mean=math.fsum(by_year.values()) / len(by_year),
            highest=max(by_year.values()),
        )


class _Imports:
    """The imports of one importer, read once."""

    def __init__(self, importer: Economy, trade: Trade):
        self.importer = importer
        self._years = trade.span
        self._shares = trade.shares(importer.code)
        self._totals = trade.totals(importer.code)
        self._yearly = trade.yearly(importer.code)

    def stages(self, material: str) -> Iterator[SupplyStage]:
        """Imports of a material by weight: mean, lowest and highest year; none if not traded."""
        wanted = [each.commodity for each in stand_ins_of(listed_name(material))]
        commodity = next((each for each in wanted if each in self._shares), "")
        given = [row for row in self._shares.get(commodity, ()) if row["share_of_tonnes"]]
        rows = {country_name(row["exporter"]): row for row in given}
        if not rows:
            return
        suppliers = _ranked(
            (country, row["share_of_tonnes"], _is_third(row["exporter"], self.importer))
            for country, row in rows.items()
        )
        largest = rows[suppliers[0].country]
        quality = str(self._totals[commodity]["quality"])
        yield SupplyStage(
            material=material,
            kind=IMPORTS,
            stage=f"imports of {self.importer.name}, {commodity}",
            years=self._years,
            suppliers=suppliers,
            by_year=self._yearly.get((commodity, largest["exporter"]), {}),
            lowest=largest["share_of_tonnes_lowest_year"],
            mean=suppliers[0].share,
            highest=largest["share_of_tonnes_highest_year"],
            quality="" if quality == "ok" else quality.replace("|", ", "),
        )


def _demand(scenario: Scenario, name: str, importer: Economy | None) -> Iterator[SupplyStage]:
    """The sources of the scenario, as shares of demand, with the weakest status among them."""
    material = scenario.materials[name]
    rows = scenario.document["materials"][name].get("sources", {}).values()
    suppliers = []
    for country, source in material.sources.items():
        found = _economy(country)
        is_third = country != material.importer
        if found is not None and importer is not None:
            is_third = _is_third(found.code, importer)
        suppliers.append((country, source.share, is_third))
    ranked = _ranked(suppliers)
    if ranked:
        stage = f"demand of {material.importer}" if material.importer else "demand"
        yield SupplyStage(
            material=name,
            kind=DEMAND,
            stage=stage,
            suppliers=ranked,
            quality=weakest(str(row.get("status", "")) for row in rows),
        )


def _ranked(suppliers: Iterable[tuple[str, float, bool]]) -> tuple[Supplier, ...]:
    """Suppliers with a share, the largest first; equal ones by name."""
    some = (
        Supplier(country=country, share=share, is_third=is_third)
        for country, share, is_third in suppliers
        if share > 0.0
    )
    return tuple(sorted(some, key=lambda each: (-each.share, each.country)))


def _is_third(code: str, importer: Economy) -> bool:
    """Whether a country is a third country for an importer."""
    if importer.in_union or importer.code == tables.UNION:
        return not (has_code(code) and by_code(code).in_union) and code != tables.UNION
    return code != importer.code


def _economy(name: str | None) -> Economy | None:
    """The economy with a name of a scenario, which may be any text; None if there is none."""
    try:
        return find_economy(name) if name else None
    except UsageFault:
        return None
