"""What a part brings to the config it is put into, and the names that it has there.

The material `gallium` of the part `korea` is `korea-gallium`, and so is every reference to it. A
part brings supply lines, industries and the losses passed on between them. Politics stand once, in
the config that names the parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from riskengine.config.layers.layers import Layer, Path, TableLayer, TextLayer
from riskengine.config.schema.check import is_annotation
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import ANNOTATIONS, KeyedTable, Map, Node, node_below

NAMED = ("materials", "industries")  #: collections whose names get the name of the part in front
SHARED = ("money", "horizon_days", "valuation_date")  #: of `[run]`: one value for all parts

_BROUGHT = (*NAMED, "propagation")
_FILES = ("extends", "tables", "parts", "run")  #: not among what is left out as a whole


def joint_name(part: str, name: str) -> str:
    """The name of a material or an industry of a part in the joint config.

    >>> joint_name("korea", "gallium")
    'korea-gallium'
    """
    return f"{part}-{name}"


def joint_path(part: str, path: Path) -> Path:
    """The path in the joint config of a path in a part; empty if the part does not bring it.

    >>> joint_path("korea", ("industries", "chips", "uses", "gallium", "share"))
    ('industries', 'korea-chips', 'uses', 'korea-gallium', 'share')
    >>> joint_path("korea", ("disputes", "china-korea"))
    ()
    """
    if path[:1] == ("run",):
        return path if path[1:2] in [(key,) for key in SHARED] else ()
    if path[:1] not in [(key,) for key in _BROUGHT]:
        return ()
    node: Node | None = SCHEMA
    found: list[str] = []
    for depth, key in enumerate(path):
        found.append(joint_name(part, key) if _names_members(node, path[:depth]) else key)
        node = node_below(node, key)
    return tuple(found)


def joint_document(part: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """What the document of a part brings, under the names of the joint config.

    Notes of whole collections are left out: those of several parts would be one.
    """
    found: dict[str, Any] = {}
    for key in _BROUGHT:
        value = document.get(key)
        if isinstance(value, Mapping):
            members = value.items() if key in NAMED else ()
            notes = {name for name, item in members if is_annotation(name, item)}
            kept = {name: item for name, item in value.items() if name not in notes}
            found[key] = _renamed(part, kept, SCHEMA.keys[key], (key,))
    run = document.get("run")
    if isinstance(run, Mapping) and (shared := {key: run[key] for key in SHARED if key in run}):
        found["run"] = shared
    return found


def left_out(document: Mapping[str, Any]) -> Iterator[str]:
    """Names of the keys and tables of a part that count for nothing in the joint config."""
    run = document.get("run")
    for key in run if isinstance(run, Mapping) else ():
        if key not in (*SHARED, "importer", *ANNOTATIONS):
            yield f"run.{key}"
    for key in SCHEMA.keys:
        if key not in (*_BROUGHT, *_FILES) and document.get(key):
            yield key


def place_in_joint(part: str, layers: Sequence[Layer]) -> None:
    """Give the layers of a part the paths of the joint config, in place."""
    for layer in layers:
        if isinstance(layer, TextLayer | TableLayer):
            layer.data = joint_document(part, layer.data)
            layer.rename(partial(joint_path, part))


def _names_members(node: Node | None, path: Path) -> bool:
    """Whether the keys of a table are names of materials or of industries."""
    return isinstance(node, Map) and (path[0] if len(path) == 1 else node.refers) in NAMED


def _renamed(part: str, value: Any, node: Node | None, path: Path) -> Any:
    if not isinstance(node, Map | KeyedTable) or not isinstance(value, Mapping):
        return value
    has_names = _names_members(node, path)
    found: dict[str, Any] = {}
    for key, item in value.items():
        is_name = has_names and not is_annotation(key, item)
        name = joint_name(part, key) if is_name else key
        found[name] = _renamed(part, item, node_below(node, key), (*path, key))
    return found
