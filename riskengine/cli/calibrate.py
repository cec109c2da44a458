"""`riskengine calibrate`: fits the parameters of a ladder to a table of past restrictions."""

from __future__ import annotations

from typing import Any

import click

from riskengine.cli.options import Printed, json_option, language_option


@click.command()
@click.argument("episodes", type=click.Path(), metavar="EPISODES")
@click.option(
    "--by",
    metavar="COLUMN[,COLUMN]",
    help="Also fit each value of a column, such as instrument; of two columns, each pair.",
)
@click.option(
    "--quantity",
    type=click.Choice(["sojourn", "flow"]),
    default="sojourn",
    show_default=True,
    help="sojourn: how long the restriction was in force. flow: how long the flow was near zero, "
    "and how long it stayed slow after that.",
)
@click.option(
    "--family",
    type=click.Choice(["exponential", "weibull", "lognormal", "gamma", "loglogistic"]),
    help="Fit this family only. [default: all, ranked]",
)
@click.option(
    "--as-of",
    metavar="DATE",
    help="Use only what was known on this date, for example 2023-08-01: later episodes are "
    "dropped, later ends not yet known.",
)
@click.option(
    "--out", metavar="FOLDER", help="Where the results go. [default: results/<table name>-fit]"
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**63 - 1),
    default=1,
    show_default=True,
    metavar="N",
    help="Start of the random numbers behind the intervals: the same seed, the same intervals.",
)
@language_option()
@click.option("--excel-csv", is_flag=True, help="Write fit.csv so that Excel opens it directly.")
@click.option("--quiet", is_flag=True, help="Print the folder of the results and nothing else.")
@json_option
def calibrate(
    episodes: str,
    out: str | None,
    language: str | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Turn a table of past export restrictions into durations, rates and chances.

    EPISODES is a CSV or XLSX table (book.xlsx#Sheet names a sheet), one row an episode, with the
    columns start_date, end_date and censored, or duration_days and censored. The results are
    fit.toml, which a config can extend, fit.csv, fit.xlsx and fit.html. Episodes still in force
    count for what they have lasted so far.

    \b
    Example:
      riskengine calibrate configs/history/episodes.csv --quantity flow
      riskengine calibrate configs/history/episodes.csv --by instrument --as-of 2024-12-31
    """
    printed = Printed(quiet=quiet, as_json=as_json)
    from riskengine.cli.answers.calibrate import calibration_answer
    from riskengine.cli.streams import answer
    from riskengine.language.speaking import speaking
    from riskengine.verbs.calibrate import calibrate, usual_place

    place = out if out is not None else usual_place(episodes)
    with speaking(language):
        made = calibrate(episodes, out=place, **asked)
    answer(calibration_answer(made, printed))
