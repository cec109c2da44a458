"""A results folder as Open Results Data: the tables that catastrophe insurers exchange."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from riskengine.errors import RunFault
from riskengine.exchange.rows import (
    day_0,
    ept_ci_rows,
    ept_rows,
    info_rows,
    palt_rows,
    splt_rows,
)
from riskengine.exchange.summaries import LossSummary, SummarySet, summary_sets
from riskengine.exchange.tables import (
    EPT_CI,
    SUMMARY_INFO,
    TABLES,
    VERSIONS,
    OrdFault,
    OrdTable,
    in_form,
)
from riskengine.figures.summary import Stored
from riskengine.measures.curves import DAYS_PER_YEAR, RETURN_PERIODS

if TYPE_CHECKING:
    import pyarrow as pa

METADATA = "metadata.json"
PERSPECTIVE = "il"  #: the name of perspective 1: after stocks and rerouting, before insurance
_MOST = 2**31 - 1  #: Period and EventId have 32 bits
_ROWS_A_CHUNK = 65_536  #: bounds the memory of cells as text, and the row groups of Parquet
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")


def write_ord(results: Stored, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the tables of a run in both versions and both formats.

    Parameters
    ----------
    results : Stored
        From `riskengine.store.results.load_results`.
    folder : path
        Gets the folders `v1`, `v2` and `extensions`, and `metadata.json`, which is there only when
        all other files are complete. Files of an earlier call are replaced.

    Returns
    -------
    list of Path
        The files, `metadata.json` last. The same results give the same bytes.

    Raises
    ------
    OrdFault
        If there are more periods than the tables can number; nothing was written.
    RunFault
        If the folder cannot be written to.
    """
    manifest = results.manifest
    _check_size(manifest)
    sets = summary_sets(results)
    with _batch(Path(os.path.abspath(folder))) as batched:
        for each in sets:
            _write_set(batched, each, manifest)
        with batched.file(METADATA) as file:
            text = json.dumps(_metadata(manifest, sets), indent=2, ensure_ascii=False)
            file.write((text + "\n").encode())
        return batched.put_in_place()


def _check_size(manifest: Mapping[str, Any]) -> None:
    if "sampling" in manifest:
        raise OrdFault(
            "Open Results Data takes periods for independent and equally likely, and these trials "
            "are not: run without run.sampling, run.tilt and run.given_onset."
        )
    last = manifest["first_trial"] + manifest["trials"]
    if last > _MOST:
        raise OrdFault(
            f"Open Results Data numbers periods with 32 bits, and trial {last - 1:,} is beyond "
            f"{_MOST:,}. Run fewer trials at a time (--trials, --first-trial)."
        )


def _write_set(batched: Batch, of: SummarySet, manifest: Mapping[str, Any]) -> None:
    def write(folders: Mapping[str, OrdTable], make: Callable[[LossSummary], pa.Table]) -> None:
        _write(batched, of.number, folders, (make(summary) for summary in of.summaries))

    for name, make in (
        ("ept", ept_rows),
        ("palt", palt_rows),
        ("splt", lambda summary: splt_rows(summary, manifest)),
    ):
        write({f"v{version}": TABLES[name, version] for version in VERSIONS}, make)
    info = dict.fromkeys((f"v{version}" for version in VERSIONS), SUMMARY_INFO)
    write(info, lambda summary: info_rows(summary, manifest["money"]))
    write({"extensions": EPT_CI}, ept_ci_rows)


def _write(
    batched: Batch, number: int, folders: Mapping[str, OrdTable], pieces: Iterable[pa.Table]
) -> None:
    """A table in each folder in the form that belongs there; pieces are made once, one by one."""
    with ExitStack() as stack:
        files = [
            (
                table,
                stack.enter_context(
                    _table_files(batched, f"{folder}/{PERSPECTIVE}_S{number}_{table.name}", table)
                ),
            )
            for folder, table in folders.items()
        ]
        for piece in pieces:
            for table, found in files:
                found.write(in_form(table, piece))


# Files: written to a temporary folder first, and moved into place only when all are complete


class Batch:
    """Files that appear together; the file added last exists only if all others do."""

    def __init__(self, target: Path, stage: Path):
        self._target = target
        self._stage = stage
        self._names: list[str] = []

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file, which is flushed to disk at the end of the block."""
        path = self._stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        self._names.append(name)

    def put_in_place(self) -> list[Path]:
        """Move all files to their places, and replace those of an earlier batch."""
        places = [self._target / name for name in self._names]
        places[-1].unlink(missing_ok=True)  # without it the folder counts as incomplete
        for name, place in zip(self._names, places, strict=True):
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._stage / name, place)
        return places


@contextmanager
def _batch(folder: Path) -> Iterator[Batch]:
    """Files to be written into a folder; a failure before `put_in_place` leaves it unchanged.

    Raises
    ------
    RunFault
        In place of any error of the operating system.
    """
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".ord-", dir=folder))
        try:
            yield Batch(folder, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            if is_new:
                with suppress(OSError):  # not empty any more
                    folder.rmdir()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunFault(f"cannot write Open Results Data to {folder}: {reason}") from error


class TableFiles:
    """A table as plain CSV and as Parquet, piece by piece.

    CSV is UTF-8 without BOM, with comma, decimal dot and numbers that read back the same; Parquet
    has the most widely read settings.
    """

    def __init__(self, plain: BinaryIO, columns: BinaryIO, table: OrdTable):
        import pyarrow.parquet as pq

        self._plain = plain
        self._texts = [column.kind.text for column in table.columns]
        plain.write((",".join(table.header) + "\n").encode())
        self._parquet = pq.ParquetWriter(columns, table.schema(), compression="snappy")

    def write(self, rows: pa.Table) -> None:
        for start in range(0, rows.num_rows, _ROWS_A_CHUNK):
            cells = map(_cells, rows.slice(start, _ROWS_A_CHUNK).columns, self._texts)
            lines = map(",".join, zip(*cells, strict=True))
            self._plain.write(("\n".join(lines) + "\n").encode())
        self._parquet.write_table(rows, row_group_size=_ROWS_A_CHUNK)

    def close(self) -> None:
        self._parquet.close()


def _cells(column: pa.ChunkedArray, text: Callable[[Any], str]) -> list[str]:
    values = column.to_pylist()
    if column.null_count:
        return ["" if value is None else text(value) for value in values]
    return list(map(text, values))


@contextmanager
def _table_files(batched: Batch, stem: str, table: OrdTable) -> Iterator[TableFiles]:
    with (
        batched.file(f"{stem}.csv") as plain,
        batched.file(f"{stem}.parquet") as columns,
        closing(TableFiles(plain, columns, table)) as files,
    ):
        yield files


# What the tables cannot say themselves


def _metadata(manifest: Mapping[str, Any], sets: Sequence[SummarySet]) -> dict[str, Any]:
    """The metadata document, version 2, of the files of a run."""
    currency = _CURRENCY.search(manifest["money"])
    return {
        "version": "2",
        "analysis_tag": manifest["title"],
        "model_supplier_id": "riskengine",
        "model_name_id": "riskengine",
        "model_version": manifest["versions"]["riskengine"],
        "created_at": manifest["started"],
        **({"currency": [currency.group()]} if currency else {}),
        "number_of_samples": 1,
        "loss_methods": ["STOC"],
        "ep_methods": ["S_FULL"],
        "event_set": {
            "event_set_id": None,
            "event_set_description": None,
            "event_occurrence_id": None,
            "event_occurrence_description": "Every trial is a period; spells are its occurrences",
            "event_occurrence_max_periods": manifest["trials"],
        },
        "output_sets": [
            {
                "perspective_code": PERSPECTIVE,
                "exposure_summary_level_fields": ["Material", "Industry"],
                "summaries": [_summary_set(each) for each in sets],
            }
        ],
        "vendor_extensions": {"riskengine": _extension(manifest)},
    }


def _summary_set(of: SummarySet) -> dict[str, Any]:
    by_spell = any(summary.largest is not None for summary in of.summaries)
    return {
        "id": of.number,
        "description": of.description,
        "grouping_fields": list(of.grouping_fields),
        "ord_output": {
            "plt_sample": True,
            "alt_period": True,
            "ept_full_uncertainty_aep": True,
            "ept_full_uncertainty_oep": by_spell,
        },
    }


def _extension(manifest: Mapping[str, Any]) -> dict[str, Any]:
    is_dated = day_0(manifest) is not None
    return {
        "PeriodLength": manifest["horizon_days"] / DAYS_PER_YEAR,
        "period_length_unit": "years of 365 days; ReturnPeriod and losses are per period",
        "money": manifest["money"],
        "n_paths": manifest["trials"],
        "first_period": manifest["first_trial"] + 1,
        "independent_periods": manifest["trials"],
        "seed": manifest["seed"],
        "config_files": manifest["config_files"],
        "return_periods_asked_for": list(RETURN_PERIODS),
        "quantile_convention": "loss i of N in descending order has return period N/i; linear",
        "ci_level": 0.95,
        "dates": "calendar" if is_dated else "counted from day 1 of year 1: no valuation date",
        "perspective": f"{PERSPECTIVE} stands for: after stocks and rerouting, before insurance",
        "impacted_exposure": "value added per year of the industries that lost output",
        "event_id": "number of the occurrence within its period, 1 the largest; 0 all together",
    }
