"""One future told: levels, supply, lost output and loss along one line of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from riskengine.model.confidence import inside, level_number, level_text
from riskengine.reports.html.charts import (
    both_sizes,
    panel,
)
from riskengine.reports.html.lanes import Lane, draw_lanes
from riskengine.reports.html.parts import (
    Html,
    figure,
    folded,
    legend,
    named,
    panels,
    paragraph,
    section,
    subheading,
    text,
)
from riskengine.reports.run.sections.steps import (
    cumulative_loss,
    draw_cover,
    draw_loss,
    level_lanes,
    output_lanes,
)
from riskengine.reports.run.sections.story_tables import (
    industries_table,
    supply_table,
    visits_table,
)
from riskengine.reports.run.sections.subject import Subject
from riskengine.reports.story.page import moments
from riskengine.reports.story.story import Event
from riskengine.reports.tables.numbers import Money, amount, short

_MOST_LANES = 12
_MOST_PANELS = 3
_LANE = 22.0  #: pixels


def story_section(subject: Subject) -> Html:
    """The story of the trial that stands at VaR of the level of the page, if there is one."""
    heading = f"One bad future, told: the trial at VaR {level_text(subject.detail)}"
    at = f"var{level_number(subject.detail)}"
    told = next((story for story in subject.stored.stories() if story["at"] == at), None)
    if told is None:
        missing = "These results hold no stories (stories.json): they are from an earlier version."
        return section("story", heading, [paragraph(text(missing))])
    return section("story", heading, _parts(subject, told))


def _parts(subject: Subject, told: Mapping[str, Any]) -> Iterator[Html]:
    yield paragraph(_opening(subject, told))
    if told["losses"]["total"] > 0.0:
        yield _levels(subject, told)
        yield _cover(subject, told)
        yield _output(subject, told)
        yield _loss(subject, told)
    events = [
        Event(**{name: event[name] for name in Event._fields} | {"names": tuple(event["names"])})
        for event in told["events"]
    ]
    yield folded(
        f"Everything that happened, in {len(events)} sentences",
        moments(events, subject.calendar),
    )


def _inside(level: float) -> str:
    """How many futures lose no more than VaR: `Of 100 futures 99`."""
    some, whole = inside(level).split(" of ")
    return f"Of {whole} futures {some}"


def _opening(subject: Subject, told: Mapping[str, Any]) -> Html:
    losses = told["losses"]
    total = amount(losses["total"], subject.facts.money)
    opening = (
        f"{_inside(subject.detail)} lose no more than trial "
        f"{told['trial']:,}, which loses {total}. It is one way in which such a loss comes about, "
        "not the only one."
    )
    hit = [row for row in losses["industries"] if row["first_loss_day"] is not None]
    if not hit:
        return text(opening)
    first = min(hit, key=lambda row: row["first_loss_day"])
    worst = max(hit, key=lambda row: row["loss"])
    when = subject.calendar.label(first["first_loss_day"])
    return text(
        f"{opening} Output is first lost on {when}, by ",
        named(first["industry"]),
        "; ",
        named(worst["industry"]),
        f" loses most, {amount(worst['loss'], subject.facts.money)}.",
    )


def _levels(subject: Subject, told: Mapping[str, Any]) -> Html:
    levels = list(subject.config.get("ladder", {}))
    lanes = level_lanes(told, levels)[:_MOST_LANES]
    label = "Level of escalation of each material over time: " + "; ".join(
        f"{lane.name} restricted for {short(lane.length)} days" for lane in lanes
    )
    shades = {f"l{k + 1}of{min(len(levels), 6)}": name for k, name in enumerate(levels[:6])}
    drawn = _lanes_chart(subject, "levels", label, lanes)
    return text(
        subheading("1. The quarrel: how far each material stands up the ladder"),
        legend(shades),
        figure(
            drawn,
            text("Darker is further up; empty is no restriction."),
            [visits_table(subject, told)],
        ),
    )


def _cover(subject: Subject, told: Mapping[str, Any]) -> Html:
    worst = sorted(told["losses"]["materials"], key=lambda row: -row["loss"])[:_MOST_PANELS]
    supplied = {row["material"] for row in told["steps"]["supply"]}
    names = [row["material"] for row in worst if row["loss"] > 0.0 and row["material"] in supplied]
    drawn = panels(
        panel(
            f"cover{k}",
            f"{name}: supply lost over time, and what replaces it",
            name,
            partial(draw_cover, subject.calendar, told, name),
            height=175.0,
        )
        for k, name in enumerate(names)
    )
    entries = {"rerouted": "other suppliers", "stock": "stocks", "short": "shortage: nothing"}
    caption = text(
        "The height is the share of normal demand that is cut; the colours say what takes its "
        "place. These materials carry most of the loss of this future."
    )
    return text(
        subheading("2. Supply: what is cut, and what takes its place"),
        legend(entries),
        figure(drawn, caption, [supply_table(subject, told, names)]),
    )


def _output(subject: Subject, told: Mapping[str, Any]) -> Html:
    lanes = output_lanes(told)[:_MOST_LANES]
    label = "Output lost by each industry over time: " + "; ".join(
        f"{lane.name} on {short(lane.length)} days" for lane in lanes
    )
    drawn = _lanes_chart(subject, "output", label, lanes)
    caption = text("Darker is more: the figure is the largest share of output that is lost.")
    return text(
        subheading("3. Production: output lost by industry"),
        figure(drawn, caption, [industries_table(subject, told)]),
    )


def _loss(subject: Subject, told: Mapping[str, Any]) -> Html:
    days, sums = cumulative_loss(told)
    money = Money.fitting(sums[-1], told["money"])
    label = f"Loss since the start: {amount(sums[-1], told['money'])} at the end"
    points = (days, [value / money.divisor for value in sums])
    drawn = both_sizes(
        "loss", label, (230.0, 210.0), partial(draw_loss, subject.calendar, points, money.unit)
    )
    whole = told["losses"]["total"]
    rest = whole - sums[-1]
    more = (
        f" Dearer supply and losses passed on between industries add {amount(rest, told['money'])}."
        if rest > 0.0005 * whole
        else ""
    )
    caption = text(f"Value added not produced, summed from the start.{more}")
    return text(subheading("4. The loss, summed"), figure(drawn, caption))


def _lanes_chart(subject: Subject, key: str, label: str, lanes: Sequence[Lane]) -> Html:
    height = 40.0 + _LANE * len(lanes)
    horizon = subject.facts.horizon_days
    return both_sizes(
        key, label, (height, height), partial(draw_lanes, subject.calendar, horizon, lanes)
    )
