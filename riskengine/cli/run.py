"""`riskengine run`: config in, results folder out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riskengine.cli.options import RunOptions, run_options

if TYPE_CHECKING:
    from riskengine.cli.players import PlayRows
    from riskengine.model.losses import Losses
    from riskengine.play.simulate import Plan
    from riskengine.store.folder import Claim
    from riskengine.store.provenance import Stopwatch
    from riskengine.store.results import Summary


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
    from riskengine.cli.players import players_of_rows, players_of_stream, rows_here
    from riskengine.cli.streamed import Streamed, is_streamed
    from riskengine.cli.streams import answer, remark_on_cache, say_time
    from riskengine.config import load
    from riskengine.play.simulate import prepare
    from riskengine.store.folder import claim
    from riskengine.store.provenance import Stopwatch

    watch = Stopwatch.start()
    scenario = load(options.config, overrides=options.overrides)
    remark_on_cache(wanted=not (options.quiet or options.as_json))
    streams = is_streamed(options, scenario.run)
    plan = prepare(
        scenario,
        first_trial=options.first_trial,
        threads=options.threads,
        rows_at_once=rows_here(options) if streams else None,
    )
    say_time(plan.trials, keeps_rows=options.keep == "all")
    folder, owner = options.folder(scenario.stem), options.owner
    if streams:
        with (
            players_of_stream(options, plan) as stream,
            claim(folder, owner=owner) as claimed,
        ):
            streamed = Streamed(options, plan, stream, watch)
            evidence, summary = streamed.write(claimed)
        answer(run_answer(options, evidence, summary, folder, streamed.reached(evidence)))
    else:
        with players_of_rows(options, plan) as play, claim(folder, owner=owner) as claimed:
            losses, summary = _in_memory(options, plan, play, watch, claimed)
        answer(run_answer(options, losses, summary, folder))


def _in_memory(
    options: RunOptions, plan: Plan, play: PlayRows, watch: Stopwatch, claimed: Claim
) -> tuple[Losses, Summary]:
    """Play all trials, then write them."""
    from riskengine.cli.progress import progress_bar
    from riskengine.companions import companions
    from riskengine.reports.run.workbook import workbook
    from riskengine.store.folder import WORKBOOK
    from riskengine.store.results import summarise, write_results

    with progress_bar(plan.trials, wanted=not options.quiet) as progress:
        losses = play(progress)
    summary = summarise(losses)
    write_results(
        claimed,
        losses,
        summary,
        watch.stop(options.overrides, options.recorded(claimed.target)),
        excel_csv=options.excel_csv,
        further=companions(losses, excel_csv=options.excel_csv),
        derived={WORKBOOK: workbook},
    )
    return losses, summary
