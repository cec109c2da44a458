"""The sentences of a story by kind of event, in the order in which a moment tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from riskengine.language.speaking import say
from riskengine.play.happenings import Happening
from riskengine.reports.tables.numbers import percent_span, short, whole_percent
from riskengine.reports.tables.words import Calendar, listing

Told = Sequence[Happening]  # happenings that share a sentence; what they share is in the first
Sentence = Callable[[Told, Calendar], str]


def _begins(how: str) -> Sentence:
    def sentence(told: Told, _calendar: Calendar) -> str:
        first = told[0]
        parties, cause, spared, is_empty = first.how
        text = f"{first.of} ({parties[0]} against {parties[1]}) {how}"
        if cause:
            text += f", set off by {cause[1]} (trigger {cause[0]})"
        if is_empty:
            return f"{text}, but spares every material and is over at once"
        return f"{text}; spared: {listing(spared)}" if first.names and spared else text

    return sentence


def _entry(told: Told, _calendar: Calendar) -> str:
    _, level, *_ = told[0].how
    return f"{told[0].of}: {level}{_for_whom(told)}{_cut_off(told)}"


def _move(verb: str) -> Sentence:
    def sentence(told: Told, _calendar: Calendar) -> str:
        before, level, *_ = told[0].how
        moved = f"{told[0].of} {verb} from {before} to {level}"
        return f"{moved}{_for_whom(told)}{_cut_off(told)}"

    return sentence


def _for_whom(told: Told) -> str:
    names = _names(told)
    return f" for {names}" if names else ""


def _cut_off(told: Told) -> str:
    """The share of the flow that is cut, whose flow it is and who joins in, in parentheses."""
    *_, coercer, joined = told[0].how
    if not coercer:
        return ""
    cuts = [happening.figure for happening in told]
    amount = (
        f"{percent_span(cuts)} of the flow from {coercer} cut" if max(cuts) > 0.0 else "nothing cut"
    )
    return f" ({amount}; third countries stop passing it on)" if joined else f" ({amount})"


def _resolved(told: Told, _calendar: Calendar) -> str:
    (ends,) = told[0].how
    whom = _for_whom(told)
    return f"{told[0].of} is over{whom}" + (", and with that altogether" if whom and ends else "")


def _cut(told: Told, _calendar: Calendar) -> str:
    (again,) = told[0].how
    opening = "Supply is cut again" if again else "Supply is cut for the first time"
    return f"{opening}: {_figures(told, ' of demand')}"


def _arrival(told: Told, calendar: Calendar) -> str:
    first = told[0]
    (material, alternative), full, premium, begun = first.how
    text = f"Other supply of {material} comes on stream: {alternative}, "
    text += f"{whole_percent(first.figure)} of demand"
    if full > first.day:
        text += f" by {calendar.label(full)}"
    if premium > 0.0:
        text += f", at {whole_percent(premium)} above the normal price"
    return f"{text}; it was being built from the start" if begun else text


def _scarce(opening: str) -> Sentence:
    """What is asked of a pool, at what price, and how much of it each buyer is granted."""

    def sentence(told: Told, _calendar: Calendar) -> str:
        asked, capacity, unit, scarcity = told[0].how
        is_dearer = scarcity > 1.0 and capacity > 0.0
        dear = f", at {short(scarcity)} times the usual price" if is_dearer else ""
        amounts = f"{short(asked)} {unit} a year, and it has {short(capacity)}{dear}"
        granted = _figures(told, " of what it asks for")
        return f"{opening.format(told[0].of)}: {amounts}; granted: {granted}"

    return sentence


def _uncontested(told: Told, _calendar: Calendar) -> str:
    (is_wanted,) = told[0].how
    if is_wanted:
        return f"{told[0].of} is enough again for all who ask"
    return f"Nothing is asked of {told[0].of} any more"


def _still_contested(told: Told, _calendar: Calendar) -> str:
    return f"At the end more is still asked of {told[0].of} than it has"


def _built(told: Told, _calendar: Calendar) -> str:
    stocks = [f"{h.names[0]} ({h.names[1]}, {short(h.figure)} days)" for h in told]
    return f"Built up in full: {', '.join(stocks)}"


def _unfinished(told: Told, _calendar: Calendar) -> str:
    (material, tier), full = told[0].how
    held = f"{short(told[0].figure)} of {short(full)} days"
    return f"The stock of {material} is not built up in full yet: {tier}, {held}"


def _drawn(told: Told, _calendar: Calendar) -> str:
    stocks = [f"{h.names[0]} ({h.names[1]}, {short(h.figure)} days)" for h in told]
    return f"Stocks are drawn on: {', '.join(stocks)}"


def _emptied(told: Told, _calendar: Calendar) -> str:
    (last,) = told[0].how
    stocks = ", ".join(f"{h.names[0]} ({h.names[1]})" for h in told)
    return f"The last stock is used up: {stocks}" if last else f"A stock is used up: {stocks}"


def _inventory(told: Told, _calendar: Calendar) -> str:
    firms = _firms(told[0].how)
    return f"Own inventory of {told[0].of} is used up{firms}: {_names(told)}"


def _firms(how: tuple[Any, ...]) -> str:
    """Which class of firms; empty where all firms are alike."""
    return " at class {} of {} of the firms".format(*how) if how else ""


def _substitution(told: Told, _calendar: Calendar) -> str:
    share, *firms = told[0].how
    less = f"the need for it falls by {whole_percent(share)}"
    where = _firms(tuple(firms))
    return f"Substitution of {told[0].of} takes effect{where} ({less}): {_names(told)}"


def _output(opening: str) -> Sentence:
    def sentence(told: Told, _calendar: Calendar) -> str:
        (lacking,) = told[0].how
        return f"{opening} for lack of {listing(lacking)}: {_figures(told, '')}"

    return sentence


def _stopped(told: Told, _calendar: Calendar) -> str:
    lacking, floor = told[0].how
    least = f" (too little to run: at least {whole_percent(floor)} is needed)" if floor else ""
    return f"No output at all any more for lack of {listing(lacking)}: {_names(told)}{least}"


def _unresolved(told: Told, _calendar: Calendar) -> str:
    (level,) = told[0].how
    return f"At the end {told[0].of} is still at {level}{_for_whom(told)}"


def _owned(opening: str) -> Sentence:
    """Owners, each followed by what it owns in parentheses."""

    def sentence(told: Told, _calendar: Calendar) -> str:
        owned: dict[str, list[str]] = {}
        for happening in told:
            owner, thing = happening.names
            owned.setdefault(owner, []).append(thing)
        whose = ", ".join(f"{owner} ({', '.join(things)})" for owner, things in owned.items())
        return f"{opening}: {whose}"

    return sentence


def _list(opening: str) -> Sentence:
    return lambda told, _calendar: f"{opening}: {_names(told)}"


def _shares(opening: str, unit: str) -> Sentence:
    return lambda told, _calendar: f"{opening}: {_figures(told, unit)}"


class EventKind(NamedTuple):
    """One kind of event in a story."""

    sentence: Sentence
    news: str = ""  #: "bad" or "good", where it is either
    weight: int = 5  #: 0 is the most important: where room is short, the last are left out first


KINDS: dict[str, EventKind] = {
    "active": EventKind(_begins("is in progress at the start"), "", 0),
    "outbreak": EventKind(_begins("breaks out"), "bad", 0),
    "entry": EventKind(_entry, "bad", 2),
    "escalation": EventKind(_move("escalates"), "bad", 1),
    "easing": EventKind(_move("eases"), "good", 4),
    "resolved": EventKind(_resolved, "good", 1),
    "cut": EventKind(_cut, "bad", 3),
    "whole": EventKind(_list("Supply is whole again"), "good", 3),
    "built": EventKind(_built),
    "unfinished": EventKind(_unfinished),
    "failed": EventKind(_owned("Other supply that will not come"), "bad", 4),
    "too-late": EventKind(_owned("Other supply that comes only after the end"), "bad"),
    "arrival": EventKind(_arrival, "good", 3),
    "contested": EventKind(_scarce("More is asked of {} than it has"), "bad", 3),
    "shared-anew": EventKind(_scarce("{} is shared out anew")),
    "uncontested": EventKind(_uncontested, "good", 3),
    "emptied": EventKind(_emptied, "bad", 2),
    "drawn": EventKind(_drawn, "", 4),
    "short": EventKind(_shares("Short after other supply and stocks", " of demand"), "bad", 3),
    "shorter": EventKind(_shares("The shortage grows", " of demand"), "bad"),
    "less-short": EventKind(_shares("The shortage shrinks", " of demand"), "good"),
    "supplied": EventKind(_list("No longer short"), "good"),
    "inventory": EventKind(_inventory, "bad", 4),
    "substitution": EventKind(_substitution, "good"),
    "hit": EventKind(_output("Output is lost"), "bad", 1),
    "worse": EventKind(_output("More output is lost"), "bad", 4),
    "stopped": EventKind(_stopped, "bad", 0),
    "restarted": EventKind(_output("Running again, with output still lost"), "good", 4),
    "better": EventKind(_output("Less output is lost"), "good"),
    "other-cause": EventKind(_output("Output is now lost")),
    "recovered": EventKind(_list("Back at full output"), "good", 1),
    "unresolved": EventKind(_unresolved, "", 2),
    "still-contested": EventKind(_still_contested, "bad"),
    "still-short": EventKind(_shares("At the end still short", " of demand"), "bad"),
    "still-hit": EventKind(_shares("At the end still lost", " of output"), "bad", 0),
}


def kind_of(name: str) -> EventKind:
    """A kind of event; one without weight for stories of other versions."""
    return KINDS.get(name, EventKind(_list(name)))


def retold(event: Mapping[str, Any]) -> str:
    """The sentence of a stored event in the language that is spoken."""
    text, names = str(event["text"]), list(event["names"])
    for first, second in pairwise(names):
        text = text.replace(f"{first} and {second}", f"{first}, {second}")
    found = say(text, str(event["kind"]))
    return str(event["text"]) if found == text else found


def _names(told: Told) -> str:
    return listing([happening.names[0] for happening in told if happening.names])


def _figures(told: Told, unit: str) -> str:
    """Names with the share of each; only the first one carries the unit."""
    return ", ".join(
        f"{h.names[0]} ({whole_percent(h.figure)}{'' if k else unit})" for k, h in enumerate(told)
    )
