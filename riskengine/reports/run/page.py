"""A stored run as one page: no script, nothing from the network, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.figures.wording import meaning
from riskengine.model.confidence import level_text, worst_text
from riskengine.reports.html.parts import (
    Html,
    bullets,
    cards,
    document,
    folded,
    joined,
    link,
    named,
    paragraph,
    section,
    strong,
    table_html,
    text,
)
from riskengine.reports.run.certainty import sure_section
from riskengine.reports.run.curve import curve_section
from riskengine.reports.run.fan import fan_section
from riskengine.reports.run.inputs import (
    KINDS,
    input_tables,
    listing_table,
    status_table,
    status_words,
    tally,
)
from riskengine.reports.run.losses import losses_section
from riskengine.reports.run.stored import Stored, StoredRun
from riskengine.reports.run.story import story_section
from riskengine.reports.run.survival import survival_section
from riskengine.reports.run.tables import headline, level_table
from riskengine.reports.tables.numbers import amount, bracketed, interval, percent
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.reports.tables.words import span

_CONTENTS = {
    "answer": "The answer",
    "curve": "How likely",
    "losses": "Who loses",
    "supply": "Supply over time",
    "time": "Holding out",
    "story": "One bad trial",
    "sure": "How sure",
    "assumptions": "Assumptions",
    "notes": "Please note",
    "run": "This run",
}
_MOST_INPUTS = 2_000  #: listed one by one: the page has to stay small
_MOST_NOTICES = 60  #: more would fill a page of their own
# Notices that affect the use of a figure are shown next to the figures, all others at the end.
_ABOUT_TRIALS = frozenset(
    {
        "one-trial",
        "thin-tail",
        "curve-truncated",
        "no-loss",
        "part-without-loss",
        "few-losses",
        "dominant-trial",
    }
)


def report_page(results: Stored) -> Html:
    """The page; the same results give the same page to the byte.

    Parameters
    ----------
    results : Stored
        A results folder that was opened and checked.
    """
    run = StoredRun(results)
    return document(
        run.facts.title or "Losses from export bans",
        facts=[text(_facts(run))],
        sections=_sections(run),
        contents=_CONTENTS,
    )


def _facts(run: StoredRun) -> str:
    facts = run.facts
    covered = span(run.calendar, facts.horizon_days)
    return f"Losses over {covered}, in {facts.money}, from {facts.trials:,} trials."


def _sections(run: StoredRun) -> Iterator[Html]:
    yield section("answer", "The answer", _answer(run))
    yield curve_section(run)
    yield losses_section(run)
    yield fan_section(run)
    yield survival_section(run)
    yield story_section(run)
    yield sure_section(run)
    yield section("assumptions", "The assumptions and their status", _assumptions(run))
    yield section("notes", "Please note", [_notices(run)])
    yield section("run", "This run", [table_html(_provenance(run.manifest))])


def _answer(run: StoredRun) -> Iterator[Html]:
    """The results of the run in short, before any chart."""
    yield cards(_cards(run))
    yield paragraph(_hardest(run))
    yield paragraph(
        text(
            "The brackets hold the 95 % confidence interval of the simulation, which more trials "
            "would narrow. It says nothing about the assumptions; ",
            link("sure", "how sure we are"),
            " does.",
        ),
        "remark",
    )
    warnings = [n for n in run.stored.notices() if n.code in _ABOUT_TRIALS]
    if warnings:
        yield bullets((text(notice.message) for notice in warnings), "warnings")
    levels = level_table(run)
    tables = [*headline(run), *([] if levels is None else [levels])]
    yield folded("All headline figures", joined(map(table_html, tables)), mark="keep")


def _cards(run: StoredRun) -> Iterator[tuple[str, str, str]]:
    money = run.facts.money
    any_loss, output = run.total("prob_loss"), run.total("prob_output_loss")
    if math.isnan(output.value):  # a folder of an older version
        yield "Some loss", percent(any_loss.value), "chance of a loss in at least one industry"
    else:
        dearer = f"of any loss, dearer supply included, {percent(any_loss.value)}"
        yield "Lost output", percent(output.value), f"chance of lost output; {dearer}"
    for above in run.thresholds:
        exceeded = run.total("prob_above", above)
        says = f"chance of a larger loss ({interval(exceeded, share=True)})"
        yield f"Above {amount(above, money)}", percent(exceeded.value), says
    for called, name, level in (
        ("On average", "mean", None),
        (f"Bad: VaR {level_text(run.detail)}", "var", run.detail),
        (f"Worse: TVaR {level_text(run.detail)}", "tvar", run.detail),
    ):
        found = run.total(name, level)
        says = f"{meaning(name, level)}{bracketed(found, money)}"
        yield called, amount(found.value, money), says


def _hardest(run: StoredRun) -> Html:
    """The industries that lose most in the worst trials, and the materials behind it."""
    where = span(run.calendar, run.facts.horizon_days)
    played = strong(f"{run.facts.trials:,} trials")
    opening = text(played, f" of {where} were simulated.")
    beyond = f" In the worst {worst_text(run.detail)}"
    if run.total("tvar", run.detail).value <= 0.0:
        return text(opening, f"{beyond} no industry loses anything.")
    industries, materials = (
        _first(run, scope, most)
        for scope, most in (("industry", run.ranked("industry")),
                            ("material", run.ranked("material")))
    )  # fmt: skip
    return text(
        opening,
        f"{beyond} the loss falls above all on ",
        industries,
        "; what holds production up is above all ",
        materials,
        ".",
    )


def _first(run: StoredRun, scope: str, names: list[str]) -> Html:
    shown = [
        text(named(name), f" ({percent(run.tail_share(scope, name))})")
        for name in names[:3]
        if run.tail_part(scope, name) > 0.0
    ]
    if len(shown) < 2:
        return joined(shown) or text("nobody in particular")
    return text(joined(shown[:-1], ", "), " and ", shown[-1])


def _assumptions(run: StoredRun) -> Iterator[Html]:
    """Counts by kind, then every input with its author's notes."""
    items = input_tables(run.config)
    yield paragraph(text(status_words(tally(items))))
    yield table_html(status_table(items))
    for kind, words in KINDS.items():
        of_kind = [item for item in items[:_MOST_INPUTS] if item.kind == kind]
        if of_kind:
            listed = table_html(listing_table(kind, of_kind))
            yield folded(f"{words} ({len(of_kind)})", listed)
    if len(items) > _MOST_INPUTS:
        yield paragraph(text(f"{len(items) - _MOST_INPUTS:,} more are in manifest.json."))


def _notices(run: StoredRun) -> Html:
    """What a reader should know before using a figure."""
    notices = run.stored.notices()[:_MOST_NOTICES]
    if not notices:
        return paragraph(text("Nothing: no remark on this run."))
    return bullets(text(notice.message) for notice in notices)


def _provenance(manifest: Mapping[str, Any]) -> Table:
    """Where the figures come from, so that they can be reproduced."""
    return Table(
        key="run",
        title="Where these figures come from",
        columns=[text_column("what", "What"), text_column("value", "Value")],
        rows=list(_origins(manifest)),
        remark="The same config, seed and trials give the same figures to the bit. manifest.json "
        "holds the whole config.",
    )


def _origins(manifest: Mapping[str, Any]) -> Iterator[list[str]]:
    last = manifest["first_trial"] + manifest["trials"] - 1
    yield ["Trials", f"{manifest['first_trial']:,} to {last:,}"]
    yield ["Seed", str(manifest["seed"])]
    yield ["Started", str(manifest.get("started", ""))]
    versions = manifest.get("versions") or {}
    yield ["Versions", ", ".join(f"{name} {version}" for name, version in versions.items())]
    for changed in manifest.get("overrides") or []:
        yield ["Changed", str(changed)]
    for file in manifest.get("config_files") or []:
        yield [f"SHA-256 of {file['name']}", str(file["sha256"])]
