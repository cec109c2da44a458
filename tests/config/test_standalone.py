"""A config without the tables of verbs that read files, as a results folder gives it back."""

from __future__ import annotations

from typing import Any

import pytest

from riskengine.config.standalone import without_files

KEPT: dict[str, Any] = {
    "run": {"trials": 10},
    "sweep": {"parameters": {"materials.gallium.coverage": [0.5, 0.9]}},
    "mitigation": {"options": {"rule": {"set": {"correlation.duration": 0.5}, "cost": 1}}},
}


def test_a_verb_that_reads_no_file_stays() -> None:
    assert without_files(KEPT) == (KEPT, [])


@pytest.mark.parametrize(
    ("verb", "table"),
    [
        ("sweep", {"parameters": {"tables.uses": ["low.csv", "high.csv"]}}),
        ("sweep", {"parameters": {"propagation.file": ["low.csv", "high.csv"]}}),
        ("sweep", {"parameters": {"materials.a.coverage": {"empirical": {"file": "a.csv"}}}}),
        ("mitigation", {"options": {"rule": {"set": {"tables.stocks": "more.csv"}, "cost": 1}}}),
        ("mitigation", {**KEPT["mitigation"], "worlds": "worlds.toml"}),
    ],
)
def test_a_verb_that_reads_a_file_is_left_out_and_named(verb: str, table: Any) -> None:
    rest = {key: value for key, value in KEPT.items() if key != verb}
    assert without_files({**KEPT, verb: table}) == (rest, [verb])
