"""The folder of a calibration, written completely or not at all, with its manifest last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.fits.episodes import EpisodeTable
from riskengine.model.notices import Notice
from riskengine.store.folder import FIT_FORMAT, Claim
from riskengine.store.provenance import Provenance, machine, versions
from riskengine.store.results import bytes_writer, write_files

FIT_VERSION = 1  #: of the layout of the folder
FIT_FRAGMENT, FIT_FIGURES = "fit.toml", "fit.csv"
FIT_WORKBOOK, FIT_PAGE = "fit.xlsx", "fit.html"


def write_fit(
    claimed: Claim,
    files: Mapping[str, bytes],
    table: EpisodeTable,
    notices: Sequence[Notice],
    provenance: Provenance,
) -> None:
    """Write the folder of a calibration, which must have been claimed.

    Raises
    ------
    RunFault
        If it cannot be written; the earlier folder is then intact.
    """

    def fill(folder: Path) -> None:
        writers = {name: bytes_writer(data) for name, data in files.items()}
        write_files(folder, writers, lambda written: _manifest(table, notices, provenance, written))

    claimed.replace(fill)


def _manifest(
    table: EpisodeTable,
    notices: Sequence[Notice],
    provenance: Provenance,
    files: Mapping[str, Mapping[str, str | int]],
) -> dict[str, Any]:
    return {
        "format": FIT_FORMAT,
        "format_version": FIT_VERSION,
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(),
        "platform": machine(),
        "input": {"name": table.name, "sha256": table.sha256},
        "episodes": len(table.episodes),
        "cut_off": table.cut_off,
        "options": dict(provenance.options),
        "notices": [asdict(notice) for notice in notices],
        "files": {name: dict(about) for name, about in files.items()},
    }
