"""The scenarios of a batch, one after the other: what is kept, what is played, what failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from riskengine.batches.batch import ScenarioBatch
from riskengine.batches.loading import LoadedMember
from riskengine.batches.outcome import FAILED, KEPT, PLAYED, MixturePart, ScenarioOutcome
from riskengine.errors import RiskengineError, RunFault
from riskengine.figures.evidence import TOTAL
from riskengine.figures.summary import Summary
from riskengine.model.scenario import Scenario
from riskengine.store.batches import BatchWork, Fingerprints, StoredBatch, played_results
from riskengine.store.results import StoredResults
from riskengine.verbs.jobs.trial_series import TrialSeries
from riskengine.verbs.progress import ProgressCount, Watcher

_MOST_BYTES = 1 << 28  #: of the columns of all scenarios of a mixture at a time
#: plays a scenario into a results folder; gives its figures
Play = Callable[[LoadedMember, Scenario, os.PathLike[str], Watcher | None], Summary]


@dataclass(slots=True, kw_only=True, eq=False)
class BatchJob:
    """The scenarios of a batch that are ready to be played."""

    batch: ScenarioBatch
    loaded: Sequence[LoadedMember]
    work: BatchWork
    earlier: StoredBatch | None  #: what is in the folder of the batch
    excel_csv: bool
    outcomes: dict[str, ScenarioOutcome] = field(default_factory=dict)  #: by name, once known
    results: dict[str, StoredResults] = field(default_factory=dict)  #: of what did not fail
    prints: dict[str, str] = field(default_factory=dict)  #: fingerprints of what could be loaded

    def find(self) -> None:
        """Note what could not be loaded, and find the results that still hold."""
        fingerprints = Fingerprints(excel_csv=self.excel_csv)
        for each in self.loaded:
            name = each.member.name
            if each.scenario is None:
                self._fail(each, each.message)
                continue
            self.prints[name] = fingerprints.of(each.scenario)
            stored = self.work.kept(name, self.prints[name])
            if stored is None and self.earlier is not None:
                stored = self.earlier.kept(name, self.prints[name])
            if stored is not None:
                summary = Summary(
                    figures=stored.figures(),
                    curves=stored.curves(),
                    percentiles=stored.percentiles(),
                    histogram=stored.histogram(),
                    notices=stored.notices(),
                )
                self._finish(each, KEPT, stored, summary)

    def play(self, play: Play, progress: Watcher | None = None) -> None:
        """Play the scenarios that remain; one that fails does not keep the others from it.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; it says how many scenarios are kept.
        RunFault
            If something cannot be written. What is finished is kept.
        """
        remaining = [each for each in self.loaded if each.member.name not in self.outcomes]
        told = _Told(progress, remaining)
        for each in remaining:
            try:
                self._play(each, play, told.of(each))
            except KeyboardInterrupt:
                raise KeyboardInterrupt(
                    f"{self.work.count():,} of {len(self.loaded):,} scenarios are finished and "
                    "kept; the same command goes on from there."
                ) from None
            told.finish(each)

    def in_order(self) -> tuple[ScenarioOutcome, ...]:
        """The outcomes of all scenarios, in the order of the batch."""
        return tuple(self.outcomes[each.member.name] for each in self.loaded)

    def mixture_parts(self) -> list[MixturePart]:
        """What the trials of all scenarios lost; empty without weights, or if one failed."""
        if not self.batch.is_weighted or len(self.results) < len(self.loaded):
            return []
        most = _MOST_BYTES // len(self.loaded)
        return [
            MixturePart(
                name=member.name,
                weight=member.weight or 0.0,
                scenario=self.results[member.name].scenario,
                series=TrialSeries(self.results[member.name], most),
            )
            for member in self.batch.members
        ]

    def _play(self, each: LoadedMember, play: Play, progress: Watcher | None) -> None:
        name, scenario = each.member.name, each.scenario
        assert scenario is not None  # noqa: S101
        self.work.plan(name, self.prints[name])
        place = self.work.place(name)
        try:
            summary = play(each, scenario, place, progress)
        except RunFault as error:
            if isinstance(error.__cause__, OSError):
                raise  # the next one could not be written either
            self._fail(each, str(error))
        except RiskengineError as error:
            self._fail(each, str(error))
        else:
            self._finish(each, PLAYED, played_results(place, scenario), summary)

    def _finish(
        self, each: LoadedMember, status: str, stored: StoredResults, summary: Summary
    ) -> None:
        self.results[each.member.name] = stored
        self.outcomes[each.member.name] = self._outcome(each, status, summary=summary)

    def _fail(self, each: LoadedMember, message: str) -> None:
        self.outcomes[each.member.name] = self._outcome(each, FAILED, message=message)

    def _outcome(
        self,
        each: LoadedMember,
        status: str,
        message: str = "",
        summary: Summary | None = None,
    ) -> ScenarioOutcome:
        member, run = each.member, each.scenario.run if each.scenario else None
        return ScenarioOutcome(
            name=member.name,
            status=status,
            config=member.shown,
            overrides=each.overrides,
            weight=member.weight,
            note=member.note,
            source=member.source,
            message=message,
            title=run.title if run else "",
            trials=run.trials if run else None,
            seed=run.seed if run else None,
            horizon_days=run.horizon_days if run else None,
            money=run.money if run else "",
            figures=tuple(summary.figures) if summary else (),
            curves=tuple(row for row in summary.curves if row.scope == TOTAL) if summary else (),
            notices=tuple(summary.notices) if summary else (),
        )


class _Told:
    """Passes the progress of one scenario after the other on as that of all of them."""

    def __init__(self, watcher: Watcher | None, remaining: Sequence[LoadedMember]) -> None:
        self._watcher = watcher
        self._trials = [each.scenario.run.trials for each in remaining if each.scenario]
        self._names = [each.member.name for each in remaining]
        self._done = 0
        if watcher is not None:
            watcher(self._count(0, ""))

    def of(self, each: LoadedMember) -> Watcher | None:
        """The watcher of one scenario."""
        if self._watcher is None:
            return None
        before, name = self._done, each.member.name
        place = f"{name} ({self._names.index(name) + 1} of {len(self._names)})"

        def watch(count: ProgressCount) -> None:
            if count.done > 0 and self._watcher is not None:
                self._watcher(self._count(before + count.done, place))

        return watch

    def finish(self, each: LoadedMember) -> None:
        """Count all trials of a scenario, whether it failed or not."""
        self._done += each.scenario.run.trials if each.scenario else 0

    def _count(self, done: int, name: str) -> ProgressCount:
        total = sum(self._trials)
        return ProgressCount(done, total, trials=total, name=name)
