"""What a stored result offers to those who report on it; `riskengine.store` fulfils it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from riskengine.figures.curves import CurveRow
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure
from riskengine.model.notices import Notice

if TYPE_CHECKING:
    import pyarrow as pa


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
