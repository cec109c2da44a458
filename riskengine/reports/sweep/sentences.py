"""What a sweep says, in sentences that need no statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskengine.measures.estimate import Estimate
from riskengine.model.sweep import GRID, LATIN_HYPERCUBE, MORRIS, ONE_AT_A_TIME, SOBOL
from riskengine.reports.sweep.view import Driver, SweepView, named_parameter
from riskengine.reports.tables.numbers import MISSING, interval, significant, with_unit
from riskengine.sweeps.series import SeriesKey

IN_DOUBT = "could be noise"
SIZES = ("swing", "ST", "mu_star", "delta", "S1")  #: indices that say how much a parameter does
METHODS = {
    GRID: "grid: every setting of each parameter with every setting of the others",
    ONE_AT_A_TIME: "one at a time: each parameter by itself, all others as in the base case",
    LATIN_HYPERCUBE: "Latin hypercube: all parameters drawn at once, evenly spread",
    SOBOL: "Sobol: all parameters drawn at once, to share out the spread among them",
    MORRIS: "Morris: one step after another from many places, to find what matters",
}
EXPLAINED = {
    GRID: "Averages over all settings of the other parameters.",
    ONE_AT_A_TIME: "All points have the same draws, so that chance cancels in the differences.",
    LATIN_HYPERCUBE: "Shift: how far knowing the parameter shifts the whole distribution of the "
    "figure over the points, from 0 (not at all) to 1 (delta). Explains: the part of the spread "
    "(the variance) that knowing it would take away. The 95 % interval is the error of "
    "finitely many points: more would narrow it.",
    SOBOL: "Alone: the part of the spread (the variance) that knowing the parameter would take "
    "away (S1). With others: that and all it does only together with other parameters (ST). The "
    "95 % interval is the error of finitely many points: more would narrow it.",
    MORRIS: "Moved by: average size of the change when the parameter goes over its whole range "
    "(mu*). Along its range: which way the figure goes from the low end, or the first setting of "
    "a list, to the other. Differs by: how much the change depends on where the others stand and "
    "where it starts (sigma). The 95 % interval is the error of finitely many points: more would "
    "narrow it.",
}


def facts(view: SweepView) -> list[str]:
    """What was played, in two lines."""
    tables = view.tables
    count, failed = len(tables.points) - 1, len(view.failed)
    points = f"{count:,} {'point' if count == 1 else 'points'} and the base case"
    return [
        f"{METHODS.get(tables.method, tables.method)}; {points}"
        + (f", {failed:,} failed" if failed else ""),
        f"{tables.trials:,} trials at each point, seed {tables.seed} for all of them; money in "
        f"{tables.money}",
    ]


def sentences(view: SweepView) -> list[str]:
    """What drives the answer; and what is chance and what is not known."""
    return [*driver_sentences(view), *uncertainty_sentences(view)]


def driver_sentences(view: SweepView) -> Iterator[str]:
    """The parameter that moves a figure most, figure by figure."""
    for key in view.ranked:
        if view.is_noise(key):
            yield all_noise(view, key)
        for driver in view.drivers(key)[:1]:
            yield told(view, key, driver)


def all_noise(view: SweepView, key: SeriesKey) -> str:
    """What is said in place of the drivers of a figure that spreads no wider than noise."""
    return (
        f"No parameter can be named for {the(key)}: over the points it spreads hardly wider than "
        f"the noise of {view.tables.trials:,} trials explains. More trials at each point lower the "
        "noise."
    )


def uncertainty_sentences(view: SweepView) -> Iterator[str]:
    """Chance and ignorance told apart; none unless the points are draws of what is not known."""
    for key in view.main:
        row, base = view.uncertain(key), view.base(key)
        if row is not None:
            ends = interval(base)
            chance = f" ({ends} by chance)" if ends else ""
            value = with_unit(significant(base.value), view.tables.money)
            case = f"{title(key)} is {value} in the base case"
            if view.is_noise(key) or math.isnan(row.p05):
                yield (
                    f"{case}{chance}; what we do not know moves it by less than the noise of "
                    f"{view.tables.trials:,} trials, so that there are no percentiles."
                )
                continue
            yield (
                f"{case}{chance}, and between {significant(row.p05)} and {significant(row.p95)} "
                "(5th to 95th percentile of the points) given what we do not know."
            )


def told(view: SweepView, key: SeriesKey, driver: Driver) -> str:
    """What the strongest parameter does to a figure, in a sentence."""
    method, money = view.tables.method, view.tables.money
    name = named_parameter(driver.parameter)
    if view.is_tornado and driver.estimate("swing").value <= 0.0:
        return f"No parameter moves {the(key)}."
    if not driver.is_clear:
        return (
            f"No parameter moves {the(key)} by more than the noise of {view.tables.trials:,} trials"
            f"{'' if view.is_tornado else f' and {len(view.tables.points) - 1:,} points'} explains."
        )
    if view.is_tornado:
        average = " on average" if method == GRID else ""
        low, high = (
            with_unit(significant(driver.estimate(end).value), money) for end in ("low", "high")
        )
        return (
            f"{name} moves {the(key)} most: from {low} at {driver.setting('low')} to {high} at "
            f"{driver.setting('high')}{average}."
        )
    if method == MORRIS:
        moved = driver.estimate("mu_star")
        ends = interval(moved)
        size = with_unit(significant(moved.value), money) + (f" ({ends})" if ends else "")
        return f"{name} moves {the(key)} most: by {size} on average over its whole range."
    if method == SOBOL:
        share = share_words(driver.estimate("ST"))
        return f"{name} explains {share} of the spread of {the(key)}, alone and with others."
    share, shift = share_words(driver.estimate("S1")), driver.estimate("delta")
    if math.isnan(shift.value):
        return f"{name} explains most of the spread of {the(key)}: {share}."
    return (
        f"{name} matters most for {the(key)}: knowing it shifts the whole distribution by "
        f"{shift_words(shift)} on a scale from 0 to 1, and explains {share} of its spread."
    )


def the(key: SeriesKey) -> str:
    """A figure inside a sentence."""
    return f"the {key.words}" if key.level is None else key.words


def title(key: SeriesKey) -> str:
    """A figure at the start of a sentence."""
    words = the(key)
    return f"{words[0].upper()}{words[1:]}"


def heading(key: SeriesKey) -> str:
    """A figure as a heading."""
    return f"{key.words[0].upper()}{key.words[1:]}"


def estimated(estimate: Estimate) -> str:
    """A figure with its interval in brackets, or what stands for none."""
    ends = interval(estimate)
    return f"{significant(estimate.value)} ({ends})" if ends else significant(estimate.value)


def share_words(estimate: Estimate) -> str:
    """A share of the spread in whole per cent; below 0 or above 100 by the error of few points.

    >>> share_words(Estimate(0.6234, 0.55, 0.7012)), share_words(Estimate(-0.011, -0.04, 0.02))
    ('62 % (55 to 70)', '-1 % (-4 to 2)')
    """
    if math.isnan(estimate.value):
        return MISSING
    value, lower, upper = (f"{round(100.0 * end):d}" for end in estimate)
    return f"{value} % ({lower} to {upper})"


def shift_words(estimate: Estimate) -> str:
    """A delta in two decimals.

    >>> shift_words(Estimate(0.313, 0.26, 0.37)), shift_words(Estimate.alone(float("nan")))
    ('0.31 (0.26 to 0.37)', '-')
    """
    if math.isnan(estimate.value):
        return MISSING
    value, lower, upper = (f"{end:.2f}" for end in estimate)
    return f"{value} ({lower} to {upper})"


def remark(driver: Driver) -> str:
    """What stands beside a parameter whose effect could be noise; nothing where it has none."""
    return "" if driver.is_clear or _is_still(driver) else IN_DOUBT


def _is_still(driver: Driver) -> bool:
    """Whether every index says that nothing moves."""
    sizes = [e for e in map(driver.estimate, SIZES) if not math.isnan(e.value)]
    return all(e.value == 0.0 == e.upper for e in sizes)


def direction(driver: Driver) -> str:
    """Which way a figure goes when a parameter grows, by its elementary effects."""
    mean, size = driver.estimate("mu").value, driver.estimate("mu_star").value
    if size <= 0.0:
        return "none"
    if abs(mean) > 0.9 * size:
        return "up" if mean > 0.0 else "down"
    return "either way"
