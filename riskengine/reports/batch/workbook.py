"""A batch as `batch.xlsx`, for people who work in Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from riskengine.batches.outcome import BatchOutcome
from riskengine.batches.view import IN_TAIL, BatchView
from riskengine.figures.catalog import of_total
from riskengine.reports.batch.agreement import batch_agreements
from riskengine.reports.batch.beside import (
    InputRow,
    beside_table,
    changed_rows,
    input_rows,
    inputs_table,
)
from riskengine.reports.batch.sentences import ADDS_UP, BESIDE, INTERVALS, MIXED, answer, facts
from riskengine.reports.batch.tables import (
    all_parts_table,
    curves_table,
    failed_table,
    figures_table,
    headline_table,
    levels_table,
    mixture_table,
    parts_table,
    played_table,
    points_table,
    unit_of,
    weights_table,
)
from riskengine.reports.screen import width_of
from riskengine.reports.tables.looks import PALETTE, REMARK, STRONG
from riskengine.reports.tables.table import Table, origin_table
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.charts import MOST_SERIES, LossCurve, bar_chart, exceedance_chart
from riskengine.reports.xlsx.checks import HOLDS, SHEET, write_checks

#: A fixed moment for every batch, so that the bytes do not depend on the clock
_CREATED = "2000-01-01T00:00:00"
_MOST_BARS = 20  #: scenarios for which a chart has room
_CURVE_LINES = 24
_MOST_ROWS = 50_000  #: of a sheet: more would take long to write and to open
_NARROW, _WIDE = 28, 50  #: characters of a column of names
_MOST_PARTS = 11  #: columns of industries or materials
_LEVELS = {"VaR": "var", "TVaR": "tvar", "OEP": "oep_var"}  #: measures by their sheets
_HOLDS = {
    "Charts": "VaR and TVaR of the scenarios as bars, and their exceedance curves",
    "Mixture": "the scenarios drawn by their weights: what is mixed, and every figure",
    "Figures": "means and chances of every scenario",
    "VaR": "VaR of every scenario at every level",
    "TVaR": "TVaR of every scenario at every level",
    "OEP": "VaR of the largest spell of every scenario at every level",
    "Curves": "every point of the exceedance curves",
    "By industry": "mean loss and part of TVaR by scenario and industry",
    "By material": "mean loss and part of TVaR by scenario and material",
    "Reference": "every scenario against the reference",
    "Last time": "every scenario beside the earlier batch",
    "Changed": "scenarios that came and went, and inputs that changed since last time",
    "Inputs": "which inputs differ from the reference",
    "Played": "how each scenario was played: config, changed values, trials, seed",
    "Failed": "the scenarios that failed, and why",
    "About": "what the figures mean, and where they come from",
    SHEET: HOLDS,
}


def batch_workbook(outcome: BatchOutcome, made: Sequence[Sequence[str]] = ()) -> bytes:
    """The bytes of the workbook of a batch; the same outcome gives the same bytes.

    Parameters
    ----------
    outcome : BatchOutcome
    made : sequence of (name, fact)
        How the batch was made, such as versions and its folder.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows or columns than Excel has.
    """
    view = BatchView(outcome)
    book = Book(outcome.title, "riskengine", _CREATED)
    sheets = _sheets(view)
    summary = _summary(book, view, [*sheets, "About", SHEET])
    for write in sheets.values():
        write(book, view)
    _about(book, view, made)
    write_checks(book, summary, batch_agreements(view))
    return book.close()


def _sheets(view: BatchView) -> dict[str, Callable[[Book, BatchView], None]]:
    """The sheets of this batch between the first one and the sheet About."""
    outcome = view.outcome
    found: dict[str, tuple[Callable[[Book, BatchView], None], object]] = {
        "Charts": (_charts, view.names and view.levels),
        "Mixture": (_mixture, outcome.mixture),
        "Figures": (_figures, view.names),
        **{sheet: (partial(_levels, sheet, name), view.levels) for sheet, name in _LEVELS.items()},
        "Curves": (_points, points_table(view).rows),
        "By industry": (_industries, view.parts("industry")),
        "By material": (_materials, view.parts("material")),
        "Reference": (_reference, outcome.against_reference),
        "Last time": (_last_time, outcome.previous),
        "Changed": (_changed, outcome.previous),
        "Inputs": (_inputs, input_rows(outcome.against_reference)),
        "Failed": (_failed, outcome.failed),
        "Played": (_played, outcome.scenarios),
    }
    return {name: write for name, (write, is_there) in found.items() if is_there}


def _summary(book: Book, view: BatchView, others: Sequence[str]) -> Page:
    """The first sheet, with a free row at the end for the verdict on the checks."""
    page = book.page("Summary", (_room(_names(view)), *[13.0] * 11))
    page.title(view.outcome.title, ", ".join(facts(view)) + ".")
    for sentence in answer(view):
        page.paragraph(sentence, STRONG)
    page.gap()
    table = headline_table(view)
    if view.names:
        page.table(table)
    page.paragraph(f"{table.remark} {INTERVALS}".strip(), REMARK)
    if view.outcome.notices:
        page.heading("Please note")
        for notice in view.outcome.notices:
            page.paragraph(f"•  {notice.message}")
    page.contents({name: _HOLDS[name] for name in others})
    page.gap()
    return page


def _charts(book: Book, view: BatchView) -> None:
    page = book.page("Charts", (_room(_names(view)), *[15.0] * 7))
    shown = [*view.ranked()[:_MOST_BARS]]
    few = (
        f"The {_MOST_BARS} scenarios with the largest TVaR. " if len(view.done) > len(shown) else ""
    )
    page.title("Charts", f"{few}The sheet Figures has all scenarios, with their intervals.")
    page.gap()
    bars = headline_table(view).only("scenario", "var", "tvar", "mean", key="Bars")
    bars = replace(bars, rows=shown).alone("var", "tvar", "mean").unnamed("var", "tvar", "mean")
    placed = page.table(bars)
    page.gap()
    lines = 6 + 2 * len(shown)
    words = f"VaR and TVaR of each scenario ({unit_of(view)})"
    page.chart(bar_chart(book, placed, ("var", "tvar"), words), lines)
    page.gap(lines)
    names = view.drawn[:MOST_SERIES]
    curves = curves_table(view, names)
    if curves.rows:
        page.heading(curves.title)
        placed = page.table(curves)
        said = "The sheet Curves has those of all scenarios, with their intervals."
        page.paragraph(f"AEP: loss of the whole horizon. {said}", REMARK)
        page.gap()
        lined = [
            LossCurve(name, placed.position(str(place)), PALETTE[place], False, has_ends=False)
            for place, name in enumerate(names)
        ]
        page.chart(exceedance_chart(book, placed, lined, unit_of(view)), _CURVE_LINES)
        page.gap(_CURVE_LINES)


def _mixture(book: Book, view: BatchView) -> None:
    page = book.page("Mixture", (_room(_names(view)), *[14.0] * 10))
    page.title("Mixture", MIXED[0])
    for sentence in MIXED[1:]:
        page.paragraph(sentence, REMARK)
    page.heading("Every figure of the mixture")
    page.table(mixture_table(view))
    page.heading("What is mixed")
    page.table(weights_table(view))


def _figures(book: Book, view: BatchView) -> None:
    _sheet(book, "Figures", (_room(_names(view)), *[13.0] * 16), figures_table(view),
           f"Figures of the total, one row a scenario. {INTERVALS}")  # fmt: skip


def _levels(sheet: str, name: str, book: Book, view: BatchView) -> None:
    measure = next(each for each in of_total() if each.name == name)
    widths = (_room(_names(view)), *[13.0] * (3 * len(view.levels)))
    _sheet(
        book, sheet, widths, levels_table(view, measure), f"{measure.shown.heading}. {INTERVALS}"
    )


def _points(book: Book, view: BatchView) -> None:
    says = "AEP: loss of the whole horizon. OEP: loss of the largest spell of a trial."
    widths = (_room(_names(view)), 10, 14, 14, *[16.0] * 3)
    _sheet(book, "Curves", widths, points_table(view), f"{says} {INTERVALS}")


def _played(book: Book, view: BatchView) -> None:
    widths = (_room(_names(view)), 12, 10, 10, 12, 14, 30, 40, 30, 30)
    _sheet(book, "Played", widths, played_table(view), "How each scenario was played.")


def _industries(book: Book, view: BatchView) -> None:
    _parts(book, view, "industry")


def _materials(book: Book, view: BatchView) -> None:
    _parts(book, view, "material")


def _parts(book: Book, view: BatchView, scope: str) -> None:
    page = book.page(f"By {scope}", (_room(_names(view)), 28, *[13.0] * 10))
    page.title(f"By {scope}", f"Columns are in order of the largest part of TVaR. {ADDS_UP}")
    for measure in (IN_TAIL, "mean"):
        table = parts_table(view, scope, measure, _MOST_PARTS)
        page.heading(table.title)
        page.colour_scale(page.table(table), 1)
    every = all_parts_table(view, scope, _MOST_ROWS)
    page.heading(every.title)
    page.paragraph(f"{every.remark} {INTERVALS}".strip(), REMARK)
    page.table(every)


def _reference(book: Book, view: BatchView) -> None:
    words = "Against the reference", "reference", "scenario"
    table = beside_table(view, "Reference", words, view.outcome.against_reference)
    _beside(book, "Reference", table, f"The reference is {view.outcome.reference}.")


def _last_time(book: Book, view: BatchView) -> None:
    previous = view.outcome.previous
    if previous is not None:
        words = "Last time", "last time", "now"
        table = beside_table(view, "LastTime", words, previous.comparisons, previous.mixture)
        when = f"The earlier batch is {previous.title} ({previous.folder}), made on "
        when += f"{previous.started[:10]} with riskengine {previous.version}."
        _beside(book, "Last time", table, when, *(each.message for each in previous.notices))


def _beside(book: Book, name: str, table: Table, first: str, *noted: str) -> None:
    """Two tables under each other, so that either fits a screen and a page."""
    page = book.page(name, (_room(table.rows), *[13.0] * 10, 24))
    page.title(name, f"{first} A change above 0 is more loss. {BESIDE}")
    for sentence in noted:
        page.paragraph(f"•  {sentence}")
    for heading, measures, more in (
        ("Mean and TVaR", ("mean", "tvar"), ["pairing"]),
        ("VaR and the chance of any loss", ("var", "prob_loss"), []),
    ):
        keys = [f"{each}_{end}" for each in measures for end in ("a", "b", "change")]
        page.heading(heading)
        page.table(table.only("scenario", *keys, *more, key=f"{table.key}{measures[1].upper()}"))


def _changed(book: Book, view: BatchView) -> None:
    previous = view.outcome.previous
    if previous is not None:
        says = f"What changed since {previous.title}."
        _differing(book, "Changed", says, changed_rows(previous), ("Last time", "Now"))


def _inputs(book: Book, view: BatchView) -> None:
    rows = input_rows(view.outcome.against_reference)
    says = f"What differs from the reference, {view.outcome.reference}."
    _differing(book, "Inputs", says, rows, ("In the reference", "In the scenario"))


def _differing(
    book: Book, sheet: str, says: str, rows: Sequence[InputRow], headings: tuple[str, str]
) -> None:
    page = book.page(sheet, (_room(row.scenario for row in rows), 48, 18, 36, 36))
    page.title(sheet, f"{says} Values are as the configs write them.")
    if len(rows) > _MOST_ROWS:
        page.paragraph(f"The first {_MOST_ROWS:,} of {len(rows):,} rows.", REMARK)
    page.gap()
    if rows:
        page.long_table(inputs_table(f"{sheet}Values", "", rows[:_MOST_ROWS], headings))
    else:
        page.paragraph("Nothing changed.")


def _failed(book: Book, view: BatchView) -> None:
    says = "Their figures are missing everywhere else. Run the batch again when they are mended."
    _sheet(book, "Failed", (_room(_names(view)), 40, 100), failed_table(view), says)


def _about(book: Book, view: BatchView, made: Sequence[Sequence[str]]) -> None:
    rows = [
        ("Intervals", INTERVALS),
        ("Mean loss", "the mean of the loss of a trial, over its whole horizon"),
        ("VaR", "the loss that is not exceeded with the chance in the heading"),
        ("TVaR", "the mean of the worst trials: those beyond VaR"),
        ("By industry, by material", ADDS_UP),
        *(("Mixture", sentence) for sentence in MIXED if view.outcome.mixture is not None),
        ("Comparisons", BESIDE),
        *made,
    ]
    _sheet(book, "About", (28, 100), replace(origin_table("About", rows, ""), title="About"))


def _names(view: BatchView) -> list[str]:
    return [each.name for each in view.outcome.scenarios]


def _room(names: Iterable[str]) -> float:
    """The width of a column of names: that of the longest, within reason."""
    longest = max(map(width_of, names), default=0)
    return float(min(max(longest + 2, _NARROW), _WIDE))


def _sheet(book: Book, name: str, widths: Sequence[float], table: Table, *says: str) -> None:
    """A sheet with one table under some sentences."""
    page = book.page(name, widths)
    page.title(name, says[0] if says else "What the figures mean, and where they come from.")
    for sentence in says[1:]:
        page.paragraph(f"•  {sentence}")
    page.gap()
    page.long_table(table)
