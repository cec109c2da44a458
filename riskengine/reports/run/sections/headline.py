"""The top of a page: the answer in words, and every headline figure in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskengine.model.confidence import inside, level_text, worst
from riskengine.reports.html.parts import (
    Html,
    bullets,
    cards,
    folded,
    joined,
    link,
    named,
    paragraph,
    section,
    strong,
    table_html,
    text,
)
from riskengine.reports.run.headline import headline, level_table
from riskengine.reports.run.sections.subject import Subject
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


def headline_section(subject: Subject) -> Html:
    """What the run says, before any chart."""
    tables = headline(subject.stored.figures(), subject.facts)
    levels = level_table(subject.index)
    tables += [] if levels is None else [levels]
    return section("answer", "The answer", _answer(subject, joined(map(table_html, tables))))


def notices_section(subject: Subject) -> Html:
    """What a reader should know before using a figure."""
    notices = subject.stored.notices()
    if not notices:
        return section("notes", "Please note", [paragraph(text("Nothing: no remark on this run."))])
    items = (text(notice.message) for notice in notices[:_MOST_NOTICES])
    return section("notes", "Please note", [bullets(items)])


def _answer(subject: Subject, tables: Html) -> Iterator[Html]:
    yield cards(_cards(subject))
    yield paragraph(_hardest(subject))
    yield paragraph(
        text(
            "The brackets hold the 95 % confidence interval of the simulation, which more trials "
            "would narrow. It says nothing about the assumptions; ",
            link("sure", "how sure we are"),
            " does.",
        ),
        "remark",
    )
    warnings = [n for n in subject.stored.notices() if n.code in _ABOUT_TRIALS]
    if warnings:
        yield bullets((text(notice.message) for notice in warnings), "warnings")
    yield folded("All headline figures", tables, mark="keep")


def _cards(subject: Subject) -> Iterator[tuple[str, str, str]]:
    money = subject.facts.money
    mean, any_loss = subject.total_at("mean"), subject.total_at("prob_loss")
    output = subject.total_at("prob_output_loss")
    var, tvar = subject.total_at("var", subject.detail), subject.total_at("tvar", subject.detail)
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
        f"Bad: VaR {level_text(subject.detail)}",
        amount(var.value, money),
        f"{inside(subject.detail)} futures lose no more than this{bracketed(var, money)}",
    )
    yield (
        f"Worse: TVaR {level_text(subject.detail)}",
        amount(tvar.value, money),
        f"the average of the worst {worst(subject.detail)} futures{bracketed(tvar, money)}",
    )


def _hardest(subject: Subject) -> Html:
    """Whom the worst futures hit, and by way of what."""
    where = span(subject.calendar, subject.facts.horizon_days)
    played = strong(f"{subject.facts.trials:,} possible futures")
    opening = text(played, f" of {where} were played.")
    beyond = f" In the worst {worst(subject.detail)} futures"
    if subject.total_at("tvar", subject.detail).value <= 0.0:
        return text(opening, f"{beyond} no industry loses anything.")
    industries, materials = (
        _first(subject, scope, most)
        for scope, most in (("industry", subject.by_tail("industry")),
                            ("material", subject.by_tail("material")))
    )  # fmt: skip
    return text(
        opening,
        f"{beyond} the loss falls above all on ",
        industries,
        "; what holds production up is above all ",
        materials,
        ".",
    )


def _first(subject: Subject, scope: str, names: list[str]) -> Html:
    shown = [
        text(named(name), f" ({percent(subject.tail_share(scope, name))})")
        for name in names[:3]
        if subject.tail_part(scope, name) > 0.0
    ]
    if len(shown) < 2:
        return joined(shown) or text("nobody in particular")
    return text(joined(shown[:-1], ", "), " and ", shown[-1])
