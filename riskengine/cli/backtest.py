"""`riskengine backtest`: compares predictions for a suite of cases with what happened."""

from __future__ import annotations

import click

from riskengine.cli.options import (
    Printed,
    excel_option,
    json_option,
    language_option,
    threads_option,
)


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
    "--trials", metavar="N", help="How many trials of each case. [default: as the suite says]"
)
@click.option(
    "--seed", metavar="N", help="Start of the random numbers. [default: as the suite says]"
)
@threads_option
@click.option(
    "--out", metavar="FOLDER", help="Where the results go. [default: results/<suite>-backtest]"
)
@language_option()
@click.option("--quiet", is_flag=True, help="Print the results folder and nothing else.")
@json_option
@excel_option
def backtest(
    suite: str,
    cases: tuple[str, ...],
    trials: str | None,
    seed: str | None,
    threads: int | None,
    out: str | None,
    language: str | None,
    excel_csv: bool,
    **forms: bool,
) -> None:
    """Replay moments of history without hindsight, and score what then happened.

    SUITE is a TOML file, or a folder that holds one. Each case has a config with what was known
    on its day, the events that followed, and what was seen afterwards. An input that became known
    later than the case's day is refused. Naive forecasts are scored as well, for comparison. The
    results are backtest.csv, summary.csv, scores.csv, skill.csv, copies.csv, backtest.xlsx and
    backtest.html.

    \b
    Example:
      riskengine backtest configs/backtests
      riskengine backtest configs/backtests/history.toml --case japan-2010 --trials 50_000
    """
    printed = Printed(**forms)
    from riskengine.cli.answers.backtest import backtest_answer
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.language.speaking import speaking
    from riskengine.verbs.backtest import backtest, usual_place

    bar = ProgressBar(wanted=printed.is_for_people, remarks=printed.is_for_people)
    with bar as progress, speaking(language):
        finished = backtest(
            suite,
            cases=cases,
            trials=trials,
            seed=seed,
            threads=threads,
            out=out if out is not None else usual_place(suite),
            excel_csv=excel_csv,
            progress=progress,
        )
    answer(backtest_answer(finished, printed))
