"""A mitigation study before it is played: what is for sale, and the scenarios of portfolios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from riskengine.config.mitigation.load import MitigationConfig
from riskengine.mitigation.objective import Objective
from riskengine.mitigation.playing import PortfolioPlayer
from riskengine.mitigation.search.market import Market, bits, build_market
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.variants import Touched, Variants
from riskengine.model.mitigation import Mitigation, Option, Path
from riskengine.model.scenario import Scenario
from riskengine.sweeps.designs import Design, design

#: last keys of paths that change nothing but the industry itself
_OWN = {
    "value_added_per_year",
    "min_operating_rate",
    "recapture",
    "combine",
    "dependence",
    "inventory_days",
    "substitution_share",
    "substitution_lag_days",
}
_MATERIALS, _INDUSTRIES, _POOLS = "materials", "industries", "pools"
_PROPAGATION = "propagation"


@dataclass(frozen=True, eq=False)
class StudyPlan:
    """A study that is ready to be played."""

    config: MitigationConfig
    trials: int  #: in sample, and as many again out of sample
    seed: int
    threads: int

    @property
    def mitigation(self) -> Mitigation:
        """What is to be reduced, for how much money, by which options."""
        return self.config.mitigation

    @property
    def objective(self) -> Objective:
        """The measure that is to be reduced."""
        return Objective(self.mitigation.measure, self.mitigation.level)

    @property
    def free(self) -> list[Option]:
        """The options that can be bought, in the order of the bits of a portfolio."""
        return [self.mitigation.options[place] for place in self.mitigation.free]

    @cached_property
    def market(self) -> Market:
        """The options for sale."""
        return build_market(self.mitigation)

    def market_at(self, costs: Sequence[float]) -> Market:
        """The options for sale at other present values, one for each option of the config."""
        return replace(self.market, costs=tuple(costs[place] for place in self.mitigation.free))

    @cached_property
    def worlds(self) -> Design | None:
        """The sweep whose independent points are the worlds; None if there are none."""
        return None if self.config.worlds is None else design(self.config.worlds.sweep)

    def scenario_of(self, world: Sequence[Any] | None = None) -> Callable[[Portfolio], Scenario]:
        """What makes the scenario of a portfolio, in the world of the config or in another."""
        free = self.mitigation.free
        return lambda portfolio: self.config.scenario([free[bit] for bit in bits(portfolio)], world)

    @cached_property
    def inside(self) -> PortfolioPlayer:
        """Plays portfolios in sample, in the world of the config; what it lays out is kept."""
        return self.player(0, self.trials)

    def player(
        self,
        first_trial: int,
        trials: int,
        world: Sequence[Any] | None = None,
    ) -> PortfolioPlayer:
        """Plays portfolios over a range of trials.

        Parameters
        ----------
        first_trial, trials : int
        world : sequence, optional
        """
        variants = Variants(
            self.scenario_of(world), self._touched, self.seed, first_trial + trials - 1
        )
        return PortfolioPlayer(
            variants=variants,
            first_trial=first_trial,
            trials=trials,
            threads=self.threads,
        )

    @cached_property
    def _touched(self) -> list[Touched]:
        return [
            _touched(self.config.touched(place), self.mitigation.options[place].paths)
            for place in self.mitigation.free
        ]


def _touched(members: frozenset[tuple[str, str]], paths: Sequence[Path]) -> Touched:
    kinds = {kind for kind, _ in members}
    industries = frozenset(name for kind, name in members if kind == _INDUSTRIES)
    is_own = all(
        path[0] != "tables" and path[-1] in _OWN
        for path in paths
        if path[0] not in (_MATERIALS, _POOLS)
    )
    return Touched(
        materials=frozenset(name for kind, name in members if kind == _MATERIALS),
        industries=industries,
        sharing=frozenset() if is_own else industries,
        pools=frozenset(name for kind, name in members if kind == _POOLS),
        propagation=_PROPAGATION in kinds,
        anything=bool(kinds - {_MATERIALS, _INDUSTRIES, _POOLS, _PROPAGATION}),
    )
