"""`riskengine sweep`: from a config with `[sweep]` to a folder of tables."""

from __future__ import annotations

import click

from riskengine.cli.options import Printed, sweep_options
from riskengine.verbs.requests import SweepRequest


@click.command()
@sweep_options
def sweep(request: SweepRequest, printed: Printed) -> None:
    """Run many versions of a scenario, and see which assumption drives the answer.

    CONFIG is a TOML file with a table [sweep]: which values to vary, over what, and how. All
    versions use the same random draws, so that their differences are precise. An interrupted sweep
    goes on where it was stopped: give the same command again.

    \b
    Example:
      riskengine sweep configs/sweep-korea-stockpiles.toml
      riskengine sweep my-sweep.toml --trials 50_000 --out results/stocks
    """
    from riskengine.cli.answers.sweep import sweep_answer
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.machine.memory import keep_freed_memory
    from riskengine.verbs.sweep import run_sweep

    keep_freed_memory()
    with ProgressBar(wanted=not printed.quiet, remarks=printed.is_for_people) as bar:
        finished = run_sweep(request, bar)
    answer(sweep_answer(finished, printed))
