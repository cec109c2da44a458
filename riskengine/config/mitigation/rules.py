"""Faults between options: names that lead nowhere, circles, and values that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from riskengine.config.mitigation.changes import Change
from riskengine.config.schema.scalars import Findings, Path, is_number, quoted
from riskengine.config.sweeps.points import Added
from riskengine.config.toml.one_line import one_line
from riskengine.errors import format_path
from riskengine.model.faults.tree import unknown
from riskengine.model.mitigation import Option

OPTIONS = ("mitigation", "options")
_REMEDY = "give both a common group, or let one exclude the other"


class Drafted(NamedTuple):
    """An option as the config writes it, or a range with all of its steps."""

    name: str
    where: Path
    options: tuple[Option, ...]  #: one, or the steps of a range
    changes: tuple[tuple[Change, ...], ...]  #: of each option

    def rules_out(self, other: Drafted) -> bool:
        """Whether no portfolio has an option of each."""
        return all(a.rules_out(b) for a in self.options for b in other.options)


def check_rules(drafted: Sequence[Drafted], written: Iterable[str], findings: Findings) -> None:
    """Report everything in which the options of a mitigation contradict each other.

    Parameters
    ----------
    drafted : sequence
        The options that could be read.
    written : iterable of str
        The names of all options in the config.
    findings : Findings
    """
    options = {option.name: option for draft in drafted for option in draft.options}
    known = list(dict.fromkeys([*written, *options]))
    for draft in drafted:
        if draft.where[:2] == OPTIONS:
            _check_names(draft.options[0], draft.where, known, findings)
    circular = _check_circles(drafted, options, findings)
    _check_needs(drafted, options, circular, findings)
    _check_fixed(drafted, options, findings)
    _check_values(drafted, findings)


def _check_names(option: Option, where: Path, known: Sequence[str], findings: Findings) -> None:
    """Check that an option refers to others that exist, and not to itself."""
    for key, names in (("excludes", option.excludes), ("requires", option.requires)):
        for name in names:
            at = (*where, key)
            if name not in known:
                findings.faults.append(unknown(at, name, "option", known, findings.speller))
            elif name == option.name:
                findings.add(at, f"{key} itself", "other options")
    both = [name for name in option.requires if name in option.excludes and name in known]
    for name in both:
        found = f"requires {quoted(name)}, which it also excludes"
        findings.add((*where, "requires"), found, "one of the two")


def _check_circles(
    drafted: Sequence[Drafted], options: Mapping[str, Option], findings: Findings
) -> set[str]:
    """Report every circle of options that require each other once; return all names in circles."""
    told: set[str] = set()
    for draft in drafted:
        for option in draft.options:
            circle = [] if option.name in told else _circle(option.name, options)
            if len(circle) > 1:
                shown = " -> ".join(map(quoted, (*circle, circle[0])))
                found = f"requires itself through others: {shown}"
                findings.add((*draft.where, "requires"), found, "options that do not require it")
            told.update(circle)
    return told


def _circle(start: str, options: Mapping[str, Option]) -> list[str]:
    """A shortest way from an option through what it requires back to itself; empty if none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in options[way[-1]].requires if way[-1] in options else ():
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def required(name: str, options: Mapping[str, Option]) -> list[str]:
    """The names of everything that an option requires, the indirect included; unknown ones not."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        for other in options[waiting.pop()].requires:
            if other in options and other not in found and other != name:
                found.append(other)
                waiting.append(other)
    return found


def _check_needs(
    drafted: Sequence[Drafted],
    options: Mapping[str, Option],
    circular: set[str],
    findings: Findings,
) -> None:
    """Report options that can never stand, because what they require cannot stand together."""
    for draft in drafted:
        option = draft.options[0]
        if len(draft.options) > 1 or option.name in circular:
            continue
        needed = [options[name] for name in required(option.name, options)]
        clash = next(
            (
                (first, second)
                for place, first in enumerate((option, *needed))
                for second in needed[place:]
                if first.rules_out(second) and not _is_told(first, second, option)
            ),
            None,
        )
        if clash is not None:
            pair = f"{quoted(clash[0].name)} and {quoted(clash[1].name)}"
            found = f"can never stand: it needs {pair}, and no portfolio may have both"
            findings.add((*draft.where, "requires"), found, "options that can stand together")


def _is_told(first: Option, second: Option, option: Option) -> bool:
    """Whether it is already said that an option requires what it excludes."""
    return first is option and second.name in option.excludes and second.name in option.requires


def _check_fixed(
    drafted: Sequence[Drafted], options: Mapping[str, Option], findings: Findings
) -> None:
    """Report options that are fixed and contradict each other."""
    fixed = [draft for draft in drafted if draft.options[0].fixed]
    for place, draft in enumerate(fixed):
        option = draft.options[0]
        for name in option.requires:
            if name in options and not options[name].fixed:
                found = f"is fixed and requires {quoted(name)}, which is not"
                findings.add((*draft.where, "requires"), found, "options that are fixed too")
        for other in fixed[:place]:
            if option.rules_out(other.options[0]):
                found = f"is fixed, and so is {quoted(other.name)}: no portfolio may have both"
                findings.add((*draft.where, "fixed"), found, "one of the two")


class _Setter(NamedTuple):
    """One value that an option sets, and the option's place in the order of the config."""

    place: int
    draft: Drafted
    change: Change


def _check_values(drafted: Sequence[Drafted], findings: Findings) -> None:
    """Report paths to which options that may stand together give different values."""
    entries = [
        _Setter(place, draft, change)
        for place, draft in enumerate(drafted)
        for change in draft.changes[0]  # of a range, the first step stands for all
    ]
    setters: dict[Path, list[_Setter]] = {}
    for entry in entries:
        if not isinstance(entry.change.value, Added):
            setters.setdefault(entry.change.path, []).append(entry)
    told: set[tuple[int, int]] = set()
    for entry in entries:
        for other, found in _clashes(entry, setters):
            if (entry.place, other.place) not in told:
                told.add((entry.place, other.place))
                findings.add(entry.change.where, found, "options that agree", _REMEDY)


def _clashes(
    entry: _Setter, setters: Mapping[Path, list[_Setter]]
) -> Iterator[tuple[_Setter, str]]:
    """The values of the same path, or of a larger part, that contradict a change, and how."""
    path = entry.change.path
    for length in range(1, len(path) + 1):
        for other in setters.get(path[:length], ()):
            found = "" if other.draft is entry.draft else _clash(entry, other)
            if found and not entry.draft.rules_out(other.draft):
                yield other, found


def _clash(entry: _Setter, other: _Setter) -> str:
    """How a change contradicts a value that another option sets; empty if it does not."""
    change, held = entry.change, other.change
    path, name = format_path(change.path), quoted(other.draft.name)
    if change.path != held.path:
        return f"changes {path}, a part of {format_path(held.path)}, which {name} sets"
    if isinstance(change.value, Added):
        is_number_there = is_number(held.value)
        return "" if is_number_there else f"adds to {path}, which {name} sets to {_shown(other)}"
    if other.place > entry.place or _agree(entry, other):
        return ""  # reported at the later of the two
    return f"sets {path} to {_shown(entry)}, and {name} sets it to {_shown(other)}"


def _agree(entry: _Setter, other: _Setter) -> bool:
    first, second = entry.change.value, other.change.value
    is_alike = (is_number(first) and is_number(second)) or type(first) is type(second)
    are_single = len(entry.draft.options) == 1 and len(other.draft.options) == 1
    return are_single and is_alike and bool(first == second)


def _shown(entry: _Setter) -> str:
    return one_line(entry.change.value) if len(entry.draft.options) == 1 else "several values"
