"""Turns a config into a scenario: assemble, check everything, build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskengine.config.build import build
from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.assembly import Assembly
from riskengine.config.layers.inline import inline_files
from riskengine.config.layers.origin import ReadFrom
from riskengine.config.layers.overrides import Override
from riskengine.config.schema.check import read_document
from riskengine.config.schema.resolve import resolve
from riskengine.config.schema.scalars import Findings
from riskengine.errors import ConfigFault, Fault
from riskengine.model.faults.scenario import find_faults
from riskengine.model.scenario import Scenario


def load(source: Source, overrides: Sequence[Override] = ()) -> Scenario:
    """Read a config, check all of it, and return the scenario it describes.

    Parameters
    ----------
    source : path, dict or Scenario
        Path of a TOML file, or a dict of the same shape. Files that a dict names are relative to
        the current folder. A scenario from an earlier call is read again, from the same bytes.
    overrides : sequence
        Texts of the form ``PATH=VALUE``, or pairs of a dotted path and a value: each replaces the
        value at its path, on top of what the files say.

    Returns
    -------
    Scenario
        Complete and checked; its `document` loads to an equal scenario.

    Raises
    ------
    ConfigFault
        When anything is wrong; it holds all faults at once, in file order.
    UsageFault
        When the config of a given scenario is not known; a `TypeFault` when the source is not a
        path, a dict or a scenario.

    Examples
    --------
    >>> from riskengine.errors import ConfigFault, Fault
    >>> try:
    ...     load({"run": {"trails": 5}})
    ... except ConfigFault as error:
    ...     print(error.faults[0].hint)
    did you mean "trials"?
    """
    return finished(read_assembly(assemble(source, overrides)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A config that was read completely: its typed values, and their faults."""

    assembly: Assembly
    tree: dict[str, Any]
    faults: tuple[Fault, ...]  #: without places; faults of files and cells are in the assembly


def read_assembly(assembly: Assembly) -> Reading:
    """Read and check all values of a merged document, including those in separate files."""
    inline_files(assembly)
    findings = Findings()
    tree = read_document(assembly.document, findings)
    faults = assembly.certain(findings.faults)
    if assembly.is_complete:
        faults += find_faults(tree, findings.speller)
    return Reading(assembly=assembly, tree=tree, faults=tuple(faults))


def finished(reading: Reading, further: Sequence[Fault] = ()) -> Scenario:
    """The scenario of a reading that has no faults.

    Raises
    ------
    ConfigFault
        When there are faults. It holds those of the reading and `further`, in file order.
    """
    assembly = reading.assembly
    for fault in (*reading.faults, *further):
        assembly.report.add(fault, assembly.layers)
    found = assembly.report.sorted()
    if found:
        raise ConfigFault(found)
    document = resolve(assembly.document)
    scenario = build(with_importers(reading.tree), document, assembly.stem, assembly.files)
    sheets = tuple(f"{file}#{sheet}" for file, sheet in assembly.sheets.items())
    scenario = replace(scenario, sheets=sheets, left_out=tuple(assembly.left_out))
    origin = ReadFrom(
        source=assembly.source,
        overrides=assembly.overrides,
        folder=assembly.folder.again(),
        scenario=scenario,
        load=load,
    )
    return replace(scenario, origin=origin)


def with_importers(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with `run.importer` filled in where a material or industry names no importer."""
    filled = dict(tree)
    for collection in ("materials", "industries"):
        filled[collection] = {
            name: with_importer(member, tree) for name, member in tree[collection].items()
        }
    return filled


def with_importer(member: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    """A material or industry with `run.importer` filled in where it names none."""
    return {"importer": tree["run"].get("importer"), **member}
