"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from riskengine.measures.estimate import Estimate
from riskengine.reports.tables.numbers import interval, percent, plain, significant
from riskengine.reports.tables.words import Calendar, one_in, time_ticks


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.0, "1,230,000"),
        (999.6, "1,000"),
        (99.95, "100"),
        (24.96, "25.0"),
        (1.0, "1.00"),
        (0.000123456, "0.000123"),
        (1.23e-9, "1.23e-09"),
        (1.23e18, "1.23e+18"),
        (math.nan, "-"),
        (math.inf, "unlimited"),
    ],
)
def test_three_significant_figures(value: float, text: str) -> None:
    assert significant(value) == text


def test_a_figure_of_a_config_is_shown_as_it_was_given() -> None:
    assert [plain(x) for x in (60.0, 0.125, 5200.0)] == ["60", "0.125", "5,200"]


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.001, "1 in 1,000"), (0.2, "1 in 5"), (0.25, "25 %"), (0.0003, "0.03 %"), (0.15, "15 %")],
)
def test_a_small_chance_is_one_in_so_many(share: float, words: str) -> None:
    assert one_in(share) == words


@pytest.mark.parametrize(
    ("start", "days", "most", "ticks"),
    [
        # From 8 January to 1 April are 83 days, to 1 July 174, to 1 October 266.
        ("2026-01-08", 365.0, 4, [(83, "2026-04"), (174, "2026-07"), (266, "2026-10")]),
        ("2026-01-08", 365.0, 3, [(83, "2026-04"), (174, "2026-07"), (266, "2026-10")]),
        ("2026-01-08", 365.0, 2, [(174, "2026-07")]),
        ("2026-01-08", 57.0, 4, [(24, "2026-02"), (52, "2026-03")]),
        ("2026-01-08", 55.0, 3, [(0, "2026-01-08"), (20, "2026-01-28"), (40, "2026-02-17")]),
        (None, 1000.0, 4, [(0, "day 0"), (500, "day 500")]),
        (None, 30_000.0, 3, [(0, "day 0"), (10_000, "day 10,000"), (20_000, "day 20,000")]),
    ],
)
def test_an_axis_of_time_has_round_marks_none_of_them_at_its_very_end(
    start: str | None, days: float, most: int, ticks: list[tuple[float, str]]
) -> None:
    assert time_ticks(Calendar.starting(start), days, most) == ticks


def test_a_missing_share_is_not_a_number_of_per_cent() -> None:
    assert percent(math.nan) == "-"


def test_an_upper_end_that_does_not_exist_is_said_in_words() -> None:
    assert interval(Estimate(5.0, 4.0, math.nan)) == "4.00 to beyond the sample"


def test_no_interval_is_no_text() -> None:
    assert interval(Estimate.alone(5.0)) == ""
