"""Every difference between two runs, beside formulas that go by the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import figures_twin as twin
import numpy as np
import pytest
from figures_twin import NAN, Three, Z

from riskengine.figures.comparison import PAIRED, UNPAIRED, Difference, compare
from riskengine.figures.pairing import pairing, pairing_notices
from riskengine.model.losses import Losses
from tests.figures.test_comparison import scaled, side_of

TRIALS = 1500
CHANCES = ("prob_loss", "prob_output_loss", "prob_above")
DAYS = ("loss_days", "stopped_days", "cut_days", "cut_weighted_days", "shortage_days")


def series_of(losses: Losses, row: Difference) -> list[float]:
    """The amounts by trial that a figure is taken of."""
    scenario = losses.scenario
    names = {"industry": scenario.industries, "material": scenario.materials}
    index = list(names[row.scope]).index(row.name) if row.name else -1
    if row.measure == "level_days":
        levels = list(scenario.ladder)
        return losses.level_days[:, index * len(levels) + levels.index(row.component)].tolist()
    if row.measure == "prob_output_loss":
        return list(losses.output.sum(axis=1) if index < 0 else losses.output[:, index])
    if row.measure == "prob_above":
        return [float(x > row.level) for x in losses.total]
    if row.component != "all":
        matrix = getattr(losses, row.component)
        return list(matrix.sum(axis=1) if index < 0 else matrix[:, index])
    if row.measure == "oep_var":
        return losses.largest_spell.tolist()
    if row.measure in DAYS:
        return getattr(losses, row.measure)[:, index].tolist()
    if row.measure == "first_loss_day_median":
        return losses.first_loss_day[:, index].tolist()
    if index < 0:
        return losses.total.tolist()
    matrix = losses.industry_loss if row.scope == "industry" else losses.material_loss
    return matrix[:, index].tolist()


def alone(xs: Sequence[float], row: Difference) -> Three:
    plain, level = twin.Plain(len(xs)), row.level or 0.0
    return {
        "mean": lambda: plain.mean(xs),
        "sd": lambda: plain.sd(xs),
        **dict.fromkeys(CHANCES, lambda: plain.chance(xs)),
        "var": lambda: plain.var(xs, level),
        "oep_var": lambda: plain.var(xs, level),
        "tvar": lambda: plain.tvar(xs, level),
        "first_loss_day_median": lambda: plain.first_day(xs),
    }.get(row.measure, lambda: plain.mean(xs))()


def apart(a: Three, b: Three) -> Three:
    value = b[0] - a[0]
    below = math.sqrt((b[0] - b[1]) ** 2 + (a[2] - a[0]) ** 2)
    above = math.sqrt((b[2] - b[0]) ** 2 + (a[0] - a[1]) ** 2)
    return value, value - below, value + above


def by_influence(value: float, changes: np.ndarray) -> Three:
    xs = changes.tolist()
    ends = twin.mean_ends(xs, least=0.0) if np.ptp(changes) > 0.0 else None
    if ends is None:
        margin = Z * twin.deviation(xs) / math.sqrt(len(xs))
        return value, value - margin, value + margin
    low, high = (value - twin.average(xs) + end for end in ends)
    return value, low, high


def together(first: list[float], second: list[float], row: Difference) -> Three:
    a, b = alone(first, row), alone(second, row)
    x, y = np.array(first), np.array(second)
    value = b[0] - a[0]
    if row.measure in ("var", "oep_var", "first_loss_day_median"):
        return _quantiles(a, b, x, y)
    if row.measure == "sd":
        parts = ((z - z.mean()) ** 2 / (2.0 * z.std(ddof=1)) for z in (x, y))
    elif row.measure in CHANCES:
        parts = ((z > 0.0).astype(float) for z in (x, y))
        if not ((x > 0.0) != (y > 0.0)).any():
            bound = 1.0 - 0.025 ** (1.0 / len(x))
            return value, -bound, bound
    elif row.measure == "tvar":
        level = row.level or 0.0
        starts = [twin.Plain(len(z)).var(z.tolist(), level)[0] for z in (x, y)]
        parts = (
            np.maximum(z - v, 0.0) / (1.0 - level) for z, v in zip((x, y), starts, strict=True)
        )
    else:
        parts = iter((x, y))
    one, other = parts
    return by_influence(value, other - one)


def _quantiles(a: Three, b: Three, x: np.ndarray, y: np.ndarray) -> Three:
    value = b[0] - a[0]
    if math.isnan(a[2] + b[2]):
        return value, NAN, NAN
    scores = []
    for z, centre in ((x, a[0]), (y, b[0])):
        known = ~np.isnan(z)
        beyond = np.where(known, np.nan_to_num(z) > centre, 0.0)
        scores.append(np.where(known, beyond - beyond[known].mean(), 0.0))
    common = float(np.sum(scores[0] * scores[1]))
    common /= math.sqrt(float(np.sum(scores[0] ** 2)) * float(np.sum(scores[1] ** 2)))
    one, other = (a[2] - a[1]) / 2.0, (b[2] - b[1]) / 2.0
    margin = math.sqrt(max(0.0, one**2 + other**2 - 2.0 * common * one * other))
    return value, value - margin, value + margin


def changed(losses: Losses, seed: int) -> Losses:
    """The same futures, with a share of each loss, and other first days."""
    random = np.random.default_rng(seed)
    found = scaled(losses, 0.75)
    total = found.total * random.uniform(0.5, 1.5, losses.trials)
    days = losses.first_loss_day + random.uniform(0.0, 90.0, losses.first_loss_day.shape)
    return replace(found, total=total, first_loss_day=days, cut_days=losses.cut_days * 0.5)


def with_thresholds(losses: Losses) -> Losses:
    run = replace(losses.scenario.run, thresholds=(30.0, 60.0))
    return replace(losses, scenario=replace(losses.scenario, run=run))


@pytest.mark.costly
@pytest.mark.parametrize("paired", [True, False])
def test_every_difference_is_that_of_the_twin(
    make_losses: Callable[..., Losses], paired: bool
) -> None:
    first = with_thresholds(make_losses(trials=TRIALS))
    other = with_thresholds(make_losses(trials=TRIALS, seed=8))
    second = changed(first if paired else other, seed=3)
    sides = side_of(first), side_of(second, seed=first.seed if paired else 8)
    _, rows = compare(*sides)
    for row in rows:
        if row.measure in ("max", "contribution_tvar"):
            assert math.isnan(row.lower)
            continue
        if row.measure == "episodes":  # not kept by trial, as days on levels
            index = list(first.scenario.disputes).index(row.name)
            xs, ys = (each.episodes[:, index].tolist() for each in (first, second))
        else:
            xs, ys = series_of(first, row), series_of(second, row)
        independent = apart(alone(xs, row), alone(ys, row))
        is_paired = paired and row.measure not in ("episodes", "level_days")
        expected = together(xs, ys, row) if is_paired else independent
        found = (row.difference, row.lower, row.upper)
        scale = abs(row.a) + abs(row.b)
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9 * scale, err_msg=str(row))
        if math.isnan(expected[1]):
            assert row.pairing == ""
            continue
        assert row.pairing == (PAIRED if is_paired else UNPAIRED)
        if is_paired and not math.isnan(independent[2]):
            width = expected[2] - expected[1]
            wide = independent[2] - independent[1]
            ratio = (wide / width) ** 2 if width > 0.0 else math.inf
            assert row.variance_ratio == pytest.approx(ratio, rel=1e-5), row


def test_parts_of_tvar_are_compared_by_the_tail_of_each_run(
    make_losses: Callable[..., Losses],
) -> None:
    first = make_losses(trials=TRIALS)
    run = replace(first.scenario.run, thresholds=(30.0, 60.0))
    first = replace(first, scenario=replace(first.scenario, run=run))
    second = changed(first, seed=3)
    tables = [twin.metrics(losses) for losses in (first, second)]
    for row in compare(side_of(first), side_of(second))[1]:
        key = (row.scope, row.name, row.component, row.measure, row.level)
        values = [table[key][0] for table in tables]
        assert (row.a, row.b) == pytest.approx(tuple(values), rel=1e-9, abs=1e-12)
        assert row.difference == pytest.approx(values[1] - values[0], rel=1e-6, abs=1e-9)


# --- Pairing ---


def test_the_correlation_is_that_of_both_totals(make_losses: Callable[..., Losses]) -> None:
    first = make_losses(trials=TRIALS)
    run = replace(first.scenario.run, thresholds=(30.0, 60.0))
    first = replace(first, scenario=replace(first.scenario, run=run))
    second = changed(first, seed=3)
    found = pairing(side_of(first), side_of(second))
    expected = np.corrcoef(first.total, second.total)[0, 1]
    assert found.correlation == pytest.approx(expected, rel=1e-12)
    assert found.same == np.count_nonzero(first.total == second.total)


def test_one_common_trial_pairs_two_runs(make_losses: Callable[..., Losses]) -> None:
    losses = make_losses(trials=100)
    found = pairing(side_of(losses), side_of(losses, first_trial=99))
    assert (found.paired, found.first_trial, found.trials) == (True, 99, 1)


@pytest.mark.parametrize(("count", "is_few"), [(1, True), (19, True), (20, False)])
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_differences_of_fewer_than_twenty_trials_beyond_either_var_are_few(
    make_losses: Callable[..., Losses], count: int, is_few: bool, factor: float
) -> None:
    losses = make_losses(trials=5000)
    total = losses.total.copy()
    worst = np.argsort(total)[-250:]  # those beyond VaR 95 %
    total[worst[-count:]] *= factor
    a, b = side_of(losses), side_of(replace(losses, total=total))
    codes = [notice.code for notice in pairing_notices(a, b, pairing(a, b))]
    assert ("few-differences" in codes) is is_few


@pytest.mark.parametrize("is_larger_first", [True, False])
def test_differences_are_looked_for_beyond_the_var_of_each_run(
    make_losses: Callable[..., Losses], is_larger_first: bool
) -> None:
    # Beyond VaR 90 % lie 15 trials of either run, and none of both: 30 differ there. Beyond 95 %
    # it is 7 of each, beyond 99 % one, and VaR 99.5 % is the largest of 150. Every loss of the one
    # is smaller than any of the other.
    losses, ranks = make_losses(trials=150), np.arange(1.0, 151.0)
    totals = (1000.0 + ranks[::-1], ranks) if is_larger_first else (ranks, 1000.0 + ranks[::-1])
    a, b = (side_of(replace(losses, total=total)) for total in totals)
    (notice,) = pairing_notices(a, b, pairing(a, b))
    assert notice.code == "few-differences"
    assert "at 95 %, 99 % differ" in notice.message
