"""Industries with their value added, what they need, and what their suppliers lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskengine.economies.drafting.request import DERIVED, DraftRequest
from riskengine.economies.drafting.wording import Remark, Row, short
from riskengine.economies.tables import UNION, WORLD_TABLES_SOURCE, read_rows, shipped_table

RELATIVE = "% of yearly value added"
WORLD_TABLES = "world input-output tables of 2011 (release of 2013, Timmer et al. 2015)"
SUPPLIERS = "suppliers"  #: the industry to which losses are passed on


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large the industries of an importer are, and in which money."""

    money: str
    #: Value added of the sectors of the importer, USD million of 2011; empty where unknown
    sectors: Mapping[str, float]
    #: Parts of the spend of the case, by material; empty where it stays or is unknown
    spends: Mapping[str, float]
    words: str = ""

    @property
    def has_money(self) -> bool:
        """Whether losses are in dollars, so that imports in dollars can stand beside them."""
        return self.money != RELATIVE

    def spend(self, spend: float, material: str) -> float:
        """What the importer spends on a material of which only the case's spend is known."""
        return spend * self.spends.get(material, 0.0)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Industries of a draft, their uses, and what they pass on."""

    industries: list[Row]
    uses: list[Row]
    propagation: list[Row]
    remarks: list[Remark] = field(default_factory=list)


def scale_of(request: DraftRequest) -> Scale:
    """The size of the importer's industries: of the case itself, by the world tables, or none."""
    materials = [row["material"] for row in request.case.rows("materials")]
    money = "USD million"
    if request.is_own:
        return Scale(money=money, sectors={}, spends=dict.fromkeys(materials, 1.0))
    sectors = _sectors(request.importer.code)
    if not sectors:
        return Scale(money=RELATIVE, sectors={}, spends={})
    theirs = _sectors(request.case.economy)
    needed: dict[str, set[str]] = {}
    for row in request.case.rows("uses"):
        needed.setdefault(row["material"], set()).add(request.case.sectors[row["industry"]])
    spends = {
        material: sum(sectors[each] for each in using) / sum(theirs[each] for each in using)
        for material, using in needed.items()
    }
    words = " times the value added of the sectors that use it, here over there, both of 2011"
    return Scale(money=money, sectors=sectors, spends=spends, words=words)


def demanded(request: DraftRequest, scale: Scale, materials: Sequence[str]) -> Demand:
    """Industries that use some materials, and their uses."""
    rows = [row for row in request.case.rows("uses") if row["material"] in materials]
    using = {row["industry"] for row in rows}
    all_rows = request.case.rows("industries")
    kept = [row for row in all_rows if row["industry"] in using or not using]
    remarks = [_of_uses(request)] if rows else []
    without = [name for name in materials if name not in {row["material"] for row in rows}]
    if without:
        remarks.insert(
            0,
            Remark(
                f"{', '.join(without)}: no use is known, so nothing is lost without it until one "
                "is given",
                "a row in uses.csv for each industry that needs it: its share of your demand, and "
                "the part of its output that stops without it (dependence)",
            ),
        )
    industries, about = _industries(request, scale, kept)
    passed = _passed_on(request, [row["industry"] for row in kept])
    remarks += [about, _of_passed_on(request, bool(passed))]
    return Demand(
        industries=industries,
        uses=[request.taken(row) for row in rows],
        propagation=passed,
        remarks=remarks,
    )


def _industries(request: DraftRequest, scale: Scale, rows: list[Row]) -> tuple[list[Row], Remark]:
    case = request.case
    if request.is_own:
        return rows, Remark(
            f"value added of industries: the rows of {case.shipped}, with their own statuses",
            "newer national accounts, in industries.csv",
        )
    parts, made = case.parts(), []
    if not scale.sectors:
        whole = sum(float(row["value_added_per_year"]) for row in rows)
        for row in rows:
            added = 100 * float(row["value_added_per_year"]) / whole
            note = (
                f"value_added_per_year: its part of the industries of {case.shipped}, in percent."
            )
            made.append(request.taken({**row, "value_added_per_year": short(added)}, note))
        return made, Remark(
            f"value added of industries: none is known for {request.importer.name}. The industries "
            f"have the mix of those of {case.shipped}, and losses are in percent of their value "
            "added of a year; what is spent on materials is left out",
            "value added in money from national accounts in industries.csv, run.money, and "
            "spend_per_year in materials.csv (its notes have the imports in USD)",
        )
    for row in rows:
        sector, part = case.sectors[row["industry"]], parts[row["industry"]]
        added = scale.sectors[sector]
        what = f"{sector}, USD {short(added)} million in the {WORLD_TABLES}"
        split = "" if part == 1 else f" x {part:.3f}, its part of the sector in {case.shipped}"
        note = f"value_added_per_year: {what}{split}. Recapture and rate: those of the case."
        written = request.taken({**row, "value_added_per_year": short(added * part)}, note)
        written["source"] = f"{WORLD_TABLES_SOURCE} | {written['source']}"
        made.append(written)
    missing = ", without Croatia" if request.importer.code == UNION else ""
    return made, Remark(
        f"value added of industries: sectors of 2011{missing}, in USD of then, divided into "
        f"industries as in {case.shipped}",
        "national accounts by class of industry, in industries.csv",
    )


def _of_uses(request: DraftRequest) -> Remark:
    whose = "assumptions of" if request.is_own else "borrowed from"
    return Remark(
        f"uses (share of demand, dependence, inventories, substitution): {whose} "
        f"{request.case.shipped}; dependence drives the results",
        "a survey of firms: what stops without the material, and how many days they hold; uses.csv",
    )


def _passed_on(request: DraftRequest, industries: Sequence[str]) -> list[Row]:
    found = {
        row["sector"]: row
        for row in read_rows(shipped_table("passed_on"), "economy", request.importer.code)
        if row["struck"] == request.case.name
    }
    return [
        request.told(
            {
                "from": industry,
                "to": SUPPLIERS,
                "coefficient": short(row["all_rounds"]),
            },
            DERIVED,
            WORLD_TABLES_SOURCE,
            f"Sector {row['sector']} of the {WORLD_TABLES}: first round "
            f"{short(row['first_round'])}, all rounds {short(row['all_rounds'])}, summed over the "
            f"sectors in which {request.case.shipped} has no industry.",
        )
        for industry in industries
        if (row := found.get(request.case.sectors[industry])) is not None and row["all_rounds"] > 0
    ]


def _of_passed_on(request: DraftRequest, is_there: bool) -> Remark:
    if is_there:
        return Remark(
            "losses passed on to suppliers are off: tables/propagation.csv has them, of 2011",
            "a newer national input-output table. Switched on as shown below; report with and "
            "without",
        )
    return Remark(
        f"losses passed on to suppliers: no table for {request.importer.name}",
        "a national input-output table, in the form of docs/data.md",
    )


def _sectors(economy: str) -> dict[str, float]:
    rows = read_rows(shipped_table("value_added"), "economy", economy)
    return {row["sector"]: row["value_added_usd_million"] for row in rows}
