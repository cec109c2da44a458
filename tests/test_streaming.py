"""Trials that do not stay: their figures are those of the rows, however they were played."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.config import load
from riskengine.figures.curves import curves
from riskengine.figures.evidence import Evidence, RowEvidence
from riskengine.figures.metrics import figures
from riskengine.figures.sums import SumEvidence
from riskengine.kernel.arrays import MATERIAL_ROW
from riskengine.measures.binned import BIN_ERROR
from riskengine.model.losses import Losses
from riskengine.play import stream as streaming
from riskengine.play import totals
from riskengine.play.simulate import SLICE_TRIALS, Plan, prepare
from riskengine.play.stream import Stream, worst_losses

CONFIGS = Path(__file__).parents[1] / "configs"
BLOCK_TRIALS = 2 * SLICE_TRIALS  #: a quarter of those of a run
TRIALS = BLOCK_TRIALS + 10_000
EXACT = {"var", "oep_var", "prob_loss", "prob_output_loss", "prob_above", "max"}
#: Bins move the day of the median, and it alone.
BINNED_DAYS = "first_loss_day_median"


@pytest.fixture(scope="module", autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming, "BLOCK_TRIALS", BLOCK_TRIALS)
        yield


@pytest.fixture(scope="module")
def plan() -> Plan:
    scenario = load(CONFIGS / "korea-2026.toml", ["run.thresholds=[100, 1_000, 10_000]"])
    return prepare(scenario, trials=TRIALS, threads=2)


@pytest.fixture
def light() -> Plan:
    """As many trials of one dispute, one material and one industry."""
    return prepare(load(CONFIGS / "minimal.toml"), trials=TRIALS, threads=2)


@pytest.fixture(scope="module")
def rows(plan: Plan) -> Losses:
    return plan.play()


@pytest.fixture(scope="module")
def sums(plan: Plan) -> SumEvidence:
    return streamed(plan)


def streamed(plan: Plan, *looks: int) -> SumEvidence:
    stream = Stream(plan)
    for trials in (*looks, plan.trials):
        stream.play(trials)
    return stream.evidence()


def every_figure(evidence: Evidence) -> list[tuple[str, str, tuple[float, ...]]]:
    found = [(f.measure, f.name, (f.value, f.lower, f.upper)) for f in figures(evidence)]
    return found + [("curve", c.name, (c.loss, c.lower, c.upper)) for c in curves(evidence)]


def bits(found: SumEvidence) -> list[str]:
    return [f"{what} {name} {[x.hex() for x in ends]}" for what, name, ends in every_figure(found)]


@pytest.mark.costly
def test_figures_are_those_of_the_rows(sums: SumEvidence, rows: Losses) -> None:
    pairs = list(zip(every_figure(sums), every_figure(RowEvidence(rows)), strict=True))
    for (measure, name, ours), (_, _, theirs) in pairs:
        if measure in EXACT:
            assert repr(ours) == repr(theirs), (measure, name)
        else:
            bound = BIN_ERROR if measure == BINNED_DAYS else 1e-11
            np.testing.assert_allclose(ours, theirs, rtol=bound, err_msg=f"{measure} {name}")
    assert {measure for (measure, *_), _ in pairs} > EXACT
    assert sums.binned_levels() == []


@pytest.mark.costly
@pytest.mark.parametrize("threads", [1, 3])
def test_threads_cannot_show(plan: Plan, sums: SumEvidence, threads: int) -> None:
    assert bits(streamed(replace(plan, threads=threads))) == bits(sums)


@pytest.mark.costly
def test_going_on_after_a_look_cannot_show(plan: Plan, sums: SumEvidence) -> None:
    assert bits(streamed(plan, BLOCK_TRIALS)) == bits(sums)


def test_whoever_looks_is_shown_every_row_in_order(plan: Plan, rows: Losses) -> None:
    seen: list[np.ndarray] = []
    first: list[int] = []

    def look(losses: Losses) -> None:
        first.append(losses.first_trial)
        seen.append(np.column_stack([losses.total, losses.industry_loss, losses.deepest_level]))

    Stream(plan).play(plan.trials, look)
    whole = np.column_stack([rows.total, rows.industry_loss, rows.deepest_level])
    assert first == [0, BLOCK_TRIALS]
    assert np.concatenate(seen).tobytes() == whole.tobytes()
    assert "deepest_level" in (MATERIAL_ROW.names or ())


@pytest.fixture
def few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "KEPT_LOSSES", 460)
    monkeypatch.setattr(totals, "KEPT_TRIALS", 215)


@pytest.mark.costly
@pytest.mark.usefixtures("few_kept")
def test_beyond_what_is_kept_figures_stay_within_the_width_of_a_bin(
    plan: Plan, rows: Losses
) -> None:
    found = streamed(plan)
    assert found.binned_levels() == [0.9, 0.95]
    exact = RowEvidence(rows)
    for ours, theirs in zip(figures(found), figures(exact), strict=True):
        bound = 1e-11 if ours.measure in {"mean", "sd", "prob_loss", "max"} else 2.0 * BIN_ERROR
        if ours.measure == "contribution_tvar":
            gap = abs(ours.value - theirs.value)
            assert gap <= _unsure_part(rows, ours.scope, ours.name, ours.level or 0.0)
            continue
        ends = [(f.value, f.lower, f.upper) for f in (ours, theirs)]
        np.testing.assert_allclose(*ends, rtol=bound, atol=1e-9, err_msg=str(ours))
    for one, other in zip(curves(found), curves(exact), strict=True):
        ends = [(c.loss, c.lower, c.upper) for c in (one, other)]
        np.testing.assert_allclose(*ends, rtol=2.0 * BIN_ERROR, atol=1e-9, err_msg=str(one))
    for level, whole in zip((0.9, 0.95, 0.99, 0.995), _tvars(exact), strict=True):
        parts = [found.contribution("industry", i, level) for i in range(12)]
        assert math.fsum(parts) == pytest.approx(whole, rel=2.0 * BIN_ERROR)


def _unsure_part(rows: Losses, scope: str, name: str, level: float) -> float:
    """How far a part of TVaR from bins can be off.

    Of the m trials in the bin of VaR the tail has the k largest, and so takes a sum of k of their
    parts; the bins give k / m of the whole sum. An octave has 1 / (2 `BIN_ERROR`) bins.
    """
    losses, names = {
        "industry": (rows.industry_loss, list(rows.scenario.industries)),
        "material": (rows.material_loss, list(rows.scenario.materials)),
    }[scope]
    part, tail = losses[:, names.index(name)], rows.trials * (1.0 - level)
    mantissas, octaves = np.frexp(rows.total)
    bins = octaves + 2.0 * BIN_ERROR * np.floor((2.0 * mantissas - 1.0) / (2.0 * BIN_ERROR))
    at = np.sort(bins)[-math.ceil(tail - 1e-9)]
    inside, beyond = np.sort(part[bins == at]), np.count_nonzero(bins > at)
    taken = np.clip(tail - beyond - np.arange(len(inside)), 0.0, 1.0)  # of each: the last in part
    even = (tail - beyond) / len(inside) * inside.sum()
    off = max(taken @ inside[::-1] - even, even - taken @ inside)
    return float(off + 1e-11 * part[bins >= at].sum()) / tail


def _tvars(evidence: Evidence) -> list[float]:
    return [f.value for f in figures(evidence) if (f.scope, f.measure) == ("total", "tvar")]


@pytest.mark.costly
@pytest.mark.usefixtures("few_kept")
def test_parts_of_a_tail_beyond_the_kept_trials_are_known_at_the_lowest_level_of_the_config(
    plan: Plan, rows: Losses
) -> None:
    """At 99.5 % the tail lies within the kept trials, so that nothing would be divided by bin."""
    asked = replace(plan.scenario, run=replace(plan.scenario.run, levels=(0.6, 0.999)))
    found = streamed(replace(plan, scenario=asked))
    exact = RowEvidence(replace(rows, scenario=asked))
    assert found.binned_levels() == [0.6]
    for level in (0.6, 0.999):
        for scope, names in (("industry", asked.industries), ("material", asked.materials)):
            for i, name in enumerate(names):
                ours, theirs = (each.contribution(scope, i, level) for each in (found, exact))
                assert abs(ours - theirs) <= _unsure_part(rows, scope, name, level), name


@pytest.mark.usefixtures("few_kept")
def test_the_worst_trials_are_kept_and_played_again(plan: Plan, rows: Losses) -> None:
    worst = streamed(plan).worst
    order = np.lexsort((np.arange(TRIALS), -rows.total))[:215]
    assert worst.trials.tolist() == order.tolist()
    assert worst.losses.tobytes() == rows.total[order].tobytes()
    assert worst.parts[:, :12].tobytes() == rows.industry_loss[order].tobytes()
    again = [losses.total.copy() for losses in worst_losses(plan, np.sort(order))]
    assert np.concatenate(again).tobytes() == rows.total[np.sort(order)].tobytes()


def test_the_trial_at_a_level_is_the_one_that_stands_there(sums: SumEvidence, rows: Losses) -> None:
    for level in (0.95, 0.99, 0.995):
        trial = sums.trial_at(level)
        assert trial is not None
        assert rows.total[trial] == sums.loss("total").quantiles.var(level).value
    assert sums.trial_at(0.1) is None


def test_a_range_may_begin_anywhere(rows: Losses) -> None:
    later = prepare(load(CONFIGS / "korea-2026.toml"), trials=9000, first_trial=15_000, threads=1)
    found = streamed(later).loss("total")
    assert found.largest == rows.total[15_000:24_000].max()


def test_a_run_without_any_loss_has_figures(tmp_path: Path) -> None:
    scenario = load(CONFIGS / "minimal.toml", overrides=["disputes.china-korea.rate_per_year=0"])
    found = streamed(prepare(scenario, trials=10_000, threads=2))
    assert found.trial_at(0.99) is None
    exact = RowEvidence(prepare(scenario, trials=10_000).play())
    for ours, theirs in zip(every_figure(found), every_figure(exact), strict=True):
        np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-12)


def test_an_error_of_whoever_looks_ends_the_run(light: Plan) -> None:
    def full(_: Losses) -> None:
        raise OSError("no space left")

    before = threading.active_count()
    with pytest.raises(OSError, match="no space"):
        Stream(light).play(light.trials, full)
    assert threading.active_count() == before


def test_progress_counts_the_trials(light: Plan) -> None:
    heard: list[int] = []
    note: Callable[[int], Any] = heard.append
    Stream(light).play(light.trials, progress=note)
    assert heard == [BLOCK_TRIALS, TRIALS]
