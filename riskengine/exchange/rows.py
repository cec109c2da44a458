"""Summaries as rows of the tables of Open Results Data, in version 1 form.

Exceedance curves follow the rank convention of the catastrophe market.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.exchange.summaries import Floats, LossSummary
from riskengine.exchange.tables import EP_METHODS, EP_TYPES, EPT_CI, SUMMARY_INFO, TABLES
from riskengine.measures.curves import MIN_EXCEEDANCES, RETURN_PERIODS
from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, sd
from riskengine.measures.sample import Sample
from riskengine.measures.tail import tvar, tvar_error, var

if TYPE_CHECKING:
    import pyarrow as pa

S_FULL, OEP, AEP, SAMPLE = 2, 1, 3, 2  #: codes of version 1
_TVAR = 1  #: added to the code of a curve, gives the code of its tail means
_NO_DATE = date(1, 1, 1)  #: day 0 of a run without a valuation date: years count from 1


def day_0(manifest: Mapping[str, Any]) -> date | None:
    """The date of time 0; None for a run without a valuation date."""
    given = manifest["config"].get("run", {}).get("valuation_date")
    return date.fromisoformat(given) if given else None


def curves_of(summary: LossSummary) -> Iterator[tuple[int, Floats]]:
    """Code and losses of each curve; only the total has a curve of the largest spells (OEP)."""
    if summary.largest is not None:
        yield OEP, summary.largest
    yield AEP, summary.losses


def ept_rows(summary: LossSummary) -> pa.Table:
    """Losses at return periods, and tail means, of every curve of a summary."""
    kinds: list[int] = []
    periods: list[float] = []
    losses: list[float] = []
    for kind, series in curves_of(summary):
        points = curve_points(series, RETURN_PERIODS)
        kinds += [kind] * len(points) + [kind + _TVAR] * len(points)
        periods += [point.return_period for point in points] * 2
        losses += [point.loss for point in points] + [point.tail_mean for point in points]
    size = len(kinds)
    return TABLES["ept", 1].rows(
        {
            "SummaryId": [summary.id] * size,
            "EPCalc": [S_FULL] * size,
            "EPType": kinds,
            "ReturnPeriod": periods,
            "Loss": losses,
        }
    )


def palt_rows(summary: LossSummary) -> pa.Table:
    """Mean and standard deviation (n - 1) of the loss of a period."""
    return TABLES["palt", 1].rows(
        {
            "SummaryId": [summary.id],
            "SampleType": [SAMPLE],
            "MeanLoss": [float(np.mean(summary.losses))],
            "SDLoss": [sd(Sample.of(summary.losses)).value],
        }
    )


def splt_rows(summary: LossSummary, manifest: Mapping[str, Any]) -> pa.Table:
    """Every loss above zero by period, which is a trial of the run, and occurrence."""
    row, event, loss = _occurrences(summary)
    days = summary.first_day[row]
    year, month, day = _dates(days, day_0(manifest) or _NO_DATE)
    midnight = np.where(np.isnan(days), np.nan, 0.0)
    return TABLES["splt", 1].rows(
        {
            "Period": manifest["first_trial"] + row + 1,
            "PeriodWeight": np.full(len(row), 1.0 / manifest["trials"]),
            "EventId": event,
            "Year": year,
            "Month": month,
            "Day": day,
            "Hour": midnight,
            "Minute": midnight,
            "SummaryId": np.full(len(row), summary.id),
            "SampleId": np.ones(len(row)),
            "Loss": loss,
            "ImpactedExposure": summary.exposure[row],
        }
    )


def _occurrences(summary: LossSummary) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Row of the trial, number of the occurrence within the trial, and loss of the occurrence."""
    hit = np.flatnonzero(summary.losses > 0.0)
    parts = summary.parts[hit]
    if summary.largest is None:
        return hit, np.where(parts > 0, 0, 1), summary.losses[hit]
    row = np.repeat(hit, 1 + parts)
    event = np.arange(len(row)) - np.repeat(np.cumsum(1 + parts) - (1 + parts), 1 + parts) + 1
    parts, largest, total = summary.parts[row], summary.largest[row], summary.losses[row]
    first = np.where(parts > 0, largest, total)
    return row, event, np.where(event == 1, first, (total - largest) / np.maximum(parts, 1))


def _dates(days: Floats, start: date) -> tuple[Floats, Floats, Floats]:
    """Year, month and day of the month, from days since day 0; nan where the day is nan."""
    known = ~np.isnan(days)
    dates = np.datetime64(start, "D") + np.floor(days[known]).astype("timedelta64[D]")
    months = dates.astype("datetime64[M]")
    parts = (
        dates.astype("datetime64[Y]").astype(np.int64) + 1970,
        months.astype(np.int64) % 12 + 1,
        (dates - months.astype("datetime64[D]")).astype(np.int64) + 1,
    )
    year, month, day = (np.full(len(days), np.nan) for _ in parts)
    for series, part in zip((year, month, day), parts, strict=True):
        series[known] = part
    return year, month, day


def info_rows(summary: LossSummary, money: str) -> pa.Table:
    """What a SummaryId stands for."""
    return SUMMARY_INFO.rows(
        {
            "SummaryId": [summary.id],
            "Material": [summary.material],
            "Exporter": [""],
            "Industry": [summary.industry],
            "Tier": [""],
            "Currency": [money],
            "BaselineValue": [summary.baseline],
        }
    )


def ept_ci_rows(summary: LossSummary) -> pa.Table:
    """The points of the curves again, with their 95 % intervals."""
    rows = [row for kind, series in curves_of(summary) for row in _ci_rows(kind, Sample.of(series))]
    values = {name: [row[name] for row in rows] for name in EPT_CI.header if name != "SummaryId"}
    return EPT_CI.rows({"SummaryId": [summary.id] * len(rows), **values})


def _ci_rows(kind: int, sample: Sample) -> Iterator[dict[str, Any]]:
    chance = chance_above(sample)
    for point in curve_points(sample.values, RETURN_PERIODS):
        level = 1.0 - 1.0 / point.return_period
        shared = {
            "EPMethod": EP_METHODS[S_FULL],
            "ReturnPeriod": point.return_period,
            "NPeriods": len(sample),
            "NTail": len(sample.above(point.loss)),
            "QuantileMethod": "rank N/i, linear in ReturnPeriod",
            "Flag": _flag(point.return_period, len(sample), chance),
            "ChanceOfLoss": chance.value,
        }
        quantile, tail = var(sample, level), tvar(sample, level)
        yield shared | {
            "EPType": EP_TYPES[kind],
            "Loss": point.loss,
            "LowerCI": quantile.lower,
            "UpperCI": quantile.upper,
            "StandardError": np.nan,
            "CIMethod": "order statistics",
        }
        yield shared | {
            "EPType": EP_TYPES[kind + _TVAR],
            "Loss": point.tail_mean,
            "LowerCI": tail.lower,
            "UpperCI": tail.upper,
            "StandardError": tvar_error(sample, level),
            "CIMethod": "asymptotic variance; exact binomial where few trials carry it",
        }


def _flag(return_period: float, trials: int, chance: Estimate) -> str:
    """A warning about a point; empty if there is none."""
    if chance.lower <= 1.0 / return_period <= chance.upper:
        return "cliff"
    return "thin-tail" if trials / return_period < MIN_EXCEEDANCES else ""


# Curves


class OrdPoint(NamedTuple):
    """One return period of a curve, with the mean of the tail beyond it."""

    return_period: float  #: in periods
    loss: float
    tail_mean: float


def curve_points(losses: Floats, return_periods: Iterable[float]) -> list[OrdPoint]:
    """Losses and tail means at return periods, longest first.

    Parameters
    ----------
    losses : ndarray, (n,) of float64
        Loss of every period, including periods without a loss.
    return_periods : iterable of float
        In periods, at least 1. A return period above n has no point: nothing is extrapolated.

    Notes
    -----
    The i-th largest loss has return period n / i; ties are ranked one after the other. Between two
    ranks the loss is linear in the return period. Between the last rank with a loss and the first
    rank without one, there is nothing to interpolate to, and the loss is 0. The tail mean at T is
    the mean of all losses ranked above T and of the loss at T. Each point depends on the losses
    alone, not on the other return periods asked for. OasisLMF 2.5.5 differs: it folds every
    requested return period between two ranks into the tail means that follow it.
    """
    ordered = np.sort(losses)[::-1]
    above = np.concatenate(([0.0], np.cumsum(ordered)))
    n = len(ordered)
    points = []
    for period in sorted(set(return_periods), reverse=True):
        if period <= n:
            rank = _first_rank(n, period)
            loss = _interpolated(ordered, rank, period)
            points.append(OrdPoint(float(period), loss, (float(above[rank - 1]) + loss) / rank))
    return points


def _first_rank(n: int, period: float) -> int:
    """The first rank whose return period n / i is not longer than `period`."""
    rank = math.ceil(n / period)
    was_rounded_up = rank > 1 and n / (rank - 1) <= period
    return rank - 1 if was_rounded_up else rank


def _interpolated(ordered: Floats, rank: int, period: float) -> float:
    n, loss = len(ordered), float(ordered[rank - 1])
    here = n / rank
    if loss == 0.0 or here == period:
        return loss
    before, higher = n / (rank - 1), float(ordered[rank - 2])
    return (period - here) * (higher - loss) / (before - here) + loss
