"""What is behind `convert`: where a config comes from, what is written, whether it reads back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from riskengine.config.layers.assemble import Source
from riskengine.config.load import load
from riskengine.config.schema.resolve import resolve
from riskengine.config.standalone import Standalone, without_defaults, without_files
from riskengine.config.tabular.cells import CellLimit
from riskengine.config.tabular.files import config_files, table_file
from riskengine.errors import ConfigFault, UsageFault
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import FORMATS, MANIFEST
from riskengine.store.manifests import read_any_manifest
from riskengine.store.provenance import Stopwatch
from riskengine.verbs.output_files import put_files

TOML, BOOK = ".toml", ".xlsx"


class GivenConfig(NamedTuple):
    """What is converted."""

    source: Source
    name: str  #: for people
    remarks: tuple[str, ...] = ()


def given_config(source: Source) -> GivenConfig:
    """The config of a path; of a results folder, the one that its manifest holds.

    Raises
    ------
    ResultsFault
        When a folder is no results folder, or holds no config.
    """
    if not isinstance(source, str | os.PathLike):
        return GivenConfig(source, "a scenario" if isinstance(source, Scenario) else "a dict")
    path = os.fspath(source)
    if not os.path.isdir(path):
        return GivenConfig(path, os.path.basename(path))
    document, left_out = without_files(without_defaults(_stored(Path(path))))
    remarks = tuple(
        f"{what} reads files that the results do not hold, and is left out." for what in left_out
    )
    return GivenConfig(document, os.path.basename(os.path.normpath(path)), remarks)


def _stored(folder: Path) -> dict[str, Any]:
    try:
        kind, manifest = read_any_manifest(folder)
    except FileNotFoundError as error:
        raise ResultsFault(f"{folder} is no results folder: it has no {MANIFEST}") from error
    config = manifest.get("config")
    if not isinstance(config, dict):
        raise ResultsFault(f"{folder} holds {FORMATS[kind]}, which has no config")
    try:
        load(config)
    except ConfigFault as fault:
        raise ResultsFault(
            f"the config in {folder / MANIFEST} cannot be used any more:\n{fault}"
        ) from fault
    return config


def lost_in(read: Standalone) -> tuple[str, ...]:
    """What a conversion leaves behind, as remarks."""
    remarks = ["Comments of TOML files are not in it."] if read.has_comments else []
    if read.own_sheets:
        remarks.append(f"Sheets that no config reads are not in it: {', '.join(read.own_sheets)}.")
    return tuple(remarks)


def with_worlds(read: Standalone, folder: str) -> tuple[Standalone, tuple[str, ...]]:
    """A config with the worlds of its mitigation named from another folder, and remarks."""
    if read.worlds is None:
        return read, ()
    name = os.path.basename(read.worlds)
    try:
        found = os.path.relpath(os.path.realpath(read.worlds), os.path.realpath(folder or "."))
    except ValueError:  # another drive
        found = os.pardir
    reference = found.replace(os.sep, "/")
    remarks: tuple[str, ...] = ()
    if reference.split("/")[0] == os.pardir:
        reference = name
        remarks = (f"mitigation.worlds names {name}: copy that file beside the new one.",)
    changed = [_naming(document, reference) for document in (read.document, read.whole)]
    return replace(read, document=changed[0], whole=changed[1]), remarks


def _naming(document: dict[str, Any], worlds: str) -> dict[str, Any]:
    bought = document.get("mitigation")
    if not isinstance(bought, dict) or "worlds" not in bought:
        return document
    return {**document, "mitigation": {**bought, "worlds": worlds}}


def is_same_config(path: str, read: Standalone) -> bool:
    """Whether a file reads back to an equal scenario, notes and order of names included."""
    try:
        found = load(path)
    except ConfigFault:
        return False
    own = f"{os.path.basename(path)}#"
    return (
        _values(found) == _values(read.scenario)
        and _orders(found) == _orders(read.scenario)
        and _unprefixed(found.document, own) == resolve(read.whole)
    )


def _values(scenario: Scenario) -> Scenario:
    return replace(scenario, document={}, stem="", files=(), sheets=())


def _orders(scenario: Scenario) -> list[list[str]]:
    """The names of all collections whose order may count: draws, releases and sums go by it."""
    found: list[Iterable[str]] = [scenario.ladder, scenario.disputes, scenario.triggers]
    found += [scenario.materials, scenario.industries]
    found += [scenario.propagation, *scenario.propagation.values()]
    found += [industry.uses for industry in scenario.industries.values()]
    for material in scenario.materials.values():
        found += [material.sources, material.alternatives, material.stocks, material.ladder]
    return [list(names) for names in found]


def _unprefixed(value: Any, own: str) -> Any:
    """A document in which a workbook names its own sheets by `#` alone."""
    if isinstance(value, dict):
        return {key: _unprefixed(item, own) for key, item in value.items()}
    if isinstance(value, list):
        return [_unprefixed(item, own) for item in value]
    return (
        value.removeprefix(own[:-1]) if isinstance(value, str) and value.startswith(own) else value
    )


class BookForm:
    """A workbook, with remarks of its own in the sheet of notes."""

    tables: tuple[Path, ...] = ()

    def __init__(self, remarks: Sequence[str] = ()):
        self._remarks = remarks

    @staticmethod
    def name_of(table: str, version: str) -> str:
        """How the workbook refers to one of its sheets."""
        from riskengine.reports.inputs.workbook import other_sheet

        return f"#{other_sheet(table, version)}"

    @contextmanager
    def contents(self, read: Standalone, name: str) -> Iterator[Iterator[bytes]]:
        """The workbook, and then the same without what it extends, for where it may not extend."""
        yield self._books(read)

    def _books(self, read: Standalone) -> Iterator[bytes]:
        from riskengine.reports.inputs.workbook import config_workbook

        created = Stopwatch.start().started
        try:
            for document in _documents(read):
                yield config_workbook(document, read.whole, read.others, created, self._remarks)
        except CellLimit as limit:
            raise UsageFault(f"no workbook can hold this config: a value has {limit}.") from None


class TomlForm:
    """A TOML file, and a folder with tables beside it where a sweep reads several."""

    def __init__(self, file: str, *, force: bool):
        self._file, self._force = Path(file), force
        self.tables: tuple[Path, ...] = ()

    @property
    def _folder(self) -> str:
        return f"{self._file.stem}-tables"

    def name_of(self, table: str, version: str) -> str:
        """How the file refers to one of the tables beside it."""
        return f"{self._folder}/{table_file(table, version)}"

    @contextmanager
    def contents(self, read: Standalone, name: str) -> Iterator[Iterator[bytes]]:
        """The text, while its tables are in their place; they go if the block fails."""
        made = [
            config_files(document, read.whole, read.others, self._folder, name)
            for document in _documents(read)
        ]
        texts = iter([text.encode(errors="backslashreplace") for text, _ in made])
        _, files = made[0]
        if not files:
            yield texts
            return
        folder = self._file.parent / self._folder
        is_new = not os.path.lexists(folder)
        if not is_new and not (self._force and os.path.isdir(folder)):
            raise UsageFault(f"{folder} is there already; --force replaces the tables in it.")
        self.tables = tuple(put_files(folder, files))
        try:
            yield texts
        except BaseException:
            if is_new:
                disk.remove(folder)
            raise


def _documents(read: Standalone) -> Sequence[dict[str, Any]]:
    """What may be written: with what it extends by name, else with everything in it."""
    return [read.document] if read.document is read.whole else [read.document, read.whole]
