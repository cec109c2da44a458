"""The ladders of the shipped cases: what the table of episodes had taught by their day."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from riskengine.fits.episodes import EpisodeTable, as_known
from riskengine.fits.families import FAMILIES
from riskengine.fits.likelihood import Durations, climb, first_guess
from riskengine.fits.observing import observe
from riskengine.fits.reading import read_episodes

CONFIGS = Path(__file__).parents[2] / "configs"
LADDERS = sorted((CONFIGS / "backtests" / "ladders").glob("*.toml"))
CASE_DAYS = {
    "2010-09": "2010-09-21", "2019-07": "2019-07-04", "2021-10": "2021-10-15",
    "2023-08": "2023-08-01", "2023-12": "2023-12-01", "2025-04": "2025-04-04",
    "2025-10": "2025-10-09",
}  # fmt: skip
SERIES = {"near-zero": "near_zero_flow", "slow-licensing": "slow_flow"}
ENOUGH = 5  #: episodes; fewer borrow what docs/backtest.md says
levels = pytest.mark.parametrize("level", list(SERIES))
ladders = pytest.mark.parametrize("file", LADDERS, ids=lambda file: file.stem)


class Listed(NamedTuple):
    """The episodes that a note lists."""

    ended: dict[str, float]
    going_on: dict[str, float]


@pytest.fixture(scope="module")
def table() -> EpisodeTable:
    return read_episodes(str(CONFIGS / "history" / "episodes.csv"), date(2026, 1, 8))


def level_of(file: Path, level: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))["ladder"][level]
    return found


def listed(note: str) -> Listed:
    """The durations in a note, by episode."""
    head = note.split("Sigma")[0]
    before, _, after = head.partition("Still going on")
    return Listed(*({e: float(d) for e, d in re.findall(r"(E\d\d) (\d+)", part)}
                    for part in (before, after)))  # fmt: skip


def fitted(durations: Durations) -> tuple[float, float]:
    """Median and p90 of a lognormal, by the likelihood that calibrate climbs."""
    family = FAMILIES["lognormal"]
    figures = family.all_figures(climb(family, durations, first_guess(family, durations)).theta)
    sigma, median = float(figures["sigma"][0]), float(figures["median"][0])
    return median, median * float(np.exp(1.2815515655446004 * sigma))


def given(file: Path, level: str) -> tuple[float, float]:
    lognormal = level_of(file, level)["sojourn"]["lognormal"]
    return lognormal["median"], lognormal["p90"]


def censored(found: Listed) -> Durations:
    ended, going = list(found.ended.values()), list(found.going_on.values())
    return Durations(np.array(ended + going), np.array(ended + [np.inf] * len(going)))


def as_of(file: Path) -> date:
    return date.fromisoformat(CASE_DAYS[file.stem])


@ladders
@levels
def test_a_ladder_uses_what_calibrate_knows_as_of_the_day_where_that_is_enough(
    table: EpisodeTable, file: Path, level: str
) -> None:
    known = next(
        s for s in observe(as_known(table, as_of(file)), "flow") if s.quantity == SERIES[level]
    )
    used = listed(level_of(file, level)["note"])
    if len(known.observations) < ENOUGH:
        assert set(used.ended) >= {o.episode.id for o in known.observations}
        return
    assert set(used.ended) | set(used.going_on) == {o.episode.id for o in known.observations}
    assert given(file, level) == pytest.approx(fitted(known.durations), rel=0.005)


@ladders
def test_near_zero_flow_is_the_fit_of_the_durations_that_its_note_lists(file: Path) -> None:
    used = listed(level_of(file, "near-zero")["note"])
    assert len(used.ended) + len(used.going_on) >= ENOUGH
    assert given(file, "near-zero") == pytest.approx(fitted(censored(used)), rel=0.005)


@ladders
@levels
def test_every_duration_listed_is_in_the_table_and_had_been_seen_by_the_day(
    table: EpisodeTable, file: Path, level: str
) -> None:
    cells = {episode.id: episode.cells for episode in table.episodes}
    starts = {episode.id: episode.start.given for episode in table.episodes if episode.start}
    found = level_of(file, level)
    used = listed(found["note"])
    for name, days in used.ended.items():
        zero, back = (cells[name][key] for key in ("near_zero_flow_days", "flow_recovered_by_days"))
        slow = float(back or 0) - float(zero or 0)
        expected = (
            slow if level == "slow-licensing" else float(zero or cells[name]["duration_days"])
        )
        last = float(back) if level == "slow-licensing" else expected
        assert days == expected, name
        assert starts[name] + timedelta(days=last) <= as_of(file), name
    for name in used.going_on:
        assert starts[name] < as_of(file), name
    assert found["known_on"] <= as_of(file)
