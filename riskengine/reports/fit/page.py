"""A calibration as one page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from riskengine.drawing.axes import Axes
from riskengine.drawing.svg import BLUE, GREEN, INK, LINE, ORANGE
from riskengine.fits.calibration import Calibration
from riskengine.fits.families import Floats
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import SOJOURN, WORDS
from riskengine.language.speaking import say, spoken
from riskengine.model.notices import Notice
from riskengine.reports.fit import tables as shown
from riskengine.reports.html.charts import Pen, both_sizes, panel
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    cards,
    document,
    figure,
    folded,
    legend,
    panels,
    paragraph,
    remark,
    remarks,
    subheading,
    table_html,
    text,
    told,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.tables.numbers import percent, short

_STYLE = (
    STYLE
    + """
.line-blue { height: 3px; background: var(--blue); vertical-align: middle; }
.line-green { height: 0; border-top: 3px dotted var(--green); background: none;
  vertical-align: middle; }
"""
)
_HEIGHTS = (380.0, 320.0)
_PANEL_HEIGHT = 175.0
_MOST_PANELS = 12
#: Families drawn next to the best one: class of the swatch, colour and dashes of the line
_RIVALS = (("line-orange", ORANGE, "dashed"), ("line-green", GREEN, "dotted"))
_POINTS = 160

_ANSWER = (
    "A median of 60 days means that half of all episodes last longer. The 90 % quantile is what "
    "one in ten exceeds. In brackets: the 95 % confidence interval, if the family is right. Not "
    "ended (censored) is the share of episodes still going on, which count for what they have "
    "lasted so far. Fit p is the chance of a gap to the data as large as seen if the family were "
    "true; below 5 % it speaks against the family."
)
_FAMILIES = (
    "Families of distributions are fitted by maximum likelihood: the parameters under which what "
    "was seen is likeliest, episodes still going on included. Where several are fitted, rivals "
    "that fit nearly as well differ where there are no data."
)
_ONSET = (
    "Counted per political event (cluster) and per episode. The first event opens the watch and "
    "is not counted; where no date closes it, the last event does, and is not counted either. A "
    "year is 365 days."
)
_STEPS = (
    "An episode was followed by another when one that names it as origin began while it was in "
    "force or within 30 days of its end. It is resolved when it ended without. Undecided ones, in "
    "force and not followed, are left out."
)


def fit_page(found: Calibration, notices: Sequence[Notice], limits: Sequence[str]) -> Html:
    """The page, the same to the byte each time; `limits` are what the data cannot tell."""
    what = "stand" if found.request.quantity == SOJOURN else "cut the flow"
    return document(
        f"How long export restrictions {what}",
        facts=[text(shown.facts_line(found))],
        sections=_sections(found, notices, limits),
        style=_STYLE,
    )


def _sections(
    found: Calibration, notices: Sequence[Notice], limits: Sequence[str]
) -> Iterator[Section]:
    answer = [cards(shown.headline(found)), remark(_ANSWER)]
    fits = folded("All fits", table_html(shown.families_table(found)), mark="keep")
    ends = [
        table
        for table in (shown.provenance_table(found), shown.left_out_table(found))
        if table.rows
    ]
    yield Section("answer", "The answer", [*answer, *map(table_html, shown.summary_tables(found))])
    yield Section("curves", "How long they last", _curves(found))
    yield Section(
        "families", "Families that were fitted", [paragraph(text(_FAMILIES)), fits], "Families"
    )
    yield Section(
        "onset",
        "How often they begin",
        told(_ONSET, shown.onset_table(found), nothing=shown.NO_RATES),
        "How often",
    )
    yield Section(
        "steps", "What comes next", told(_STEPS, shown.steps_table(found), nothing=shown.NO_STEPS)
    )
    yield Section("cannot", "What the data cannot tell", [bullets(map(text, limits))])
    yield Section("notes", "Please note", [remarks(each.message for each in notices)])
    yield Section("run", "This calibration", map(table_html, ends))


def _curves(found: Calibration) -> Iterator[Html]:
    """A large chart for each series as a whole, and a small one for each group."""
    for number, series in enumerate(found.series):
        whole, *groups = found.of(series.quantity)
        yield _whole(f"km{number}", whole)
        drawn = [group for group in groups if group.n][:_MOST_PANELS]
        if drawn:
            small = (_panel(f"g{number}p{k}", group) for k, group in enumerate(drawn))
            yield figure(panels(small), text(_groups_caption(groups, drawn)))
        yield folded(
            "In numbers", table_html(shown.survival_table([whole, *groups])), mark="numbers"
        )


def _whole(key: str, group: GroupFit) -> Html:
    words = WORDS[group.quantity]
    heading = subheading(f"{words.capitalize()}, all episodes")
    if not group.n:
        return text(heading, paragraph(text(f"{group.refused.capitalize()}.")))
    label = say(f"{words}: share of episodes that last longer: ") + spoken().comma.join(
        say(f"{percent(group.curve.at(day))} after {day:g} days") for day in shown.PAGE_DAYS
    )
    drawn = both_sizes(key, label, _HEIGHTS, partial(_draw, group, is_small=False))
    return text(heading, _legend(group), figure(drawn, text(_caption(group))))


def _legend(group: GroupFit) -> Html:
    entries = {"line-ink": "seen (Kaplan-Meier), with its 95 % band"}
    if group.best:
        role = "the best family" if len(group.fits) > 1 else "fitted"
        entries["line-blue"] = f"{group.best.family}, {role}"
    for fit, (mark, _, _) in zip(group.fits[1:], _RIVALS, strict=False):
        entries[mark] = f"{fit.family}, a rival"
    return legend(entries)


def _caption(group: GroupFit) -> str:
    open_ones = group.n - group.completed
    ticks = f" Ticks: {open_ones} that had not ended when last seen." if open_ones else ""
    return (
        f"Share of the {group.n} episodes that last longer than so many days. {group.completed} "
        f"ended.{ticks} Beyond the last step the curve is the family's alone."
    )


def _panel(key: str, group: GroupFit) -> Html:
    name = shown.group_name(group.group)
    label = f"{name}: {percent(group.curve.at(90.0))} last longer than 90 days"
    draw = partial(_draw, group, is_small=True)
    return panel(key, label, f"{name} ({group.n})", draw, height=_PANEL_HEIGHT)


def _groups_caption(groups: Sequence[GroupFit], drawn: Sequence[GroupFit]) -> str:
    words = say(
        "Black: seen, with its band. Blue: the fitted family. In brackets the number of episodes."
    )
    if any(group.pull for group in drawn):
        words += say(" Groups with few ends are pulled towards all.")
    if len(groups) > len(drawn):
        words += say(f" {len(groups) - len(drawn)} more groups stand in the table.")
    return words


def _draw(group: GroupFit, pen: Pen, *, is_small: bool) -> None:
    axes = pen.axes(left=46, right=14, top=10, bottom=42 if is_small else 46)
    longest = max(10.0, 1.12 * shown.last_seen(group))
    if not is_small:
        for fit, (_, colour, style) in zip(group.fits[1:], _RIVALS, strict=False):
            _family(axes, fit, longest, colour, style)
    if group.best:
        _family(axes, group.best, longest, BLUE, "solid")
    _steps(axes, group)
    axes.set_xlim(0.0, longest)
    axes.set_ylim(0.0, 1.04)
    ticks = [0.0, 0.5, 1.0] if is_small else [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_yticks(ticks, [f"{short(100.0 * tick)}{spoken().percent}" for tick in ticks])
    axes.set_xlabel("days" if is_small else "days since the start")
    axes.locator_params(axis="x", nbins=4 if is_small else 7)


def _family(axes: Axes, fit: Fit, longest: float, colour: str, style: str) -> None:
    days: Floats = np.linspace(longest / 1000.0, longest, _POINTS)
    axes.plot(days, fit.survival(days), color=colour, linewidth=2.2, linestyle=style)


def _steps(axes: Axes, group: GroupFit) -> None:
    """The observed curve: steps with their band, and a tick where an episode was last seen."""
    curve, durations = group.curve, group.series.durations
    days = np.concatenate([[0.0], curve.times, [shown.last_seen(group)]])

    def from_one(ends: Floats) -> Floats:
        levels = np.concatenate([[1.0], ends])
        return np.append(levels, levels[-1])

    if len(curve.times):
        # Where the band does not exist (all ended, or none yet), draw the widest band possible.
        widest = np.minimum.accumulate(np.nan_to_num(curve.upper, nan=1.0))
        upper = np.where(np.isnan(curve.upper), widest, curve.upper)
        lower = np.nan_to_num(curve.lower, nan=0.0)
        axes.fill_between(days, from_one(lower), from_one(upper), step="post", color=LINE,
                          alpha=0.45, linewidth=0)  # fmt: skip
    axes.step(days, from_one(curve.survival), where="post", color=INK, linewidth=1.8)
    still = durations.lower[~durations.ended]
    axes.plot(still, [curve.at(day) for day in still], linestyle="none", marker="|", markersize=9,
              color=INK, markeredgewidth=1.4)  # fmt: skip
