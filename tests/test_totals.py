"""Parts of a run: what they add up to has the same bits in any order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from summed_bits import bits

from riskengine.config import load
from riskengine.errors import RunFault
from riskengine.figures.evidence import RowEvidence
from riskengine.model.confidence import LEVELS
from riskengine.play import totals
from riskengine.play.simulate import Plan, prepare
from riskengine.play.stream import BLOCK_TRIALS, Stream, play_part
from riskengine.play.totals import Totals

CONFIG = Path(__file__).parents[1] / "configs" / "minimal.toml"
TRIALS = 10 * BLOCK_TRIALS + 9_000


@pytest.fixture(scope="module")
def plan() -> Plan:
    return prepare(load(CONFIG), trials=TRIALS, first_trial=5, threads=2)


@pytest.fixture(scope="module")
def alone(plan: Plan) -> list[str]:
    stream = Stream(plan)
    stream.play(plan.trials)
    return bits(stream.evidence())


@pytest.mark.exhaustive
@pytest.mark.parametrize("lengths", [(1, 2, 3, 5), (4, 7), (1,) * 11])
def test_parts_add_up_to_the_same_bits_in_any_order(
    plan: Plan, alone: list[str], lengths: tuple[int, ...]
) -> None:
    whole = Totals(plan)
    ends = np.minimum(np.cumsum(lengths) * BLOCK_TRIALS, plan.trials).tolist()
    for first, end in reversed(list(zip([0, *ends], ends, strict=False))):
        whole.add(play_part(plan, first, end - first, whole.floors()))
    assert bits(whole.evidence()) == alone


@pytest.mark.exhaustive
def test_floors_leave_out_nothing_that_belongs_there(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "KEPT_LOSSES", 1500)
    monkeypatch.setattr(totals, "KEPT_TRIALS", 700)
    stream, whole = Stream(plan), Totals(plan)
    stream.play(plan.trials)
    sent = []
    for first in reversed(range(0, plan.trials, BLOCK_TRIALS)):
        length = min(BLOCK_TRIALS, plan.trials - first)
        part = play_part(plan, first, length, whole.floors())
        whole.add(part)
        sent.append(len(part.worst.losses))
    assert bits(whole.evidence()) == bits(stream.evidence())
    assert sent[1] == 700
    assert sent[-1] < 400, sent


def test_equal_losses_are_told_apart_by_number_in_any_order(plan: Plan) -> None:
    level = np.full(4, 7.0)
    kept = totals._WorstTrials(3, 1, 0.0)
    for trials in ([8, 9, 10, 11], [0, 1, 2, 3], [4, 5, 6, 7]):
        kept.add_worst(totals.Worst(level, np.array(trials), np.zeros((4, 1))))
        kept.worst()
    assert kept.worst().trials.tolist() == [0, 1, 2]


def test_what_comes_back_is_small(plan: Plan) -> None:
    part = play_part(plan, 0, BLOCK_TRIALS)
    assert part.bins.counts.nbytes + part.bins.places.nbytes < 1_000_000


def test_parts_of_losses_far_beyond_output_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An industry of next to no output loses what its dear material costs."""
    monkeypatch.setattr(totals, "KEPT_TRIALS", 700)
    changes = [
        "industries.automobile.value_added_per_year=1e-9",
        "materials.ndfeb-magnets.alternatives.asean.premium=100",
        "materials.ndfeb-magnets.alternatives.asean.lead_time=1",
        "materials.ndfeb-magnets.stocks.private.days=1",
        "disputes.china-korea.rate_per_year=20",
    ]
    scenario = load(CONFIG, overrides=changes)
    plan = prepare(scenario, trials=BLOCK_TRIALS, threads=1)
    stream = Stream(plan)
    stream.play(plan.trials)
    found = stream.evidence()
    kept = RowEvidence(plan.play())
    for scope in ("industry", "material"):
        wanted, ours = (
            [each.contribution(scope, 0, level) for level in LEVELS] for each in (kept, found)
        )
        assert ours == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize(("output", "is_told"), [(1e22, True), (1e18, False)])
def test_losses_that_no_bin_tells_apart_are_refused(output: float, is_told: bool) -> None:
    changes = [f"industries.automobile.value_added_per_year={output}"]
    plan = prepare(load(CONFIG, overrides=changes), trials=2_000, threads=1)
    stream = Stream(plan)
    if is_told:
        with pytest.raises(RunFault, match=r"loses .*e\+2. USD million: .* larger unit of money"):
            stream.play(plan.trials)
    else:
        stream.play(plan.trials)
        assert stream.evidence().trials == plan.trials
