"""`riskengine run`: config in, results folder out."""

from __future__ import annotations

import click

from riskengine.cli.options import RunOptions, run_options


@click.command()
@run_options
def run(options: RunOptions) -> None:
    """Run one scenario and write its results folder.

    CONFIG is a TOML file. The folder appears whole or not at all; results of an earlier run in
    it are replaced only when the new ones are complete.

    \b
    Example:
      riskengine run korea.toml --trials 200_000 --seed 7
      riskengine run korea.toml --out results/more-stock \\
          --set materials.gallium.stocks.public.days=180
    """
    from riskengine.cli.answers import run_answer
    from riskengine.cli.progress import progress_bar
    from riskengine.cli.streams import answer
    from riskengine.companions import companions
    from riskengine.config import load
    from riskengine.report.workbook import workbook
    from riskengine.simulation import prepare
    from riskengine.store.folder import WORKBOOK, claim
    from riskengine.store.provenance import Stopwatch
    from riskengine.store.results import summarise, write_results

    watch = Stopwatch.start()
    scenario = load(options.config, overrides=options.overrides)
    plan = prepare(scenario, first_trial=options.first_trial, threads=options.threads)
    folder = options.folder(scenario.stem)
    with claim(folder) as claimed:
        with progress_bar(plan.trials, wanted=not options.quiet) as progress:
            losses = plan.play(progress)
        summary = summarise(losses)
        provenance = watch.stop(options.overrides, options.recorded)
        write_results(
            claimed,
            losses,
            summary,
            provenance,
            excel_csv=options.excel_csv,
            further=companions(losses, excel_csv=options.excel_csv),
            derived={WORKBOOK: workbook},
        )
    answer(run_answer(options, losses, summary, folder))
