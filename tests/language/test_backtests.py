"""Page and workbook of a back-test in Korean and Japanese: all of it, and the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from language.reading import cells_of, english_left, texts_of_book, texts_of_page, words_of

from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest
from riskengine.cli import root
from riskengine.language.speaking import speaking
from riskengine.reports.backtest.sentences import outcome_said
from riskengine.verbs.backtest import backtest, backtest_files

OTHERS = ("ko", "ja")
SUITE = "configs/backtests"
FACTS = {"started": "2026-01-08T09:00:00+00:00", "versions": {"riskengine": "0.1.0"}}
#: Words that are the same in every language, and those of the workbook's list of versions
SAME = ["CRPS", "PIT", "GDP", "2026-01-08T09:00:00+00:00"]
COPY = Copy(
    case="japan-2023",
    assumption="ladder.near-zero.sojourn",
    figure="median",
    value=59.0,
    unit="days",
    place="japan-2023.toml:40",
    known_on="assumption",
    outcome_case="korea-2019",
    outcome="cut",
    outcome_value=59.0,
    outcome_unit="days of demand",
    seen_on="2024-01-01",
)


@pytest.fixture(scope="module")
def played() -> Backtest:
    """The shipped suite, with an assumption that equals an outcome."""
    made = backtest(SUITE, trials=200).rows
    return replace(made, suite=replace(made.suite, copies=(COPY,)))


def files_in(code: str, made: Backtest) -> dict[str, bytes]:
    with speaking(code):
        return backtest_files(made, FACTS, excel_csv=False)


def own_words(made: Backtest) -> Iterator[str]:
    """What suite and configs say in their own words."""
    yield from SAME
    yield from (made.suite.title, *made.suite.file, COPY.assumption, COPY.place)
    for case in made.suite.cases.values():
        yield from (case.name, case.title, case.happened_source)
        yield from words_of(case.scenario.document)
        for outcome in case.outcomes.values():
            yield from (outcome.name, outcome.source, outcome.note, outcome.if_missed)


def without_stories(texts: Iterator[str], made: Backtest) -> Iterator[str]:
    """Texts without the sentences of the suite about why an outcome is missed."""
    for text in texts:
        shown = text
        for score in made.misses:
            shown = shown.replace(score.miss, "")
        yield shown


@pytest.mark.whole
@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_a_backtest(played: Backtest, code: str) -> None:
    files, own = files_in(code, played), list(own_words(played))
    page = files["backtest.html"].decode()
    assert f'<html lang="{code}">' in page
    assert english_left(texts_of_page(page), own) == []
    cells = without_stories(texts_of_book(files["backtest.xlsx"]), played)
    assert english_left(cells, own) == []


@pytest.mark.whole
@pytest.mark.parametrize("code", OTHERS)
def test_figures_and_tables_of_a_backtest_are_those_of_the_english_one(
    played: Backtest, code: str
) -> None:
    english, other = files_in("en", played), files_in(code, played)
    for name in (name for name in english if name.endswith(".csv")):  # what programs read
        assert other[name] == english[name]
    pair = (list(cells_of(files["backtest.xlsx"]).values()) for files in (english, other))
    for sheet, translated in zip(*pair, strict=True):
        shapes = [[_kept(cell) for cell in row] for row in sheet]
        assert [[_kept(cell) for cell in row] for row in translated] == shapes


def _kept(cell: object) -> object:
    return cell[:1] == "=" if isinstance(cell, str) else cell


@pytest.mark.whole
@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_where_nothing_was_observed(played: Backtest, code: str) -> None:
    suite = replace(played.suite, copies=())
    made = replace(played, suite=suite, scores=[], calibration=[], ratings=[], skills=[])
    files, own = files_in(code, made), list(own_words(made))
    assert english_left(texts_of_page(files["backtest.html"].decode()), own) == []
    assert english_left(texts_of_book(files["backtest.xlsx"]), own) == []


@pytest.mark.whole
@pytest.mark.parametrize(
    ("outcome", "unit", "korean", "japanese"),
    [
        ("yes", "yes or no", "예", "はい"),
        ("59 days", "days", "59일", "59日"),
        ("28 to 37 days", "days", "28~37일", "28～37日"),
        ("none seen in 730 days", "days", "730일간 관측 없음", "730日間、観測なし"),
        ("at least 7 days of demand", "days of demand", "7일분 이상", "7日分以上"),
        ("at most 3 episodes", "episodes", "3건 이하", "3件以下"),
        ("0.43 % of GDP", "share of GDP", "GDP의 0.43%", "GDPの0.43%"),
        ("1 to 2.5 % of GDP", "share of GDP", "GDP의 1~2.5%", "GDPの1～2.5%"),
        ("at most 2 USD million", "USD million", "2백만 달러 이하", "2百万ドル以下"),
        ("0.1 a year's value added", "a year's value added", "0.1 a year's value added",
         "0.1 a year's value added"),
    ],
)  # fmt: skip
def test_what_was_seen_is_said_with_its_unit(
    played: Backtest, outcome: str, unit: str, korean: str, japanese: str
) -> None:
    row = replace(played.scores[0], outcome_text=outcome, unit=unit)
    assert outcome_said(row) == outcome
    for code, expected in (("ko", korean), ("ja", japanese)):
        with speaking(code):
            assert outcome_said(row) == expected


@pytest.mark.whole
def test_a_backtest_is_written_in_the_language_asked_for(tmp_path: Path) -> None:
    asked = ["backtest", SUITE, "--case", "japan-2010", "--trials", "100", "--language", "ja"]
    done = CliRunner().invoke(root, [*asked, "--out", str(tmp_path / "tested")])
    assert done.exit_code == 0, done.output
    assert '<html lang="ja">' in (tmp_path / "tested" / "backtest.html").read_text("utf-8")
    assert "Two naive forecasts stand beside the model." in done.stdout  # the screen stays English
