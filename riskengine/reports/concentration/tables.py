"""The tables and sentences of a concentration report, each defined once for all places."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from riskengine.economies.concentration import (
    DEMAND,
    WORLD,
    Concentration,
    SupplyStage,
)
from riskengine.economies.stages import MOST_FROM_ONE, MOST_FROM_ONE_SOURCE
from riskengine.language.speaking import say, spoken
from riskengine.model.spelling import counted
from riskengine.reports.tables.formats import AFTER, LINE, SHARE
from riskengine.reports.tables.numbers import short_percent
from riskengine.reports.tables.table import Column, Table, number, text
from riskengine.reports.tables.table import said as told
from riskengine.reports.tables.words import listing

_LIMIT = short_percent(MOST_FROM_ONE)
RULE = (
    f"Regulation (EU) 2024/1252, article 5: by 2030 not more than {_LIMIT} of the Union's annual "
    "consumption of a strategic raw material, at any relevant stage of processing, from a single "
    f"third country ({MOST_FROM_ONE_SOURCE}). Here it is a yardstick for every importer and "
    "material, by shares of imports and of the scenario's demand. Members of the EU are no third "
    "countries for each other."
)
ABOUT = (
    "World: production by stage, US Geological Survey, Mineral Commodity Summaries 2025 and 2026; "
    "withheld figures are missing from the sums.",
    "Imports: by weight, BACI of CEPII (Gaulier and Zignago 2010). The exporter is the country "
    "the goods were shipped from: hubs hide the origin. Marks such as tiny or unstable are "
    "explained in docs/data.md.",
    "Demand: the sources of the scenario, as shares of demand. What they leave of 100 % is never "
    "cut: home production, recycling, other countries.",
)
_MOST_COUNTRIES, _FEW_COUNTRIES = 10, 6  #: columns of the map; the others are one column
_MOVED = 0.3  #: between the lowest and the highest year: no mean describes a year


def tables(found: Concentration, *, is_narrow: bool = False) -> list[Table]:
    """All tables: the largest suppliers, the map, the trend; those without rows are left out.

    A narrow place, such as a page, has fewer columns.
    """
    largest, countries = largest_table(found), map_table(found)
    if is_narrow:
        largest = largest.without("second", "second_share")
        countries = map_table(found, most=_FEW_COUNTRIES)
    return [table for table in (largest, countries, trend_table(found)) if table.rows]


def largest_table(found: Concentration) -> Table:
    """The largest supplier of each material at each stage, and the European limit."""

    def second(stage: SupplyStage) -> tuple[str, float | None]:
        other = stage.suppliers[1:2]
        return (other[0].country, other[0].share) if other else ("", None)

    return Table(
        key="LargestSuppliers",
        title="Share of the largest supplier by stage",
        columns=[
            text("material", "Material"),
            text("stage", "Stage", stage_words, LINE),
            text("years", "Year", lambda row: row.years.replace(" to ", spoken().to), LINE),
            text("supplier", "Largest supplier", lambda row: row.largest.country),
            number("share", "Share", lambda row: row.largest.share, SHARE),
            text("second", "Second", lambda row: second(row)[0], AFTER),
            number("second_share", "Its share", lambda row: second(row)[1], SHARE),
            told("above", f"Above {_LIMIT}", _above, AFTER),
            told("strategic", "Strategic (EU)", lambda row: _yes(row.is_strategic), AFTER),
            text("quality", "Figures", _quality, AFTER),
        ],
        rows=found.stages,
        remark=f"Above {_LIMIT}: from one third country, the limit of the European Critical Raw "
        "Materials Act; it does not apply to the world.",
    )


def map_table(found: Concentration, most: int = _MOST_COUNTRIES) -> Table:
    """The suppliers of the scenario: materials by at most so many countries, the largest first."""
    rows = found.of(DEMAND)
    sums: Counter[str] = Counter()
    for stage in rows:
        sums.update({supplier.country: supplier.share for supplier in stage.suppliers})
    countries = sorted(sums, key=lambda country: (-sums[country], country))
    shown, others = countries[:most], countries[most:]

    def share(names: Iterable[str]) -> Callable[[SupplyStage], float | None]:
        wanted = frozenset(names)

        def value(row: SupplyStage) -> float | None:
            parts = [each.share for each in row.suppliers if each.country in wanted]
            return math.fsum(parts) if parts else None

        return value

    columns = [number(f"from {name}", name, share([name]), SHARE) for name in shown]
    if others:
        columns.append(number("others", f"{len(others)} others", share(others), SHARE))
    return Table(
        key="SupplierMap",
        title="Who supplies what: shares of demand by country",
        columns=[text("material", "Material"), *columns],
        rows=rows,
    )


def trend_table(found: Concentration) -> Table:
    """The largest supplier's share in single years, its lowest, mean and highest year."""
    rows = [stage for stage in found.stages if stage.lowest is not None]
    years = sorted({year for stage in rows for year in stage.by_year})

    def at(year: int) -> Column:
        return number(f"year {year}", f"{year}", lambda row: row.by_year.get(year), SHARE)

    return Table(
        key="Trend",
        title="The largest supplier over the years",
        columns=[
            text("material", "Material"),
            text("stage", "Stage", stage_words, LINE),
            text("supplier", "Supplier", lambda row: row.largest.country),
            *map(at, years),
            number("lowest", "Lowest year", form=SHARE),
            number("mean", "Mean", form=SHARE),
            number("highest", "Highest year", form=SHARE),
        ],
        rows=rows,
        remark="Single years are shown where the tables know them.",
    )


def sentences(found: Concentration) -> Iterator[str]:
    """The answer in sentences."""
    demand = found.of(DEMAND)
    if demand:
        first = Counter(stage.largest.country for stage in demand)
        country, count = max(first.items(), key=lambda item: (item[1], item[0]))
        yield (
            f"{country} is the largest supplier of {count} of {counted(len(demand), 'material')} "
            "of the scenario."
        )
        above = [stage for stage in demand if stage.is_above]
        strategic = sum(stage.is_strategic for stage in above)
        said = f": {listing([_named(stage) for stage in above])}" if above else ""
        yield (
            f"One third country supplies more than {_LIMIT} of the demand for "
            f"{len(above) or 'none'} of them{said}."
            + (f" The EU lists {strategic} of these as strategic." if above else "")
        )
    moved = [
        f"{stage.material} ({stage.largest.country} "
        f"{spoken().to.join(map(short_percent, (stage.lowest, stage.highest)))}"
        f"{spoken().comma}{stage_words(stage)})"
        for stage in found.stages
        if stage.kind != WORLD
        and stage.lowest is not None
        and stage.highest is not None
        and stage.highest - stage.lowest > _MOVED
    ]
    if moved:
        yield f"Shares that moved so much that no mean describes a year: {listing(moved)}."
    if found.unseen:
        yield (
            f"The tables have neither world production nor imports of {listing(found.unseen)}: "
            "only the scenario says where it comes from."
        )


def stage_words(stage: SupplyStage) -> str:
    """What the shares are of, in the language of the report; names as the tables have them."""
    return say(stage.stage, "supply")


def _quality(stage: SupplyStage) -> str:
    """The remarks of the tables on their figures; marks are explained under their English names."""
    return spoken().comma.join(say(mark) for mark in stage.quality.split(", "))


def _named(stage: SupplyStage) -> str:
    third = next(supplier for supplier in stage.suppliers if supplier.is_third)
    return f"{stage.material} ({third.country} {short_percent(third.share)})"


def _above(stage: SupplyStage) -> str:
    return "" if stage.is_above is None else "yes" if stage.is_above else "no"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""
