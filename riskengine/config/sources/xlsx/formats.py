"""Number formats: which numbers of a workbook are dates, and which dates they are."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sized
from typing import IO, Any

from riskengine.config.sources.grids import BadValueError, PartialDate
from riskengine.config.sources.xlsx.elements import XmlError, walk

MOST_FORMATS = 100_000  #: of cells; spreadsheets know about 65,000

_END = 2_958_466  #: the day after 9999-12-31
_MIDNIGHT = datetime.time()
_BUILT_IN = {
    **{str(number): "date" for number in (14, 15, 16, *range(18, 23), *range(27, 37), 45, 47)},
    **{str(number): "date" for number in range(50, 59)},
    "17": "month",
    "46": "duration",
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")


def read_formats(stream: IO[bytes]) -> list[str]:
    """What numbers mean in cells of each style: number, date, month, year or duration.

    Raises
    ------
    XmlError
        When the part is damaged or exceeds a limit.
    """
    kinds: dict[str, str] = {}
    styles: list[str] = []
    of_cells = False

    def add_format(attributes: Mapping[str, str]) -> None:
        kinds[attributes.get("numFmtId", "")] = format_kind(attributes.get("formatCode", ""))
        _check_count(kinds)

    def enter(_: Mapping[str, str]) -> None:
        nonlocal of_cells
        of_cells = True

    def leave(_: str) -> None:
        nonlocal of_cells
        of_cells = False

    def add_style(attributes: Mapping[str, str]) -> None:
        if of_cells:  # not named styles, whose entries have the same name
            styles.append(attributes.get("numFmtId", "0"))
            _check_count(styles)

    walk(
        stream, {"numFmt": add_format, "cellXfs": enter, "xf": add_style}, {"cellXfs": leave}
    )  # fmt: skip
    return [kinds.get(style) or _BUILT_IN.get(style, "number") for style in styles]


def _check_count(found: Sized) -> None:
    if len(found) > MOST_FORMATS:
        raise XmlError(f"has more than {MOST_FORMATS:,} formats of cells")


def format_kind(code: str) -> str:
    """What a number format shows: a number, date (or time), month, year or duration.

    >>> format_kind("yyyy-mm-dd"), format_kind("mmm-yy"), format_kind("[h]:mm")
    ('date', 'month', 'duration')
    >>> format_kind('0.0 "days"'), format_kind("General"), format_kind("[Red]#,##0")
    ('number', 'number', 'number')
    """
    shown = _LITERAL.sub("", code[:1000]).partition(";")[0].lower()
    if _ELAPSED.search(shown):
        return "duration"
    letters = set() if "general" in shown else set(shown)
    if letters & set("dhs"):
        return "date"
    if letters & set("yg"):  # g: the era of a Japanese year
        return "month" if "m" in letters else "year"
    return "date" if "m" in letters else "number"


def read_moment(number: float, kind: str, *, counts_from_1904: bool) -> Any:
    """The displayed value of a number that a spreadsheet shows as a date, time or duration.

    Parameters
    ----------
    number : float
        Days since the end of 1899, or since the first day of 1904.
    kind : str
        As `format_kind` returns it. If only month or year are shown, the value is a `PartialDate`.
    counts_from_1904 : bool

    Raises
    ------
    BadValueError
        When the number is not a day of the calendar.
    """
    if not 0.0 <= number < _END:
        raise BadValueError(f"is {number:.15g}, formatted as a date", "a date or a number")
    span = datetime.timedelta(milliseconds=round(number * 86_400_000))
    if kind == "duration":
        return span
    if span.days == 0 and not counts_from_1904:
        return (datetime.datetime.min + span).time()
    moment = _first_day(span.days, counts_from_1904) + span
    if kind != "date":
        return PartialDate.seen(moment, kind)
    return moment if moment.time() != _MIDNIGHT else moment.date()


def _first_day(days: int, counts_from_1904: bool) -> datetime.datetime:
    """Day 0. Spreadsheets count 29 February 1900, a date that never existed, as day 60."""
    if counts_from_1904:
        if days >= _END - 1462:
            raise BadValueError("is a date after the year 9999", "a date")
        return datetime.datetime(1904, 1, 1)
    if days == 60:
        raise BadValueError("is 29 February 1900, a day that no calendar has", "a date")
    return datetime.datetime(1899, 12, 31 if days < 60 else 30)


def read_iso(text: str) -> Any:
    """Read a date or time as written in a workbook in strict Open XML.

    Raises
    ------
    BadValueError
        When the text is not a date or time.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise BadValueError(f"holds {text[:20]!r}, which is no date", "a date") from None
    return moment if moment.time() != _MIDNIGHT else moment.date()
