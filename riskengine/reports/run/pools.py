"""Pools: when each is contested, how much of it is used, and who gets what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from riskengine.figures.buyers import BuyerRow
from riskengine.language.speaking import say
from riskengine.reports.html.parts import Html, named, paragraph, remark, subheading, table_html
from riskengine.reports.html.parts import text as words
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.run.tables import pools_table
from riskengine.reports.tables.formats import AFTER, AMOUNT, SHARE
from riskengine.reports.tables.table import Table, estimate, number, text, with_ends
from riskengine.reports.tables.words import stands_at
from riskengine.reports.xlsx.book import Book

_ABOUT = (
    "A pool is spare supply that several buyers want. It is contested while they ask for more than "
    "it has. Low and high are the ends of the 95 % interval."
)
_RIVALS = (
    "What rivals cost is the difference to a run without them, or with a pool that is too large to "
    "be contested: riskengine compare."
)


class Bought(NamedTuple):
    """What one buyer asked of a pool and was granted in a trial, over the whole horizon."""

    at: str  #: where the trial stands, such as `var99`
    pool: str
    material: str
    asked: float
    granted: float
    unit: str


def bought_in(story: Mapping[str, Any], units: Mapping[str, str]) -> list[Bought]:
    """What each buyer got in a trial, from its story; `units` has the pools of the scenario."""
    steps: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for step in story["steps"].get("grants", ()):
        steps.setdefault((step["pool"], step["material"]), []).append(step)
    end = {"day": story["horizon_days"]}

    def amount(own: Sequence[Mapping[str, Any]], key: str) -> float:
        parts = (a[key] * (b["day"] - a["day"]) for a, b in pairwise([*own, end]))
        return math.fsum(parts) / 365.0

    return [
        Bought(
            at=story["at"],
            pool=pool,
            material=material,
            asked=amount(own, "asked"),
            granted=amount(own, "granted"),
            unit=units.get(pool, ""),
        )
        for (pool, material), own in steps.items()
    ]


def _share(row: BuyerRow | Bought) -> float | None:
    return row.granted / row.asked if row.asked > 0.0 else None


_BOUGHT = (
    estimate("asked", "Asked for", with_ends("asked")),
    estimate("granted", "Granted", with_ends("granted")),
    text("unit", "Unit", form=AFTER),
    number("share", "Granted of what is asked", _share, SHARE),
)


def _buyers(run: StoredRun) -> Table:
    """What each buyer asks for and is granted, on average."""

    def importer(row: BuyerRow) -> str:
        return run.stored.scenario.materials[row.material].importer

    who = (text("pool", "Pool"), text("material", "Material"))
    return Table(
        key="Buyers",
        title="Who gets what, mean over the horizon (95 % interval)",
        columns=[*who, text("importer", "Importer", importer), *_BOUGHT],
        rows=run.stored.buyers(),
    )


def _told(run: StoredRun, stories: Sequence[Mapping[str, Any]]) -> Table:
    """What each buyer got in trials whose stories are told."""
    units = {name: pool.counted_in for name, pool in run.pools.items()}
    who = (text("pool", "Pool"), text("material", "Material"))
    return Table(
        key="BuyersInTrials",
        title="Who gets what in one bad trial, over the horizon",
        columns=[text("at", "Trial at", lambda row: stands_at(row.at)), *who, *_BOUGHT],
        rows=[row for story in stories for row in bought_in(story, units)],
    ).alone("asked", "granted")


def _sample(rows: Sequence[BuyerRow]) -> str:
    return f"Means over the first trials of the run, {rows[0].trials:,} of them." if rows else ""


def pool_parts(run: StoredRun) -> Iterator[Html]:
    """The section of a page: the pools, and who gets what; nothing where there are no pools."""
    if not run.pools:
        return
    yield paragraph(_most_contested(run))
    yield table_html(pools_table(run))
    rows = run.stored.buyers()
    if rows:
        yield subheading("Who gets what")
        yield table_html(_buyers(run))
        yield remark(_sample(rows))
    bad = _told(run, [run.bad_trial] if run.bad_trial else [])
    if bad.rows:
        yield table_html(bad)
    yield remark(_RIVALS)


def _most_contested(run: StoredRun) -> Html:
    days = {name: run.get("pool", name, "contested_days") for name in run.pools}
    worst = max(days, key=lambda name: days[name].value)
    if not days[worst].value > 0.0:
        return words("No pool is contested in any trial: all that is asked for is granted.")
    used, unit = run.get("pool", worst, "used"), run.pools[worst].counted_in
    return words(
        named(worst),
        " is contested most: more is asked of it than it has on "
        f"{AMOUNT.show(days[worst])} of {run.facts.horizon_days:g} days, on average. It grants "
        f"{AMOUNT.show(used)} {unit}.",
    )


def pools_sheet(book: Book, run: StoredRun) -> None:
    """Write the figures of all pools, and who gets what; nothing where there are no pools."""
    if not run.pools:
        return
    page = book.page("Pools", (28, 28, *[14.0] * 9))
    page.title("Pools", f"{run.facts.line}. {say(_ABOUT)}")
    page.heading("When pools are contested, and how much of them is used")
    page.table(pools_table(run))
    page.paragraph(f"Used and capacity: over {run.facts.horizon_days:g} days.")
    rows = run.stored.buyers()
    if rows:
        page.heading("Who gets what: means over the horizon")
        page.table(_buyers(run))
        page.paragraph(_sample(rows))
    bad = _told(run, run.stored.stories())
    if bad.rows:
        page.heading("Who gets what in the bad trials that are told")
        page.table(bad)
    page.paragraph(_RIVALS)
