"""The results of a sweep, in sentences that need no knowledge of statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.spelling import legible
from riskengine.model.sweep import GRID, LATIN_HYPERCUBE, MORRIS, ONE_AT_A_TIME, SOBOL
from riskengine.reports.screen import width_of
from riskengine.reports.tables.formats import Format
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import MISSING, in_unit, interval, significant, with_unit
from riskengine.reports.tables.words import figure_title, the
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.settings import named_parameter, paths_in, setting_text
from riskengine.sweeps.view import Driver, SweepView

IN_DOUBT = "could be noise"
NO_INDICES = "There are no indices of sensitivity; the remarks below say why."
SIZES = ("swing", "ST", "mu_star", "delta", "S1")  #: indices that measure the size of an effect
_COLLECTIONS = ("materials.", "disputes.", "industries.", "ladder.", "correlation.", "triggers.")
_MOST_FAILURES = 60  #: named in the remarks
_MOST_SETTINGS = 12
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
    "(the variance) that knowing it would take away (S1). The 95 % interval is the error of "
    "finitely many points: more would narrow it.",
    SOBOL: "Explains with others: the part of the spread (the variance) that the parameter has a "
    "share in, alone or together with other parameters (ST). Explains alone: the part that knowing "
    "it would take away (S1). The 95 % interval is the error of finitely many points: more would "
    "narrow it.",
    MORRIS: "Moved by: average size of the change when the parameter goes over its whole range "
    "(mu*). Differs by: how much the change depends on where the others stand and where it starts "
    "(sigma). Along its range: which way the figure goes from the low end, or the first setting of "
    "a list, to the other. The 95 % interval is the error of finitely many points: more would "
    "narrow it.",
}


def _form(write: Callable[[float], str], unit: str, number_format: str) -> Format:
    """Figures in this form; an interval only where both of its ends are known."""

    def ends(found: Estimate) -> str:
        is_known = not any(map(math.isnan, found))
        return f"{write(found.lower)}{spoken().to}{write(found.upper)}" if is_known else ""

    return Format(
        text=lambda value: (
            MISSING if math.isnan(value) else f"{write(value)}{spoken().percent if unit else unit}"
        ),
        ends=ends,
        look=Look(number_format=number_format),
    )


#: A share of the spread in whole per cent; with few points, error can take it below 0 or above 1.
PART = _form(lambda share: f"{round(100.0 * share):d}", " %", "0.0%")
SHIFT = _form("{:.2f}".format, "", "0.00")  #: a delta


def facts(view: SweepView) -> list[str]:
    """What was run, in two lines."""
    tables = view.tables
    count, failed = len(tables.points) - 1, len(view.failed)
    points = say(f"{count:,} {'point' if count == 1 else 'points'} and the base case")
    return [
        f"{say(METHODS.get(tables.method, tables.method))}; {points}"
        + (say(f", {failed:,} failed") if failed else ""),
        say(
            f"{tables.trials:,} trials at each point, seed {tables.seed} for all of them; money in "
            f"{unit_words(tables.money)}"
        ),
    ]


def sentences(view: SweepView) -> list[str]:
    """Which parameter drives the answer, and how far chance and lack of knowledge move it."""
    return [*_driver_sentences(view), *uncertainty_sentences(view)]


def _driver_sentences(view: SweepView) -> Iterator[str]:
    for key in view.ranked:
        if view.is_noise(key):
            yield all_noise(view, key)
        for driver in view.drivers(key)[:1]:
            yield told(view, key, driver)


def all_noise(view: SweepView, key: SeriesKey) -> str:
    """The sentence for a figure that spreads no wider than noise, in place of its drivers."""
    return (
        f"No parameter can be named for {the(key)}: over the points it spreads hardly wider than "
        f"the noise of {view.tables.trials:,} trials explains. More trials at each point lower the "
        "noise."
    )


def uncertainty_sentences(view: SweepView) -> Iterator[str]:
    """The effects of chance and of lack of knowledge; no sentences unless the points are draws."""
    for key in view.main:
        row, base = view.uncertain(key), view.base(key)
        if row is None:
            continue
        ends = interval(base)
        chance = say(f" ({ends} by chance)") if ends else ""
        value = with_unit(significant(base.value), view.tables.money)
        case = say(f"{figure_title(key)} is {value} in the base case") + chance
        if view.is_noise(key) or math.isnan(row.p05):
            yield (
                f"{case}; what we do not know moves it by less than the noise of "
                f"{view.tables.trials:,} trials, so that there are no percentiles."
            )
        else:
            yield (
                f"{case}, and between {significant(row.p05)} and {significant(row.p95)} "
                "(5th to 95th percentile of the points) given what we do not know."
            )


def told(view: SweepView, key: SeriesKey, driver: Driver) -> str:
    """The effect of the strongest parameter on a figure, in a sentence."""
    method, name = view.tables.method, say(named_parameter(driver.parameter))
    if view.is_tornado and driver.estimate("swing").value <= 0.0:
        return f"No parameter moves {the(key)}."
    if not driver.is_clear:
        return (
            f"No parameter moves {the(key)} by more than the noise of {view.tables.trials:,} trials"
            f"{'' if view.is_tornado else f' and {len(view.tables.points) - 1:,} points'} explains."
        )
    if view.is_tornado:
        average = say(" on average", "tornado") if method == GRID else ""
        low, high = (_money(view, driver.estimate(end)) for end in ("low", "high"))
        return (
            f"{name} moves {the(key)} most: from {low} at {driver.setting('low')} to {high} at "
            f"{driver.setting('high')}{average}."
        )
    if method == MORRIS:
        moved = driver.estimate("mu_star")
        ends = interval(moved)
        size = with_unit(significant(moved.value), view.tables.money)
        size += f" ({ends})" if ends else ""
        return f"{name} moves {the(key)} most: by {size} on average over its whole range."
    if method == SOBOL:
        share = PART.show(driver.estimate("ST"))
        return f"{name} explains {share} of the spread of {the(key)}, alone and with others."
    share, shift = PART.show(driver.estimate("S1")), driver.estimate("delta")
    if math.isnan(shift.value):
        return f"{name} explains most of the spread of {the(key)}: {share}."
    return (
        f"{name} matters most for {the(key)}: knowing it shifts the whole distribution by "
        f"{SHIFT.show(shift)} on a scale from 0 to 1, and explains {share} of its spread."
    )


def _money(view: SweepView, estimate: Estimate) -> str:
    return in_unit(estimate.value, view.tables.money)


def along(view: SweepView) -> str:
    """What the lines along a parameter show."""
    others = (
        "on average over the other parameters"
        if view.tables.method == GRID
        else "with all other parameters as in the base case"
    )
    return say(f"Loss along each parameter that takes numbers, {others}.")


def notes(view: SweepView) -> list[str]:
    """What a reader should know before using a figure: failed points, then the notices."""
    failed = [row for row in view.tables.points if row.status != "done"]
    found = [f"Point {row.point:,} failed: {row.message}" for row in failed[:_MOST_FAILURES]]
    if len(failed) > _MOST_FAILURES:
        found.append(f"{len(failed) - _MOST_FAILURES:,} more failed; points.csv names them.")
    return [*found, *(notice.message for notice in view.tables.notices)]


def settings_words(view: SweepView, position: int) -> str:
    """The settings of a parameter: all if they are few, the ends if they are many numbers."""
    base, *taken = view.settings[position]
    known = list(dict.fromkeys(setting_text(setting) for setting in taken))
    numbers = [s[0] for s in taken if isinstance(s[0], int | float) and not isinstance(s[0], bool)]
    if len(known) > _MOST_SETTINGS and len(numbers) == len(taken):
        ends = (setting_text((end,)) for end in (min(numbers), max(numbers)))
        words = say(f"{len(known):,} values from {' to '.join(ends)}")
    else:
        more = len(known) - _MOST_SETTINGS
        words = "; ".join(known[:_MOST_SETTINGS]) + (
            say(f" and {more:,} more", "settings") if more > 0 else ""
        )
    return f"{words} ({say('base case')}: {setting_text(base)})"


def remark(driver: Driver) -> str:
    """A warning about a parameter whose effect could be noise; empty otherwise."""
    return "" if driver.is_clear or _is_still(driver) else IN_DOUBT


def _is_still(driver: Driver) -> bool:
    """Whether every index says that the parameter has no effect."""
    sizes = [e for e in map(driver.estimate, SIZES) if not math.isnan(e.value)]
    return all(e.value == 0.0 == e.upper for e in sizes)


def direction(driver: Driver) -> str:
    """The direction in which a figure moves when a parameter grows, by its elementary effects."""
    mean, size = driver.estimate("mu").value, driver.estimate("mu_star").value
    if size <= 0.0:
        return "none"
    if abs(mean) > 0.9 * size:
        return "up" if mean > 0.0 else "down"
    return "either way"


def short_parameter(parameter: str, width: int = 40) -> str:
    """A parameter short enough for a chart: without its collection, and cut in the middle.

    >>> short_parameter("materials.gallium.stocks.public.days")
    'gallium.stocks.public.days'
    >>> short_parameter("materials.gallium.stocks.public.days", 20)
    'gallium.st…blic.days'
    >>> short_parameter("materials.a.cut, materials.b.cut")
    'a.cut + 1 more'
    """
    first, *others = paths_in(parameter)
    text = legible(" ".join(first.split()))
    for collection in _COLLECTIONS:
        text = text.removeprefix(collection)
    more = f" + {len(others)} more" if others else ""
    return f"{_cut_inside(text, width - len(more))}{more}"


def _cut_inside(text: str, width: int) -> str:
    """The text without its middle if it is too wide, because names differ at their ends."""
    if width_of(text) <= width:
        return text
    head, tail = text[: len(text) // 2], text[len(text) // 2 :]
    while width_of(head) + width_of(tail) > width - 1:
        head, tail = (head[:-1], tail) if len(head) > len(tail) else (head, tail[1:])
    return f"{head}…{tail}"
