"""Marks that charts of several pages share: words beside bars, and cells of a heat map."""

from __future__ import annotations

from collections.abc import Sequence

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import INK, SOFT


def without_ticks(axes: Axes) -> None:
    """Leave out ticks, frame and grid, where all figures stand beside their bars."""
    axes.set_xticks([], [])
    axes.set_yticks([], [])
    axes.without_frame()
    axes.grid(visible=False)


def row_name(axes: Axes, row: float, name: str) -> None:
    """A name above the bars of a row, at the left edge."""
    axes.text(0.0, row, name, transform="row", color=INK, weight="bold")


def beside(axes: Axes, place: tuple[float, float], words: str, *, is_left: bool = False) -> None:
    """Words to the right of a place, or to the left of it."""
    axes.annotate(
        words,
        place,
        xytext=(-6 if is_left else 6, -4),
        textcoords="offset points",
        ha="right" if is_left else "left",
        color=SOFT,
    )


def heat_cell(
    axes: Axes, place: tuple[int, int], colour: str, depth: float, words: str, *, size: float
) -> None:
    """One cell of a heat map, at a row and a column, deeper the closer `depth` is to 1."""
    row, column = place
    axes.barh(row, 0.96, left=column - 0.48, height=0.92, color=colour,
              alpha=0.06 + 0.74 * depth, linewidth=0)  # fmt: skip
    axes.text(column, row, words, ha="center", va="center", color=INK, fontsize=size)


def heat_edges(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """The names of a heat map's columns and rows, along its edges."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.grid(visible=False)
