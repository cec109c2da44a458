"""The trial at a level is the one whose loss has that place among all."""

from __future__ import annotations

import numpy as np
import pytest

from riskengine.figures.standing import choices, chosen_row


# Losses of 1 to 200 in any order: at least 99 % of them are at most 198, and 97.5 % at most 195.
@pytest.mark.parametrize(
    ("at", "loss"),
    [("var99", 198.0), ("var97.5", 195.0), ("median", 100.0), ("max", 200.0), ("mean", 100.0)],
)
def test_a_trial_is_found_by_the_place_of_its_loss(at: str, loss: float) -> None:
    losses = np.random.default_rng(1).permutation(np.arange(1.0, 201.0))
    found = losses[chosen_row(losses, choices([0.975, 0.99])[at])]
    assert found == loss or (at == "mean" and found == 101.0)  # both are half a unit from the mean
