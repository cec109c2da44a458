"""A stored result as one page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskengine.reports.html.parts import (
    Html,
    document,
    section,
    table_html,
    text,
)
from riskengine.reports.run.sections.assumptions import assumptions_section
from riskengine.reports.run.sections.certainty import sure_section
from riskengine.reports.run.sections.curve import curve_section
from riskengine.reports.run.sections.fan import fan_section
from riskengine.reports.run.sections.headline import headline_section, notices_section
from riskengine.reports.run.sections.losses import losses_section
from riskengine.reports.run.sections.story import story_section
from riskengine.reports.run.sections.subject import Subject
from riskengine.reports.run.sections.survival import survival_section
from riskengine.reports.run.stored import Stored
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.reports.tables.words import span

_CONTENTS = {
    "answer": "The answer",
    "curve": "How likely",
    "losses": "Who loses",
    "supply": "Supply over time",
    "time": "Holding out",
    "story": "One future",
    "sure": "How sure",
    "assumptions": "Assumptions",
    "notes": "Please note",
    "run": "This run",
}


def report_page(results: Stored) -> Html:
    """The page, as HTML; the same results give the same page to the byte.

    Parameters
    ----------
    results : Stored
        A results folder that was opened and checked.
    """
    subject = Subject.of(results)
    title = subject.facts.title or "Losses from export bans"
    return document(
        title, facts=[text(_facts(subject))], sections=_sections(subject), contents=_CONTENTS
    )


def _sections(subject: Subject) -> Iterator[Html]:
    for make in (
        headline_section,
        curve_section,
        losses_section,
        fan_section,
        survival_section,
        story_section,
        sure_section,
        assumptions_section,
        notices_section,
        _run_section,
    ):
        yield make(subject)


def _facts(subject: Subject) -> str:
    facts = subject.facts
    covered = span(subject.calendar, facts.horizon_days)
    return f"Losses over {covered}, in {facts.money}, from {facts.trials:,} simulated futures."


def _run_section(subject: Subject) -> Html:
    """Where the figures come from, so that they can be made again."""
    table = Table(
        key="run",
        title="Where these figures come from",
        columns=[text_column("what", "What"), text_column("value", "Value")],
        rows=list(_provenance(subject.stored.manifest)),
        remark="The same config, seed and trials give the same figures to the bit. manifest.json "
        "holds the whole config.",
    )
    return section("run", "This run", [table_html(table)])


def _provenance(manifest: Mapping[str, Any]) -> Iterator[list[str]]:
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
