"""What a sweep may vary: the paths in a parameter's name, and the target of each path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from riskengine.config.schema.check import default_of, is_annotation
from riskengine.config.schema.distributions import BOUNDS, EMPIRICAL, family_of
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import (
    Flag,
    Integer,
    KeyedTable,
    Map,
    Node,
    Number,
    NumberOrTable,
    Spread,
    Text,
    node_below,
)
from riskengine.config.schema.scalars import Findings, Path, quoted
from riskengine.config.toml.positions import read_key
from riskengine.errors import format_path
from riskengine.model.faults.run import DRAWN

VARIED = "a path to a number, a parameter of a distribution, a choice or a file"
PROPAGATION_FILE = ("propagation", "file")

_FIXED: Mapping[Path, str] = {
    ("run", "trials"): "all {played} play the same trials; --trials says how many",
    (
        "run",
        "seed",
    ): "all {played} share their draws, for sharp differences; --seed sets it",
    **{("run", key): "{who} plays plain trials" for key in DRAWN},
}
_NO_VALUES = ("extends", "parts", "sweep", "mitigation")
_NO_TABLES = (("tables", "sweep"), ("tables", "mitigation"))  #: read before anything is varied
_INSIDE = Number(meaning="inside a distribution")


def names_file(path: Path) -> bool:
    """Whether the value at a path is the name of a table's file."""
    return path[:1] == ("tables",) or path == PROPAGATION_FILE


class Changer(NamedTuple):
    """Who gives other values to paths of a config, in the words of messages."""

    who: str = "a sweep"
    played: str = "points"
    refusal: str = "cannot be swept"
    has_costs: bool = False  #: whether it may change what options of a mitigation cost


BY_SWEEP = Changer()
BY_WORLDS = Changer(has_costs=True)
BY_OPTION = Changer("a mitigation", "portfolios", "cannot be changed by an option")


class Target(NamedTuple):
    """A path, and the schema node there."""

    path: Path
    node: Node

    @property
    def is_number(self) -> bool:
        """Whether the target can vary over a range or a distribution."""
        return isinstance(self.node, Number | Integer | Spread)


def read_paths(name: str) -> tuple[Path, ...] | None:
    """The dotted paths in a parameter's name, which commas separate; None when it is malformed.

    >>> read_paths('run.horizon_days, materials."rare earths".coverage')
    (('run', 'horizon_days'), ('materials', 'rare earths', 'coverage'))
    """
    paths: list[Path] = []
    at = 0
    while True:
        path, at = read_key(name, at)
        if not path:
            return None
        paths.append(path)
        if at == len(name):
            return tuple(paths)
        if name[at] != ",":
            return None
        at += 1


def find_target(
    path: Path,
    document: Mapping[str, Any],
    where: Path,
    findings: Findings,
    changer: Changer = BY_SWEEP,
) -> Target | None:
    """The target at a path of a merged document; None, after a fault at `where`, if there is none.

    Parameters
    ----------
    path
        The path that a parameter names.
    document
        The config, all files merged.
    where
        Path of the parameter itself.
    findings
        Receives the fault.
    changer
        Who names the path.
    """
    reason = _FIXED.get(path, "")
    is_cost = path[:2] == ("mitigation", "options") and path[3:4] == ("cost",)
    if is_cost and not changer.has_costs:
        reason = "the worlds of a mitigation may vary it, in the file that mitigation.worlds names"
    if reason or path in _NO_TABLES or (path[0] in _NO_VALUES and not is_cost):
        reason = reason.format(who=changer.who, played=changer.played)
        findings.add(where, f"{format_path(path)} {changer.refusal}", VARIED, reason)
        return None
    node: Node = SCHEMA
    held: Any = document
    for depth, key in enumerate(path):
        if isinstance(node, Spread):
            return _inside(path, depth, held, where, findings)
        below = _below(node, key, held)
        if below is None:
            _report_unknown(path, depth, _names(node, held), where, findings)
            return None
        node = below
        held = held.get(key) if isinstance(held, Mapping) else None
    return _leaf(path, node, where, findings)


def standing(document: Mapping[str, Any], path: Path) -> Any:
    """What a merged document has at a path, defaults included; None if there is nothing.

    A name that is left out of a table of numbers, such as a level of `cut`, has 0.
    """
    node: Node | None = SCHEMA
    held: Any = document
    for key in path:
        above, node = node, node_below(node, key)
        if isinstance(held, Mapping) and key in held:
            held = held[key]
        else:
            held = default_of(node) if node else None
            if held is None and isinstance(above, Map) and isinstance(node, Number | Spread):
                held = 0.0
    return held


def _below(node: Node, key: str, held: Any) -> Node | None:
    """The node of a key; None where there is no such key, or no such member of a collection."""
    if isinstance(node, Map):
        is_member = isinstance(held, Mapping) and key in held and not is_annotation(key, held[key])
        # Where names refer to another collection, a missing name has the default value.
        return node.of if is_member or node.refers else None
    return node_below(node, key)


def _names(node: Node, held: Any) -> list[str]:
    if isinstance(node, KeyedTable):
        return list(node.keys)
    names = held if isinstance(node, Map) and isinstance(held, Mapping) else {}
    return [name for name in names if not is_annotation(name, names[name])]


def _report_unknown(
    path: Path, depth: int, names: list[str], where: Path, findings: Findings
) -> None:
    above = format_path(path[:depth]) or "the config"
    near = findings.speller.nearest(path[depth], names)
    hint = f"did you mean {format_path((*path[:depth], near, *path[depth + 1 :]))}?" if near else ""
    if not names:
        found = f"there is nothing below {above}, so no {format_path(path)}"
        findings.add(where, found, VARIED)
        return
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    found = f"there is no {quoted(path[depth])} in {above}, so no {format_path(path)}"
    findings.add(where, found, f"one of: {listed}", hint)


def _inside(path: Path, depth: int, held: Any, where: Path, findings: Findings) -> Target | None:
    """The target inside the distribution that the base case has at `path[:depth]`."""
    rest, family = path[depth:], family_of(held)
    given = held[family] if family not in ("", EMPIRICAL) else None
    names = list(given) if isinstance(given, Mapping) else []
    is_parameter = len(rest) == 2 and rest[0] == family and rest[1] in names
    if is_parameter or (family and len(rest) == 1 and rest[0] in BOUNDS):
        return Target(path, _INSIDE)
    known = [format_path((family, name)) for name in names]
    above = format_path(path[:depth])
    stands = f"the base case has {', '.join(known) or 'no parameters'} there"
    near = findings.speller.nearest(format_path(rest), known)
    hint = f"did you mean {above}.{near}?" if near else ""
    findings.add(
        where, f"there is no {format_path(rest)} in {above}: {stands}", f"{above}, whole", hint
    )
    return None


def _leaf(path: Path, node: Node, where: Path, findings: Findings) -> Target | None:
    if isinstance(node, NumberOrTable):
        return Target(path, node.number)
    is_file = names_file(path)
    is_choice = isinstance(node, Text) and (is_file or not node.free)
    if is_choice or isinstance(node, Number | Integer | Spread | Flag):
        return Target(path, node)
    holds = "a table" if isinstance(node, KeyedTable | Map) else "no number and no choice"
    hint = "name a value in it" if isinstance(node, KeyedTable | Map) else ""
    findings.add(where, f"{format_path(path)} leads to {holds}", VARIED, hint)
    return None
