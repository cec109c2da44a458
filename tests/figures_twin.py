"""The figures of a run a second time: written from their definitions, one trial after another.

Slow on purpose, and shares nothing with `riskengine.figures` and `riskengine.measures`. A table is
a dict from what a figure is of to (value, lower, upper); nan stands for an end that does not exist.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from scipy import stats

from riskengine.model.losses import Losses

Three = tuple[float, float, float]
Key = tuple[str, str, str, str, float | None]
LEVELS = (0.9, 0.95, 0.99, 0.995)
PERIODS = (2, 5, 10, 20, 50, 100, 200, 250, 500, 1000)
COMPONENTS = ("output", "rerouting", "price", "indirect")
Z = float(stats.norm.ppf(0.975))
NAN = math.nan


def rows_of(matrix: Sequence[Sequence[float]], index: int) -> list[float]:
    return [float(row[index]) for row in matrix]


def average(xs: Sequence[float]) -> float:
    return math.fsum(xs) / len(xs)


def deviation(xs: Sequence[float]) -> float:
    centre = average(xs)
    return math.sqrt(math.fsum((x - centre) ** 2 for x in xs) / (len(xs) - 1))


def exact_ends(count: float, n: int) -> tuple[float, float]:
    low = stats.beta.ppf(0.025, count, n - count + 1) if count > 0 else 0.0
    high = stats.beta.ppf(0.975, count + 1, n - count) if count < n else 1.0
    return float(low), float(high)


def mean_ends(xs: Sequence[float], least: float = 5.0) -> tuple[float, float] | None:
    """Of a mean that few trials carry; None where its standard error serves."""
    n, centre, spread = len(xs), average(xs), deviation(xs)
    if not any(xs):
        return NAN, NAN
    if spread == 0.0:
        return None
    if math.fsum(xs) ** 2 / math.fsum(x * x for x in xs) < least - 1e-9:
        return NAN, NAN
    skewness = skewness_of(xs)
    # The skewness of two values is (1 - 2 q) / sqrt(q (1 - q)): a quadratic in q.
    chance = (1.0 - skewness / math.sqrt(4.0 + skewness**2)) / 2.0
    if min(n * chance, n * (1.0 - chance)) >= 50.0 - 1e-9:
        return None
    apart = spread / math.sqrt(chance * (1.0 - chance))
    low, high = exact_ends(n * chance, n)
    return centre + apart * (low - chance), centre + apart * (high - chance)


@lru_cache
def ranks(n: int, level: float) -> tuple[int, int]:
    """Between which order statistics a quantile lies with 95 %; 0 and n + 1 are beyond them."""
    upto = stats.binom(n, level).cdf(range(n + 1))
    below = max(k for k in range(n + 1) if k == 0 or upto[k - 1] <= 0.025)
    return below, next((k for k in range(1, n + 1) if 1.0 - upto[k - 1] <= 0.025), n + 1)


@lru_cache
def student(freedom: int) -> float:
    return float(stats.t(freedom).ppf(0.975))


def skewness_of(xs: Sequence[float]) -> float:
    """The third central moment over the second to the power 3/2."""
    centre = average(xs)
    second, third = (average([(x - centre) ** k for x in xs]) for k in (2, 3))
    return third / second**1.5


class Plain:
    """Independent trials that count alike."""

    def __init__(self, trials: int) -> None:
        self.n = trials

    def figure(self, value: float, influence: Sequence[float], least: float = 5.0) -> Three:
        """A figure that is a mean of influence values, up to a constant."""
        ends = mean_ends(influence, least)
        if ends is None:
            margin = Z * deviation(influence) / math.sqrt(self.n)
            return value, max(0.0, value - margin), value + margin
        if math.isnan(ends[1]):
            return value, NAN, NAN
        low, high = (value - average(influence) + end for end in ends)
        return value, max(0.0, low), high

    def mean(self, xs: Sequence[float]) -> Three:
        return self.figure(average(xs), xs)

    def sd(self, xs: Sequence[float]) -> Three:
        spread, ends = deviation(xs), mean_ends(xs)
        if ends is not None and math.isnan(ends[1]):
            return spread, NAN, NAN
        if spread == 0.0:
            return 0.0, 0.0, 0.0
        centre = average(xs)
        kurtosis = average([((x - centre) / spread) ** 4 for x in xs])
        margin = Z * spread * math.sqrt((kurtosis - 1.0) / self.n) / 2.0
        return spread, max(0.0, spread - margin), spread + margin

    def chance(self, xs: Sequence[float]) -> Three:
        count = sum(x > 0.0 for x in xs)
        share = count / self.n
        if count == 0:
            return 0.0, 0.0, 1.0 - 0.025 ** (1.0 / self.n)
        if count == self.n:
            return 1.0, 0.025 ** (1.0 / self.n), 1.0
        if min(count, self.n - count) < 50:
            return share, *exact_ends(count, self.n)
        margin = Z * math.sqrt(share * (1.0 - share) / self.n)
        return share, share - margin, share + margin

    def var(self, xs: Sequence[float], level: float) -> Three:
        n, ordered = len(xs), sorted(xs)
        below, above = ranks(n, level)
        value = ordered[max(1, math.ceil(n * level - 1e-9)) - 1]
        low = ordered[below - 1] if below else 0.0
        return value, low, ordered[above - 1] if above <= n else NAN

    def carried(self, xs: Sequence[float], probability: float) -> float:
        return self.n * probability

    def tail_weights(self, xs: Sequence[float], level: float) -> list[float]:
        """How much of each trial is in the tail; they add up to 1."""
        size, value = self.n * (1.0 - level), self.var(xs, level)[0]
        beyond, ties = sum(x > value for x in xs), sum(x == value for x in xs)
        left = max(0.0, size - beyond) / ties
        return [(1.0 if x > value else left if x == value else 0.0) / size for x in xs]

    def tvar(self, xs: Sequence[float], level: float) -> Three:
        value = math.fsum(w * x for w, x in zip(self.tail_weights(xs, level), xs, strict=True))
        threshold, low, high = self.var(xs, level)
        if value == 0.0:
            return 0.0, NAN, NAN
        if math.isnan(high):
            return value, low, NAN
        influence = self.influence([max(0.0, x - threshold) / (1.0 - level) for x in xs])
        if not any(influence):
            return value, value, value
        found = self.figure(value, influence)
        return (value, low, NAN) if math.isnan(found[2]) else found

    def influence(self, xs: Sequence[float]) -> list[float]:
        return list(xs)

    def largest(self, xs: Sequence[float]) -> Three:
        return max(xs), NAN, NAN

    def first_day(self, days: Sequence[float]) -> Three:
        known = [day for day in days if not math.isnan(day)]
        return Plain(len(known)).var(known, 0.5) if known else (NAN, NAN, NAN)


class Weighted(Plain):
    """Trials with weights, independent or as even points in replicates."""

    def __init__(self, weights: Sequence[float], replicates: Sequence[int] | None) -> None:
        super().__init__(len(weights))
        self.weights, self.replicates = list(weights), replicates

    def margin(self, influence: Sequence[float]) -> float:
        if self.replicates is None:
            return Z * deviation(influence) / math.sqrt(self.n)
        groups: dict[int, list[float]] = {}
        for replicate, x in zip(self.replicates, influence, strict=True):
            groups.setdefault(replicate, []).append(x)
        means = [average(group) for group in groups.values()]
        quantile = student(len(means) - 1)
        return quantile * deviation(means) / math.sqrt(len(means))

    def figure(self, value: float, influence: Sequence[float], least: float = 5.0) -> Three:
        ends, margin = mean_ends(influence, least), self.margin(influence)
        if ends is not None and math.isnan(ends[1]):
            return value, NAN, NAN
        if ends is None or self.replicates is not None:
            return value, max(0.0, value - margin), value + margin
        low, high = (value - average(influence) + end for end in ends)
        return value, max(0.0, low), high

    def influence(self, xs: Sequence[float]) -> list[float]:
        return [w * x for w, x in zip(self.weights, xs, strict=True)]

    def mean(self, xs: Sequence[float]) -> Three:
        influence = self.influence(xs)
        return self.figure(average(influence), influence)

    def sd(self, xs: Sequence[float]) -> Three:
        first, second = average(self.influence(xs)), average(self.influence([x * x for x in xs]))
        spread = math.sqrt(max(0.0, second - first * first))
        ends = mean_ends(self.influence(xs))
        if ends is not None and math.isnan(ends[1]):
            return spread, NAN, NAN
        if spread <= 1e-9 * first:
            return 0.0, 0.0, 0.0
        # d sqrt(E x^2 - (E x)^2), of E x^2 and E x.
        influence = self.influence([(x * x - 2.0 * first * x) / (2.0 * spread) for x in xs])
        margin = self.margin(influence)
        return spread, max(0.0, spread - margin), spread + margin

    def chance(self, xs: Sequence[float]) -> Three:
        happens = [float(x > 0.0) for x in xs]
        influence = self.influence(happens)
        share, count, scale = min(1.0, average(influence)), int(sum(happens)), max(self.weights)
        if self.margin(influence) <= 1e-12 * share and count in (0, self.n):
            _, low, high = Plain(self.n).chance(xs)
            return share, min(share, scale * low), max(share, min(1.0, scale * high))
        _, low, high = self.figure(share, influence, least=0.0)
        if self.replicates is not None:
            least = scale * Z * 0.5 * math.sqrt(len(set(self.replicates))) / self.n
            low, high = min(low, share - least), max(high, share + least)
        return share, max(0.0, low), min(1.0, high)

    def _worst(self, xs: Sequence[float]) -> list[int]:
        return sorted(range(self.n), key=lambda k: -xs[k])

    def _beyond(self, xs: Sequence[float], probability: float) -> list[int]:
        """The worst trials, as many as weigh no more than a probability together."""
        found, weight = [], 0.0
        for k in self._worst(xs):
            weight += self.weights[k] / self.n
            if weight > probability * (1.0 + 1e-12):
                return found
            found.append(k)
        return found

    def at(self, xs: Sequence[float], probability: float) -> float:
        count = len(self._beyond(xs, probability))
        return xs[self._worst(xs)[count]] if count < self.n else 0.0

    def var(self, xs: Sequence[float], level: float, centre: float = 0.0) -> Three:
        value, share = self.at(xs, 1.0 - level), 1.0 - level
        beyond = self.influence([float(x > value) - centre for x in xs])
        least, most = share - self.margin(beyond), share + self.margin(beyond)
        if centre == 0.0 and any(beyond):  # the ends that lie further out
            _, low, high = self.figure(share, beyond, least=0.0)
            least, most = min(least, low), max(most, high)
        worst = self._beyond(xs, least) if least > 0.0 else []
        return value, self.at(xs, most), xs[worst[-1]] if worst else NAN

    def carried(self, xs: Sequence[float], probability: float) -> float:
        weights = [self.weights[k] for k in self._beyond(xs, probability)]
        squares = sum(w * w for w in weights)
        return sum(weights) ** 2 / squares if squares else 0.0

    def tail_weights(self, xs: Sequence[float], level: float) -> list[float]:
        size, value = self.n * (1.0 - level), self.var(xs, level)[0]
        pairs = list(zip(self.weights, xs, strict=True))
        beyond = math.fsum(w for w, x in pairs if x > value)
        ties = math.fsum(w for w, x in pairs if x == value)
        left = max(0.0, size - beyond) / (ties or 1.0)
        return [(w if x > value else w * left if x == value else 0.0) / size for w, x in pairs]

    def first_day(self, days: Sequence[float]) -> Three:
        reached = [not math.isnan(day) for day in days]
        if not any(reached):
            return NAN, NAN, NAN
        weights = [w if r else 0.0 for w, r in zip(self.weights, reached, strict=True)]
        conditional = Weighted([w / average(weights) for w in weights], self.replicates)
        return conditional.var(
            [d if r else 0.0 for d, r in zip(days, reached, strict=True)], 0.5, 0.5
        )


def kind_of(losses: Losses) -> Plain:
    even = losses.scenario.run.sampling == "sobol"
    if losses.weight is None and not even:
        return Plain(losses.trials)
    weights = [1.0] * losses.trials if losses.weight is None else losses.weight.tolist()
    numbers = range(losses.first_trial, losses.first_trial + losses.trials)
    return Weighted(weights, [k % 16 for k in numbers] if even else None)


def metrics(losses: Losses) -> dict[Key, Three]:
    """Every row of `metrics.csv`."""
    of, found = kind_of(losses), {}
    total = losses.total.tolist()
    weights = {level: of.tail_weights(total, level) for level in LEVELS}

    def put(three: Three, *key: str, level: float | None = None) -> None:
        found[(*key, level)] = three  # type: ignore[index]

    def distribution(xs: list[float], scope: str, name: str) -> None:
        simple: dict[str, Callable[[Sequence[float]], Three]] = {
            "mean": of.mean, "sd": of.sd, "prob_loss": of.chance, "max": of.largest
        }  # fmt: skip
        for measure, take in simple.items():
            put(take(xs), scope, name, "all", measure)
        for level in LEVELS:
            put(of.var(xs, level), scope, name, "all", "var", level=level)
            put(of.tvar(xs, level), scope, name, "all", "tvar", level=level)

    def parts(xs: list[float], scope: str, name: str) -> None:
        distribution(xs, scope, name)
        put(of.mean(xs), scope, name, "all", "contribution_mean")
        for level in LEVELS:
            part = math.fsum(w * x for w, x in zip(weights[level], xs, strict=True))
            put((part, NAN, NAN), scope, name, "all", "contribution_tvar", level=level)

    distribution(total, "total", "")
    for level in LEVELS:
        put(
            of.var(losses.largest_spell.tolist(), level), "total", "", "all", "oep_var", level=level
        )
    for component in COMPONENTS:
        matrix = getattr(losses, component).tolist()
        put(of.mean([math.fsum(row) for row in matrix]), "total", "", component, "mean")
        for index, name in enumerate(losses.scenario.industries):
            put(of.mean(rows_of(matrix, index)), "industry", name, component, "mean")
    output = losses.output.tolist()
    put(of.chance([math.fsum(row) for row in output]), "total", "", "all", "prob_output_loss")
    for threshold in losses.scenario.run.thresholds:
        above = [float(x > threshold) for x in total]
        put(of.chance(above), "total", "", "all", "prob_above", level=threshold)
    for index, name in enumerate(losses.scenario.industries):
        parts(rows_of(losses.industry_loss, index), "industry", name)
        put(of.chance(rows_of(output, index)), "industry", name, "all", "prob_output_loss")
        for measure in ("loss_days", "stopped_days"):
            put(of.mean(rows_of(getattr(losses, measure), index)), "industry", name, "all", measure)
        days = of.first_day(rows_of(losses.first_loss_day, index))
        put(days, "industry", name, "all", "first_loss_day_median")
    for index, name in enumerate(losses.scenario.materials):
        parts(rows_of(losses.material_loss, index), "material", name)
        for measure in ("cut_days", "cut_weighted_days", "shortage_days"):
            put(of.mean(rows_of(getattr(losses, measure), index)), "material", name, "all", measure)
        levels = list(losses.scenario.ladder)
        for place, level_name in enumerate(levels):
            days = of.mean(rows_of(losses.level_days, index * len(levels) + place))
            put(days, "material", name, level_name, "level_days")
    for index, name in enumerate(losses.scenario.disputes):
        put(of.mean(rows_of(losses.episodes, index)), "dispute", name, "all", "episodes")
    for index, name in enumerate(losses.scenario.pools):
        put(of.mean(rows_of(losses.contested_days, index)), "pool", name, "all", "contested_days")
        put(of.mean(rows_of(losses.pool_used, index)), "pool", name, "all", "used")
    return found


def curves(losses: Losses) -> dict[tuple[str, str, str, float], tuple[float, ...]]:
    """Every row of `curves.csv`: (probability, loss, lower, upper)."""
    of, found = kind_of(losses), {}
    series = [("total", "", "AEP", losses.total.tolist())]
    series.append(("total", "", "OEP", losses.largest_spell.tolist()))
    for scope, names, matrix in (
        ("industry", losses.scenario.industries, losses.industry_loss),
        ("material", losses.scenario.materials, losses.material_loss),
    ):
        series += [(scope, name, "AEP", rows_of(matrix, k)) for k, name in enumerate(names)]
    for scope, name, kind, xs in series:
        for period in PERIODS:
            probability = losses.horizon_days / 365.0 / period
            if probability < 1.0 and of.carried(xs, probability) >= 20.0 - 1e-9:
                three = of.var(xs, 1.0 - probability)
                found[scope, name, kind, float(period)] = (probability, *three)
    return found
