"""The folder of a batch: a results folder for each scenario, beside them tables and reports.

Scenarios are played into a hidden folder next to the target, each into a results folder that
appears whole or not at all. What a scenario is played from is written down before. So whatever
stops the process, a scenario that is there is complete, and its fingerprint says whether it still
holds. When all are there, a new folder of the batch gets a second name of each of their files and
replaces the earlier folder; the hidden folder is removed then.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from riskengine.batches.batch import ScenarioBatch
from riskengine.batches.names import (
    BATCH_CSV,
    BATCH_PARQUET,
    CHANGES_CSV,
    PREVIOUS_CSV,
    REFERENCE_CSV,
    SCENARIOS_CSV,
)
from riskengine.batches.outcome import FAILED, KEPT, PLAYED, BatchOutcome, BatchRow
from riskengine.batches.tables import (
    ChangeRow,
    ComparisonRow,
    ScenarioRow,
    change_rows,
    comparison_rows,
    mixture_figures,
    previous_rows,
    scenario_rows,
)
from riskengine.config.schema.keys import MOST_SEED, MOST_TRIALS
from riskengine.figures.metrics import Figure
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.documents import to_json
from riskengine.store.faults import ResultsFault, explained
from riskengine.store.folder import (
    BATCH_FORMAT,
    MANIFEST,
    MOST_BYTES,
    PAGE,
    WORKBOOK,
    Claim,
    recover,
)
from riskengine.store.manifests import FORMAT_VERSIONS, checked_manifest
from riskengine.store.parquet import write_rows
from riskengine.store.provenance import Provenance, engine_digest, machine, versions
from riskengine.store.results import StoredResults, bytes_writer, load_results, write_files
from riskengine.store.shapes import (
    FILE_NAME,
    MOMENT,
    SHA256,
    TEXT,
    Each,
    Shape,
    number,
    one_of,
    or_null,
    whole,
)
from riskengine.store.sheets import read_rows, to_csv
from riskengine.store.streams import Writer
from riskengine.store.work import begin_hidden

_MOST_PLAN_BYTES = 200
_LONGEST = 3_650_000.0  #: days of a horizon
_MANIFEST: Shape = {
    "format": one_of(BATCH_FORMAT),
    "format_version": whole(1, 1),
    "title": TEXT,
    "started": MOMENT,
    "versions": {"riskengine": TEXT},
    "engine": SHA256,
    "money": TEXT,
    "scenarios": [
        {
            "name": FILE_NAME,
            "status": one_of(PLAYED, KEPT, FAILED),
            "fingerprint": or_null(SHA256),
            "manifest_sha256": or_null(SHA256),
            "trials": or_null(whole(1, MOST_TRIALS)),
            "seed": or_null(whole(0, MOST_SEED)),
            "horizon_days": or_null(number(0.0, _LONGEST)),
        }
    ],
    "files": Each({"sha256": SHA256, "bytes": whole(0, 2**62)}, key=FILE_NAME),
}


class Fingerprints:
    """Digests of everything that the results folder of a scenario depends on."""

    def __init__(self, *, excel_csv: bool):
        self._same = {"engine": engine_digest(), "versions": versions(), "excel_csv": excel_csv}

    def of(self, scenario: Scenario) -> str:
        about = {"config": scenario.document, **self._same}
        return hashlib.sha256(to_json(about).encode()).hexdigest()


class BatchWork:
    """The results of finished scenarios, kept until the folder of the batch is written."""

    def __init__(self, claimed: Claim):
        self._target = claimed.target
        self._folder = claimed.work_folder

    def begin(self, *, restart: bool) -> None:
        """Make the hidden folder, or go on with what an interrupted batch has left there.

        Raises
        ------
        UsageFault
            If something else is at its path.
        RunFault
            If it cannot be written.
        """
        with explained(self._target):
            begin_hidden(self._folder, "scenarios", restart=restart)

    def place(self, name: str) -> Path:
        """The results folder of a scenario."""
        return self._folder / name

    def plan(self, name: str, fingerprint: str) -> None:
        """Write down what a scenario is played from, and remove results of anything else."""
        with explained(self._target):
            if self._planned(name) == fingerprint:
                return
            if disk.kind(self.place(name)) != "nothing":
                disk.remove(self.place(name))
            aside = self._folder / f".{name}.plan.new"
            if disk.kind(aside) != "nothing":
                disk.remove(aside)
            with disk.new_file(aside) as file:
                file.write(fingerprint.encode())
            disk.replace(aside, self._plan(name))

    def kept(self, name: str, fingerprint: str) -> StoredResults | None:
        """The results of a scenario with this fingerprint; None if they are not whole."""
        if self._planned(name) != fingerprint:
            return None
        return whole_results(self.place(name))

    def count(self) -> int:
        """The number of scenarios that are kept."""
        return sum(
            disk.kind(self._folder / name / MANIFEST) == "file"
            for name in disk.names(self._folder)
            if not name.startswith(".")
        )

    def remove(self) -> None:
        """Remove the hidden folder, once the folder of the batch is in place."""
        with suppress(OSError):  # the next batch uses or replaces what is left
            disk.remove(self._folder)

    def _plan(self, name: str) -> Path:
        return self._folder / f".{name}.plan"

    def _planned(self, name: str) -> str:
        try:
            return disk.read(self._plan(name), _MOST_PLAN_BYTES).decode()
        except (OSError, ValueError):
            return ""


def whole_results(folder: Path) -> StoredResults | None:
    """The results in a folder, if none of its files is missing or changed."""
    with suppress(ResultsFault, OSError):
        if disk.kind(folder) == "folder" and disk.kind(folder / WORKBOOK) == "file":
            return load_results(folder)
    return None


def played_results(folder: Path, scenario: Scenario) -> StoredResults:
    """The results of a scenario that was just played.

    Raises
    ------
    RunFault
        If they cannot be read.
    """
    with explained(folder):
        return StoredResults(folder, json.loads(disk.read(folder / MANIFEST)), scenario)


@dataclass(frozen=True, slots=True, eq=False)
class StoredBatch:
    """The folder of a batch whose manifest and tables are unchanged since they were written."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        """The scenarios that have results, in their order."""
        return [name for name, about in self._scenarios().items() if about["manifest_sha256"]]

    def fingerprint(self, name: str) -> str | None:
        """The fingerprint of a scenario with results; None for any other."""
        found: str | None = self._scenarios().get(name, {}).get("fingerprint")
        return found

    def results(self, name: str) -> StoredResults:
        """The results of a scenario, as the batch wrote them.

        Raises
        ------
        ResultsFault
            If they are not there any more, or were changed since.
        """
        folder = self.folder / name
        try:
            if disk.kind(folder) != "folder":
                raise ResultsFault(f"{folder} is missing")
            stored = load_results(folder)
            if disk.sha256(folder / MANIFEST) != self._scenarios()[name]["manifest_sha256"]:
                raise ResultsFault(f"{folder} holds other results than the batch left there")
        except OSError as error:
            raise ResultsFault(f"{folder} cannot be read: {error.strerror}") from error
        return stored

    def kept(self, name: str, fingerprint: str) -> StoredResults | None:
        """The results of a scenario with this fingerprint; None if they are not whole."""
        if self.fingerprint(name) != fingerprint or whole_results(self.folder / name) is None:
            return None
        with suppress(ResultsFault):
            return self.results(name)
        return None

    def mixture(self) -> list[Figure]:
        """The figures of the mixture; none if the batch has no weights."""
        place = self.folder / BATCH_CSV
        try:
            rows = read_rows(BatchRow, disk.read(place, MOST_BYTES))
        except (OSError, ValueError) as error:
            raise ResultsFault(f"{place} cannot be read: {error}") from error
        return mixture_figures(rows)

    def _scenarios(self) -> dict[str, Any]:
        return {about["name"]: about for about in self.manifest["scenarios"]}


def load_batch(folder: str | os.PathLike[str]) -> StoredBatch:
    """Open the folder of a batch, and check its tables; results are checked when they are read.

    Raises
    ------
    ResultsFault
        If it is no complete folder of a batch, or is from a later version, or a file is damaged.
    """
    path = Path(os.path.abspath(folder))
    with suppress(OSError):  # what is there can be read all the same
        recover(path)
    stored = StoredBatch(path, checked_manifest(path, BATCH_FORMAT, "a batch", _MANIFEST))
    names = [about["name"].casefold() for about in stored.manifest["scenarios"]]
    if len(set(names)) < len(names):
        raise ResultsFault(f"{path / MANIFEST} is damaged: it names a scenario twice")
    if BATCH_CSV not in stored.manifest["files"]:
        raise ResultsFault(f"{path / MANIFEST} is damaged: {BATCH_CSV} is not among its files")
    for name, about in stored.manifest["files"].items():
        try:
            is_same = disk.sha256(path / name) == about["sha256"]
        except OSError as error:
            raise ResultsFault(f"{path / name} cannot be read: {error.strerror}") from error
        if not is_same:
            raise ResultsFault(f"{path / name} is damaged: it differs from what was written")
    return stored


def earlier_batch(claimed: Claim) -> StoredBatch | None:
    """What is in the folder that a batch will replace; None if nothing there can be used."""
    with suppress(ResultsFault):
        return load_batch(claimed.target)
    return None


def batch_tables(outcome: BatchOutcome, *, excel_csv: bool) -> dict[str, Writer]:
    """The writers of all tables, by file name."""
    parts: dict[str, tuple[type[Any], list[Any]]] = {
        BATCH_CSV: (BatchRow, outcome.rows),
        SCENARIOS_CSV: (ScenarioRow, scenario_rows(outcome)),
    }
    if outcome.reference is not None:
        parts[REFERENCE_CSV] = (ComparisonRow, comparison_rows(outcome.against_reference))
    if outcome.previous is not None:
        parts[PREVIOUS_CSV] = (ComparisonRow, previous_rows(outcome.previous))
        parts[CHANGES_CSV] = (ChangeRow, change_rows(outcome.previous))
    writers = {
        name: bytes_writer(to_csv(row_type, rows, excel=excel_csv))
        for name, (row_type, rows) in parts.items()
    }
    return writers | {BATCH_PARQUET: lambda file: write_rows(file, BatchRow, outcome.rows)}


def batch_facts(
    batch: ScenarioBatch,
    outcome: BatchOutcome,
    results: Mapping[str, StoredResults],
    prints: Mapping[str, str],
    provenance: Provenance,
) -> dict[str, Any]:
    """The manifest without the format and the list of files.

    Parameters
    ----------
    batch, outcome
    results : mapping
        Of the scenarios that did not fail, by name.
    prints : mapping
        Their fingerprints, by name.
    provenance : Provenance
    """
    file = {"name": batch.file.name, "sha256": batch.file.sha256} if batch.file else None
    return {
        "format_version": FORMAT_VERSIONS[BATCH_FORMAT],
        "title": outcome.title,
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(),
        "engine": engine_digest(),
        "platform": machine(),
        "batch_file": file,
        "overrides": list(provenance.overrides),
        "options": dict(provenance.options),
        "money": outcome.money,
        "reference": outcome.reference,
        "scenarios": [
            {
                "name": each.name,
                "status": each.status,
                "config": each.config,
                "overrides": list(each.overrides),
                "weight": each.weight,
                "trials": each.trials,
                "seed": each.seed,
                "horizon_days": each.horizon_days,
                "message": each.message,
                "note": each.note,
                "source": each.source,
                "fingerprint": prints[each.name] if each.name in results else None,
                "manifest_sha256": _manifest_digest(results.get(each.name)),
            }
            for each in outcome.scenarios
        ],
        "notices": [asdict(notice) for notice in outcome.notices],
    }


def write_batch(
    claimed: Claim,
    writers: Mapping[str, Writer],
    results: Mapping[str, StoredResults],
    about: Mapping[str, Any],
) -> None:
    """Write the folder of a batch, completely or not at all.

    Parameters
    ----------
    claimed : Claim
        Of the kind of a batch.
    writers : mapping
        Writers of tables and reports, by file name.
    results : mapping
        The results folders to put into it, by the name of the scenario; they stay where they are.
    about : mapping
        The fields of the manifest except the kind and the list of files.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """

    def fill(folder: Path) -> None:
        for name, stored in results.items():
            _put(folder / name, stored)
        write_files(
            folder, writers, lambda written: {"format": claimed.kind, **about, "files": written}
        )

    claimed.replace(fill)


def _put(folder: Path, stored: StoredResults) -> None:
    """Put a results folder into the folder of a batch."""
    disk.make_folder(folder)
    for name in _files_of(stored):
        disk.link(stored.folder / name, folder / name)
    disk.sync_folder(folder)


def _files_of(stored: StoredResults) -> Iterable[str]:
    yield from stored.manifest["files"]
    yield WORKBOOK
    if disk.kind(stored.folder / PAGE) == "file":
        yield PAGE
    yield MANIFEST


def _manifest_digest(stored: StoredResults | None) -> str | None:
    if stored is None:
        return None
    with explained(stored.folder):
        return disk.sha256(stored.folder / MANIFEST)
