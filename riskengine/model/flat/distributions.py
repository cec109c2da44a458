"""The shelf: all distributions of a scenario as one set of arrays.

Each distribution gets an index. Truncation, and the time an active dispute has already spent on
its level, become a range of probabilities in which the family's own quantile is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from riskengine.kernel import quantiles
from riskengine.kernel.arrays import DISTRIBUTION, Floats, Records
from riskengine.kernel.workspace import records
from riskengine.model.distributions import Distribution
from riskengine.model.families import FAMILIES, Standard
from riskengine.model.tabulate import quantile_table

_Place = tuple[int, int]  #: of a table or of values in the grid: (start, size)

# family code, parameters, condition (see `_condition`), place of its table or values
_Row = tuple[int, tuple[float, ...], tuple[float, ...], _Place]
#: fields of a record, in the order of `_Row`
_FIELDS = (
    ("family",),
    ("a", "b", "c"),
    ("origin", "span", "upper", "minimum", "maximum", "shift"),
    ("first", "count"),
)


class Shelf:
    """Collects distributions and hands out their indices; equal ones share an entry."""

    def __init__(self) -> None:
        self._index: dict[tuple[Distribution, float], int] = {}
        self._rows: list[_Row] = []
        self._grid: list[Floats] = []
        self._tables: dict[tuple[str, tuple[float, ...]], _Place] = {}
        self._grid_size = 0

    def put(self, distribution: Distribution, elapsed_days: float = 0.0) -> int:
        """Index of the distribution of X - elapsed given X > elapsed."""
        key = (distribution, elapsed_days)
        if key not in self._index:
            self._index[key] = len(self._rows)
            self._rows.append(self._lay_out(distribution, elapsed_days))
        return self._index[key]

    def _lay_out(self, distribution: Distribution, elapsed: float) -> _Row:
        if distribution.family == "constant":
            value = distribution.parameters[0] - elapsed
            return quantiles.CONSTANT, (value, 0.0, 0.0), _unconditioned(), (0, 0)
        if distribution.family == "empirical":
            return self._lay_out_empirical(distribution, elapsed)
        conditioned = _condition(distribution, elapsed)
        standard = FAMILIES[distribution.family].standard
        if standard is None:
            code = quantiles.CLOSED_FORMS[distribution.family]
            return code, (*distribution.parameters, 0.0, 0.0)[:3], conditioned, (0, 0)
        about = standard(*distribution.parameters)
        place = self._table(about)
        is_plain = place[1] == quantiles.TABLE_SIZE
        kind = quantiles.TABULATED if is_plain else quantiles.RESCALED
        return kind, (about.offset, about.scale, 0.0), conditioned, place

    def _lay_out_empirical(self, distribution: Distribution, elapsed: float) -> _Row:
        kept = [
            (value, weight)
            for value, weight in zip(distribution.values, distribution.weights, strict=True)
            if value > elapsed or elapsed == 0.0
        ]
        values = np.array([value - elapsed for value, _ in kept])
        weights = np.array([weight for _, weight in kept])
        cumulative = np.cumsum(weights / weights.sum())
        first = self._append_grid(np.concatenate([values, cumulative]))
        return quantiles.EMPIRICAL, (0.0, 0.0, 0.0), _unconditioned(), (first, len(kept))

    def _table(self, standard: Standard) -> _Place:
        """Where the table of a standard distribution lies in the grid; equal ones share one."""
        key = (standard.table, tuple(standard.shapes.values()))
        if key not in self._tables:
            table = quantile_table(*key)
            self._tables[key] = self._append_grid(table), table.size
        return self._tables[key]

    def _append_grid(self, values: Floats) -> int:
        first = self._grid_size
        self._grid.append(values)
        self._grid_size += values.size
        return first

    def distributions(self) -> Records:
        """One record for each distribution."""
        filled = records(DISTRIBUTION, len(self._rows))
        for names, part in zip(_FIELDS, zip(*self._rows, strict=True), strict=True):
            for name, values in zip(names, np.array(part).reshape(-1, len(names)).T, strict=True):
                filled[name] = values
        return filled

    def grid(self) -> Floats:
        """Tables and empirical values of all distributions, one after another."""
        return np.concatenate([*self._grid, np.zeros(1)])


def _unconditioned() -> tuple[float, ...]:
    return 0.0, 1.0, 0.0, -math.inf, math.inf, 0.0


def _condition(distribution: Distribution, elapsed: float) -> tuple[float, ...]:
    """(base, span, upper, minimum, maximum, shift) for truncation and time already spent.

    Where the mass begins above the median, probabilities are counted from the top, so that the
    conditional distribution keeps its precision however far out it lies. Whatever rounding does,
    a quantile stays in the support.
    """
    minimum, maximum = distribution.support()
    if elapsed > 0.0:
        minimum = max(minimum, elapsed)
    elif not distribution.is_truncated:
        return 0.0, 1.0, 0.0, minimum, maximum, 0.0
    low = distribution.below(minimum)
    if low <= 0.5:
        return low, distribution.below(maximum) - low, 0.0, minimum, maximum, elapsed
    above = distribution.above(maximum)
    return above, distribution.above(minimum) - above, 1.0, minimum, maximum, elapsed


def quantiles_at(distribution: Distribution, shares: Sequence[float] | Floats) -> Floats:
    """Quantiles of a distribution as the kernels draw them.

    Parameters
    ----------
    distribution : Distribution
    shares : sequence of float, (n,)
        In (0, 1).

    Returns
    -------
    ndarray, (n,)
    """
    shelf = Shelf()
    index = shelf.put(distribution)
    arrays, grid = shelf.distributions(), shelf.grid()
    found: Callable[..., float] = quantiles.quantile
    return np.array([found(arrays, grid, index, float(share)) for share in shares])
