"""Putting a config together: the file, what it extends, its tables, the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.config.layers.assembly import (
    Assembly,
    TableFile,
    declare,
    read_table,
    unreadable,
)
from riskengine.config.layers.books import BookLayer, read_book, report_unknown_sheets
from riskengine.config.layers.layers import Place, Report, TextLayer
from riskengine.config.layers.merge import merge
from riskengine.config.layers.origin import origin_of
from riskengine.config.layers.overrides import Override, apply_override
from riskengine.config.layers.parts import bring_parts, name_parts
from riskengine.config.schema.resolve import plain
from riskengine.config.schema.sheets import ROW_KINDS, TABLE_NAMES
from riskengine.config.sources.files import File, Folder, UnreadableError, decode
from riskengine.config.sources.grids import is_workbook
from riskengine.config.sources.names import normal, normalise
from riskengine.config.sources.shipped import PREFIX
from riskengine.config.toml.syntax import TomlError, parse, syntax_fault
from riskengine.errors import ConfigFault, Fault, TypeFault
from riskengine.model.scenario import Scenario
from riskengine.model.spelling import Speller

#: path of a config file, a document of the same shape, or a scenario that was read before
Source = str | os.PathLike[str] | Mapping[str, Any] | Scenario

MOST_EXTENDS = 30  #: longest chain of files that extend one another

_SET_RANK = 1_000_000
_SAVE = "save it as .xlsx, the kind of workbook that a config may be"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  #: first bytes of .xlsx and .xls files
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def assemble(
    source: Source,
    overrides: Sequence[Override],
    *,
    tables: Mapping[str, TableFile] | None = None,
    folder: Folder | None = None,
    keeps_shipped: bool = False,
) -> Assembly:
    """The merged document of a config.

    Parameters
    ----------
    source, overrides
        As for `riskengine.config.load.load`.
    tables
        Files to read instead of those that the config names, by table. Each one replaces the
        uppermost reference to its table; without a reference, it is added to the config itself.
    folder
        The folder of an earlier assembly of the same config. Files already read are not read again.
    keeps_shipped
        Leave out what the config extends of that which comes with riskengine; its name is then the
        `kept` of the assembly.

    Raises
    ------
    ConfigFault
        When the config itself cannot be read or is not TOML; other faults are in the report.
    TypeFault, UsageFault
        When the source has the wrong type, or is a scenario whose config is not known.
    """
    _check_source(source)
    replaced = dict(tables or {})
    if isinstance(source, Scenario):
        origin = origin_of(source)
        source, overrides = origin.source, (*origin.overrides, *overrides)
        folder = folder or origin.folder.again()
    if isinstance(source, Mapping):
        assembly = _from_dict(source, replaced, folder, keeps_shipped)
    else:
        assembly = _from_file(os.fsdecode(source), replaced, folder, keeps_shipped)
    _override(assembly, overrides)
    return assembly


def assemble_named(
    folder: Folder, reference: str, beside: str, overrides: Sequence[Override]
) -> Assembly:
    """The merged document of a config that another config names.

    Parameters
    ----------
    folder
        The folder of the other config, in which the file must lie.
    reference, beside
        The file as written, and the folder of the file that names it.
    overrides
        As for `assemble`.

    Raises
    ------
    UnreadableError
        When there is no such file in the folder.
    ConfigFault
        When it is not TOML.
    """
    file = folder.open(reference, beside)
    assembly = Assembly(folder=folder, report=Report(main=file.shown))
    document = _read_config(assembly, file, (), 0)
    if document is None:
        raise ConfigFault(assembly.report.sorted())
    assembly.document = document
    _override(assembly, overrides)
    return assembly


def _check_source(given: object) -> None:
    if not isinstance(given, str | bytes | os.PathLike | Mapping | Scenario):
        kind = type(given).__name__
        raise TypeFault(f"a config is a path, a dict or a scenario, and this is of the type {kind}")


def _override(assembly: Assembly, overrides: Sequence[Override]) -> None:
    """Finish the document of all files, and change it as the overrides say."""
    if assembly.parts:
        bring_parts(assembly, _read_part)
    if assembly.is_complete:
        _report_undeclared(assembly)
    assembly.overrides = tuple(overrides)
    for number, override in enumerate(overrides):
        rank = _SET_RANK + number
        layer = apply_override(assembly.document, override, rank, assembly.report)
        if layer:
            assembly.layers.append(layer)
    if assembly.document.get("mitigation") is False:
        del assembly.document["mitigation"]  # the config that is extended may have one


def _from_dict(
    source: Mapping[str, Any],
    replaced: dict[str, TableFile],
    folder: Folder | None,
    keeps_shipped: bool,
) -> Assembly:
    folder = folder or Folder(root=os.path.realpath("."))
    assembly = Assembly(
        folder=folder, report=Report(), replaced=replaced, keeps_shipped=keeps_shipped
    )
    layer = TextLayer()
    data = normalise(source, lambda fault: assembly.report.add(fault, [layer]))
    assembly.source = plain(data)  # a copy: the caller may change the document later
    assembly.document = _merged(assembly, data, layer, ())
    return assembly


def _from_file(
    path: str, replaced: dict[str, TableFile], folder: Folder | None, keeps_shipped: bool
) -> Assembly:
    if not path or "\0" in path:
        raise ConfigFault([Fault(path=(), found="the config has no file name", allowed="a path")])
    shown, name = os.path.split(path)
    folder = folder or Folder(root=os.path.realpath(shown or "."), shown=shown)
    assembly = Assembly(
        folder=folder,
        report=Report(main=path),
        stem=safe_stem(name),
        replaced=replaced,
        keeps_shipped=keeps_shipped,
    )
    assembly.source = path
    try:
        file = folder.open_config(name)
    except UnreadableError as error:
        raise ConfigFault([unreadable(error, path)]) from None
    document = _read_config(assembly, file, (), 0)
    if document is None:
        raise ConfigFault(assembly.report.sorted())
    assembly.document = document
    return assembly


def _read_config(
    assembly: Assembly, file: File, chain: tuple[str, ...], rank: int
) -> dict[str, Any] | None:
    """The document of one file merged with the layers below it; None when it cannot be read."""
    layer: TextLayer | BookLayer | None
    if is_workbook(file.name):
        layer = read_book(assembly, file, rank)
        data = dict(layer.data) if layer else {}
    else:
        layer = TextLayer(rank=rank, folder=file.folder, shown=file.shown)
        parsed = _parsed(assembly, file, layer)
        layer = layer if parsed is not None else None
        data = parsed or {}
    return _merged(assembly, data, layer, (*chain, file.name)) if layer else None


def _parsed(assembly: Assembly, file: File, layer: TextLayer) -> dict[str, Any] | None:
    """The data of a TOML file; None, after a fault is reported, when it is not TOML."""
    text = ""
    try:
        if file.data.startswith(_WORKBOOKS):
            raise UnreadableError("is a workbook, but is not called .xlsx", "TOML", _SAVE)
        text = decode(file.data)
        parsed = parse(text)
    except UnreadableError as error:
        assembly.report.at(Place(file=file.shown, order=(layer.rank, 0, 0)), unreadable(error))
        return None
    except TomlError as error:
        fault = syntax_fault(error, text, file.shown)
        place = Place(
            file=file.shown, line=fault.line, text=fault.text, order=(layer.rank, fault.line, 0)
        )
        assembly.report.at(place, fault)
        return None
    layer.text = text
    return normalise(parsed, lambda fault: assembly.report.add(fault, [layer]))


def _merged(
    assembly: Assembly, data: dict[str, Any], layer: TextLayer | BookLayer, chain: tuple[str, ...]
) -> dict[str, Any]:
    """A file's own data, merged over its tables, which are merged over the file it extends."""
    layer.data = data
    below: dict[str, Any] = {}
    files = _table_files(assembly, data, layer)  # before `extends`: the uppermost file is replaced
    if isinstance(data.get("extends"), str):
        below = _extended(assembly, data["extends"], layer, chain)
    if len(chain) <= 1:
        files |= assembly.replaced  # tables that no file references
    assembly.layers.append(layer)
    own = len(assembly.layers) - 1
    for name in TABLE_NAMES:
        if name in files:
            kind, path = ROW_KINDS[name], ("tables", name)
            rows = read_table(assembly, files[name].reference, kind, path, files[name].beside)
            below = merge(below, rows)
    assembly.layers.append(assembly.layers.pop(own))  # the file lies above its tables
    declare(assembly, data, layer)
    if isinstance(layer, BookLayer):
        report_unknown_sheets(assembly, layer)
    merged = merge(below, data)
    name_parts(assembly, data, merged, layer.folder)
    return merged


def _read_part(own: Assembly, file: File) -> dict[str, Any] | None:
    """The document of a part, with what it extends and its tables."""
    document = _read_config(own, file, (), own.bases)
    if own.is_complete and document is not None:
        _report_undeclared(own)
    return document


def _table_files(
    assembly: Assembly, data: Mapping[str, Any], layer: TextLayer | BookLayer
) -> dict[str, TableFile]:
    """The files from which a layer's own tables are read."""
    references = data.get("tables")
    files: dict[str, TableFile] = {}
    for name in ROW_KINDS:
        reference = references.get(name) if isinstance(references, Mapping) else None
        if isinstance(reference, str):
            assembly.references.setdefault(name, reference)
            own = TableFile(reference=reference, beside=layer.folder)
            files[name] = assembly.replaced.pop(name, own)
    return files


def _report_undeclared(assembly: Assembly) -> None:
    """Report rows about an undeclared material or industry: a typo would silently create one."""
    speller = Speller()
    has_sheets = any(isinstance(layer, BookLayer) for layer in assembly.layers)
    for collection, name in dict.fromkeys(assembly.mentioned):
        if (collection, name) not in assembly.declared:
            known = [other for kind, other in assembly.declared if kind == collection]
            usual = f"tables.{collection}, or a table of its own in the config"
            place = f"the sheet {ROW_KINDS[collection].sheet}" if has_sheets else usual
            fault = Fault(
                path=(collection, name),
                found="has rows in a table, but is declared nowhere",
                allowed=f"a row in {place}",
                hint=speller.suggest(name, sorted(known)),
            )
            assembly.report.add(fault, assembly.layers)


def _extended(
    assembly: Assembly, reference: str, layer: TextLayer | BookLayer, chain: tuple[str, ...]
) -> dict[str, Any]:
    """The document of the file that a config extends; empty, after a fault, if it is unreadable."""
    path = ("extends",)
    if assembly.keeps_shipped and reference.startswith(PREFIX):
        assembly.kept = reference
        return {}
    try:
        file = assembly.folder.open_base(reference, layer.folder)
        _refuse_endless(file.name, chain)
    except UnreadableError as error:
        assembly.is_complete = False
        assembly.report.add(unreadable(error, path=path), [layer])
        return {}
    assembly.bases += 1
    document = _read_config(assembly, file, chain, assembly.bases)
    assembly.is_complete = assembly.is_complete and document is not None
    return document or {}


def _refuse_endless(name: str, chain: tuple[str, ...]) -> None:
    """Raise UnreadableError for a file that extends itself, or ends too long a chain of files."""
    if name in chain:
        circle = _arrows((*chain[chain.index(name) :], name))
        raise UnreadableError(f"extends itself: {circle}", "files that do not extend one another")
    if len(chain) >= MOST_EXTENDS:
        raise UnreadableError(
            f"names file {len(chain) + 1} of a chain: {_arrows((*chain, name))}",
            f"a chain of at most {MOST_EXTENDS} files",
            "write what some of them say into one file",
        )


def _arrows(names: tuple[str, ...]) -> str:
    return " -> ".join(names if len(names) <= 6 else (*names[:2], "...", *names[-2:]))


def safe_stem(name: str) -> str:
    """The stem of a file name, made valid as a folder name on any operating system.

    >>> safe_stem("korea 2026.toml"), safe_stem(".toml"), safe_stem("CON.toml")
    ('korea-2026', 'toml', 'scenario-CON')
    """
    stem = normal(os.path.splitext(name)[0])
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in stem).strip("-.")
    kept = kept.encode("utf-8", "replace")[:120].decode("utf-8", "ignore").strip("-.")
    if not kept:
        return "scenario"
    return f"scenario-{kept}" if is_reserved(kept) else kept


def is_reserved(name: str) -> bool:
    """Whether Windows keeps a name for a device, so that no file or folder can have it.

    >>> is_reserved("con.toml"), is_reserved("control")
    (True, False)
    """
    return _RESERVED.fullmatch(name) is not None
