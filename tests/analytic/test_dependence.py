"""Two metals in one dispute: the Gaussian copula of coverage, sojourns, steps, cuts, rerouting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from analytic.worlds import (
    Config,
    assert_chance,
    assert_mean,
    metal,
    mill,
    one_dispute,
    play,
    two_metals,
)
from scipy import stats

from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var

MEAN = 100.0
S1, S2 = 30.0, 80.0
Q1, Q2 = math.exp(-S1 / MEAN), math.exp(-S2 / MEAN)


def _both_above(first: float, second: float, rho: float) -> float:
    """P(both) of two events with these chances whose scores have the correlation rho."""
    normal = stats.multivariate_normal(mean=[0.0, 0.0], cov=[[1.0, rho], [rho, 1.0]])
    return float(normal.cdf([stats.norm.ppf(first), stats.norm.ppf(second)]))


def _stocked(rho: float) -> Config:
    return two_metals(first=metal(S1), second=metal(S2), correlation={"duration": rho})


def test_two_metals_with_one_duration_have_the_covariance_of_one_dispute() -> None:
    loss = play(_stocked(1.0), seed=601).industry_loss
    product = Q2 * (2.0 * MEAN**2 + (S2 - S1) * MEAN)
    deviations = (loss[:, 0] - MEAN * Q1) * (loss[:, 1] - MEAN * Q2)
    expected = product - MEAN**2 * Q1 * Q2
    assert_mean(deviations, expected, within=0.05, wrong={"independent": 0.0, "product": product})


def test_tails_of_two_metals_with_one_duration_add_up() -> None:
    losses = play(_stocked(1.0), seed=602, trials=20_000)
    together = Sample.of(losses.total)
    parts = [Sample.of(losses.industry_loss[:, k]) for k in (0, 1)]
    for level in (0.5, 0.9, 0.99):
        for measure in (var, tvar):
            added = sum(measure(part, level).value for part in parts)
            assert measure(together, level).value == pytest.approx(added, rel=1e-12)


def test_two_metals_without_correlation_have_no_covariance() -> None:
    loss = play(_stocked(0.0), seed=603).industry_loss
    deviations = (loss[:, 0] - MEAN * Q1) * (loss[:, 1] - MEAN * Q2)
    error = float(deviations.std()) / math.sqrt(len(deviations))
    comonotone = Q2 * (2.0 * MEAN**2 + (S2 - S1) * MEAN) - MEAN**2 * Q1 * Q2
    assert abs(float(deviations.mean())) < 4.0 * error
    assert 4.0 * error < 0.02 * comonotone


@pytest.mark.parametrize("rho", [0.3, 0.7])
def test_log_durations_of_lognormal_sojourns_have_the_correlation_of_the_config(
    rho: float,
) -> None:
    mu, sigma = math.log(80.0), 0.6
    config = two_metals(first={}, second={}, correlation={"duration": rho})
    config["ladder"]["ban"]["sojourn"] = {"lognormal": {"mu": mu, "sigma": sigma}}
    scores = (np.log(play(config, seed=604).cut_days) - mu) / sigma
    wrong = {"rho weighs the score itself": 2.0 * rho * rho, "independent": 0.0}
    assert_mean(scores[:, 0] * scores[:, 1], rho, within=0.04, wrong=wrong)
    assert_mean(scores[:, 0] ** 2, 1.0, within=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_both_metals_are_covered_with_the_bivariate_normal_probability(rho: float) -> None:
    p1, p2 = 0.6, 0.3
    config = two_metals(
        first={"coverage": p1}, second={"coverage": p2}, correlation={"coverage": rho}
    )
    covered = play(config, seed=605).cut_days > 0.0
    expected = _both_above(p1, p2, rho) if rho < 1.0 else min(p1, p2)
    others = {"independent": p1 * p2, "the smaller one": min(p1, p2), "never": 0.0}
    wrong = {name: value for name, value in others.items() if abs(value - expected) > 1e-6}
    assert_chance(covered.all(axis=1), expected, within=0.03, wrong=wrong)
    assert_chance(covered[:, 0], p1, within=0.01, wrong={"the complement": 1.0 - p1})
    assert_chance(covered[:, 1], p2, within=0.02, wrong={"the complement": 1.0 - p2})


def test_two_even_chances_with_half_the_correlation_meet_in_one_third() -> None:
    config = two_metals(
        first={"coverage": 0.5}, second={"coverage": 0.5}, correlation={"coverage": 0.5}
    )
    covered = play(config, seed=606).cut_days > 0.0
    assert_chance(covered.all(axis=1), 1.0 / 3.0, within=0.02, wrong={"independent": 0.25})


def test_uniform_cuts_have_the_rank_correlation_of_their_normal_scores() -> None:
    rho = 0.6
    cut = {"cut": {"ban": {"uniform": {"low": 0.0, "high": 1.0}}}}
    losses = play(two_metals(first=cut, second=cut, correlation={"severity": rho}), seed=607)
    cuts = losses.shortage_days / losses.cut_days
    covariance = math.asin(rho / 2.0) / (2.0 * math.pi)
    product = (cuts[:, 0] - 0.5) * (cuts[:, 1] - 0.5)
    assert_mean(product, covariance, within=0.03, wrong={"independent": 0.0, "one": 1.0 / 12.0})
    assert_mean((cuts[:, 0] - 0.5) ** 2, 1.0 / 12.0, within=0.02)


def test_both_paths_climb_with_the_bivariate_normal_probability() -> None:
    rho, climbs = 0.6, 0.4
    config = two_metals(first={}, second={}, correlation={"escalation": rho})
    config["ladder"] = {
        "quota": {"sojourn": 10.0, "next": {"ban": climbs, "resolved": 1.0 - climbs}},
        "ban": {"sojourn": 10.0, "next": {"resolved": 1.0}},
    }
    config["disputes"]["quarrel"] |= {"entry": {"quota": 1.0}, "active": {"level": "quota"}}
    deepest = play(config, seed=608).deepest_level
    expected = _both_above(climbs, climbs, rho)
    wrong = {"independent": climbs**2, "as one": climbs}
    assert_chance((deepest == 1).all(axis=1), expected, within=0.02, wrong=wrong)


def test_two_alternatives_fail_together_with_the_bivariate_normal_probability() -> None:
    rho, p1, p2 = 0.5, 0.7, 0.4
    metals = [
        {"alternatives": {"other": {"capacity": 1.0, "probability": p, "lead_time": 0.0}}}
        for p in (p1, p2)
    ]
    config = two_metals(first=metals[0], second=metals[1], correlation={"rerouting": rho})
    failed = play(config, seed=609).shortage_days > 0.0
    expected = _both_above(1.0 - p1, 1.0 - p2, rho)
    wrong = {"independent": (1.0 - p1) * (1.0 - p2), "as one": 1.0 - p1}
    assert_chance(failed.all(axis=1), expected, within=0.03, wrong=wrong)
    assert_chance(failed[:, 0], 1.0 - p1, within=0.02)


def test_lead_times_have_the_correlation_of_rerouting() -> None:
    rho, mu, sigma = 0.4, math.log(50.0), 0.5
    lead = {"lognormal": {"mu": mu, "sigma": sigma}}
    given = {"alternatives": {"other": {"capacity": 1.0, "lead_time": lead}}}
    config = two_metals(first=given, second=given, correlation={"rerouting": rho})
    config["ladder"]["ban"]["sojourn"] = 1e5
    scores = (np.log(play(config, seed=610).shortage_days) - mu) / sigma
    assert_mean(scores[:, 0] * scores[:, 1], rho, within=0.03, wrong={"rho squared": rho * rho})


MEANS = (100.0, 60.0)


def _two_sojourns(**correlation: float) -> Config:
    """Two independent paths with means of their own."""
    config = two_metals(first=metal(S1), second=metal(S2), correlation=correlation)
    for name, mean in zip(("first", "second"), MEANS, strict=True):
        own = {"ban": {"sojourn": {"exponential": {"mean": mean}}}}
        config["materials"][name]["ladder"] = own
    return config


def test_the_sum_of_two_independent_losses_has_the_distribution_of_two_stages() -> None:
    config = _two_sojourns()
    for name in ("first", "second"):
        config["materials"][name]["stocks"] = {}
    total = play(config, seed=611).total
    m1, m2 = MEANS
    x = 300.0
    expected = (m1 * math.exp(-x / m1) - m2 * math.exp(-x / m2)) / (m1 - m2)
    wrong = {"comonotone": math.exp(-x / (m1 + m2))}
    assert_chance(total > x, expected, within=0.04, wrong=wrong)
    excess = (m1**2 * math.exp(-x / m1) - m2**2 * math.exp(-x / m2)) / (m1 - m2)
    assert_mean(np.maximum(total - x, 0.0), excess, within=0.05)


@pytest.mark.parametrize("rho", [0.0, 1.0])
def test_a_mill_that_needs_both_metals_stands_still_for_the_union_of_their_shortages(
    rho: float,
) -> None:
    config = _two_sojourns(duration=rho)
    config["industries"] = {"mill": mill("first", "second")}
    losses = play(config, seed=612)
    m1, m2 = MEANS
    q1, q2 = math.exp(-S1 / m1), math.exp(-S2 / m2)
    h = m1 * m2 / (m1 + m2)
    union = m1 * q1 + m2 * q2 - h * math.exp(-max(S1, S2) / h)
    if rho == 1.0:
        union = m1 * q1  # the second path is shorter and its stock lasts longer
    added = m1 * q1 + m2 * q2
    assert_mean(losses.loss_days[:, 0], union, within=0.02, wrong={"windows add up": added})
    assert_mean(losses.total, union, within=0.02)


P1, P2, RHO = 0.6, 0.5, 0.4
F1, F2, DAYS = 0.3, 0.8, 100.0


def _two_needs(combine: str) -> Config:
    config = one_dispute(DAYS)
    config["correlation"] = {"coverage": RHO}
    config["materials"] = {
        "first": metal() | {"coverage": P1},
        "second": metal() | {"coverage": P2},
    }
    config["industries"] = {"mill": mill("first", "second") | {"combine": combine}}
    uses: dict[str, Any] = config["industries"]["mill"]["uses"]
    uses["first"]["dependence"], uses["second"]["dependence"] = F1, F2
    return config


def test_a_bottleneck_loses_the_larger_of_two_shortages() -> None:
    loss = play(_two_needs("bottleneck"), seed=613).total / DAYS
    both = _both_above(P1, P2, RHO)
    expected = (P1 - both) * F1 + P2 * F2
    wrong = {
        "shortages add up": P1 * F1 + P2 * F2,
        "independent": (P1 - P1 * P2) * F1 + P2 * F2,
        "one operation after another": P1 * F1 + P2 * F2 - both * F1 * F2,
    }
    assert_mean(loss, expected, within=0.01, wrong=wrong)


def test_independent_operations_multiply_what_each_leaves() -> None:
    loss = play(_two_needs("independent"), seed=614).total / DAYS
    both = _both_above(P1, P2, RHO)
    expected = (P1 - both) * F1 + (P2 - both) * F2 + both * (1.0 - (1.0 - F1) * (1.0 - F2))
    wrong = {"shortages add up": P1 * F1 + P2 * F2, "a bottleneck": (P1 - both) * F1 + P2 * F2}
    assert_mean(loss, expected, within=0.01, wrong=wrong)


@pytest.mark.costly
def test_shared_durations_leave_the_mean_and_fatten_the_tail() -> None:
    shared = play(_stocked(1.0), seed=615).total
    apart = play(_stocked(0.0), seed=615).total
    mean = MEAN * (Q1 + Q2)
    assert_mean(shared, mean, within=0.03)
    assert_mean(apart, mean, within=0.03)
    level = 0.95
    assert tvar(Sample.of(shared), level).lower > tvar(Sample.of(apart), level).upper
