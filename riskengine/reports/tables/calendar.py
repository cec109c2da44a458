"""Days of a trial as people read them: with a date if the scenario has a valuation date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta


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
        number = f"day {math.floor(day * 10.0) / 10.0:,.10g}"
        dated = self.date(day)
        return f"{dated} ({number})" if dated else number
