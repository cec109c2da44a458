"""A run that does not keep trials in memory: a fixed number, or as many as a target error needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from riskengine.errors import UsageFault
from riskengine.figures.evidence import TOTAL
from riskengine.figures.measure import FigureAddress, Measure
from riskengine.figures.summary import Summary
from riskengine.figures.sums import SumEvidence
from riskengine.figures.wording import called_figures, figure_called, in_sentence
from riskengine.measures.estimate import Estimate
from riskengine.measures.stopping import doublings, relative_error
from riskengine.model.confidence import detail_level, level_number
from riskengine.model.scenario import RunSettings
from riskengine.play.simulate import Plan, Progress
from riskengine.play.stream import BLOCK_TRIALS, Playing, worst_losses
from riskengine.replayed import replayed_files
from riskengine.reports.run.stored import MOST_ROWS
from riskengine.store.folder import WORKBOOK, Claim
from riskengine.store.provenance import Stopwatch
from riskengine.store.results import write_stream
from riskengine.store.streams import TrialFiles
from riskengine.verbs.requests import RunRequest

TAIL_ROWS = 20_000  #: trials with the largest losses that `--keep tail` keeps


def aimed(request: RunRequest, levels: Sequence[float]) -> RunRequest:
    """The request with the figure that `target_error` applies to, if there is one.

    Parameters
    ----------
    request : RunRequest
    levels : sequence of float
        Confidence levels of the run.

    Raises
    ------
    UsageFault
        If the run has no such figure.
    """
    if request.target_error is None:
        return request
    word = (request.measure or f"tvar{level_number(detail_level(levels))}").lower()
    if figure_called(word, levels) is None:
        raise UsageFault(
            f"--measure {request.measure}: a run has no such figure. Say {called_figures(levels)}; "
            "run.levels in the config sets the levels of a run."
        )
    return replace(request, measure=word)


def is_streamed(request: RunRequest, run: RunSettings) -> bool:
    """Whether a run is simulated block by block.

    This depends on the request and never on the machine, because the figures of the two ways differ
    in their last bits. Trials that are not a plain sample all stay in memory, because their weights
    are not counts.

    Raises
    ------
    UsageFault
        If the request needs blocks but the trials are not a plain sample.
    """
    asked = {
        "--keep": request.keep != "all",
        "--target-error": request.target_error is not None,
    }
    if run.is_plain:
        return any(asked.values()) or run.trials > MOST_ROWS
    for option, is_asked in asked.items():
        if is_asked:
            raise UsageFault(
                f"{option}: a run with run.sampling, run.tilt or run.given_onset keeps all of its "
                f"trials in memory; it needs far fewer of them. Leave out {option}, or play plain "
                f"trials: {_as_plain(run)}"
            )
    return False


def _as_plain(run: RunSettings) -> str:
    """The options that turn the trials of a run into a plain sample."""
    changes = {
        "run.sampling=random": run.sampling != "random",
        "run.given_onset=false": run.given_onset,
        "run.tilt=0": run.tilt != 0.0,
    }
    return " ".join(f"--set {change}" for change, is_needed in changes.items() if is_needed)


@dataclass(frozen=True, slots=True)
class StreamedRun:
    """A streamed run that is ready to start."""

    request: RunRequest
    plan: Plan
    stream: Playing
    watch: Stopwatch
    progress: Progress | None  #: called with the number of trials finished so far

    def write(self, claimed: Claim) -> tuple[SumEvidence, Summary]:
        """Simulate the trials, and write the results folder at the same time."""
        from riskengine.reports.run.workbook import workbook

        request = self.request
        evidence, summary = write_stream(
            claimed,
            self._play,
            lambda: self.watch.stop(request.overrides, request.recorded(claimed.target)),
            keep=request.keep,
            excel_csv=request.excel_csv,
            further=partial(replayed_files, excel_csv=request.excel_csv, model=self.plan.model),
            derived={WORKBOOK: workbook},
        )
        return evidence, summary

    def reached(self, evidence: SumEvidence) -> str:
        """Whether the target error was reached, in words; empty if there was no target."""
        target = self.request.target_error
        if target is None:
            return ""
        figure = self._figure(evidence)
        error = relative_error(figure)
        wanted = f"{100.0 * target:g} % for {_words(*self._aim)}"
        played = f"{evidence.trials:,} trial{'' if evidence.trials == 1 else 's'}"
        if figure.value == 0.0:
            return f"Wanted ±{wanted}, which is 0 after {played}: no error is a share of that."
        found = f"±{100.0 * error:.3g} %" if np.isfinite(error) else "no interval"
        if error <= target:
            return f"Wanted ±{wanted}: {found} after {played}."
        return f"Wanted ±{wanted}, which {played} cannot reach: {found}. Allow more with --trials."

    @property
    def _aim(self) -> tuple[Measure, float | None]:
        levels = self.plan.scenario.run.levels
        found = figure_called(self.request.measure or "", levels)
        if found is None:
            raise LookupError(self.request.measure)  # cannot happen: `aimed` has refused it
        return found

    def _figure(self, evidence: SumEvidence) -> Estimate:
        """The figure that has to reach the target error."""
        measure, level = self._aim
        return measure.of(evidence, FigureAddress(TOTAL, 0, level=level))

    def _play(self, rows: TrialFiles) -> SumEvidence:
        request = self.request
        seen = rows.add if request.keep == "all" else None
        for trials in self._looks():
            self.stream.play(trials, seen, self.progress)
            evidence = self.stream.evidence()
            if self._is_enough(evidence):
                break
        if request.keep == "tail":
            self._keep_tail(rows, evidence)
        return evidence

    def _looks(self) -> list[int]:
        if self.request.target_error is None:
            return [self.plan.trials]
        return list(doublings(BLOCK_TRIALS, self.plan.trials))

    def _is_enough(self, evidence: SumEvidence) -> bool:
        target = self.request.target_error
        if target is None:
            return False
        return relative_error(self._figure(evidence)) <= target

    def _keep_tail(self, rows: TrialFiles, evidence: SumEvidence) -> None:
        trials = np.sort(evidence.worst.trials[:TAIL_ROWS])
        start = 0
        for losses in worst_losses(self.plan, trials):
            rows.add(losses, trials[start : start + losses.trials])
            start += losses.trials


def _words(measure: Measure, level: float | None) -> str:
    words = in_sentence(measure.name, level)
    return words if level is not None else f"the {words}"
