"""`riskengine mitigate`: from a config with `[mitigation]` to what to buy with a budget."""

from __future__ import annotations

import click

from riskengine.cli.options import Printed, mitigate_options
from riskengine.verbs.requests import MitigateRequest


@click.command()
@mitigate_options
def mitigate(request: MitigateRequest, printed: Printed) -> None:
    """Find what to buy with a budget: stocks, plants, contracts and rules.

    CONFIG is a TOML file with a table [mitigation]: options with their costs, and budgets. All
    portfolios play the same trials, and what is shown comes from further trials that had no part in
    the choice. An interrupted study goes on where it was stopped: give the same command again.

    \b
    Example:
      riskengine mitigate configs/mitigation-korea-2026.toml
      riskengine mitigate my-options.toml --trials 50_000 --out results/what-to-buy
      riskengine mitigate my-options.toml --write "stock + plant" stock-and-plant.toml
    """
    from riskengine.cli.answers.mitigate import mitigation_answer, written_answer
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.machine.memory import keep_freed_memory
    from riskengine.verbs.mitigate import run_mitigation, write_portfolio

    if request.write is not None:
        answer(written_answer(write_portfolio(request), printed))
        return
    keep_freed_memory()
    with ProgressBar(wanted=not printed.quiet, remarks=printed.is_for_people) as bar:
        finished = run_mitigation(request, bar)
    answer(mitigation_answer(finished.tables, finished.folder, printed))
