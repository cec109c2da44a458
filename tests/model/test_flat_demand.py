"""Demand as arrays: the inverse behind indirect losses."""

from __future__ import annotations

import numpy as np
import pytest

from riskengine.model.flat.demand import _inverse


@pytest.mark.parametrize("size", [1, 2, 12, 48])
@pytest.mark.parametrize("radius", [0.1, 0.9, 0.999])
def test_elimination_gives_the_inverse(size: int, radius: float) -> None:
    """Held against numpy's own, within what rounding may do to either."""
    rng = np.random.default_rng(size)
    coefficients = rng.random((size, size)) * (rng.random((size, size)) < 0.5)
    coefficients += np.eye(size) * (size == 1)
    coefficients *= radius / np.abs(np.linalg.eigvals(coefficients)).max()
    matrix = np.eye(size) - coefficients
    expected = np.linalg.inv(matrix)
    allowed = size * np.linalg.cond(matrix, 1) * np.finfo(float).eps * np.abs(expected).max()
    found = _inverse(matrix)
    assert np.abs(found - expected).max() <= allowed
    assert (found >= 0.0).all()  # nobody gains from a loss of others
