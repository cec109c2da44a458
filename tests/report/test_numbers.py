"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from riskengine.measures.estimate import Estimate
from riskengine.reports.tables.numbers import interval, percent, plain, significant


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


def test_a_missing_share_is_not_a_number_of_per_cent() -> None:
    assert percent(math.nan) == "-"


def test_an_upper_end_that_does_not_exist_is_said_in_words() -> None:
    assert interval(Estimate(5.0, 4.0, math.nan)) == "4.00 to beyond the sample"


def test_no_interval_is_no_text() -> None:
    assert interval(Estimate.alone(5.0)) == ""
