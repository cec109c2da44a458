"""The top of a page: the answer in words, and every headline figure in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from riskengine.reports.html.parts import (
    folded,
    named,
    paragraph,
    section,
    strong,
    table_html,
    text,
)
from riskengine.reports.run.headline import headline, level_table
from riskengine.reports.run.sections.subject import DETAIL, Subject
from riskengine.reports.tables.numbers import amount, bracketed, interval, percent
from riskengine.reports.tables.words import chance, span

_MOST_NOTICES = 60  #: more of them would be a page of their own
# Remarks that change how a figure may be used stand beside the figures, all others at the end.
_ABOUT_TRIALS = frozenset(
    {
        "one-trial",
        "thin-tail",
        "curve-truncated",
        "no-loss",
        "part-without-loss",
        "few-losses",
        "dominant-trial",
    }
)


def headline_section(subject: Subject) -> str:
    """What the run says, before any chart."""
    tables = headline(subject.stored.figures(), subject.facts)
    levels = level_table(subject.index)
    tables += [] if levels is None else [levels]
    return section("answer", "The answer", _answer(subject, "".join(map(table_html, tables))))


def notices_section(subject: Subject) -> str:
    """What a reader should know before using a figure."""
    notices = subject.stored.notices()
    items = "".join(f"<li>{text(notice.message)}</li>" for notice in notices[:_MOST_NOTICES])
    if not notices:
        return section("notes", "Please note", [paragraph("Nothing: no remark on this run.")])
    return section("notes", "Please note", [f'<ul class="notes">{items}</ul>'])


def _answer(subject: Subject, tables: str) -> Iterator[str]:
    cards = "".join(_card(*card) for card in _cards(subject))
    yield f'<dl class="cards">{cards}</dl>'
    yield paragraph(_hardest(subject))
    yield paragraph(
        "The brackets hold the 95&nbsp;% confidence interval of the simulation, which more trials "
        "would narrow. It says nothing about the assumptions; "
        '<a href="#sure">how sure we are</a> does.',
        "remark",
    )
    warnings = [n for n in subject.stored.notices() if n.code in _ABOUT_TRIALS]
    if warnings:
        items = "".join(f"<li>{text(notice.message)}</li>" for notice in warnings)
        yield f'<ul class="warnings">{items}</ul>'
    yield folded("All headline figures", tables, mark="keep")


def _card(label: str, figure: str, remark: str) -> str:
    return (
        f"<div><dt>{text(label)}</dt><dd><b>{text(figure)}</b>"
        f"<span>{escape(remark, quote=False)}</span></dd></div>"
    )


def _cards(subject: Subject) -> Iterator[tuple[str, str, str]]:
    money = subject.facts.money
    mean, any_loss = subject.total_at("mean"), subject.total_at("prob_loss")
    output = subject.total_at("prob_output_loss")
    var, tvar = subject.total_at("var", DETAIL), subject.total_at("tvar", DETAIL)
    if math.isnan(output.value):  # an older folder
        yield "Some loss", chance(any_loss.value), "have a loss in at least one industry"
    else:
        also = f"lose output; with dearer supply alone, {chance(any_loss.value)} have some loss"
        yield "Lost output", chance(output.value), also
    for above in subject.index.thresholds():
        exceeded = subject.total_at("prob_above", above)
        ends = interval(exceeded, share=True)
        yield f"Above {amount(above, money)}", chance(exceeded.value), f"lose more ({ends})"
    yield (
        "On average",
        amount(mean.value, money),
        f"over all futures, those without a loss included{bracketed(mean, money)}",
    )
    yield (
        "Bad: VaR 99 %",
        amount(var.value, money),
        f"99 of 100 futures lose no more than this{bracketed(var, money)}",
    )
    yield (
        "Worse: TVaR 99 %",
        amount(tvar.value, money),
        f"the average of the worst 1 of 100 futures{bracketed(tvar, money)}",
    )


def _hardest(subject: Subject) -> str:
    """Whom the worst futures hit, and by way of what."""
    where = text(span(subject.calendar, subject.facts.horizon_days))
    opening = f"{strong(f'{subject.facts.trials:,} possible futures')} of {where} were played."
    if subject.total_at("tvar", DETAIL).value <= 0.0:
        return f"{opening} In the worst 1 of 100 futures no industry loses anything."
    industries, materials = (
        _first(subject, scope, most)
        for scope, most in (("industry", subject.by_tail("industry")),
                            ("material", subject.by_tail("material")))
    )  # fmt: skip
    return (
        f"{opening} In the worst 1 of 100 futures the loss falls above all on {industries}; "
        f"what holds production up is above all {materials}."
    )


def _first(subject: Subject, scope: str, names: list[str]) -> str:
    shown = [
        f"{named(name)} ({text(percent(subject.tail_share(scope, name)))})"
        for name in names[:3]
        if subject.tail_part(scope, name) > 0.0
    ]
    if len(shown) < 2:
        return "".join(shown) or "nobody in particular"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
