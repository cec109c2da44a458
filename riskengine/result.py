"""The result of a run as people use it in Python: frames, figures, a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.errors import UsageFault
from riskengine.figures.convergence import run_notices
from riskengine.figures.curves import curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Measured, check_losses
from riskengine.figures.metrics import figures
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario, check_scenario
from riskengine.model.spelling import Speller
from riskengine.reports.html.notebook import html_page_part
from riskengine.reports.run.headline import RunFacts, headline
from riskengine.store.columns import (
    TrialColumn,
    industry_columns,
    loss_columns,
    material_columns,
)
from riskengine.store.folder import WORKBOOK
from riskengine.store.provenance import Provenance, Stopwatch
from riskengine.store.results import save

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """What a run yields: one row a trial as frames, and every measure of them."""

    arrays: Losses  #: the same as arrays, and the scenario they belong to
    provenance: Provenance

    @property
    def scenario(self) -> Scenario:
        return self.arrays.scenario

    @property
    def losses(self) -> pd.DataFrame:
        """One row a trial: `trial`, `total`, `largest_spell`, `industry:<name>`, in money."""
        return _frame(loss_columns(self.arrays))

    @property
    def industries(self) -> pd.DataFrame:
        """One row a trial: components of loss in money, days lost, day of the first loss."""
        return _frame(industry_columns(self.arrays))

    @property
    def materials(self) -> pd.DataFrame:
        """One row a trial: attributed loss in money, days cut, days short, deepest level."""
        return _frame(material_columns(self.arrays))

    @property
    def episodes(self) -> pd.DataFrame:
        """One row a trial: `trial`, and for each dispute the number of episodes that began."""
        import pandas as pd

        frame = pd.DataFrame(self.arrays.episodes, columns=list(self.scenario.disputes))
        first = self.arrays.first_trial
        # A dispute may itself be called "trial".
        frame.insert(0, "trial", range(first, first + len(frame)), allow_duplicates=True)
        return frame

    def metrics(self) -> pd.DataFrame:
        """Every headline figure with its 95 % interval, as in `metrics.csv`.

        Raises
        ------
        RunFault
            If a loss is not finite or is negative.
        """
        import pandas as pd

        return pd.DataFrame(figures(evidence_of(self.arrays)))

    def curves(self) -> pd.DataFrame:
        """Exceedance curves, as in `curves.csv`."""
        import pandas as pd

        return pd.DataFrame(curves(evidence_of(self.arrays)))

    def notices(self) -> list[Notice]:
        """What to know before using the figures."""
        return run_notices(evidence_of(self.arrays))

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
            CSV files with byte-order mark and CRLF, for a double click in Excel.

        Raises
        ------
        UsageFault
            If something else stands there, or another process is writing to it.
        RunFault
            If it cannot be written; what was there before is intact.
        """
        from riskengine.replayed import replayed_files
        from riskengine.reports.run.workbook import workbook

        further = replayed_files(self.arrays, excel_csv=excel_csv)
        return save(
            self.arrays,
            folder,
            self.provenance,
            excel_csv=excel_csv,
            further=further,
            derived={WORKBOOK: workbook},
        )

    def __repr__(self) -> str:
        return (
            f"<Result of {self.scenario.run.title!r}: {self.arrays.trials:,} trials, "
            f"mean loss {self.mean():.3g} {self.scenario.run.money}>"
        )

    def _repr_html_(self) -> str:
        facts = RunFacts.of(self.arrays)
        return html_page_part(
            facts.title, headline(figures(evidence_of(self.arrays)), facts), self.notices()
        )

    def _loss(self, industry: str | None, material: str | None) -> Measured:
        evidence = evidence_of(self.arrays)
        if industry is not None and material is not None:
            raise UsageFault("give an industry or a material, not both")
        if industry is not None:
            return evidence.loss(
                INDUSTRY, _position("industry", industry, self.scenario.industries)
            )
        if material is not None:
            return evidence.loss(MATERIAL, _position("material", material, self.scenario.materials))
        return evidence.loss(TOTAL)


def simulate(
    model: Scenario,
    *,
    trials: int | None = None,
    seed: int | None = None,
    first_trial: int = 0,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    model : Scenario
        From `riskengine.load`.
    trials, seed : int, optional
        In place of those of the scenario.
    first_trial : int
        Number of the first trial; any range of trials gives the same losses as within a larger one.
    threads : int, optional
        How many processors to use; all when left out. The losses do not depend on it.
    progress : callable, optional
        Called with the number of trials finished.

    Raises
    ------
    TypeError
        If `model` is no scenario, for example the path of one.
    UsageFault
        If the sizes make no sense or do not fit in memory.
    RunFault
        If a trial cannot be computed, or has a loss that cannot be: names the trial.
    """
    from riskengine.play.simulate import simulate as run_trials

    check_scenario(model)
    watch = Stopwatch.start()
    losses = run_trials(
        model, trials=trials, seed=seed, first_trial=first_trial, threads=threads, progress=progress
    )
    check_losses(losses)
    return Result(losses, watch.stop(options={"threads": threads}))


def _frame(columns: Iterable[TrialColumn]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({each.name: each.values for each in columns})


def _check_level(level: float) -> None:
    if 0.0 <= level < 1.0:
        return
    hint = f"; did you mean {level / 100.0:g}?" if 1.0 < level < 100.0 else ""
    raise UsageFault(f"a confidence level is at least 0 and below 1, not {level:g}{hint}")


def _position(kind: str, name: str, names: Mapping[str, object]) -> int:
    known = list(names)
    if name in known:
        return known.index(name)
    hint = Speller().suggest(name, known)
    raise UsageFault(f'there is no {kind} "{name}"' + (f"; {hint}" if hint else ""))
