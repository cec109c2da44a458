"""`riskengine calibrate`: a table of past restrictions in, the parameters of a ladder out."""

from __future__ import annotations

import click

from riskengine.cli.options import json_option


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
@click.option("--excel-csv", is_flag=True, help="Write fit.csv so that Excel opens it directly.")
@click.option("--quiet", is_flag=True, help="Print the folder of the results and nothing else.")
@json_option
def calibrate(**given: object) -> None:
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
    from riskengine.cli.calibrating import CalibrateOptions, fit_answer, fit_files
    from riskengine.cli.streams import answer
    from riskengine.fits.calibration import calibrate as fit
    from riskengine.fits.cautions import cautions
    from riskengine.fits.reading import read_episodes
    from riskengine.store.fits import write_fit
    from riskengine.store.folder import FIT_FORMAT, check_place, claim
    from riskengine.store.provenance import Stopwatch

    watch = Stopwatch.start()
    options = CalibrateOptions.of(given)
    request = options.request(watch.today)
    table = read_episodes(options.episodes, watch.today)
    check_place(options.folder, FIT_FORMAT, options.owner)
    found = fit(table, request)
    notices = cautions(found)
    files = fit_files(found, notices, excel_csv=options.excel_csv)
    with claim(options.folder, FIT_FORMAT, options.owner) as claimed:
        write_fit(claimed, files, found.table, notices, watch.stop(options=options.recorded))
    answer(fit_answer(options, found, notices))
