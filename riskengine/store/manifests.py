"""The manifest of a run and its stories, checked completely before anything is read from them.

A results folder may come from somebody else, and nothing vouches for either file. The manifest
holds the hashes of the other files, and a person who edits a file can edit its hash, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.config import load
from riskengine.config.schema.keys import MOST_SEED, MOST_TRIALS
from riskengine.errors import ConfigFault
from riskengine.figures.evidence import Evidence
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.model.sampling import described
from riskengine.model.scenario import Scenario
from riskengine.store import disk
from riskengine.store.columns import INDUSTRIES, LOSSES, MATERIALS
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import (
    BATCH_FORMAT,
    FORMAT,
    FORMATS,
    MANIFEST,
    MITIGATION_FORMAT,
    MOST_BYTES,
    kind_of,
)
from riskengine.store.provenance import Provenance, machine, versions
from riskengine.store.shapes import (
    ANYTHING,
    FILE_NAME,
    LARGEST_AMOUNT,
    MOMENT,
    SCALAR,
    SHA256,
    TABLE,
    TEXT,
    Each,
    Shape,
    faults,
    number,
    one_of,
    or_null,
    parsed,
    whole,
)
from riskengine.store.sheets import CURVES, METRICS

FORMAT_VERSION = 2  #: version 1 had no cut_weighted_days
FORMAT_VERSIONS = {FORMAT: FORMAT_VERSION, MITIGATION_FORMAT: 1, BATCH_FORMAT: 1}
_LONGEST_RUN = 3_650_000.0  #: days; the longest horizon of a config
_DAY = number(0.0, _LONGEST_RUN)
_AMOUNT = number(-LARGEST_AMOUNT, LARGEST_AMOUNT)

RUN_SHAPE: Shape = {
    "format": one_of(FORMAT),
    "format_version": whole(FORMAT_VERSION, FORMAT_VERSION),
    "title": TEXT,
    "started": MOMENT,
    "seconds": number(0.0, 1e12),
    "versions": {"riskengine": TEXT},
    "platform": TEXT,
    "seed": whole(0, MOST_SEED),
    "first_trial": whole(0, MOST_TRIALS),
    "trials": whole(1, MOST_TRIALS),
    "horizon_days": number(0.0, _LONGEST_RUN),
    "money": TEXT,
    "sampling?": {
        "points": one_of("random", "sobol"),
        "tilt": number(),
        "replicates?": whole(1, 1_000_000),
        "onset_probability?": number(0.0, 1.0),
    },
    "keep?": one_of("all", "tail", "none"),
    "config_files": [{"name": TEXT, "sha256": SHA256}],
    "overrides": [TEXT],
    "options": Each(SCALAR),
    "notices": [{"code": TEXT, "message": TEXT}],
    "files": Each({"sha256": SHA256, "bytes": whole(0, 2**62)}, key=FILE_NAME),
    "config": TABLE,
}

_STEP = {"material": TEXT, "day": _DAY} | dict.fromkeys(
    ("lost", "rerouted", "released", "short", "stock_days"), _AMOUNT
)
_VISIT = {"dispute": TEXT, "material": TEXT, "level": TEXT, "start_day": _DAY, "end_day": _DAY}
_GRANT = {"pool": TEXT, "material": TEXT, "day": _DAY, "asked": _AMOUNT, "granted": _AMOUNT}
_HIT = {"industry": TEXT, "loss_days": _DAY, "stopped_days": _DAY, "first_loss_day": or_null(_DAY)}
_COMPONENTS = dict.fromkeys(("output", "rerouting", "price", "indirect", "loss"), _AMOUNT)

STORIES_SHAPE: Shape = {
    "stories": [
        {
            "at": TEXT,
            "trial": whole(0, MOST_TRIALS),
            "money": TEXT,
            "horizon_days": number(1e-9, _LONGEST_RUN),
            "events": [
                {"day": _DAY, "date": or_null(TEXT), "kind": TEXT, "text": TEXT, "names": [TEXT]}
            ],
            "steps": {
                "visits": [_VISIT],
                "supply": [_STEP],
                "output": [{"industry": TEXT, "day": _DAY, "loss": _AMOUNT}],
                "grants?": [_GRANT],
            },
            "losses": {
                "total": _AMOUNT,
                "industries": [_HIT | _COMPONENTS],
                "materials": [{"material": TEXT, "loss": _AMOUNT}],
            },
        }
    ]
}


def run_manifest(
    run: Losses | Evidence,
    notices: Sequence[Notice],
    provenance: Provenance,
    files: Mapping[str, Mapping[str, str | int]],
) -> dict[str, Any]:
    """The manifest of a run; `files` has SHA-256 and size of every other file."""
    scenario = run.scenario
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "title": scenario.run.title,
        "started": provenance.started,
        "seconds": provenance.seconds,
        "versions": versions(),
        "platform": machine(),
        "seed": run.seed,
        "first_trial": run.first_trial,
        "trials": run.trials,
        "horizon_days": run.horizon_days,
        "money": scenario.run.money,
        **described(scenario),
        "config_files": [{"name": name, "sha256": digest} for name, digest in scenario.files],
        "overrides": list(provenance.overrides),
        "options": dict(provenance.options),
        "notices": [asdict(notice) for notice in notices],
        "files": {name: dict(about) for name, about in files.items()},
        "config": scenario.document,
    }


def read_manifest(folder: Path) -> tuple[dict[str, Any], Scenario]:
    """The manifest of a run, and the scenario of the config in it.

    Raises
    ------
    ResultsFault
        If there is no manifest, if it is not that of a run or has another version, or if a field
        has a value that no run writes.
    """
    manifest = checked_manifest(folder, FORMAT, "a run", RUN_SHAPE)
    place = folder / MANIFEST
    scenario = _scenario(place, manifest["config"])
    for fault in _contradictions(manifest, scenario):
        raise ResultsFault(f"{place} is damaged: {fault}")
    return manifest, scenario


def read_any_manifest(folder: Path) -> tuple[str, dict[str, Any]]:
    """The kind of a results folder, one of `FORMATS`, and its manifest, whose fields are unchecked.

    Raises
    ------
    FileNotFoundError
        If there is no manifest: the caller knows what was expected.
    ResultsFault
        If it cannot be read, is damaged, or is not one of riskengine.
    """
    place = folder / MANIFEST
    try:
        manifest = parsed(disk.read(place, MOST_BYTES), ANYTHING)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ResultsFault(f"{place} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ResultsFault(f"{place} is damaged: {error}") from error
    kind = kind_of(manifest)
    if kind is None:
        raise ResultsFault(f"{folder} is not a results folder of riskengine")
    found: dict[str, Any] = manifest
    return kind, found


def checked_manifest(folder: Path, wanted: str, of: str, shape: Shape) -> dict[str, Any]:
    """The manifest of a folder that must be of one kind.

    Parameters
    ----------
    folder : Path
    wanted : str
        One of `FORMATS`.
    of : str
        What leaves such folders, for messages.
    shape : Shape
        Every field that is used.

    Raises
    ------
    ResultsFault
        If there is no manifest, if it is of another kind or version, or if a field has a value that
        is never written.
    """
    place = folder / MANIFEST
    try:
        kind, manifest = read_any_manifest(folder)
    except FileNotFoundError as error:
        raise ResultsFault(f"{folder} is not a complete results folder: no {MANIFEST}") from error
    if kind != wanted:
        raise ResultsFault(f"{folder} is not a results folder of {of}: it holds {FORMATS[kind]}")
    version, known = manifest.get("format_version"), FORMAT_VERSIONS[wanted]
    if isinstance(version, int) and version != known:
        raise ResultsFault(
            f"{folder} has format version {version}, and this riskengine reads version "
            f"{known}; run the config again"
        )
    for fault in faults(manifest, shape):
        raise ResultsFault(f"{place} is damaged: {fault}")
    return manifest


def _scenario(place: Path, config: dict[str, Any]) -> Scenario:
    try:
        scenario = load(config)
    except ConfigFault as fault:
        raise ResultsFault(f"the config in {place} cannot be used any more:\n{fault}") from fault
    if scenario.files:
        name = scenario.files[0][0]
        raise ResultsFault(f"{place} is damaged: its config names a file, {name}, and must not")
    return scenario


def _contradictions(manifest: dict[str, Any], scenario: Scenario) -> Iterator[str]:
    """Values that a manifest holds twice and that differ, or that contradict its config."""
    run = scenario.run
    for key, own in (("horizon_days", run.horizon_days), ("money", run.money)):
        if manifest[key] != own:
            yield f"{key} is {manifest[key]!r}, and {own!r} in the config in it"
    if ("sampling" in manifest) == run.is_plain:
        yield "sampling does not go with the config in it"
    if manifest["first_trial"] + manifest["trials"] > MOST_TRIALS:
        yield "its last trial is beyond any that can be played"
    if missing := [name for name in (METRICS, CURVES) if name not in manifest["files"]]:
        yield f"{missing[0]} is not among its files"
    has_rows = [name in manifest["files"] for name in (LOSSES, MATERIALS, INDUSTRIES)]
    if manifest.get("keep", "all") == "all" and not all(has_rows):
        yield "it keeps all trials and does not list their files"
