"""The models of portfolios, put together from parts that are laid out once.

An option changes few materials and industries. A part is therefore laid out once for each
combination of the options that may change it, however many portfolios have that combination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from riskengine.kernel.arrays import TOTALS, Ints, Model
from riskengine.mitigation.search.measured import Portfolio
from riskengine.model.flat.distributions import Shelf
from riskengine.model.flat.versions import (
    IndustryPart,
    MaterialPart,
    PlacedPart,
    PoolPart,
    UsePart,
    VersionParts,
    compose_parts,
    parts_of,
    shared_part,
)
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.play.versions import Together

ScenarioOf = Callable[[Portfolio], Scenario]


class Touched(NamedTuple):
    """What an option may change."""

    materials: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    #: industries whose parts of materials may change: shares, priorities, which materials they use
    sharing: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    propagation: bool = False
    anything: bool = False  #: such as the ladder, disputes and triggers


class Group(NamedTuple):
    """Portfolios that share all disputes."""

    portfolios: list[Portfolio]
    parts: list[VersionParts]
    paths: Model  #: has the paths of all


class Variants:
    """Lays out portfolios over the same trials.

    Parameters
    ----------
    scenario_of : callable
        Makes the scenario of a portfolio that keeps all rules.
    touched : sequence of Touched
        Of each option.
    seed, last_trial : int
    """

    def __init__(
        self, scenario_of: ScenarioOf, touched: Sequence[Touched], seed: int, last_trial: int
    ) -> None:
        self._scenario_of, self._seed, self._last_trial = scenario_of, seed, last_trial
        self._shelf = Shelf()
        self.base = scenario_of(0)
        model, parts = self._laid_out(self.base)
        self._shape = _shape(parts)
        self._masks = _Masks.of(self.base, parts, touched)
        self._paths: dict[Portfolio, tuple[Model, bytes]] = {}
        self._materials: list[dict[Portfolio, PlacedPart[MaterialPart]]] = [
            {} for _ in parts.materials
        ]
        self._uses: list[dict[Portfolio, PlacedPart[UsePart]]] = [{} for _ in parts.uses]
        self._industries: list[dict[Portfolio, PlacedPart[IndustryPart]]] = [
            {} for _ in parts.industries
        ]
        self._pools: list[dict[Portfolio, PlacedPart[PoolPart]]] = [{} for _ in parts.pools]
        self._spreads: dict[Portfolio, bytes] = {}
        self._file(0, model, parts)

    def groups(self, portfolios: Sequence[Portfolio], most: int) -> Iterator[Group]:
        """Portfolios in groups that can be played together, at most so many in one.

        Parameters
        ----------
        portfolios : sequence of int
        most : int

        Yields
        ------
        Group
            Each portfolio is in one of them.
        """
        found: dict[bytes, Group] = {}
        for portfolio in portfolios:
            parts, paths, shared = self._parts(portfolio)
            group = found.setdefault(shared, Group([], [], paths))
            group.portfolios.append(portfolio)
            group.parts.append(parts)
            if len(group.portfolios) == most:
                yield found.pop(shared)
        yield from found.values()

    def together(
        self,
        group: Group,
        first_trial: int,
        trials: int,
        *,
        only: Ints | None = None,
        detail: float = TOTALS,
    ) -> Together:
        """A group, ready to be played.

        Parameters
        ----------
        group : Group
        first_trial, trials : int
        only : ndarray, (trials,) of int64, optional
            Numbers of the trials, ascending.
        detail : float
            Which series are wanted: `TOTALS`, or `LOSSES`.
        """
        # The shelf has grown since the paths were laid out.
        newest = group.paths._replace(
            distributions=self._shelf.distributions(), grid=self._shelf.grid()
        )
        model = compose_parts(group.parts, newest, detail=detail)
        scenarios = (self.base,) * len(group.portfolios)
        return Together(scenarios, model, self._seed, first_trial, trials, only)

    def _parts(self, portfolio: Portfolio) -> tuple[VersionParts, Model, bytes]:
        """The parts of a portfolio, and a model that has its paths."""
        paths = self._paths.get(portfolio & self._masks.paths)
        parts = self._known(portfolio)
        if paths is not None and parts is not None:
            return parts, *paths
        model, parts = self._laid_out(self._scenario_of(portfolio))
        shared = shared_part(model)
        # An option may do more than it seems, such as add a use: then it is laid out each time.
        if _shape(parts) == self._shape and (paths is None or shared == paths[1]):
            self._file(portfolio, model, parts)
        return parts, model, shared

    def _laid_out(self, scenario: Scenario) -> tuple[Model, VersionParts]:
        """A scenario, without the distributions: the shelf has those of all."""
        model = lay_out(scenario, self._seed, self._last_trial, self._shelf)
        model = model._replace(distributions=model.distributions[:0].copy(), grid=np.zeros(1))
        return model, parts_of(model)

    def _known(self, portfolio: Portfolio) -> VersionParts | None:
        """The parts of a portfolio if all of them were laid out before."""
        masks = self._masks
        try:
            return VersionParts(
                [
                    known[portfolio & mask]
                    for known, mask in zip(self._materials, masks.materials, strict=True)
                ],
                [
                    known[portfolio & mask]
                    for known, mask in zip(self._uses, masks.uses, strict=True)
                ],
                [
                    known[portfolio & mask]
                    for known, mask in zip(self._industries, masks.industries, strict=True)
                ],
                [
                    known[portfolio & mask]
                    for known, mask in zip(self._pools, masks.pools, strict=True)
                ],
                self._spreads[portfolio & masks.spread],
            )
        except KeyError:
            return None

    def _file(self, portfolio: Portfolio, model: Model, parts: VersionParts) -> None:
        """Keep the parts of a portfolio for others."""
        masks = self._masks
        self._paths.setdefault(portfolio & masks.paths, (model, shared_part(model)))
        for known, mask, part in zip(
            self._materials, masks.materials, parts.materials, strict=True
        ):
            known.setdefault(portfolio & mask, part)
        for its, mask, use in zip(self._uses, masks.uses, parts.uses, strict=True):
            its.setdefault(portfolio & mask, use)
        for own, mask, industry in zip(
            self._industries, masks.industries, parts.industries, strict=True
        ):
            own.setdefault(portfolio & mask, industry)
        for shared, mask, pool in zip(self._pools, masks.pools, parts.pools, strict=True):
            shared.setdefault(portfolio & mask, pool)
        self._spreads.setdefault(portfolio & masks.spread, parts.spread)


class _Masks(NamedTuple):
    """For each part, the options that may change it.

    What a material costs and how its shortage is shared out depends on the shares of all industries
    that use it, and what an industry loses indirectly on the propagation.
    """

    paths: Portfolio
    materials: list[Portfolio]
    uses: list[Portfolio]
    industries: list[Portfolio]
    pools: list[Portfolio]
    spread: Portfolio

    @classmethod
    def of(cls, base: Scenario, parts: VersionParts, touched: Sequence[Touched]) -> _Masks:
        paths = _mask(touched, lambda option: option.anything)
        spread = paths | _mask(touched, lambda option: option.propagation)
        industries = [
            spread | _mask(touched, lambda option: name in option.industries)  # noqa: B023
            for name in base.industries
        ]
        materials = [
            spread | _mask(touched, lambda option: name in option.materials)  # noqa: B023
            for name in base.materials
        ]
        sharing = [
            _mask(touched, lambda option: name in option.sharing)  # noqa: B023
            for name in base.industries
        ]
        places = [use.part.place for use in parts.uses]
        for material, industry, _ in places:
            materials[material] |= sharing[industry]
        return cls(
            paths=paths,
            materials=materials,
            uses=[materials[material] | industries[industry] for material, industry, _ in places],
            industries=industries,
            pools=[
                paths | _mask(touched, lambda option: name in option.pools)  # noqa: B023
                for name in base.pools
            ],
            spread=spread,
        )


def _mask(touched: Sequence[Touched], may_change: Callable[[Touched], bool]) -> Portfolio:
    return sum(1 << number for number, option in enumerate(touched) if may_change(option))


def _shape(parts: VersionParts) -> tuple[object, ...]:
    """What all portfolios of a list of parts have in common: which uses there are, and whose."""
    return (
        len(parts.materials),
        [use.part.place for use in parts.uses],
        [industry.part.uses for industry in parts.industries],
        len(parts.pools),
    )
