"""The figures of a run: computed once, and as the small files of its folder give them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from riskengine.figures.buyers import BuyerRow
from riskengine.figures.convergence import run_notices
from riskengine.figures.curves import CurveRow, curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.distribution import BinRow, PercentileRow, histogram, percentiles
from riskengine.figures.evidence import Evidence, Series
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure, figures
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a run."""

    figures: list[Figure]
    curves: list[CurveRow]
    percentiles: list[PercentileRow]
    histogram: list[BinRow]
    notices: list[Notice]


def summarise(losses: Losses) -> Summary:
    """Compute all measures of a run, once.

    Raises
    ------
    RunFault
        If a loss is not finite or is negative.
    """
    return summary_of(evidence_of(losses))


def summary_of(evidence: Evidence) -> Summary:
    """Compute all measures from the evidence of a run."""
    return Summary(
        figures=figures(evidence),
        curves=curves(evidence),
        percentiles=percentiles(evidence),
        histogram=histogram(evidence),
        notices=run_notices(evidence),
    )


class Stored(Protocol):
    """A results folder as it is read; `riskengine.store` implements it.

    Reading simulates nothing, and uses neither the clock nor the screen.
    """

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The run and its resolved config; `files` lists the other files of the folder."""

    @property
    def scenario(self) -> Scenario:
        """That of the resolved config."""

    def figures(self) -> Sequence[Figure]:
        """The rows of `metrics.csv`."""

    def curves(self) -> Sequence[CurveRow]:
        """The rows of `curves.csv`."""

    def percentiles(self) -> Sequence[PercentileRow]:
        """The rows of `percentiles.csv`; none in a folder without it."""

    def histogram(self) -> Sequence[BinRow]:
        """The rows of `histogram.csv`; none in a folder without it."""

    def fan(self) -> Sequence[FanRow]:
        """The rows of `timeline.csv`; none in a folder without it."""

    def buyers(self) -> Sequence[BuyerRow]:
        """The rows of `buyers.csv`; none in a folder without it."""

    def stories(self) -> Sequence[Mapping[str, Any]]:
        """The stories of `stories.json`; none in a folder without it."""

    def notices(self) -> Sequence[Notice]:
        """What a reader should know about the run."""

    def series(self, name: str, *kinds: str) -> Mapping[str, Series]:
        """Columns of a file by trial, such as `losses.parquet`; nan for missing values.

        At least those of the given kinds, such as `cut_days` for `cut_days:<material>`.
        """


def named_columns(columns: Mapping[str, Series], kind: str) -> dict[str, Series]:
    """The columns `kind:<name>` of a file by trial; a name may contain colons."""
    split = {column: column.partition(":") for column in columns}
    return {
        name: columns[column]
        for column, (found, colon, name) in split.items()
        if found == kind and colon
    }
