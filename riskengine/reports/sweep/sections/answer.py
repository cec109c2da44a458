"""The top of the page of a sweep, and its remarks: the answer in words."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from riskengine.reports.html.parts import paragraph, section, text
from riskengine.reports.sweep.sentences import heading, sentences
from riskengine.reports.sweep.view import MAIN, MEANINGS, SweepView
from riskengine.reports.tables.numbers import amount, bracketed

_MOST_NOTICES = 60  #: more of them would be a page of their own


def answer_section(view: SweepView) -> str:
    """The base case, what drives it, and what is not known."""
    return section("answer", "The answer", _answer(view))


def _answer(view: SweepView) -> Iterator[str]:
    cards = "".join(_cards(view))
    yield f'<dl class="cards">{cards}</dl>'
    yield paragraph(
        "This is the base case: the config as it stands. The brackets hold the 95&nbsp;% interval "
        "of the simulation, which is chance: more trials would narrow it.",
        "remark",
    )
    told = sentences(view)
    for sentence in told:
        yield paragraph(text(sentence))
    if not told:
        yield paragraph("There are no indices of sensitivity; the remarks below say why.")
    if view.failed:
        count = len(view.failed)
        yield (
            f'<ul class="warnings"><li>{count:,} of {len(view.tables.points):,} points failed; '
            f'<a href="#notes">the remarks</a> say which and why.</li></ul>'
        )


def _cards(view: SweepView) -> Iterator[str]:
    money = view.tables.money
    for key in MAIN:
        base = view.base(key)
        remark = escape(f"{MEANINGS[key]}{bracketed(base, money)}", quote=False)
        yield (
            f"<div><dt>{text(heading(key))}</dt><dd><b>{text(amount(base.value, money))}</b>"
            f"<span>{remark}</span></dd></div>"
        )


def notes_section(view: SweepView) -> str:
    """What a reader should know before using a figure; failed points first."""
    failed = [row for row in view.tables.points if row.status != "done"]
    notes = [f"Point {row.point:,} failed: {row.message}" for row in failed[:_MOST_NOTICES]]
    if len(failed) > _MOST_NOTICES:
        notes.append(f"{len(failed) - _MOST_NOTICES:,} more failed; points.csv names them.")
    notes += [notice.message for notice in view.tables.notices]
    items = "".join(f"<li>{text(note)}</li>" for note in notes)
    if not notes:
        return section("notes", "Please note", [paragraph("Nothing: no remark on this sweep.")])
    return section("notes", "Please note", [f'<ul class="notes">{items}</ul>'])
