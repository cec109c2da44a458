"""The loss of a story as tables, and the sentence that says that its parts add up."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riskengine.reports.story.losses import COMPONENTS, StoryLosses
from riskengine.reports.tables.formats import AMOUNT, DAYS
from riskengine.reports.tables.numbers import MISSING, short, with_unit
from riskengine.reports.tables.table import Cell, Column, Table, number, text

if TYPE_CHECKING:
    from riskengine.reports.story.story import Story

_FIGURES = 6  #: significant ones of the total; its parts have the same decimals
_MOST_DECIMALS = 12


def story_tables(story: Story) -> list[Table]:
    """The loss by industry and component, what befell industries, and the loss by material."""
    tables = [_by_industry(story), _days(story), _by_material(story), _by_spell(story)]
    return [table for table in tables if table.rows]


def sum_line(story: Story) -> str:
    """What the parts of the loss add up to, beside what the row of the trial says."""
    losses = story.losses
    parts, total = _exactly(losses.sum_of_parts, story), _exactly(losses.total, story)
    if not losses.adds_up:
        return f"The parts add up to {parts} and not to the loss of the trial, {total}."
    return (
        f"The components of all industries add up to {parts}, which is the loss of the trial to "
        "the last bit; materials and spells add up to it but for rounding."
    )


def _exactly(value: float, story: Story) -> str:
    return with_unit(f"{value:,}", story.money)


def _by_industry(story: Story) -> Table:
    losses = story.losses
    rows: list[list[Cell]] = [
        [row.industry, *(getattr(row, name) for name in COMPONENTS), row.loss]
        for row in losses.industries
        if row.loss > 0.0
    ]
    if rows:
        rows.append(["Total", *(losses.component(name) for name in COMPONENTS), losses.total])
    return Table(
        key="industries",
        title=f"Loss by industry and component, {story.money}",
        columns=[
            text("industry", "Industry"),
            _money("output", "Output", losses),
            _money("rerouting", "Rerouting", losses),
            _money("price", "Price", losses),
            _money("indirect", "Indirect", losses),
            _money("loss", "Total", losses),
        ],
        rows=rows,
        remark=_unhurt(story),
    )


def _unhurt(story: Story) -> str:
    names = [row.industry for row in story.losses.industries if row.loss == 0.0]
    return f"No loss: {', '.join(names)}." if names else ""


def _days(story: Story) -> Table:
    rows: list[list[Cell]] = []
    for row in story.losses.industries:
        if row.first_loss_day is not None:
            first = story.calendar.label(row.first_loss_day)
            rows.append([row.industry, first, row.loss_days, row.stopped_days])
    return Table(
        key="days",
        title="When output was lost",
        columns=[
            text("industry", "Industry"),
            text("first_loss_day", "First"),
            _count("loss_days", "Days with a loss"),
            _count("stopped_days", "Days stopped"),
        ],
        rows=rows,
    )


def _by_material(story: Story) -> Table:
    losses = story.losses
    rows: list[list[Cell]] = [
        [
            row.material,
            row.loss,
            row.cut_days,
            row.cut_weighted_days,
            row.shortage_days,
            row.deepest_level,
        ]
        for row in losses.materials
        if row.deepest_level
    ]
    return Table(
        key="materials",
        title=f"Loss attributed to each material, {story.money}",
        columns=[
            text("material", "Material"),
            _money("loss", "Loss", losses),
            _count("cut_days", "Days with any cut"),
            _count("cut_weighted_days", "Days of demand cut"),
            _count("shortage_days", "Days of demand short"),
            text("deepest_level", "Worst level"),
        ],
        rows=rows,
    )


def _by_spell(story: Story) -> Table:
    rows: list[list[Cell]] = [
        [story.calendar.label(row.start_day), story.calendar.label(row.end_day), row.loss]
        for row in story.losses.spells
    ]
    return Table(
        key="spells",
        title=f"Loss by spell, {story.money}",
        columns=[text("start", "From"), text("end", "To"), _money("loss", "Loss", story.losses)],
        rows=rows if len(rows) > 1 else [],
    )


def _money(key: str, heading: str, losses: StoryLosses) -> Column:
    """Amounts with the decimals of the total, so that a reader can add them up."""
    decimals = 0
    if losses.total > 0.0:
        decimals = _FIGURES - 1 - math.floor(math.log10(losses.total))
    decimals = min(max(decimals, 0), _MOST_DECIMALS)

    def show(value: Any) -> str:
        return MISSING if value == 0.0 else f"{value:,.{decimals}f}"

    return number(key, heading, form=replace(AMOUNT, text=show))


def _count(key: str, heading: str) -> Column:
    return number(key, heading, form=_DAYS)


_DAYS = replace(DAYS, text=lambda days: short(days) if days else MISSING)
