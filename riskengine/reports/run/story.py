"""The story of one trial: levels, supply, lost output and loss on one time axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from riskengine.drawing.svg import BLUE, GREEN, INK, ORANGE
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.model.confidence import worst_text
from riskengine.reports.html.charts import (
    Lane,
    Pen,
    Stretch,
    both_sizes,
    draw_lanes,
    panel,
    time_axis,
)
from riskengine.reports.html.parts import (
    Html,
    figure,
    folded,
    legend,
    named,
    panels,
    paragraph,
    subheading,
    text,
)
from riskengine.reports.run.stored import StoredRun
from riskengine.reports.story.shown import moments
from riskengine.reports.story.story import Event
from riskengine.reports.tables import looks
from riskengine.reports.tables.formats import GIVEN_MEAN, Format
from riskengine.reports.tables.numbers import Money, amount, short
from riskengine.reports.tables.table import Table, number, words
from riskengine.reports.tables.table import text as text_column
from riskengine.reports.tables.words import Calendar

Told = Mapping[str, Any]  #: a story as `story_document` gives it
Points = tuple[Sequence[float], Sequence[float]]

_LIGHTEST = 0.15
_TENTHS = Format(text=lambda share: f"{100.0 * share:.1f}{spoken().percent}", look=looks.SHARE)
_MOST_LANES = 12
_MOST_PANELS = 3
_LANE = 22.0  #: pixels


def story_parts(run: StoredRun) -> Iterator[Html]:
    """The story of the trial whose loss is VaR at the level of the page, if there is one."""
    told = run.bad_trial
    if told is None:
        missing = "These results hold no stories (stories.json): they are from an earlier version."
        yield paragraph(text(missing))
        return
    yield paragraph(_opening(run, told))
    if told["losses"]["total"] > 0.0:
        yield _levels(run, told)
        yield _cover(run, told)
        yield _output(run, told)
        yield _loss(run, told)
    events = [
        Event(**{name: event[name] for name in Event._fields} | {"names": tuple(event["names"])})
        for event in told["events"]
    ]
    yield folded(
        f"Everything that happened, in {len(events)} sentences",
        moments(events, run.calendar),
    )


def _opening(run: StoredRun, told: Told) -> Html:
    losses = told["losses"]
    total = amount(losses["total"], run.facts.money)
    opening = say(
        f"Trial {told['trial']:,} loses {total}; the chance of a larger loss is at most "
        f"{worst_text(run.detail)}. It is one way in which such a loss comes about, not the only "
        "one."
    )
    hit = [row for row in losses["industries"] if row["first_loss_day"] is not None]
    if not hit:
        return text(opening)
    first = min(hit, key=lambda row: row["first_loss_day"])
    worst = max(hit, key=lambda row: row["loss"])
    when = run.calendar.label(first["first_loss_day"])
    return text(
        f"{opening} Output is first lost on {when}, by ",
        named(first["industry"]),
        "; ",
        named(worst["industry"]),
        f" loses most, {amount(worst['loss'], run.facts.money)}.",
    )


def _levels(run: StoredRun, told: Told) -> Html:
    levels = list(run.config.get("ladder", {}))
    lanes = level_lanes(told, levels)[:_MOST_LANES]
    label = "Level of escalation of each material over time: " + "; ".join(
        say(f"{lane.name} restricted for {short(lane.length)} days") for lane in lanes
    )
    shades = {f"l{k + 1}of{min(len(levels), 6)}": name for k, name in enumerate(levels[:6])}
    drawn = _lanes_chart(run, "levels", label, lanes)
    return text(
        subheading("1. The dispute: level of escalation of each material"),
        legend(shades),
        figure(
            drawn,
            text("Darker is a more severe level; empty is no restriction."),
            [visits_table(told, run.calendar)],
        ),
    )


def _cover(run: StoredRun, told: Told) -> Html:
    worst = sorted(told["losses"]["materials"], key=lambda row: -row["loss"])[:_MOST_PANELS]
    supplied = {row["material"] for row in told["steps"]["supply"]}
    names = [row["material"] for row in worst if row["loss"] > 0.0 and row["material"] in supplied]
    drawn = panels(
        panel(
            f"cover{k}",
            f"{name}: supply lost over time, and what replaces it",
            name,
            partial(draw_cover, run.calendar, told, name),
            height=175.0,
        )
        for k, name in enumerate(names)
    )
    entries = {"rerouted": "other suppliers", "stock": "stocks", "short": "nothing: a shortage"}
    caption = text(
        "The height is the share of normal demand that is cut; the colours say what takes its "
        "place. These materials carry most of the loss of this trial."
    )
    return text(
        subheading("2. Supply: what is cut, and what takes its place"),
        legend(entries),
        figure(drawn, caption, [supply_table(told, run.calendar, names)]),
    )


def _output(run: StoredRun, told: Told) -> Html:
    lanes = output_lanes(told)[:_MOST_LANES]
    label = "Output lost by each industry over time: " + "; ".join(
        say(f"{lane.name} on {short(lane.length)} days") for lane in lanes
    )
    drawn = _lanes_chart(run, "output", label, lanes)
    caption = text("Darker is more: the figure is the largest share of output that is lost.")
    return text(
        subheading("3. Production: output lost by industry"),
        figure(drawn, caption, [hit_table(told, run.calendar)]),
    )


def _loss(run: StoredRun, told: Told) -> Html:
    days, sums = cumulative_loss(told)
    money = Money.fitting(sums[-1], told["money"])
    label = f"Loss since the start: {amount(sums[-1], told['money'])} at the end"
    points = (days, [money.of(value) for value in sums])
    drawn = both_sizes(
        "loss", label, (230.0, 210.0), partial(draw_loss, run.calendar, points, money.unit)
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


def _lanes_chart(run: StoredRun, key: str, label: str, lanes: Sequence[Lane]) -> Html:
    height = 40.0 + _LANE * len(lanes)
    horizon = run.facts.horizon_days
    return both_sizes(key, label, height, partial(draw_lanes, run.calendar, horizon, lanes))


def level_lanes(told: Told, levels: Sequence[str]) -> list[Lane]:
    """One lane per material, the largest attributed loss first; the shade is the level."""
    visits: dict[str, list[Stretch]] = {}
    for visit in told["steps"]["visits"]:
        if visit["material"] and visit["level"] in levels:
            step = (levels.index(visit["level"]) + 1) / len(levels)
            stretch = Stretch(visit["start_day"], visit["end_day"], step)
            visits.setdefault(visit["material"], []).append(stretch)
    loss = {row["material"]: row["loss"] for row in told["losses"]["materials"]}
    return [Lane(name, visits[name]) for name in sorted(visits, key=lambda n: -loss.get(n, 0.0))]


def output_lanes(told: Told) -> list[Lane]:
    """One lane per industry that lost output, the largest loss first; the shade is the share."""
    rows = sorted(told["losses"]["industries"], key=lambda row: -row["loss"])
    steps = {row["industry"]: output_steps(told, row["industry"]) for row in rows}
    largest = max((s.shade for part in steps.values() for s in part), default=0.0)
    lanes = []
    for name, found in steps.items():
        worst = max((step.shade for step in found), default=0.0)
        if worst > 0.0:
            shaded = [
                step._replace(shade=_LIGHTEST + (1.0 - _LIGHTEST) * step.shade / largest)
                for step in found
                if step.shade > 0.0
            ]
            lanes.append(Lane(name, shaded, f"{100.0 * worst:.0f}{spoken().percent}"))
    return lanes


def output_steps(told: Told, industry: str) -> list[Stretch]:
    """Stretches of time with the share of an industry's output that is lost in them."""
    rows = [row for row in told["steps"]["output"] if row["industry"] == industry]
    ends = [row["day"] for row in rows[1:]] + [told["horizon_days"]] * bool(rows)
    return [Stretch(row["day"], end, row["loss"]) for row, end in zip(rows, ends, strict=True)]


def cumulative_loss(told: Told) -> Points:
    """Value added lost since the start, by day.

    An industry's output loss is spread over its steps in proportion to share times days, which
    is how the model books it.
    """
    changes: dict[float, float] = {0.0: 0.0, told["horizon_days"]: 0.0}  # in money per day
    for row in told["losses"]["industries"]:
        steps = output_steps(told, row["industry"])
        weight = sum(step.shade * (step.end_day - step.start_day) for step in steps)
        for step in steps if weight > 0.0 else []:
            rate = row["output"] * step.shade / weight
            changes[step.start_day] = changes.get(step.start_day, 0.0) + rate
            changes[step.end_day] = changes.get(step.end_day, 0.0) - rate
    days = sorted(changes)
    sums, rate = [0.0], 0.0
    for day, following in pairwise(days):
        rate += changes[day]
        sums.append(sums[-1] + max(0.0, rate) * (following - day))
    return days, sums


def draw_cover(calendar: Calendar, told: Told, material: str, pen: Pen) -> None:
    """What replaces a material's lost supply over time, and what does not."""
    axes = pen.axes(left=46, right=14, top=8, bottom=28)
    rows = [row for row in told["steps"]["supply"] if row["material"] == material]
    days = [row["day"] for row in rows] + [told["horizon_days"]]
    below = [0.0] * len(days)
    for key, colour, alpha in (
        ("rerouted", GREEN, 0.9),
        ("released", BLUE, 0.75),
        ("short", ORANGE, 1.0),
    ):
        values = [row[key] for row in rows]
        above = [b + v for b, v in zip(below, [*values, *values[-1:]], strict=True)]
        axes.fill_between(days, below, above, step="post", color=colour, alpha=alpha, linewidth=0)
        below = above
    axes.step(days, below, where="post", color=INK, linewidth=1.2)
    axes.set_ylim(0.0, 1.02)
    shares = [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_yticks(shares, [f"{100 * share:.0f}{spoken().percent}" for share in shares])
    time_axis(axes, calendar, told["horizon_days"], 4)


def draw_loss(calendar: Calendar, points: Points, unit: str, pen: Pen) -> None:
    """The cumulative loss since the start."""
    axes = pen.axes(left=52, right=16, top=28, bottom=28)
    days, sums = points
    axes.fill_between(days, 0.0, sums, color=ORANGE, alpha=0.3, linewidth=0)
    axes.plot(days, sums, color=ORANGE)
    axes.set_ylim(0.0, None)
    axes.text(0.0, 1.05, pen.name(unit, 40), transform="axes", color=INK)
    time_axis(axes, calendar, days[-1], 4 if pen.is_narrow else 9)


def visits_table(told: Told, calendar: Calendar) -> Table:
    """Levels of each path, with their dates."""
    return Table(
        key="visits",
        title="Levels over time",
        columns=[
            text_column(
                "subject", "Material or dispute", lambda row: row["material"] or row["dispute"]
            ),
            text_column("level", "Level"),
            text_column("start", "From", lambda row: calendar.label(row["start_day"])),
            text_column("end", "To", lambda row: calendar.label(row["end_day"])),
        ],
        rows=told["steps"]["visits"],
    )


def supply_table(told: Told, calendar: Calendar, names: Sequence[str]) -> Table:
    """What replaced the supply of these materials, step by step."""
    shares = {"lost": "Cut", "rerouted": "Other suppliers", "released": "Stocks", "short": "Short"}
    return Table(
        key="supply",
        title="Supply from each date on, share of normal demand",
        columns=[
            text_column("material", "Material"),
            text_column("day", "From", lambda row: calendar.label(row["day"])),
            *(number(key, heading, form=_TENTHS) for key, heading in shares.items()),
            number("stock_days", "Stock left, days", form=GIVEN_MEAN),
        ],
        rows=[row for row in told["steps"]["supply"] if row["material"] in names],
    )


def hit_table(told: Told, calendar: Calendar) -> Table:
    """What each industry lost."""

    def first(row: Mapping[str, Any]) -> str:
        day = row["first_loss_day"]
        return "" if day is None else calendar.label(day)

    return Table(
        key="hit",
        title=f"Loss of this trial by industry, {unit_words(told['money'])}",
        columns=[
            text_column("industry", "Industry"),
            number("loss", "Loss"),
            number("loss_days", "Days with a loss", form=GIVEN_MEAN),
            number("stopped_days", "Days stopped", form=GIVEN_MEAN),
            words("first", "First loss", first),
        ],
        rows=[row for row in told["losses"]["industries"] if row["loss"] > 0.0],
    )
