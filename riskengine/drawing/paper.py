"""How a sheet is printed: on one page if it can be read there, otherwise on a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

MOST_PAGES = 3  #: of one sheet: the rows below are for the screen
#: Printable width and height of A4 within the margins of a sheet, in points
_UPRIGHT, _ACROSS = (537.0, 762.0), (784.0, 516.0)
_FILLED = 0.98  #: of a page: a row is not split, and programs round scales down
_LEAST_SCALE = 0.5  #: the smallest at which a printed page can be read


class Print(NamedTuple):
    """The part of a sheet that is printed, one page wide."""

    rows: int  #: how many, from the first on
    is_one_page: bool
    is_upright: bool
    breaks: tuple[int, ...] = ()  #: the rows, counted from 0, that begin a further page


def printing(
    heights: Sequence[float], width: float, repeated: float = 0.0, starts: Sequence[int] = ()
) -> Print:
    """How to print a sheet.

    Parameters
    ----------
    heights : sequence of float
        Of all rows, in points.
    width : float
        Of all columns, in points.
    repeated : float
        Height of the headings that are printed again on each further page.
    starts : sequence of int
        The rows that begin a part, such as a heading with its table and its chart. A part that
        fits on a page is not split; the first one stays below the title.

    Examples
    --------
    >>> printing([15.0] * 40, 500.0)
    Print(rows=40, is_one_page=True, is_upright=True, breaks=())

    At 71 %, a page upright holds 71 of these rows:

    >>> printing([15.0] * 9_000, 760.0)
    Print(rows=211, is_one_page=False, is_upright=True, breaks=())

    A part of 30 rows that begins in row 50 goes to the next page whole:

    >>> printing([15.0] * 200, 760.0, starts=[2, 50, 80]).breaks
    (50,)
    """
    papers, height = (_UPRIGHT, _ACROSS), sum(heights)
    scales = {paper: min(paper[0] / width, paper[1] / height) for paper in papers}
    best = max(papers, key=lambda paper: scales[paper])
    if scales[best] >= _LEAST_SCALE:
        return Print(len(heights), True, best == _UPRIGHT)
    readable = [paper for paper in papers if paper[0] / width >= _LEAST_SCALE] or [_ACROSS]
    best = max(readable, key=lambda paper: _held(paper, width))
    room = _FILLED * MOST_PAGES * _held(best, width) - (MOST_PAGES - 1) * repeated
    rows = sum(end <= room for end in accumulate(heights))
    rows = max(rows, 1)
    page = _FILLED * _held(best, width) - repeated
    return Print(rows, False, best == _UPRIGHT, tuple(_breaks(heights[:rows], page, starts)))


def _breaks(heights: Sequence[float], page: float, starts: Sequence[int]) -> Iterator[int]:
    """The parts that go to the next page, because they fit on one but not on the rest of theirs."""
    used = 0.0
    rows = len(heights)
    for start, end in pairwise([0, *(row for row in starts[1:] if row < rows), rows]):
        needed = sum(heights[start:end])
        if page - used < needed <= page:
            yield start
            used = 0.0
        used = (used + needed) % page


def _held(paper: tuple[float, float], width: float) -> float:
    """The height of the rows on one page whose width is filled."""
    return paper[1] / min(1.0, paper[0] / width)
