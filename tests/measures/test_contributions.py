"""Contributions to TVaR add up to it, whatever the parts and the ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskengine.measures.contributions import contribution, tail_of
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

# Small whole numbers: totals are exact, and ties at VaR are the rule.
parts = arrays(np.float64, st.tuples(st.integers(1, 80), st.integers(1, 4)),
               elements=st.integers(0, 5).map(float))  # fmt: skip
levels = st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 0.995])


@pytest.mark.exhaustive
@given(parts, levels)
def test_contributions_add_up_to_the_tvar(matrix: np.ndarray, level: float) -> None:
    total = matrix.sum(axis=1)
    sample = Sample.of(total)
    tail = tail_of(total, level, var(sample, level).value)
    added = sum(contribution(matrix[:, k], tail) for k in range(matrix.shape[1]))
    assert added == pytest.approx(tvar(sample, level).value, rel=1e-12, abs=1e-12)


@pytest.mark.costly
@given(parts, levels)
def test_the_weights_of_a_tail_sum_to_one_and_none_is_negative(
    matrix: np.ndarray, level: float
) -> None:
    total = matrix.sum(axis=1)
    tail = tail_of(total, level, var(Sample.of(total), level).value)
    assert tail.weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert (tail.weights >= 0.0).all()


def test_trials_tied_at_var_share_what_is_left_of_the_tail_equally() -> None:
    # Tail of 2 among 4: one beyond VaR, and half of each of the two tied at it.
    total = np.array([1.0, 1.0, 5.0, 0.0])
    tail = tail_of(total, 0.5, 1.0)
    assert tail.trials.tolist() == [0, 1, 2]
    assert tail.weights.tolist() == [0.25, 0.25, 0.5]


def test_a_part_that_never_loses_in_the_tail_contributes_nothing() -> None:
    total = np.array([0.0, 10.0, 2.0, 100.0])
    part = np.array([0.0, 10.0, 2.0, 0.0])
    assert contribution(part, tail_of(total, 0.5, var(Sample.of(total), 0.5).value)) == 5.0
    assert contribution(part, tail_of(total, 0.75, var(Sample.of(total), 0.75).value)) == 0.0
