"""`riskengine sweep`: config with `[sweep]` in, folder of tables out."""

from __future__ import annotations

import click

from riskengine.cli.options import SweepOptions, sweep_options


@click.command()
@sweep_options
def sweep(options: SweepOptions) -> None:
    """Run many versions of a scenario, and see which assumption drives the answer.

    CONFIG is a TOML file with a table [sweep]: which values to vary, over what, and how. All
    versions play the same futures, so that their differences are sharp. An interrupted sweep goes
    on where it was stopped: give the same command again.

    \b
    Example:
      riskengine sweep configs/sweep-korea-stockpiles.toml
      riskengine sweep my-sweep.toml --trials 50_000 --out results/stocks
    """
    from riskengine.cli.players import players_of_points
    from riskengine.cli.progress import progress_bar
    from riskengine.cli.streams import answer, remark_on_cache, say_time
    from riskengine.cli.sweeps import sweep_answer
    from riskengine.config import load_sweep
    from riskengine.play.simulate import prepare
    from riskengine.store.folder import SWEEP_FORMAT, claim
    from riskengine.store.provenance import Stopwatch
    from riskengine.sweeping import open_course, save_sweep, tables_of

    watch = Stopwatch.start()
    config = load_sweep(options.config, options.overrides)
    remark_on_cache(wanted=not (options.quiet or options.as_json))
    folder, owner = options.folder(config.scenario.stem), options.owner
    base = prepare(config.scenario, threads=options.threads)
    with (
        players_of_points(options, base) as players,
        claim(folder, SWEEP_FORMAT, owner) as claimed,
    ):
        course = open_course(config, claimed, threads=options.threads, restart=options.restart)
        say_time(base.trials * len(course.remaining))
        bar = progress_bar(len(course.remaining), wanted=not options.quiet, unit="points")
        with bar as progress:
            course.play(progress, players)
        tables = tables_of(course)
        provenance = watch.stop(options.overrides, options.recorded(claimed.target))
        save_sweep(course, tables, claimed, provenance, excel_csv=options.excel_csv)
    answer(sweep_answer(options, tables, folder))
