"""What began on the day of a case, or is assumed about it, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from riskengine.backtests.cases import Case
from riskengine.config.layers.overrides import read_value
from riskengine.config.schema.distributions import family_of
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.kinds import ANNOTATIONS, KeyedTable, Map, Node
from riskengine.config.toml.positions import read_key
from riskengine.language.speaking import say, spoken
from riskengine.reports.tables.numbers import plain, short_percent
from riskengine.reports.tables.words import distribution_words, ended, listing, unit_of

NOTHING = "Nothing: a threat."

_SHARES = ("fraction", "probability", "share")  #: units of a part of a whole
_BARE = ("elasticity", "coefficient", "rank", "rho", "seed")  #: units that add nothing: left out

Path = tuple[str, ...]


class Said(NamedTuple):
    """A sentence about one name; sentences with the same words around it are merged into one."""

    before: str
    name: str = ""
    after: str = ""


def events_text(case: Case) -> str:
    """What began or is assumed, in plain sentences; names stay as the config writes them."""
    groups: dict[tuple[str, str], list[str]] = {}
    for path in _paths(case):
        before, name, after = _said(path, case)
        groups.setdefault((before, after), []).append(name)
    sentences = (
        ended(say(f"{before}{listing(names)}{after}", "set in"))
        for (before, after), names in groups.items()
    )
    return spoken().gap.join(sentences) or say(NOTHING)


def _paths(case: Case) -> list[Path]:
    """The config paths at which a suite sets a value, without duplicates."""
    found: dict[Path, None] = {}
    for text in (*case.what_happened, *case.supposed):
        path, end = read_key(text)
        found.update(dict.fromkeys(_values(path, read_value(text[end + 1 :]))))
    return list(found)


def _values(path: Path, value: Any) -> Iterator[Path]:
    """The paths of all values below a path; a distribution or an episode counts as one value."""
    node = node_at(path)
    if path[:1] == ("disputes",) and path[2:3] == ("active",):
        yield path[:3]
    elif node is None and len(path) > 1:
        yield from _values(path[:-1], None)
    elif isinstance(node, Map | KeyedTable) and isinstance(value, Mapping) and value:
        for key, item in value.items():
            if key not in ANNOTATIONS or isinstance(item, Mapping):  # a name may be "note"
                yield from _values((*path, key), item)
    else:
        yield path


def _said(path: Path, case: Case) -> Said:
    shape = _shape(path)
    if shape in _TEMPLATES:
        value = _value(path, case)
        return Said(*(part.format(*path, value=value) for part in _TEMPLATES[shape]))
    return _TOLD.get(shape, _any_value)(path, case)


def _shape(path: Path) -> Path:
    """A path with a star in place of every name that the user chose."""
    parents = (node_at(path[:depth]) for depth in range(len(path)))
    pairs = zip(path, parents, strict=True)
    return tuple("*" if isinstance(parent, Map) else key for key, parent in pairs)


def _active(path: Path, case: Case) -> Said:
    name = path[1]
    dispute = case.scenario.disputes[name]
    active = dispute.active
    parties = f"The dispute {name} ({dispute.coercer} against {dispute.target})"
    if active is None:
        return Said(f"{parties} is at rest")
    elapsed = active.elapsed_days
    since = f" (for {plain(elapsed)} days by then)" if elapsed else ""
    covered = "; chance decides which materials it covers"
    if active.materials is not None:
        covered = f" and covers {listing(active.materials)}"
    return Said(f"{parties} is at the level {active.level}{since}{covered}")


def _outbreaks(path: Path, case: Case) -> Said:
    rate = case.scenario.disputes[path[1]].rate_per_year
    if rate == 0.0:
        return Said("No new outbreak of ", path[1])
    return Said("", path[1], f" breaks out {plain(rate)} times a year while it is calm")


def _trigger(path: Path, case: Case) -> Said:
    chance = case.scenario.triggers[path[1]].probability
    if chance == 0.0:
        return Said("Never set off: the trigger ", path[1])
    return Said(f"Set off with a chance of {short_percent(chance)}: the trigger ", path[1])


_TOLD: Mapping[Path, Callable[[Path, Case], Said]] = {
    ("disputes", "*", "active"): _active,
    ("disputes", "*", "rate_per_year"): _outbreaks,
    ("triggers", "*", "probability"): _trigger,
}
#: Sentences with keys of the path by position, and the value with its unit
_TEMPLATES: Mapping[Path, Said] = {
    ("run", "horizon_days"): Said("Each trial lasts ", "{value}"),
    ("disputes", "*", "entry", "*"): Said(
        "A new outbreak of {1} begins at ", "{3}", ", with a chance of {value}"
    ),
    ("ladder", "*", "sojourn"): Said("Time spent on the level ", "{1}", ": {value}"),
    ("ladder", "*", "next", "*"): Said("After {1} comes ", "{3}", ", with a chance of {value}"),
    ("materials", "*", "cut", "*"): Said("Cut at the level {3}: {value} of the flow of ", "{1}"),
    ("materials", "*", "sources", "*", "share"): Said("{3} supplies {value} for ", "{1}"),
}


def _any_value(path: Path, case: Case) -> Said:
    """A value without a sentence of its own: its meaning from the schema, and its owner."""
    node = node_at(path)
    meaning = node.meaning if node is not None else ""
    words = meaning if meaning and not meaning.startswith("of ") else path[-1].replace("_", " ")
    words = say(words)
    return Said(f"{words[:1].upper()}{words[1:]} ({_owner(path)}): {_value(path, case)}")


def _owner(path: Path) -> str:
    """The owner of a value: every name along its path, with the word for what it names.

    >>> _owner(("materials", "gallium", "stocks", "public", "days"))
    'material gallium, stock tier public'
    """
    parents = ((key, node_at(path[:depth])) for depth, key in enumerate(path))
    names = [say(f"{node.member} {key}", "owner") for key, node in parents if isinstance(node, Map)]
    return spoken().comma.join(names) or path[0]


def _value(path: Path, case: Case) -> str:
    """The value in the scenario of the case, with its unit."""
    held: Any = case.scenario.document
    for key in path:
        held = held.get(key) if isinstance(held, Mapping) else None
    return _value_text(held, node_at(path), case.scenario.run.money)


def _value_text(value: Any, node: Node | None, money: str) -> str:
    unit = unit_of(node, money)
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, int | float):
        kind, _, rest = unit.partition(" ")
        if kind in _SHARES:
            return say(f"{short_percent(value)} {rest}".rstrip(), "value")
        return plain(value) if kind.rstrip(":") in _BARE else say(f"{plain(value)} {unit}".rstrip())
    if family_of(value):
        return f"{distribution_words(value)} ({say(unit)})"
    if isinstance(value, list | Mapping):
        return listing(list(map(str, value))) or say("none")
    return say("none") if value is None else str(value)
