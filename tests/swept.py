"""A small scenario with a sweep, shared by the tests that read, play and store one."""

from __future__ import annotations

from pathlib import Path

from riskengine.config import SweptConfig, load_sweep
from riskengine.store.folder import SWEEP_FORMAT, claim
from riskengine.store.provenance import Provenance
from riskengine.sweeps.tables import SweepTables
from riskengine.verbs.jobs.sweep_job import open_job, save_sweep, tables_of

MINIMAL = Path(__file__).parents[1] / "configs" / "minimal.toml"
STOCK = "materials.ndfeb-magnets.stocks.private.days"
SHARE = "materials.ndfeb-magnets.alternatives.asean.probability"
PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.0)
GRID = f"""
method = "grid"
[sweep.parameters]
"{STOCK}" = [0, 39, 120]
"{SHARE}" = [0.25, 1]
"""


def write_config(folder: Path, sweep: str = GRID, trials: int = 300) -> Path:
    """A config that extends the minimal one, with the text of a sweep; returns its path."""
    (folder / "minimal.toml").write_bytes(MINIMAL.read_bytes())
    path = folder / "swept.toml"
    head = f'extends = "minimal.toml"\n[run]\ntrials = {trials}\n[sweep]'
    path.write_text(head + sweep, encoding="utf-8")
    return path


def loaded(folder: Path, sweep: str = GRID, trials: int = 300) -> SweptConfig:
    """The same, read."""
    return load_sweep(write_config(folder, sweep, trials))


def swept(
    config: SweptConfig, target: Path, *, threads: int | None = None, restart: bool = False
) -> SweepTables:
    """Play a sweep and write its folder, going on where an earlier call was cut off."""
    with claim(target, SWEEP_FORMAT) as claimed:
        job = open_job(config, claimed, threads=threads, restart=restart)
        job.play()
        tables = tables_of(job)
        save_sweep(job, tables, claimed, PROVENANCE)
    return tables


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder but for its manifest, which has the clock in it."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {name: data for name, data in found.items() if name != "manifest.json"}
