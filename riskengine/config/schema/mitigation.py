"""The keys of `[mitigation]`: a part of the schema of a config."""

from __future__ import annotations

import math

from riskengine.config.schema.kinds import (
    Anything,
    Flag,
    Integer,
    KeyedTable,
    Map,
    NameList,
    Number,
    Rising,
    Shorthand,
    Text,
)
from riskengine.model.mitigation import MEASURES

MOST_BUDGETS = 100
MOST_YEARS = 10_000  #: as many as the longest horizon has
HIGHEST_LEVEL = 0.999_999  #: of at most six decimals, as everywhere


def _cost(unit: str, meaning: str) -> Shorthand:
    return Shorthand(
        first="upfront",
        meaning=meaning,
        keys={
            "upfront": Number(meaning="paid at time 0", unit=unit, default=0.0),
            "yearly": Number(meaning="paid at the end of each year", unit=unit, default=0.0),
            "recovered": Number(
                meaning="received at the end of the last year", unit=unit, default=0.0
            ),
        },
    )


_OPTION = KeyedTable(
    keys={
        "set": Map(
            of=Anything(), member="path", meaning="values that it gives to paths of the config"
        ),
        "add": Map(
            of=Number(meaning="what is added to the number there", low=-math.inf),
            member="path",
            meaning="what it adds to the numbers at paths of the config",
        ),
        "cost": _cost("money", "what it costs; a number is the cost at time 0"),
        "group": Text(meaning="at most one option of a group is chosen"),
        "excludes": NameList(meaning="options that cannot stand beside it"),
        "requires": NameList(meaning="options without which it cannot stand"),
        "fixed": Flag(meaning="decided already: in every portfolio, and its cost not counted"),
        "kind": Text(meaning="free text for reports", default="", free=True),
    }
)

_END = "of the values, in the unit of the path"
_RANGE = KeyedTable(
    keys={
        "path": Text(meaning="path that its options set", required=True, free=True),
        "low": Number(meaning=f"first {_END}", low=-math.inf, required=True),
        "high": Number(meaning=f"largest {_END}", low=-math.inf, required=True),
        "step": Number(meaning="from one value to the next", low_open=True, required=True),
        "cost_per_unit": _cost(
            "money", "times the difference between the value and that of the config"
        ),
    }
)

MITIGATION = KeyedTable(
    meaning="options the verb mitigate chooses from",
    keys={
        "measure": Text(
            meaning="what is to be reduced, of the total loss", choices=MEASURES, required=True
        ),
        "level": Number(
            meaning="of VaR and TVaR",
            unit="confidence level",
            low_open=True,
            high=HIGHEST_LEVEL,
            default=0.99,
        ),
        "budgets": Rising(
            meaning="what may be spent; without it the whole frontier",
            most=MOST_BUDGETS,
            unit="money",
            or_range=True,
        ),
        "years": Integer(
            meaning="over which yearly costs are counted; default the horizon, rounded up",
            unit="years",
            low=1,
            high=MOST_YEARS,
        ),
        "discount_rate": Number(
            meaning="of costs in later years", unit="per year", high=1.0, default=0.0
        ),
        "limits": Map(
            of=Number(meaning="largest value", unit="money or probability"),
            member="limit",
            meaning="what every portfolio must keep: MEASURE [LEVEL] [industry NAME]",
        ),
        "worlds": Text(
            meaning="config whose sampled sweep draws the values that are not known", free=True
        ),
        "options": Map(of=_OPTION, member="option", meaning="what can be bought or decided"),
        "ranges": Map(
            of=_RANGE, member="range", meaning="options of one path in steps, at most one of them"
        ),
    },
)
