"""A sweep as one page, `sweep.html`: no script, nothing from the network, fit for print."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from riskengine.figures.wording import meaning
from riskengine.language.speaking import say
from riskengine.reports.html.charts import Draw, both_sizes, panel
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    cards,
    document,
    figure,
    folded,
    joined,
    legend,
    link,
    panels,
    paragraph,
    paragraphs,
    remark,
    remarks,
    subheading,
    table_html,
    text,
)
from riskengine.reports.sweep import drawings
from riskengine.reports.sweep import sentences as said
from riskengine.reports.sweep import tables as shown
from riskengine.reports.tables.numbers import Money, amount, bracketed
from riskengine.reports.tables.words import figure_heading, the
from riskengine.sweeps.series import SeriesKey
from riskengine.sweeps.tables import SweepTables
from riskengine.sweeps.view import Heat, SweepView

_MOST_DRAWN = 15  #: parameters in a chart; the table has all of them
_MOST_CELLS = 12  #: rows or columns of a heat map: cells have to hold their figures
_MOST_POINTS = 200  #: rows on the page; points.csv and sweep.csv have all of them
_ROW = 46.0  #: pixels of one parameter: its name and its bar
_BANDS = (
    "Light: from the 5th to the 95th percentile of the points; dark: from the 25th to the 75th; "
    "white: the median. The dot is the base case, and the line through it its 95 % interval: that "
    "is chance, which more trials would narrow. The bands are what we do not know, which they "
    "would not."
)


def sweep_page(tables: SweepTables) -> Html:
    """The page; the same tables give the same page to the byte."""
    view = SweepView(tables)
    return document(
        tables.title or tables.config,
        facts=[text(f"{line[0].upper()}{line[1:]}.") for line in said.facts(view)],
        sections=[
            Section("answer", "The answer", _answer(view)),
            Section("drivers", "What moves it", _drivers(view)),
            Section("lines", "Along a parameter", _lines(view)),
            Section("heat", "Over two parameters", _heat_maps(view)),
            Section("uncertainty", "What we do not know", _uncertainty(view)),
            Section("points", "Points", _points(view)),
            Section("notes", "Please note", [remarks(said.notes(view))]),
            Section("sweep", "This sweep", [table_html(shown.sweep_origin(view))]),
        ],
    )


def _answer(view: SweepView) -> Iterator[Html]:
    money = view.tables.money

    def card(key: SeriesKey) -> tuple[str, str, str]:
        base = view.base(key)
        says = f"{meaning(key.measure, key.level)}{bracketed(base, money)}"
        return figure_heading(key), amount(base.value, money), says

    yield cards(map(card, view.main))
    yield remark(
        "This is the base case: the config as it stands. The brackets hold the 95 % interval of "
        "the simulation, which is chance: more trials would narrow it."
    )
    yield from paragraphs(said.sentences(view) or [said.NO_INDICES])
    if view.failed:
        count = f"{len(view.failed):,} of {len(view.tables.points):,} points failed; "
        yield bullets(
            [text(count, link("notes", "the remarks"), " say which and why.")], "warnings"
        )


def _drivers(view: SweepView) -> Iterator[Html]:
    """Charts of what moves the main figures; no charts without indices."""
    parts = [part for key in view.main for part in _drivers_of(view, key)]
    if parts:
        explained = said.EXPLAINED[view.tables.method]
        yield paragraph(text(f"{say('The strongest parameter first.')} {say(explained)}"))
        yield from parts


def _drivers_of(view: SweepView, key: SeriesKey) -> Iterator[Html]:
    drivers = view.drivers(key)[:_MOST_DRAWN]
    if drivers or view.is_noise(key):
        yield subheading(f"What moves {the(key)}")
    if view.is_noise(key):
        yield paragraph(text(said.all_noise(view, key)))
    if not drivers:
        return
    draw: Draw
    if view.is_tornado:
        draw = partial(drawings.draw_tornado, drivers, view.centre(key), view.tables.money)
    else:
        draw = partial(drawings.draw_bars, drawings.bars(view, drivers), drawings.axis_words(view))
    height = _ROW * len(drivers) + 56.0
    words = said.told(view, key, drivers[0])
    label = say(f"What moves {the(key)}") + f". {say(words)}"
    drawn = both_sizes(f"drivers{key.measure}", label, height, draw)
    yield figure(drawn, text(words), [shown.shown_drivers(shown.drivers_table(view, key))])


def _lines(view: SweepView) -> Iterator[Html]:
    """A small chart for each parameter that takes numbers."""
    if not view.traces:
        return
    values = [e.value for trace in view.traces for e in trace.estimates[view.var]]
    top = max((value for value in values if math.isfinite(value)), default=0.0)
    money = Money.fitting(top, view.tables.money)
    yield paragraph(text(f"{said.along(view)} {say(f'In {money.unit}.')}"))
    yield legend({"": figure_heading(view.var), "short": "Mean"})
    yield panels(
        panel(
            f"line{k}",
            say(f"{figure_heading(view.var)} and mean along {trace.parameter}, {money.unit}"),
            said.short_parameter(trace.parameter),
            partial(drawings.draw_trace, trace, view.var, (money, top)),
        )
        for k, trace in enumerate(view.traces)
    )
    tables = (table_html(shown.trace_table(view, k, trace)) for k, trace in enumerate(view.traces))
    yield folded("In numbers", joined(tables), mark="numbers")


def _heat_maps(view: SweepView) -> Iterator[Html]:
    """The main figures over both parameters of a grid."""
    for position, heat in enumerate(view.heats()):
        if position == 0:
            first, second = (said.short_parameter(name, 60) for name in heat.parameters)
            words = f"Down: {first}. Across: {second}. The deeper the colour, the larger the loss."
            yield paragraph(text(words))
        yield from _heat_map(view, heat)


def _heat_map(view: SweepView, heat: Heat) -> Iterator[Html]:
    table = shown.heat_table(view, heat)
    if max(len(heat.rows), len(heat.columns)) > _MOST_CELLS:
        yield table_html(table)
        return
    height = 34.0 * len(heat.rows) + 60.0
    label = say(f"{say(table.title)}, over two parameters")
    key = f"heat{heat.key.measure}"
    drawn = both_sizes(key, label, height, partial(drawings.draw_heat, heat))
    yield subheading(table.title)
    yield figure(drawn, text(), [table])


def _uncertainty(view: SweepView) -> Iterator[Html]:
    """The bands in words, as a chart and in numbers."""
    if not view.spreads:
        return
    yield paragraph(
        text(
            f"Each of the {len(view.tables.points) - 1:,} points is one guess at what is not "
            "known. How far a figure moves from point to point is what we do not know; how far it "
            "would move if the same point were run with other draws is chance."
        )
    )
    words = " ".join(map(say, said.uncertainty_sentences(view)))
    table = shown.bands_table(view).without(*shown.STEPS)
    known = [band for band in view.spreads if not math.isnan(band.spread.p05)]
    if not known:
        yield paragraph(text(words))
        yield table_html(table)
        return
    money = Money.fitting(max(band.spread.p95 for band in known), view.tables.money)
    height = 32.0 * len(known) + 60.0
    drawn = both_sizes("bands", words, height, partial(drawings.draw_bands, known, money))
    yield figure(drawn, text(_BANDS), [table])


def _points(view: SweepView) -> Iterator[Html]:
    table = shown.points_table(view, shown.parameter_columns(view), _MOST_POINTS)
    unused = ["message"] if view.failed else ["message", "status"]
    yield folded("All points", table_html(table.without(*unused)), mark="numbers")
