"""How often 95 % intervals hold the truth: `python benchmarks/intervals.py [means|tails|designs]`

Not part of the test suite. Prints the tables of docs/intervals.md: the share of runs, in per cent,
whose interval lies above the truth and below it. A run without an interval misses nothing; what
share has one is said beside. Seeds are fixed, so that the tables come out the same.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from analytic.worlds import Config
from scipy import integrate, stats
from test_designs import one_importer, two_importers

from riskengine.config import load
from riskengine.figures.convergence import is_carried_by_few
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import MATERIAL, TOTAL
from riskengine.measures.estimate import Estimate
from riskengine.measures.sample import Sample
from riskengine.measures.shape import NORMAL_975, Shape
from riskengine.measures.tail import quantile_rank, tail_size, tvar
from riskengine.play.simulate import simulate

Series = np.ndarray


class Law(NamedTuple):
    """A loss, where there is one."""

    above: Callable[[Series], Series]  #: the loss that is exceeded with a probability
    mean: float


def _normal(sigma: float) -> Law:
    return Law(lambda u: np.exp(sigma * stats.norm.isf(u)), math.exp(sigma * sigma / 2.0))


LAWS = {
    "equal": Law(np.ones_like, 1.0),
    "uniform": Law(lambda u: 1.0 - u, 0.5),
    "exponential": Law(lambda u: -np.log(u), 1.0),
    "lognormal, sigma 1": _normal(1.0),
    "lognormal, sigma 1.5": _normal(1.5),
    "lognormal, sigma 2": _normal(2.0),
    "Pareto 3": Law(lambda u: u ** (-1.0 / 3.0), 1.5),
    "Pareto 2": Law(lambda u: u**-0.5, 2.0),
    "Pareto 1.5": Law(lambda u: u ** (-1.0 / 1.5), 3.0),
}


def row(*cells: object) -> None:
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def head(*cells: str) -> None:
    row(*cells)
    row(*("---" for _ in cells))


class Misses:
    """How many intervals lie above and below the truth."""

    def __init__(self) -> None:
        self.above = self.below = self.shown = self.runs = 0

    def add(self, truth: float, found: Estimate) -> bool:
        above, below = found.lower > truth, found.upper < truth
        self.above += above
        self.below += below
        self.shown += not math.isnan(found.upper)
        self.runs += 1
        return above or below

    def __str__(self) -> str:
        shares = (100.0 * count / self.runs for count in (self.above, self.below))
        return " + ".join(f"{share:.1f}" for share in shares)

    @property
    def share_shown(self) -> str:
        return f"{100.0 * self.shown / self.runs:.0f}"


def by_error(shape: Shape) -> Estimate:
    """The interval of a mean by its standard error, whatever it rests on."""
    margin = NORMAL_975 * shape.error
    return Estimate(shape.mean, max(0.0, shape.mean - margin), shape.mean + margin)


SIZES = (
    (200, 0.002),
    (200, 0.02),
    (1000, 0.02),
    (1000, 0.1),
    (1000, 1.0),
    (10_000, 0.02),
    (10_000, 0.2),
)


def means() -> None:
    random = np.random.default_rng(20260108)
    head("losses", "trials", "P", "by standard error", "interval", "has one", "notice")
    for name, law in LAWS.items():
        for trials, chance in SIZES:
            if name != "equal" or chance < 1.0:
                _mean_row(random, name, law, trials, chance)


def _mean_row(random: np.random.Generator, name: str, law: Law, trials: int, chance: float) -> None:
    errors, found = Misses(), Misses()
    noticed = 0
    for _ in range(3000 if trials * chance <= 300 else 1000):
        losses = law.above(1.0 - random.random(random.binomial(trials, chance)))
        mean = float(losses.sum()) / trials
        squares, cubes = (float(np.sum(losses**power)) for power in (2, 3))
        shape = Shape.from_sums(
            trials,
            mean,
            max(0.0, squares - trials * mean**2),
            cubes - 3.0 * mean * squares + 2.0 * trials * mean**3,
        )
        truth, estimate = chance * law.mean, shape.estimate()
        errors.add(truth, by_error(shape))
        found.add(truth, estimate)
        noticed += is_carried_by_few(shape) and not math.isnan(estimate.upper)
    fired = f"{100.0 * noticed / found.shown:.0f}" if found.shown > 30 else ""
    chances = f"{100.0 * chance:g} %"
    row(name, f"{trials:,}", chances, errors, found, found.share_shown, fired)


TAILS = {name: law.above for name, law in LAWS.items() if name != "equal"}
TAILS["30 % exponential, else 0"] = lambda u: np.maximum(0.0, -np.log(u / 0.3))
TAILS["0.3 % exponential, else 0"] = lambda u: np.maximum(0.0, -np.log(u / 0.003))


class TopSample:
    """The largest of n losses, drawn without the others."""

    def __init__(
        self, random: np.random.Generator, n: int, top: int, above: Callable[[Series], Series]
    ):
        gaps = np.cumsum(random.exponential(size=top))
        uniforms = gaps / (gaps[-1] + random.gamma(n + 1 - top))
        self.n, self.sample = n, Sample.of(above(uniforms))

    def __len__(self) -> int:
        return self.n

    def at(self, rank: int) -> float:
        return (
            self.sample.at(rank - self.n + len(self.sample))
            if rank > self.n - len(self.sample)
            else 0.0
        )

    def excess(self, threshold: float):
        return self.sample.excess(threshold)


def tails() -> None:
    random = np.random.default_rng(20260109)
    head("losses", "level", *(f"{tail:,}" for tail in (5, 10, 20, 50, 100, 1000)))
    for name, above in TAILS.items():
        for level in (0.99, 0.995):
            truth = _tail_mean(above, 1.0 - level)
            row(name, f"{100.0 * level:g} %", *_tail_cells(random, above, level, truth))


def _tail_mean(above: Callable[[Series], Series], beyond: float) -> float:
    """The integral of the quantile function over the tail, with u = beyond exp(-s)."""

    def integrand(s: float) -> float:
        return float(above(np.array(beyond * math.exp(-s)))) * math.exp(-s)

    return float(integrate.quad(integrand, 0.0, 200.0, limit=500)[0])


def _tail_cells(
    random: np.random.Generator, above: Callable[[Series], Series], level: float, truth: float
) -> Iterable[str]:
    for tail in (5, 10, 20, 50, 100, 1000):
        n = round(tail / (1.0 - level))
        errors, found = Misses(), Misses()
        for _ in range(2000 if tail <= 100 else 500):
            sample = TopSample(random, n, int(tail + 8.0 * math.sqrt(tail) + 10), above)
            found.add(truth, tvar(sample, level))
            errors.add(truth, _tvar_by_error(sample, level))
        shown = "" if found.shown == found.runs else f" ({found.share_shown} %)"
        yield f"{errors}; **{found}**{shown}"


def _tvar_by_error(sample: TopSample, level: float) -> Estimate:
    n, size = len(sample), tail_size(len(sample), level)
    threshold = sample.at(quantile_rank(n, level))
    excess = sample.excess(threshold).amounts
    mean = float(excess.sum()) / n
    error = math.sqrt((float(np.sum(excess**2)) - n * mean * mean) / (n - 1) / n) * n / size
    value = threshold + mean * n / size
    return Estimate(value, value - NORMAL_975 * error, value + NORMAL_975 * error)


# --- Designs of trials ---

RUNS, TRIALS = 300, 4096
LEVELS = (0.95, 0.99, 0.995)


def designs() -> None:
    figures = [f"{measure} {100.0 * p:g} %" for measure in ("VaR", "TVaR") for p in LEVELS]
    head("world", "tilt", "of", *figures, "mean", "as trials of one weight")
    for world, config in (("one importer", one_importer), ("two importers", two_importers)):
        truths = _figures(load(config()), seed=99, trials=2_000_000)
        for tilt in (0.0, 0.5, 0.7):
            _design_rows(world, config(), tilt, truths)


def _figures(scenario, seed: int, trials: int) -> dict[tuple[str, str], Estimate]:
    evidence = evidence_of(simulate(scenario, trials=trials, seed=seed))
    found = {}
    for scope in (TOTAL, MATERIAL):
        loss = evidence.loss(scope)
        for level in LEVELS:
            found[scope, f"VaR {level}"] = loss.quantiles.var(level)
            found[scope, f"TVaR {level}"] = loss.quantiles.tvar(level)
        found[scope, "mean"] = loss.mean
    found[TOTAL, "carried"] = Estimate.alone(evidence.loss(TOTAL).quantiles.carried(1.0))
    return found


def _design_rows(
    world: str, config: Config, tilt: float, truths: dict[tuple[str, str], Estimate]
) -> None:
    config["run"]["tilt"] = tilt
    scenario = load(config)
    counts = {key: Misses() for key in truths}
    carried = []
    for seed in range(RUNS):
        found = _figures(scenario, seed, TRIALS)
        carried.append(found[TOTAL, "carried"].value)
        for key, estimate in found.items():
            counts[key].add(truths[key].value, estimate)
    names = [f"{m} {p}" for m in ("VaR", "TVaR") for p in LEVELS] + ["mean"]
    for scope in (TOTAL, MATERIAL):
        cells = []
        for name in names:
            each = counts[scope, name]
            mark = "" if each.shown == each.runs else f" ({each.share_shown} %)"
            cells.append(f"{each}{mark}")
        row(world, f"{tilt:g}", scope, *cells, f"{np.mean(carried):,.0f}")


if __name__ == "__main__":
    for name in sys.argv[1:] or ("means", "tails", "designs"):
        print(f"\n## {name}\n")
        {"means": means, "tails": tails, "designs": designs}[name]()
