"""Amounts, dates and shares in Korean and Japanese, by hand."""

from __future__ import annotations

import pytest

from riskengine.language.money import unit_words
from riskengine.language.speaking import speaking
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_text
from riskengine.reports.tables.numbers import Money, amount, interval, percent, percent_span
from riskengine.reports.tables.words import Calendar, listing, long_date, one_in, span


@pytest.mark.parametrize(
    ("value", "unit", "korean", "japanese"),
    [
        (1_230.0, "USD million", "12.3억 달러", "12.3億ドル"),
        (999_900.0, "USD million", "10,000억 달러", "10,000億ドル"),  # 0.9999 조, rounded
        (1_234_000.0, "USD million", "1.23조 달러", "1.23兆ドル"),
        (0.5, "USD million", "50.0만 달러", "50.0万ドル"),
        (17.999, "USD billion", "180억 달러", "180億ドル"),
        (3.2, "EUR million", "320만 유로", "320万ユーロ"),
        (45_000.0, "KRW million", "450억 원", "450億ウォン"),
        (45_000.0, "JPY million", "450억 엔", "450億円"),
        (0.0, "USD million", "0달러", "0ドル"),
        (2_500.0, "KRW 100 million", "2,500 × KRW 100 million", "2,500 × KRW 100 million"),
        (25.0, "money", "25.0 money", "25.0 money"),
    ],
)
def test_amounts_count_in_ten_thousands(
    value: float, unit: str, korean: str, japanese: str
) -> None:
    for code, expected in (("ko", korean), ("ja", japanese)):
        with speaking(code):
            assert amount(value, unit) == expected
            # what was turned into words already is the same money
            assert amount(value, unit_words(unit)) == expected


@pytest.mark.parametrize("value", [0.5, 17.0, 1_230.0, 999_900.0, 5.5e7])
def test_figure_and_unit_together_are_the_amount(value: float) -> None:
    sizes = {"조 달러": 1e12, "억 달러": 1e8, "만 달러": 1e4, "달러": 1.0}
    with speaking("ko"):
        money = Money.fitting(value, "USD million")
    assert money.of(value) * sizes[money.unit] == pytest.approx(value * 1e6, rel=1e-12)
    assert 1.0 <= money.of(value) < 1e4


def test_units_of_columns_are_in_words() -> None:
    with speaking("ko"):
        assert unit_words("USD million") == "백만 달러"
        assert unit_words("barrels") == "barrels"
    with speaking("ja"):
        assert unit_words("USD million") == "百万ドル"
    assert unit_words("USD million") == "USD million"


def test_shares_ranges_and_chances() -> None:
    with speaking("ko"):
        assert percent(0.0501) == "5.01%"
        assert percent_span([0.91, 0.35]) == "35~91%"
        assert level_text(0.995) == "99.5%"
        assert interval(Estimate(10.1, 9.8, 10.4)) == "9.80~10.4"
        assert interval(Estimate(10.1, 9.8, float("nan"))) == "9.80~표본 범위 초과"
        assert one_in(0.01) == "100분의 1"
        assert listing(["갈륨", "인듐", "텅스텐"]) == "갈륨, 인듐, 텅스텐"
    with speaking("ja"):
        assert interval(Estimate(10.1, 9.8, 10.4)) == "9.80～10.4"
        assert one_in(0.005) == "200分の1"
        assert listing(["ガリウム", "インジウム"]) == "ガリウム、インジウム"


def test_dates() -> None:
    calendar = Calendar.starting("2026-01-08")
    with speaking("ko"):
        assert long_date("2026-01-08") == "2026년 1월 8일"
        assert span(calendar, 730.0) == "2026년 1월 8일부터 2028년 1월 8일까지 730일간"
        assert calendar.label(53.47) == "2026-03-02 (53.4일째)"
    with speaking("ja"):
        assert span(calendar, 730.0) == "2026年1月8日から2028年1月8日までの730日間"
        assert Calendar.starting(None).label(53.47) == "53.4日目"
