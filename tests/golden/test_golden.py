"""The shipped configs give the figures they gave, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.golden.digests import (
    CONFIGS,
    ROOT,
    changelog_mark,
    golden,
    largest_changes,
    stored,
)


@pytest.fixture(scope="module")
def fresh() -> dict[str, dict[str, Any]]:
    return {config.stem: golden(config) for config in CONFIGS}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_gives_the_same_bits_as_before(
    config: Path, fresh: dict[str, dict[str, Any]]
) -> None:
    before = stored(config)
    now = fresh[config.stem]
    assert now["sha256"] == before["sha256"], "\n".join(largest_changes(before, now))


@pytest.mark.parametrize("table", ["metrics", "curves"])
@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_its_figures_are_as_before(
    config: Path, table: str, fresh: dict[str, dict[str, Any]]
) -> None:
    before, now = stored(config), fresh[config.stem]
    changes = "\n".join(largest_changes(before, now))
    assert now[f"{table}_sha256"] == before[f"{table}_sha256"], changes


def test_the_changelog_says_why_the_golden_results_are_what_they_are(
    fresh: dict[str, dict[str, Any]],
) -> None:
    assert changelog_mark(fresh) in (ROOT / "CHANGELOG.md").read_text("utf-8")
