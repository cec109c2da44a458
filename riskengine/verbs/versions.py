"""Versions of a scenario: runs with other values, for the price of what the values change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from riskengine.config.layers.origin import overrides_of
from riskengine.figures.evidence import check_losses
from riskengine.model.flat.distributions import Shelf
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario, check_scenario
from riskengine.play.simulate import prepare
from riskengine.play.versions import play_versions
from riskengine.result import Result
from riskengine.store.provenance import Stopwatch
from riskengine.verbs.progress import Watcher, counter


def versions(
    model: Scenario,
    changes: Iterable[Mapping[str, object]],
    *,
    trials: int | None = None,
    seed: int | None = None,
    first_trial: int = 0,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Iterator[Result]:
    """Run several versions of a scenario over the same trials, with shared draws.

    Versions that differ in stocks, alternatives, sources, industries or uses share the course of
    all disputes, which is played once; a version then costs what it changes. Every version has the
    losses of `simulate(model.with_values(values))`, to the bit.

    Parameters
    ----------
    model : Scenario
        From `riskengine.load`.
    changes : iterable of mapping of str to object
        For each version, values by dotted path, as for `Scenario.with_values`. An empty mapping is
        the scenario itself.
    trials, seed, first_trial, threads
        As for `simulate`.
    progress : callable, optional
        Called with a `ProgressCount`: `done` of the `total` trials of all versions.

    Returns
    -------
    iterator of Result
        One for each version, in order. Series that are the same in two versions may share memory.

    Raises
    ------
    TypeFault
        If `model` is not a scenario.
    ConfigFault
        If the values of a version make no sense; nothing has been played then.
    UsageFault
        If the sizes make no sense or do not fit in memory.
    RunFault
        If a trial cannot be computed or has an impossible loss; it names the trial.

    Examples
    --------
    >>> import riskengine
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> stock = "materials.ndfeb-magnets.stocks.private.days"
    >>> found = riskengine.versions(scenario, [{stock: 39}, {stock: 90}], trials=1000)
    >>> less, more = (result.mean() for result in found)
    >>> more < less
    True
    """
    check_scenario(model)
    watch = Stopwatch.start()
    scenarios = [model.with_values(values) for values in changes]
    shelf = Shelf()
    plans = [
        prepare(
            scenario,
            trials=trials,
            seed=seed,
            first_trial=first_trial,
            threads=threads,
            shelf=shelf,
        )
        for scenario in scenarios
    ]
    played = play_versions(plans, counter(progress, sum(plan.trials for plan in plans)))
    return _results(played, watch, threads)


def _results(played: Iterator[Losses], watch: Stopwatch, threads: int | None) -> Iterator[Result]:
    for losses in played:
        check_losses(losses)
        yield Result(losses, watch.stop(overrides_of(losses.scenario), {"threads": threads}))
