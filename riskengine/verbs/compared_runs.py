"""The two things to compare: results folders, or configs that are run in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskengine.config import load
from riskengine.errors import UsageFault
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import Series
from riskengine.figures.metrics import figures
from riskengine.figures.pairing import Side
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import prepare
from riskengine.reports.run.headline import RunFacts
from riskengine.store.columns import TRIAL_FILES
from riskengine.store.provenance import own_version
from riskengine.store.results import StoredResults, load_results, to_json
from riskengine.verbs.progress import Watcher, counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Which trials of a config to run; None: as the other side, or the config, has it."""

    trials: int | str | None  #: a text as the command line and configs take it
    seed: int | str | None
    threads: int | None

    @property
    def overrides(self) -> list[str]:
        """As changes to a config, so that the same checks and messages apply."""
        given = (("trials", self.trials), ("seed", self.seed))
        return [f"run.{key}={value}" for key, value in given if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One side, with what a report says about it."""

    source: str  #: path of the folder or config
    facts: RunFacts
    side: Side
    config: dict[str, Any]  #: resolved, as JSON holds it
    version: str  #: of riskengine


def both_sides(
    sources: Sequence[str], sizes: Sizes, progress: Watcher | None = None
) -> list[ComparedRun]:
    """Open results folders and run configs: all are sound before any is run.

    Raises
    ------
    UsageFault
        If sizes are given for results that exist already, or the two have different money.
    ResultsFault
        If a results folder is not complete, or damaged.
    ConfigFault
        If a config is not sound.
    """
    _check_sizes([os.path.isdir(source) for source in sources], sizes)
    opened = [
        load_results(source) if os.path.isdir(source) else load(source, overrides=sizes.overrides)
        for source in sources
    ]
    facts = [_facts(each) for each in opened]
    if facts[0].money != facts[1].money:
        raise UsageFault(
            f"A is in {facts[0].money} and B in {facts[1].money}: amounts in different money "
            "cannot be compared. Bring both configs to the same run.money, amounts included."
        )
    played = _range_to_play(opened, facts)
    return [
        _stored(source, each, about)
        if isinstance(each, StoredResults)
        else _played(source, each, played, sizes, progress)
        for source, each, about in zip(sources, opened, facts, strict=True)
    ]


def _check_sizes(are_folders: Sequence[bool], sizes: Sizes) -> None:
    if all(are_folders) and (sizes.overrides or sizes.threads is not None):
        raise UsageFault(
            "--trials, --seed and --threads are for configs, which are run; A and B are results."
        )
    if any(are_folders) and sizes.seed is not None:
        raise UsageFault("--seed: the config is run with the seed of the results beside it.")


def _range_to_play(opened: Iterable[object], facts: Sequence[RunFacts]) -> RunFacts:
    """Seed and trials of the configs: those of the results beside them, or of A; the fewer."""
    pattern = facts[0]
    for each, about in zip(opened, facts, strict=True):
        if isinstance(each, StoredResults):
            pattern = about
    return replace(pattern, trials=min(about.trials for about in facts))


def _facts(opened: StoredResults | Scenario) -> RunFacts:
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


def _stored(source: str, stored: StoredResults, facts: RunFacts) -> ComparedRun:
    series: dict[str, Series] = {}
    for name in TRIAL_FILES if "sampling" not in stored.manifest else ():
        if name not in stored.manifest["files"]:
            continue  # made before there was this file
        table = stored.table(name)
        for column in table.column_names:
            series[column] = np.ascontiguousarray(table[column].to_numpy(), dtype=np.float64)
    return ComparedRun(
        source=source,
        facts=facts,
        side=_side(facts, stored.figures(), series),
        config=stored.manifest["config"],
        version=stored.manifest["versions"]["riskengine"],
    )


def _played(
    source: str,
    scenario: Scenario,
    like: RunFacts,
    sizes: Sizes,
    progress: Watcher | None,
) -> ComparedRun:
    plan = prepare(
        scenario,
        trials=like.trials,
        seed=like.seed,
        first_trial=like.first_trial,
        threads=sizes.threads,
    )
    losses = plan.play(counter(progress, plan.trials))
    facts = RunFacts.of(losses)
    return ComparedRun(
        source=source,
        facts=facts,
        side=_side(facts, figures(evidence_of(losses)), _series(losses)),
        config=json.loads(to_json(scenario.document)),
        version=own_version(),
    )


def _series(losses: Losses) -> dict[str, Series]:
    if not losses.scenario.run.is_plain:
        return {}
    return {
        column.name: np.ascontiguousarray(column.values, dtype=np.float64)
        for columns in TRIAL_FILES.values()
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
