"""A mixture of scenarios: brute force, closed forms, one scenario alone, one run in two halves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import optimize, stats

from riskengine.measures.curves import exceedance_curve
from riskengine.measures.estimate import Estimate
from riskengine.measures.mixture import ordering
from riskengine.measures.mixture.sample import MixtureSample, contribution
from riskengine.measures.mixture.strata import Strata, Stratum
from riskengine.measures.moments import chance_above, mean, sd
from riskengine.measures.quantiles import Plain
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, var
from riskengine.measures.weighted import TrialDesign, WeightedSample

LEVELS = (0.25, 0.5, 0.9, 0.95, 0.99, 0.995)
Losses = Sequence[np.ndarray | None]


def mixture(
    weights: Sequence[float], series: Losses, *, shared: bool = False, trials: int = 0
) -> MixtureSample:
    strata = [
        Stratum(
            weight=weight,
            trials=trials if losses is None else len(losses),
            seed=0 if shared else number,
        )
        for number, (weight, losses) in enumerate(zip(weights, series, strict=True))
    ]
    return MixtureSample(series, Strata(strata))


# --- brute force ---


def slow_var(trials: list[tuple[float, float]], level: float) -> float:
    """The smallest loss whose cumulative weight reaches the level; trials are (loss, weight)."""
    reached = 0.0
    for loss, weight in sorted(trials):
        reached += weight
        if reached >= level - 1e-9:
            return loss
    return sorted(trials)[-1][0]


def slow_tvar(trials: list[tuple[float, float]], level: float) -> float:
    value = slow_var(trials, level)
    beyond = [(loss, weight) for loss, weight in trials if loss > value]
    above = math.fsum(loss * weight for loss, weight in beyond)
    left = 1.0 - level - math.fsum(weight for _, weight in beyond)
    return (above + value * left) / (1.0 - level)


def listed(weights: Sequence[float], series: Losses, trials: int = 1) -> list[tuple[float, float]]:
    found = []
    for weight, losses in zip(weights, series, strict=True):
        each = np.zeros(trials) if losses is None else losses
        found += [(float(loss), weight / len(each)) for loss in each]
    return found


RANDOM = np.random.default_rng(20261130)


def gammas(*scales_and_sizes: tuple[float, int]) -> list[np.ndarray]:
    return [RANDOM.gamma(1.0, scale, n) for scale, n in scales_and_sizes]


def rarely(chance: float, losses: np.ndarray) -> np.ndarray:
    return losses * (RANDOM.random(len(losses)) < chance)


TWO_POINTS = [np.repeat([0.0, 5.0], [95, 5]), np.repeat([0.0, 100.0], [10, 10])]
CASES: dict[str, tuple[Sequence[float], Losses]] = {
    "continuous": ((0.2, 0.5, 0.3), gammas((9.0, 700), (2.0, 300), (40.0, 51))),
    "mostly zero": ((0.5, 0.5), [rarely(p, RANDOM.gamma(1.0, 5.0, 400)) for p in (0.1, 0.7)]),
    "ties": ((0.7, 0.3), [np.floor(each) for each in gammas((3.0, 500), (6.0, 90))]),
    "two points": ((0.9, 0.1), TWO_POINTS),
    "absent from one": ((0.6, 0.4), [None, *gammas((5.0, 250))]),
    "nothing": ((0.6, 0.4), [np.zeros(30), np.zeros(40)]),
    "many scenarios": ([1 / 200] * 200, gammas(*((k + 1.0, 20) for k in range(200)))),
    "far apart": ((0.5, 0.5), [RANDOM.random(64) * 1e-90, RANDOM.random(64) * 1e90]),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Sequence[float], Losses]:
    return CASES[request.param]


def test_figures_are_those_of_the_slow_definition(
    case: tuple[Sequence[float], Losses],
) -> None:
    weights, series = case
    sample, trials = mixture(weights, series, trials=100), listed(*case)
    for level in LEVELS:
        assert sample.var(level).value == slow_var(trials, level)
        assert sample.tvar(level).value == pytest.approx(slow_tvar(trials, level), rel=1e-9)
    expected = math.fsum(loss * weight for loss, weight in trials)
    assert sample.mean.value == pytest.approx(expected, rel=1e-12)
    assert sample.largest == max(loss for loss, _ in trials)
    for threshold in (0.0, 4.0):
        above = math.fsum(weight for loss, weight in trials if loss > threshold)
        assert sample.chance_above(threshold).value == pytest.approx(above, rel=1e-12)


def test_every_level_of_a_few_trials_is_that_of_the_slow_definition() -> None:
    """Levels that a cumulative weight meets exactly, and those around it."""
    draw = np.random.default_rng(3)
    for _ in range(40):
        sizes = draw.integers(1, 8, 3)
        weights = draw.dirichlet(np.ones(3))
        series = [np.floor(draw.gamma(1.0, 3.0, n)) for n in sizes]
        sample, trials = mixture(weights, series), listed(weights, series)
        met = np.cumsum([weight for _, weight in sorted(trials)])[:-1]
        for level in np.concatenate([met, met - 2e-9, met + 2e-9]):
            if 0.0 < level < 1.0 - 1e-6:
                assert sample.var(level).value == slow_var(trials, level)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_figures_are_the_same_whether_losses_are_copied_into_one_array(
    monkeypatch: pytest.MonkeyPatch, is_weighted: bool
) -> None:
    rng = np.random.default_rng(31)
    sizes = range(300, 305)
    losses = [rng.exponential(9.0, n) * (rng.random(n) < 0.4) for n in sizes]
    own = [rng.uniform(0.5, 1.5, size=len(each)) if is_weighted else None for each in losses]
    strata = Strata(
        [
            Stratum(weight=0.2, trials=len(each), seed=k % 2, trial_weights=weights)
            for k, (each, weights) in enumerate(zip(losses, own, strict=True))
        ]
    )
    found = []
    for most in (0, 1 << 20):
        monkeypatch.setattr(ordering, "_FEW", most)
        sample = MixtureSample([*losses[:4], None], strata)
        found.append([of(p) for of in (sample.var, sample.tvar) for p in (0.5, 0.9, 0.99)])
    assert found[0] == found[1]


def test_another_unit_of_money_changes_nothing_but_the_unit() -> None:
    rng, unit = np.random.default_rng(32), 2.0**-30  # exact: a power of two
    losses = [rng.exponential(9.0, 400) * (rng.random(400) < chance) for chance in (0.1, 0.5)]
    strata = Strata([Stratum(weight=0.5, trials=400, seed=k) for k in range(2)])
    large, small = (MixtureSample([f * each for each in losses], strata) for f in (1.0, unit))
    for of in (lambda s: s.mean, lambda s: s.sd, lambda s: s.var(0.9), lambda s: s.tvar(0.9)):
        assert of(small) == pytest.approx([unit * end for end in of(large)], rel=1e-12)
        assert 0.0 < of(large).lower < of(large).upper


def test_weights_of_trials_multiply_those_of_scenarios() -> None:
    draw = np.random.default_rng(4)
    series = [draw.gamma(1.0, 10.0, 300), draw.gamma(1.0, 30.0, 200)]
    own = draw.random(300)  # half of the weight of the first belongs to trials that lose nothing
    strata = Strata([
        Stratum(weight=0.4, trials=300, seed=1, trial_weights=own),
        Stratum(weight=0.6, trials=200, seed=2),
    ])  # fmt: skip
    sample = MixtureSample(series, strata)
    trials = [(float(x), 0.4 * float(w) / 300) for x, w in zip(series[0], own, strict=True)]
    trials += [(float(x), 0.6 / 200) for x in series[1]]
    trials.append((0.0, 1.0 - math.fsum(weight for _, weight in trials)))
    for level in LEVELS:
        assert sample.var(level).value == slow_var(trials, level)
        assert sample.tvar(level).value == pytest.approx(slow_tvar(trials, level), rel=1e-9)
    average = math.fsum(x * w for x, w in trials)
    spread = math.sqrt(math.fsum((x - average) ** 2 * w for x, w in trials))
    assert sample.mean.value == pytest.approx(average, rel=1e-12)
    assert sample.sd.value == pytest.approx(spread, rel=0.01)  # the other is without n - 1


def test_parts_add_up_to_tvar_in_the_tail_of_the_mixture(
    case: tuple[Sequence[float], Losses],
) -> None:
    weights, series = case
    sample = mixture(weights, series, trials=100)
    split = [None if x is None else np.random.default_rng(6).random(len(x)) for x in series]
    for level in LEVELS:
        tail = sample.tail(level)
        found = [
            contribution([_part(x, s, keep) for x, s in zip(series, split, strict=True)], tail)
            for keep in (True, False)
        ]
        total = sample.tvar(level).value
        assert sum(found) == pytest.approx(total, rel=1e-9, abs=1e-300)


def _part(losses: np.ndarray | None, share: np.ndarray | None, keep: bool) -> np.ndarray | None:
    if losses is None or share is None:
        return None
    return losses * (share if keep else 1.0 - share)


# --- closed forms ---


def test_a_mixture_of_exponentials_has_its_closed_form() -> None:
    """S(x) = sum w e^(-x/m); TVaR = VaR + sum w m e^(-VaR/m) / (1 - p)."""
    weights, means, n = np.array([0.7, 0.2, 0.1]), np.array([1.0, 10.0, 40.0]), 100_000
    grid = (np.arange(n) + 0.5) / n
    sample = mixture(weights, [-m * np.log1p(-grid) for m in means])
    for level in (0.9, 0.99):
        root = optimize.brentq(
            lambda x, p=level: float(np.sum(weights * np.exp(-x / means))) - (1.0 - p),
            0.0,
            1e4,
        )
        beyond = float(np.sum(weights * means * np.exp(-root / means))) / (1.0 - level)
        # Quantiles at the middles of equal parts leave out a tail of means / (2 n).
        assert sample.var(level).value == pytest.approx(root, rel=1e-3)
        assert sample.tvar(level).value == pytest.approx(root + beyond, rel=1e-3)
        mean_of_levels = sum(
            w * -m * math.log(1.0 - level) for w, m in zip(weights, means, strict=True)
        )
        assert abs(mean_of_levels / root - 1.0) > 0.05  # a mean of VaRs would fail
    assert sample.mean.value == pytest.approx(float(weights @ means), rel=1e-4)


def test_a_mixture_of_two_point_losses_has_its_closed_form() -> None:
    # 5 with chance 0.9 x 0.05, 100 with chance 0.1 x 0.5, else 0.
    weights, series = CASES["two points"]
    sample = mixture(weights, series)
    assert sample.chance.value == pytest.approx(0.095, rel=1e-12)
    assert sample.mean.value == pytest.approx(0.045 * 5.0 + 0.05 * 100.0, rel=1e-12)
    assert [sample.var(p).value for p in (0.9, 0.905, 0.9051, 0.95, 0.951)] == [0, 0, 5, 5, 100]
    assert sample.tvar(0.9).value == pytest.approx((0.05 * 100.0 + 0.045 * 5.0) / 0.1, rel=1e-9)
    assert sample.tvar(0.99).value == pytest.approx(100.0, rel=1e-9)


def test_the_variance_of_a_mean_is_that_of_a_stratified_sample() -> None:
    draw = np.random.default_rng(7)
    weights, series = (0.3, 0.7), [draw.gamma(2.0, 10.0, 900), draw.gamma(2.0, 1.0, 400)]
    found = mixture(weights, series).mean
    variance = sum(w * w * x.var(ddof=1) / len(x) for w, x in zip(weights, series, strict=True))
    assert (found.upper - found.lower) / 2 == pytest.approx(
        1.959964 * math.sqrt(variance), rel=1e-6
    )


def test_scenarios_that_share_draws_do_not_tell_twice() -> None:
    """The mean of 0.3 x + 0.7 y, each trial in both, is that of one sample of sums."""
    draw = np.random.default_rng(8)
    first = draw.gamma(2.0, 10.0, 1000)
    series = [first, 3.0 * first + draw.gamma(1.0, 1.0, 1000)]
    found, expected = (
        mixture((0.3, 0.7), series, shared=True).mean,
        mean(0.3 * first + 0.7 * series[1]),
    )
    assert found == pytest.approx(expected, rel=1e-9)
    apart = mixture((0.3, 0.7), series).mean
    # 0.3 + 3 x 0.7 = 2.4 in place of the root of 0.3^2 + 2.1^2
    assert found.upper - found.lower > 1.1 * (apart.upper - apart.lower)


def test_the_distance_between_scenarios_is_no_error() -> None:
    series = [np.full(500, 1.0), np.full(500, 100.0)]
    sample = mixture((0.5, 0.5), series)
    assert sample.mean == (50.5, 50.5, 50.5)
    assert sample.sd.value == pytest.approx(49.5, rel=1e-12)


# --- one scenario, one run in two halves ---

PLAIN = {
    "continuous": RANDOM.gamma(1.0, 10.0, 20_000),
    "mostly zero": np.where(RANDOM.random(20_000) < 0.2, RANDOM.gamma(1.0, 10.0, 20_000), 0.0),
    "a cap": np.minimum(RANDOM.gamma(1.0, 10.0, 20_000), 25.0),
    "one value": np.full(1000, 7.0),
    "nothing": np.zeros(1000),
}


def in_halves(losses: np.ndarray) -> MixtureSample:
    half = len(losses) // 2
    strata = [Stratum(weight=0.5, trials=half, seed=1, first_trial=at) for at in (0, half)]
    return MixtureSample([losses[:half], losses[half:]], Strata(strata))


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("halves", [False, True])
def test_one_scenario_and_a_run_in_two_halves_have_the_figures_of_the_run(
    name: str, halves: bool
) -> None:
    losses = PLAIN[name]
    plain = Sample.of(losses)
    found = in_halves(losses) if halves else mixture((1.0,), [losses])
    pairs = [(found.mean, mean(losses)), (found.chance, chance_above(plain))]
    for level in LEVELS:
        assert found.var(level).value == var(plain, level).value
        assert found.carried(1.0 - level) == pytest.approx(len(losses) * (1.0 - level), rel=1e-9)
        pairs += [(found.var(level), var(plain, level)), (found.tvar(level), tvar(plain, level))]
    for mine, own in pairs:
        assert mine.value == pytest.approx(own.value, rel=1e-12, abs=1e-12)
        assert_nearly_the_interval(mine, own)
    assert found.largest == losses.max()
    # Halves leave the distance between their means out of the error of the mean.
    assert found.sd.value == pytest.approx(sd(plain).value, rel=1e-6 if halves else 1e-12)


def assert_nearly_the_interval(found: Estimate, expected: Estimate) -> None:
    assert math.isnan(found.upper) == math.isnan(expected.upper)
    if not math.isnan(expected.upper):
        width = 0.1 * (expected.upper - expected.lower) + 1e-9
        assert found.lower == pytest.approx(expected.lower, abs=width)
        assert found.upper == pytest.approx(expected.upper, abs=width)


def test_curves_of_one_scenario_are_those_of_the_run() -> None:
    losses = PLAIN["continuous"]
    found = exceedance_curve(mixture((1.0,), [losses]), 365.0)
    expected = exceedance_curve(Plain(Sample.of(losses)), 365.0)
    assert [(p.return_period, p.loss.value) for p in found] == [
        (p.return_period, p.loss.value) for p in expected
    ]


@pytest.mark.parametrize("replicates", [None, 16])
def test_one_scenario_of_weighted_trials_or_points_has_the_figures_of_its_run(
    replicates: int | None,
) -> None:
    draw = np.random.default_rng(9)
    n = 4000
    losses, own = draw.gamma(1.0, 10.0, n), draw.lognormal(-0.3, 0.5, n)
    own *= 0.9 / own.mean()
    design = TrialDesign(own, None if replicates is None else np.arange(n) % replicates)
    expected = WeightedSample(losses, design)
    stratum = Stratum(weight=1.0, trials=n, seed=1, replicates=replicates, trial_weights=own)
    found = MixtureSample([losses], Strata([stratum]))
    pairs = [(found.mean, design.mean(losses)), (found.chance, expected.chance())]
    for level in (0.5, 0.9, 0.99):
        pairs += [
            (found.var(level), expected.var(level)),
            (found.tvar(level), expected.tvar(level)),
        ]
        assert found.carried(1.0 - level) == pytest.approx(expected.carried(1.0 - level), rel=0.02)
    for mine, other in pairs:
        assert mine.value == pytest.approx(other.value, rel=1e-9)
        width = 0.1 * (other.upper - other.lower)
        assert mine.lower == pytest.approx(other.lower, abs=width)
        assert mine.upper == pytest.approx(other.upper, abs=width)
    assert found.sd.value == pytest.approx(expected.sd().value, rel=1e-3)


# --- what was not seen ---


def test_a_scenario_in_which_nothing_was_seen_is_not_claimed_to_be_safe() -> None:
    # 0 of 1,000 trials allow a chance of 3.69 / 1,000 there, which has half of the weight.
    sample = mixture((0.5, 0.5), [np.ones(10), np.zeros(1000)])
    assert sample.chance.value == 0.5
    bound = -math.log(0.025)
    assert sample.chance.upper == pytest.approx(0.5 + 0.5 * bound / 1000, rel=1e-9)
    assert sample.chance.lower == pytest.approx(0.5 - 0.5 * bound / 10, rel=1e-9)


def test_an_industry_that_a_scenario_does_not_have_is_certain_to_lose_nothing() -> None:
    sample = mixture((0.5, 0.5), [np.ones(1000), None], trials=1000)
    assert sample.chance.upper == 0.5
    assert sample.chance.lower > 0.5 - 0.5 * 4.0 / 1000


def test_the_bound_of_what_was_not_seen_counts_scenarios_with_the_same_draws_once() -> None:
    both = [np.zeros(1000), np.zeros(1000)]
    upper = [mixture((0.5, 0.5), both, shared=shared).chance.upper for shared in (False, True)]
    bound = -math.log(0.025) / 1000
    assert upper == pytest.approx([0.5 * bound, bound], rel=1e-9)


def test_there_is_no_interval_where_too_little_was_seen() -> None:
    rare = np.zeros(1000)
    rare[0] = 1e6
    sample = mixture((0.5, 0.5), [np.random.default_rng(2).gamma(1.0, 1.0, 1000), rare])
    assert math.isnan(sample.mean.upper)
    assert math.isnan(sample.sd.upper)
    assert math.isnan(mixture((0.5, 0.5), [np.ones(1), np.ones(9)]).mean.upper)  # one trial


# --- coverage ---

REPEATS = 1000
ERROR = 4 * np.sqrt(0.95 * 0.05 / REPEATS)
WEIGHTS, CHANCES, SCALES = (0.75, 0.2, 0.05), (0.1, 0.5, 1.0), (1.0, 4.0, 30.0)
SIZES = {"equal": (4000, 4000, 4000), "unequal": (6000, 2000, 1000)}


def truths() -> dict[str, float]:
    """Losses of scenario k: an exponential of mean s with chance c, else 0."""

    def beyond(x: float) -> float:
        return sum(
            w * c * math.exp(-x / s) for w, c, s in zip(WEIGHTS, CHANCES, SCALES, strict=True)
        )

    first = sum(w * c * s for w, c, s in zip(WEIGHTS, CHANCES, SCALES, strict=True))
    second = sum(2 * w * c * s * s for w, c, s in zip(WEIGHTS, CHANCES, SCALES, strict=True))
    found = {"mean": first, "sd": math.sqrt(second - first**2), "chance": beyond(0.0)}
    for level in (0.9, 0.99):
        root = optimize.brentq(lambda x, p=level: beyond(x) - (1.0 - p), 0.0, 1e4)
        excess = sum(
            w * c * s * math.exp(-root / s)
            for w, c, s in zip(WEIGHTS, CHANCES, SCALES, strict=True)
        )
        found[f"VaR {level}"], found[f"TVaR {level}"] = root, root + excess / (1.0 - level)
    return found


def covered(sizes: Sequence[int], shared: bool, repeats: int) -> dict[str, float]:
    """Share of repeats in which each interval holds the truth."""
    draw, expected = np.random.default_rng(20261130), truths()
    counts = dict.fromkeys(expected, 0)
    for _ in range(repeats):
        uniforms = draw.random((2, max(sizes)))
        series = []
        for n, chance, scale in zip(sizes, CHANCES, SCALES, strict=True):
            hit, size = uniforms[:, :n] if shared else draw.random((2, n))
            series.append(np.where(hit < chance, -scale * np.log1p(-size), 0.0))
        sample = mixture(WEIGHTS, series, shared=shared)
        estimates = {"mean": sample.mean, "sd": sample.sd, "chance": sample.chance}
        for level in (0.9, 0.99):
            estimates |= {f"VaR {level}": sample.var(level), f"TVaR {level}": sample.tvar(level)}
        for name, found in estimates.items():
            counts[name] += found.lower <= expected[name] <= found.upper
    return {name: count / repeats for name, count in counts.items()}


@pytest.mark.statistical
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("shared", [False, True])
def test_intervals_of_a_mixture_hold_the_truth_as_often_as_they_say(
    sizes: str, shared: bool
) -> None:
    found = covered(SIZES[sizes], shared, REPEATS)
    assert ERROR < 0.03
    assert {name: share for name, share in found.items() if not 0.925 < share < 0.975} == {}


@pytest.mark.statistical
def test_that_test_sees_shared_draws_taken_for_independent_ones() -> None:
    """Scenarios with the same losses in the same trials: an interval that ignores it is short."""
    draw, misses = np.random.default_rng(1), 0
    for _ in range(REPEATS):
        losses = draw.gamma(1.0, 1.0, 500)
        found = mixture((0.5, 0.5), [losses, losses]).mean
        misses += not found.lower <= 1.0 <= found.upper
    assert misses / REPEATS == pytest.approx(2 * stats.norm.sf(1.96 / math.sqrt(2)), abs=0.05)
