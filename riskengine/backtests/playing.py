"""Simulates a suite case by case and scores every outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from riskengine.backtests.cases import Case, Suite
from riskengine.backtests.inside import Inside, Key, read_inside
from riskengine.backtests.quantities import Quantity, entities, read_quantity, series
from riskengine.backtests.scoring import Coverage, Score, calibration, score
from riskengine.backtests.skill import Rating, Skill, rate, skills
from riskengine.model.losses import Losses
from riskengine.play.simulate import Plan, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A suite with its scored predictions: everything that reports and files show."""

    suite: Suite
    trials: int
    seed: int
    scores: list[Score]
    calibration: list[Coverage]
    ratings: list[Rating]
    skills: list[Skill]

    @property
    def misses(self) -> list[Score]:
        """Outcomes outside the 90 % interval."""
        return [each for each in self.scores if each.inside_90 == "no"]


def plans(suite: Suite, threads: int | None = None) -> dict[str, Plan]:
    """Plan every case, so that one that cannot run is refused before any case is simulated.

    Raises
    ------
    UsageFault
        If the trials would not fit into memory.
    """
    return {name: prepare(case.scenario, threads=threads) for name, case in suite.cases.items()}


def play(
    suite: Suite, prepared: dict[str, Plan], progress: Callable[[int], None] | None = None
) -> Backtest:
    """Simulate every case and score its outcomes.

    Parameters
    ----------
    suite : Suite
    prepared : dict
        From `plans`.
    progress : callable, optional
        Called with the number of trials finished so far, over all cases.

    Raises
    ------
    RunFault
        If a trial cannot be computed.
    """
    scores: list[Score] = []
    ratings: list[Rating] = []
    done = 0

    def report(of_case: int) -> None:
        if progress is not None:
            progress(done + of_case)

    for name, plan in prepared.items():
        losses = plan.play(report)
        for scored, rated in _scored(suite.cases[name], losses):
            scores.append(scored)
            ratings += rated
        done += plan.trials
    first = next(iter(prepared.values()))
    return Backtest(
        suite=suite,
        trials=first.trials,
        seed=first.seed,
        scores=scores,
        calibration=calibration(scores),
        ratings=ratings,
        skills=skills(ratings),
    )


def _scored(case: Case, losses: Losses) -> Iterator[tuple[Score, list[Rating]]]:
    """Every outcome compared with the predictions; published estimates are not rated."""
    quantities = {
        name: read_quantity(outcome.quantity, case.scenario)
        for name, outcome in case.outcomes.items()
    }
    inside = _inside(losses, quantities.values())
    for name, outcome in case.outcomes.items():
        values = series(quantities[name], losses, inside, case.gdp)
        scored = score(case, outcome, quantities[name], values)
        is_rated = outcome.is_observed
        yield (
            scored,
            list(rate(case, outcome, quantities[name], values, scored)) if is_rated else [],
        )


def _inside(losses: Losses, quantities: Iterable[Quantity]) -> Inside | None:
    names = entities(losses.scenario)
    wanted: dict[Key, None] = {}
    for quantity in quantities:
        if quantity.is_inside:
            index = names[quantity.scope].index(quantity.name)
            wanted[quantity.scope, index, quantity.key] = None
    return read_inside(losses, wanted) if wanted else None
