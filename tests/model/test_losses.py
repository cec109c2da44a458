"""Losses column by column, put together from slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from riskengine.model.losses import Losses, put, room_for, seal

SERIES = [field.name for field in fields(Losses) if "NDArray" in str(field.type)]


@pytest.fixture
def parts(make_losses: Callable[..., Losses]) -> list[Losses]:
    weights = np.random.default_rng(3).random((2, 2500))
    made = [make_losses(trials=2500, seed=seed) for seed in (1, 2)]
    return [replace(part, weight=each) for part, each in zip(made, weights, strict=True)]


@pytest.fixture
def whole(parts: list[Losses]) -> Losses:
    losses = room_for(5000, parts[0])
    for number, part in enumerate(parts):
        put(part, losses, 2500 * number)
    return seal(losses)


@pytest.mark.parametrize("name", SERIES)
def test_slices_put_in_place_are_together_the_whole(
    parts: list[Losses], whole: Losses, name: str
) -> None:
    together = np.concatenate([getattr(part, name) for part in parts])
    found = getattr(whole, name)
    assert found.dtype == together.dtype
    assert np.array_equal(found, together, equal_nan=found.dtype.kind == "f")


@pytest.mark.parametrize("name", SERIES)
def test_each_series_lies_together_in_memory_and_cannot_be_changed(
    whole: Losses, name: str
) -> None:
    for series in np.atleast_2d(getattr(whole, name).T):
        assert series.flags.c_contiguous
        assert not series.flags.writeable
