"""How a sheet is printed: on one page if it can be read there, otherwise on a few."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
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


def printing(heights: Sequence[float], width: float, repeated: float = 0.0) -> Print:
    """How to print a sheet.

    Parameters
    ----------
    heights : sequence of float
        Of all rows, in points.
    width : float
        Of all columns, in points.
    repeated : float
        Height of the headings that are printed again on each further page.

    Examples
    --------
    >>> printing([15.0] * 40, 500.0)
    Print(rows=40, is_one_page=True, is_upright=True)

    At 71 %, a page upright holds 71 of these rows:

    >>> printing([15.0] * 9_000, 760.0)
    Print(rows=211, is_one_page=False, is_upright=True)
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
    return Print(max(rows, 1), False, best == _UPRIGHT)


def _held(paper: tuple[float, float], width: float) -> float:
    """The height of the rows on one page whose width is filled."""
    return paper[1] / min(1.0, paper[0] / width)
