"""The sheet Summary of a sweep: what was asked, what drives the answer, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from riskengine.reports.sweep.sentences import facts, heading, sentences
from riskengine.reports.sweep.sheets.checks import FINE, Check
from riskengine.reports.sweep.sheets.columns import money, money_look_of
from riskengine.reports.sweep.view import SweepView, setting_text, shown_setting
from riskengine.reports.tables.looks import REMARK, STRONG
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import INTERVAL, Column, Table, after, number, text
from riskengine.sweeps.series import SeriesKey

_WIDTHS = (46, 14, 14, 14, 46)
_MOST_SETTINGS = 12
_HOLDS = {
    "Sweep": "every figure at every point, with its difference from the base case; filter it",
    "Drivers": "the parameters in the order of what they do to a figure",
    "Indices": "every index of every figure, of the total and of the industries",
    "Lines": "figures along each parameter that takes numbers",
    "Heat map": "figures over both parameters of the grid",
    "Uncertainty": "what is chance and what is not known",
    "Points": "what each point sets each parameter to",
    "Checks": "whether the tables agree with each other",
}


class Summary(NamedTuple):
    """The sheet, with the place of the verdict that comes last."""

    page: Page
    row: int


def summary_sheet(book: Book, view: SweepView) -> Summary:
    """Write the sheet, but for the verdict on the checks."""
    page = book.page("Summary", _WIDTHS)
    page.title(view.tables.title or view.tables.config, ". ".join(facts(view)) + ".")
    page.heading("The answer")
    for sentence in sentences(view):
        page.paragraph(sentence, STRONG)
    if not sentences(view):
        page.paragraph("There are no indices of sensitivity; the remarks below say why.", STRONG)
    page.gap()
    _base(page, view)
    page.heading("What was varied")
    _parameters(page, view)
    _notices(page, view)
    page.heading("What is on the other sheets")
    for name, says in _HOLDS.items():
        if _is_present(name, view):
            page.paragraph_beside(name, says)
    page.gap()
    row = page.row
    page.row += 1
    return Summary(page, row)


def write_verdict(summary: Summary, checks: Sequence[Check]) -> None:
    """Say on the first sheet whether all checks of the workbook are fine."""
    page, right, wrong = summary.page, "all fine", "SEE THE SHEET CHECKS"
    page.put(summary.row, 0, "Checks of the tables:", STRONG)
    conditions = ",".join(f'{check.place}="{FINE}"' for check in checks)
    value = right if all(check.verdict == FINE for check in checks) else wrong
    look = STRONG._replace(wrap=False)
    page.formula(summary.row, 1, f'=IF(AND({conditions}),"{right}","{wrong}")', value, look)


def _is_present(name: str, view: SweepView) -> bool:
    return {
        "Lines": bool(view.traces),
        "Heat map": any(True for _ in view.heats()),
        "Uncertainty": bool(view.tables.uncertainty),
        "Drivers": bool(view.tables.sensitivity),
        "Indices": bool(view.tables.sensitivity),
    }.get(name, True)


def _base(page: Page, view: SweepView) -> None:
    look, unit = money_look_of(view), money(view)

    def end(position: int, words: str) -> Column:
        return number(f"{words} ({unit})", lambda key: view.base(key)[position], look)

    columns = [
        text("Base case", heading),
        end(0, "Value"),
        end(1, f"95 % {INTERVAL[0]}"),
        end(2, f"95 % {INTERVAL[1]}"),
        after("What it says", view.meaning),
    ]
    page.table(Table(key="BaseCase", columns=columns, rows=view.main, called=_called))
    page.paragraph(
        "The 95 % interval is chance: the error of a finite number of trials. What the parameters "
        "leave open is on the other sheets.",
        REMARK,
    )


def _called(key: SeriesKey) -> str:
    return key.measure


def _parameters(page: Page, view: SweepView) -> None:
    for position, name in enumerate(view.tables.parameters):
        page.paragraph_beside(name, _settings(view, position))


def _settings(view: SweepView, position: int) -> str:
    """The settings of a parameter in words: all of a few, the ends of many numbers."""
    base, *taken = view.settings[position]
    known = list(dict.fromkeys(setting_text(setting) for setting in taken))
    numbers = [s[0] for s in taken if isinstance(s[0], int | float) and not isinstance(s[0], bool)]
    if len(known) > _MOST_SETTINGS and len(numbers) == len(taken):
        ends = (shown_setting(repr(float(end))) for end in (min(numbers), max(numbers)))
        words = f"{len(known):,} values from {' to '.join(ends)}"
    else:
        more = len(known) - _MOST_SETTINGS
        words = "; ".join(known[:_MOST_SETTINGS]) + (f" and {more:,} more" if more > 0 else "")
    return f"{words} (base case: {setting_text(base)})"


def _notices(page: Page, view: SweepView) -> None:
    page.heading("Please note")
    for row in view.tables.points:
        if row.status != "done":
            page.paragraph(f"•  Point {row.point:,} failed: {row.message}")
    for notice in view.tables.notices:
        page.paragraph(f"•  {notice.message}")
    if not view.tables.notices and not view.failed:
        page.paragraph("Nothing to remark.")
