"""A results folder as `risk.xlsx`, for people who work in Excel: all sheets in order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from riskengine.figures.summary import Stored
from riskengine.language.speaking import say, speaking, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_text, worst_text
from riskengine.reports.run.distribution import distribution_sheet
from riskengine.reports.run.inputs import resting_table, resting_words, values_table
from riskengine.reports.run.pools import pools_sheet
from riskengine.reports.run.sheets import (
    drivers_sheet,
    exceedance_sheet,
    industries_sheet,
    materials_sheet,
)
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.tables import total
from riskengine.reports.run.trials import time_sheet, trials_sheet
from riskengine.reports.tables.formats import COUNT, FACT, SHARE
from riskengine.reports.tables.looks import STRONG
from riskengine.reports.tables.numbers import (
    amount,
    bracketed,
    exact,
    in_unit,
    interval,
    short_percent,
    with_unit,
)
from riskengine.reports.tables.table import Table, number, said, text
from riskengine.reports.tables.words import listing
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.sheets import write_bullets
from riskengine.reports.xlsx.table import ADDS_UP, TotalCell, Totals, write_summary
from riskengine.reports.xlsx.text import one_line

_MOST_NAMED = 3
_HOLDS = {
    "Distribution": "percentiles of the total loss in steps of 5 %, and a histogram",
    "Industries": "every figure of each industry, and what its mean loss consists of",
    "Materials": "the loss that each material causes, days under restriction, shortage",
    "Pools": "when spare supply is contested, how much of it is used, and who gets what",
    "Exceedance": "losses by return period (AEP and OEP), with a chart",
    "Time to stop": "how soon each industry is hit, and for how long",
    "Drivers": "what the mean and the worst trials consist of, and what they rest on",
    "Worst trials": "a few bad trials as short dated stories",
    "Inputs": "every input with its unit, status and source",
    "Manifest": "versions, seed, hashes of files, and the names to link to",
}
_INPUTS = (
    "The resolved config: every table merged, every default written out. A record: changing a cell "
    "here changes nothing; change the config and run it again. Source and status hold for the "
    "whole entry; its note stands on the first row."
)
_AGAIN = (
    "To run it again: the same config, seed and trials give the same losses, bit for bit. The file "
    "manifest.json beside this workbook holds the whole resolved config."
)
_NOTHING = "Nothing to remark: every tail rests on enough trials."
_NAMES = (
    "Link to these names rather than to cells: =TVaR99_total works in any cell of this workbook, "
    "and from another one with the file name in front. They stay when the layout changes."
)


def workbook(results: Stored) -> bytes:
    """The bytes of the workbook of a run; the same results give the same bytes.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text. Nothing is cut.
    """
    with speaking(results.scenario.run.language):
        return _written(StoredRun(results))


def _written(run: StoredRun) -> bytes:
    manifest = run.manifest
    author = f"riskengine {manifest.get('versions', {}).get('riskengine', '')}".strip()
    book = Book(run.facts.title, author, manifest["started"])
    summary, totals = _summary_sheet(book, run)
    distribution_sheet(book, run)
    industries_sheet(book, run)
    materials_sheet(book, run)
    pools_sheet(book, run)
    exceedance_sheet(book, run)
    time_sheet(book, run)
    checks = drivers_sheet(book, run, totals)
    what, says = "Sums checked on the sheet Drivers:", ("all add up", "A SUM DOES NOT ADD UP")
    write_summary(summary, summary.row, what, checks, ADDS_UP, says)
    trials_sheet(book, run)
    _inputs_sheet(book, run)
    _manifest_sheet(book, run)
    return book.close()


def _summary_sheet(book: Book, run: StoredRun) -> tuple[Page, Totals]:
    """The question, the answer, its uncertainty and its origin; the verdict is added below."""
    page = book.page("Summary", (38, 14, 14, 14, 16, 56))
    page.title(run.facts.title or "Losses from export restrictions", f"{run.facts.line}.")
    page.heading("The answer")
    for sentence in answers(run):
        page.paragraph(sentence, STRONG)
    page.gap()
    totals = _totals(book, page, run)
    page.contents(
        {sheet: holds for sheet, holds in _HOLDS.items() if run.pools or sheet != "Pools"}
    )
    page.heading("How sure it is")
    page.paragraph(
        "The 95 % interval is the error of a finite number of trials, which more trials would "
        "narrow. It says nothing about the assumptions: those are on the sheet Inputs. "
        f"{resting_words(resting_table(run, run.config))}"
    )
    notices = (notice.message for notice in run.stored.notices())
    write_bullets(page, "Please note", notices, _NOTHING)
    page.heading("The question")
    page.paragraph(question(run))
    _origin(page, run)
    return page, totals


def question(run: StoredRun) -> str:
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
    return say(f"{count} {singular if count == 1 else plural}")


def answers(run: StoredRun) -> list[str]:
    """The figures that people ask for first, each in a sentence."""
    mean, chance = run.total("mean"), run.total("prob_loss")
    level = run.detail
    bound, beyond = run.total("var", level), run.total("tvar", level)
    found = [
        f"The expected loss is {_money(mean, run)}. The chance of any loss is "
        f"{SHARE.show(chance)}{_lost_output(run)}.",
        f"With a chance of {level_text(level)} the loss stays at or below {_money(bound, run)}; in "
        f"the worst {worst_text(level)} it is {_money(beyond, run)} on average.",
    ]
    drivers = [_drivers(run, scope) for scope in ("industry", "material")]
    if all(drivers) and beyond.value > 0.0:
        found.append(
            f"In the worst {worst_text(level)} the loss is borne by {drivers[0]}; it is due to "
            f"{drivers[1]}."
        )
    return found


def _money(estimate: Estimate, run: StoredRun) -> str:
    unit, ends = one_line(run.facts.money), interval(estimate)
    if spoken().myriads:
        return f"{amount(estimate.value, unit)}{bracketed(estimate, unit)}"
    return in_unit(estimate.value, unit) + (f" ({ends})" if ends else "")


def _lost_output(run: StoredRun) -> str:
    """The chance of lost output, and of a loss above each threshold."""
    output = run.total("prob_output_loss")
    if math.isnan(output.value):
        return ""
    found = say(f"; of lost output {SHARE.show(output)}")
    for above in run.thresholds:
        chance = run.total("prob_above", above)
        unit = one_line(run.facts.money)
        loss = amount(above, unit) if spoken().myriads else with_unit(exact(above), unit)
        found += say(f"; of more than {loss}") + f" {SHARE.show(chance)}"
    return found


def _drivers(run: StoredRun, scope: str) -> str:
    """The names with the largest shares of the tail."""
    shares = {name: run.tail_share(scope, name) for name in run.ranked(scope)}
    found = [f"{name} ({short_percent(share)})" for name, share in shares.items() if share > 0.0]
    return listing(found[:_MOST_NAMED])


def _totals(book: Book, page: Page, run: StoredRun) -> Totals:
    """The figures of the total, each with a defined name."""
    table = total(run).only("figure", "value", "lower", "upper", "unit", "meaning", key="Headline")
    placed = page.table(table)
    totals = {}
    for offset, row in enumerate(table.rows):
        place = placed.cell(offset, placed.position("value"))
        key, label = row.on_sheet.key, row.on_sheet.label
        book.define(f"{key}_total", f"{label} of the total", place)
        totals[key] = TotalCell(row.estimate.value, place)
    return totals


def _origin(page: Page, run: StoredRun) -> None:
    manifest = run.manifest
    page.heading("Where it comes from")
    versions: Mapping[str, Any] = manifest.get("versions", {})
    files = [file["name"] for file in manifest.get("config_files", [])]
    source = f"from {files[0]}" if files else "from a config that was no file"
    if len(files) > 1:
        source += f" and {len(files) - 1} more files"
    source = say(source, "config")
    version = versions.get("riskengine") or say("of an unknown version")
    page.paragraph(
        f"Made by riskengine {version} {source}, started {manifest['started']}, in "
        f"{manifest['seconds']:,.1f} seconds. The sheet Manifest has the hashes of all files and "
        "the defined names; the same config and seed give the same figures."
    )
    if manifest.get("overrides"):
        page.paragraph(f"Changed on the command line: {'; '.join(manifest['overrides'])}.")
    page.paragraph(
        "Losses are positive. Industries and materials add up to the total for means and "
        "contributions; their VaR and TVaR do not."
    )


def _listed(names: Iterable[str | None]) -> str:
    return listing(list(dict.fromkeys(name for name in names if name)))


def _inputs_sheet(book: Book, run: StoredRun) -> None:
    """Every input of the run with its unit, source and status."""
    page = book.page("Inputs", (44, 26, 20, 32, 12, 30, 56))
    page.title("Inputs", f"{run.facts.line}. {say(_INPUTS)}")
    page.gap()
    page.long_table(values_table(run))


def _manifest_sheet(book: Book, run: StoredRun) -> None:
    """Where the results come from, and the defined names. Written last, when all are known."""
    page = book.page("Manifest", (40, 68, 28))
    page.title("Manifest", _AGAIN)
    page.heading("The run")
    columns = [said("what", "What"), number("value", "Value", form=FACT)]
    page.table(Table(key="Run", columns=columns, rows=list(_facts(run.manifest))), empty="")
    configs = run.manifest.get("config_files", [])
    results = [{"name": name, **file} for name, file in run.manifest["files"].items()]
    columns = [
        text("name", "File"),
        text("sha256", "SHA-256"),
        number("bytes", "Size (bytes)", lambda file: file.get("bytes"), COUNT),
    ]
    for heading, key, files in (
        ("Config files that were read", "ConfigFiles", configs),
        ("Files of the results", "ResultFiles", results),
    ):
        page.heading(heading)
        if files:
            page.table(Table(key=key, columns=columns, rows=files), empty="")
        else:
            page.paragraph("None.")
    page.heading("Defined names")
    page.paragraph(_NAMES)
    columns = [
        text("name", "Name"),
        text("figure", "Figure", lambda row: row.meaning),
        text("place", "Where", lambda row: row.place.replace("$", "")),
    ]
    page.table(Table(key="DefinedNames", columns=columns, rows=list(book.defined)))


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts as text, of which those that are numbers become cells with numbers."""
    yield "Title", manifest["title"]
    yield "Started (UTC)", manifest["started"]
    yield "Seconds", f"{manifest['seconds']:,.1f}"
    for name in ("trials", "first_trial", "seed"):
        yield name.replace("_", " ").capitalize(), str(manifest[name])
    yield "Horizon (days)", f"{manifest['horizon_days']:,.15g}"
    yield "Money", manifest["money"]
    for name, version in manifest.get("versions", {}).items():
        yield f"Version of {name}", str(version)
    yield "Platform", str(manifest.get("platform", ""))
    for override in manifest.get("overrides", []):
        yield "Changed on the command line", override
    yield "Format", say(f"{manifest['format']}, version {manifest['format_version']}", "fact")
