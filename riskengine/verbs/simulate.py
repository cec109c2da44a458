"""A simulation: from a scenario to a result."""

from __future__ import annotations

import os

from riskengine.config.layers.origin import overrides_of
from riskengine.figures.evidence import check_losses
from riskengine.model.scenario import Scenario, check_scenario
from riskengine.play.simulate import prepare
from riskengine.result import Result
from riskengine.store.folder import check_place
from riskengine.store.provenance import Stopwatch
from riskengine.verbs.progress import Watcher, counter


def simulate(
    model: Scenario,
    *,
    trials: int | None = None,
    seed: int | None = None,
    first_trial: int = 0,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Watcher | None = None,
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    model : Scenario
        From `riskengine.load`.
    trials, seed : int, optional
        Values in place of those of the scenario.
    first_trial : int
        Number of the first trial; a range of trials has the same losses as within a larger range.
    threads : int, optional
        How many processors to use; all if left out. The losses do not depend on it.
    out : path, optional
        Folder of the results, as `Result.save` writes it. Without it nothing is written.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of `total` trials.

    Returns
    -------
    Result
        Data frames with one row per trial, figures with their intervals, plots.

    Raises
    ------
    TypeFault
        If `model` is not a scenario, for example the path of one.
    UsageFault
        If the sizes make no sense or do not fit in memory, or something else is at the path of the
        folder.
    RunFault
        If a trial cannot be computed or has an impossible loss; it names the trial. If the folder
        cannot be written; what was there before stays intact.

    Examples
    --------
    >>> import riskengine
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> result = riskengine.simulate(scenario, trials=1000, seed=1)
    >>> len(result.losses), result.tvar(0.99) > result.var(0.99) > result.mean() > 0.0
    (1000, True)
    """
    check_scenario(model)
    if out is not None:
        check_place(out)
    watch = Stopwatch.start()
    plan = prepare(model, trials=trials, seed=seed, first_trial=first_trial, threads=threads)
    losses = plan.play(counter(progress, plan.trials))
    check_losses(losses)
    result = Result(losses, watch.stop(overrides_of(model), {"threads": threads}))
    if out is not None:
        result.save(out)
    return result
