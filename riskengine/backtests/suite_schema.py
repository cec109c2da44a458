"""The only list of the tables and keys of a suite: kind, unit, meaning. Read like configs."""

from __future__ import annotations

import math

from riskengine.config.schema.keys import MOST_SEED, MOST_TRIALS
from riskengine.config.schema.kinds import Day, Free, Integer, KeyedTable, Map, Number, Text

_ANY = -math.inf

OUTCOME = KeyedTable(
    keys={
        "quantity": Text(meaning="figure of a trial", required=True),
        "value": Number(meaning="what was seen", unit="unit of the quantity", low=_ANY),
        "low": Number(meaning="at least so much", unit="unit of the quantity", low=_ANY),
        "high": Number(meaning="at most so much", unit="unit of the quantity", low=_ANY),
        "none_seen_until_day": Number(
            meaning="watched until this day, and it had not come", unit="days"
        ),
        "answer": Text(meaning="for a quantity that is yes or no", choices=("yes", "no")),
        "unit": Text(meaning="unit of the quantity", required=True),
        "kind": Text(
            meaning="seen, or an estimate that others published",
            default="observed",
            choices=("observed", "published"),
        ),
        "seen_on": Day(meaning="from when this was known", required=True),
        "source": Text(meaning="where it was seen", required=True, free=True),
        "if_missed": Text(
            meaning="why the model misses it, in one sentence", required=True, free=True
        ),
    },
    annotations=("note", "status"),
)

GDP = KeyedTable(
    meaning="gross domestic product, for shares of it",
    keys={
        "value": Number(meaning="of a year", unit="money of the config", required=True,
                        low_open=True),
    },
)  # fmt: skip

CASE = KeyedTable(
    keys={
        "title": Text(meaning="what happened, in a line", required=True, free=True),
        "as_of": Day(meaning="no input became known later", required=True),
        "config": Text(meaning="the scenario as it stood", required=True, free=True),
        "what_happened": Free(meaning="states that disputes were in on the day"),
        "supposed": Free(meaning="values that a published estimate supposes"),
        "happened_source": Text(meaning="where that is reported", default="", free=True),
        "gdp": GDP,
        "outcomes": Map(
            of=OUTCOME, member="outcome", meaning="what was seen afterwards", required=True
        ),
    },
    annotations=("note",),
)

SUITE = KeyedTable(
    keys={
        "title": Text(meaning='heading of reports; default "Back-test"', default="", free=True),
        "trials": Integer(
            meaning="trials of each case", unit="trials", default=20_000, low=1, high=MOST_TRIALS
        ),
        "seed": Integer(meaning="root of all draws", unit="seed", default=1, high=MOST_SEED),
        "history": Text(
            meaning="table of past episodes, for a naive forecast", default="", free=True
        ),
        "cases": Map(of=CASE, member="case", meaning="moments of history", required=True),
    },
    annotations=("note",),
)
