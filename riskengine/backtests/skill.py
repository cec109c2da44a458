"""Scores of the model and of naive forecasters: by outcome, and over all outcomes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.backtests.cases import Case, Outcome
from riskengine.backtests.naive import FORECASTERS, naive_forecast
from riskengine.backtests.quantities import Quantity
from riskengine.backtests.scoring import BY_SUBJECT, KINDS, Score
from riskengine.measures.percentiles import binomial_share, central, in_order, quantile
from riskengine.measures.proper import crps, interval_score, merged_within

MODEL, ALL = "model", "all"
SHARE = 0.9  #: of the interval that is scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The scores of one forecast of one observed outcome: a row of `scores.csv`.

    A day that does not come within the horizon is `inf` here and empty in the file.
    """

    case: str
    name: str  #: of the outcome
    quantity: str  #: what the outcome is about
    unit: str
    known: str  #: two-sided or one-sided
    outcome_text: str  #: the outcome in words
    forecaster: str  #: model, constant duration or today's level
    forecast: float  #: the median
    low_90: float  #: lower end of the 90 % interval; empty if not within the time played
    high_90: float  #: its upper end
    crps: float  #: in the unit, smaller is better; up to what is known about the outcome
    interval_score: float  #: of the 90 % interval, likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """The model against a naive forecaster: a row of `skill.csv`.

    Scores are means over the outcomes that both forecast, in the unit of the outcomes.
    """

    group: str  #: all, or what the outcomes are about, as in summary.csv
    known: str  #: all, two-sided or one-sided
    unit: str
    forecaster: str  #: the naive one
    outcomes: int  #: how many
    cases: int  #: how many
    crps: float  #: of the model: its mean over the outcomes that both forecast
    crps_naive: float  #: of the naive forecaster
    crps_skill: float  #: 1 - model / naive: above 0 if the model is better; nan if naive is 0
    interval_score: float  #: of the model
    interval_score_naive: float  #: of the naive forecaster
    interval_skill: float  #: 1 - model / naive
    better: int  #: cases in which the model has the lower mean CRPS
    decided: int  #: cases in which the two differ
    share: float  #: better / decided; nan if none is decided
    lower: float  #: exact 95 % interval of the share (sign test)
    upper: float


def rate(
    case: Case, outcome: Outcome, quantity: Quantity, values: NDArray[np.float64], score: Score
) -> Iterator[Rating]:
    """The scores of the model and of every naive forecaster that forecasts the quantity.

    Parameters
    ----------
    case, outcome, quantity
    values : ndarray, (n,)
        One value per trial; `inf` for a day that does not come.
    score : Score
        The score of the same outcome.
    """
    forecasts = {MODEL: in_order(values)}
    for forecaster in FORECASTERS:
        said = naive_forecast(forecaster, case, quantity)
        if said is not None:
            forecasts[forecaster] = np.array([said])
    latest = case.scenario.run.horizon_days if quantity.figure.is_day else math.inf
    low, high = min(outcome.seen.low, latest), outcome.seen.high
    for forecaster, ordered in forecasts.items():
        # A forecast does not distinguish days after the end of the simulated time.
        seen = merged_within(np.minimum(ordered, latest), low, high)
        interval = central(ordered, SHARE)
        yield Rating(
            case=case.name,
            name=outcome.name,
            quantity=quantity.text,
            unit=score.unit,
            known=score.known,
            outcome_text=score.outcome_text,
            forecaster=forecaster,
            forecast=quantile(ordered, 0.5),
            low_90=interval.low,
            high_90=interval.high,
            crps=crps(seen, low),
            interval_score=interval_score(central(seen, SHARE), low, SHARE),
        )


def skills(ratings: Sequence[Rating]) -> list[Skill]:
    """The model against each naive forecaster: over all outcomes, and over groups of them.

    Outcomes are grouped by subject, which was known before, and by whether they are two-sided or
    one-sided. The second grouping is not a fair comparison, because it depends on what happened
    (the forecaster's dilemma, Lerch et al. 2017): outcomes are one-sided if nothing had happened
    yet, which is what today's level always predicts.
    """
    groups: dict[str, Callable[[str], bool]] = {ALL: lambda quantity: True, **BY_SUBJECT}
    pairs = list(_pairs(ratings))
    found = []
    for group, belongs in groups.items():
        for known in (ALL, *KINDS):
            parts: dict[tuple[str, str], list[tuple[Rating, Rating]]] = {}
            for model, naive in pairs:
                if belongs(model.quantity) and known in (ALL, model.known):
                    parts.setdefault((model.unit, naive.forecaster), []).append((model, naive))
            found += [_skill(group, known, members) for members in parts.values()]
    return found


def _pairs(ratings: Sequence[Rating]) -> Iterator[tuple[Rating, Rating]]:
    """Every naive rating, paired with the model's rating of the same outcome."""
    models = {(each.case, each.name): each for each in ratings if each.forecaster == MODEL}
    for each in ratings:
        if each.forecaster != MODEL:
            yield models[each.case, each.name], each


def _skill(group: str, known: str, pairs: Sequence[tuple[Rating, Rating]]) -> Skill:
    n = len(pairs)
    model, naive = (math.fsum(pair[side].crps for pair in pairs) / n for side in (0, 1))
    wide, narrow = (math.fsum(pair[side].interval_score for pair in pairs) / n for side in (0, 1))
    lead = _lead_by_case(pairs)
    better = sum(each > 0.0 for each in lead.values())
    decided = sum(each != 0.0 for each in lead.values())
    share = binomial_share(better, decided) if decided else None
    return Skill(
        group=group,
        known=known,
        unit=pairs[0][0].unit,
        forecaster=pairs[0][1].forecaster,
        outcomes=n,
        cases=len(lead),
        crps=model,
        crps_naive=naive,
        crps_skill=_skill_of(model, naive),
        interval_score=wide,
        interval_score_naive=narrow,
        interval_skill=_skill_of(wide, narrow),
        better=better,
        decided=decided,
        share=share.value if share else math.nan,
        lower=share.lower if share else math.nan,
        upper=share.upper if share else math.nan,
    )


def _lead_by_case(pairs: Sequence[tuple[Rating, Rating]]) -> Mapping[str, float]:
    """By case, how much lower the model's CRPS is, summed over the outcomes of the case."""
    lead: dict[str, float] = {}
    for model, naive in pairs:
        lead[model.case] = lead.get(model.case, 0.0) + naive.crps - model.crps
    return lead


def _skill_of(model: float, naive: float) -> float:
    return 1.0 - model / naive if naive > 0.0 else math.nan
