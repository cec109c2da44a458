"""The ladder as a diagram of states: levels, disputes that enter it, triggers between disputes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from riskengine.drawing.boxes import Box, BoxRow, Diagram, Link, Side
from riskengine.drawing.svg import BLUE, GREEN, ORANGE, PURPLE, SOFT
from riskengine.language.speaking import say
from riskengine.model.faults.tree import RESOLVED
from riskengine.model.scenario import Scenario, Trigger
from riskengine.model.spelling import counted
from riskengine.reports.html.charts import NARROW, WIDE, diagram_pair
from riskengine.reports.html.parts import Html, figure, joined, legend, paragraph, table_html, text
from riskengine.reports.scenario.describe import describe
from riskengine.reports.tables.numbers import plain, short, short_percent
from riskengine.reports.tables.words import listing

_MOVES = {"short": "breaks out, or gets worse", "": "eases"}
_SPILLS = {"spill": "may start an episode of another dispute"}
HEADING = "How disputes begin, escalate and end"
LADDER_TABLES = frozenset({"disputes", "ladder", "triggers"})
_MOST_LINES, _MOST_BOXES = 400, 40  #: of a diagram that can still be read
_MOST_PAIRED = 7  #: ends of moves
_CAPTION = (
    "Boxes with a purple bar are disputes. The others are the levels of the ladder, mildest first, "
    "with the mean stay. Each arrow starts at its probability. {marked}Names that are cut here are "
    "whole in the tables."
)
_OVERRIDES = "A mark * leads to values of single materials; they are in the tables. "
_TOO_MUCH = "There is too much to draw: the tables have all levels, disputes and triggers."


def ladder_parts(scenario: Scenario) -> Iterator[Html]:
    """The diagram with its tables; the tables alone where there is too much to draw."""
    tables = [table for table in describe(scenario) if table.key in LADDER_TABLES]
    wide, narrow = (ladder_boxes(scenario, is_wide=each) for each in (True, False))
    lines = sum(len(row.links) for box in wide for row in box.rows)
    if lines > _MOST_LINES or len(wide) > _MOST_BOXES:
        yield paragraph(text(_TOO_MUCH))
        yield joined(map(table_html, tables))
        return
    counts = (
        say(counted(len(scenario.ladder), "level")),
        say(counted(len(scenario.disputes), "dispute")),
        say(counted(len(scenario.triggers), "trigger")),
    )
    label = f"Diagram of {listing(counts)}. The tables below have all of it in words."
    has_own = any(material.ladder for material in scenario.materials.values())
    caption = _CAPTION.format(marked=_OVERRIDES if has_own else "")
    drawn = diagram_pair("ladder", label, Diagram(wide, WIDE), Diagram(narrow, NARROW))
    yield legend(_MOVES | (_SPILLS if scenario.triggers else {}))
    yield figure(drawn, text(caption), tables)


def ladder_boxes(scenario: Scenario, *, is_wide: bool) -> list[Box]:
    """Disputes, then the end, then levels from the mildest: in two columns, or one for a phone."""
    column = 1 if is_wide and scenario.disputes else 0
    end = BoxRow(words=RESOLVED, is_bold=True), BoxRow(words=say("nothing is cut any more"))
    return [
        *(_dispute(scenario, name) for name in scenario.disputes),
        Box(key=_level_key(RESOLVED), rows=end, colour=GREEN, column=column),
        *(_level(scenario, name, column) for name in scenario.ladder),
    ]


def _dispute(scenario: Scenario, name: str) -> Box:
    """Who quarrels, how often, where it enters the ladder, and what it may start."""
    dispute = scenario.disputes[name]
    concerned = len(scenario.concerned(name))
    rate = dispute.rate_per_year
    rows = [
        BoxRow(words=name, is_bold=True),
        BoxRow(words=say(f"{dispute.coercer} against {dispute.target}", "parties")),
        BoxRow(
            words=say(f"{plain(rate)} times a year, " if rate else "starts only if triggered, ")
            + say(counted(concerned, "material") if concerned else "no material")
        ),
    ]
    if dispute.active:
        level, days = dispute.active.level, plain(dispute.active.elapsed_days)
        hint = say(f"{name} is on {level} at day 0, for {days} days already", "ladder")
        rows.append(BoxRow(links=(_link(say("at day 0"), level, "right", hint),)))
    for level, chance in _likely(dispute.entry, scenario):
        hint = say(f"{name} enters at {level}: {short_percent(chance)}", "ladder")
        rows.append(BoxRow(links=(_link(short_percent(chance), level, "right", hint),)))
    for label, trigger in scenario.triggers.items():
        if trigger.when == name:
            rows += _trigger(label, trigger)
    return Box(key=_dispute_key(name), rows=rows, colour=PURPLE)


def _trigger(name: str, trigger: Trigger) -> Iterator[BoxRow]:
    """What is started and how likely; how long after what."""
    chance, days = short_percent(trigger.probability), short(trigger.lag.mean())
    hint = say(
        f"{name}: once {trigger.when} reaches {trigger.reaches}, it starts {trigger.starts} with "
        f"a probability of {chance}, {days} days later on average"
    )
    started = Link(
        figure=chance, name=say(f"starts {trigger.starts}", "ladder"),
        target=_dispute_key(trigger.starts), side="left", colour=PURPLE, hint=hint,
    )  # fmt: skip
    yield BoxRow(links=(started,))
    yield BoxRow(words=say(f"{days} days (mean) after {trigger.reaches}"))


def _level(scenario: Scenario, name: str, column: int) -> Box:
    """A level: how long a path stays, and where it goes; what is worse leaves on the right."""
    level = scenario.ladder[name]
    order = [RESOLVED, *scenario.ladder]
    own = [label for label, material in scenario.materials.items() if name in material.ladder]
    rows = [
        BoxRow(words=f"{name} *" if own else name, is_bold=True),
        BoxRow(words=say(f"{short(level.sojourn.mean())} days on average")),
    ]
    if level.boycott:
        rows.append(BoxRow(words=say("other countries join")))
    if own:
        rows.append(BoxRow(words=say(f"* other values for {listing(own)}")))
    links: dict[Side, list[Link]] = {"left": [], "right": []}
    for target, chance in _likely(level.next, scenario):
        side: Side = "left" if order.index(target) < order.index(name) else "right"
        hint = say(f"{name} to {target}: {short_percent(chance)}", "ladder")
        links[side].append(_link(short_percent(chance), target, side, hint))
    if len(order) > _MOST_PAIRED:  # narrow boxes: each name has a row of its own
        rows += [BoxRow(links=(link,)) for link in (*links["left"], *links["right"])]
    else:
        pairs = zip_longest(links["left"], links["right"])
        rows += [BoxRow(links=tuple(link for link in pair if link)) for pair in pairs]
    return Box(key=_level_key(name), rows=rows, colour=SOFT, column=column)


def _link(figure: str, level: str, side: Side, hint: str) -> Link:
    """A line to a level: from a dispute or a milder level on the right, else on the left."""
    return Link(
        figure=figure, name=level, target=_level_key(level), side=side,
        colour=ORANGE if side == "right" else BLUE, hint=hint,
    )  # fmt: skip


def _likely(chances: Mapping[str, float], scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Levels with their probabilities, mildest first; those of 0 are left out."""
    for name in (RESOLVED, *scenario.ladder):
        if chances.get(name, 0.0) > 0.0:
            yield name, chances[name]


def _level_key(name: str) -> str:
    return f"level {name}"


def _dispute_key(name: str) -> str:
    return f"dispute {name}"
