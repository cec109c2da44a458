"""Makes the scenario of a sweep point from its settings, without rereading the whole config.

The settings of a point override the base case exactly as `--set` does. A mitigation makes the
scenarios of its portfolios in the same way. Only the members that they
touch are read again; the model checks run over the whole config.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from riskengine.config.build import build
from riskengine.config.layers.assemble import Source, assemble
from riskengine.config.layers.assembly import TableFile
from riskengine.config.layers.inline import inlined
from riskengine.config.layers.layers import Path
from riskengine.config.layers.overrides import Override, put_value
from riskengine.config.load import Reading, read_assembly, with_importers
from riskengine.config.schema.check import read
from riskengine.config.schema.keys import SCHEMA
from riskengine.config.schema.kinds import Map
from riskengine.config.schema.scalars import Findings, is_number
from riskengine.config.sweeps.targets import PROPAGATION_FILE, standing
from riskengine.errors import ConfigFault, Fault
from riskengine.model.faults.scenario import find_faults
from riskengine.model.scenario import Scenario

Changes = Sequence[tuple[Path, Any]]  #: paths and their values, in the order in which they apply


class Added(NamedTuple):
    """An amount that is added to the number at a path, in place of a value for it."""

    amount: float

    def to(self, held: Any) -> float | int:
        """The sum; a whole number if both parts are."""
        total: float = (held if is_number(held) else 0.0) + self.amount
        return int(total) if isinstance(held, int) and float(total).is_integer() else total


class Version(NamedTuple):
    """The base case with other values."""

    document: dict[str, Any]
    tree: dict[str, Any]  #: typed
    faults: list[Fault]  #: without places


class PointReader:
    """Makes the scenarios of sweep points from a base case; every file is read once.

    `beside` has, by path, the folder of the file that gives the path its values. If a value is a
    file name, it is relative to that folder.
    """

    def __init__(
        self,
        source: Source,
        overrides: Sequence[Override],
        base: Reading,
        beside: Mapping[Path, str],
    ):
        self._source, self._overrides, self._base = source, tuple(overrides), base
        self._beside = beside
        self._readings: dict[tuple[tuple[str, TableFile], ...], Reading] = {}
        self._inlined: dict[str, Any] = {}

    @property
    def base(self) -> Reading:
        """The base case as it was read."""
        return self._base

    def faults(self, settings: Mapping[Path, Any] | Changes) -> list[Fault]:
        """The faults of a sweep point that the base case does not have, without places."""
        found = self.version(settings).faults
        known = {(fault.path, fault.found) for fault in _all_faults(self._base)}
        return [fault for fault in found if (fault.path, fault.found) not in known]

    def scenario(self, settings: Mapping[Path, Any] | Changes) -> Scenario:
        """The scenario of a sweep point; its document and files are those of the base case.

        Parameters
        ----------
        settings
            Values by path, or pairs of a path and a value that apply one after another. A path
            that is left out keeps the value of the base case.

        Raises
        ------
        ConfigFault
            When the settings together do not make a valid scenario.
        """
        version = self.version(settings)
        if version.faults:
            raise ConfigFault(version.faults)
        return build(with_importers(version.tree), {}, self._base.assembly.stem, ())

    def version(self, settings: Mapping[Path, Any] | Changes) -> Version:
        """The base case with other values, as far as it can be read."""
        changes = list(settings.items() if isinstance(settings, Mapping) else settings)
        tables = {path[1]: value for path, value in changes if path[0] == "tables"}
        wrong = [
            Fault(path=("tables", name), found="is no file name", allowed="a text in quotes")
            for name, value in tables.items()
            if not isinstance(value, str)
        ]
        if wrong:
            return Version({}, {}, wrong)
        reading = self.reading(tables)
        faults = list(_file_faults(reading))
        if not reading.assembly.is_complete and faults:
            return Version({}, {}, faults)
        document = dict(reading.assembly.document)
        touched: dict[Path, None] = {}
        for path, value in changes:
            if path[0] != "tables":
                faults += self.put(document, path, value)
                touched[member_of(path)] = None
        tree, found = _checked(document, reading.tree, touched)
        return Version(document, tree, [*faults, *found])

    def reading(self, tables: Mapping[str, str]) -> Reading:
        """The base case, with some of its tables read from other files."""
        if not tables:
            return self._base
        files = {
            name: TableFile(reference=value, beside=self._beside.get(("tables", name), ""))
            for name, value in tables.items()
        }
        key = tuple(sorted(files.items()))
        if key not in self._readings:
            folder = self._base.assembly.folder
            assembly = assemble(self._source, self._overrides, tables=files, folder=folder)
            self._readings[key] = read_assembly(assembly)
        return self._readings[key]

    def put(self, document: dict[str, Any], path: Path, value: Any) -> list[Fault]:
        """Set a value in a copy of the affected tables; contents of files replace their names.

        Returns the faults of those files.
        """
        if isinstance(value, Added):
            put_value(document, path, value.to(standing(document, path)))
            return []
        if path != PROPAGATION_FILE and not isinstance(value, Mapping):
            put_value(document, path, value)
            return []
        key = json.dumps([path, value], default=str)
        if key not in self._inlined:
            folder = self._base.assembly.folder
            self._inlined[key] = inlined(folder, path, value, self._beside.get(path, ""))
        whole, faults = self._inlined[key]
        put_value(document, path[:1] if path == PROPAGATION_FILE else path, whole)
        return list(faults)


def _file_faults(reading: Reading) -> Iterable[Fault]:
    return (fault for _, fault in reading.assembly.report.found)


def _all_faults(reading: Reading) -> list[Fault]:
    return [*_file_faults(reading), *reading.faults]


def member_of(path: Path) -> Path:
    """The part of a config to read again when a path changes: one member, or one table."""
    return path[:2] if isinstance(SCHEMA.keys.get(path[0]), Map) else path[:1]


def _checked(
    document: Mapping[str, Any], tree: Mapping[str, Any], touched: Iterable[Path]
) -> tuple[dict[str, Any], list[Fault]]:
    """A typed tree with some members read again, and all faults of the members and the model."""
    findings = Findings()
    fresh = dict(tree)
    for path in touched:
        node, value = SCHEMA.keys[path[0]], document[path[0]]
        if len(path) == 1:
            fresh[path[0]] = read(node, value, path, findings)
        elif isinstance(node, Map) and isinstance(fresh.get(path[0]), Mapping):
            member = read(node.of, value[path[1]], path, findings)
            fresh[path[0]] = {**fresh[path[0]], path[1]: member}
    return fresh, [*findings.faults, *find_faults(fresh, findings.speller)]
