"""The result of a run in Python: frames, figures, plots, a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.config.layers.origin import path_of
from riskengine.errors import UsageFault
from riskengine.figures.buyers import BuyerRow
from riskengine.figures.convergence import run_notices
from riskengine.figures.curves import CurveRow, curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.distribution import BinRow, PercentileRow, histogram, percentiles
from riskengine.figures.evidence import INDUSTRY, TOTAL, Evidence, Measured
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure, figures
from riskengine.figures.subjects import subject_of
from riskengine.frames import columns_frame, rows_frame
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.reports.html.parts import notebook_part
from riskengine.reports.run.stored import RunFacts, RunFigures
from riskengine.reports.run.tables import headline
from riskengine.store.columns import (
    industry_columns,
    loss_columns,
    material_columns,
    pool_columns,
    survival_columns,
)
from riskengine.store.folder import MARK, WORKBOOK, mark_of
from riskengine.store.provenance import Provenance
from riskengine.store.results import save

if TYPE_CHECKING:
    import pandas as pd

    from riskengine.plots import Plots


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """The result of a run: frames with one row per trial, and every measure of them.

    Frames have the names and columns of the files of a results folder (`docs/results.md`).
    Each access makes a new frame, which may be changed.

    Examples
    --------
    >>> import riskengine
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> result = riskengine.simulate(scenario, trials=1000)
    >>> result.losses.columns.tolist()
    ['trial', 'total', 'largest_spell', 'industry:automobile']
    >>> result.var(0.99) in result.losses["total"].values
    True
    """

    arrays: Losses  #: the same as arrays, and the scenario they belong to
    provenance: Provenance

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self.arrays.scenario

    @property
    def losses(self) -> pd.DataFrame:
        """One row per trial: `trial`, `total`, `largest_spell`, `industry:<name>`, in money."""
        return columns_frame(loss_columns(self.arrays))

    @property
    def industries(self) -> pd.DataFrame:
        """One row per trial: components of loss in money, days lost, day of the first loss."""
        return columns_frame(industry_columns(self.arrays))

    @property
    def materials(self) -> pd.DataFrame:
        """One row per trial: attributed loss in money, days cut, days short, deepest level."""
        return columns_frame(material_columns(self.arrays))

    @property
    def survival(self) -> pd.DataFrame:
        """One row per trial: days from the start of a spell to the first lost output, or nan."""
        return columns_frame(survival_columns(self.arrays))

    @property
    def pools(self) -> pd.DataFrame:
        """One row per trial: days on which each pool is contested, and what it grants."""
        return columns_frame(pool_columns(self.arrays))

    @property
    def episodes(self) -> pd.DataFrame:
        """One row per trial: `trial`, and for each dispute the number of episodes that began."""
        import pandas as pd

        frame = pd.DataFrame(self.arrays.episodes, columns=list(self.scenario.disputes))
        first = self.arrays.first_trial
        # A dispute may itself be called "trial".
        frame.insert(0, "trial", range(first, first + len(frame)), allow_duplicates=True)
        return frame

    @property
    def metrics(self) -> pd.DataFrame:
        """Every headline figure with its 95 % interval: the rows of `metrics.csv`."""
        return rows_frame(Figure, self._figures)

    @property
    def curves(self) -> pd.DataFrame:
        """Exceedance curves: loss in money by return period in years, the rows of `curves.csv`."""
        return rows_frame(CurveRow, self._curves)

    @property
    def percentiles(self) -> pd.DataFrame:
        """The total loss that 0, 5, 10 ... 100 % of the trials do not exceed, and its interval."""
        return rows_frame(PercentileRow, percentiles(self._evidence))

    @property
    def histogram(self) -> pd.DataFrame:
        """The trials by their total loss: none, and more than `low` up to `high`."""
        return rows_frame(BinRow, histogram(self._evidence))

    @property
    def timeline(self) -> pd.DataFrame:
        """Lost supply by day as shares of demand, over trials: the rows of `timeline.csv`.

        The first access plays some trials again.
        """
        return rows_frame(FanRow, self._fan)

    @property
    def buyers(self) -> pd.DataFrame:
        """What each buyer of a pool asks for and is granted on average: the rows of `buyers.csv`.

        Each access plays some trials again.
        """
        from riskengine.play.buyers import buyer_rows

        return rows_frame(BuyerRow, buyer_rows(self.arrays))

    @property
    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        return run_notices(self._evidence)

    @property
    def plot(self) -> Plots:
        """Plots of the result: `curve()`, `fan()` and `losses()`."""
        from riskengine.plots import Plots

        return Plots(self)

    @cached_property
    def _evidence(self) -> Evidence:
        return evidence_of(self.arrays)

    @cached_property
    def _figures(self) -> list[Figure]:
        return figures(self._evidence)

    @cached_property
    def _curves(self) -> list[CurveRow]:
        return curves(self._evidence)

    @cached_property
    def _fan(self) -> list[FanRow]:
        from riskengine.play.fan import supply_fan

        return supply_fan(self.arrays)

    def var(self, level: float, industry: str | None = None, material: str | None = None) -> float:
        """Value at risk of the total, of an industry, or of what is attributed to a material.

        Parameters
        ----------
        level : float
            Confidence level, at least 0 and below 1: 0.99, not 99.
        industry, material : str, optional
            Whose loss; the total when neither is given.

        Raises
        ------
        UsageFault
            If the level is out of range, or there is no such industry or material.
        """
        _check_level(level)
        return self._loss(industry, material).quantiles.var(level).value

    def tvar(self, level: float, industry: str | None = None, material: str | None = None) -> float:
        """Mean of the worst `1 - level` of the trials; parameters as for `var`."""
        _check_level(level)
        return self._loss(industry, material).quantiles.tvar(level).value

    def mean(self, industry: str | None = None, material: str | None = None) -> float:
        """Mean loss; parameters as for `var`."""
        return self._loss(industry, material).mean.value

    def save(self, folder: str | os.PathLike[str], *, excel_csv: bool = False) -> Path:
        """Write the results folder, whole or not at all, and return its path.

        Parameters
        ----------
        folder : path
            Results of an earlier run in it are replaced; anything else is refused.
        excel_csv : bool
            CSV files with byte-order mark and CRLF, so that a double click opens them in Excel.

        Raises
        ------
        UsageFault
            If the path holds something else, or another process is writing to it.
        RunFault
            If it cannot be written; what was there before is intact.
        """
        from riskengine.replayed import replayed_files
        from riskengine.reports.run.workbook import workbook

        options = {**self.provenance.options, "excel_csv": int(excel_csv)}
        if (path := path_of(self.scenario)) is not None:
            options[MARK] = mark_of(path, folder)
        return save(
            self.arrays,
            folder,
            replace(self.provenance, options=options),
            excel_csv=excel_csv,
            further=partial(replayed_files, excel_csv=excel_csv),
            derived={WORKBOOK: workbook},
        )

    def __repr__(self) -> str:
        return (
            f"<Result of {self.scenario.run.title!r}: {self.arrays.trials:,} trials, "
            f"mean loss {self.mean():.3g} {self.scenario.run.money}>"
        )

    def _repr_html_(self) -> str:
        run = RunFigures(RunFacts.of(self.arrays), self._figures, self.scenario.pools)
        return notebook_part(run.facts.title, headline(run), self.notices)

    def _loss(self, industry: str | None, material: str | None) -> Measured:
        scope, name = subject_of(self.scenario, industry, material)
        if scope == TOTAL:
            return self._evidence.loss(TOTAL)
        names = self.scenario.industries if scope == INDUSTRY else self.scenario.materials
        return self._evidence.loss(scope, list(names).index(name))


def _check_level(level: float) -> None:
    if 0.0 <= level < 1.0:
        return
    hint = f"; did you mean {level / 100.0:g}?" if 1.0 < level < 100.0 else ""
    raise UsageFault(f"a confidence level is at least 0 and below 1, not {level:g}{hint}")
