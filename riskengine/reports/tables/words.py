"""Days, chances and values of a config in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from riskengine.config.schema.distributions import BOUNDS, family_of
from riskengine.config.schema.kinds import Node
from riskengine.language.speaking import say, spoken
from riskengine.reports.tables.numbers import plain, short
from riskengine.sweeps.series import SeriesKey

Row = TypeVar("Row")

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip
_END = 0.06  #: share of a time axis at its end, without a tick
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600)
_MOST_VALUES = 6
_BOUND_WORDS = {"min": "at least", "max": "at most"}


def one_in(share: float) -> str:
    """A small chance as people say it: "1 in n" if n is whole, otherwise in per cent.

    >>> one_in(0.01), one_in(0.005), one_in(0.3)
    ('1 in 100', '1 in 200', '30 %')
    """
    inverse = 1.0 / share
    whole = abs(inverse - round(inverse)) < 1e-6 and share <= 0.2
    return say(f"1 in {inverse:,.0f}") if whole else f"{short(100.0 * share)}{spoken().percent}"


def stands_at(at: str) -> str:
    """Where a trial stands whose story is told.

    >>> stands_at("var99"), stands_at("largest")
    ('VaR 99 %', 'largest')
    """
    if at.startswith("var"):
        return f"VaR {at.removeprefix('var')}{spoken().percent}"
    return say(at, "trial")


NOTHING_TO_NOTE = "There is nothing to note."


def listing(names: Sequence[str]) -> str:
    """Names as a list within a sentence.

    >>> listing(["gallium", "indium", "antimony"])
    'gallium, indium and antimony'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{spoken().comma.join(names[:-1])}{spoken().last_comma}{names[-1]}"


def first_named(names: Sequence[str], most: int) -> str:
    """The first names as a list within a sentence, and how many more there are.

    >>> first_named(["gallium", "indium", "antimony"], 1)
    'gallium and 2 more'
    """
    more = len(names) - most
    return listing([*names[:most], *([say(f"{more:,} more")] if more > 0 else [])])


def ended(words: str) -> str:
    """Words as a sentence of their own.

    >>> ended("3 options")
    '3 options.'
    """
    return f"{words}{say('.', 'end')}"


def all_said(*sentences: str) -> str:
    """Sentences one after the other, each looked up by itself; empty ones are left out.

    >>> all_said("Less is better.", "", "So is more.")
    'Less is better. So is more.'
    """
    return spoken().gap.join(say(each) for each in sentences if each)


def with_rest(
    rows: Sequence[Row], most: int, together: Callable[[Sequence[Row]], Row]
) -> list[Row]:
    """All rows if they are at most `most`; else the first, and all others together as the last.

    >>> with_rest([5, 3, 2, 1], 3, sum), with_rest([5, 3], 3, sum)
    ([5, 3, 3], [5, 3])
    """
    if len(rows) <= most:
        return list(rows)
    return [*rows[: most - 1], together(rows[most - 1 :])]


def the(key: SeriesKey) -> str:
    """A figure within a sentence."""
    found = say(key.words, "figure")
    return f"the {found}" if key.level is None and found == key.words else found


def figure_title(key: SeriesKey) -> str:
    """A figure at the start of a sentence."""
    words = the(key)
    return f"{words[0].upper()}{words[1:]}"


def figure_heading(key: SeriesKey) -> str:
    """A figure as a heading."""
    found = say(key.words, "figure")
    return f"{found[0].upper()}{found[1:]}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns days since time 0 into dates.

    >>> Calendar.starting("2026-01-08").label(53.47)
    '2026-03-02 (day 53.4)'
    >>> Calendar.starting(None).label(53.47)
    'day 53.4'
    """

    start: date | None  #: the date of time 0; None if the scenario has no valuation date

    @classmethod
    def starting(cls, valuation_date: str | None) -> Calendar:
        return cls(date.fromisoformat(valuation_date) if valuation_date else None)

    def date(self, day: float) -> str | None:
        """The ISO date on which a day falls; None without a valuation date or after year 9999."""
        if self.start is None:
            return None
        try:
            return (self.start + timedelta(days=math.floor(day))).isoformat()
        except OverflowError:
            return None

    def label(self, day: float) -> str:
        """Date and day, or the day alone; cut to a tenth, so that date and number name one day."""
        number = say(f"day {math.floor(day * 10.0) / 10.0:,.10g}")
        dated = self.date(day)
        return f"{dated} ({number})" if dated else number


def long_date(iso: str) -> str:
    """A date in full.

    >>> long_date("2026-01-08")
    '8 January 2026'
    """
    day = date.fromisoformat(iso)
    if spoken().date:
        return spoken().date.format(year=day.year, month=day.month, day=day.day)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def span(calendar: Calendar, horizon_days: float) -> str:
    """The time that a run covers.

    >>> span(Calendar.starting("2026-01-08"), 730.0)
    'the 730 days from 8 January 2026 to 8 January 2028'
    """
    length = f"{horizon_days:,g} days"
    first, last = calendar.date(0.0), calendar.date(horizon_days)
    if first is None or last is None:
        return say(f"a time of {length}")
    return say(f"the {length} from {long_date(first)} to {long_date(last)}")


def time_ticks(calendar: Calendar, horizon_days: float, most: int) -> list[tuple[float, str]]:
    """The ticks of a time axis, with their labels: first days of months, or days.

    >>> time_ticks(Calendar.starting("2026-01-08"), 365.0, 2)
    [(174.0, '2026-07')]
    >>> time_ticks(Calendar.starting(None), 365.0, 4)
    [(0.0, 'day 0'), (100.0, 'day 100'), (200.0, 'day 200'), (300.0, 'day 300')]
    """
    last = calendar.date(horizon_days)
    if calendar.start is not None and last is not None and horizon_days >= 56.0:
        for step in _MONTH_STEPS:
            months = _months(calendar.start, date.fromisoformat(last), step)
            if len(months) <= most:
                return [(float((m - calendar.start).days), f"{m:%Y-%m}") for m in months]
    step_days = _round_step(horizon_days, most)
    days = [k * step_days for k in range(most)]
    days = [day for day in days if day <= horizon_days * (1.0 - _END)]
    return [(day, calendar.date(day) or say(f"day {day:,g}")) for day in days]


def _months(first: date, last: date, step: int) -> list[date]:
    """The first days of every `step`-th month, counted from January of year 0."""
    start = first.year * 12 + first.month  # the month after the first
    months = range(start + (-start) % step, last.year * 12 + last.month, step)
    found = [date(month // 12, month % 12 + 1, 1) for month in months if month // 12 <= 9999]
    # A label at the end of the axis would be cut off.
    end = last - (last - first) * _END
    return [day for day in found if day <= end]


def _round_step(length: float, most: int) -> float:
    step = 1.0
    while True:
        for factor in (1.0, 2.0, 5.0):
            if step * factor * most >= length:
                return step * factor
        step *= 10.0


def distribution_words(value: Mapping[str, Any]) -> str:
    """A distribution in words.

    >>> distribution_words({"lognormal": {"median": 64, "p90": 207}})
    'lognormal, median 64, p90 207'
    >>> distribution_words({"exponential": {"mean": 365}, "max": 730})
    'exponential, mean 365, at most 730'
    """
    family = family_of(value)
    given = value[family]
    words = [family]
    if isinstance(given, Mapping):
        words += [f"{name} {_parameter(parameter)}" for name, parameter in given.items()]
    words += [
        f"{say(_BOUND_WORDS[bound])} {_parameter(value[bound])}"
        for bound in BOUNDS
        if bound in value
    ]
    return ", ".join(words)


def unit_of(node: Node | None, money: str) -> str:
    """The unit of an input, with the money of the scenario."""
    unit = str(getattr(node, "unit", ""))
    return unit.replace("money", money) if unit.startswith("money") else unit


def _parameter(parameter: Any) -> str:
    if isinstance(parameter, list):
        shown = " ".join(_parameter(item) for item in parameter[:_MOST_VALUES])
        more = len(parameter) - _MOST_VALUES
        return f"{shown} and {more:,} more" if more > 0 else shown
    if isinstance(parameter, int | float):
        return plain(float(parameter))
    return str(parameter)
