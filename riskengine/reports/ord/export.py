"""A results folder as Open Results Data: the tables that catastrophe insurers exchange."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.reports.ord.files import Batch, batch, writers
from riskengine.reports.ord.metadata import PERSPECTIVE, metadata
from riskengine.reports.ord.rows import (
    Periods,
    ept_ci_rows,
    ept_rows,
    info_rows,
    palt_rows,
    splt_rows,
)
from riskengine.reports.ord.summaries import StoredTables, Summary, SummarySet, summary_sets
from riskengine.reports.ord.tables import (
    EPT_CI,
    SUMMARY_INFO,
    TABLES,
    VERSIONS,
    OrdFault,
    OrdTable,
    convert,
)

if TYPE_CHECKING:
    import pyarrow as pa

METADATA = "metadata.json"
_MOST = 2**31 - 1  #: Period and EventId have 32 bits


def write_ord(results: StoredTables, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the tables of a run in both versions and both formats.

    Parameters
    ----------
    results : StoredTables
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
    with batch(Path(os.path.abspath(folder))) as batched:
        for each in sets:
            _write_set(batched, each, manifest)
        with batched.file(METADATA) as file:
            text = json.dumps(metadata(manifest, sets), indent=2, ensure_ascii=False)
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
    periods, money = Periods.of(manifest), manifest["money"]

    def rows(make: Callable[[Summary], pa.Table]) -> Iterable[pa.Table]:
        return (make(summary) for summary in of.summaries)

    _write_strict(batched, of.number, "ept", rows(ept_rows))
    _write_strict(batched, of.number, "palt", rows(palt_rows))
    _write_strict(batched, of.number, "splt", rows(lambda summary: splt_rows(summary, periods)))
    info = list(rows(lambda summary: info_rows(summary, money)))
    for version in VERSIONS:
        _write_one(batched, f"v{version}", of.number, SUMMARY_INFO, info)
    _write_one(batched, "extensions", of.number, EPT_CI, rows(ept_ci_rows))


def _write_strict(batched: Batch, number: int, name: str, pieces: Iterable[pa.Table]) -> None:
    """One strict table in all versions; each piece is made once and let go."""
    with ExitStack() as stack:
        sinks = [
            (
                version,
                stack.enter_context(
                    writers(batched, _stem(f"v{version}", number, name), TABLES[name, version])
                ),
            )
            for version in VERSIONS
        ]
        for piece in pieces:
            for version, formats in sinks:
                rows = convert(name, piece, version)
                for writer in formats:
                    writer.write(rows)


def _write_one(
    batched: Batch, place: str, number: int, table: OrdTable, pieces: Iterable[pa.Table]
) -> None:
    with writers(batched, _stem(place, number, table.name), table) as formats:
        for piece in pieces:
            for writer in formats:
                writer.write(piece)


def _stem(place: str, number: int, name: str) -> str:
    return f"{place}/{PERSPECTIVE}_S{number}_{name}"
