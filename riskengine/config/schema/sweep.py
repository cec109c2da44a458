"""The columns of a table of sweep parameters, which the verb sweep reads and checks."""

from __future__ import annotations

import math

from riskengine.config.schema.kinds import Anything, Integer, KeyedTable, Number, Text
from riskengine.model.families import FAMILIES

MOST_POINTS = 20_000  #: without the base case; each adds some hundred rows to the tables

_END = "of the values, in the unit of the path"
_BOUND = "of the distribution"
_EMPIRICAL = KeyedTable(
    meaning="one of the values, with equal or given weights",
    annotations=(),
    keys={
        "values": Anything(meaning="list of the values"),
        "weights": Anything(meaning="list of their weights"),
        "file": Text(meaning="CSV or XLSX with the values", free=True),
        "column": Text(meaning="column of that file", free=True),
    },
)

PARAMETER = KeyedTable(
    meaning="over what a path is varied",
    keys={
        "values": Anything(meaning="list of the values, such as [0, 30, 60]"),
        "low": Number(meaning=f"first {_END}", low=-math.inf),
        "high": Number(meaning=f"last {_END}", low=-math.inf),
        "count": Integer(meaning="values in equal steps", unit="values", low=2, high=MOST_POINTS),
        "min": Number(meaning=f"lower bound {_BOUND}", low=-math.inf),
        "max": Number(meaning=f"upper bound {_BOUND}", low=-math.inf),
        **{
            name: KeyedTable(
                meaning=f"distribution {name}",
                annotations=(),
                keys={key: Number(meaning=f"{key} {_BOUND}") for key in family.limits},
            )
            for name, family in FAMILIES.items()
            if name != "constant"
        },
        "empirical": _EMPIRICAL,
    },
)
