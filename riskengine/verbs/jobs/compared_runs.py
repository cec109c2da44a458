"""The two runs of a comparison: results folders, results, or configs that are run in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskengine.config import load
from riskengine.config.layers.assemble import Source
from riskengine.config.layers.origin import overrides_of, path_of
from riskengine.errors import UsageFault
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import Series
from riskengine.figures.metrics import figures
from riskengine.figures.pairing import Side
from riskengine.model.flat.distributions import Shelf
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import prepare
from riskengine.play.versions import play_versions
from riskengine.reports.run.stored import RunFacts
from riskengine.result import Result
from riskengine.store.columns import TRIAL_FILES, trial_files
from riskengine.store.documents import to_json
from riskengine.store.provenance import own_version
from riskengine.store.results import StoredResults, load_results
from riskengine.verbs.progress import Watcher, counter

#: a results folder; a config, as `riskengine.load` takes it; or a result
Comparable = Source | Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Which trials of a config to run; None: as in the other side or the config."""

    trials: int | str | None  #: may be a text, as on the command line and in configs
    seed: int | str | None
    threads: int | None

    @property
    def overrides(self) -> list[str]:
        """The sizes as changes to a config, so that the same checks and messages apply."""
        given = (("trials", self.trials), ("seed", self.seed))
        return [f"run.{key}={value}" for key, value in given if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One side of a comparison, with what a report says about it."""

    source: str  #: path of the folder or config, or a name
    facts: RunFacts
    side: Side
    config: dict[str, Any]  #: resolved, as JSON holds it
    version: str  #: of riskengine


def both_sides(
    sources: Sequence[Comparable], sizes: Sizes, progress: Watcher | None = None
) -> list[ComparedRun]:
    """Open results folders and run configs; all are checked before any is run.

    Raises
    ------
    UsageFault
        If sizes are given for results that exist already, or the two have different money.
    ResultsFault
        If a results folder is not complete or is damaged.
    ConfigFault
        If a config is not valid.
    """
    _check_sizes([_is_finished(source) for source in sources], sizes)
    opened = [_opened(source, sizes) for source in sources]
    facts = [_facts(each) for each in opened]
    if facts[0].money != facts[1].money:
        raise UsageFault(
            f"A is in {facts[0].money} and B in {facts[1].money}: amounts in different money "
            "cannot be compared. Bring both configs to the same run.money, amounts included."
        )
    configs = [each for each in opened if isinstance(each, Scenario)]
    played = _played(configs, _range_to_play(opened, facts), sizes, progress)
    names = _names(sources, opened)
    return [
        stored_run(name, each)
        if isinstance(each, StoredResults)
        else _in_memory(name, each.arrays if isinstance(each, Result) else next(played))
        for name, each in zip(names, opened, strict=True)
    ]


def _is_finished(source: Comparable) -> bool:
    """Whether the losses exist already: a result, or a results folder."""
    if isinstance(source, Result):
        return True
    return isinstance(source, str | os.PathLike) and os.path.isdir(source)


def _opened(source: Comparable, sizes: Sizes) -> StoredResults | Result | Scenario:
    if isinstance(source, Result) or (isinstance(source, Scenario) and not sizes.overrides):
        return source
    if isinstance(source, str | os.PathLike) and os.path.isdir(source):
        return load_results(source)
    return load(source, overrides=sizes.overrides)


def _names(
    sources: Sequence[Comparable], opened: Sequence[StoredResults | Result | Scenario]
) -> list[str]:
    """The name of each side in a report: its path, with the values that changed a scenario."""
    return [
        os.fspath(source) if isinstance(source, str | os.PathLike) else _called(each)
        for source, each in zip(sources, opened, strict=True)
    ]


def _called(opened: StoredResults | Result | Scenario) -> str:
    scenario = opened if isinstance(opened, Scenario) else opened.scenario
    name = path_of(scenario) or scenario.stem
    changes = ", ".join(overrides_of(scenario))
    return f"{name} with {changes}" if changes else name


def _check_sizes(are_folders: Sequence[bool], sizes: Sizes) -> None:
    if all(are_folders) and (sizes.overrides or sizes.threads is not None):
        raise UsageFault(
            "--trials, --seed and --threads are for configs, which are run; A and B are results."
        )
    if any(are_folders) and sizes.seed is not None:
        raise UsageFault("--seed: the config is run with the seed of the results beside it.")


def _range_to_play(opened: Iterable[object], facts: Sequence[RunFacts]) -> RunFacts:
    """Seed and trials for configs: the seed of the results, or else of A; the fewer trials."""
    pattern = facts[0]
    for each, about in zip(opened, facts, strict=True):
        if isinstance(each, StoredResults | Result):
            pattern = about
    return replace(pattern, trials=min(about.trials for about in facts))


def _facts(opened: StoredResults | Result | Scenario) -> RunFacts:
    if isinstance(opened, Result):
        return RunFacts.of(opened.arrays)
    if isinstance(opened, StoredResults):
        return RunFacts.of_manifest(opened.manifest)
    run = opened.run
    return RunFacts(
        title=run.title,
        trials=run.trials,
        seed=run.seed,
        first_trial=0,
        horizon_days=run.horizon_days,
        money=run.money,
    )


def stored_run(
    source: str, stored: StoredResults, files: Iterable[str] = tuple(TRIAL_FILES)
) -> ComparedRun:
    """A results folder as one side of a comparison.

    Parameters
    ----------
    source : str
        What it is called.
    stored : StoredResults
    files : iterable of str
        The trial-level files whose columns are compared by trial.

    Raises
    ------
    ResultsFault
        If a file is damaged, or does not hold every trial.
    """
    facts = RunFacts.of_manifest(stored.manifest)
    series: dict[str, Series] = {}
    for name in files if "sampling" not in stored.manifest else ():
        if name not in stored.manifest["files"]:
            continue  # the results are older than this kind of file
        for column, values in stored.series(name).items():
            series[column] = np.ascontiguousarray(values, dtype=np.float64)
    return ComparedRun(
        source=source,
        facts=facts,
        side=_side(facts, stored.figures(), series),
        config=json.loads(to_json(stored.scenario.document)),
        version=stored.manifest["versions"]["riskengine"],
    )


def _played(
    scenarios: Sequence[Scenario], like: RunFacts, sizes: Sizes, progress: Watcher | None
) -> Iterator[Losses]:
    """The losses of configs, in order; what they have in common is played once."""
    shelf = Shelf()
    plans = [
        prepare(
            scenario,
            trials=like.trials,
            seed=like.seed,
            first_trial=like.first_trial,
            threads=sizes.threads,
            shelf=shelf,
        )
        for scenario in scenarios
    ]
    if not plans:  # nothing is played, and nobody is told so
        return iter(())
    return play_versions(plans, counter(progress, like.trials * len(plans)))


def _in_memory(source: str, losses: Losses) -> ComparedRun:
    facts = RunFacts.of(losses)
    return ComparedRun(
        source=source,
        facts=facts,
        side=_side(facts, figures(evidence_of(losses)), _series(losses)),
        config=json.loads(to_json(losses.scenario.document)),
        version=own_version(),
    )


def _series(losses: Losses) -> dict[str, Series]:
    if not losses.scenario.run.is_plain:
        return {}
    return {
        column.name: np.ascontiguousarray(column.values, dtype=np.float64)
        for columns in trial_files(losses.scenario).values()
        for column in columns(losses)
    }


def _side(facts: RunFacts, rows: Any, series: dict[str, Series]) -> Side:
    return Side(
        seed=facts.seed,
        first_trial=facts.first_trial,
        trials=facts.trials,
        horizon_days=facts.horizon_days,
        money=facts.money,
        figures=rows,
        series=series,
    )
