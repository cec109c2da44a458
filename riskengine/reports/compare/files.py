"""Two runs side by side as a page and as a workbook; the same comparison gives the same bytes."""

from __future__ import annotations

from functools import partial

from riskengine.language.money import unit_words
from riskengine.language.speaking import speaking
from riskengine.reports.compare import tables as shown
from riskengine.reports.compare.sentences import answer
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.html.parts import Html, Section, document, noted, paragraphs, table_html
from riskengine.reports.html.parts import text as html_text
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.xlsx.book import Page
from riskengine.reports.xlsx.charts import columns_chart
from riskengine.reports.xlsx.sheets import (
    Part,
    Sheet,
    Write,
    contents,
    heading,
    write_bullets,
    written,
)
from riskengine.reports.xlsx.text import heading_unit

_CREATED = "2000-01-01T00:00:00+00:00"
_ABOUT = (
    "Differences are B minus A: where one is negative, B loses less. Low and high are the ends of "
    "the 95 % interval of the simulation: more trials would narrow it.",
    "Paired: the same trial has the same draws in A and B, and the interval is that of the "
    "differences by trial. Variance ratio: how many times the trials would be needed for the same "
    "interval without pairing.",
)
_EMPTY = "Empty cells: there is no such figure, or no interval."
_NOTHING = "Nothing differs."
_CHART_LINES = 18


def comparison_page(comparison: Comparison) -> Html:
    """The page, as HTML; the same comparison gives the same page to the byte."""
    with speaking(comparison.language):
        told = [*paragraphs(answer(comparison)), *map(table_html, comparison.tables())]
        notes = Section("notes", "Please note", noted(comparison.notices))
        sections = [Section("answer", "B against A", told), notes]
        facts = map(html_text, comparison.lines())
        return document(comparison.title, facts=facts, sections=sections, has_contents=False)


def comparison_workbook(comparison: Comparison) -> bytes:
    """The bytes of an XLSX file with the sheets Summary, Figures and Inputs.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has.
    """
    with speaking(comparison.language):
        return _written(comparison)


def _written(comparison: Comparison) -> bytes:
    figures = shown.all_figures_table(comparison.differences)
    differing = shown.differing_inputs(comparison.inputs)
    others = [
        Sheet(
            "Figures",
            "every figure of both runs, and the difference with its interval",
            (10, 24, 11, 22, 8, 14, *[14.0] * 5, 10, 14, 11),
            "Every figure of both runs, and the difference with its interval.",
            [lambda page: page.long_table(figures, empty=_EMPTY)],
        ),
        Sheet(
            "Inputs",
            "what differs between the two configs",
            (48, 12, 50, 50),
            "What differs between the two configs, as the configs write it.",
            [lambda page: page.table(differing, empty="")] if differing.rows else [_NOTHING],
        ),
    ]
    first, *more = comparison.lines()
    parts: list[Part] = [heading("The answer")]
    parts += [*((sentence, STRONG) for sentence in answer(comparison)), *more]
    parts += [partial(_total, comparison, contents(others, has_checks=False))]
    parts += [partial(_means, comparison)]
    summary = Sheet("Summary", "", (30, *[15.0] * 7), first, parts, comparison.title)
    return written([summary, *others], created=_CREATED)


def _means(comparison: Comparison, page: Page) -> None:
    """The means of industries and materials, and the contested days of pools."""
    unit = heading_unit(unit_words(comparison.money))
    for scope, measure, title, in_unit in (
        ("industry", "mean", f"Mean loss by industry, {unit_words(comparison.money)}", unit),
        ("material", "mean", f"Mean loss by material, {unit_words(comparison.money)}", unit),
        ("pool", "contested_days", "Contested days of each pool, mean", "days"),
    ):
        rows = comparison.means(scope, measure)
        if rows:
            page.heading(title)
            key = f"{measure.partition('_')[0].capitalize()}_by_{scope}"
            table = shown.figures_table(key, title, scope.capitalize(), rows, unit=in_unit)
            page.table(table, empty=_EMPTY)


def _total(comparison: Comparison, write_contents: Write, page: Page) -> None:
    """The figures of the total, and a chart of the losses as columns side by side."""
    rows, title = comparison.headline(), f"Total loss, {unit_words(comparison.money)}"
    losses = [row for row in rows if row.figure.unit == comparison.money]
    chances = [row for row in rows if row.figure.unit != comparison.money]
    page.heading(title)
    unit = heading_unit(unit_words(comparison.money))
    table = shown.figures_table("Total", title, "Figure", losses, name="Difference", unit=unit)
    placed = page.table(table, empty=_EMPTY)
    if chances:
        page.heading("Chances")
        page.table(shown.figures_table("Chances", "Chances", "Figure", chances), empty=_EMPTY)
    page.gap()
    write_contents(page)
    page.heading("How to read it")
    for line in _ABOUT:
        page.paragraph(line)
    if comparison.notices:
        write_bullets(page, "Please note", (notice.message for notice in comparison.notices))
    page.gap()
    both = (placed.position("a"), placed.position("b"))
    chart = columns_chart(page.book, placed, both, ("Total loss", unit_words(comparison.money)))
    page.chart_across(chart, _CHART_LINES)
