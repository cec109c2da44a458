"""How the total loss is distributed: percentiles and a histogram, as tables and as a sheet."""

from __future__ import annotations

import math
from dataclasses import replace

from riskengine.figures.distribution import BinRow, PercentileRow
from riskengine.language.speaking import say
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_name, level_text
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.tables.formats import AMOUNT, COUNT, SHARE, Format
from riskengine.reports.tables.looks import LEVEL_FORMAT, Look
from riskengine.reports.tables.numbers import Money, percent, short_percent
from riskengine.reports.tables.table import Table, estimate, number, text
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import histogram
from riskengine.reports.xlsx.table import Placed

_NONE = (
    "These results have no percentiles and no histogram: they were made by an older riskengine. "
    "Run the scenario again."
)
_PERCENTILES = (
    "Percentile: the loss that so many of the trials do not exceed, the same as VaR at that level. "
    "0 % is the smallest loss, 100 % the largest, which have no interval."
)
_WEIGHTED = " Shares are by weight: not all trials count equally."
_BINNED = (
    " The run did not keep its trials in memory. Its 260,000 largest losses are exact. "
    "Smaller ones were counted in fine bins: a percentile among them is known to within 0.05 %, "
    "and a loss within 0.1 % of the edge of a bin may be counted on its other side."
)
_WHOLE = Look(number_format="0%")
_SPLIT = Look(number_format=LEVEL_FORMAT)


def percentiles_table(run: StoredRun, money: Money | None = None) -> Table:
    """The percentiles of the total loss, in the unit of the run or in `money`."""
    unit = money or Money(run.money, 1.0)

    def loss(row: PercentileRow) -> Estimate:
        return unit.scaled(Estimate(row.loss, row.lower, row.upper))

    share = number("probability", "Percentile", form=_format_of(0.0))
    return Table(
        key="Percentiles",
        title=f"Percentiles of the total loss, {unit.unit} (95 % interval)",
        columns=[
            share.by_row(lambda row: _format_of(row.probability)),
            estimate("loss", "Loss", loss, AMOUNT if money else run.amount, unit=unit.unit),
        ],
        rows=run.stored.percentiles(),
        remark=say(_PERCENTILES) + say(_how_counted(run)),
    )


def _format_of(share: float) -> Format:
    """A percentile as people say it: 5 %, 99.5 %."""
    is_whole = abs(100.0 * share - round(100.0 * share)) < 1e-9
    return replace(SHARE, text=level_text, look=_WHOLE if is_whole else _SPLIT)


def histogram_table(run: StoredRun, money: Money | None = None) -> Table:
    """The trials by their total loss, in the unit of the run or in `money`."""
    unit = money or Money(run.money, 1.0)
    form = AMOUNT.looking(Look(number_format="#,##0.######"))
    return Table(
        key="Histogram",
        title=f"Trials by total loss, {unit.unit}",
        columns=[
            text("bin", "Loss", lambda row: bin_label(row, unit)),
            number("low", "More than", lambda row: _edge(unit.of(row.low), row), form,
                   unit=unit.unit),
            number("high", "Up to", lambda row: _edge(unit.of(row.high), row), form,
                   unit=unit.unit),
            number("trials", "Trials", form=COUNT),
            number("share", "Share of trials", form=SHARE),
        ],
        rows=run.stored.histogram(),
        remark=_how_counted(run).strip(),
    )  # fmt: skip


def _edge(value: float, row: BinRow) -> float | None:
    return None if row.is_no_loss or math.isnan(value) else value


def bin_label(row: BinRow, money: Money) -> str:
    """A bin in words.

    >>> unit = Money("USD million", 1.0)
    >>> bin_label(BinRow(low=0.0, high=0.0, trials=1, share=1.0), unit)
    'no loss'
    >>> bin_label(BinRow(low=500.0, high=1000.0, trials=1, share=1.0), unit)
    '500–1,000'
    >>> bin_label(BinRow(low=1000.0, high=float("nan"), trials=1, share=1.0), unit)
    'above 1,000'
    """
    if row.is_no_loss:
        return say("no loss")
    low = f"{money.of(row.low):,.10g}"
    return say(f"above {low}") if math.isnan(row.high) else f"{low}–{money.of(row.high):,.10g}"


def _how_counted(run: StoredRun) -> str:
    """What limits the figures: weights, or trials that were not kept in memory."""
    if "sampling" in run.manifest:
        return _WEIGHTED
    return _BINNED if run.manifest.get("keep") else ""


def distribution_sheet(book: Book, run: StoredRun) -> None:
    """Write percentiles and histogram of the total loss."""
    page = book.page("Distribution", (16, 14, 14, 14, 14, 2, *[14.0] * 6))
    page.title("Distribution", f"{run.facts.line}. {say(_PERCENTILES)}{say(_how_counted(run))}")
    if not run.stored.percentiles():
        page.paragraph(_NONE)
        return
    page.heading("Percentiles of the total loss")
    top = page.row
    placed = page.table(percentiles_table(run), empty="")
    _define(book, placed)
    below = page.row
    page.heading("Histogram of the total loss")
    bins = page.table(histogram_table(run), empty="")
    _chart(book, page, run, bins, (top, below))


def _define(book: Book, placed: Placed) -> None:
    for offset, row in enumerate(placed.table.rows):
        name = "100" if row.probability == 1.0 else level_name(row.probability)
        meaning = f"{level_text(row.probability)} percentile of the loss of the total"
        book.define(f"P{name}_total", meaning, placed.cell(offset, placed.position("loss")))


def _chart(book: Book, page: Page, run: StoredRun, bins: Placed, rows: tuple[int, int]) -> None:
    """The histogram of the trials with a loss, beside the rows of the percentiles."""
    none, *others = run.stored.histogram()
    if not others:
        page.paragraph("No trial has a loss.")
        return
    end, (top, below) = page.row, rows
    words = (f"Total loss ({run.money})", "Share of all trials")
    title = (
        f"Trials with a loss ({percent(1.0 - none.share)}); {short_percent(none.share)} have none"
    )
    chart = histogram(book, bins, title, words, skipped=1)
    page.row = top
    page.chart(chart, below - top, 6)
    page.row = end
