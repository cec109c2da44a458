"""What a stored result offers to those who report on it; `riskengine.store` fulfils it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from riskengine.figures.curves import CurveRow
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure
from riskengine.model.notices import Notice

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


class Stored(Protocol):
    """A results folder as reports read it: nothing is simulated, no clock and no screen."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The run and its resolved config; `files` names what else there is."""

    def figures(self) -> Sequence[Figure]:
        """The rows of `metrics.csv`."""

    def curves(self) -> Sequence[CurveRow]:
        """The rows of `curves.csv`."""

    def fan(self) -> Sequence[FanRow]:
        """The rows of `timeline.csv`; none in a folder without it."""

    def stories(self) -> Sequence[Mapping[str, Any]]:
        """The stories of `stories.json`; none in a folder without it."""

    def notices(self) -> Sequence[Notice]:
        """What a reader should know about the run."""

    def table(self, name: str) -> pa.Table:
        """A file by trial, such as `losses.parquet`."""


MOST_ROWS = 500_000  #: that a report reads of one file
NO_ROWS = (
    "Not shown: this takes one row a trial, all independent and of the same weight, which these "
    "results do not hold or hold too many of."
)


def has_rows(manifest: Mapping[str, Any]) -> bool:
    """Whether the results hold a row of every trial of a plain sample, and no more than is read."""
    is_all = manifest.get("keep", "all") == "all" and "sampling" not in manifest
    return is_all and int(manifest["trials"]) <= MOST_ROWS


def named_columns(table: pa.Table, kind: str) -> dict[str, NDArray[np.float64]]:
    """The columns `kind:<name>` of a trial-level file by name; a name may itself hold a colon."""
    split = [column.partition(":") for column in table.column_names]
    return {
        name: table.column(position).to_numpy()
        for position, (found, colon, name) in enumerate(split)
        if found == kind and colon
    }
