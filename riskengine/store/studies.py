"""Opens the folder of a mitigation study, to play its trials again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskengine.config.mitigation.load import MitigationConfig, load_mitigation
from riskengine.config.schema.keys import MOST_SEED, MOST_TRIALS
from riskengine.config.sweeps.targets import PROPAGATION_FILE
from riskengine.config.toml.positions import read_key
from riskengine.errors import RiskengineError
from riskengine.mitigation.tables import PortfolioRow
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import MANIFEST, MITIGATION_FORMAT, MOST_BYTES, kind_of, recover
from riskengine.store.manifests import checked_manifest
from riskengine.store.mitigation import PORTFOLIOS
from riskengine.store.results import StoredResults
from riskengine.store.shapes import (
    ANYTHING,
    FILE_NAME,
    SHA256,
    TABLE,
    TEXT,
    Each,
    Shape,
    one_of,
    parsed,
    whole,
)
from riskengine.store.sheets import read_rows

_STUDY: Shape = {
    "format": one_of(MITIGATION_FORMAT),
    "format_version": whole(1, 1),
    "versions": {"riskengine": TEXT},
    "seed": whole(0, MOST_SEED),
    "trials": whole(1, MOST_TRIALS // 2),
    "files": Each({"sha256": SHA256, "bytes": whole(0, 2**62)}, key=FILE_NAME),
    "config": TABLE,
}


@dataclass(frozen=True, slots=True, eq=False)
class StoredStudy:
    """The folder of a mitigation study whose files are unchanged since they were written."""

    folder: Path
    manifest: Mapping[str, Any]
    config: MitigationConfig  #: from the manifest, without worlds
    #: files that options name, by the name of the option: `config` lacks what is in them
    missing: Mapping[str, str]
    portfolios: Mapping[str, PortfolioRow]  #: every portfolio that was played, by its name

    @property
    def scenario(self) -> Scenario:
        """The scenario without any option, those that are fixed included."""
        return self.config.base


def holds_study(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder declares that it holds a mitigation study."""
    recover(Path(os.path.abspath(folder)))
    try:
        manifest = parsed(disk.read(Path(folder) / MANIFEST, MOST_BYTES), ANYTHING)
    except (OSError, ValueError):
        return False
    return kind_of(manifest) == MITIGATION_FORMAT


def load_study(folder: str | os.PathLike[str]) -> StoredStudy:
    """Open the folder of a mitigation study and check all of its files.

    Raises
    ------
    ResultsFault
        If it is not complete or is from a later version, or if a file is damaged.
    """
    path = Path(os.path.abspath(folder))
    manifest = checked_manifest(path, MITIGATION_FORMAT, "a mitigation study", _STUDY)
    document, missing = _self_contained(manifest["config"])
    place = path / MANIFEST
    try:
        config = load_mitigation(document)
    except RiskengineError as fault:
        raise ResultsFault(f"the config in {place} cannot be used any more:\n{fault}") from fault
    if config.files:
        name = config.files[0][0]
        raise ResultsFault(f"{place} is damaged: its config names a file, {name}, and must not")
    run = config.base.run
    if (manifest["trials"], manifest["seed"]) != (run.trials, run.seed):
        raise ResultsFault(f"{place} is damaged: its trials and seed are not those of its config")
    StoredResults(path, manifest, config.base).verify()
    return StoredStudy(path, manifest, config, missing, _portfolios(path, manifest))


def _self_contained(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A config without worlds and without the files that options set, and those by option."""
    given = config.get("mitigation")
    if not isinstance(given, Mapping):
        return dict(config), {}
    options = given.get("options")
    missing: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for name, option in options.items() if isinstance(options, Mapping) else ():
        sets = option.get("set") if isinstance(option, Mapping) else None
        if not isinstance(sets, Mapping):
            kept[name] = option
            continue
        files = {path: str(value) for path, value in sets.items() if _names_file(path)}
        if files:
            missing[name] = " and ".join(files.values())
        kept[name] = {**option, "set": {path: v for path, v in sets.items() if path not in files}}
    rest = {key: value for key, value in given.items() if key != "worlds"}
    if isinstance(options, Mapping):
        rest["options"] = kept
    return {**config, "mitigation": rest}, missing


def _names_file(path: str) -> bool:
    keys, _ = read_key(path)
    return keys[:1] == ("tables",) or keys == PROPAGATION_FILE


def _portfolios(folder: Path, manifest: Mapping[str, Any]) -> dict[str, PortfolioRow]:
    place = folder / PORTFOLIOS
    if PORTFOLIOS not in manifest["files"]:
        raise ResultsFault(f"{folder} is damaged: its {MANIFEST} does not list {PORTFOLIOS}")
    try:
        rows = read_rows(PortfolioRow, disk.read(place, MOST_BYTES))
    except OSError as error:
        raise ResultsFault(f"{place} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ResultsFault(f"{place} is damaged: {error}") from error
    return {row.portfolio: row for row in rows}
