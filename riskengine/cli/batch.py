"""`riskengine batch`: from many configs to one table, one workbook, one page."""

from __future__ import annotations

import click

from riskengine.cli.options import Printed, batch_options
from riskengine.verbs.requests import BatchRequest


@click.command()
@batch_options
def batch(request: BatchRequest, printed: Printed) -> int:
    """Run many scenarios in one go, for example at the end of a month.

    BATCH is a TOML file with a table [batch], which names the scenarios and what they change; or a
    folder, of which every config is run; or several configs. Each scenario gets a results folder,
    and batch.csv, batch.xlsx and batch.html show all of them side by side. A scenario that fails
    has a row that says why, and the others go on: the command then ends with code 1. Scenarios that
    are finished and unchanged are not run again.

    \b
    Example:
      riskengine batch configs/batch-2026.toml
      riskengine batch korea.toml japan.toml --trials 50_000 --out results/both
      riskengine batch month-end/ --previous results/2026-10-batch
    """
    from riskengine.cli.answers.batch import batch_answer
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.machine.memory import keep_freed_memory
    from riskengine.verbs.batch import run_batch

    keep_freed_memory()
    with ProgressBar(
        wanted=not printed.quiet, remarks=printed.is_for_people, keeps_rows=True
    ) as bar:
        finished = run_batch(request, bar)
    answer(batch_answer(finished, printed))
    return 1 if finished.outcome.failed else 0
