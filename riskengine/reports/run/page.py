"""A stored run as one page: no script, nothing from the network, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.figures.summary import Stored
from riskengine.figures.wording import meaning
from riskengine.language.speaking import say, speaking, spoken
from riskengine.model.confidence import level_text, worst_text
from riskengine.model.statuses import KINDS, input_tables, tally
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    cards,
    document,
    folded,
    joined,
    link,
    named,
    paragraph,
    remarks,
    strong,
    table_html,
    text,
)
from riskengine.reports.run.inputs import (
    listing_table,
    resting_table,
    resting_words,
    status_table,
    status_words,
)
from riskengine.reports.run.losses import loss_parts
from riskengine.reports.run.over_time import fan_parts, survival_parts
from riskengine.reports.run.pools import pool_parts
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.story import story_parts
from riskengine.reports.run.tables import headline, level_table
from riskengine.reports.run.total import curve_parts, sure_parts
from riskengine.reports.scenario.ladder import HEADING, ladder_parts
from riskengine.reports.tables.numbers import amount, bracketed, interval, percent
from riskengine.reports.tables.table import Table, origin_table
from riskengine.reports.tables.words import span

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
    """The page of a checked results folder; the same results give the same page to the byte."""
    with speaking(results.scenario.run.language):
        run = StoredRun(results)
        return document(
            run.facts.title or "Losses from export bans",
            facts=[text(_facts(run))],
            sections=_sections(run),
        )


def _facts(run: StoredRun) -> str:
    facts = run.facts
    covered = span(run.calendar, facts.horizon_days)
    return f"Losses over {covered}, in {facts.money}, from {facts.trials:,} trials."


def _sections(run: StoredRun) -> list[Section]:
    bad = f"One bad trial: the one at VaR {level_text(run.detail)}"
    sure, status = (
        "How sure are we, and what would make us surer",
        "The assumptions and their status",
    )
    notices = run.stored.notices()[:_MOST_NOTICES]
    return [
        Section("answer", "The answer", _answer(run)),
        Section("curve", "How likely a loss is", curve_parts(run), "How likely"),
        Section("losses", "Losses by industry and by material", loss_parts(run), "Who loses"),
        Section("supply", "Supply lost and regained over time", fan_parts(run), "Supply over time"),
        Section("pools", "Spare supply that several want", pool_parts(run), "Pools"),
        Section("time", "How long industries hold out", survival_parts(run), "Holding out"),
        Section("story", bad, story_parts(run), "One bad trial"),
        Section("sure", sure, sure_parts(run), "How sure"),
        Section("ladder", HEADING, ladder_parts(run.stored.scenario), "Escalation"),
        Section("assumptions", status, _assumptions(run), "Assumptions"),
        Section("notes", "Please note", [remarks(each.message for each in notices)]),
        Section("run", "This run", [table_html(_provenance(run.manifest))]),
    ]


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
        return text(opening, text(f"{beyond} no industry loses anything."))
    industries, materials = (_first(run, scope) for scope in ("industry", "material"))
    between = "; it is due above all to "
    hit = text(f"{beyond} the loss falls above all on ", industries, between, materials, ".")
    return text(opening, hit)


def _first(run: StoredRun, scope: str) -> Html:
    shown = [
        text(named(name), f" ({percent(run.tail_share(scope, name))})")
        for name in run.ranked(scope)[:3]
        if run.tail_part(scope, name) > 0.0
    ]
    if len(shown) < 2:
        return joined(shown) or text("nobody in particular")
    return text(joined(shown[:-1], spoken().comma), spoken().last_comma, shown[-1])


def _assumptions(run: StoredRun) -> Iterator[Html]:
    """Counts by kind, then every input with its author's notes."""
    items, resting = input_tables(run.config), resting_table(run, run.config)
    yield paragraph(text(f"{status_words(tally(items))} {resting_words(resting)}"))
    yield table_html(status_table(items))
    yield table_html(resting)
    for kind, words in KINDS.items():
        of_kind = [item for item in items[:_MOST_INPUTS] if item.kind == kind]
        if of_kind:
            listed = table_html(listing_table(kind, of_kind))
            yield folded(f"{say(words)} ({len(of_kind)})", listed)
    if len(items) > _MOST_INPUTS:
        yield paragraph(text(f"{len(items) - _MOST_INPUTS:,} more are in manifest.json."))


def _provenance(manifest: Mapping[str, Any]) -> Table:
    """Where the figures come from, so that they can be reproduced."""
    remark = (
        "The same config, seed and trials give the same figures to the bit. manifest.json holds "
        "the whole config."
    )
    return origin_table("run", list(_origins(manifest)), remark)


def _origins(manifest: Mapping[str, Any]) -> Iterator[list[str]]:
    last = manifest["first_trial"] + manifest["trials"] - 1
    yield ["Trials", f"{manifest['first_trial']:,}{spoken().to}{last:,}"]
    yield ["Seed", str(manifest["seed"])]
    yield ["Started", str(manifest.get("started", ""))]
    versions = manifest.get("versions") or {}
    yield ["Versions", ", ".join(f"{name} {version}" for name, version in versions.items())]
    for changed in manifest.get("overrides") or []:
        yield ["Changed", str(changed)]
    for file in manifest.get("config_files") or []:
        yield [f"SHA-256 of {file['name']}", str(file["sha256"])]
