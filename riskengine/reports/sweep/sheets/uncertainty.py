"""The sheet Uncertainty: how far what is not known moves a figure, beside what is chance."""

from __future__ import annotations

from collections.abc import Callable

from riskengine.reports.sweep.sentences import heading, uncertainty_sentences
from riskengine.reports.sweep.sheets.charts import band_chart
from riskengine.reports.sweep.sheets.columns import (
    INDEX,
    in_unit,
    money,
    money_look_of,
    unit_look,
    widths,
)
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.looks import LEVEL_FORMAT, STRONG
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Cell, Column, Table, after, number, text
from riskengine.sweeps.tables import UncertaintyRow

_LINES = 20
_STEPS = (
    ("below 5 %", "", "p05"),
    ("5 to 25 %", "p05", "p25"),
    ("25 % to median", "p25", "p50"),
    ("median to 75 %", "p50", "p75"),
    ("75 to 95 %", "p75", "p95"),
)
_BANDS = "What we do not know: 5 to 95 % (light), 25 to 75 % (dark), median (where dark changes)"
_WORDS = (
    "Each point is one guess at what is not known. The percentiles over points say how far the "
    "figure moves with the guesses; more trials would not narrow them. By chance: half the width "
    "of the 95 % interval at one point, which more trials would narrow (the median over points)."
)


def uncertainty_sheet(book: Book, view: SweepView) -> None:
    """Write the sheet; only designs that draw from ranges or distributions have one."""
    rows = view.tables.uncertainty
    if not rows:
        return
    page = book.page("Uncertainty", (24, 16, *widths(0, 12)))
    page.title("Uncertainty", _WORDS)
    for sentence in uncertainty_sentences(view):
        page.paragraph(sentence, STRONG)
    page.heading("Bands of the total")
    _bands(book, page, view)
    page.heading("All figures")
    look = unit_look(view, lambda row: str(row.measure))
    figures = (
        ("Base case", "base"), ("By chance, ±", "chance"), ("5 %", "p05"), ("25 %", "p25"),
        ("Median", "p50"), ("75 %", "p75"), ("95 %", "p95"), ("Mean", "mean"),
        ("Standard deviation", "sd"),
    )  # fmt: skip
    columns = [
        text("Name", lambda row: row.name or "total"),
        text("Measure", lambda row: row.measure),
        number("Level", lambda row: row.level, INDEX._replace(number_format=LEVEL_FORMAT)),
        *(in_unit(words, _field(name), look) for words, name in figures),
        after("Scope", lambda row: row.scope),
        text("Unit", lambda row: row.unit),
    ]
    page.table(Table(key="Uncertainty", columns=columns, rows=rows))


def _field(name: str) -> Callable[[UncertaintyRow], Cell]:
    return lambda row: getattr(row, name)


def _bands(book: Book, page: Page, view: SweepView) -> None:
    """The steps between percentiles, which a stacked chart needs, and the chart."""
    rows = [(key, view.uncertain(key)) for key in view.bands]
    look, unit = money_look_of(view), money(view)
    columns = [
        text("Figure", lambda row: heading(row[0])),
        *(_step(words, ends, unit, look) for words, *ends in _STEPS),
    ]
    placed = page.table(
        Table(key="Bands", columns=columns, rows=[row for row in rows if row[1]]), empty=""
    )
    chart = band_chart(book, placed, 1, (_BANDS, f"Loss ({unit})"))
    page.gap()
    page.chart(chart, _LINES)
    page.skip(_LINES)


def _step(words: str, ends: list[str], unit: str, look: object) -> Column:
    low, high = ends
    return number(
        f"{words} ({unit})",
        lambda row: getattr(row[1], high) - (getattr(row[1], low) if low else 0.0),
        look,  # type: ignore[arg-type]
    )
