"""docs/results.md has the measures of the catalogue."""

from __future__ import annotations

from pathlib import Path

from riskengine.figures.wording import documented

REFERENCE = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_table_of_measures_is_that_of_the_catalogue() -> None:
    head, *rows = documented()
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    start = REFERENCE.index("| measure | of |")
    assert REFERENCE[start : REFERENCE.index("\n\n", start)] == table, f"put there:\n{table}"
