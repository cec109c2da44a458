"""Made-up markets with losses that no simulation played, and searches in the slow obvious way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.mitigation.search.market import Market, bits, build_market
from riskengine.model.mitigation import Cost, Mitigation, Option

Floats = NDArray[np.float64]


class MadeValues:
    """Losses of made-up trials: industries that lose by the material that they lack most.

    What an option does to a material of a trial multiplies what is lacking there, so that options
    on one material are substitutes, and options on two materials of one industry complements. All
    losses are whole numbers: sums of them are exact, and larger portfolios never lose more.
    """

    def __init__(
        self, effects: Floats, lacking: Floats, uses: Floats, *, measure: str = "mean"
    ) -> None:
        self.effects = effects  #: (options, materials) share that is left
        self.lacking = lacking  #: (trials, materials)
        self.uses = uses  #: (industries, materials) 0 or the loss by what is lacking
        self.measure = measure
        self.calls: list[int] = []  #: how many portfolios were asked for at a time
        self._known: dict[int, float] = {}

    def losses(self, portfolio: int) -> Floats:
        left = np.prod(self.effects[list(bits(portfolio))], axis=0) * self.lacking
        by_industry = (self.uses[np.newaxis] * left[:, np.newaxis]).max(axis=2)
        found: Floats = np.floor(by_industry).sum(axis=1)
        return found

    def value(self, portfolio: int) -> float:
        if portfolio not in self._known:
            losses = np.sort(self.losses(portfolio))
            n = len(losses)
            tail = {"mean": n, "tvar": n // 10, "var": n // 4}[self.measure]
            figure = losses[-tail] if self.measure == "var" else losses[-tail:].sum() / tail
            self._known[portfolio] = float(figure)
        return self._known[portfolio]

    def of(self, portfolios: Sequence[int]) -> Floats:
        self.calls.append(len(portfolios))
        return np.array([self.value(each) for each in portfolios])

    def raises_loss(self) -> bool:
        return False

    def is_never_worse(self, one: int, other: int) -> bool:
        return bool(np.all(self.losses(one) <= self.losses(other)))

    @property
    def played(self) -> int:
        return sum(self.calls)


def made_values(
    seed: int, options: int, *, materials: int = 4, trials: int = 40, measure: str = "mean"
) -> MadeValues:
    """Losses of random effects, each option on one to three materials, some on none."""
    draws = np.random.default_rng(seed)
    touched = draws.random((options, materials)) < draws.uniform(0.25, 0.6)
    effects = np.where(touched, draws.integers(0, 9, (options, materials)) / 8.0, 1.0)
    lacking = draws.gamma(0.5, 1.0, (trials, materials))
    uses = np.where(draws.random((3, materials)) < 0.6, draws.integers(1, 2000, (3, materials)), 0)
    return MadeValues(effects, lacking, uses.astype(np.float64), measure=measure)


def made_market(seed: int, options: int, *, tangled: bool = True) -> Market:
    """Random costs, some of them equal or 0; groups, exclusions and requirements if tangled."""
    draws = np.random.default_rng(seed + 10_000)
    names = [f"option {position}" for position in range(options)]
    costs = draws.integers(0, 12, options) * 0.1
    rules: dict[str, dict[str, Any]] = {name: {} for name in names}
    if tangled:
        order = draws.permutation(options)
        for place, option in enumerate(order.tolist()):
            earlier = [names[each] for each in order[:place].tolist()]
            if draws.random() < 0.4:
                rules[names[option]]["group"] = f"group {draws.integers(3)}"
            if earlier and draws.random() < 0.2:
                rules[names[option]]["requires"] = (str(draws.choice(earlier)),)
            if earlier and draws.random() < 0.15:
                rules[names[option]]["excludes"] = (str(draws.choice(earlier)),)
    return market_of(dict(zip(names, costs.tolist(), strict=True)), **rules)


def market_of(costs: dict[str, float], **rules: dict[str, Any]) -> Market:
    """The market of options by their costs, with the rules of some of them."""
    options = tuple(
        Option(name=name, cost=Cost(upfront=cost), present_value=cost, **rules.get(name, {}))
        for name, cost in costs.items()
    )
    return build_market(
        Mitigation(
            measure="mean", level=0.99, budgets=None, years=1, discount_rate=0.0, limits=(),
            options=options,
        )
    )  # fmt: skip


def all_subsets(options: int) -> Iterator[tuple[int, ...]]:
    """Every subset, fewest options first, then in the order of the config."""
    for size in range(options + 1):
        yield from combinations(range(options), size)


def obvious_feasible(market: Market) -> list[tuple[int, ...]]:
    """Every subset that keeps conflicts and requirements, looked at pair by pair."""
    found = []
    for subset in all_subsets(len(market.names)):
        held = set(subset)
        apart = all(not market.conflicts[a] >> b & 1 for a in held for b in held)
        fed = all(set(bits(market.needs[a])) <= held for a in held)
        if apart and fed:
            found.append(subset)
    return found


def obvious_cost(market: Market, subset: Sequence[int]) -> float:
    total = 0.0
    for option in sorted(subset):
        total = total + market.costs[option]
    return total


def mask(subset: Sequence[int]) -> int:
    return sum(1 << option for option in subset)


def obvious_best(
    market: Market, values: MadeValues, budget: float, kept: Any = lambda portfolio: True
) -> list[tuple[float, float, int, tuple[int, ...]]]:
    """Everything affordable, the best first: by value, cost, number of options and order."""
    return sorted(
        (values.value(mask(subset)), obvious_cost(market, subset), len(subset), subset)
        for subset in obvious_feasible(market)
        if obvious_cost(market, subset) <= budget * (1 + 1e-12) and kept(mask(subset))
    )
