"""The status of the rows of a config, and what rests on each; parts are added by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

import riskengine
from riskengine.model.statuses import (
    ALL_TOGETHER,
    NO_ROW,
    STATUSES,
    StatusRows,
    input_tables,
    tally,
    weakest,
)

PARTS = {
    "gallium": 6.0,
    "magnets": 4.0,
    "chips": 7.0,
    "cars": 3.0,
}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["sourced"], "sourced"),
        (["sourced", "derived"], "derived"),
        (["assumption", "derived"], "assumption"),
        (["borrowed", "assumption"], "borrowed"),
        (["borrowed", ""], "not marked"),
        (["sourced", "estimated"], "not marked"),
        ([], "not marked"),
    ],
)
def test_the_weakest_status_counts(statuses: list[str], expected: str) -> None:
    assert weakest(statuses) == expected


def test_a_row_cannot_hide_the_status_of_a_value_inside_it() -> None:
    config = {
        "materials": {
            "gallium": {
                "status": "sourced",
                "cut": {"ban": {"uniform": {"low": 0.2, "high": 0.6}, "status": "borrowed"}},
                "sources": {"China": {"share": 0.8, "status": "derived"}},
                "stocks": {"own": {"days": 30.0}},
            }
        }
    }
    rows = {item.path: item.status for item in input_tables(config)}
    assert rows == {
        ("gallium",): "borrowed",
        ("gallium", "China"): "derived",
        ("gallium", "own"): "not marked",
    }


def test_rows_are_counted_by_status_and_none_is_left_out() -> None:
    words = ["sourced", "borrowed", "borrowed", "assumption", "guess"]
    config = {"industries": {f"i{k}": {"status": word} for k, word in enumerate(words)}}
    counts = tally(input_tables(config))
    assert counts == {
        "sourced": 1,
        "derived": 0,
        "assumption": 1,
        "borrowed": 2,
        "not marked": 1,
    }
    assert tuple(counts) == STATUSES


def config() -> dict[str, Any]:
    """Chips use both materials, cars magnets alone."""
    return {
        "disputes": {"quarrel": {"status": "borrowed"}},
        "ladder": {"ban": {"status": "borrowed"}},
        "pools": {"spare": {"status": "derived"}},
        "materials": {
            "gallium": {
                "status": "derived",
                "sources": {
                    "China": {"share": 0.8, "status": "sourced"},
                    "Japan": {"share": 0.1, "status": "derived"},
                },
                "alternatives": {"plant": {"pool": "spare", "status": "sourced"}},
            },
            "magnets": {
                "status": "sourced",
                "ladder": {"ban": {"status": "assumption"}},
                "sources": {"China": {"share": 0.9, "status": "sourced"}},
                "stocks": {"own": {"days": 10, "status": "sourced"}},
            },
        },
        "industries": {
            "chips": {
                "status": "sourced",
                "uses": {"gallium": {"status": "sourced"}, "magnets": {"status": "borrowed"}},
            },
            "cars": {"status": "derived", "uses": {"magnets": {"status": "sourced"}}},
        },
    }


def found(written: dict[str, Any]) -> dict[str, dict[str, float]]:
    divided = StatusRows(written).divided(PARTS.__getitem__, PARTS.__getitem__)
    return {row.inputs: {s: part for s, part in row.parts.items() if part} for row in divided}


def test_each_kind_counts_with_the_weakest_of_its_rows() -> None:
    assert found(config()) == {
        "Materials": {
            "derived": 6.0,
            "assumption": 4.0,
        },  # the ladder of magnets is of the material
        "Sources of supply": {"derived": 6.0, "sourced": 4.0},
        "Other suppliers": {"derived": 6.0, NO_ROW: 4.0},  # the pool is weaker than the plant
        "Stocks": {NO_ROW: 6.0, "sourced": 4.0},
        "Industries": {"sourced": 7.0, "derived": 3.0},
        "Uses of materials by industries": {"sourced": 6.0, "borrowed": 4.0},
        ALL_TOGETHER: {"derived": 6.0, "borrowed": 4.0},
    }


def test_the_value_added_of_the_industries_that_use_a_material_counts() -> None:
    written = config()
    written["industries"]["chips"]["status"] = "guess"
    assert found(written)[ALL_TOGETHER] == {"not marked": 10.0}
    written["industries"]["chips"]["status"] = "sourced"
    written["industries"]["cars"]["status"] = ""
    assert found(written)[ALL_TOGETHER] == {"derived": 6.0, "not marked": 4.0}


def test_shares_add_up_to_one_and_a_figure_of_nothing_has_none() -> None:
    for row in StatusRows(config()).divided(PARTS.__getitem__, PARTS.__getitem__):
        shares = [row.share(status) for status in (*STATUSES, NO_ROW)]
        assert math.fsum(shares) == pytest.approx(1.0, abs=1e-15)
    for row in StatusRows(config()).divided(lambda name: 0.0, lambda name: 0.0):
        assert all(math.isnan(row.share(status)) for status in (*STATUSES, NO_ROW))


@pytest.mark.parametrize("case", ["korea-japan-2026", "minimal"])
def test_every_row_of_a_shipped_case_finds_its_material(case: str) -> None:
    document = riskengine.load(f"configs/{case}.toml").document
    divided = StatusRows(document).divided(lambda name: 1.0, lambda name: 1.0)
    of_kind = {row.inputs: sum(row.parts.values()) for row in divided}
    materials, industries = len(document["materials"]), len(document["industries"])
    assert of_kind.pop("Industries") == industries
    assert set(of_kind.values()) == {materials}
