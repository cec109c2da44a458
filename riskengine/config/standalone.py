"""A config that stands alone: what its files bring is in its own document and tables.

What `extends` and `[tables]` name, files of values and the matrix of propagation are put in. Tables
that a sweep or an option reads in place of others cannot be: they become tables beside the
document, each whole. What comes with riskengine stays extended by its name.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.assembly import Assembly, TableFile
from riskengine.config.layers.books import BookLayer
from riskengine.config.layers.inline import inline_files, inlined
from riskengine.config.layers.layers import Layer, TextLayer, find_holder
from riskengine.config.load import finished, read_assembly
from riskengine.config.schema.check import default_of
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import KeyedTable, Map, Node, Shorthand
from riskengine.config.schema.sheets import OWN_SHEETS
from riskengine.config.sources.shipped import PREFIX
from riskengine.config.sweeps.targets import PROPAGATION_FILE, names_file, read_paths
from riskengine.errors import ConfigFault
from riskengine.model.scenario import Scenario

Path = tuple[str, ...]
Document = dict[str, Any]
Naming = Callable[[str, str], str]  #: from a table and its version to the name that refers to it

_FILES = ("extends", "parts", "tables")
PROPAGATION = "propagation"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTable:
    """A table that a sweep or an option reads in place of another."""

    table: str  #: key of `[tables]`
    version: str  #: tells it from others of that table; empty for that of the config itself
    document: Mapping[str, Any]  #: the config with it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standalone:
    """A config without other files, apart from what comes with riskengine and the worlds."""

    scenario: Scenario
    document: Document  #: without defaults; `extends` is there where it is kept
    whole: Document  #: with what it extends
    others: tuple[OtherTable, ...]
    worlds: str | None  #: path of the config that a mitigation names, which stays a file
    has_comments: bool  #: whether its TOML files have comments, which are not in the document
    own_sheets: tuple[str, ...]  #: of its workbooks, which no config reads


_QUOTED = re.compile(r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'')


def standalone(source: Source, name_of: Naming) -> Standalone:
    """Read a config, check it, and put everything into one document.

    Parameters
    ----------
    source : path, dict or Scenario
    name_of : callable
        How the document refers to a table that a sweep or an option reads in place of another.

    Raises
    ------
    ConfigFault
        When anything is wrong with the config; it holds all faults at once.
    """
    assembly = assemble(source, ())
    reading = read_assembly(assembly)
    scenario = finished(reading)
    tables = _OtherTables(source, assembly, name_of)
    whole = tables.renamed(_arranged(SCHEMA, _own(assembly.document)))
    document = whole
    kept = None if tables.found else _kept(source, assembly)
    if kept is not None:
        document = {"extends": kept.kept, **_arranged(SCHEMA, _own(kept.document))}
    return Standalone(
        scenario=scenario,
        document=document,
        whole=whole,
        others=tuple(tables.found.values()),
        worlds=_worlds(assembly),
        has_comments=any(map(_has_comments, assembly.layers)),
        own_sheets=tuple(_own_sheets(assembly)),
    )


def _own_sheets(assembly: Assembly) -> Iterator[str]:
    """The sheets of workbooks that people keep for themselves."""
    for layer in assembly.layers:
        if isinstance(layer, BookLayer):
            book = assembly.folder.parsed[layer.name, ""]
            yield from (s.name for s in book.sheets if s.name.startswith(OWN_SHEETS))


def _is_shipped(layer: Layer) -> bool:
    return isinstance(layer, TextLayer) and layer.shown.startswith(PREFIX)


def _has_comments(layer: Layer) -> bool:
    if not isinstance(layer, TextLayer) or _is_shipped(layer):
        return False
    return "#" in _QUOTED.sub("", layer.text)


def _kept(source: Source, full: Assembly) -> Assembly | None:
    """What the files themselves bring on top of what comes with riskengine; None for no such."""
    if not any(_is_shipped(layer) for layer in full.layers):
        return None
    own = assemble(source, (), folder=full.folder.again(), keeps_shipped=True)
    if not own.kept:  # what is shipped comes by a part, whose names are others
        return None
    inline_files(own)
    return own


def _own(document: Mapping[str, Any]) -> Document:
    return {key: value for key, value in document.items() if key not in _FILES}


def _worlds(assembly: Assembly) -> str | None:
    bought = assembly.document.get("mitigation")
    named = bought.get("worlds") if isinstance(bought, Mapping) else None
    if not isinstance(named, str):
        return None
    holder = find_holder(("mitigation", "worlds"), assembly.layers)
    beside = holder.folder if holder else ""
    return os.path.join(assembly.folder.root, beside, named)


def _arranged(node: Node | None, value: Any) -> Any:
    """A value with the keys of tables in the order of the schema; names keep their own."""
    if isinstance(node, KeyedTable) and isinstance(value, Mapping):
        keys = dict.fromkeys((*node.keys, *value))
        return {key: _arranged(node.keys.get(key), value[key]) for key in keys if key in value}
    if isinstance(node, Map) and isinstance(value, Mapping):
        return {key: _arranged(node.of, item) for key, item in value.items()}
    return value


def without_defaults(document: Mapping[str, Any]) -> Document:
    """A resolved document without the values that are defaults anyway.

    Loading it gives an equal scenario.
    """
    importer = document.get("run", {}).get("importer")
    found: Document = _bare(SCHEMA, document)
    for collection in ("materials", "industries"):
        for member in found.get(collection, {}).values():
            if isinstance(member, dict) and member.get("importer") == importer:
                member.pop("importer", None)
    return found


def _bare(node: Node | None, value: Any) -> Any:
    if isinstance(node, Map) and isinstance(value, Mapping):
        return {key: _bare(node.of, item) for key, item in value.items()}
    if not isinstance(node, KeyedTable) or not isinstance(value, Mapping):
        return value
    found = {}
    for key, item in value.items():
        child = node.keys.get(key)
        default = None if child is None or isinstance(child, Shorthand) else default_of(child)
        default = list(default) if isinstance(default, tuple) else default
        if child is None or (type(item), item) != (type(default), default):
            found[key] = _bare(child, item)
    return found


def without_files(document: Mapping[str, Any]) -> tuple[Document, list[str]]:
    """A document without the tables of verbs that read files, and the names of those tables."""
    left_out = [key for key in ("sweep", "mitigation") if _reads_files(document.get(key), ())]
    return {key: value for key, value in document.items() if key not in left_out}, left_out


def _reads_files(value: Any, path: Path) -> bool:
    """Whether a table of a verb names a file."""
    if not isinstance(value, Mapping):
        return path[-1:] in (("worlds",), ("file",))
    for key, item in value.items():
        for target in read_paths(key) or () if path[-1:] in (("set",), ("parameters",)) else ():
            if names_file(target):
                return True
        if _reads_files(item, (*path, key)):
            return True
    return False


class _OtherTables:
    """The tables that a sweep or an option reads in place of others, and their new names."""

    def __init__(self, source: Source, assembly: Assembly, name_of: Naming):
        self._source, self._assembly, self._name_of = source, assembly, name_of
        self.found: dict[tuple[str, str, str], OtherTable] = {}

    def renamed(self, document: Document) -> Document:
        """A document in which the tables have their new names, and samples stand alone."""
        sweep, bought = document.get("sweep"), document.get("mitigation")
        if isinstance(sweep, Mapping) and isinstance(sweep.get("parameters"), Mapping):
            parameters = {
                name: self._parameter(name, value) for name, value in sweep["parameters"].items()
            }
            document = {**document, "sweep": {**sweep, "parameters": parameters}}
        if isinstance(bought, Mapping) and isinstance(bought.get("options"), Mapping):
            options = {name: self._option(name, o) for name, o in bought["options"].items()}
            document = {**document, "mitigation": {**bought, "options": options}}
        return document

    def _parameter(self, name: str, value: Any) -> Any:
        paths, place = read_paths(name) or (), ("sweep", "parameters", name)
        if not isinstance(value, list):
            return value
        if len(paths) == 1:
            return [self._value(paths[0], item, place) for item in value]
        return [
            [self._value(path, part, place) for path, part in zip(paths, item, strict=True)]
            if isinstance(item, list) and len(item) == len(paths)
            else item
            for item in value
        ]

    def _option(self, name: str, option: Any) -> Any:
        if not isinstance(option, Mapping) or not isinstance(option.get("set"), Mapping):
            return option
        above = ("mitigation", "options", name, "set")
        given = {
            key: self._value((read_paths(key) or ((),))[0], value, (*above, key))
            for key, value in option["set"].items()
        }
        return {**option, "set": given}

    def _value(self, path: Path, value: Any, place: Path) -> Any:
        """A value for a path, without the files that it names."""
        holder = find_holder(place, self._assembly.layers)
        beside = holder.folder if holder else ""
        if isinstance(value, str) and path[:1] == ("tables",) and len(path) == 2:
            return self._other(path[1], value, beside)
        if isinstance(value, str) and path == PROPAGATION_FILE:
            return self._other(PROPAGATION, value, beside)
        return self._alone(path, value, beside) if isinstance(value, Mapping) else value

    def _alone(self, path: Path, value: Any, beside: str) -> Any:
        found, faults = inlined(self._assembly.folder, path, value, beside)
        if faults:
            raise ConfigFault(faults)
        return found

    def _other(self, table: str, reference: str, beside: str) -> str:
        key = (table, beside, reference)
        if key not in self.found:
            document = self._with(table, reference, beside)
            is_own = document == _own(self._assembly.document)
            version = "" if is_own else self._version(table, reference)
            self.found[key] = OtherTable(table=table, version=version, document=document)
        return self._name_of(table, self.found[key].version)

    def _with(self, table: str, reference: str, beside: str) -> Document:
        """The config with another table."""
        folder = self._assembly.folder
        if table == PROPAGATION:
            matrix = self._alone(PROPAGATION_FILE, reference, beside)
            return {**_own(self._assembly.document), PROPAGATION: matrix}
        named = {table: TableFile(reference=reference, beside=beside)}
        assembly = assemble(self._source, (), tables=named, folder=folder)
        inline_files(assembly)
        faults = assembly.report.sorted()
        if faults:
            raise ConfigFault(faults)
        return _own(assembly.document)

    def _version(self, table: str, reference: str) -> str:
        """A short name for another table: what sets its file apart from that of the config."""
        stem = _stem(reference)
        usual = _stem(self._assembly.references.get(table, table))
        short = stem.removeprefix(usual).strip("-_ ") or stem
        taken = {other.version for other in self.found.values() if other.table == table}
        return next(name for name in _numbered(short) if name not in taken)


def _stem(reference: str) -> str:
    file, _, sheet = reference.partition("#")
    return sheet or posixpath.splitext(posixpath.basename(file))[0]


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
