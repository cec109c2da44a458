"""Codes of the trade database that are not those of ISO 3166, members of the EU, customs codes."""

from __future__ import annotations

#: The 27 members of the European Union since 2020
UNION_MEMBERS = frozenset((
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN",
    "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA", "LTU", "LUX",
    "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
))  # fmt: skip

#: Numeric codes of the trade database for economies, where they differ from ISO 3166
TRADE_CODES = {
    58: "BEL",  # Belgium and Luxembourg until 1998
    251: "FRA",  # with Monaco
    490: "TWN",  # "Other Asia, not elsewhere specified"
    579: "NOR",  # with Svalbard
    699: "IND",
    757: "CHE",  # with Liechtenstein
    842: "USA",  # with Puerto Rico
}

#: Commodities of codes that the shipped tables lack, for `riskengine new --update-trade`
NOT_IN_EXTRACT = {
    "380110": "artificial-graphite",
    "380130": "carbonaceous-pastes",
    "284180": "tungstates",
    "282590": "other-metal-oxides",
    "284990": "other-carbides",
    "811010": "antimony-metal",
    "282580": "antimony-oxides",
    "811292": "gallium-germanium-indium-and-others",
    "811299": "articles-of-gallium-germanium-indium-and-others",
    "282560": "germanium-oxides-and-zirconium-dioxide",
    "285390": "other-inorganic-compounds",
    "810411": "magnesium",
    "810419": "magnesium",
    "850511": "permanent-magnets",
}
