"""95 % intervals of effects and differences hold the truth in 95 % of repeats.

A ban comes with a probability p and lasts an exponential time of mean m; a stock arrives in time
with one probability, a plant with another. The loss of each portfolio is then a mixture of
w (D - s)+, whose measures have closed forms: P(L > x) is the sum of pi p exp(-(s + x / w) / m),
and TVaR is VaR plus the sum of pi p w m exp(-(s + VaR / w) / m) over 1 - level.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq

from riskengine.measures.estimate import Estimate
from riskengine.mitigation.objective import Objective
from riskengine.mitigation.outside import Outside
from riskengine.mitigation.screened import Screened

Floats = NDArray[np.float64]

REPEATS, TRIALS = 1_000, 10_000
ERROR = math.sqrt(0.95 * 0.05 / REPEATS)  #: standard error of a share of repeats
CHANCE, MEAN_DAYS, DAYS = 0.4, 80.0, 60.0
ARRIVES = 0.6, 0.7  #: the probability of stock and plant
NOTHING, STOCK, PLANT, BOTH = range(4)


class Part(NamedTuple):
    """A part of a mixture: with this chance the loss is width (D - days)+."""

    chance: float
    days: float
    width: float


def _parts(portfolio: int) -> list[Part]:
    found = []
    for has_stock in (True, False) if portfolio & STOCK else (False,):
        for has_plant in (True, False) if portfolio & PLANT else (False,):
            chance = 1.0
            for wanted, has, arrives in zip(
                (STOCK, PLANT), (has_stock, has_plant), ARRIVES, strict=True
            ):
                if portfolio & wanted:
                    chance *= arrives if has else 1.0 - arrives
            width = 0.5 if has_plant else 1.0
            found.append(Part(chance, DAYS / width if has_stock else 0.0, width))
    return found


def beyond(portfolio: int, loss: float) -> float:
    """P(L > loss)."""
    return sum(
        part.chance * CHANCE * math.exp(-(part.days + loss / part.width) / MEAN_DAYS)
        for part in _parts(portfolio)
    )


def truth(portfolio: int, measure: str, level: float) -> float:
    """The measure of a portfolio, in closed form."""
    if measure == "prob_loss":
        return beyond(portfolio, 0.0)
    var = 0.0
    if measure != "mean":
        var = brentq(lambda loss: beyond(portfolio, loss) - (1.0 - level), 0.0, 2_000.0, xtol=1e-10)
    if measure == "var":
        return float(var)
    excess = sum(
        part.chance
        * CHANCE
        * part.width
        * MEAN_DAYS
        * math.exp(-(part.days + var / part.width) / MEAN_DAYS)
        for part in _parts(portfolio)
    )
    return excess if measure == "mean" else float(var) + excess / (1.0 - level)


class Made:
    """A player whose trials are drawn here."""

    threads = 1
    variants = SimpleNamespace(base=SimpleNamespace(industries={"mill": None}))

    def __init__(self, seed: int) -> None:
        draws = np.random.default_rng((20261130, seed))
        banned = draws.random(TRIALS) < CHANCE
        self._days = banned * draws.exponential(MEAN_DAYS, TRIALS)
        self._arrives = [draws.random(TRIALS) < each for each in ARRIVES]

    def losses(self, portfolio: int) -> Floats:
        stock, plant = self._arrives
        width = np.where(plant & bool(portfolio & PLANT), 0.5, 1.0)
        days = np.where(stock & bool(portfolio & STOCK), DAYS, 0.0)
        found: Floats = width * np.maximum(self._days - days / width, 0.0)
        return found

    def play(
        self, portfolios: Sequence[int], only: object = None, detail: float = 0.0
    ) -> Iterator[Any]:
        totals = np.array([self.losses(each) for each in portfolios])
        yield SimpleNamespace(
            portfolios=list(portfolios),
            totals=totals,
            industry=lambda place, number: totals[place].copy(),
        )


#: sums of the measures of portfolios, by their weights
EFFECTS: dict[str, dict[int, int]] = {
    "first-in of the stock": {STOCK: 1, NOTHING: -1},
    "first-in of the plant": {PLANT: 1, NOTHING: -1},
    "last-in of the stock": {BOTH: 1, PLANT: -1},
    "plant or stock": {PLANT: 1, STOCK: -1},
    "synergy": {STOCK: 1, PLANT: 1, BOTH: -1, NOTHING: -1},
}
PAIRS = {
    name: sorted(weights, key=lambda each: weights[each])
    for name, weights in EFFECTS.items()
    if len(weights) == 2
}


def estimates(seed: int, objective: Objective) -> dict[tuple[str, str], Estimate]:
    """Every effect, by the jackknife in sample and by the paired differences out of sample."""
    player: Any = Made(seed)
    inside = Screened(player, objective, player.losses(NOTHING), range(4))
    outside = Outside(player, objective, range(4), seed=seed)
    found = {("in sample", name): inside.effect(weights) for name, weights in EFFECTS.items()}
    found |= {
        ("out of sample", name): outside.difference(first, second)
        for name, (first, second) in PAIRS.items()
    }
    return found


def coverage(measure: str, level: float) -> dict[tuple[str, str], float]:
    """The share of repeats in which each interval holds the truth."""
    objective = Objective(measure, level)
    expected = {
        name: sum(weight * truth(each, measure, level) for each, weight in weights.items())
        for name, weights in EFFECTS.items()
    }
    counts: dict[tuple[str, str], int] = {}
    for seed in range(REPEATS):
        for key, estimate in estimates(seed, objective).items():
            held = estimate.lower <= expected[key[1]] <= estimate.upper
            counts[key] = counts.get(key, 0) + held
    return {key: count / REPEATS for key, count in counts.items()}


CASES = [("mean", 0.95), ("tvar", 0.95), ("tvar", 0.99)]


@pytest.mark.statistical
@pytest.mark.parametrize(("measure", "level"), CASES)
def test_intervals_of_effects_and_differences_hold_the_truth_as_often_as_they_say(
    measure: str, level: float
) -> None:
    """Between 93 and 97 % of repeats, which is closer than three standard errors."""
    assert 3 * ERROR > 0.02
    found = coverage(measure, level)
    assert len(found) == len(EFFECTS) + len(PAIRS)
    assert {key: share for key, share in found.items() if not 0.93 <= share <= 0.97} == {}


@pytest.mark.parametrize(
    ("measure", "level"),
    [
        ("prob_loss", 0.95),
        *(pytest.param(*each, marks=pytest.mark.statistical) for each in (*CASES, ("var", 0.95))),
    ],
)
def test_the_truth_of_these_tests_is_what_very_many_draws_have(measure: str, level: float) -> None:
    """Errors of the closed forms would show: an average of 40 repeats is within 4 errors of it."""
    objective = Objective(measure, level)
    found = [estimates(seed, objective) for seed in range(40)]
    for name, weights in EFFECTS.items():
        values = np.array([each["in sample", name].value for each in found])
        expected = sum(weight * truth(each, measure, level) for each, weight in weights.items())
        assert abs(values.mean() - expected) <= 4 * values.std(ddof=1) / math.sqrt(len(values))
        for each in found if name in PAIRS else ():
            inside, outside = (each[where, name].value for where in ("in sample", "out of sample"))
            assert inside == pytest.approx(outside, rel=1e-9, abs=1e-9)
