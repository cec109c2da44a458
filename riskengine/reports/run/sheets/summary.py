"""The sheet Summary: the question, the answer, how sure it is, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from riskengine.figures.catalog import of_total
from riskengine.figures.wording import sheet_row
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import inside, worst, worst_text
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.tables.looks import COUNT, SHARE, STRONG, Look
from riskengine.reports.tables.numbers import (
    exact,
    interval,
    percent,
    short_percent,
    significant,
    with_unit,
)
from riskengine.reports.tables.words import listing
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.sums import ADDS_UP, Check, Total, Totals
from riskengine.reports.xlsx.table import (
    INTERVAL,
    Column,
    Table,
    after,
    text,
)
from riskengine.reports.xlsx.text import one_line

_WIDTHS = (38, 14, 14, 14, 16, 56)
_MOST_NAMED = 3


class Headline(NamedTuple):
    """One figure of the total and what it says."""

    label: str
    key: str  #: first part of its defined name
    estimate: Estimate
    unit: str
    look: Look
    meaning: str


class Summary(NamedTuple):
    """The sheet, with what is still to be filled in when the others are written."""

    page: Page
    totals: Totals  #: the headline figures, by the first part of their names
    check_row: int


def summary_sheet(book: Book, run: Run) -> Summary:
    """Write the sheet, but for the verdict on the checks of other sheets."""
    page = book.page("Summary", _WIDTHS)
    page.title(run.facts.title or "Losses from export restrictions", f"{run.facts.line}.")
    page.heading("The question")
    page.paragraph(question(run))
    page.heading("The answer")
    for sentence in answers(run):
        page.paragraph(sentence, STRONG)
    page.gap()
    totals = _headline(book, page, run)
    page.paragraph(
        "The 95 % interval is the error of a finite number of trials, which more trials would "
        "narrow. It says nothing about the assumptions: those are on the sheet Inputs."
    )
    _notices(page, run)
    _origin(page, run)
    check_row = page.row
    return Summary(page, totals, check_row)


def write_verdict(summary: Summary, checks: Sequence[Check]) -> None:
    """Say on the first sheet whether all sums of the workbook are right."""
    page, right, wrong = summary.page, "all add up", "A SUM DOES NOT ADD UP"
    page.put(summary.check_row, 0, "Sums checked on the sheet Drivers:", STRONG)
    conditions = ",".join(f'{check.place}="{ADDS_UP}"' for check in checks)
    is_right = all(check.verdict == ADDS_UP for check in checks)
    formula = f'=IF(AND({conditions}),"{right}","{wrong}")'
    look = STRONG._replace(wrap=False)
    page.formula(summary.check_row, 1, formula, right if is_right else wrong, look)


def question(run: Run) -> str:
    """What was asked, in words."""
    config, facts = run.config, run.facts
    disputes = config.get("disputes", {}).values()
    coercers = _listed(dispute.get("coercer") for dispute in disputes)
    importer = config.get("run", {}).get("importer")
    importers = _listed(i.get("importer", importer) for i in config.get("industries", {}).values())
    start = config.get("run", {}).get("valuation_date")
    industries = _counted(len(run.names("industry")), "industry", "industries")
    return (
        f"How much could export restrictions{f' of {coercers}' if coercers else ''} on "
        f"{_counted(len(run.names('material')), 'material', 'materials')} cost {industries}"
        f"{f' of {importers}' if importers else ''} over {facts.horizon_days:,g} days"
        f"{f' from {start}' if start else ''}? How likely is a loss, how sure is the answer, and "
        "what drives it?"
    )


def _counted(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count == 1 else plural}"


def answers(run: Run) -> list[str]:
    """The figures that everybody asks first, each in a sentence."""
    mean, chance = run.total("mean"), run.total("prob_loss")
    level = run.figures.detail
    value_at_risk, beyond = (
        run.total("var", run.figures.detail),
        run.total("tvar", run.figures.detail),
    )
    found = [
        f"On average {_money(mean, run)}; {percent(chance.value)} of the futures have any loss "
        f"({interval(chance, share=True)}){_lost_output(run)}.",
        f"In {inside(level)} futures the loss stays at or below {_money(value_at_risk, run)}; in "
        f"the worst {worst(level)} it is {_money(beyond, run)} on average.",
    ]
    drivers = [_drivers(run, scope) for scope in ("industry", "material")]
    if all(drivers) and beyond.value > 0.0:
        found.append(
            f"The worst {worst_text(level)} of the futures is borne by {drivers[0]}; it is due to "
            f"{drivers[1]}."
        )
    return found


def _money(estimate: Estimate, run: Run) -> str:
    ends = interval(estimate)
    value = with_unit(significant(estimate.value), one_line(run.facts.money))
    return value + (f" ({ends})" if ends else "")


def _lost_output(run: Run) -> str:
    """How many futures lose output, and how many more than each threshold."""
    output = run.total("prob_output_loss")
    if math.isnan(output.value):
        return ""
    said = f"; {percent(output.value)} lose output ({interval(output, share=True)})"
    for above in run.figures.thresholds():
        chance = run.total("prob_above", above)
        loss = with_unit(exact(above), one_line(run.facts.money))
        said += f"; {percent(chance.value)} lose more than {loss} ({interval(chance, share=True)})"
    return said


def _drivers(run: Run, scope: str) -> str:
    """The names with the largest shares of the tail."""
    shares = {
        name: run.share_of_total(scope, name, "tvar", run.figures.detail)
        for name in run.names(scope)
    }
    ranked = sorted((name for name in shares if shares[name] > 0.0), key=lambda n: -shares[n])
    return listing([f"{name} ({short_percent(shares[name])})" for name in ranked[:_MOST_NAMED]])


def _headline(book: Book, page: Page, run: Run) -> Totals:
    low, high = INTERVAL
    rows = list(_figures(run))
    columns = [
        text("Figure", lambda row: row.label),
        *(
            _end(heading, end)
            for end, heading in enumerate(("Value", f"95 % {low}", f"95 % {high}"))
        ),
        after("Unit", lambda row: row.unit),
        after("What it says", lambda row: row.meaning),
    ]
    placed = page.table(Table(key="Headline", columns=columns, rows=rows))
    for offset, row in enumerate(rows):
        book.define(f"{row.key}_total", f"{row.label} of the total", placed.cell(offset, 1))
    return {
        row.key: Total(row.estimate.value, placed.cell(offset, 1))
        for offset, row in enumerate(rows)
    }


def _end(heading: str, end: int) -> Column:
    """The figures or an end of their intervals; each row has a look of its own."""
    return Column(
        heading=heading,
        value=lambda row: row.estimate[end],
        look=COUNT,
        look_of=lambda row: row.look,
    )


def _figures(run: Run) -> Iterable[Headline]:
    for measure in of_total():
        look = SHARE if measure.is_probability else run.money_look
        for place, level in enumerate(run.figures.levels(measure), 1):
            row = sheet_row(measure, level, place, exact)
            estimate = run.total(measure.name, level)
            unit = measure.unit_in(run.money)
            yield Headline(row.label, row.key, estimate, unit, look, row.says)


def _notices(page: Page, run: Run) -> None:
    page.heading("Please note")
    notices = run.stored.notices()
    if not notices:
        page.paragraph("Nothing to remark: every tail rests on enough trials.")
    for notice in notices:
        page.paragraph(f"•  {notice.message}")


def _origin(page: Page, run: Run) -> None:
    manifest = run.manifest
    page.heading("Where it comes from")
    versions: Mapping[str, Any] = manifest.get("versions", {})
    files = [file["name"] for file in manifest.get("config_files", [])]
    source = f"from {files[0]}" if files else "from a config that was no file"
    if len(files) > 1:
        source += f" and {len(files) - 1} more files"
    page.paragraph(
        f"Made by riskengine {versions.get('riskengine', 'of an unknown version')} {source}, "
        f"started {manifest['started']}, in {manifest['seconds']:,.0f} seconds. The sheet Manifest "
        "has the hashes of all files and the defined names; the same config and seed give the same "
        "figures."
    )
    if manifest.get("overrides"):
        page.paragraph(f"Changed on the command line: {'; '.join(manifest['overrides'])}.")
    page.paragraph(
        "Losses are positive. Industries and materials add up to the total for means and "
        "contributions; their VaR and TVaR do not."
    )


def _listed(names: Iterable[str | None]) -> str:
    return listing(list(dict.fromkeys(name for name in names if name)))
