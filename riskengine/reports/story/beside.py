"""The same trial twice, side by side: with nothing bought, and with a portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from riskengine.errors import escaped
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.reports.html.parts import Html, Section, document, paragraph, table_html
from riskengine.reports.html.parts import text as words
from riskengine.reports.screen import width_of
from riskengine.reports.story.sentences import retold
from riskengine.reports.story.shown import LEAST_WIDTH, money_format, sum_line, wrapped
from riskengine.reports.story.story import COMPONENTS, Event, Story
from riskengine.reports.tables.formats import DAYS, Format
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.reports.tables.table import Column, Table, number
from riskengine.reports.tables.table import text as text_column

SAME = "the same"  #: in place of a sentence that the trial has with nothing, too
_NOTHING = "With nothing"
_GAP = 2  #: columns of the screen between two texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The story of a trial with nothing bought, and that of the same trial with a portfolio."""

    nothing: Story
    bought: Story
    portfolio: str  #: its options, joined by " + "
    cost: float  #: present value

    @property
    def saved(self) -> float:
        """How much less the trial loses with the portfolio; negative if it loses more."""
        return self.nothing.losses.total - self.bought.losses.total

    @property
    def heading(self) -> str:
        """Over everything that happens with the portfolio."""
        return say(f"With {self.portfolio}", "portfolio")

    @property
    def facts(self) -> list[str]:
        """What the portfolio costs, and what it changes in this trial."""
        money = self.nothing.money
        loss, cost = (
            with_unit(significant(amount), money)
            for amount in (self.bought.losses.total, self.cost)
        )
        change = say("the loss is the same")
        if self.saved:
            less = with_unit(significant(abs(self.saved)), money)
            change = say(f"{less} {'less' if self.saved > 0.0 else 'more'}", "portfolio")
        return [
            self.heading
            + say(f", which costs {cost}: loss {loss}", "portfolio")
            + f"{spoken().comma}{change}"
        ]


class Moment(NamedTuple):
    """What happens on a day in either story; empty where there is no such sentence."""

    day: float
    nothing: str
    bought: str  #: `SAME` if the two say the same


def moments(beside: Beside) -> list[Moment]:
    """The sentences of both stories in order of time, those that correspond in one row."""
    stories = [_by_day(beside.nothing), _by_day(beside.bought)]
    return [
        Moment(day, *pair)
        for day in sorted({*stories[0], *stories[1]})
        for pair in _aligned(*(story.get(day, []) for story in stories))
    ]


def _by_day(story: Story) -> dict[float, list[str]]:
    found: dict[float, list[str]] = {}
    for event in story.events:
        found.setdefault(event.day, []).append(_text(event))
    return found


def _text(event: Event) -> str:
    return escaped(retold(event._asdict()))


def _aligned(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[str, str]]:
    for what, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if what == "equal":
            yield from ((sentence, say(SAME, "portfolio")) for sentence in first[a:b])
        else:
            yield from zip_longest(first[a:b], second[c:d], fillvalue="")


def beside_text(beside: Beside, width: int) -> str:
    """Both timelines in two columns, wrapped to a width; each day starts with its date."""
    rows = moments(beside)
    if not rows:
        return "  Nothing happened: no dispute broke out."
    labels = [beside.nothing.calendar.label(row.day) for row in rows]
    margin = 2 + max(map(len, labels)) + _GAP
    half = max((max(width, LEAST_WIDTH) - margin - _GAP) // 2, LEAST_WIDTH // 4)
    lines = _beside("", (_NOTHING, escaped(beside.heading)), margin, half)
    before = ""
    for label, row in zip(labels, rows, strict=True):
        lines += _beside("" if label == before else label, row[1:], margin, half)
        before = label
    return "\n".join(lines)


def _beside(head: str, texts: Sequence[str], margin: int, half: int) -> list[str]:
    """Two texts in columns, the first line with a head in front."""
    lines = []
    for left, right in zip_longest(*(wrapped(text, half) for text in texts), fillvalue=""):
        first = left + " " * max(half + _GAP - width_of(left), 1 if right else 0)
        lines.append(f"  {head.ljust(margin - 2)}{first}{right}".rstrip())
        head = ""
    return lines


class _Pair(NamedTuple):
    """A figure of one name in both stories."""

    name: str
    nothing: float
    bought: float

    @property
    def change(self) -> float:
        return self.bought - self.nothing


def beside_tables(beside: Beside) -> list[Table]:
    """Losses by industry, component and material, and days without output, in both stories."""
    money, unit = money_format(beside.nothing), unit_words(beside.nothing.money)
    before, after = beside.nothing.losses, beside.bought.losses

    def pairs(part: str, name: str, figure: str) -> list[_Pair]:
        rows = zip(getattr(before, part), getattr(after, part), strict=True)
        return _some(
            _Pair(getattr(a, name), getattr(a, figure), getattr(b, figure)) for a, b in rows
        )

    industries = pairs("industries", "industry", "loss")
    if industries:
        industries.append(_Pair(say("Total"), before.total, after.total))
    parts = _some(
        _Pair(say(name.capitalize()), before.component(name), after.component(name))
        for name in COMPONENTS
    )
    materials = pairs("materials", "material", "loss")
    days = pairs("industries", "industry", "loss_days")
    tables = [
        _table("industries", "Industry", f"Loss by industry, {unit}", industries, money),
        _table("components", "Component", f"Loss by component, {unit}", parts, money),
        _table("materials", "Material", f"Loss by material, {unit}", materials, money),
        _table("days", "Industry", "Days with lost output", days, DAYS),
    ]
    return [table for table in tables if table.rows]


def _some(rows: Iterable[_Pair]) -> list[_Pair]:
    """The rows that are not 0 in both stories."""
    return [row for row in rows if row.nothing or row.bought]


def _table(key: str, kind: str, title: str, rows: Sequence[_Pair], form: Format) -> Table:
    columns: list[Column] = [
        text_column("name", kind, lambda row: row.name),
        number("nothing", _NOTHING, lambda row: row.nothing, form),
        number("bought", "With the portfolio", lambda row: row.bought, form),
        number("change", "Change", lambda row: row.change, form),
    ]
    return Table(key=key, title=title, columns=columns, rows=rows)


def sum_lines(beside: Beside) -> list[str]:
    """For each story what its parts add up to."""
    return [
        f"{say(_NOTHING)}: {say(sum_line(beside.nothing))}",
        f"{beside.heading}: {say(sum_line(beside.bought))}",
    ]


def beside_page(beside: Beside, facts: Sequence[str], closing: str) -> Html:
    """The page, with lines of facts under the title and a closing sentence under the tables."""
    label = beside.nothing.calendar.label
    happened = Table(
        key="events",
        title="The same trial with and without the portfolio",
        columns=[
            text_column("day", "When", lambda row: label(row.day)),
            text_column("nothing", _NOTHING, lambda row: row.nothing),
            text_column("bought", beside.heading, lambda row: row.bought),
        ],
        rows=moments(beside),
    )
    lines = [paragraph(words(line)) for line in (*sum_lines(beside), closing)]
    return document(
        beside.nothing.title or f"Trial {beside.nothing.trial}",
        facts=map(words, facts),
        sections=[
            Section("events", "What happened", [table_html(happened)]),
            Section("cost", "What it cost", [*map(table_html, beside_tables(beside)), *lines]),
        ],
        has_contents=False,
    )
