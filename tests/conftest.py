"""Hand-made scenarios and losses, for tests of what comes after a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fast_suite import (  # noqa: F401, hooks: pytest finds them here by name
    pytest_collection_finish,
    pytest_runtest_call,
    pytest_runtest_setup,
)

from riskengine.model.distributions import Distribution, constant
from riskengine.model.losses import Losses
from riskengine.model.scenario import (
    ActiveEpisode,
    Alternative,
    Correlation,
    Dispute,
    Industry,
    Level,
    LevelOverride,
    Material,
    RunSettings,
    Scenario,
    Source,
    StockTier,
    Trigger,
    Use,
)


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """An open file counts as on the disk: no test pulls the plug, and a disk takes milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: os.fstat(descriptor) and None)
        yield


def exponential(mean: float) -> Distribution:
    return Distribution(family="exponential", parameters=(mean,))


def made_material(**changes: Any) -> Material:
    """A material that China supplies nine tenths of; keyword arguments replace fields."""
    given: dict[str, Any] = {
        "importer": "Korea",
        "spend_per_year": 40.0,
        "coverage": 0.9,
        "cut": {"licensing": constant(0.3), "full-ban": constant(1.0)},
        "price_elasticity": None,
        "price_cap": 10.0,
        "refill_rate": 0.0,
        "allocation": "proportional",
        "sources": {
            "China": Source(share=0.9, boycott_cut=constant(0.0)),
            "Vietnam": Source(share=0.1, boycott_cut=constant(0.5)),
        },
        "alternatives": {
            "recycling": Alternative(
                capacity=constant(0.1),
                probability=0.7,
                lead_time=exponential(240.0),
                ramp_days=180.0,
                ramp_steps=4,
                premium=constant(0.4),
                boycott_cut=constant(0.0),
                kind="recycling",
            )
        },
        "stocks": {
            "public": StockTier(days=constant(60.0), release_lag_days=14.0, max_release=0.5)
        },
        "ladder": {},
    }
    return Material(**(given | changes))


def made_use(**changes: Any) -> Use:
    given: dict[str, Any] = {
        "share": 1.0,
        "dependence": 0.8,
        "inventory_days": 30.0,
        "substitution_share": 0.2,
        "substitution_lag_days": 365.0,
        "priority": 0.0,
    }
    return Use(**(given | changes))


def made_industry(uses: dict[str, Use], **changes: Any) -> Industry:
    given: dict[str, Any] = {
        "importer": "Korea",
        "value_added_per_year": 5200.0,
        "combine": "bottleneck",
        "min_operating_rate": 0.3,
        "recapture": 0.2,
        "uses": uses,
    }
    return Industry(**(given | changes))


def made_scenario(**changes: Any) -> Scenario:
    """Two disputes, two materials, two industries; keyword arguments replace whole fields."""
    given: dict[str, Any] = {
        "run": RunSettings(
            title="Korea, by hand",
            trials=1000,
            seed=7,
            horizon_days=730.0,
            valuation_date=None,
            money="USD million",
            importer="Korea",
        ),
        "ladder": {
            "licensing": Level(sojourn=exponential(100.0), next={"resolved": 0.5, "full-ban": 0.5}),
            "full-ban": Level(sojourn=exponential(50.0), next={"licensing": 0.5, "resolved": 0.5}),
        },
        "disputes": {
            "china-korea": Dispute(
                coercer="China", target="Korea", rate_per_year=0.12, entry={"licensing": 1.0}
            ),
            "china-japan": Dispute(
                coercer="China",
                target="Japan",
                entry={"full-ban": 1.0},
                active=ActiveEpisode(level="full-ban", elapsed_days=2.0),
            ),
        },
        "triggers": {
            "spillover": Trigger(
                when="china-japan",
                reaches="full-ban",
                starts="china-korea",
                probability=0.25,
                lag=exponential(45.0),
            )
        },
        "correlation": Correlation(),
        "materials": {
            "gallium": made_material(),
            "rare earths": made_material(
                ladder={"full-ban": LevelOverride(sojourn=exponential(200.0))}
            ),
        },
        "pools": {},
        "industries": {
            "chips": made_industry({"gallium": made_use(), "rare earths": made_use(share=0.4)}),
            "motors": made_industry({"rare earths": made_use(share=0.6)}),
        },
        "propagation": {},
        "stem": "by-hand",
        "files": (("by-hand.toml", "0" * 64),),
        "document": {},
    }
    made = Scenario(**(given | changes))
    return made if made.document else replace(made, document=document_of(made))


def document_of(scenario: Scenario) -> dict[str, Any]:
    """A config that can be loaded, with the names, horizon and money of a scenario made by hand."""
    run, levels = scenario.run, list(scenario.ladder)
    day = {} if run.valuation_date is None else {"valuation_date": run.valuation_date.isoformat()}
    return {
        "run": day
        | {
            name: getattr(run, name)
            for name in ("title", "trials", "seed", "horizon_days", "money")
        },
        "ladder": {name: {"sojourn": 30, "next": {"resolved": 1.0}} for name in levels},
        "disputes": {
            name: {"coercer": dispute.coercer, "target": dispute.target, "rate_per_year": 0.1}
            | {"entry": {levels[0]: 1.0}}
            for name, dispute in scenario.disputes.items()
        },
        "materials": {
            name: {"importer": material.importer, "spend_per_year": material.spend_per_year}
            | {"cut": dict.fromkeys(levels, 0.5), "sources": {"China": {"share": 0.9}}}
            for name, material in scenario.materials.items()
        },
        "industries": {
            name: {"importer": industry.importer}
            | {"value_added_per_year": industry.value_added_per_year}
            | {"uses": {of: {"share": 0.1, "dependence": 0.5} for of in industry.uses}}
            for name, industry in scenario.industries.items()
        },
    }


def made_losses(
    scenario: Scenario | None = None, *, trials: int = 1000, seed: int = 7, first_trial: int = 0
) -> Losses:
    """Losses that a run might yield: consistent, with many trials without any loss."""
    scenario = scenario or made_scenario()
    industries, materials = len(scenario.industries), len(scenario.materials)
    levels = len(scenario.ladder)
    random = np.random.default_rng(seed)
    hit = random.random((trials, 1)) < 0.3
    shape = (trials, industries)
    output = hit * random.gamma(0.8, 50.0, shape)
    rerouting, price, indirect = (hit * random.gamma(1.0, 5.0, shape) for _ in range(3))
    industry_loss = output + rerouting + price + indirect
    total = industry_loss.sum(axis=1)
    weights = random.dirichlet(np.ones(materials), trials) if materials else np.zeros((trials, 0))
    days = hit * random.exponential(60.0, shape)
    cut_days = hit * random.exponential(90.0, (trials, materials))
    return Losses(
        scenario=scenario,
        seed=seed,
        first_trial=first_trial,
        horizon_days=scenario.run.horizon_days,
        total=total,
        largest_spell=total * random.uniform(0.5, 1.0, trials),
        industry_loss=industry_loss,
        output=output,
        rerouting=rerouting,
        price=price,
        indirect=indirect,
        loss_days=days,
        stopped_days=days * 0.25,
        first_loss_day=np.where(hit, random.uniform(0.0, 700.0, shape), np.nan),
        survival_days=np.where(hit, random.uniform(0.0, 200.0, shape), np.nan),
        material_loss=total[:, np.newaxis] * weights,
        cut_days=cut_days,
        cut_weighted_days=cut_days * 0.4,
        shortage_days=hit * random.exponential(20.0, (trials, materials)),
        deepest_level=np.where(hit, random.integers(0, 2, (trials, materials)), -1).astype(
            np.int64
        ),
        level_days=np.repeat(cut_days, levels, axis=1) / levels,
        episodes=random.poisson(0.3, (trials, len(scenario.disputes))).astype(np.int32),
        contested_days=hit * random.exponential(30.0, (trials, len(scenario.pools))),
        pool_used=hit * random.exponential(8.0, (trials, len(scenario.pools))),
    )


@pytest.fixture
def make_scenario() -> Callable[..., Scenario]:
    return made_scenario


@pytest.fixture(scope="session")
def make_losses() -> Callable[..., Losses]:
    return made_losses


@pytest.fixture
def make_material() -> Callable[..., Material]:
    return made_material


@pytest.fixture
def make_industry() -> Callable[..., Industry]:
    return made_industry


@pytest.fixture
def make_use() -> Callable[..., Use]:
    return made_use


@pytest.fixture
def renamed() -> Callable[[str], Losses]:
    """Losses of a scenario whose industry, material and dispute bear a given name."""

    def make(name: str) -> Losses:
        dispute = made_scenario().disputes["china-korea"]
        scenario = made_scenario(
            disputes={name: dispute},
            triggers={},
            materials={name: made_material()},
            industries={name: made_industry({name: made_use()})},
        )
        return made_losses(scenario, trials=50)

    return make
