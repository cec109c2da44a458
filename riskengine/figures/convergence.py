"""Notices about a run, above all where it has too few trials for its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Evidence, Measured
from riskengine.measures.binned import BIN_ERROR
from riskengine.measures.curves import (
    DAYS_PER_YEAR,
    MIN_EXCEEDANCES,
    RETURN_PERIODS,
    is_carried,
)
from riskengine.measures.shape import LEAST, Shape
from riskengine.model.confidence import detail_level, level_text, tail_share
from riskengine.model.notices import Notice, scenario_notices
from riskengine.model.sampling import REPLICATES, onset_probability

# Least number of trials that a mean must rest on. For distributions of loss whose intervals cover
# the truth in 80 to 87 % of runs, these limits give a notice in 78 to 100 % of runs
# (docs/intervals.md).
_CARRIED, _CARRIED_UNEQUAL = 10, 20
_UNEQUAL = 3.0  #: losses are unequal if `equal` is above this many times `rests_on`
_MOST_NAMES = 5  #: names in one notice, at most
# Least effective number of equally weighted trials, as a share of all trials. On five scenarios
# intervals had their nominal coverage at a fifth (tilt 0.7), but not at a tenth (tilt 1, 1.5).
_LEAST_CARRIED = 0.1


def run_notices(evidence: Evidence) -> list[Notice]:
    """What a reader of the results should know about the trials, then about the scenario."""
    return [
        *_sample_size(evidence),
        *_tail(evidence),
        *_curve_end(evidence),
        *_loss(evidence),
        *_bins(evidence),
        *_drawn(evidence),
        *scenario_notices(evidence.scenario),
    ]


def _sample_size(evidence: Evidence) -> Iterator[Notice]:
    if evidence.trials == 1:
        yield Notice(
            code="one-trial",
            message="One trial has no standard deviation, and its intervals say next to nothing.",
        )


def _tail(evidence: Evidence) -> Iterator[Notice]:
    losses = evidence.loss(TOTAL).quantiles
    asked = evidence.scenario.run.levels
    thin = [level for level in asked if not is_carried(losses.carried(1.0 - level))]
    if thin:
        levels = ", ".join(map(level_text, thin))
        needed = _needed(evidence, 1.0 - thin[-1])
        yield Notice(
            code="thin-tail",
            message=f"{_few(evidence)} lie in the tail at {levels}: read those figures with care, "
            f"or run {needed} trials.",
        )


def _few(evidence: Evidence) -> str:
    """Says that trials are too few, in words that also fit weighted trials."""
    if evidence.scenario.run.is_weighted:
        return f"By their weights fewer than {MIN_EXCEEDANCES} trials"
    return f"Fewer than {MIN_EXCEEDANCES} of the {evidence.trials:,} trials"


def _needed(evidence: Evidence, probability: float) -> str:
    """How many trials the total loss needs for a tail of this probability."""
    carried = evidence.loss(TOTAL).quantiles.carried(probability)
    return f"{evidence.trials * (MIN_EXCEEDANCES / carried):,.0f}" if carried else "many more"


def _curve_end(evidence: Evidence) -> Iterator[Notice]:
    years = evidence.horizon_days / DAYS_PER_YEAR
    losses = evidence.loss(TOTAL).quantiles
    left_out = [
        p for p in RETURN_PERIODS if years < p and not is_carried(losses.carried(years / p))
    ]
    if left_out:
        needed = _needed(evidence, years / RETURN_PERIODS[-1])
        yield Notice(
            code="curve-truncated",
            message=f"The exceedance curves end before {left_out[0]:,} years: beyond that they "
            f"would rest on fewer than {MIN_EXCEEDANCES} trials. {needed} trials carry them "
            f"to {RETURN_PERIODS[-1]:,} years.",
        )


def _loss(evidence: Evidence) -> Iterator[Notice]:
    if evidence.loss(TOTAL).largest <= 0.0:
        yield Notice(
            code="no-loss",
            message=f"None of the {evidence.trials:,} trials has a loss: all figures are 0, which "
            "does not show that the risk is. The mean has no interval, for no loss was seen; the "
            f"chance of one may be up to {_at_most(evidence.loss(TOTAL))} (exact bound, 95 %).",
        )
        return
    yield from _parts_without_loss(evidence)
    if evidence.trials > 1:
        yield from _few_losses(evidence)


def _parts_without_loss(evidence: Evidence) -> Iterator[Notice]:
    unseen = [(name, loss) for name, loss in _parts(evidence) if loss.largest <= 0.0]
    if unseen:
        yield Notice(
            code="part-without-loss",
            message=f"None of the {evidence.trials:,} trials has a loss of "
            f"{_listed([name for name, _ in unseen])}. Those means are 0 and have no interval, for "
            f"no loss was seen; its chance may be up to {_at_most(unseen[0][1])} (exact bound, "
            "95 %).",
        )


def _few_losses(evidence: Evidence) -> Iterator[Notice]:
    whole = evidence.loss(TOTAL)
    series = [("all together", whole), *_parts(evidence)]
    few = [name for name, loss in series if loss.largest > 0.0 and math.isnan(loss.mean.upper)]
    if few:
        yield Notice(
            code="few-losses",
            message=f"The mean loss of {_listed(few)} has no interval: what its trials show tells "
            f"less than {LEAST} losses of one size would. Run more trials.",
        )
    if is_carried_by_few(whole.shape) and not math.isnan(whole.mean.upper):
        carried, share = whole.shape.rests_on, whole.heaviest / (whole.mean.value * evidence.trials)
        yield Notice(
            code="dominant-trial",
            message=f"Few trials carry the mean loss: it is as unsure as if it rested on "
            f"{carried:.2g} of them, and one alone makes up {100.0 * share:.2g} % of it. Larger "
            "losses than any of these may be missing: the mean is likelier too low than too high, "
            "and its interval may end too early. Run more trials.",
        )


def is_carried_by_few(shape: Shape) -> bool:
    """Whether losses are so rare or unequal that unseen larger ones may dominate the mean."""
    carried = shape.rests_on
    return carried < _CARRIED or (carried < _CARRIED_UNEQUAL and shape.equal > _UNEQUAL * carried)


def _parts(evidence: Evidence) -> Iterator[tuple[str, Measured]]:
    """The loss of each industry, and what is attributed to each material."""
    scenario = evidence.scenario
    for scope, names in ((INDUSTRY, scenario.industries), (MATERIAL, scenario.materials)):
        for index, name in enumerate(names):
            yield f"{scope} {name}", evidence.loss(scope, index)


def _listed(names: Sequence[str]) -> str:
    """Names in a sentence; only the first few of many."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _at_most(loss: Measured) -> str:
    return f"{100.0 * loss.chance.upper:.2g} %"


def _drawn(evidence: Evidence) -> Iterator[Notice]:
    settings, trials = evidence.scenario.run, f"{evidence.trials:,} trials"
    if settings.sampling == "sobol":
        yield Notice(
            code="even-points",
            message=f"The {trials} are points of Sobol' in {REPLICATES} replicates, drawn to fill "
            "the space of random numbers evenly. Intervals come from how the replicates differ.",
        )
    if settings.given_onset:
        chance = 100.0 * onset_probability(evidence.scenario)
        yield Notice(
            code="given-onset",
            message=f"In all of the {trials} a dispute breaks out, for which the chance is "
            f"{chance:.3g} %. Figures include the chance that none does, which brings no loss.",
        )
    if settings.tilt != 0.0:
        level = detail_level(settings.levels)
        carried = evidence.loss(TOTAL).quantiles.carried(tail_share(level))
        yield Notice(
            code="tilted",
            message=f"Escalation is drawn worse than it is by {settings.tilt:g} standard "
            f"deviations, and each trial counts by its weight. VaR and TVaR {level_text(level)} "
            f"rest on as much as {carried:,.0f} trials of equal weight; the mean is best taken "
            "without tilt.",
        )
        yield from _too_tilted(evidence)


def _too_tilted(evidence: Evidence) -> Iterator[Notice]:
    """Weights that differ too much: heavily weighted trials may be missing without a sign of it."""
    carried = evidence.loss(TOTAL).quantiles.carried(1.0)
    if carried < _LEAST_CARRIED * evidence.trials:
        yield Notice(
            code="too-tilted",
            message="The tilt is too large for this scenario: weights differ so much that all "
            f"{evidence.trials:,} trials tell as much as {carried:,.0f} of equal weight. Figures "
            "can be several times too low, and their intervals too short. Take a smaller tilt.",
        )


def _bins(evidence: Evidence) -> Iterator[Notice]:
    levels = evidence.binned_levels()
    if levels:
        shown = ", ".join(map(level_text, levels))
        yield Notice(
            code="binned-quantiles",
            message=f"So many trials are counted in narrow bins of loss: VaR and TVaR at {shown} "
            f"are within {100.0 * BIN_ERROR:.2g} % of what the losses themselves give. Higher "
            "levels are exact.",
        )
