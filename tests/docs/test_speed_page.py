"""The page about speed shows what the benchmark of whole commands printed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_whole_commands_is_the_one_that_the_benchmark_printed() -> None:
    printed = (ROOT / "results" / "benchmarks" / "commands.md").read_text(encoding="utf-8")
    assert printed in (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
