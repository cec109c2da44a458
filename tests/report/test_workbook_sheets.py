"""What the single sheets of risk.xlsx say, against the files they are made from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl.workbook import Workbook
from report.workbook_worlds import config, made, stored, table, texts

from riskengine.config.sources.names import LONGEST_TEXT
from riskengine.model.losses import Losses
from riskengine.reports.run.inputs import input_values, leaves
from riskengine.reports.run.sheets import driver_shares, duration_bins
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.trials import MOST_EVENTS, told
from riskengine.reports.tables.words import distribution_words
from riskengine.reports.xlsx.text import lines_in
from riskengine.store.provenance import Provenance
from riskengine.store.results import StoredResults, load_results, save

pytestmark = pytest.mark.whole

PROVENANCE = Provenance(started="2026-01-08T09:30:00+00:00", seconds=1.0)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StoredResults:
    return stored(tmp_path_factory.mktemp("sheets") / "run", config())


@pytest.fixture(scope="module")
def book(results: StoredResults) -> Workbook:
    return made(results)


# Summary


def test_the_question_names_who_restricts_what_and_for_how_long(book: Workbook) -> None:
    page = texts(book["Summary"])
    assert "export restrictions of China on 2 materials cost 2 industries of Korea" in page
    assert "over 365 days from 2026-01-08?" in page


def test_the_summary_says_who_made_it_from_what(results: StoredResults, book: Workbook) -> None:
    page = texts(book["Summary"])
    assert f"riskengine {results.manifest['versions']['riskengine']}" in page
    assert results.manifest["started"] in page


# Time to stop


def test_chances_of_a_hit_are_shares_of_the_stored_trials(
    results: StoredResults, book: Workbook
) -> None:
    first = results.table("industries.parquet")["first_loss_day:chips"].to_numpy()
    row = table(book["Time to stop"], "TimeFromStart")[0]
    for days in (30, 60, 90, 180, 365):
        expected = np.count_nonzero(first <= days) / 2_000
        assert row[f"Hit within {days} days"].value == pytest.approx(expected, rel=1e-15)
    assert 0.0 < expected < 1.0


def test_days_of_cover_are_the_median_among_the_trials_that_are_hit(
    results: StoredResults, book: Workbook
) -> None:
    days = results.table("survival.parquet")["survival_days:motors"].to_numpy()
    some = np.sort(days[~np.isnan(days)])
    row = table(book["Time to stop"], "TimeInTrouble")[1]
    expected = some[int(np.ceil(0.5 * len(some))) - 1]
    assert row["Days of cover used up, median (days)"].value == pytest.approx(expected)


def test_chances_in_trouble_are_shares_of_the_trials_with_a_restriction(
    results: StoredResults, book: Workbook
) -> None:
    materials = results.table("materials.parquet")
    levels = [n for n in materials.column_names if n.startswith("deepest_level")]
    restricted = np.max([materials[name].to_numpy() for name in levels], axis=0) >= 0
    days = results.table("survival.parquet")["survival_days:chips"].to_numpy()
    expected = np.count_nonzero(days <= 90) / np.count_nonzero(restricted)
    row = table(book["Time to stop"], "TimeInTrouble")[0]
    assert row["Hit within 90 days"].value == pytest.approx(expected, rel=1e-15)


def test_beyond_the_horizon_no_chance_is_given(tmp_path: Path) -> None:
    short = made(stored(tmp_path / "run", config(horizon_days=100, trials=300)))
    row = table(short["Time to stop"], "TimeFromStart")[0]
    assert row["Hit within 90 days"].value is not None
    assert row["Hit within 180 days"].value is None
    assert "beyond the horizon of 100 days" in texts(short["Time to stop"])


def test_an_older_folder_gets_a_sentence_for_what_it_lacks(
    make_losses: Callable[..., Losses], tmp_path: Path
) -> None:
    results = load_results(save(make_losses(), tmp_path / "run", PROVENANCE))
    del results.manifest["files"]["survival.parquet"]  # type: ignore[attr-defined]
    old = made(results)
    assert "have no survival.parquet" in texts(old["Time to stop"])
    assert "hold no stories" in texts(old["Worst trials"])


# Materials


def test_durations_fall_into_bins_that_miss_none() -> None:
    days = np.array([1e-9, 15.0, 15.1, 364.0, 365.0, 365.0 + 1e-9])
    found = duration_bins(days, 365.0)
    assert [b.trials for b in found if b.trials] == [2, 1, 3]
    assert (found[0].low, found[-1].high) == (0.0, 365.0)
    assert len(found) <= 26
    assert sum(b.share for b in found) == pytest.approx(1.0)


@pytest.mark.parametrize("horizon", [0.5, 1.0, 30.0, 365.0, 730.0, 36_500.0])
def test_any_horizon_has_bins_of_one_width_but_for_the_last(horizon: float) -> None:
    found = duration_bins(np.array([horizon]), horizon)
    assert len(found) <= 27
    assert found[-1].trials == 1
    assert len({b.high - b.low for b in found[:-1]}) <= 1


# Exceedance


def test_the_curve_of_the_total_is_that_of_the_run(results: StoredResults, book: Workbook) -> None:
    rows = table(book["Exceedance"], "Exceedance")
    for kind in ("AEP", "OEP"):
        curve = [c for c in results.curves() if (c.scope, c.type) == ("total", kind)]
        found = [row[f"{kind} loss (USD million)"].value for row in rows]
        assert found == pytest.approx([point.loss for point in curve], rel=1e-15)


def test_too_few_trials_for_a_curve_are_said(tmp_path: Path) -> None:
    few = made(stored(tmp_path / "run", config(trials=20)))
    assert "too few trials for any point" in texts(few["Exceedance"])


# Drivers


def test_shares_beyond_the_fifth_are_shown_together(tmp_path: Path) -> None:
    names = tuple(f"industry {k}" for k in range(9))
    found = driver_shares(
        StoredRun(stored(tmp_path / "run", config(names, trials=500))), "industry"
    )
    assert len(found) == 6
    assert found[-1].label == "4 others"
    for position in range(5):
        assert sum(share.shares[position] for share in found) == pytest.approx(1.0)


def test_without_any_loss_the_sheets_say_so(tmp_path: Path) -> None:
    calm = config(trials=50)
    calm["disputes"]["quarrel"]["rate_per_year"] = 0.0
    book = made(stored(tmp_path / "run", calm))
    assert "No trial has a loss" in texts(book["Drivers"])
    assert "no trial has a restriction" in texts(book["Materials"])


# Worst trials


def test_the_stories_of_the_run_are_told_with_their_dates(
    results: StoredResults, book: Workbook
) -> None:
    stories = results.stories()
    assert [story["at"] for story in stories] == ["var95", "var99", "var99.5"]
    page = book["Worst trials"]
    for story in stories:
        assert f"trial {story['trial']:,}" in texts(page)
    first = table(page, "Story_var99")[0]
    date = told(stories[1]["events"])[0]["date"]
    assert first["Date"].value == datetime.fromisoformat(date)
    assert first["Date"].number_format == "yyyy-mm-dd"


def test_a_long_story_keeps_its_weightiest_events_in_their_order() -> None:
    events = [{"kind": "drawn", "day": float(k)} for k in range(100)]
    events[70] = {"kind": "stopped", "day": 70.0}
    events[99] = {"kind": "still-hit", "day": 99.0}
    found = told(events)
    assert len(found) == MOST_EVENTS
    assert [e["day"] for e in found] == sorted(e["day"] for e in found)
    assert {"stopped", "still-hit"} <= {e["kind"] for e in found}


# Inputs


def test_every_input_has_a_row_with_its_unit_and_status(
    results: StoredResults, book: Workbook
) -> None:
    rows = {row["Input"].value: row for row in table(book["Inputs"], "Inputs")}
    assert len(rows) == len(list(leaves(results.manifest["config"])))
    spend = rows["materials.total.spend_per_year"]
    assert (spend["Value"].value, spend["Unit"].value) == (100, "USD million per year")
    assert spend["Status"].value == "assumption"
    share = rows["materials.total.sources.China.share"]
    assert (share["Status"].value, share["Source"].value) == ("sourced", "=customs")
    stock = rows["materials.total.stocks.private.days"]
    assert stock["Value"].value == "lognormal, median 10, p90 20"
    assert stock["Unit"].value == "days of demand"


def test_a_note_is_read_once_and_goes_on_when_it_is_too_long_for_a_cell() -> None:
    config = {"run": {"note": "n" * (LONGEST_TEXT + 5), "trials": 5, "seed": 1, "status": "mine"}}
    found = list(input_values(config, "USD million"))
    assert [len(row.note) for row in found] == [LONGEST_TEXT, 5, 0]
    assert found[2].status == "mine"
    assert [row.path[-1] for row in found] == ["trials", "trials", "seed"]


def test_the_note_of_an_entry_is_not_read_again_after_its_parts() -> None:
    entry = {"a": 1, "part": {"b": 2, "note": "inner"}, "c": 3, "note": "outer"}
    found = [(path, notes.owner, notes.text("note")) for path, _, notes in leaves({"x": entry})]
    assert found == [
        (("x", "a"), ("x",), "outer"),
        (("x", "part", "b"), ("x", "part"), "inner"),
        (("x", "c"), ("x",), "outer"),
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"lognormal": {"median": 64, "p90": 207}}, "lognormal, median 64, p90 207"),
        (
            {"uniform": {"low": 0.5, "high": 1}, "min": 0.6},
            "uniform, low 0.5, high 1, at least 0.6",
        ),
        ({"empirical": {"values": [1, 2.5]}}, "empirical, values 1 2.5"),
        ({"empirical": {"values": list(range(9))}}, "empirical, values 0 1 2 3 4 5 and 3 more"),
        ({"exponential": {"mean": 9}, "note": "n"}, "exponential, mean 9"),
    ],
)
def test_distributions_are_told_in_words(value: dict[str, Any], words: str) -> None:
    assert distribution_words(value) == words


def test_a_whole_number_beyond_the_digits_of_a_cell_is_text(tmp_path: Path) -> None:
    seed = 2**63 - 1
    book = made(stored(tmp_path / "run", config(trials=20, seed=seed)))
    rows = {row["Input"].value: row["Value"].value for row in table(book["Inputs"], "Inputs")}
    assert rows["run.seed"] == str(seed)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [("a", 10, 1), ("", 10, 1), ("one two three", 5, 3), ("x" * 25, 10, 3), ("한국 재료", 5, 2)],
)
def test_the_height_of_a_text_is_known_beforehand(text: str, width: int, lines: int) -> None:
    assert lines_in(text, width) == lines
