"""Writes the losses of a run to a results folder, and reads the folder back."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from riskengine.figures.buyers import BuyerRow
from riskengine.figures.curves import CurveRow
from riskengine.figures.distribution import BinRow, PercentileRow
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure
from riskengine.figures.summary import Summary, summarise, summary_of
from riskengine.figures.sums import SumEvidence
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.columns import TRIAL_FILES, TrialColumn, expected_columns, trial_files
from riskengine.store.documents import to_json
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import MANIFEST, MOST_BYTES, Claim, claim, recover
from riskengine.store.manifests import STORIES_SHAPE, read_manifest, run_manifest
from riskengine.store.parquet import TrialRange, read_trials, series_of, write_columns
from riskengine.store.provenance import Provenance
from riskengine.store.shapes import parsed
from riskengine.store.sheets import (
    BUYERS,
    CURVES,
    HISTOGRAM,
    METRICS,
    PERCENTILES,
    TIMELINE,
    bin_fault,
    buyer_fault,
    curve_fault,
    fan_fault,
    figure_fault,
    percentile_fault,
    read_rows,
    to_csv,
)
from riskengine.store.streams import Files, Later, TrialFiles, Writer, written

if TYPE_CHECKING:
    import pyarrow as pa

_Row = TypeVar("_Row", Figure, CurveRow, PercentileRow, BinRow, FanRow, BuyerRow)
Derive = Callable[["StoredResults"], bytes]
STORIES = "stories.json"


def save(
    losses: Losses,
    folder: str | os.PathLike[str],
    provenance: Provenance,
    *,
    excel_csv: bool = False,
    further: Callable[[Losses], Mapping[str, bytes]] | None = None,
    derived: Mapping[str, Derive] | None = None,
) -> Path:
    """Write a results folder, completely or not at all, and return its path.

    Raises
    ------
    UsageFault
        If the path holds something else, or another process is writing to it.
    RunFault
        If the folder or a loss cannot be written.
    """
    with claim(folder) as claimed:
        write_results(
            claimed, losses, provenance, excel_csv=excel_csv, further=further, derived=derived
        )
        return claimed.target


def write_results(
    claimed: Claim,
    losses: Losses,
    provenance: Provenance,
    *,
    excel_csv: bool = False,
    further: Callable[[Losses], Mapping[str, bytes]] | None = None,
    derived: Mapping[str, Derive] | None = None,
) -> Summary:
    """Write a results folder that was claimed before the run, and return its figures.

    Other threads write the trials and make the additional files while this one computes figures:
    pyarrow, kernels and sorting do not need the interpreter. `further` makes the contents of
    additional files, by name; `derived` makes files from what the folder will hold, so that they
    can be made from it again later.

    Raises
    ------
    RunFault
        If it cannot be written, or a loss is not finite or is negative; the earlier folder is then
        intact.
    """
    found: list[Summary] = []

    def fill(folder: Path) -> None:
        with ThreadPoolExecutor(2, thread_name_prefix="beside") as beside:
            rows = beside.submit(written, folder, _row_writers(losses))
            others = beside.submit(further, losses) if further else None
            summary = summarise(losses)
            files = written(folder, bytes_writers(_sheets(summary, excel_csv)))
            more = others.result() if others else {}
            last = written(folder, bytes_writers(more))
            manifest = run_manifest(losses, summary.notices, provenance, files)
            told = json.loads(to_json(manifest))
            told["files"] = files | {n: Later(rows, n) for n in trial_files(losses.scenario)} | last
            stored = StoredResults(folder, told, losses.scenario, losses, more)
            made = {name: derive(stored) for name, derive in (derived or {}).items()}
            files |= rows.result() | last
        _write_manifest(folder, {**manifest, "files": files})
        written(folder, bytes_writers(made))
        found.append(summary)

    claimed.replace(fill)
    return found[0]


def write_stream(
    claimed: Claim,
    play: Callable[[TrialFiles], SumEvidence],
    provenance: Callable[[], Provenance],
    *,
    keep: str,
    excel_csv: bool = False,
    further: Callable[[SumEvidence], Mapping[str, bytes]],
    derived: Mapping[str, Derive] | None = None,
) -> tuple[SumEvidence, Summary]:
    """Write a results folder while its trials are played.

    Parameters
    ----------
    claimed : Claim
    play : callable
        Plays the trials, adds the rows to keep to the given files, and returns the sums of all
        trials.
    provenance : callable
        Called when all trials are played.
    keep : str
        `all`, `tail` or `none`: the rows in the files.
    excel_csv, further, derived
        As for `write_results`; `further` is called when all trials are played.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """
    found: list[tuple[SumEvidence, Summary]] = []

    def fill(folder: Path) -> None:
        with TrialFiles(folder).open() as rows:
            evidence = play(rows)
        summary = summary_of(evidence)
        writers = bytes_writers(_sheets(summary, excel_csv))
        writers |= bytes_writers(further(evidence))
        manifest = write_files(
            folder,
            writers,
            lambda files: {
                **run_manifest(
                    evidence, summary.notices, provenance(), {**files, **rows.written()}
                ),
                "keep": keep,
            },
        )
        _derive(StoredResults(folder, json.loads(manifest), evidence.scenario), derived or {})
        found.append((evidence, summary))

    claimed.replace(fill)
    return found[0]


def write_files(
    folder: Path,
    writers: Mapping[str, Writer],
    manifest: Callable[[Files], Mapping[str, Any]],
) -> str:
    """Write the files of a new folder and then, last, the manifest that lists them.

    Parameters
    ----------
    folder : Path
        Empty.
    writers : mapping
        Writers by file name.
    manifest : callable
        Makes the manifest from SHA-256 and size of each file.

    Returns
    -------
    str
        The text of the manifest. A folder without a manifest is unfinished.
    """
    return _write_manifest(folder, manifest(written(folder, writers)))


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> str:
    text = to_json(manifest)
    with disk.new_file(folder / MANIFEST) as file:
        file.write(text.encode())
    return text


def _derive(stored: StoredResults, derived: Mapping[str, Derive]) -> None:
    """Make the derived files of a folder that is otherwise finished."""
    for name, derive in derived.items():
        with disk.new_file(stored.folder / name) as file:
            file.write(derive(stored))


def bytes_writer(data: bytes) -> Writer:
    """A writer of data that already exist."""
    return lambda file: file.write(data)


def bytes_writers(files: Mapping[str, bytes]) -> dict[str, Writer]:
    return {name: bytes_writer(data) for name, data in files.items()}


@dataclass(frozen=True, slots=True, eq=False)
class StoredResults:
    """A results folder whose files are unchanged since they were written.

    Each file is read on demand and checked against the manifest before it is used. It is refused
    if it holds values that no run of this scenario could write: the folder may come from somebody
    else.
    """

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Scenario  #: from the config in the manifest
    losses: Losses | None = None  #: the rows, if they are in memory; files are then not read
    made: Mapping[str, bytes] = field(default_factory=dict)  #: files that were just made, by name

    def figures(self) -> list[Figure]:
        return self._table(METRICS, Figure, figure_fault)

    def curves(self) -> list[CurveRow]:
        return self._table(CURVES, CurveRow, curve_fault)

    def percentiles(self) -> list[PercentileRow]:
        """Percentiles of the total loss; empty in a folder of an older version."""
        if PERCENTILES not in self.manifest["files"]:
            return []
        return self._table(PERCENTILES, PercentileRow, percentile_fault)

    def histogram(self) -> list[BinRow]:
        """The trials by their total loss; empty in a folder of an older version."""
        if HISTOGRAM not in self.manifest["files"]:
            return []
        return self._table(HISTOGRAM, BinRow, bin_fault)

    def fan(self) -> list[FanRow]:
        """Lost supply and net shortage over time; empty in a folder without them."""
        if TIMELINE not in self.manifest["files"]:
            return []
        return self._table(TIMELINE, FanRow, fan_fault)

    def buyers(self) -> list[BuyerRow]:
        """Who is granted how much of each pool; empty in a folder without pools."""
        is_there = BUYERS in self.manifest["files"]
        return self._table(BUYERS, BuyerRow, buyer_fault) if is_there else []

    def stories(self) -> list[dict[str, Any]]:
        """The stories of the trials around the high quantiles; empty in a folder without them."""
        if STORIES not in self.manifest["files"]:
            return []
        if STORIES in self.made:
            just_told: list[dict[str, Any]] = json.loads(self.made[STORIES])["stories"]
            return just_told
        with self._readable(STORIES):
            found = parsed(self._verified(STORIES, MOST_BYTES), STORIES_SHAPE)
        stories: list[dict[str, Any]] = found["stories"]
        return stories

    def notices(self) -> list[Notice]:
        return [
            Notice(code=notice["code"], message=notice["message"])
            for notice in self.manifest["notices"]
        ]

    def _table(
        self, name: str, row_type: type[_Row], fault: Callable[[_Row, Scenario], str]
    ) -> list[_Row]:
        """The rows of a CSV file; `fault` returns what is wrong with a row, or an empty string."""
        with self._readable(name):
            rows = read_rows(row_type, self._verified(name, MOST_BYTES))
            for line, row in enumerate(rows, 2):
                if wrong := fault(row, self.scenario):
                    raise ValueError(f"line {line}: {wrong}")
        return rows

    def table(self, name: str, *kinds: str) -> pa.Table:
        """A trial-level file, such as `losses.parquet`; `kinds` as for `series`.

        Raises
        ------
        ResultsFault
            When not every trial was kept, or the file is damaged.
        """
        if self.keep != "all":
            raise ResultsFault(
                f"{self.folder} does not hold every trial row by row (it was run with --keep "
                f"{self.keep}), and this needs them: run it again with --keep all."
            )
        return self.rows(name, *kinds)

    def series(self, name: str, *kinds: str) -> dict[str, NDArray[Any]]:
        """Columns of a trial-level file as arrays of shape (n,); nan where there is no value.

        With `kinds` only the columns that are called so, or so before a colon.

        Raises
        ------
        ResultsFault
            As for `table`.
        """
        if self.losses is not None:
            return {column.name: column.values for column in TRIAL_FILES[name](self.losses)}
        table = self.table(name, *kinds)
        return {column: series_of(table[column]) for column in table.column_names}

    @property
    def keep(self) -> str:
        """Which trials the folder holds row by row: `all`, `tail` (the worst ones) or `none`."""
        return str(self.manifest.get("keep", "all"))

    def rows(self, name: str, *kinds: str) -> pa.Table:
        """The rows of a trial-level file, which need not hold all trials; `kinds` as for `series`.

        Raises
        ------
        ResultsFault
            When the file is damaged, holds other trials than the manifest says, or does not fit
            into memory.
        """
        manifest = self.manifest
        held = TrialRange(manifest["first_trial"], manifest["trials"], self.keep == "all")
        with self._readable(name):
            columns = expected_columns(self.scenario)[name]
            return read_trials(self._verified(name), columns, held, kinds)

    def verify(self) -> None:
        """Check every file.

        Raises
        ------
        ResultsFault
            If a file is missing or differs; names the first such file.
        """
        for name, about in self.manifest["files"].items():
            with self._readable(name):
                is_whole = disk.size(self.folder / name) == about["bytes"]
                is_whole = is_whole and disk.sha256(self.folder / name) == about["sha256"]
            if not is_whole:
                raise self._differs(name)

    def _verified(self, name: str, most: int | None = None) -> bytes:
        about = self.manifest["files"][name]
        data = disk.read(self.folder / name, min(about["bytes"], most or about["bytes"]))
        if hashlib.sha256(data).hexdigest() != about["sha256"]:
            raise self._differs(name)
        return data

    @contextmanager
    def _readable(self, name: str) -> Iterator[None]:
        """Turn any error with a file into a message about it."""
        place = self.folder / name
        try:
            yield
        except OSError as error:
            raise ResultsFault(f"{place} cannot be read: {error.strerror or error}") from error
        except ValueError as error:
            raise ResultsFault(f"{place} is damaged: {error}") from error

    def _differs(self, name: str) -> ResultsFault:
        return ResultsFault(
            f"{self.folder / name} is damaged: it differs from what was written. "
            "Run the scenario again; the manifest says how."
        )


def load_results(folder: str | os.PathLike[str]) -> StoredResults:
    """Open a results folder and check all of its files.

    Raises
    ------
    ResultsFault
        If it is not a complete results folder or is from a later version, or if a file is damaged.
    """
    path = Path(os.path.abspath(folder))
    recover(path)
    stored = StoredResults(path, *read_manifest(path))
    stored.verify()
    return stored


def _sheets(summary: Summary, excel_csv: bool) -> dict[str, bytes]:
    """The small files by name."""
    tables: dict[str, tuple[type[Any], Sequence[Any]]] = {
        METRICS: (Figure, summary.figures),
        CURVES: (CurveRow, summary.curves),
        PERCENTILES: (PercentileRow, summary.percentiles),
        HISTOGRAM: (BinRow, summary.histogram),
    }
    return {name: to_csv(*table, excel=excel_csv) for name, table in tables.items()}


def _row_writers(losses: Losses) -> dict[str, Writer]:
    made = trial_files(losses.scenario)
    return {name: _column_writer(columns(losses)) for name, columns in made.items()}


def _column_writer(columns: Sequence[TrialColumn]) -> Writer:
    return lambda file: write_columns(file, columns)
