"""Amounts are scaled where the unit is a currency and a word, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report.page_worlds import config, stored

from riskengine.measures.estimate import Estimate
from riskengine.reports.run.page import report_page
from riskengine.reports.tables.numbers import Money, abridged, amount, bracketed, with_unit

SCALED = {
    "USD million": "USD 2.50 billion",
    "EUR thousand": "EUR 2.50 million",
    "KRW billion": "KRW 2.50 trillion",
    "US$ million": "US$ 2.50 billion",
    "€ million": "€ 2.50 billion",
    "₩ thousand": "₩ 2.50 million",
    "USD trillion": "USD 2,500 trillion",
}
# 2,500 of each is 2,500 times what it says: any scaled word would be another amount.
LEFT_ALONE = (
    *("억원", "백만원", "조원", "万元", "億円", "百万円", "won", "USD", "EUR", "money", "million"),
    *("USD m", "USD mn", "USD bn", "Mio. EUR", "Mrd. EUR", "crore INR", "INR lakh", "Million"),
    *("hundred million", "KRW hundred million", "hundred million KRW", "tens of million"),
    *("half a billion", "thousand million", "million USD", "USD  million", "usd million"),
    *("won million", "real USD million", "한국 원 million", "тысяч рублей", "مليون دولار"),
)
MULTIPLIED = (
    "KRW 100 million",
    "1,000 JPY",
    "100 million",
    "10^8 won",
    "USD million of 2024",
    "2024 USD million",
    "KRW １００ million",
    "١٠٠ USD million",
    "USD 10² million",
    "Ⅹ million",
)


@pytest.mark.parametrize(("unit", "shown"), SCALED.items())
def test_a_currency_with_a_word_is_scaled(unit: str, shown: str) -> None:
    assert amount(2_500.0, unit) == shown


@pytest.mark.parametrize("unit", LEFT_ALONE)
def test_any_other_unit_stands_behind_the_figure_unchanged(unit: str) -> None:
    assert amount(2_500.0, unit) == f"2,500 {unit}"
    assert Money.fitting(9e12, unit) == Money(unit, 1.0)


@pytest.mark.parametrize("unit", MULTIPLIED)
def test_a_unit_with_digits_is_multiplied(unit: str) -> None:
    assert amount(2_500.0, unit) == f"2,500 × {unit}"
    assert with_unit("2,500", unit) == f"2,500 × {unit}"
    assert bracketed(Estimate(2_500.0, 2_400.0, 2_600.0), unit) == " (2,400 to 2,600)"


def test_an_interval_is_in_the_unit_of_its_amount() -> None:
    assert bracketed(Estimate(2_500.0, 900.0, 4_000.0), "USD million") == " (0.900 to 4.00)"


def test_a_long_unit_keeps_what_it_ends_with() -> None:
    unit = "constant prices of the year of the valuation date, million"
    assert abridged(unit, 40).endswith("million")
    assert len(abridged(unit, 40)) == 40
    assert abridged("USD million", 40) == "USD million"


@pytest.mark.whole
@pytest.mark.parametrize("unit", ["KRW 100 million", "억원", "hundred million won"])
def test_no_page_scales_such_a_unit(unit: str, tmp_path: Path) -> None:
    scenario = config(money=unit, trials=500, thresholds=[2_500, 30_000])
    for industry in scenario["industries"].values():
        industry["value_added_per_year"] = 5e6
    result = stored(tmp_path / "run", scenario)
    html = report_page(result)
    assert not re.search(r"[bt]rillion|thousand", html)
    times = "× " if "100" in unit else ""
    assert f"Above 2,500 {times}{unit}" in html


def test_a_thousand_of_a_unit_is_one_of_the_next() -> None:
    assert amount(999.0, "USD million") == "USD 999 million"
    assert amount(1_000.0, "USD million") == "USD 1.00 billion"
    assert amount(1_049.0, "USD million") == "USD 1.05 billion"
