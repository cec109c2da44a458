"""The rows of curves.csv."""

from __future__ import annotations

from collections.abc import Callable

from riskengine.figures.curves import curves
from riskengine.figures.evidence import RowEvidence
from riskengine.model.losses import Losses


def test_the_total_has_aep_and_oep_and_its_parts_have_aep(
    make_losses: Callable[..., Losses],
) -> None:
    kinds = {
        (row.scope, row.name, row.type) for row in curves(RowEvidence(make_losses(trials=2000)))
    }
    assert kinds == {
        ("total", "", "AEP"),
        ("total", "", "OEP"),
        ("industry", "chips", "AEP"),
        ("industry", "motors", "AEP"),
        ("material", "gallium", "AEP"),
        ("material", "rare earths", "AEP"),
    }


def test_the_largest_spell_never_exceeds_the_loss_of_the_whole_horizon(
    make_losses: Callable[..., Losses],
) -> None:
    rows = {
        (row.type, row.return_period): row.loss
        for row in curves(RowEvidence(make_losses(trials=20_000)))
        if row.scope == "total"
    }
    periods = {period for _, period in rows}
    assert len(periods) == 9
    assert all(rows["OEP", period] <= rows["AEP", period] for period in periods)


def test_too_few_trials_give_no_curve(make_losses: Callable[..., Losses]) -> None:
    assert curves(RowEvidence(make_losses(trials=10))) == []
