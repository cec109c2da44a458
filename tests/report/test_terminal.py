"""Tables as text: aligned in any script, harmless in any terminal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from riskengine.figures.convergence import run_notices
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import figures
from riskengine.measures.estimate import Estimate
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.reports.html.parts import notebook_part
from riskengine.reports.run.stored import RunFacts, RunFigures
from riskengine.reports.run.tables import headline, level_table
from riskengine.reports.screen import (
    can_draw,
    drawn_text,
    notice_text,
    plain_text,
    wants_colour,
    width_of,
)
from riskengine.reports.tables.table import Table, number, text


def run_of(losses: Losses) -> RunFigures:
    return RunFigures(RunFacts.of(losses), figures(RowEvidence(losses)))


def table_of(*names: str) -> Table:
    return Table(
        key="t",
        title="Loss",
        columns=[text("name", "Name"), number("loss", "Loss")],
        rows=[[name, float(index)] for index, name in enumerate(names)],
        remark="By hand.",
    )


def test_columns_are_aligned_whatever_the_script() -> None:
    lines = plain_text([table_of("gallium", "갈륨", "e\u0301")]).splitlines()
    assert len({width_of(line) for line in lines[1:5]}) == 1


def test_east_asian_characters_take_two_columns_and_accents_none() -> None:
    assert [width_of(name) for name in ("gallium", "갈륨", "ガリウム", "e\u0301")] == [7, 4, 8, 1]


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "\u202egnp.exe", "\x07"])
def test_a_name_cannot_steer_the_terminal(name: str) -> None:
    for shown in (
        plain_text([table_of(name)]),
        drawn_text([table_of(name)], width=80, colour=False),
    ):
        assert all(line.isprintable() for line in shown.splitlines())
        assert len(shown.splitlines()) <= 9


def test_square_brackets_in_a_name_are_not_markup() -> None:
    shown = drawn_text([table_of("[red]gallium[/red]", ":bomb:")], width=80, colour=True)
    assert "[red]gallium[/red]" in shown
    assert ":bomb:" in shown


def test_colour_is_an_escape_sequence_only_when_wanted() -> None:
    assert "\x1b[" in drawn_text([table_of("a")], width=80, colour=True)
    assert "\x1b[" not in drawn_text([table_of("a")], width=80, colour=False)


@pytest.mark.parametrize(
    ("environment", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]
)
def test_no_color_is_honoured(environment: dict[str, str], wanted: bool) -> None:
    assert wants_colour(environment) is wanted


def test_tables_are_drawn_only_on_a_terminal_that_can() -> None:
    assert can_draw(True, {"TERM": "xterm-256color"})
    assert not can_draw(True, {"TERM": "dumb"})
    assert not can_draw(False, {"TERM": "xterm-256color"})


def test_the_headline_shows_every_figure_that_is_always_shown_together(
    make_losses: Callable[..., Losses],
) -> None:
    losses = make_losses(trials=5000)
    shown = plain_text(headline(run_of(losses)))
    for words in (
        "Mean",
        "Standard deviation",
        "Chance of any loss",
        "Chance of lost output",
        "VaR",
        "TVaR",
        "OEP",
        "99.5 %",
        "USD million",
        "chips",
        "rare earths",
        "Days with any cut",
        "Days of demand cut",
    ):
        assert words in shown
    assert shown.count("Industries add up for means") == 1


def test_the_chance_of_a_loss_above_each_threshold_is_shown_with_its_interval(
    make_losses: Callable[..., Losses], make_scenario: Callable[..., Scenario]
) -> None:
    scenario = make_scenario()
    run = replace(scenario.run, thresholds=(100.0, 1_234_567.5))
    losses = make_losses(replace(scenario, run=run), trials=5000)
    tables = headline(run_of(losses))
    shown = dict(row for row in tables[0].texts())
    share = (losses.total > 100.0).mean()
    margin = 1.959964 * math.sqrt(share * (1.0 - share) / 5000)
    ends = [f"{100.0 * (share + side * margin):.1f} %" for side in (-1, 1)]
    expected = f"{100.0 * share:.1f} % ({ends[0]} to {ends[1]})"
    assert shown["Chance of a loss above 100"] == expected
    assert shown["Chance of a loss above 1,234,567.5"].startswith("0 % (0 % to ")


def test_days_on_levels_have_a_table_of_their_own(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=500)
    table = level_table(run_of(losses))
    assert table is not None
    assert [column.heading for column in table.columns][1:] == list(losses.scenario.ladder)
    rows = table.cells()
    assert [row[0] for row in rows] == list(losses.scenario.materials)
    cells = [cell.value for row in rows for cell in row[1:] if isinstance(cell, Estimate)]
    np.testing.assert_allclose(cells, losses.level_days.mean(axis=0), rtol=1e-12)
    assert level_table(RunFigures(RunFacts.of(losses), [])) is None


def test_shares_of_the_tail_are_shown_as_shares(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=5000)
    for table in headline(run_of(losses))[2:]:
        shares = [record["share_of_tvar_99"] for record in table.records()]
        assert sum(shares) == pytest.approx(1.0, rel=1e-12)


def test_a_run_without_loss_shows_no_share_of_nothing(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=30)
    silent = type(losses)(
        **{
            name: getattr(losses, name) * 0 if hasattr(getattr(losses, name), "shape") else
            getattr(losses, name)
            for name in losses.__slots__
        }
    )  # fmt: skip
    tables = headline(run_of(silent))
    assert tables[2].records()[0]["share_of_tvar_99"] is None
    assert "nan" not in plain_text(tables)


def test_notices_are_a_list_and_none_is_nothing(make_losses: Callable[..., Losses]) -> None:
    shown = notice_text(run_notices(RowEvidence(make_losses(trials=10))))
    assert shown.startswith("Please note:\n- ")
    assert max(map(len, shown.splitlines())) <= 96
    assert notice_text([]) == ""


def test_a_long_path_in_a_notice_can_be_copied_whole() -> None:
    path = "/results" + "/of-a-run" * 20
    shown = notice_text([Notice(code="x", message=f"The folder {path} is full.")])
    assert path in shown.splitlines()[2]


def test_html_has_no_element_that_a_name_brought_in() -> None:
    page = notebook_part("<b>", [table_of("<script>alert(1)</script>", '" onload="x')], [])
    assert "<script>" not in page
    assert "<b>" not in page
    assert 'onload="x' not in page


@pytest.mark.parametrize("width", [40, 60, 80, 90, 100, 110, 120, 200])
def test_no_figure_is_cut_off_on_a_narrow_terminal(
    make_losses: Callable[..., Losses], width: int
) -> None:
    losses = make_losses(trials=5000)
    tables = headline(run_of(losses))
    shown = " ".join(drawn_text(tables, width=width, colour=False).split())
    for table in tables:
        for k, column in enumerate(table.columns):
            cells = [row[k] for row in table.texts()]
            words = [word for cell in [column.heading, *cells] for word in cell.split()]
            assert all(piece in shown for piece in (words if column.is_text else cells))
