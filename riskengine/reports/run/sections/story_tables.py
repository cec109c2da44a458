"""The charts of a told future in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.reports.html.parts import shown
from riskengine.reports.run.sections.subject import Subject
from riskengine.reports.tables.numbers import short, significant
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column


def visits_table(subject: Subject, told: Mapping[str, Any]) -> Table:
    """Levels of each path, with their dates."""
    rows = [
        [v["material"] or v["dispute"], v["level"], subject.calendar.label(v["start_day"]),
         subject.calendar.label(v["end_day"])]
        for v in told["steps"]["visits"]
    ]  # fmt: skip
    headings = {"subject": "Material or dispute", "level": "Level", "start": "From", "end": "To"}
    columns = [text_column(key, heading) for key, heading in headings.items()]
    return Table(key="visits", title="Levels over time", columns=columns, rows=rows)


def supply_table(subject: Subject, told: Mapping[str, Any], names: Sequence[str]) -> Table:
    """What replaced the supply of these materials, step by step."""
    shares = {"lost": "Cut", "rerouted": "Other suppliers", "released": "Stocks", "short": "Short"}
    rows = [
        [row["material"], subject.calendar.label(row["day"]),
         *(f"{100.0 * row[key]:.1f} %" for key in shares), short(row["stock_days"])]
        for row in told["steps"]["supply"] if row["material"] in names
    ]  # fmt: skip
    return Table(
        key="supply",
        title="Supply from each date on, share of normal demand",
        columns=[
            text_column("material", "Material"),
            text_column("day", "From"),
            *(shown(key, heading) for key, heading in shares.items()),
            shown("stock_days", "Stock left, days"),
        ],
        rows=rows,
    )


def industries_table(subject: Subject, told: Mapping[str, Any]) -> Table:
    """What each industry lost."""
    rows = [
        [row["industry"], significant(row["loss"]), short(row["loss_days"]),
         short(row["stopped_days"]), "" if row["first_loss_day"] is None
         else subject.calendar.label(row["first_loss_day"])]
        for row in told["losses"]["industries"] if row["loss"] > 0.0
    ]  # fmt: skip
    return Table(
        key="hit",
        title=f"Loss of this future by industry, {told['money']}",
        columns=[
            text_column("industry", "Industry"),
            shown("loss", "Loss"),
            shown("loss_days", "Days with a loss"),
            shown("stopped_days", "Days stopped"),
            shown("first", "First loss"),
        ],
        rows=rows,
    )
