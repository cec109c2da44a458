"""Make the shipped tables of economies from the tables that were derived from the sources.

    python -m riskengine.economies.building SOURCE TRADE...

SOURCE is a folder with `import_shares.csv`, `import_totals.csv`, `hs_groups.csv`,
`value_added.csv`, `propagation_upstream.csv` and `production_capacity.csv`; docs/data.md says how
each was derived. TRADE are files of the trade database BACI for the years of `import_shares.csv`,
as published: shares of single years come from them. The tables go where the package reads them.
Names in other languages are taken from CLDR by Babel, which is needed here alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskengine.economies.codes import NOT_IN_EXTRACT, TRADE_CODES, UNION_MEMBERS
from riskengine.economies.deriving import derive
from riskengine.economies.names import plain_key
from riskengine.economies.published import published_flows
from riskengine.economies.tables import UNION, parquet_bytes

LANGUAGES = (
    "en", "ko", "ja", "de", "fr", "es", "it", "pt", "nl", "zh", "zh_Hant", "ru", "uk", "pl", "cs",
    "hu", "ro", "bg", "el", "sv", "da", "fi", "nb", "tr", "ar", "fa", "he", "hi", "bn", "id", "ms",
    "vi", "th", "et", "lv", "lt", "sk", "sl", "hr", "ca",
)  # fmt: skip
#: English names that CLDR does not have
FURTHER_NAMES = {
    "KOR": (
        "South Korea", "Republic of Korea", "Korea, Rep.", "Korea, Republic of", "Korea, Rep. of",
        "ROK", "한국", "남한",
    ),
    "PRK": ("DPRK", "Korea, Dem. People's Rep.", "북한"),
    "USA": ("United States of America", "America", "US", "U.S."),
    "GBR": ("UK", "Great Britain", "Britain"),
    "NLD": ("Holland",),
    "CZE": ("Czech Republic",),
    "CIV": ("Cote d'Ivoire",),
    "COD": ("Democratic Republic of the Congo", "DRC", "Congo, Dem. Rep.", "Congo-Kinshasa"),
    "COG": ("Republic of the Congo", "Congo, Rep.", "Congo-Brazzaville"),
    "RUS": ("Russian Federation",),
    "VNM": ("Viet Nam",),
    "TUR": ("Turkiye",),
    "MMR": ("Burma",),
    "SWZ": ("Swaziland",),
    "CHN": ("PRC", "People's Republic of China", "Mainland China", "China, mainland"),
    "TWN": ("Chinese Taipei", "Taiwan, China", "Other Asia, not elsewhere specified"),
    "HKG": ("Hong Kong SAR", "Hong Kong, China"),
    "MAC": ("Macau", "Macao, China"),
    "SVK": ("Slovak Republic",),
    "MKD": ("Macedonia",),
    "CPV": ("Cape Verde",),
    "TLS": ("East Timor",),
    "LAO": ("Lao PDR",),
    "SXM": ("Sint Maarten",),
    UNION: ("EU", "EU-27", "EU 27", "European Union (27)"),
}  # fmt: skip
#: Codes of CLDR that are no economy of today
GONE = ("BUR", "ZAR", "DDR", "FXX", "TMP", "YMD", "QUU", "XAA", "XBB", "ZZZ")
NAMES = {UNION: "European Union"}  #: in place of those of the source

#: Sectors in which each shipped case has an industry: these are struck directly
STRUCK = {
    "korea": (
        "transport-equipment", "electrical-and-optical", "machinery", "basic-and-fabricated-metals",
        "chemicals", "coke-petroleum",
    ),
    "japan": (
        "transport-equipment", "electrical-and-optical", "machinery", "basic-and-fabricated-metals",
        "chemicals",
    ),
}  # fmt: skip
WORLD_TABLES = "WIOD 2013 release"


def build(source: Path, trade: Sequence[str], target: Path) -> None:
    """Write all tables.

    Parameters
    ----------
    source : Path
        The folder with the source tables.
    trade : sequence of str
        Files of the trade database.
    target : Path
        An existing folder for the tables.
    """
    made = {
        "import_shares": _import_shares(source),
        "import_totals": _import_totals(source),
        "yearly_shares": _yearly_shares(source, trade),
        "customs_codes": _customs_codes(source),
        "value_added": _value_added(source),
        "passed_on": _passed_on(source),
        "world_production": _world_production(source),
        "economies": _economies(source),
    }
    for name, frame in made.items():
        (target / f"{name}.parquet").write_bytes(parquet_bytes(frame))


def _read(source: Path, name: str, **as_text: Any) -> pd.DataFrame:
    # "NA" is Namibia in two letters; only an empty cell is a missing value.
    path = source / f"{name}.csv"
    frame: pd.DataFrame = pd.read_csv(path, keep_default_na=False, na_values=[""], **as_text)
    return frame


def _import_shares(source: Path) -> pd.DataFrame:
    named = _read(source, "import_shares").rename(
        columns={"importer_iso3": "importer", "importer": "_", "exporter_iso3": "exporter",
                 "exporter": "__"}
    )  # fmt: skip
    frame = named.drop(columns=["_", "__", "hs92_codes"])
    order = ["importer", "commodity", "share_of_value", "exporter"]
    return frame.sort_values(order, ascending=[True, True, False, True], kind="stable")


def _import_totals(source: Path) -> pd.DataFrame:
    named = _read(source, "import_totals").rename(
        columns={"importer_iso3": "importer", "importer": "_"}
    )
    return named.drop(columns=["_", "hs92_codes"]).sort_values(["importer", "commodity"])


def _yearly_shares(source: Path, trade: Sequence[str]) -> pd.DataFrame:
    """Of the exporters that `import_shares` lists, four digits as there."""
    known = {
        number: code for code, numbers in _trade_codes(_names(source)).items() for number in numbers
    }
    codes = _customs_codes(source)
    codes = codes[codes["is_shipped"]]
    flows = published_flows(trade, set(codes["hs_code"]))
    flows = flows.assign(
        importer=flows["importer"].map(known), exporter=flows["exporter"].map(known)
    )
    derived = derive(flows, dict(zip(codes["hs_code"], codes["commodities"], strict=True)))
    keys = ["importer", "commodity", "exporter"]
    listed = _import_shares(source)[keys]
    return derived.yearly.merge(listed, on=keys).round({"share_of_tonnes": 4, "share_of_value": 4})


def _customs_codes(source: Path) -> pd.DataFrame:
    frame = _read(source, "hs_groups", dtype={"hs_code": str})
    is_shipped = frame["in_import_tables"] == "yes"
    groups = frame["commodities_in_import_tables"].where(
        is_shipped, frame["hs_code"].map(NOT_IN_EXTRACT)
    )
    return pd.DataFrame(
        {
            "hs_code": frame["hs_code"],
            "description": frame["description"],
            "commodities": groups,
            "is_shipped": is_shipped,
            "stands_for": frame["stands_for_engine_material"],
            "caveat": frame["caveat"].fillna(""),
        }
    )


def _world_production(source: Path) -> pd.DataFrame:
    return _read(source, "production_capacity").rename(columns={"country_iso3": "economy"})


def _value_added(source: Path) -> pd.DataFrame:
    """Of the sectors that a case strikes. The EU is the sum of its members."""
    frame = _read(source, "value_added")
    kept = {sector for sectors in STRUCK.values() for sector in sectors}
    frame = frame[(frame["source"] == WORLD_TABLES) & frame["sector"].isin(kept)]
    frame = frame.rename(columns={"country_iso3": "economy"})
    columns = ["economy", "year", "sector", "value_added_usd_million"]
    members = frame[frame["economy"].isin(UNION_MEMBERS)]
    union: pd.DataFrame = members.groupby(["year", "sector"], as_index=False)[columns[-1:]].sum()
    return pd.concat([frame[columns], union.assign(economy=UNION)[columns]], ignore_index=True)


def _passed_on(source: Path) -> pd.DataFrame:
    coefficients = _read(source, "propagation_upstream")
    rows = [
        {"economy": economy, "struck": case, **passed}
        for economy, given in coefficients.groupby("country_iso3")
        for case, struck in STRUCK.items()
        for passed in passed_on_rows(given, struck)
    ]
    return pd.DataFrame(rows)


def passed_on_rows(coefficients: pd.DataFrame, struck: Sequence[str]) -> list[dict[str, Any]]:
    """What each struck sector passes on to those that are not struck.

    Parameters
    ----------
    coefficients : DataFrame
        Columns `from_sector`, `to_sector`, `coefficient` of one economy: C[j, i] is the value added
        that i loses per unit of value added that j loses.
    struck : sequence of str
        Sectors whose loss is given: nothing is passed on to them.

    Returns
    -------
    list of dict
        `sector`, `first_round` and `all_rounds` of each struck sector.

    Notes
    -----
    With N the sectors that are not struck, the losses of N are x = c[j, N] + C[N, N]^T x, so their
    sum is that of (I - C[N, N]^T)^-1 c[j, N].
    """
    names = sorted({*coefficients["from_sector"], *coefficients["to_sector"]})
    place = {name: k for k, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    matrix[
        coefficients["from_sector"].map(place).to_numpy(),
        coefficients["to_sector"].map(place).to_numpy(),
    ] = coefficients["coefficient"]
    others = [place[name] for name in names if name not in struck]
    inside = matrix[np.ix_(others, others)]
    rows = []
    for sector in struck:
        first = matrix[place[sector], others] if sector in place else np.zeros(len(others))
        lost = np.linalg.solve(np.eye(len(others)) - inside.T, first)
        rows.append(
            {
                "sector": sector,
                "first_round": round(float(first.sum()), 4),
                "all_rounds": round(float(lost.sum()), 4),
            }
        )
    return rows


def _names(source: Path) -> dict[str, str]:
    """The English name of every economy by its code."""
    totals, shares = _read(source, "import_totals"), _read(source, "import_shares")
    importers = dict(zip(totals["importer_iso3"], totals["importer"], strict=True))
    made = _read(source, "production_capacity")
    exporters = dict(zip(shares["exporter_iso3"], shares["exporter"], strict=True))
    producers = dict(zip(made["country_iso3"], made["country"], strict=True))
    apart = {"WLD", "OTH"}
    given = {**_territories(), **producers, **exporters, **importers, **NAMES}
    return {code: name for code, name in given.items() if code not in apart}


def _economies(source: Path) -> pd.DataFrame:
    importers = set(_read(source, "import_totals")["importer_iso3"])
    names = _names(source)
    aliases = _aliases(names)
    codes = _trade_codes(names)
    rows = [
        {
            "economy": code,
            "name": names[code],
            "aliases": "|".join(aliases[code]),
            "trade_codes": "|".join(map(str, codes.get(code, []))),
            "is_importer": code in importers,
            "in_union": code in UNION_MEMBERS,
        }
        for code in sorted(names)
    ]
    return pd.DataFrame(rows)


def _territories() -> dict[str, str]:
    """Every territory of CLDR by its code of three letters, in English."""
    from babel import Locale

    english = Locale.parse("en").territories
    return {three: english[two] for three, two in _two_letters().items() if two in english}


def _two_letters() -> dict[str, str]:
    """ISO 3166 alpha-3 -> alpha-2, of codes that stand for one territory today."""
    from babel.core import get_global

    known = get_global("territory_aliases")
    found: dict[str, str] = {}
    for code, now in known.items():
        if len(code) == 3 and code.isalpha() and len(now) == 1 and code not in GONE:
            found[code] = now[0]
    return found


def _aliases(names: dict[str, str]) -> dict[str, list[str]]:
    """Further names of each economy; one that two economies share, the English name wins."""
    from babel import Locale

    two_letters = {**_two_letters(), UNION: "EU"}
    locales = [Locale.parse(language) for language in LANGUAGES]
    given = {
        code: [
            *FURTHER_NAMES.get(code, ()),
            *([two_letters[code]] if code in two_letters else []),
            *(each.territories.get(two_letters.get(code, ""), "") for each in locales),
        ]
        for code in names
    }
    owners: dict[str, set[str]] = {}
    for code, many in given.items():
        for name in many:
            owners.setdefault(plain_key(name), set()).add(code)
    main = {plain_key(name): code for code, name in names.items()}
    main |= {plain_key(code): code for code in names}
    return {
        code: _once(
            name
            for name in many
            if name
            and "|" not in name
            and len(owners[plain_key(name)]) == 1
            and plain_key(name) not in main
        )
        for code, many in given.items()
    }


def _once(names: Iterable[str]) -> list[str]:
    """Names, each once as people tell them apart."""
    return list({plain_key(name): name for name in reversed([*names])}.values())[::-1]


def _trade_codes(names: dict[str, str]) -> dict[str, list[int]]:
    """Numeric codes of the trade database: ISO 3166 as CLDR has them, and its exceptions."""
    from babel.core import get_global

    known = get_global("territory_aliases")
    three = {two: code for code, two in _two_letters().items() if code in names}
    found: dict[str, list[int]] = {}
    for number, two in known.items():
        if number.isdigit() and len(two) == 1 and two[0] in three:
            found.setdefault(three[two[0]], []).append(int(number))
    for own, code in TRADE_CODES.items():
        for codes in found.values():
            if own in codes:
                codes.remove(own)
        if code in names:
            found.setdefault(code, []).append(own)
    return {code: sorted(numbers) for code, numbers in found.items()}


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2:], Path(__file__).parent / "data")
