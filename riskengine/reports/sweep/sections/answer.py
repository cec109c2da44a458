"""The top of the page of a sweep, and its remarks: the answer in words."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.reports.html.parts import (
    Html,
    bullets,
    cards,
    link,
    paragraph,
    section,
    text,
)
from riskengine.reports.sweep.sentences import heading, sentences
from riskengine.reports.sweep.view import SweepView
from riskengine.reports.tables.numbers import amount, bracketed

_MOST_NOTICES = 60  #: more of them would be a page of their own


def answer_section(view: SweepView) -> Html:
    """The base case, what drives it, and what is not known."""
    return section("answer", "The answer", _answer(view))


def _answer(view: SweepView) -> Iterator[Html]:
    yield cards(_cards(view))
    yield paragraph(
        text(
            "This is the base case: the config as it stands. The brackets hold the 95 % interval "
            "of the simulation, which is chance: more trials would narrow it."
        ),
        "remark",
    )
    told = sentences(view)
    for sentence in told:
        yield paragraph(text(sentence))
    if not told:
        yield paragraph(text("There are no indices of sensitivity; the remarks below say why."))
    if view.failed:
        count = len(view.failed)
        warning = text(
            f"{count:,} of {len(view.tables.points):,} points failed; ",
            link("notes", "the remarks"),
            " say which and why.",
        )
        yield bullets([warning], "warnings")


def _cards(view: SweepView) -> Iterator[tuple[str, str, str]]:
    money = view.tables.money
    for key in view.main:
        base = view.base(key)
        meaning = f"{view.meaning(key)}{bracketed(base, money)}"
        yield heading(key), amount(base.value, money), meaning


def notes_section(view: SweepView) -> Html:
    """What a reader should know before using a figure; failed points first."""
    failed = [row for row in view.tables.points if row.status != "done"]
    notes = [f"Point {row.point:,} failed: {row.message}" for row in failed[:_MOST_NOTICES]]
    if len(failed) > _MOST_NOTICES:
        notes.append(f"{len(failed) - _MOST_NOTICES:,} more failed; points.csv names them.")
    notes += [notice.message for notice in view.tables.notices]
    if not notes:
        return section(
            "notes", "Please note", [paragraph(text("Nothing: no remark on this sweep."))]
        )
    return section("notes", "Please note", [bullets(map(text, notes))])
