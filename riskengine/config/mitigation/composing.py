"""The scenario of a portfolio, made from what its options touch.

A material or industry is read once for each combination of the options that touch it, and is then
the same object in every portfolio with that combination.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from riskengine.config.build import build, build_industry, build_material, build_pool
from riskengine.config.layers.layers import Path
from riskengine.config.load import with_importer, with_importers
from riskengine.config.schema.check import read
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Map
from riskengine.config.schema.scalars import Findings
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.config.sweeps.points import Added, Changes, PointReader, member_of
from riskengine.errors import ConfigFault, Fault
from riskengine.model.faults.scenario import find_faults
from riskengine.model.mitigation import Mitigation, Option, Portfolio
from riskengine.model.scenario import Scenario

MATERIALS, INDUSTRIES, POOLS = "materials", "industries", "pools"
_BUILDERS = {MATERIALS: build_material, INDUSTRIES: build_industry, POOLS: build_pool}

Member = tuple[str, str]  #: a collection and a name; a table without members has an empty name


class _Made(NamedTuple):
    """A material, industry or pool as some options make it."""

    typed: Any  #: as in the tree of a config
    built: Any  #: a `Material`, `Industry` or `Pool`; None if there are faults
    faults: tuple[Fault, ...]  #: of its own values
    is_sound: bool  #: whether the model finds no fault when nothing else is changed


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """The config that options change: the base in one world, with the tables that options name."""

    document: Mapping[str, Any]
    tree: Mapping[str, Any]
    scenario: Scenario
    made: dict[tuple[Member, Portfolio], _Made]  #: by member, and all options that touch it


class Composer:
    """Makes the scenarios of the portfolios of one mitigation."""

    def __init__(self, reader: PointReader, mitigation: Mitigation):
        self._reader, self._options = reader, mitigation.options
        self._fixed = [n for n, option in enumerate(self._options) if option.fixed]
        self._changes = [_changes_of(option) for option in self._options]
        self._grounds: dict[tuple[Any, ...], _Ground] = {}  #: by tables, without a world
        self._of_world: dict[tuple[Any, ...], _Ground] = {}  #: those of the world asked for last
        self._world: tuple[Any, ...] = ()

    def changes(self, portfolio: Sequence[int], world: Changes = ()) -> list[tuple[Path, Any]]:
        """All changes that make a portfolio, in the order in which they apply.

        First the values of the world, then all that the options set, then all that they add.
        """
        return [*world, *(change for _, change in self._ordered(portfolio))]

    def _ordered(self, portfolio: Sequence[int]) -> list[tuple[int, tuple[Path, Any]]]:
        """All changes of a portfolio with the positions of their options: sets, then adds."""
        options = sorted({*self._fixed, *portfolio})
        ours = [(option, change) for option in options for change in self._changes[option]]
        # A stable sort: what is set comes first.
        return sorted(ours, key=lambda entry: isinstance(entry[1][1], Added))

    def faults(self, portfolio: Sequence[int], world: Changes = ()) -> list[Fault]:
        """The faults of a portfolio that the base does not have, without places."""
        return self._reader.faults(self.changes(portfolio, world))

    def document(self, portfolio: Sequence[int]) -> dict[str, Any]:
        """The config of a portfolio: all files merged, with what the options set.

        Parameters
        ----------
        portfolio : sequence of int
            Its options make a valid scenario together.
        """
        return self._reader.version(self.changes(portfolio)).document

    def scenario(self, portfolio: Sequence[int], world: Changes = ()) -> Scenario:
        """The scenario of a portfolio; its document and files are empty.

        Parameters
        ----------
        portfolio : sequence of int
            Positions of options; those that are fixed are always in it.
        world : sequence
            Paths with values that replace those of the base before any option applies.

        Raises
        ------
        ConfigFault
            When the options together do not make a valid scenario.
        """
        tables: dict[str, Any] = {}
        by_member: dict[Member, list[tuple[int, tuple[Path, Any]]]] = {}
        shared = 0
        for option, (path, value) in self._ordered(portfolio):
            if path[0] == "tables":
                tables[path[1]] = value
            else:
                by_member.setdefault(_member(path), []).append((option, (path, value)))
                shared += _is_shared(path, value)
        if any(kind not in _BUILDERS for kind, _ in by_member):
            return self._reader.scenario(self.changes(portfolio, world))
        ground = self._ground(tables, world)
        made = {member: self._member(ground, member, own) for member, own in by_member.items()}
        faults = [fault for each in made.values() for fault in each.faults]
        is_sound = all(each.is_sound for each in made.values())
        if not faults and (shared > 1 or not is_sound):
            faults = find_faults(_with(ground.tree, made))
        if faults:
            raise ConfigFault(faults)
        held = {
            kind: getattr(ground.scenario, kind)
            | {name: each.built for (other, name), each in made.items() if other == kind}
            for kind in dict.fromkeys(kind for kind, _ in made)
        }
        return replace(ground.scenario, **held)

    def _ground(self, tables: Mapping[str, Any], world: Changes) -> _Ground:
        kept = self._grounds
        if world:
            name = tuple((path, _frozen(value)) for path, value in world)
            if name != self._world:
                self._world, self._of_world = name, {}
            kept = self._of_world
        key = tuple(sorted(tables.items()))
        if key not in kept:
            named = [(("tables", table), value) for table, value in tables.items()]
            version = self._reader.version([*world, *named])
            if version.faults:
                raise ConfigFault(version.faults)
            scenario = build(with_importers(version.tree), {}, self._stem, ())
            kept[key] = _Ground(version.document, version.tree, scenario, {})
        return kept[key]

    @property
    def _stem(self) -> str:
        return self._reader.base.assembly.stem

    def _member(
        self, ground: _Ground, member: Member, changes: list[tuple[int, tuple[Path, Any]]]
    ) -> _Made:
        """A member with some changes; kept for the next portfolio that has them."""
        key = (member, tuple(dict.fromkeys(option for option, _ in changes)))
        if key not in ground.made:
            ground.made[key] = self._read(ground, member, [change for _, change in changes])
        return ground.made[key]

    def _read(self, ground: _Ground, member: Member, changes: Changes) -> _Made:
        kind, name = member
        document: dict[str, Any] = {kind: ground.document[kind]}
        faults = [
            fault for path, value in changes for fault in self._reader.put(document, path, value)
        ]
        findings = Findings()
        node = SCHEMA.keys[kind]
        assert isinstance(node, Map)  # noqa: S101  (of materials, industries or pools)
        typed = read(node.of, document[kind][name], member, findings)
        faults += findings.faults
        if faults:
            return _Made(typed, None, tuple(faults), is_sound=False)
        tree = dict(ground.tree)
        tree[kind] = {**tree[kind], name: typed}
        is_sound = not find_faults(tree, findings.speller)
        filled = typed if kind == POOLS else with_importer(typed, ground.tree)
        built = _BUILDERS[kind](filled)
        return _Made(typed, built, (), is_sound)


def touched(option: Option, base: Scenario) -> frozenset[Member]:
    """The members of a scenario that an option may change.

    Parameters
    ----------
    option : Option
    base : Scenario

    Returns
    -------
    frozenset of (str, str)
        Pairs such as ("materials", "gallium"). A table without members, such as "run", has an
        empty name. A file with rows may change every member of its collection.
    """
    found: set[Member] = set()
    for path in option.paths:
        if path[0] == "tables":
            for kind in {form.path[0] for form in ROW_KINDS[path[1]].forms}:
                names = list(getattr(base, kind)) if isinstance(SCHEMA.keys[kind], Map) else []
                found.update((kind, name) for name in names or [""])
        else:
            found.add(_member(path))
    return frozenset(found)


def _member(path: Path) -> Member:
    kind, *name = member_of(path)
    return kind, name[0] if name else ""


def _changes_of(option: Option) -> list[tuple[Path, Any]]:
    return [*option.sets, *((path, Added(amount)) for path, amount in option.adds)]


def _is_shared(path: Path, value: Any) -> bool:
    """Whether a change may break a rule about several members: shares of uses, new names."""
    if isinstance(value, Mapping) and len(path) != 5:
        return True
    return path[0] == INDUSTRIES and path[2:3] == ("uses",) and path[-1] == "share"


def _with(tree: Mapping[str, Any], made: Mapping[Member, _Made]) -> dict[str, Any]:
    """A typed tree with some members replaced."""
    fresh = dict(tree)
    for (kind, name), each in made.items():
        fresh[kind] = {**fresh[kind], name: each.typed}
    return fresh


def _frozen(value: Any) -> Any:
    """A value as part of a key; equal keys have values that a config reads alike."""
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=str)
    return type(value), value
