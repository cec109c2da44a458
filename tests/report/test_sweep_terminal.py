"""What a sweep prints: which parameter drives the answer, and what is not known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import pytest
from report.sweep_worlds import FORMULA, RULE, STOCK, SWEEPS, over, sweep, usual

from riskengine.figures.wording import meaning
from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import Path
from riskengine.reports.screen import drawn_text, plain_text
from riskengine.reports.sweep.sentences import (
    PART,
    SHIFT,
    direction,
    notes,
    settings_words,
    short_parameter,
)
from riskengine.reports.sweep.tables import sweep_lines, sweep_sentences, sweep_tables
from riskengine.reports.tables.numbers import significant
from riskengine.sweeps.tables import SweepTables
from riskengine.sweeps.view import MEAN, SweepView


def told(method: str) -> str:
    return "\n".join(sweep_sentences(usual(method)))


def rows(tables: SweepTables, position: int = 1) -> list[list[str]]:
    return sweep_tables(tables)[position].texts()


@pytest.mark.costly
@pytest.mark.parametrize("method", SWEEPS)
def test_every_method_prints_its_base_case_and_two_rankings(method: str) -> None:
    tables = sweep_tables(usual(method))
    assert [table.title.partition(",")[0] for table in tables] == [
        "Base case",
        "What moves the mean",
        "What moves VaR 99 %",
    ]
    assert "nan" not in plain_text(tables)
    assert drawn_text(tables, width=100, colour=False)


@pytest.mark.costly
def test_what_columns_mean_is_said_once() -> None:
    text = plain_text(sweep_tables(usual("sobol")))
    assert text.count("Explains with others: the part of the spread") == 1


def test_a_tornado_row_says_where_a_figure_is_least_and_most() -> None:
    found = rows(usual("one-at-a-time"))
    assert found[0] == [
        "disputes.china-korea.rate_per_year", "335 (328 to 342)", "0.05", "67.0", "0.3", "402",
    ]  # fmt: skip
    assert [row[0].split(".")[0] for row in found] == ["disputes", "materials", "industries"]


def test_the_lines_on_top_count_points_and_failures() -> None:
    lines = sweep_lines(sweep("one-at-a-time", failed={2}))
    assert lines[0] == "Stocks against bans"
    assert lines[1].endswith("10 points and the base case, 1 failed")
    assert "seed 7 for all of them; money in USD million" in lines[2]


def test_a_swing_is_told_with_both_settings() -> None:
    assert (
        "disputes.china-korea.rate_per_year moves VaR 99 % most: from USD 603 million at 0.05 "
        "to USD 3,620 million at 0.3."
    ) in told("one-at-a-time")


@pytest.mark.costly
def test_a_share_is_told_with_its_interval() -> None:
    assert "explains 58 % (14 to 102) of the spread of VaR 99 %, alone and with others." in told(
        "sobol"
    )


@pytest.mark.costly
def test_a_sampled_sweep_tells_chance_from_what_is_not_known() -> None:
    view = SweepView(usual("latin-hypercube"))
    row = view.uncertain(view.var)
    assert row is not None
    assert (
        "VaR 99 % is USD 1,450 million in the base case (1,390 to 1,510 by chance), and between "
        f"{significant(row.p05)} and {significant(row.p95)} (5th to 95th percentile of the points) "
        "given what we do not know."
    ) in told("latin-hypercube")


@pytest.mark.parametrize("method", ["one-at-a-time", "grid", "morris"])
def test_settings_that_were_chosen_are_not_called_unknown(method: str) -> None:
    assert "do not know" not in told(method)


def test_morris_says_which_way_a_figure_goes() -> None:
    ways = {row[0].split(".")[-1]: row[3] for row in rows(usual("morris"))}
    assert ways == {"days": "down", "median": "up", "rate_per_year": "up"}
    driver = SweepView(usual("morris")).drivers(MEAN)[0]
    small = dataclasses.replace(driver.indices["mu"], value=0.1)
    assert direction(driver._replace(indices={**driver.indices, "mu": small})) == "either way"


def test_without_indices_there_are_no_rankings_and_no_sentences() -> None:
    tables = sweep("grid", failed={3})
    assert [table.key for table in sweep_tables(tables)] == ["BaseCase"]
    assert sweep_sentences(tables) == []


def test_a_parameter_that_does_nothing_is_said_to() -> None:
    still = sweep("one-at-a-time", of=lambda _: 5.0)
    assert sweep_sentences(still)[0] == "No parameter moves the mean."


def test_many_parameters_are_cut_on_the_screen_and_counted() -> None:
    many = tuple(over(("materials", f"m{k}", "cut"), 0.1, 0.2) for k in range(20))
    tables = sweep_tables(sweep("one-at-a-time", parameters=many))
    assert len(tables[1].rows) == 12
    assert tables[-1].remark.endswith("8 more in sensitivity.csv.")


@pytest.mark.parametrize(
    ("path", "settings", "words"),
    [
        (RULE, list("abcdefghijkl"), "a; b; c; d; e; f; g; h; i; j; k; l (base case: min)"),
        (
            RULE,
            list("abcdefghijklm"),
            "a; b; c; d; e; f; g; h; i; j; k; l and 1 more (base case: min)",
        ),
        (STOCK, range(12), "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; 10; 11 (base case: 60)"),
        (STOCK, range(13), "13 values from 0 to 12 (base case: 60)"),
    ],
)
def test_twelve_settings_are_named_and_more_are_counted(
    path: Path, settings: Sequence[object], words: str
) -> None:
    view = SweepView(sweep("one-at-a-time", parameters=(over(path, *settings),)))
    assert settings_words(view, 0) == words


def test_remarks_name_sixty_failed_points_and_count_the_others() -> None:
    stocks = over(STOCK, *range(100))
    found = notes(SweepView(sweep("one-at-a-time", parameters=(stocks,), failed=range(1, 62))))
    assert found[59] == "Point 60 failed: trial 3 has a loss of nan"
    assert found[60] == "1 more failed; points.csv names them."
    found = notes(SweepView(sweep("one-at-a-time", parameters=(stocks,), failed=range(1, 61))))
    assert [note for note in found if "more failed" in note] == []


def test_names_that_steer_a_terminal_do_not() -> None:
    parameter = over(("materials", "a\x1b[2J", "cut"), 0.1, 0.2, name='materials."a\x1b[2J".cut')
    text = plain_text(sweep_tables(sweep("one-at-a-time", parameters=(parameter,))))
    assert "\x1b" not in text


def test_no_share_is_cut_at_none_or_all_without_a_word() -> None:
    assert PART.show(Estimate(1.02, 0.9, 1.2)) == "102 % (90 to 120)"
    assert PART.show(Estimate(-0.01, -0.04, 0.02)) == "-1 % (-4 to 2)"
    assert PART.show(Estimate.alone(math.nan)) == "-"


def test_a_shift_has_two_decimals_and_no_bracket_without_an_interval() -> None:
    assert SHIFT.show(Estimate(0.313, 0.26, 0.374)) == "0.31 (0.26 to 0.37)"
    assert SHIFT.show(Estimate.alone(0.5)) == "0.50"
    assert SHIFT.show(Estimate.alone(math.nan)) == "-"


@pytest.mark.parametrize("width", [8, 20, 40])
def test_a_parameter_fits_where_it_must_and_keeps_both_ends(width: int) -> None:
    short = short_parameter(f"materials.gallium-{'x' * 80}.days", width)
    assert len(short) == width
    assert (short[0], short[-1]) == ("g", "s")


# The view


def test_a_line_has_the_numbers_in_order_and_the_base_among_them() -> None:
    stock, rate = SweepView(usual("one-at-a-time")).traces
    assert stock.xs == [0.0, 30.0, 60.0, 120.0, 180.0]
    assert rate.xs == [0.05, 0.12, 0.3]
    assert [e.value for e in stock.estimates[MEAN]] == sorted(
        (e.value for e in stock.estimates[MEAN]), reverse=True
    )
    assert not any(math.isnan(e.lower) for e in stock.estimates[MEAN])


def test_a_line_of_a_grid_is_the_average_over_the_others() -> None:
    tables = usual("grid")
    trace = SweepView(tables).traces[1]
    values = [
        row.value
        for row in tables.figures
        if (row.scope, row.measure) == ("total", "mean") and row.point % 3 == 1
    ]
    assert len(values) == 5
    assert trace.estimates[MEAN][0].value == pytest.approx(sum(values) / 5)


def test_a_failed_point_has_no_place_on_a_line() -> None:
    assert SweepView(sweep("one-at-a-time", failed={5})).traces[0].xs[-1] == 120.0


def test_a_heat_map_has_every_point_of_the_grid_in_its_place() -> None:
    heat, *_ = SweepView(usual("grid")).heats()
    assert (heat.rows, heat.columns) == (["0", "30", "60", "120", "180"], ["0.05", "0.12", "0.3"])
    assert heat.values[0][2] == pytest.approx(600.0)
    assert heat.values[4][0] == pytest.approx(2_000.0 * 0.05 * math.exp(-1.2) * 1.0)


def test_a_failed_point_is_a_gap_of_the_heat_map() -> None:
    heat, *_ = SweepView(sweep("grid", failed={3})).heats()
    assert math.isnan(heat.values[0][2])


def test_settings_of_words_have_a_heat_map_but_no_line() -> None:
    words = over(("industries", "chips", "combine"), FORMULA, "sum")
    view = SweepView(sweep("grid", parameters=(words, SWEEPS["grid"][1][1])))
    assert [trace.parameter for trace in view.traces] == ["disputes.china-korea.rate_per_year"]
    assert next(iter(view.heats())).rows == [FORMULA, "sum"]


@pytest.mark.costly
def test_a_sweep_at_other_levels_is_told_at_99_or_the_next_one_below() -> None:
    usual_levels = {0.99: 0.975, 0.995: 0.999}
    tables = usual("latin-hypercube")
    changed = {
        name: tuple(
            dataclasses.replace(row, level=usual_levels.get(row.level, row.level))
            for row in getattr(tables, name)
        )
        for name in ("figures", "sensitivity", "uncertainty", "noise")
    }
    view = SweepView(dataclasses.replace(tables, **changed))
    assert view.levels == [0.9, 0.95, 0.975, 0.999]
    assert [(key.measure, key.level) for key in view.main] == [
        ("mean", None),
        ("var", 0.975),
        ("tvar", 0.975),
    ]
    assert [key.level for key in view.bands] == [None, *view.levels, *view.levels]
    assert [meaning(key.measure, key.level) for key in view.main] == [
        "expected loss of a trial",
        "not exceeded with a chance of 97.5 %",
        "mean loss in the worst 2.5 %",
    ]
    text = plain_text(sweep_tables(view.tables)) + " ".join(sweep_sentences(view.tables))
    assert "What moves VaR 97.5 %" in text
    assert "99 %" not in text
