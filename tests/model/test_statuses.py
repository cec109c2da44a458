"""The status of the rows of a config."""

from __future__ import annotations

import pytest

from riskengine.model.statuses import STATUSES, input_tables, tally, weakest


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
