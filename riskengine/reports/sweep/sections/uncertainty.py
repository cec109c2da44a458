"""What is not known as bands, with what is chance drawn on top of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from riskengine.measures.estimate import Estimate
from riskengine.reports.html.charts import (
    BLUE,
    INK,
    ORANGE,
    PAPER,
    Margins,
    Pen,
    add_axes,
    both_sizes,
)
from riskengine.reports.html.parts import (
    Html,
    figure,
    paragraph,
    section,
    shown,
    table_html,
    text,
)
from riskengine.reports.sweep.sentences import estimated, heading, uncertainty_sentences
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.numbers import Money, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import UncertaintyRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Band = tuple[
    SeriesKey, UncertaintyRow, Estimate
]  #: a figure, its spread over points, the base case

_CAPTION = (
    "Light: from the 5th to the 95th percentile of the points; dark: from the 25th to the 75th; "
    "white: the median. The dot is the base case, and the line through it its 95 % interval: that "
    "is chance, which more trials would narrow. The bands are what we do not know, which they "
    "would not."
)


def uncertainty_section(view: SweepView) -> Html:
    """The bands in words, drawn and in numbers; empty unless there are any."""
    found = [(key, view.uncertain(key), view.base(key)) for key in view.bands]
    bands: list[Band] = [(key, row, base) for key, row, base in found if row]
    if not bands:
        return Html()
    told = " ".join(uncertainty_sentences(view))
    opening = paragraph(
        text(
            f"Each of the {len(view.tables.points) - 1:,} points is one guess at what is not "
            "known. How far a figure moves from point to point is ignorance; how far it would "
            "move if the same point were played with other draws is chance."
        )
    )
    known = [band for band in bands if not math.isnan(band[1].p05)]
    if known:
        money = Money.fitting(max(row.p95 for _, row, _ in known), view.tables.money)
        height = 32.0 * len(known) + 60.0
        drawn = both_sizes("bands", told, (height, height), partial(_draw, known, money))
        shown_bands = figure(drawn, text(_CAPTION), [_table(view, bands)])
    else:
        shown_bands = text(paragraph(text(told)), table_html(_table(view, bands)))
    return section("uncertainty", "What we do not know", [opening, shown_bands])


def _draw(bands: Sequence[Band], money: Money, figure: Figure, pen: Pen) -> None:
    axes = add_axes(figure, pen.size, Margins(left=84, right=14, top=10, bottom=46))
    for place, (_, row, base) in enumerate(bands):
        p05, p25, p50, p75, p95 = (
            value / money.divisor for value in (row.p05, row.p25, row.p50, row.p75, row.p95)
        )
        axes.barh(place, p95 - p05, left=p05, height=0.6, color=BLUE, alpha=0.3, linewidth=0)
        axes.barh(place, p75 - p25, left=p25, height=0.6, color=BLUE, alpha=0.75, linewidth=0)
        axes.plot([p50, p50], [place - 0.3, place + 0.3], color=PAPER, linewidth=2.5)
        if not math.isnan(base.lower) and not math.isnan(base.upper):
            ends = [base.lower / money.divisor, base.upper / money.divisor]
            axes.plot(ends, [place, place], color=INK, linewidth=1.5)
        dot = [base.value / money.divisor], [place]
        axes.plot(*dot, marker="o", markersize=7, color=ORANGE, markeredgecolor=INK)
    axes.set_ylim(len(bands) - 0.5, -0.5)
    axes.set_xlim(0.0, None)
    axes.set_yticks(range(len(bands)), [heading(key) for key, _, _ in bands], color=INK)
    axes.locator_params(axis="x", nbins=4 if pen.size.width < 500 else 8)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(pen.name(f"loss, {money.unit}", 40))


def _table(view: SweepView, bands: Sequence[Band]) -> Table:
    names = ("p05", "p25", "p50", "p75", "p95")
    words = ("5 %", "25 %", "Median", "75 %", "95 %")
    rows = [
        [
            heading(key),
            estimated(base),
            *(significant(getattr(row, name)) for name in names),
        ]
        for key, row, base in bands
    ]
    return Table(
        key="uncertainty",
        title=f"Percentiles over the points, {view.tables.money}",
        columns=[
            text_column("figure", "Figure"),
            shown("base", "Base case (by chance)"),
            *(shown(name, word) for name, word in zip(names, words, strict=True)),
        ],
        rows=rows,
        remark="uncertainty.csv has the same for every industry and material, noise.csv how much "
        "of the spread is noise, which is taken out of the percentiles.",
    )
