"""What parts and the config that names them must say alike: units, time 0, horizon, levels.

Cuts and stocks of a part are numbers in its money, as of its day, at its levels. Where the joint
config or another part means something else by these, the numbers would be read as what they are
not. A file that extends the joint config may still change them, as may `--set`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from riskengine.config.layers.assembly import Assembly, PartFile
from riskengine.config.layers.layers import Path, Place, find_place
from riskengine.config.layers.naming import SHARED
from riskengine.config.schema.check import read
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.scalars import Findings
from riskengine.config.toml.one_line import one_line
from riskengine.errors import Fault

_BOYCOTT = "boycott"
_OF_A_LEVEL = ("sojourn", "next", _BOYCOTT)


class _Said(NamedTuple):
    value: Any
    place: Place


def report_disagreements(parts: Mapping[str, PartFile], opened: Mapping[str, Assembly]) -> None:
    """Report what a part says otherwise than the joint config, or than an earlier part.

    Parameters
    ----------
    parts : mapping of str to PartFile
        With the joint config as it stands in the file that names the part.
    opened : mapping of str to Assembly
        The parts that could be read. A fault goes to the report of its part.
    """
    earlier: dict[Path, _Said] = {}
    for name, own in opened.items():
        joint = parts[name]
        for path, value in _definitions(own.document):
            place = find_place(path, own.layers) or Place(file=str(own.source))
            ours = dict(_definitions(joint.document)).get(path)
            others = [earlier[path]] if path in earlier else []
            if ours is not None:
                others.insert(0, _Said(ours, find_place(path, joint.layers) or Place()))
            other = next((said for said in others if not _are_equal(path, value, said.value)), None)
            if other is not None:
                own.report.at(place, _fault(path, value, other))
            earlier.setdefault(path, _Said(value, place))


def _definitions(document: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """What a config says about units, time and levels."""
    run, ladder = document.get("run"), document.get("ladder")
    for key in SHARED:
        if isinstance(run, Mapping) and key in run:
            yield ("run", key), run[key]
    for level, given in ladder.items() if isinstance(ladder, Mapping) else ():
        if isinstance(given, Mapping):
            whole = {_BOYCOTT: False, **given}
            yield from ((("ladder", level, key), whole[key]) for key in _OF_A_LEVEL if key in whole)


def _are_equal(path: Path, first: Any, second: Any) -> bool:
    """Whether two values mean the same; what is no valid value is the same as itself alone."""
    if first == second and type(first) is type(second):
        return True
    findings, node = Findings(), node_at(path)
    if node is None:
        return False
    a, b = read(node, first, path, findings), read(node, second, path, findings)
    if findings.faults:
        return False
    return bool(_chances(a) == _chances(b))


def _chances(value: Any) -> Any:
    """Probabilities without those of 0, which may as well be left out."""
    if isinstance(value, Mapping):
        return {name: chance for name, chance in value.items() if chance}
    return value


def _fault(path: Path, value: Any, other: _Said) -> Fault:
    where = other.place.shown or "the joint config"
    return Fault(
        path=path,
        found=f"is {one_line(value)}; {where} has {one_line(other.value)}",
        allowed="the same in a config and in all of its parts",
        hint="make the part a file that extends this one and gives the other value",
    )
