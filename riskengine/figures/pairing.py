"""Whether two runs share their draws: a trial number then means the same draws in both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskengine.figures.evidence import COMPONENTS, Series
from riskengine.figures.metrics import Figure, confidence_levels
from riskengine.measures.sample import Sample
from riskengine.measures.tail import quantile_rank
from riskengine.model.confidence import level_text
from riskengine.model.notices import Notice

_FEW = 20  #: differing trials below which the error of a difference is itself unreliable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One of two runs that are compared."""

    seed: int
    first_trial: int
    trials: int
    horizon_days: float
    money: str
    figures: Sequence[Figure]  #: as in `metrics.csv`
    series: Mapping[str, Series]  #: the columns of the trial-level files, each (trials,); none if
    #: the trials are not a plain sample

    def within(self, first: int, count: int) -> Side:
        """The same run, reduced to a range of its trials."""
        start = first - self.first_trial
        cut = {name: series[start : start + count] for name, series in self.series.items()}
        return replace(self, series=cut, first_trial=first, trials=count)

    @property
    def levels(self) -> list[float]:
        """The confidence levels of its figures, ascending."""
        return confidence_levels(self.figures)

    def column(self, name: str) -> Series | None:
        """One series; for a component without an industry, the sum over industries."""
        if name.removesuffix(":") not in COMPONENTS or not self.series:
            return self.series.get(name)
        parts = [values for key, values in self.series.items() if key.startswith(name)]
        total: Series = np.sum(parts, axis=0) if parts else np.zeros(self.trials)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Whether figures are compared trial by trial, and why."""

    paired: bool
    reason: str  #: a sentence
    first_trial: int = 0
    trials: int = 0  #: number of trials that both have; 0 if not paired
    same: int = 0  #: trials with exactly the same loss in both
    correlation: float = math.nan  #: between the two total losses


def pairing(a: Side, b: Side, unpaired: str = "") -> Pairing:
    """Find the trials whose draws two runs share.

    Parameters
    ----------
    a, b : Side
    unpaired : str
        A sentence that says why the trials are not to be paired, whatever they share; empty for
        trials that may be.
    """
    if unpaired:
        return Pairing(paired=False, reason=unpaired)
    if not (a.series and b.series):
        return Pairing(
            paired=False,
            reason="Not paired: the trials of a run with run.sampling, run.tilt or run.given_onset "
            "are no plain sample. Figures are compared by their own intervals, as if independent.",
        )
    if a.seed != b.seed:
        return Pairing(
            paired=False,
            reason=f"Not paired: the seeds differ ({a.seed} and {b.seed}), so the draws are "
            "independent of each other. The same seed for both gives narrower intervals.",
        )
    first = max(a.first_trial, b.first_trial)
    count = min(a.first_trial + a.trials, b.first_trial + b.trials) - first
    if count <= 0:
        return Pairing(
            paired=False,
            reason=f"Not paired: both have seed {a.seed}, but no trial in common ({_range(a)} and "
            f"{_range(b)}), so the draws are independent of each other.",
        )
    losses = [side.within(first, count).series["total"] for side in (a, b)]
    return Pairing(
        paired=True,
        reason=f"Paired by trial: both have seed {a.seed} and the {count:,} trials "
        f"{_range(a.within(first, count))}, so the same trial has the same draws in both.",
        first_trial=first,
        trials=count,
        same=int(np.count_nonzero(losses[0] == losses[1])),
        correlation=_correlation(*losses),
    )


def common_levels(a: Side, b: Side) -> list[float]:
    """The confidence levels at which both runs have figures, ascending."""
    return [level for level in a.levels if level in b.levels]


def pairing_notices(a: Side, b: Side, found: Pairing) -> Iterator[Notice]:
    """What limits the comparison of two runs."""
    if a.horizon_days != b.horizon_days:
        shared = "The draws are shared all the same, but the" if found.paired else "The"
        yield Notice(
            code="horizons-differ",
            message=f"The horizons differ: A covers {a.horizon_days:g} days and B "
            f"{b.horizon_days:g}. {shared} money is lost over different lengths of time.",
        )
    yield from _different_levels(a, b)
    if found.paired and found.trials < max(a.trials, b.trials):
        yield Notice(
            code="common-trials-only",
            message=f"A has trials {_range(a)} and B {_range(b)}: all figures are of the "
            f"{found.trials:,} common ones, and so may differ from those of either run alone. "
            "Figures that are not kept by trial (episodes) are of the whole runs.",
        )
    if found.paired:
        yield from _few_differences(*(s.within(found.first_trial, found.trials) for s in (a, b)))


def _different_levels(a: Side, b: Side) -> Iterator[Notice]:
    if a.levels == b.levels:
        return
    common = common_levels(a, b)
    compared = f"are compared at {_listed(common)} only" if common else "cannot be compared"
    yield Notice(
        code="levels-differ",
        message=f"The confidence levels differ: A has {_listed(a.levels)} and B "
        f"{_listed(b.levels)}. VaR and TVaR {compared}; the same run.levels in both gives the "
        "others, too.",
    )


def _listed(levels: Sequence[float]) -> str:
    return ", ".join(map(level_text, levels)) or "none"


def _few_differences(a: Side, b: Side) -> Iterator[Notice]:
    first, second = a.series["total"], b.series["total"]
    differ = first != second
    thin = []
    for level in common_levels(a, b):
        ends = [Sample.of(s).values[quantile_rank(len(s), level) - 1] for s in (first, second)]
        count = np.count_nonzero(differ & ((first > ends[0]) | (second > ends[1])))
        if 0 < count < _FEW:
            thin.append(level_text(level))
    if thin:
        yield Notice(
            code="few-differences",
            message=f"Fewer than {_FEW} of the trials beyond VaR at {', '.join(thin)} differ in "
            "their total loss: the intervals of those differences may be too narrow.",
        )


def _range(side: Side) -> str:
    return f"{side.first_trial:,} to {side.first_trial + side.trials - 1:,}"


def _correlation(first: Series, second: Series) -> float:
    if np.array_equal(first, second):
        return 1.0
    around = [series - np.mean(series) for series in (first, second)]
    scale = math.sqrt(float(np.sum(around[0] ** 2)) * float(np.sum(around[1] ** 2)))
    return float(np.sum(around[0] * around[1])) / scale if scale > 0.0 else math.nan
