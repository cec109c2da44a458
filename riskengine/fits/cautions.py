"""Sentences on what a reader should know before using a fit, and on what no fit can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.episodes import ALL, EpisodeTable
from riskengine.fits.fitting import FEW, Fit, GroupFit, Pull
from riskengine.fits.observing import (
    NEAR_ZERO_FLOW,
    SLOW_FLOW,
    SOJOURN,
    WORDS,
    Observation,
)
from riskengine.model.notices import Notice

_MOST_NAMED = 8
_RARE = 0.05  #: p-value below which a check counts as evidence against a hypothesis
_CLOSE = 2.0  #: difference in AICc within which families are equally good
_MANY_FIRSTS = 5  #: this many dates on the first of a month are no accident ...
_MOSTLY = 0.8  #: ... if they are this share of all dates: a thirtieth is expected
_WIDE = 0.5  #: width of an interval-censored duration over its middle, above which a notice comes


def cautions(found: Calibration) -> list[Notice]:
    """Notices about this fit, the most important first."""
    parts = (_rows_used, _groups, _fits, _onsets, _steps)
    return [notice for part in parts for notice in part(found)]


def cannot_tell(found: Calibration) -> list[str]:
    """What the data cannot tell, whatever is fitted to them."""
    return list(_limits(found))


def named(ids: Sequence[str]) -> str:
    """Some ids, and how many more there are.

    >>> named(["a", "b"])
    'a, b'
    """
    shown = ", ".join(ids[:_MOST_NAMED])
    return f"{shown} and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else shown


def three(value: float) -> str:
    """A number with three significant figures.

    >>> three(72.23), three(6226.0), three(0.0312)
    ('72.2', '6,230', '0.0312')
    """
    return f"{float(f'{value:.3g}'):,g}"


def counted(count: int, noun: str = "episode") -> str:
    """A count with its noun.

    >>> counted(1), counted(3)
    ('1 episode', '3 episodes')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def chance_words(p: float) -> str:
    """A p-value from simulation as a chance in per cent.

    >>> chance_words(0.0312), chance_words(0.0005)
    ('3.1 %', 'under 0.1 %')
    """
    return "under 0.1 %" if p < 0.001 else f"{100.0 * p:.1f} %"


Said = Iterator[Notice]


def _note(code: str, *sentences: str) -> Notice:
    return Notice(code=code, message=" ".join(sentences))


def _rows_used(found: Calibration) -> Said:
    table = found.table
    if table.as_of is not None and (table.dropped or table.reopened):
        later = len(table.reopened)
        yield _note(
            "as-of",
            f"As known on {table.as_of}: {counted(len(table.dropped))} had not begun, and "
            f"{counted(later)} that ended later {'counts' if later == 1 else 'count'} as still in "
            "force.",
        )
    yield from first_days(found.table)
    for series in found.series:
        for left in series.left_out:
            yield _note(
                "left-out",
                f"{WORDS[series.quantity].capitalize()}: {counted(len(left.ids))} left out, "
                f"because {left.reason} ({named(left.ids)}).",
            )
        wide = [each.episode.id for each in series.observations if _is_wide(each)]
        if wide:
            yield _note(
                "wide-dates",
                f"The dates of {named(wide)} are known only roughly: the bounds of the duration "
                "lie more than half of it apart.",
                "Fits use the bounds, the step curve their middle.",
            )


def first_days(table: EpisodeTable) -> Said:
    """Warn that dates may be less exact than they look: spreadsheets turn a month into a day."""
    periods = [period for e in table.episodes for period in (e.start, e.end) if period is not None]
    exact = [period for period in periods if period.first == period.last]
    firsts = sum(period.given.day == 1 for period in exact)
    if firsts >= _MANY_FIRSTS and firsts >= _MOSTLY * len(exact):
        yield _note(
            "first-of-month",
            f"{firsts} of {len(exact)} exact dates are the first day of a month.",
            "If only months are known, write them as 2019-03, or add the column date_precision "
            "with month in it.",
        )


def _is_wide(each: Observation) -> bool:
    middle = 0.5 * (each.upper + each.lower)
    return math.isfinite(each.upper) and each.upper - each.lower > _WIDE * middle


def _groups(found: Calibration) -> Said:
    for group in found.groups:
        what = _called(group)
        if group.refused:
            yield _note("refused", f"{what}: not fitted, because {group.refused}.")
        elif group.pull is not None:
            yield _pulled(what, group, group.pull)
        elif group.completed < FEW:
            ended = counted(group.completed)
            yield _note("few", f"{what}: rests on {ended} that ended. Take it as a guess.")
    whole = found.groups[0]
    if whole.clusters < whole.n:
        yield _note(
            "clusters",
            f"The {counted(whole.n)} belong to {whole.clusters} political events (clusters) and "
            f"hold as much as about {whole.effective:.0f} independent ones.",
            "All intervals of durations count events, not episodes.",
        )


def _pulled(what: str, group: GroupFit, pull: Pull) -> Notice:
    taken = group.fits[0].figures["median"].value
    return _note(
        "shrunk",
        f"{what}: only {counted(group.completed)} ended, fewer than {FEW}.",
        f"By themselves they say a median of {three(pull.alone)} days, all episodes together "
        f"{three(pull.whole)}; taken is {three(taken)}, with {100.0 * pull.weight:.0f} % of the "
        "weight on the group's own.",
    )


def _called(group: GroupFit) -> str:
    """The name of a group of a series, for the start of a sentence."""
    name = "all episodes" if group.group == ALL else group.group
    return f"{WORDS[group.quantity].capitalize()}, {name}"


def _fits(found: Calibration) -> Said:
    for group in found.groups:
        if group.best is not None:
            yield from _about_fit(group, group.best)


def _about_fit(group: GroupFit, fit: Fit) -> Said:
    what = _called(group)
    if fit.goodness < _RARE:
        yield _note(
            "poor-fit",
            f"{what}: even the best family, {fit.family}, fits badly (a gap as large as seen has a "
            f"chance of {chance_words(fit.goodness)} if it were true).",
        )
    rivals = [other.family for other in group.fits[1:] if other.aicc - fit.aicc < _CLOSE]
    if rivals and group.group == ALL:
        verb = "fits" if len(rivals) == 1 else "fit"
        yield _note(
            "rivals",
            f"{what}: {', '.join(rivals)} {verb} as well as {fit.family} (AICc within {_CLOSE:g}); "
            "they differ most beyond the longest episode that ended.",
        )
    if group.failed:
        yield _note(
            "unsettled",
            f"{what}: the fit of {', '.join(group.failed)} found no proper maximum and is left "
            "out.",
        )


def _onsets(found: Calibration) -> Said:
    for onset in found.onsets:
        if onset.group == ALL and onset.dispersion_p < _RARE and onset.dispersion > 1.0:
            yield _note(
                "overdispersed",
                "Onsets come in bunches: the yearly counts of political events vary "
                f"{onset.dispersion:.2g} times as much as those of independent onsets (as much or "
                f"more has a chance of {chance_words(onset.dispersion_p)}).",
                "A constant rate understates how bad a bad year is; the older years may also be "
                "less well covered.",
            )


def _steps(found: Calibration) -> Said:
    ids = found.steps.returned
    if ids:
        names = "it names" if len(ids) == 1 else "they name"
        yield _note(
            "returned",
            f"{counted(len(ids))} began more than a month after the end of the one {names} as "
            f"origin ({named(ids)}): a return, not a step, so that origin counts as resolved.",
        )


def _limits(found: Calibration) -> Iterator[str]:
    yield (
        "Episodes that nobody wrote about are not in the table. Short and quiet halts are "
        "missing, famous ones are in it: durations lean long."
    )
    for quantity in dict.fromkeys(group.quantity for group in found.groups):
        yield from _limits_of_series(found, quantity)
    if found.groups[0].quantity == SOJOURN:
        yield (
            "The time in force is that of the law. Flow often returned long before: a ladder of "
            "flow states needs --quantity flow."
        )
    yield (
        "Episodes of one coercer or one year have more in common than their cluster says, and the "
        "past coercers are not the next one. No interval here holds that."
    )
    if found.steps.rows:
        yield (
            "A link says that one restriction came out of another: a step up, a spread to others, "
            "or an answer by someone else. Chances of steps mix the three."
        )


def _limits_of_series(found: Calibration, quantity: str) -> Iterator[str]:
    durations = found.of(quantity)[0].series.durations
    ended = durations.middle[durations.ended]
    words = WORDS[quantity]
    if len(ended):
        yield (
            f"The longest {words} that ended is {np.max(ended):,.0f} days. Beyond it the curve of "
            "a family is the family's own, not the data's; so is its mean."
        )
    if quantity in (NEAR_ZERO_FLOW, SLOW_FLOW):
        yield (
            f"The {words} is known to its end for {len(ended):,} of "
            f"{counted(len(found.table.episodes))}. Where the flow was not cut or not measured "
            "there is no figure, and a halt that still lasts has none yet: long ones are missing."
        )
