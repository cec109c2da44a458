"""Parts: a config put together from other configs, whose materials and industries it brings.

Each part is read as a config of its own, with what it extends and its tables. What it brings lies
below all files of the joint config, so that these can change every value of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from riskengine.config.layers.agreement import report_disagreements
from riskengine.config.layers.assembly import Assembly, PartFile, unreadable
from riskengine.config.layers.inline import inline_propagation
from riskengine.config.layers.layers import Layer, Path, Report, find_place
from riskengine.config.layers.merge import merge
from riskengine.config.layers.naming import (
    NAMED,
    joint_document,
    joint_name,
    joint_path,
    left_out,
    place_in_joint,
)
from riskengine.config.schema.check import is_annotation, read_document
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.scalars import Findings, quoted, show
from riskengine.config.sources.files import File, UnreadableError
from riskengine.config.sources.names import LONGEST_NAME
from riskengine.errors import Fault
from riskengine.model.faults.scenario import MALFORMED

MOST_PARTS = 30  #: of one config

#: Reads the file of a part into an assembly of its own; None if it cannot be read
ReadPart = Callable[[Assembly, File], dict[str, Any] | None]

_PARTS = ("parts",)


def name_parts(
    assembly: Assembly, data: Mapping[str, Any], merged: Mapping[str, Any], folder: str
) -> None:
    """Record the parts that a layer names; those of an upper layer replace those of the same name.

    Parameters
    ----------
    assembly : Assembly
    data, merged : mapping
        What the layer says, and the same merged with what it extends and its tables.
    folder : str
        Of the layer: names of files are relative to it.
    """
    parts = data.get("parts")
    for name, part in parts.items() if isinstance(parts, Mapping) else ():
        if isinstance(part, Mapping) and isinstance(part.get("config"), str):
            assembly.parts[name] = PartFile(
                reference=part["config"],
                beside=folder,
                document=merged,
                layers=tuple(assembly.layers),
            )


def bring_parts(assembly: Assembly, read: ReadPart) -> None:
    """Put what all parts bring below the document of a config, in place.

    Faults of the parts are reported with the places in their own files.
    """
    if len(assembly.parts) > MOST_PARTS:
        found = f"names {len(assembly.parts):,} configs"
        fault = Fault(path=_PARTS, found=found, allowed=f"at most {MOST_PARTS}")
        assembly.report.add(fault, assembly.layers)
        assembly.is_complete = False
        return
    opened = {
        name: own
        for name, part in assembly.parts.items()
        if (own := _opened(assembly, name, part, read)) is not None
    }
    report_disagreements(assembly.parts, opened)
    below: dict[str, Any] = {}
    layers: list[Layer] = []
    for name, own in opened.items():
        document = joint_document(name, own.document)
        place_in_joint(name, own.layers)
        _take_over(assembly, name, own)
        for fault in _bad_names(name, own.document, below, layers):
            assembly.report.add(fault, own.layers)
        below = merge(below, document)
        layers += own.layers
    assembly.layers[:0] = layers
    assembly.document = merge(below, assembly.document)


def _opened(assembly: Assembly, name: str, part: PartFile, read: ReadPart) -> Assembly | None:
    """The assembly of a part, checked by itself; None, after a fault, if it cannot be read."""
    path = (*_PARTS, name, "config")
    try:
        file = assembly.folder.open_base(part.reference, part.beside)
    except UnreadableError as error:
        assembly.is_complete = False
        assembly.report.add(unreadable(error, path=path), part.layers)
        return None
    own = Assembly(
        folder=assembly.folder,
        report=Report(main=file.shown),
        bases=assembly.bases + 1,
        tables=assembly.tables,
        sheets=assembly.sheets,
        referred=assembly.referred,
        source=file.shown,
    )
    document = read(own, file)
    assembly.bases, assembly.tables = own.bases, own.tables
    own.is_complete = own.is_complete and document is not None
    own.document = document or {}
    if own.parts:
        assembly.is_complete = False
        assembly.report.add(_nested(path, part, own), part.layers)
        return None
    _check_alone(own)
    if own.is_complete and not any(own.document.get(key) for key in NAMED):
        fault = Fault(
            path=path,
            found=f"{quoted(part.reference)} brings nothing",
            allowed="a config with materials or industries",
        )
        assembly.report.add(fault, part.layers)
    inline_propagation(own)
    return own


def _nested(path: Path, part: PartFile, own: Assembly) -> Fault:
    place = find_place(_PARTS, own.layers)
    where = f", at {place.shown}" if place else ""
    return Fault(
        path=path,
        found=f"{quoted(part.reference)} has parts itself{where}",
        allowed="a config without parts",
        hint="name its parts here",
    )


def _check_alone(own: Assembly) -> None:
    """Report what is wrong with a part by itself, and fill in its importer.

    What the part brings is checked later, with the joint config; what is left out is not checked.
    """
    document = own.document
    findings = Findings()
    unread = {key: value for key, value in document.items() if key not in SCHEMA.keys}
    read_document({**unread, "run": document.get("run", {})}, findings)
    document["run"] = _sound(document.get("run"), {fault.path for fault in findings.faults})
    for collection in NAMED:
        if not isinstance(document.get(collection, {}), Mapping):
            found = f"is {show(document.pop(collection))}"
            findings.add((collection,), found, "a table")
    for fault in findings.faults:
        own.report.add(fault, own.layers)
    importer = document["run"].get("importer")
    if importer is not None:
        for collection in NAMED:
            document[collection] = dict(_with_importer(document.get(collection, {}), importer))


def _sound(run: Any, bad: set[Path]) -> dict[str, Any]:
    """The settings of a part without those that are met as bad; a bad importer stays known as one.

    So each is met once, and not again wherever it would be missed.
    """
    if not isinstance(run, Mapping):
        return {}
    kept = {key: value for key, value in run.items() if ("run", key) not in bad}
    return {**kept, "importer": MALFORMED} if ("run", "importer") in bad else kept


def _with_importer(members: Mapping[str, Any], importer: Any) -> Iterator[tuple[str, Any]]:
    for name, member in members.items():
        yield name, {"importer": importer, **member} if isinstance(member, Mapping) else member


def _bad_names(
    part: str, document: Mapping[str, Any], below: Mapping[str, Any], layers: list[Layer]
) -> Iterator[Fault]:
    """Faults of names that are too long in the joint config, or those of another part there."""
    for collection in NAMED:
        for name, member in document.get(collection, {}).items():
            if is_annotation(name, member):
                continue
            joint: Path = (collection, joint_name(part, name))
            if len(joint[1]) > LONGEST_NAME:
                found = f"is a name of {len(joint[1]):,} characters, that of the part included"
                yield Fault(path=joint, found=found, allowed=f"at most {LONGEST_NAME}")
            if joint[1] in below.get(collection, {}):
                other = find_place(joint, layers)
                where = f", at {other.shown}" if other else ""
                yield Fault(
                    path=joint,
                    found=f"is a name that another part brings too{where}",
                    allowed="names that differ",
                    hint=f"call the part {quoted(part)} something else",
                )


def _take_over(assembly: Assembly, name: str, own: Assembly) -> None:
    """Take over what is known about a part: its faults, what it declares, what is left out."""
    assembly.is_complete = assembly.is_complete and own.is_complete
    for order, fault in own.report.found:
        path = joint_path(name, fault.path) or fault.path
        assembly.report.found.append((order, replace(fault, path=path)))
    assembly.declared |= {(kind, joint_name(name, each)) for kind, each in own.declared}
    omitted = ", ".join(left_out(own.document))
    if omitted:
        assembly.left_out.append(f"{name} ({omitted})")
