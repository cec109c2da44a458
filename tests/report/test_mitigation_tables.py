"""The tables of a mitigation study beside the rows that they show."""

from __future__ import annotations

import dataclasses

import pytest
from report.mitigation_worlds import (
    DEPENDENCE,
    FINALISTS,
    FRONTIER,
    INFORMATION,
    NAN,
    choice,
    finalist,
    information,
    interaction,
    option,
    other,
    study,
    without_worlds,
)

from riskengine.measures.estimate import Estimate
from riskengine.mitigation.readings import leading_beneficiaries
from riskengine.mitigation.tables import InteractionRow, MitigationTables
from riskengine.reports.mitigation.tables import (
    CHOICES,
    EFFECTS,
    MOST_CELLS,
    MOST_ROWS,
    MOST_SHOWN,
    ON_THE_MEAN,
    RIVALS,
    beneficiaries_table,
    break_even_words,
    finalists_table,
    frontier_table,
    information_table,
    mitigation_lines,
    mitigation_origin,
    mitigation_tables,
    options_table,
    synergies_table,
    synergy_grid,
)
from riskengine.reports.screen import drawn_text, plain_text
from riskengine.reports.tables.table import Table

BUDGET = "budget"


def column(table: Table, key: str) -> list[object]:
    place = [each.key for each in table.columns].index(key)
    return [row[place] for row in table.cells()]


def texts(table: Table, key: str) -> list[str]:
    place = [each.key for each in table.columns].index(key)
    return [row[place] for row in table.shown()]


def headings(table: Table) -> list[str]:
    return [each.heading for each in table.columns]


# Every figure is that of its row


def test_the_frontier_shows_every_field_of_its_rows() -> None:
    table = frontier_table(study())
    for key in ("budget", "portfolio", "cost", "in_sample", "rival", "mean", "tvar"):
        assert column(table, key) == [getattr(row, key) for row in FRONTIER]
    assert column(table, "value") == [Estimate(r.value, r.lower, r.upper) for r in FRONTIER]
    assert column(table, "difference") == [
        Estimate(r.difference, r.difference_lower, r.difference_upper) for r in FRONTIER
    ]
    assert column(table, "rival_difference") == [
        Estimate(r.rival_difference, r.rival_lower, r.rival_upper) for r in FRONTIER
    ]
    assert column(table, "rival_better")[1:] == [0.002, 0.03, 0.0]
    assert column(table, "proven") == ["yes", "yes", "yes", "within 3.1 %"]
    assert {each.key for each in table.columns} == {*CHOICES, *RIVALS}


def test_the_frontier_as_text() -> None:
    row = frontier_table(study()).only(*CHOICES).shown()[2]
    assert row == [
        "200", "gallium + germanium + magnets", "161", "18,000 (16,800 to 19,200)",
        "-4,800 (-5,100 to -4,550)", "yes",
    ]  # fmt: skip


def test_a_budget_whose_limits_nothing_keeps_has_no_figures() -> None:
    empty = dict.fromkeys(
        ("cost", "value", "lower", "upper", "difference", "difference_lower", "difference_upper"),
        NAN,
    )
    row = choice(10.0, (), portfolio="", proven=False, **empty)
    shown = frontier_table(without_worlds(frontier=(row,))).only(*CHOICES).shown()[0]
    assert shown == ["10", "no portfolio", "-", "-", "-", ""]


def test_options_show_every_field_of_their_rows() -> None:
    tables = study()
    table = options_table(tables)
    ends = ("first_in", "last_in", "first_in_mean", "last_in_mean")
    for key in ends:
        assert column(table, key) == [
            Estimate(getattr(o, key), getattr(o, f"{key}_lower"), getattr(o, f"{key}_upper"))
            for o in tables.options
        ]
    plain = {each.key for each in table.columns} - {*ends, "remark"}
    for key in plain:
        assert column(table, key) == [getattr(row, key) for row in tables.options]
    told = {"fixed", "changes"}  # in the remark
    fields = {field.name for field in dataclasses.fields(tables.options[0])}
    assert {f for f in fields if not f.endswith(("_lower", "_upper"))} == plain | {*ends} | told
    assert {*EFFECTS, *ON_THE_MEAN} == {each.key for each in table.columns} - {"shapley_error"}
    assert texts(table, "remark") == ["", "", "", "", "does nothing"]


def test_pairs_are_those_of_the_rows_the_strongest_first() -> None:
    table = synergies_table(study(), 60)
    assert [row.synergy for row in table.rows[:3]] == [2_200.0, -1_700.0, 0.0]
    assert table.shown()[0] == ["gallium", "germanium", "2,200 (2,020 to 2,380)", "complements"]
    assert column(table, "synergy") == [
        Estimate(row.synergy, row.lower, row.upper) for row in table.rows
    ]
    assert len(table.rows) == 10


@pytest.mark.parametrize(
    ("synergy", "lower", "upper", "words"),
    [
        (5.0, 0.1, 9.0, "complements"),
        (-5.0, -9.0, -0.1, "substitutes"),
        (5.0, -1.0, 9.0, "neither, within chance"),
        (5.0, 0.0, 9.0, "neither, within chance"),
        (-5.0, -9.0, 0.0, "neither, within chance"),
        (0.0, 0.0, 0.0, "independent"),
    ],
)
def test_pairs_in_words(synergy: float, lower: float, upper: float, words: str) -> None:
    row = InteractionRow(first="a", second="b", synergy=synergy, lower=lower, upper=upper)
    assert texts(synergies_table(study(interactions=(row,)), 9), "words") == [words]


def test_pairs_that_are_cut_are_counted() -> None:
    table = synergies_table(study(), 4)
    assert len(table.rows) == 4
    assert table.remark.endswith(" interactions.csv has all 10 pairs.")
    assert "interactions.csv" not in synergies_table(study(), 10).remark


def test_the_grid_of_synergies_is_symmetric_and_empty_where_there_is_no_pair() -> None:
    pairs = tuple(row for row in study().interactions if row.second != "shed")
    table = synergy_grid(study(interactions=pairs))
    cells = {row[0]: row[1:] for row in table.cells()}
    assert headings(table) == ["Option", "gallium", "germanium", "magnets", "plant", "shed"]
    assert cells["gallium"] == [None, 2_200.0, 0.0, 0.0, None]
    assert cells["germanium"] == [2_200.0, None, 0.0, 0.0, None]
    assert cells["plant"] == [0.0, 0.0, -1_700.0, None, None]
    assert cells["shed"] == [None] * 5
    assert synergy_grid(study(interactions=())).rows == []


def test_a_grid_keeps_the_options_with_the_strongest_synergies_in_their_order() -> None:
    names = [f"o{k:02}" for k in range(15)]
    pairs = tuple(
        dataclasses.replace(interaction("gallium", "magnets"), first=a, second=b, synergy=synergy)
        for a, b, synergy in [("o00", "o01", 1.0), ("o13", "o14", -9.0), ("o02", "o14", 3.0)]
    )
    options = tuple(option("plant", option=name) for name in names)
    kept = synergy_grid(study(options=options, interactions=pairs)).rows
    assert len(kept) == MOST_CELLS
    assert [*kept[:3], *kept[-2:]] == ["o00", "o01", "o02", "o13", "o14"]


def test_finalists_show_their_rows_and_which_of_them_is_the_choice() -> None:
    table = finalists_table(study())
    for key in ("budget", "portfolio", "affordable", "best", "value", "regret", "regret_95",
                "regret_largest"):  # fmt: skip
        assert column(table, key) == [getattr(row, key) for row in FINALISTS]
    assert column(table, "remark")[:4] == [
        "chosen, least regret, best on average", "chosen, least regret, best on average", "", "",
    ]  # fmt: skip
    marked = other(100.0, "plant", 0.1, 3.0, is_best_on_average=True)
    assert column(finalists_table(study(finalists=(marked,))), "remark") == ["best on average"]


def test_the_screen_shows_the_choice_and_the_finalists_with_the_least_regret() -> None:
    many = [other(200.0, f"p{k}", 0.0, 100.0 - k) for k in range(20)]
    average = other(200.0, "average", 0.1, 500.0, is_best_on_average=True)
    minimax = other(200.0, "minimax", 0.1, 900.0, is_minimax=True)
    own = finalist(200.0, FRONTIER[2].portfolio, regret=950.0, is_minimax=False)
    table = finalists_table(study(finalists=(*many, average, minimax, own)), MOST_SHOWN)
    assert column(table, "portfolio") == [
        own.portfolio, "minimax", "average", "p19", "p18", "p17", "p16", "p15"
    ]  # fmt: skip
    assert table.remark.endswith(" finalists.csv has all rows.")
    assert "finalists.csv" not in finalists_table(study(), MOST_SHOWN).remark


def test_knowledge_shows_its_rows_and_where_another_choice_is_right() -> None:
    table = information_table(study())
    for key in ("budget", "value", "switch", "switch_below", "switch_above"):
        cells = zip(column(table, key), (getattr(row, key) for row in INFORMATION), strict=True)
        assert all(cell == value or (cell != cell and value != value) for cell, value in cells)
    assert column(table, "assumption")[:2] == ["the world", DEPENDENCE]
    assert column(table, "where") == ["", "", "", "above 0.9", "below 0.07"]


def test_the_screen_shows_the_most_valuable_knowledge_of_each_budget() -> None:
    many = [information(200.0, f"a{k:02}", float(k)) for k in range(12)]
    table = information_table(
        study(information=(*many, information(200.0, "all", 3.0))), MOST_SHOWN
    )
    assert column(table, "assumption") == ["the world", *(f"a{k:02}" for k in range(11, 4, -1))]
    assert table.remark.endswith(" information.csv has all rows.")
    assert column(information_table(study(), MOST_SHOWN), "value") == [35.0, 0.0, 61.0, 40.0, 2.0]


def test_screen_and_page_show_some_of_very_many_budgets_and_options() -> None:
    rows = tuple(choice(float(k), ("magnets",)) for k in range(1, 80))
    shown = column(frontier_table(without_worlds(frontier=rows), MOST_ROWS), "budget")
    assert (len(shown), shown[0], shown[-1]) == (40, 1.0, 79.0)
    assert (
        "frontier.csv has all rows."
        in frontier_table(without_worlds(frontier=rows), MOST_ROWS).remark
    )
    assert len(frontier_table(without_worlds(frontier=rows[:40]), MOST_ROWS).rows) == 40
    options = tuple(
        option("plant", option=f"o{k}", shapley=float(k % 7), fixed=k == 3) for k in range(60)
    )
    table = options_table(without_worlds(options=options), MOST_ROWS)
    names = column(table, "option")
    useful = sorted((k for k in range(60) if k != 3), key=lambda k: (k % 7, k))[:40]
    assert names == [f"o{k}" for k in sorted({3, *useful})]
    assert table.remark.endswith(" options.csv has all rows.")
    assert options_table(without_worlds(options=options[:40]), MOST_ROWS).rows == list(options[:40])


def test_the_page_shows_who_benefits_from_what_has_a_sentence() -> None:
    rare = dataclasses.replace(study().beneficiaries[0], portfolio="shed")
    wider = study(beneficiaries=(*study().beneficiaries, rare))
    table = beneficiaries_table(wider, leading_beneficiaries(wider))
    assert table.rows == list(study().beneficiaries)
    assert table.remark.endswith(" beneficiaries.csv has all rows.")


def test_beneficiaries_show_their_rows() -> None:
    rows = study().beneficiaries
    table = beneficiaries_table(study(), study().beneficiaries)
    for key in ("portfolio", "industry", "share"):
        assert column(table, key) == [getattr(row, key) for row in rows]
    assert column(table, "mean") == [Estimate(r.mean, r.mean_lower, r.mean_upper) for r in rows]
    assert column(table, "tvar") == [Estimate(r.tvar, r.tvar_lower, r.tvar_upper) for r in rows]


# Words and units


def test_a_measure_without_a_level_takes_that_of_the_tail() -> None:
    tables = study(measure="mean", level=None, detail_level=0.95)
    assert headings(frontier_table(tables))[-1] == "TVaR 95 %"
    assert headings(frontier_table(study(level=0.9)))[-1] == "TVaR 90 %"
    assert "Change of its own TVaR 95 %" in headings(
        beneficiaries_table(tables, tables.beneficiaries)
    )


def test_a_chance_is_shown_in_per_cent_and_costs_stay_money() -> None:
    table = frontier_table(study(measure="prob_loss", level=None))
    (value,) = (each for each in table.columns if each.key == "value")
    assert (value.unit, value.heading) == ("", "Chance of any loss")
    assert value.format.text(0.25) == "25.0 %"
    assert next(each.unit for each in table.columns if each.key == "cost") == "USD million"
    share = synergy_grid(study(measure="prob_loss", level=None)).columns[1]
    assert share.format.text(0.25) == "25.0 %"


def test_a_budget_is_shown_as_given_and_a_step_with_three_figures() -> None:
    rows = (choice(1_234.56, ("magnets",)),)
    assert texts(frontier_table(study(frontier=rows)), BUDGET) == ["1,234.56"]
    steps = study(frontier=rows, has_budgets=False)
    assert texts(frontier_table(steps), BUDGET) == ["1,230"]


@pytest.mark.parametrize(
    ("years", "horizon", "scaled"), [(10, 730.0, True), (2, 730.0, False), (1, 365.0, False)]
)
def test_a_mean_that_is_scaled_to_the_years_of_costs_says_so(
    years: int, horizon: float, scaled: bool
) -> None:
    words = break_even_words(study(years=years, horizon_days=horizon))
    assert ("a year" in words) == scaled
    if scaled:
        assert "Losses are those of 730 days and costs those of 10 years" in words
        assert "counts the mean of a year once for each of them" in words


def test_the_screen_shows_four_tables_and_two_without_worlds() -> None:
    assert [table.key for table in mitigation_tables(study())] == [
        "Frontier", "Options", "Regret", "Information",
    ]  # fmt: skip
    assert [table.key for table in mitigation_tables(without_worlds())] == ["Frontier", "Options"]


@pytest.mark.parametrize("tables", [study(), without_worlds(), study(money="천 <b>")])
def test_the_screen_has_no_nan(tables: MitigationTables) -> None:
    text = plain_text(mitigation_tables(tables))
    assert "nan" not in text.lower().split()
    assert drawn_text(mitigation_tables(tables), width=100, colour=False)


def test_a_study_without_a_title_has_the_name_of_its_config() -> None:
    assert mitigation_lines(study())[0] == "What to buy for Korea"
    assert mitigation_lines(study(title=""))[0] == "mitigation-korea.toml"
    assert mitigation_origin(study()).rows[0] == ("Config", "mitigation-korea.toml")
    assert ("Study", "300 worlds with 20,000 trials each") in mitigation_origin(study()).rows
