"""How well the inputs of a config are founded: what each of its tables says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from riskengine.model.confidence import level_text
from riskengine.reports.html.parts import shown
from riskengine.reports.run.sections.subject import Subject
from riskengine.reports.tables.numbers import percent
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column

KNOWN = ("sourced", "derived", "assumption")
UNMARKED = "not marked"
KINDS = {
    "disputes": "Disputes",
    "ladder": "Levels of escalation",
    "triggers": "Triggers",
    "materials": "Materials",
    "sources": "Sources of supply",
    "alternatives": "Other suppliers",
    "stocks": "Stocks",
    "industries": "Industries",
    "uses": "Uses of materials by industries",
}  #: key of the config that holds tables by name -> what they are
_CARRYING = 4  #: materials named as carrying the answer


class Input(NamedTuple):
    """One table of a config and what it says of itself."""

    kind: str  #: a key of `KINDS`
    path: tuple[str, ...]  #: its name, behind the names of what it belongs to
    status: str
    note: str
    source: str

    @property
    def name(self) -> str:
        """The whole path, for people."""
        return " › ".join(self.path)


def inputs(config: Mapping[str, Any]) -> list[Input]:
    """All tables with a name, in the order of `KINDS`."""
    found = list(_walk(config, ()))
    order = {kind: k for k, kind in enumerate(KINDS)}
    return sorted(found, key=lambda item: order[item.kind])


def counts(config: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """How many tables of each kind have which status."""
    found: dict[str, dict[str, int]] = {}
    for item in inputs(config):
        by_status = found.setdefault(item.kind, dict.fromkeys((*KNOWN, UNMARKED), 0))
        by_status[item.status if item.status in KNOWN else UNMARKED] += 1
    return found


def totals(config_counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The counts of all kinds together."""
    return {
        status: sum(by_status[status] for by_status in config_counts.values())
        for status in (*KNOWN, UNMARKED)
    }


def totals_in_words(config_counts: Mapping[str, Mapping[str, int]]) -> str:
    """A sentence on how many inputs are sourced, derived and assumed."""
    total = totals(config_counts)
    everything = sum(total.values())
    if not everything or total[UNMARKED] == everything:
        return "No table of the inputs says whether it is sourced, derived or assumed."
    unmarked = f"; {total[UNMARKED]} do not say" if total[UNMARKED] else ""
    return (
        f"Of {everything} tables of inputs {total['sourced']} are sourced, {total['derived']} "
        f"derived from sources, and {total['assumption']} contain an assumption{unmarked}."
    )


def carrying(subject: Subject) -> Table:
    """The materials behind the worst futures, and how well their inputs are founded."""
    rows: list[list[str]] = []
    everything = inputs(subject.config)
    for name in subject.by_tail("material")[:_CARRYING]:
        own = [item for item in everything if name in item.path]
        rows.append([name, percent(subject.tail_share("material", name)), *_tally(own)])
    return Table(
        key="carrying",
        title="The assumptions that carry the answer: inputs of the materials behind the worst "
        "futures",
        columns=[
            text_column("material", "Material"),
            shown("share", f"Share of TVaR {level_text(subject.detail)}"),
            *(shown(status, status.capitalize()) for status in (*KNOWN, UNMARKED)),
        ],
        rows=rows,
        remark="Counted are the tables of the material itself, its sources, other suppliers, "
        "stocks and uses. A table counts as assumption when any of its figures is one.",
    )


def _tally(items: Sequence[Input]) -> list[str]:
    statuses = [item.status if item.status in KNOWN else UNMARKED for item in items]
    return [str(statuses.count(status)) for status in (*KNOWN, UNMARKED)]


def _walk(table: Mapping[str, Any], owners: tuple[str, ...]) -> Iterator[Input]:
    """Tables by kind, whose names are keys; never into what a name holds but for further kinds."""
    for kind, members in table.items():
        if kind not in KINDS or not isinstance(members, dict):
            continue
        for name, member in members.items():
            if not isinstance(member, dict):
                continue
            status, note, source = (
                str(member.get(key) or "") for key in ("status", "note", "source")
            )
            yield Input(kind, (*owners, name), status or UNMARKED, note, source)
            yield from _walk(member, (*owners, name))
