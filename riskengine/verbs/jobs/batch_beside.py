"""The scenarios of a batch beside an earlier batch, and beside the reference."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from riskengine.batches.batch import ScenarioBatch
from riskengine.batches.outcome import MixtureOutcome, PreviousBatch, ScenarioComparison
from riskengine.config.differences import input_differences
from riskengine.errors import ConfigFault, Fault, UsageFault
from riskengine.figures.comparison import Difference, Key, compare, compare_stored
from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL
from riskengine.figures.measure import WHOLE
from riskengine.figures.pairing import pairing_notices
from riskengine.model.notices import Notice
from riskengine.store import disk
from riskengine.store.batches import StoredBatch, load_batch
from riskengine.store.columns import LOSSES, MATERIALS
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import BATCH_FORMAT, MANIFEST, MOST_BYTES, kind_of
from riskengine.store.provenance import engine_digest, own_version
from riskengine.store.results import StoredResults
from riskengine.store.shapes import ANYTHING, parsed
from riskengine.verbs.jobs.compared_runs import ComparedRun, stored_run

#: what is compared with the reference, by scope: all that `LOSSES` and `MATERIALS` tell by trial
_WITH_REFERENCE: Mapping[str, frozenset[str]] = {
    TOTAL: frozenset(("mean", "sd", "prob_loss", "prob_above", "var", "tvar", "oep_var")),
    INDUSTRY: frozenset(("mean", "var", "tvar")),
    MATERIAL: frozenset(("mean",)),
}


def open_previous(batch: ScenarioBatch, target: str | os.PathLike[str]) -> StoredBatch | None:
    """The earlier batch that a batch is to be compared with; None without one.

    Parameters
    ----------
    batch : ScenarioBatch
        Its `previous` is the folder of a batch, or a folder in which the folder of this batch or of
        one batch alone lies.
    target : path
        The folder that this batch writes.

    Raises
    ------
    ConfigFault
        If there is no batch, or it is damaged.
    UsageFault
        If it is the folder that this batch replaces.
    """
    if batch.previous is None:
        return None
    found = _batch_folder(batch.previous, batch.stem)
    if os.path.realpath(found) == os.path.realpath(target):
        raise UsageFault(
            f"{found} is the folder that this batch writes, and cannot be the previous one, too: "
            "move or copy it, or choose another folder with --out."
        )
    try:
        return load_batch(found)
    except ResultsFault as error:
        raise ConfigFault(_faults(batch, str(error))) from error


def _batch_folder(given: str, stem: str) -> str:
    """The folder of a batch: the one named, the one of the same name in it, or the only one."""
    if _holds_batch(given):
        return given
    own = os.path.join(given, f"{stem}-batch")
    if os.path.isdir(own):
        return own
    inside = [os.path.join(given, name) for name in _names(given)]
    batches = [path for path in inside if _holds_batch(path)]
    return batches[0] if len(batches) == 1 else given


def _names(folder: str) -> list[str]:
    try:
        return [name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
    except OSError:
        return []


def _holds_batch(folder: str) -> bool:
    try:
        manifest = parsed(disk.read(Path(folder) / MANIFEST, MOST_BYTES), ANYTHING)
    except (OSError, ValueError):
        return False
    return kind_of(manifest) == BATCH_FORMAT


def _faults(batch: ScenarioBatch, message: str) -> list[Fault]:
    fault = Fault(
        path=("batch", "previous"), found=message, allowed="the folder of an earlier batch"
    )
    return batch.file.located([fault]) if batch.file else [fault]


def beside_previous(
    previous: StoredBatch,
    shown: str,
    results: Mapping[str, StoredResults],
    names: Sequence[str],
    mixture: MixtureOutcome | None,
    money: str,
) -> PreviousBatch:
    """All scenarios beside those of the same name in an earlier batch.

    Parameters
    ----------
    previous : StoredBatch
    shown : str
        Its folder, as messages name it.
    results : mapping
        Results of the scenarios that did not fail, by name.
    names : sequence of str
        All scenarios of this batch.
    mixture : MixtureOutcome or None
    money : str
        Of this batch.
    """
    about = previous.manifest
    before = previous.names
    return PreviousBatch(
        folder=shown,
        title=about["title"],
        started=about["started"],
        version=about["versions"]["riskengine"],
        comparisons=tuple(
            _beside_earlier(name, previous, results) for name in names if name in before
        ),
        came=tuple(name for name in names if name not in before),
        went=tuple(name for name in before if name not in names),
        mixture=_mixtures(previous, mixture, money),
        notices=tuple(_engine_notices(about)),
    )


def _beside_earlier(
    name: str, previous: StoredBatch, results: Mapping[str, StoredResults]
) -> ScenarioComparison:
    if name not in results:
        return ScenarioComparison(scenario=name, why="Not compared: it failed in this batch.")
    try:
        a = stored_run("the earlier batch", previous.results(name))
        b = stored_run("this batch", results[name])
    except ResultsFault as error:
        return ScenarioComparison(scenario=name, why=f"Not compared: {error}")
    inputs = tuple(input_differences(a.config, b.config))
    if a.facts.money != b.facts.money:
        why = f"Not compared: it was in {a.facts.money}, and is in {b.facts.money} now."
        return ScenarioComparison(scenario=name, inputs=inputs, why=why)
    found, differences = compare(a.side, b.side, unpaired=_why_apart(a, b))
    return ScenarioComparison(
        scenario=name,
        differences=tuple(differences),
        inputs=inputs,
        pairing=found,
        notices=tuple(pairing_notices(a.side, b.side, found)),
    )


def _why_apart(a: ComparedRun, b: ComparedRun) -> str:
    """Why an earlier run is not compared trial by trial, whatever draws it shares."""
    before, now = a.facts.horizon_days, b.facts.horizon_days
    if before != now:
        return (
            f"Not paired: the horizon was {before:g} days and is {now:g} now. Figures are compared "
            "by their own intervals, as if independent; those per year can be compared at all."
        )
    if a.version != b.version:
        return (
            f"Not paired: the earlier results are of riskengine {a.version}, and these of "
            f"{b.version}. Figures are compared by their own intervals, as if independent."
        )
    return ""


def _engine_notices(about: Mapping[str, object]) -> Iterator[Notice]:
    versions = about["versions"]
    version = versions["riskengine"] if isinstance(versions, Mapping) else ""
    if version != own_version():
        yield Notice(
            code="versions-differ",
            message=f"The previous batch was made by riskengine {version} and this one by "
            f"{own_version()}: part of a difference may be the engine's.",
        )
    elif about["engine"] != engine_digest():
        yield Notice(
            code="engines-differ",
            message="The previous batch was made by another state of this version of the engine: "
            "part of a difference may be the engine's.",
        )


def _mixtures(
    previous: StoredBatch, mixture: MixtureOutcome | None, money: str
) -> tuple[Difference, ...]:
    """The mixture beside the earlier one, by the intervals of both."""
    if mixture is None or previous.manifest["money"] != money:
        return ()
    return tuple(compare_stored(previous.mixture(), mixture.figures))


def beside_reference(
    reference: str, results: Mapping[str, StoredResults], names: Sequence[str]
) -> tuple[ScenarioComparison, ...]:
    """All other scenarios beside the reference: what is lost in all, by industry and by material.

    Parameters
    ----------
    reference : str
    results : mapping
        Results of the scenarios that did not fail, by name.
    names : sequence of str
        All scenarios of the batch.
    """
    others = [name for name in names if name != reference]
    if reference not in results:
        why = f"Not compared: {reference}, the reference, failed."
        return tuple(ScenarioComparison(scenario=name, why=why) for name in others)
    run = stored_run(reference, results[reference], (LOSSES, MATERIALS))
    return tuple(_beside_reference(name, run, results) for name in others)


def _beside_reference(
    name: str, a: ComparedRun, results: Mapping[str, StoredResults]
) -> ScenarioComparison:
    if name not in results:
        return ScenarioComparison(scenario=name, why="Not compared: it failed.")
    b = stored_run(name, results[name], (LOSSES, MATERIALS))
    found, differences = compare(a.side, b.side, wanted=_is_wanted)
    return ScenarioComparison(
        scenario=name,
        differences=tuple(differences),
        inputs=tuple(input_differences(a.config, b.config)),
        pairing=found,
        notices=tuple(pairing_notices(a.side, b.side, found)),
    )


def _is_wanted(key: Key) -> bool:
    return key.component == WHOLE and key.measure in _WITH_REFERENCE.get(key.scope, ())
