"""The only list of the keys of a batch file: kind, unit, meaning. Read like configs."""

from __future__ import annotations

from riskengine.config.schema.kinds import Free, KeyedTable, Map, Number, Text

_NOTES = ("note", "source")

SCENARIO = KeyedTable(
    keys={
        "config": Text(
            meaning="its config, in the folder of the batch file or below", required=True
        ),
        "set": Free(meaning="values in place of those of the config, by dotted path"),
        "weight": Number(
            meaning="its chance in the mixture", unit="share", high=1.0, low_open=True
        ),
    },
    annotations=_NOTES,
)

BATCH = KeyedTable(
    meaning="the scenarios of a batch",
    required=True,
    keys={
        "title": Text(
            meaning="heading of reports; default the name of the file", default="", free=True
        ),
        "reference": Text(meaning="the scenario that the others are compared with"),
        "previous": Text(meaning="folder of an earlier batch, from the folder of the batch file"),
        "scenarios": Map(
            of=SCENARIO, member="scenario", meaning="what is played, by name", required=True
        ),
    },
    annotations=_NOTES,
)

BATCH_FILE = KeyedTable(keys={"batch": BATCH}, annotations=())
