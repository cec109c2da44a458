"""Figures at the confidence levels that a config asks for, against counting by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from riskengine.figures.comparison import compare
from riskengine.figures.convergence import run_notices
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import RowEvidence
from riskengine.figures.metrics import Figure, confidence_levels, figures
from riskengine.figures.pairing import pairing, pairing_notices
from riskengine.model.confidence import detail_level, level_called, level_name, level_number
from riskengine.model.losses import Losses
from riskengine.sweeps.figures import heads_of, point_rows, series_of
from tests.figures.test_comparison import side_of

MakeLosses = Callable[..., Losses]
TRIALS = 5_000


def at(losses: Losses, levels: Sequence[float], **run: object) -> Losses:
    """The same trials of a config that asks for these levels."""
    settings = replace(losses.scenario.run, levels=tuple(levels), **run)  # type: ignore[arg-type]
    return replace(losses, scenario=replace(losses.scenario, run=settings))


def total(rows: Sequence[Figure], measure: str, level: float) -> tuple[float, float, float]:
    (found,) = (
        row for row in rows if (row.scope, row.measure, row.level) == ("total", measure, level)
    )
    return found.value, found.lower, found.upper


@pytest.mark.parametrize("level", [0.5, 0.8, 0.975, 0.999, 0.9999])
def test_var_and_tvar_are_the_order_statistic_and_the_mean_of_the_tail(
    make_losses: MakeLosses, level: float
) -> None:
    losses = at(make_losses(trials=TRIALS), [level])
    rows = figures(RowEvidence(losses))
    ordered = np.sort(losses.total)
    share = 1.0 - level
    rank = math.ceil(round(TRIALS * level, 6))  # 4,995 at 99.9 %, 5,000 at 99.99 %
    beyond = ordered[rank:].sum() + (TRIALS * share - (TRIALS - rank)) * ordered[rank - 1]
    assert total(rows, "var", level)[0] == ordered[rank - 1]
    assert total(rows, "tvar", level)[0] == pytest.approx(beyond / (TRIALS * share), rel=1e-9)
    spells = np.sort(losses.largest_spell)
    assert total(rows, "oep_var", level)[0] == spells[rank - 1]


def test_the_interval_of_var_is_that_of_the_order_statistics(make_losses: MakeLosses) -> None:
    losses = at(make_losses(trials=TRIALS), [0.999])
    _, lower, upper = total(figures(RowEvidence(losses)), "var", 0.999)
    ordered = np.sort(losses.total)
    law = stats.binom(TRIALS, 0.999)
    ranks = int(law.ppf(0.025)), int(law.ppf(0.975)) + 1
    assert (lower, upper) == tuple(ordered[rank - 1] for rank in ranks)


def test_parts_of_the_tail_add_up_to_its_mean_at_any_level(make_losses: MakeLosses) -> None:
    losses = at(make_losses(trials=TRIALS), [0.75, 0.999])
    rows = figures(RowEvidence(losses))
    for level in (0.75, 0.999):
        for scope in ("industry", "material"):
            parts = [
                row.value
                for row in rows
                if (row.scope, row.measure, row.level) == (scope, "contribution_tvar", level)
            ]
            assert math.fsum(parts) == pytest.approx(total(rows, "tvar", level)[0])  # fmt: skip


def test_a_run_has_its_levels_and_no_others(make_losses: MakeLosses) -> None:
    levels = [0.8, 0.9, 0.999]
    rows = figures(RowEvidence(at(make_losses(trials=500), levels)))
    assert {row.level for row in rows} == {None, *levels}
    assert confidence_levels(rows) == levels


def test_the_other_figures_do_not_depend_on_the_levels(make_losses: MakeLosses) -> None:
    losses = make_losses(trials=500)
    usual, other = (figures(RowEvidence(each)) for each in (losses, at(losses, [0.99, 0.999])))
    common = (None, 0.99)
    assert repr([r for r in usual if r.level in common]) == repr(
        [r for r in other if r.level in common]
    )


def test_weighted_trials_count_by_their_weights_at_any_level(make_losses: MakeLosses) -> None:
    """With equal weights, VaR is the order statistic again; with two weights, by hand."""
    losses = at(make_losses(trials=1_000), [0.8, 0.999], tilt=0.5)
    weight = np.ones(1_000)
    order = np.argsort(losses.total)
    weight[order[-10:]] = 0.1  # the ten worst count for one trial together
    rows = figures(evidence_of(replace(losses, weight=weight)))
    # Beyond the 200.8 largest of 1,000 weights lie the ten at 0.1 and 199 whole ones: rank 791.
    above = np.cumsum(weight[order][::-1])[::-1] - weight[order]
    for level in (0.8, 0.999):
        first = int(np.argmax(above <= 1_000 * (1.0 - level) + 1e-9))
        assert total(rows, "var", level)[0] == losses.total[order[first]]


def test_a_tail_that_few_trials_make_up_is_said_by_its_own_level(make_losses: MakeLosses) -> None:
    losses = at(make_losses(trials=10_000), [0.99, 0.998, 0.9985])
    (thin,) = (n for n in run_notices(RowEvidence(losses)) if n.code == "thin-tail")
    # 10,000 x 0.002 are the 20 that it takes, 10,000 x 0.0015 are 15.
    assert "in the tail at 99.85 %:" in thin.message
    assert "or run 13,333 trials" in thin.message


def test_a_level_beyond_the_sample_has_no_upper_end(make_losses: MakeLosses) -> None:
    losses = at(make_losses(trials=500), [0.9, 0.999])
    value, lower, upper = total(figures(RowEvidence(losses)), "var", 0.999)
    assert value == losses.total.max()
    assert lower <= value
    assert math.isnan(upper)


def test_two_runs_are_compared_at_common_levels_and_it_is_said(make_losses: MakeLosses) -> None:
    losses = make_losses(trials=2_000)
    half = {name: getattr(losses, name) * 0.5 for name in ("total", "industry_loss")}
    a = side_of(at(losses, [0.9, 0.95, 0.999]))
    b = side_of(at(replace(losses, **half), [0.95, 0.99, 0.999]))
    found, rows = compare(a, b)
    assert {row.level for row in rows} == {None, 0.95, 0.999}
    (row,) = (r for r in rows if (r.scope, r.measure, r.level) == ("total", "var", 0.999))
    exact = np.sort(losses.total)[1_997]
    assert (row.a, row.b, row.difference) == (exact, 0.5 * exact, -0.5 * exact)
    (notice,) = (n for n in pairing_notices(a, b, found) if n.code == "levels-differ")
    assert "A has 90 %, 95 %, 99.9 % and B 95 %, 99 %, 99.9 %" in notice.message
    assert "compared at 95 %, 99.9 % only" in notice.message


def test_two_runs_without_a_common_level_are_compared_in_all_else(make_losses: MakeLosses) -> None:
    losses = make_losses(trials=200)
    a, b = side_of(at(losses, [0.9])), side_of(at(losses, [0.95]))
    found, rows = compare(a, b)
    assert {row.level for row in rows} == {None}
    assert {"mean", "sd", "max", "contribution_mean"} <= {row.measure for row in rows}
    messages = [n.message for n in pairing_notices(a, b, found) if n.code == "levels-differ"]
    assert len(messages) == 1
    assert "VaR and TVaR cannot be compared" in messages[0]
    assert pairing(a, b).paired


def test_equal_levels_are_not_remarked_on(make_losses: MakeLosses) -> None:
    a = side_of(at(make_losses(trials=200), [0.9, 0.999]))
    assert "levels-differ" not in [n.code for n in pairing_notices(a, a, pairing(a, a))]


def test_a_sweep_has_the_levels_of_its_base_case(make_losses: MakeLosses) -> None:
    losses = at(make_losses(trials=2_000), [0.9, 0.999])
    heads = heads_of(losses.scenario)
    assert {level for *_, level, _ in heads} == {None, 0.9, 0.999}
    series = series_of(losses)
    rows = point_rows(0, series, series, "USD million", losses.scenario.run.levels)
    assert [(r.scope, r.name, r.measure, r.level, r.unit) for r in rows] == heads
    (var,) = (r for r in rows if (r.scope, r.measure, r.level) == ("total", "var", 0.999))
    assert var.value == np.sort(losses.total)[1_997]


@pytest.mark.parametrize(
    ("levels", "detail"),
    [
        ([0.9, 0.95, 0.99, 0.995], 0.99),
        ([0.9, 0.999], 0.9),
        ([0.995, 0.999], 0.995),
        ([0.5], 0.5),
        ([], 0.99),  # a folder without any VaR
    ],
)
def test_names_are_compared_at_99_or_the_next_level_below(
    levels: list[float], detail: float
) -> None:
    assert detail_level(levels) == detail


@pytest.mark.costly
def test_every_level_has_a_text_of_its_own_that_leads_back_to_it() -> None:
    levels = [k / 10_000 for k in range(5_000, 10_000)] + [0.999999, 0.99995]
    assert len({level_number(level) for level in levels}) == len(set(levels))
    assert len({level_name(level) for level in levels}) == len(set(levels))
    for level in levels[::97]:
        assert float(level_number(level)) == pytest.approx(100.0 * level, abs=1e-9)
        assert level_called(level_number(level), levels) == level
        assert level_called(level_name(level), levels) == level
    assert level_called("98", [0.9, 0.99]) is None
