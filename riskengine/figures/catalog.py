"""The catalogue of measures: the only list of them.

`metrics.csv`, comparisons, sweeps, the tables and sheets of the total, the words for a figure and
the table of measures in `docs/results.md` all follow from it. The order of the catalogue is the
order of the rows of `metrics.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from riskengine.figures.evidence import (
    COMPONENTS,
    INDUSTRY,
    MATERIAL,
    POOL,
    TOTAL,
    Evidence,
    median_first_day,
)
from riskengine.figures.measure import (
    CONFIDENCE,
    DAYS,
    DISPUTE,
    LOSSES,
    OF_POOL,
    PROBABILITY,
    THRESHOLDS,
    WHOLE,
    ByTrial,
    FigureAddress,
    Measure,
    Parts,
    Shown,
    Swept,
)
from riskengine.measures.contributions import contribution, tail_of
from riskengine.measures.estimate import Estimate
from riskengine.measures.jackknife import Jackknife
from riskengine.measures.moments import chance_above, mean
from riskengine.measures.paired import (
    Pair,
    Trials,
    chance_difference,
    mean_difference,
    median_difference,
    sd_difference,
    tvar_difference,
    var_difference,
)


def _loss_mean(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.loss(place.scope, place.position).mean


def _sd(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.loss(place.scope, place.position).sd


def _chance(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.loss(place.scope, place.position).chance


def _var(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.loss(place.scope, place.position).quantiles.var(place.at)


def _tvar(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.loss(place.scope, place.position).quantiles.tvar(place.at)


def _largest(evidence: Evidence, place: FigureAddress) -> Estimate:
    return Estimate.alone(evidence.loss(place.scope, place.position).largest)


def _largest_spell(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.largest_spell().var(place.at)


def _component_mean(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.mean_of(place.scope, place.component, place.position)


def _chance_of_lost_output(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.chance_above(place.scope, "output", place.position)


def _chance_above(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.chance_above(place.scope, "loss", bound=place.at)


def _contribution(evidence: Evidence, place: FigureAddress) -> Estimate:
    return Estimate.alone(evidence.contribution(place.scope, place.position, place.at))


def _first_day(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.first_day(place.position)


def _level_days(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.level_days(
        place.position, list(evidence.scenario.ladder).index(place.component)
    )


def _episodes(evidence: Evidence, place: FigureAddress) -> Estimate:
    return evidence.episodes(place.position)


def _mean_of(field: str) -> Callable[[Evidence, FigureAddress], Estimate]:
    return lambda evidence, place: evidence.mean_of(place.scope, field, place.position)


def _within_tail(part: Trials, whole: Trials, level: float) -> float:
    value_at_risk = whole.var(level).value
    return contribution(part.values, tail_of(whole.values, level, value_at_risk))


def _exceedances(pair: Pair, threshold: float) -> Pair:
    """1 in the trials whose loss is above a threshold, 0 in the others."""
    first, second = (np.where(s > threshold, 1.0, 0.0) for s in (pair.first, pair.second))
    return Pair(first, second)


def _largest_trial(trials: Trials, _: float) -> Estimate:
    return Estimate.alone(float(trials.sample.values[-1]))


def _largest_difference(pair: Pair, _: float) -> Estimate:
    first, second = (_largest_trial(trials, _).value for trials in pair.both)
    return Estimate.alone(second - first)


def _mean_by_trial(column: str = "") -> ByTrial:
    return ByTrial(
        lambda trials, _: mean(trials.values), lambda pair, _: mean_difference(pair), column
    )


def _chance_by_trial(column: str = "") -> ByTrial:
    return ByTrial(lambda trials, _: trials.chance, lambda pair, _: chance_difference(pair), column)


def _days(name: str, words: str, definition: str, scope: str) -> Measure:
    """A mean number of days that each trial holds."""
    return Measure(
        name=name,
        words=words,
        definition=definition,
        interval=_STANDARD_ERROR,
        scopes=(scope,),
        of=_mean_of(name),
        unit=DAYS,
        by_trial=_mean_by_trial(f"{name}:"),
    )


_STANDARD_ERROR = "standard error; exact for few trials"

CATALOG: tuple[Measure, ...] = (
    Measure(
        name="mean",
        words="Mean",
        definition="mean loss of a trial",
        interval=_STANDARD_ERROR,
        scopes=LOSSES,
        of=_loss_mean,
        by_trial=_mean_by_trial(),
        swept=Swept(lambda trials, _: trials.mean, jackknife=lambda parts, _: parts.mean),
        shown=Shown(label="Mean loss", says="expected loss of a trial"),
    ),
    Measure(
        name="sd",
        words="Standard deviation",
        definition="standard deviation of the loss, n - 1 in the denominator",
        interval="delta method; describes the sample only where losses are heavy-tailed",
        scopes=LOSSES,
        of=_sd,
        by_trial=ByTrial(lambda trials, _: trials.sd, lambda pair, _: sd_difference(pair)),
        swept=Swept(
            lambda trials, _: trials.sd,
            (TOTAL, INDUSTRY),
            is_explained=False,
            jackknife=lambda parts, _: parts.sd,
        ),
        shown=Shown(key="SD", says="how far the losses of trials lie from the mean"),
    ),
    Measure(
        name="prob_loss",
        words="Chance of any loss",
        definition="share of trials with a loss above 0",
        interval=_STANDARD_ERROR,
        scopes=LOSSES,
        of=_chance,
        unit=PROBABILITY,
        by_trial=_chance_by_trial(),
        swept=Swept(
            lambda trials, _: trials.chance,
            (TOTAL, INDUSTRY),
            jackknife=lambda parts, _: parts.chance,
        ),
        shown=Shown(says="chance of a loss above 0"),
    ),
    Measure(
        name="var",
        words="VaR",
        definition="the loss with rank ceil(n p) in ascending order",
        interval="order statistics",
        scopes=LOSSES,
        of=_var,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.var, var_difference),
        swept=Swept(Trials.var, (TOTAL, INDUSTRY), jackknife=Jackknife.var),
        shown=Shown(
            heading="VaR (loss not exceeded)", key="VaR", says="not exceeded with a chance of {}"
        ),
    ),
    Measure(
        name="tvar",
        words="TVaR",
        definition="mean of the worst 1 - p of the trials",
        interval="asymptotic variance; exact for few trials",
        scopes=LOSSES,
        of=_tvar,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.tvar, tvar_difference),
        swept=Swept(Trials.tvar, (TOTAL, INDUSTRY), jackknife=Jackknife.tvar),
        shown=Shown(
            heading="TVaR (mean beyond)",
            key="TVaR",
            says="mean loss in the worst {beyond}",
        ),
    ),
    Measure(
        name="max",
        words="Largest trial",
        definition="the largest loss of a trial",
        interval="none",
        scopes=LOSSES,
        of=_largest,
        by_trial=ByTrial(_largest_trial, _largest_difference),
        shown=Shown(label="Largest loss of all trials", says="the worst of the trials"),
    ),
    Measure(
        name="oep_var",
        words="OEP VaR",
        definition="`var` of the largest spell of each trial",
        interval="order statistics",
        scopes=(TOTAL,),
        of=_largest_spell,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.var, var_difference, "largest_spell"),
        shown=Shown(
            heading="VaR of the largest spell (OEP)",
            label="VaR {} of the largest spell (OEP)",
            key="OEP",
            says="no single spell costs more, with a chance of {}",
        ),
    ),
    Measure(
        name="mean",
        words="Mean by component",
        definition="mean of one component of the loss; the four add up to `mean`",
        interval=_STANDARD_ERROR,
        scopes=(TOTAL, INDUSTRY),
        of=_component_mean,
        parts=Parts(lambda scenario: COMPONENTS, "each component"),
        by_trial=_mean_by_trial(),
    ),
    Measure(
        name="prob_output_loss",
        words="Chance of lost output",
        definition="share of trials with lost output, its component `output` above 0: dearer "
        "supply alone does not count",
        interval="as `prob_loss`",
        scopes=(TOTAL, INDUSTRY),
        of=_chance_of_lost_output,
        unit=PROBABILITY,
        by_trial=_chance_by_trial("output:"),
        shown=Shown(key="ProbOutput", says="chance of losing output"),
    ),
    Measure(
        name="prob_above",
        words="Chance of a loss above",
        definition="share of trials with a loss above the threshold; one at the threshold is not "
        "above it",
        interval="as `prob_loss`",
        scopes=(TOTAL,),
        of=_chance_above,
        unit=PROBABILITY,
        levels=THRESHOLDS,
        by_trial=ByTrial(
            lambda trials, threshold: chance_above(trials.sample, threshold),
            lambda pair, threshold: chance_difference(_exceedances(pair, threshold)),
        ),
        shown=Shown(says="chance of a larger total loss"),
    ),
    Measure(
        name="contribution_mean",
        words="Part of the mean",
        definition="part of the mean of the total: its own mean",
        interval=_STANDARD_ERROR,
        scopes=(INDUSTRY, MATERIAL),
        of=_loss_mean,
        by_trial=_mean_by_trial(),
    ),
    Measure(
        name="contribution_tvar",
        words="Part of TVaR",
        definition="part of the TVaR of the total: its mean in the tail of the total",
        interval="none",
        scopes=(INDUSTRY, MATERIAL),
        of=_contribution,
        levels=CONFIDENCE,
        within=_within_tail,
    ),
    _days("loss_days", "Loss days, mean", "mean number of days with any output loss", INDUSTRY),
    _days("stopped_days", "Days stopped, mean", "mean number of days without any output", INDUSTRY),
    Measure(
        name="first_loss_day_median",
        words="First loss day, median",
        definition="median day of the first output loss, among the trials that have one",
        interval="order statistics",
        scopes=(INDUSTRY,),
        of=_first_day,
        unit=DAYS,
        by_trial=ByTrial(
            lambda trials, _: median_first_day(trials.values),
            lambda pair, _: median_difference(pair),
            "first_loss_day:",
        ),
    ),
    _days(
        "cut_days",
        "Days with any cut, mean",
        "mean number of days on which any of its supply is lost, however little",
        MATERIAL,
    ),
    _days(
        "cut_weighted_days",
        "Days of demand cut, mean",
        "mean supply lost over the horizon, in days of normal demand: ten days of a cut of 30 % "
        "count as three; before alternatives and stocks",
        MATERIAL,
    ),
    _days(
        "shortage_days",
        "Days of demand short, mean",
        "mean net shortage over the horizon, in days of normal demand",
        MATERIAL,
    ),
    Measure(
        name="level_days",
        words="Days on the level, mean",
        definition="mean number of days on the level; where several disputes concern the material, "
        "on the deepest of its levels at the time, so that levels add up",
        interval=_STANDARD_ERROR,
        scopes=(MATERIAL,),
        of=_level_days,
        unit=DAYS,
        parts=Parts(lambda scenario: scenario.ladder, "each level of the ladder"),
    ),
    Measure(
        name="episodes",
        words="Episodes, mean",
        definition="mean number of episodes that began",
        interval=_STANDARD_ERROR,
        scopes=(DISPUTE,),
        of=_episodes,
        unit="episodes",
    ),
    _days(
        "contested_days",
        "Contested days, mean",
        "mean number of days on which more is asked of the pool than it has",
        POOL,
    ),
    Measure(
        name="used",
        words="Used, mean",
        definition="mean amount that the pool grants over the horizon, to all buyers together",
        interval=_STANDARD_ERROR,
        scopes=(POOL,),
        of=_mean_of("pool_used"),
        unit=OF_POOL,
        by_trial=_mean_by_trial("used:"),
    ),
)


@cache
def _by_name() -> Mapping[tuple[str, bool], Measure]:
    return {(measure.name, measure.parts is None): measure for measure in CATALOG}


def find(name: str, component: str = WHOLE) -> Measure | None:
    """The measure of a row of `metrics.csv`; None if there is no such measure."""
    found = _by_name()
    return found.get((name, component == WHOLE)) or found.get((name, component != WHOLE))


def of_scope(scope: str) -> list[Measure]:
    """The measures of a scope (total, industry, material, dispute or pool), in order."""
    return [measure for measure in CATALOG if scope in measure.scopes]


def of_total() -> list[Measure]:
    """The undivided measures of the total in the order in which reports show them.

    First come those without levels, then the chances of a loss above each threshold, then those at
    each confidence level. Measures that describe only the trials come last.
    """
    found = [measure for measure in of_scope(TOTAL) if measure.parts is None]
    return sorted(found, key=lambda m: (not m.is_estimate, m.has_confidence, m.levels is not None))
