"""`riskengine backtest`: a suite of cases in, predictions beside what happened out."""

from __future__ import annotations

from pathlib import Path

import click

from riskengine.cli.options import json_option


@click.command()
@click.argument("suite", type=click.Path(), metavar="SUITE")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="NAME",
    help="Play this case only. May be given several times. [default: all]",
)
@click.option(
    "--trials", metavar="N", help="How many futures of each case. [default: as the suite says]"
)
@click.option(
    "--seed", metavar="N", help="Start of the random numbers. [default: as the suite says]"
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processors to use; the results do not depend on it. [default: all]",
)
@click.option(
    "--out", metavar="FOLDER", help="Where the results go. [default: results/<suite>-backtest]"
)
@click.option("--quiet", is_flag=True, help="Print the results folder and nothing else.")
@json_option
@click.option(
    "--excel-csv", is_flag=True, help="Write the CSV files so that Excel opens them directly."
)
def backtest(
    suite: str,
    cases: tuple[str, ...],
    trials: str | None,
    seed: str | None,
    threads: int | None,
    out: str | None,
    **shown: bool,
) -> None:
    """Replay moments of history without hindsight, and score what then happened.

    SUITE is a TOML file, or a folder that holds one. Each case has a config with what was known
    on its day, what then set in, and what was seen afterwards. An input that became known later
    than the case's day is refused. Naive forecasts stand beside the model. Written are
    backtest.csv, summary.csv, scores.csv, skill.csv, copies.csv, backtest.xlsx and backtest.html.

    \b
    Example:
      riskengine backtest configs/backtests
      riskengine backtest configs/backtests/history.toml --case japan-2010 --trials 50_000
    """
    if shown["quiet"] and shown["as_json"]:
        raise click.UsageError("--quiet and --json both say what to print: choose one.")
    from riskengine.backtests.playing import plans, play
    from riskengine.backtests.suites import find_suite, load_suite
    from riskengine.cli.backtesting import backtest_document, backtest_files, backtest_text
    from riskengine.cli.progress import progress_bar
    from riskengine.cli.streams import answer, remark_on_cache, say_time
    from riskengine.store.backtests import backtest_facts, write_backtest
    from riskengine.store.folder import BACKTEST_FORMAT, MARK, claim, mark_of
    from riskengine.store.provenance import Stopwatch

    watch = Stopwatch.start()
    given = (("trials", trials), ("seed", seed))
    changes = tuple(f"run.{key}={value}" for key, value in given if value is not None)
    read = load_suite(suite, cases, changes)
    is_silent = shown["quiet"] or shown["as_json"]
    remark_on_cache(wanted=not is_silent)
    prepared = plans(read, threads)
    folder = Path(out) if out is not None else Path("results") / f"{read.stem}-backtest"
    with claim(folder, BACKTEST_FORMAT, find_suite(suite) if out is None else None) as claimed:
        total = sum(plan.trials for plan in prepared.values())
        say_time(total)
        with progress_bar(total, wanted=not is_silent) as progress:
            made = play(read, prepared, progress)
        mark = mark_of(find_suite(suite), claimed.target)
        recorded = {"threads": threads, "cases": ", ".join(cases) or None, MARK: mark}
        provenance = watch.stop(changes, recorded)
        facts = backtest_facts(made, provenance)
        write_backtest(claimed, backtest_files(made, facts, excel_csv=shown["excel_csv"]), facts)
    if shown["quiet"]:
        answer(str(folder))
    else:
        answer((backtest_document if shown["as_json"] else backtest_text)(made, folder))
