"""Builds the domain's frozen values from a typed tree that passed all checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskengine.model.scenario import (
    ActiveEpisode,
    Alternative,
    Correlation,
    Dispute,
    Industry,
    Level,
    LevelOverride,
    Material,
    Pool,
    RunSettings,
    Scenario,
    Source,
    SpreadInventory,
    StockTier,
    Trigger,
    Use,
)

Tree = Mapping[str, Any]


def build(
    tree: Tree, document: dict[str, Any], stem: str, files: tuple[tuple[str, str], ...]
) -> Scenario:
    """The scenario that a typed tree describes; the tree must be free of faults."""
    return Scenario(
        run=_run(tree["run"]),
        ladder={name: Level(**level) for name, level in tree["ladder"].items()},
        disputes={name: _dispute(dispute) for name, dispute in tree["disputes"].items()},
        triggers={name: Trigger(**trigger) for name, trigger in tree["triggers"].items()},
        correlation=Correlation(**tree["correlation"]),
        materials={name: build_material(item) for name, item in tree["materials"].items()},
        pools={name: build_pool(item) for name, item in tree["pools"].items()},
        industries={name: build_industry(item) for name, item in tree["industries"].items()},
        propagation=tree["propagation"]["coefficients"],
        document=document,
        stem=stem,
        files=files,
    )


def _run(run: Tree) -> RunSettings:
    optional: dict[str, Any] = {"valuation_date": None, "importer": None, "language": None}
    return RunSettings(**(optional | dict(run)))


def _dispute(dispute: Tree) -> Dispute:
    fields = dict(dispute)
    if "active" in fields:
        fields["active"] = ActiveEpisode(**fields["active"])
    return Dispute(**fields)


def build_material(material: Tree) -> Material:
    """The material that a typed table describes; its importer must be filled in."""
    fields = {"price_elasticity": None} | dict(material)
    return Material(
        **fields
        | {
            "sources": {name: Source(**item) for name, item in fields["sources"].items()},
            "alternatives": {
                name: Alternative(**item) for name, item in fields["alternatives"].items()
            },
            "stocks": {name: StockTier(**item) for name, item in fields["stocks"].items()},
            "ladder": {name: LevelOverride(**item) for name, item in fields["ladder"].items()},
        }
    )


def build_pool(pool: Tree) -> Pool:
    """The pool that a typed table describes."""
    return Pool(**dict(pool))


def build_industry(industry: Tree) -> Industry:
    """The industry that a typed table describes; its importer must be filled in."""
    uses = {name: _build_use(use) for name, use in industry["uses"].items()}
    return Industry(**dict(industry) | {"uses": uses})


def _build_use(use: Mapping[str, Any]) -> Use:
    held = use["inventory_days"]
    if isinstance(held, Mapping):
        held = SpreadInventory(**held)
    return Use(**dict(use) | {"inventory_days": held})
