"""Small files as the trade database publishes them, and the same tables by plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

YEARS = (2022, 2023, 2024)
CODES = ("280530", "284610", "284690", "850511", "999999")  #: the last is in no table
GROUPS = {
    "rare-earth-metals": ("280530",),
    "cerium-compounds": ("284610",),
    "rare-earth-compounds": ("284690",),
    "rare-earths-without-cerium": ("280530", "284690"),
    "rare-earths-all-forms": ("280530", "284610", "284690"),
    "permanent-magnets": ("850511",),
}
#: Number of the database -> code of the tables; Taiwan and India are exceptions of the database
ECONOMIES = {156: "CHN", 392: "JPN", 276: "DEU", 251: "FRA", 490: "TWN", 699: "IND", 410: "KOR"}
UNION = ("DEU", "FRA")

Flow = tuple[int, int, int, str, float, float | None]  #: t, i, j, k, v, q


def flows(seed: int = 1) -> list[Flow]:
    """Random trade with missing quantities and missing years."""
    draw = random.Random(seed)
    found: list[Flow] = []
    for year in YEARS:
        for exporter in ECONOMIES:
            for importer in ECONOMIES:
                for code in CODES:
                    if exporter == importer or draw.random() < 0.4:
                        continue
                    value = round(10 ** draw.uniform(-1, 5), 3)
                    weight = None if draw.random() < 0.1 else round(10 ** draw.uniform(-3, 4), 3)
                    found.append((year, exporter, importer, code, value, weight))
    return found


def csv_text(rows: list[Flow], missing: str = "NA") -> str:
    """Rows as the database writes them."""
    lines = ["t,i,j,k,v,q"]
    for t, i, j, k, v, q in rows:
        lines.append(f"{t},{i},{j},{k},{v:.3f},{missing if q is None else f'{q:.3f}'}")
    return "\n".join(lines) + "\n"


def write_years(folder: Path, rows: list[Flow]) -> list[str]:
    """One file a year."""
    files = []
    for year in YEARS:
        path = folder / f"BACI_HS92_Y{year}_V202601.csv"
        path.write_text(csv_text([row for row in rows if row[0] == year]), "utf-8")
        files.append(str(path))
    return files


def plain_tables(rows: list[Flow], years: tuple[int, ...] = YEARS) -> dict[str, dict]:
    """Shares, totals and yearly shares by loops over the rows, as docs/data.md states them."""
    weight: dict = defaultdict(
        lambda: defaultdict(float)
    )  # (importer, commodity, year) -> exporter
    value: dict = defaultdict(lambda: defaultdict(float))
    unweighed: dict = defaultdict(float)
    for t, i, j, k, v, q in rows:
        for commodity, codes in GROUPS.items():
            if k not in codes or t not in years:
                continue
            exporter, importer = ECONOMIES[i], ECONOMIES[j]
            importers = [importer]
            if importer in UNION and exporter not in UNION:
                importers.append("EU27")
            for each in importers:
                weight[each, commodity, t][exporter] += q or 0.0
                value[each, commodity, t][exporter] += v
                if q is None:
                    unweighed[each, commodity] += v
    shares, totals, yearly = {}, {}, {}
    for importer, commodity in {key[:2] for key in value}:
        by_year = {t: value[importer, commodity, t] for t in years if value[importer, commodity, t]}
        all_value = sum(sum(each.values()) for each in by_year.values())
        all_weight = sum(sum(weight[importer, commodity, t].values()) for t in by_year)
        exporters = sorted({name for each in by_year.values() for name in each})
        squares = [0.0, 0.0]
        for name in exporters:
            worth = sum(each.get(name, 0.0) for each in by_year.values())
            heavy = sum(weight[importer, commodity, t].get(name, 0.0) for t in by_year)
            of_weight = heavy / all_weight if all_weight else None
            of_value = worth / all_value
            squares[0] += (of_weight or 0.0) ** 2
            squares[1] += of_value**2
            single = []
            for t in by_year:
                sum_of_year = sum(weight[importer, commodity, t].values())
                if sum_of_year:
                    single.append(weight[importer, commodity, t].get(name, 0.0) / sum_of_year)
            if max(of_weight or 0.0, of_value) >= 0.005:
                shares[importer, commodity, name] = (
                    heavy / len(years) or None, worth / 1000 / len(years), of_weight, of_value,
                    min(single, default=None), max(single, default=None),
                )  # fmt: skip
                for t, each in by_year.items():
                    if name in each:
                        sum_of_year = sum(weight[importer, commodity, t].values())
                        part = weight[importer, commodity, t][name]
                        yearly[importer, commodity, name, t] = (
                            part / sum_of_year if sum_of_year else None,
                            each[name] / sum(each.values()),
                        )
        totals[importer, commodity] = (
            all_weight / len(years) or None, all_value / 1000 / len(years), len(by_year),
            unweighed[importer, commodity] / all_value, squares[0] if all_weight else None,
            squares[1],
        )  # fmt: skip
    return {"shares": shares, "totals": totals, "yearly": yearly}
