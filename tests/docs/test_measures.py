"""docs/results.md has the measures of the catalogue."""

from __future__ import annotations

from pathlib import Path

from docs.config_tables import measures, measures_table

REFERENCE = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_table_of_measures_is_that_of_the_catalogue() -> None:
    assert REFERENCE[slice(*measures(REFERENCE))].rstrip("\n") == measures_table()
