"""Uses, industries and propagation as arrays (section 6 of the model)."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from riskengine.kernel.arrays import INDUSTRY, USE, Floats, Records
from riskengine.model.flat.arrays import DAYS_PER_YEAR, bounds, places, positions, table
from riskengine.model.flat.distributions import quantiles_at
from riskengine.model.scenario import Scenario, SpreadInventory, Use

_ROUNDING = 1e-9  #: of a sum of probabilities


class _Entry(NamedTuple):
    """A use with the names of its material and its industry."""

    material: str
    industry: str
    use: Use
    classes: int  #: of the industry's firms


def flatten_demand(scenario: Scenario) -> dict[str, Any]:
    """Uses, industries, and the spread of losses between industries, as fields of the model.

    The uses are grouped by material, and each material has its range (see `flatten_materials`).
    Where firms differ, a use has a row for each class of firms, one after the other.
    """
    by_material = list_uses(scenario)
    rows = itertools.count()
    use_at = {
        (entry.industry, entry.material): [next(rows) for _ in range(entry.classes)]
        for group in by_material
        for entry in group
    }
    spread = _spread(scenario)
    return {
        "uses": _flatten_uses(scenario, by_material),
        "industries": _flatten_industries(scenario, spread),
        "industry_uses": places(
            use_at[name, material][firms]
            for name, industry in scenario.industries.items()
            for firms in range(industry.classes)
            for material in industry.uses
        ),
        "spread": spread[np.newaxis],
    }


def list_uses(scenario: Scenario) -> list[list[_Entry]]:
    """The uses of each material, industries in config order."""
    return [
        [
            _Entry(material, name, industry.uses[material], industry.classes)
            for name, industry in scenario.industries.items()
            if material in industry.uses
        ]
        for material in scenario.materials
    ]


def use_costs(scenario: Scenario, by_material: list[list[_Entry]]) -> list[list[float]]:
    """Money a day that one unit of premium or price response costs each use."""
    spend = {name: m.spend_per_year / DAYS_PER_YEAR for name, m in scenario.materials.items()}
    return [
        [spend[entry.material] * _weight(entry, group) for entry in group] for group in by_material
    ]


def _flatten_uses(scenario: Scenario, by_material: list[list[_Entry]]) -> Records:
    material_at = positions(scenario.materials)
    industry_at = positions(scenario.industries)
    entries = [entry for group in by_material for entry in group]
    cut_before, group_share = _priorities(scenario, by_material)
    uses = table(
        USE,
        material=[material_at[entry.material] for entry in entries],
        industry=[industry_at[entry.industry] for entry in entries],
        dependence=[entry.use.dependence for entry in entries],
        inventory=[0.0] * len(entries),
        substitution=[entry.use.substitution_share for entry in entries],
        substitution_lag=[entry.use.substitution_lag_days for entry in entries],
        cost=[cost for group in use_costs(scenario, by_material) for cost in group],
        cut_before=cut_before,
        group=group_share,
    )
    classes = [entry.classes for entry in entries]
    rows = np.repeat(uses, classes)
    rows["inventory"] = [
        days for entry in entries for days in inventories(entry.use, entry.classes)
    ]
    # Costs are those of the use as a whole: its first class bears them.
    rows["cost"] *= [firms == 0 for count in classes for firms in range(count)]
    return rows


def inventories(use: Use, classes: int) -> list[float]:
    """Days of own inventory in each class of firms: quantiles at the middle of equal parts.

    Parameters
    ----------
    use : Use
    classes : int
        Of the industry.

    Returns
    -------
    list of float, (classes,)
        Ascending; equal where the inventory is a number. See section 6 of the model.
    """
    held = use.inventory_days
    if not isinstance(held, SpreadInventory):
        return [held] * classes
    # Weights of values that add up to a middle exactly may miss it in the last bits.
    slack = _ROUNDING if held.across.family == "empirical" else 0.0
    middles = [(k + 0.5) / classes - slack for k in range(classes)]
    return [float(days) for days in quantiles_at(held.across, middles)]


def _flatten_industries(scenario: Scenario, spread: Floats) -> Records:
    industries = scenario.industries.values()
    use_first, use_end = bounds(
        range(len(industry.uses) * industry.classes) for industry in industries
    )
    return table(
        INDUSTRY,
        output_rate=[
            industry.value_added_per_year / DAYS_PER_YEAR * (1.0 - industry.recapture)
            for industry in industries
        ],
        min_operating_rate=[industry.min_operating_rate for industry in industries],
        multiplier=list(1.0 + spread.sum(axis=1)),
        passes_on=[bool(row.any()) for row in spread],
        independent=[industry.combine == "independent" for industry in industries],
        classes=[industry.classes for industry in industries],
        width=[len(industry.uses) for industry in industries],
        use_first=use_first,
        use_end=use_end,
    )


def _weight(entry: _Entry, group: list[_Entry]) -> float:
    """The use's part of the material's spend; 0 where no use takes any of it."""
    total = math.fsum(other.use.share for other in group)
    return entry.use.share / total if total > 0.0 else 0.0


def _priorities(
    scenario: Scenario, by_material: list[list[_Entry]]
) -> tuple[list[float], list[float]]:
    """For each use, the share of demand cut before it and that of all uses of its priority.

    Both are nan where the shortage is shared out in proportion.
    """
    before: list[float] = []
    together: list[float] = []
    for material, group in zip(scenario.materials.values(), by_material, strict=True):
        unused = max(0.0, 1.0 - math.fsum(entry.use.share for entry in group))
        for entry in group:
            if material.allocation == "proportional":
                before.append(math.nan)
                together.append(math.nan)
                continue
            rank = entry.use.priority
            earlier = [other.use.share for other in group if other.use.priority > rank]
            before.append(math.fsum([unused, *earlier]))
            together.append(
                math.fsum(other.use.share for other in group if other.use.priority == rank)
            )
    return before, together


def _spread(scenario: Scenario) -> Floats:
    """[j, i]: indirect loss of industry i per unit of direct loss of j, (I - C^T)^-1 - I."""
    names = positions(scenario.industries)
    coefficients = np.zeros((len(names), len(names)))
    for origin, row in scenario.propagation.items():
        for target, value in row.items():
            coefficients[names[origin], names[target]] = value
    if not coefficients.any():
        return coefficients
    identity = np.eye(len(names))
    return _inverse(identity - coefficients) - identity


def _inverse(matrix: Floats) -> Floats:
    """Inverse of I - C, where C has no negative entries and a spectral radius below 1.

    By Gauss-Jordan elimination. Such a matrix is an M-matrix and has positive pivots without any
    exchange of rows. A library's inverse adds in an order that depends on the processor, and so do
    its last bits.
    """
    size = len(matrix)
    work = np.hstack([matrix, np.eye(size)])
    for k in range(size):
        work[k] /= work[k, k]
        others = np.arange(size) != k
        work[others] -= work[others, k, None] * work[k]
    return work[:, size:]
