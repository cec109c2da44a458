"""From a config to a scenario: assemble, check everything, build."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.config.assemble import Assembly, assemble
from riskengine.config.build import build
from riskengine.config.document import resolve
from riskengine.config.inline import inline_files
from riskengine.config.scalars import Findings
from riskengine.config.shape import read_document
from riskengine.errors import ConfigFault
from riskengine.model.faults import find_faults
from riskengine.model.scenario import Scenario


def load(
    source: str | os.PathLike[str] | Mapping[str, Any], overrides: Sequence[str] = ()
) -> Scenario:
    """Read a config, check all of it, and return the scenario it describes.

    Parameters
    ----------
    source
        Path of a TOML file, or a dict of the same shape. Files that a dict names are relative to
        the current folder.
    overrides
        Texts of the form ``PATH=VALUE``: each replaces the value at a dotted path, on top of what
        the files say.

    Returns
    -------
    Scenario
        Complete and checked; its `document` loads to an equal scenario.

    Raises
    ------
    ConfigFault
        When anything is wrong; it holds every fault at once, in file order.

    Examples
    --------
    >>> from riskengine.errors import ConfigFault
    >>> try:
    ...     load({"run": {"trails": 5}})
    ... except ConfigFault as error:
    ...     print(error.faults[0].hint)
    did you mean "trials"?
    """
    assembly = assemble(source, overrides)
    inline_files(assembly)
    findings = Findings()
    tree = read_document(assembly.document, findings)
    faults = findings.faults
    if assembly.is_complete:
        faults = [*faults, *find_faults(tree, findings.speller)]
    else:  # what is missing may stand in the file that could not be read
        faults = [fault for fault in faults if fault.found != "is missing"]
    _raise_any(assembly, faults)
    return build(_with_importers(tree), resolve(assembly.document), assembly.stem, assembly.files)


def _raise_any(assembly: Assembly, faults: Sequence[Any]) -> None:
    for fault in faults:
        assembly.report.add(fault, assembly.layers)
    found = assembly.report.sorted()
    if found:
        raise ConfigFault(found)


def _with_importers(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with `run.importer` filled in where a material or industry names none."""
    filled = dict(tree)
    for collection in ("materials", "industries"):
        filled[collection] = {
            name: {"importer": tree["run"].get("importer"), **member}
            for name, member in tree[collection].items()
        }
    return filled
