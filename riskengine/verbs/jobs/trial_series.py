"""The losses of a finished run by trial, read from its files when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from riskengine.figures.evidence import Series
from riskengine.store.columns import LOSSES, MATERIALS, WEIGHT, expected_columns
from riskengine.store.results import StoredResults


class TrialSeries(Mapping[str, Series]):
    """The columns of a run that a mixture takes: `total`, `industry:NAME`, `loss:NAME` and so on.

    Each file is read again and checked for every few columns, and only these stay in memory. So
    the columns of many runs can be used side by side, one after the other.

    Parameters
    ----------
    stored : StoredResults
    most_bytes : int
        Of the columns that are kept at a time; at least one is.
    """

    def __init__(self, stored: StoredResults, most_bytes: int) -> None:
        self._stored = stored
        self._most = max(1, most_bytes // (8 * max(1, stored.manifest["trials"])))
        named = expected_columns(stored.scenario)
        weighted = stored.scenario.run.is_weighted
        self._files = {
            column.name: file
            for file in (LOSSES, MATERIALS)
            for column in named[file]
            if column.name.partition(":")[0] in ("total", "largest_spell", "industry", "loss")
            or (column.name == WEIGHT and weighted)
        }
        self._held: dict[str, Series] = {}

    def __getitem__(self, column: str) -> Series:
        """
        Raises
        ------
        KeyError
            If the run has no such column.
        ResultsFault
            If not every trial was kept, or the file is damaged.
        """
        file = self._files[column]
        if column not in self._held:
            names = [each for each, of in self._files.items() if of == file]
            first = names.index(column)
            wanted = names[first : first + self._most]
            found = self._stored.series(file, *wanted)
            self._held = {
                each: np.ascontiguousarray(found[each], dtype=np.float64) for each in wanted
            }
        return self._held[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
