"""`riskengine run`: from a config to a results folder."""

from __future__ import annotations

import click

from riskengine.cli.options import Printed, run_options
from riskengine.verbs.requests import RunRequest


@click.command()
@run_options
def run(request: RunRequest, printed: Printed) -> None:
    """Run one scenario and write its results folder.

    CONFIG is a TOML file. The folder appears whole or not at all; results of an earlier run in
    it are replaced only when the new ones are complete.

    \b
    Example:
      riskengine run korea.toml --trials 200_000 --seed 7
      riskengine run korea.toml --out results/more-stock \\
          --set materials.gallium.stocks.public.days=180
    """
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.machine.memory import keep_freed_memory
    from riskengine.verbs.run import run

    keep_freed_memory()
    keeps_rows = request.keep == "all"
    with ProgressBar(
        wanted=not printed.quiet, remarks=printed.is_for_people, keeps_rows=keeps_rows
    ) as bar:
        finished = run(request, bar)
    from riskengine.cli.answers.run import run_answer  # loads what the workbook has loaded

    answer(run_answer(finished, printed))
