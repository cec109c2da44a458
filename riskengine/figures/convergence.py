"""Notices about a run: where its trials are too few to carry the figures."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.figures.evidence import TOTAL, Evidence
from riskengine.measures.binned import BIN_ERROR
from riskengine.measures.curves import (
    DAYS_PER_YEAR,
    MIN_EXCEEDANCES,
    RETURN_PERIODS,
    is_supported,
)
from riskengine.measures.tail import LEVELS
from riskengine.model.notices import Notice, scenario_notices

_LARGE_SHARE = 0.1  #: of the mean, from one trial: the standard error is then itself unreliable


def run_notices(evidence: Evidence) -> list[Notice]:
    """What a reader of the results should know: about the trials, then about the scenario."""
    return [
        *_sample_size(evidence),
        *_tail(evidence),
        *_curve_end(evidence),
        *_loss(evidence),
        *_bins(evidence),
        *scenario_notices(evidence.scenario),
    ]


def _sample_size(evidence: Evidence) -> Iterator[Notice]:
    if evidence.trials == 1:
        yield Notice(
            code="one-trial",
            message="One trial has no standard deviation, and its intervals say next to nothing.",
        )


def _tail(evidence: Evidence) -> Iterator[Notice]:
    thin = [level for level in LEVELS if not is_supported(evidence.trials, 1.0 - level)]
    if thin:
        levels = ", ".join(f"{100.0 * level:g} %" for level in thin)
        needed = MIN_EXCEEDANCES / (1.0 - thin[-1])
        yield Notice(
            code="thin-tail",
            message=f"Fewer than {MIN_EXCEEDANCES} of the {evidence.trials:,} trials lie in the "
            f"tail at {levels}: read those figures with care, or run {needed:,.0f} trials.",
        )


def _curve_end(evidence: Evidence) -> Iterator[Notice]:
    years = evidence.horizon_days / DAYS_PER_YEAR
    left_out = [
        p for p in RETURN_PERIODS if years < p and not is_supported(evidence.trials, years / p)
    ]
    if left_out:
        needed = MIN_EXCEEDANCES * RETURN_PERIODS[-1] / years
        yield Notice(
            code="curve-truncated",
            message=f"The exceedance curves end before {left_out[0]:,} years: beyond that they "
            f"would rest on fewer than {MIN_EXCEEDANCES} trials. {needed:,.0f} trials carry them "
            f"to {RETURN_PERIODS[-1]:,} years.",
        )


def _loss(evidence: Evidence) -> Iterator[Notice]:
    loss = evidence.loss(TOTAL)
    largest, total = loss.largest, loss.mean.value * evidence.trials
    if largest <= 0.0:
        yield Notice(
            code="no-loss",
            message=f"None of the {evidence.trials:,} trials has a loss: all figures are 0, which "
            "does not show that the risk is.",
        )
    elif evidence.trials > 1 / _LARGE_SHARE and largest > _LARGE_SHARE * total:
        yield Notice(
            code="dominant-trial",
            message=f"One trial makes up {100.0 * largest / total:.0f} % of the mean loss: "
            "its interval is too narrow; run more trials.",
        )


def _bins(evidence: Evidence) -> Iterator[Notice]:
    levels = evidence.binned_levels()
    if levels:
        shown = ", ".join(f"{100.0 * level:g} %" for level in levels)
        yield Notice(
            code="binned-quantiles",
            message=f"So many trials are counted in narrow bins of loss: VaR and TVaR at {shown} "
            f"are within {100.0 * BIN_ERROR:.2g} % of what the losses themselves give. Higher "
            "levels are exact.",
        )
