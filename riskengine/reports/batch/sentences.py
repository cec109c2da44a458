"""What a batch says in sentences: the worst scenario, the mixture, what changed since last time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from riskengine.batches.outcome import MIXTURE, PreviousBatch
from riskengine.batches.view import BatchView, differences
from riskengine.figures.comparison import Difference
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.model.confidence import level_text, worst_text
from riskengine.model.spelling import counted
from riskengine.reports.tables.changes import signed
from riskengine.reports.tables.numbers import Money, amount, bracketed, interval, with_unit
from riskengine.reports.tables.words import all_said, ended, first_named

named = partial(first_named, most=5)  #: scenarios within a sentence
INTERVALS = (
    "Low and high are the ends of the 95 % interval of the simulation: more trials narrow it. "
    "Whether a scenario itself is right is another question."
)
MIXED = (
    "The mixture has the losses of the scenarios, each drawn with its weight. A trial of a "
    "scenario with weight w and n trials weighs w / n. VaR is the smallest loss whose cumulative "
    "weight reaches the level, and TVaR the mean beyond it: neither is a mean of those of the "
    "scenarios.",
    "An industry or material that a scenario does not have loses nothing there.",
    "Scenarios with the same seed share their draws, so they are wrong together. Their intervals "
    "take that into account.",
)
ADDS_UP = (
    "Means by industry or material, and parts of TVaR, add up to those of the total. VaR does not."
)
BESIDE = (
    "Trial by trial: both have the same seed and draws, so that chance mostly cancels in the "
    "change. By intervals: they do not, and the interval of the change is that of independent runs."
)
CHANGES = f"A change above 0 is more loss. {BESIDE}"


def facts(view: BatchView) -> list[str]:
    """What stands under the title: not what was kept, which is the same as what is played."""
    outcome = view.outcome
    found = [say(counted(len(outcome.scenarios), "scenario"))]
    if outcome.failed:
        found.append(say(f"{len(outcome.failed):,} failed"))
    return [*found, say(f"money in {unit_words(outcome.money) or say('no unit')}")]


def facts_line(view: BatchView) -> str:
    """The same in one line."""
    return ended(spoken().comma.join(facts(view)))


def largest(view: BatchView, most: int) -> str:
    """Which scenarios a chart shows that has room for so many; empty if it shows all."""
    return say(f"The {most} scenarios with the largest TVaR. ") if len(view.done) > most else ""


def made_on(previous: PreviousBatch) -> str:
    """When an earlier batch was made, and with what."""
    return f"made on {previous.started[:10]} with riskengine {previous.version}."


def answer(view: BatchView) -> list[str]:
    """The answer of the batch, one sentence after the other."""
    first = [*_worst(view), *_mixture(view), *_reference(view)]
    return [*first, *_previous(view), *_failed(view)]


def _worst(view: BatchView) -> Iterator[str]:
    ranked, level = view.ranked(), level_text(view.detail)
    if not ranked or math.isnan(view.tail(ranked[0]).value):
        return
    worst, best = ranked[0], ranked[-1]
    tail, mean = view.tail(worst), view.mean(worst)
    if tail.value == 0.0:
        yield "No scenario has a loss in any of its trials."
        return
    time = "" if view.has_one_horizon else " a year"
    which = "loses" if len(ranked) == 1 else "is the worst scenario: it loses"
    yield (
        f"{worst} {which} {_amount(view, mean)}{time} on average, and "
        f"{_amount(view, tail)} in its worst {worst_text(view.detail)} of trials (TVaR {level})."
    )
    if len(ranked) > 1:
        yield f"The mildest is {best}, with a TVaR {level} of {_amount(view, view.tail(best))}."


def _mixture(view: BatchView) -> Iterator[str]:
    if view.outcome.mixture is None or not view.levels:
        return
    level, var = level_text(view.detail), view.total(MIXTURE, "var", view.detail)
    mean = _amount(view, view.mean(MIXTURE))
    yield all_said(
        f"The scenarios drawn by their weights lose {mean} on average.",
        f"VaR {level} of this mixture is {_amount(view, var)}, and its TVaR {level}",
        ended(_amount(view, view.tail(MIXTURE))),
    )


def _reference(view: BatchView) -> Iterator[str]:
    rows = view.changes(view.outcome.against_reference)
    if rows:
        against = f"Against {view.outcome.reference}, TVaR {level_text(view.detail)}"
        yield all_said(against, ended(_most_changed(view, rows, ("rises", "falls", "is"))))


def _most_changed(view: BatchView, rows: dict[str, Difference], verbs: tuple[str, str, str]) -> str:
    """Where a figure rises most and falls most, with the change."""
    rises, falls, stays = verbs
    most, least = (pick(rows, key=lambda name: rows[name].difference) for pick in (max, min))
    parts = [
        say(f"{verb} most in {name}, by {_change(view, rows[name])}", "most")
        for verb, name, sign in ((rises, most, 1.0), (falls, least, -1.0))
        if sign * rows[name].difference > 0.0
    ]
    where = "every scenario" if len(rows) > 1 else most
    return say(", and ", "most").join(parts) or say(f"{stays} the same in {where}", "most")


def _change(view: BatchView, row: Difference) -> str:
    """The size of a change, with its interval and whether chance alone explains it."""
    money = Money.fitting(abs(row.difference), view.outcome.money)
    ends = interval(Estimate(*(money.of(end) for end in row.estimate)))
    said = with_unit(signed(money.of(row.difference)).lstrip("+-"), money.unit)
    if not ends or row.lower == row.upper:
        return said
    doubt = ", which chance alone may explain" if row.estimate.holds_zero else ""
    return say(f"{said} (change of {ends}{doubt})", "most")


def _previous(view: BatchView) -> Iterator[str]:
    previous = view.outcome.previous
    if previous is None:
        return
    called, level = previous.title or previous.folder, level_text(view.detail)
    known, mixed = view.changes(previous.comparisons), view.change(differences(previous.mixture))
    if known:
        most = ended(_most_changed(view, known, ("rose", "fell", "was")))
        yield all_said(f"Since {called}, TVaR {level}", most)
    if mixed is not None:
        moved = "rose" if mixed.difference > 0.0 else "fell"
        how = "did not change" if mixed.difference == 0.0 else f"{moved} by {_change(view, mixed)}"
        yield f"TVaR {level} of the mixture {how}."
    for why, names in view.not_compared(previous).items():
        yield f"Not compared with {called}: {named(names)} ({say(why, 'why')})."
    groups = {"new": previous.came, "gone": previous.went, "with changed inputs": previous.changed}
    found = [say(f"{words} {named(each)}", "since") for words, each in groups.items() if each]
    if found:
        yield f"Scenarios since {called}: {'; '.join(found)}."
    else:
        yield f"No scenario came or went since {called}, and no input changed."


def _failed(view: BatchView) -> Iterator[str]:
    names = [each.name for each in view.outcome.failed]
    if len(names) == 1:
        yield f"One scenario failed and has no figures here: {names[0]}."
    elif names:
        yield f"{len(names):,} scenarios failed and have no figures here: {named(names)}."


def _amount(view: BatchView, found: Estimate) -> str:
    unit = view.outcome.money
    return f"{amount(found.value, unit)}{bracketed(found, unit)}"
