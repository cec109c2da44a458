"""`riskengine compare`: the differences between two results folders or configs."""

from __future__ import annotations

import click

from riskengine.cli.options import json_option, threads_option


@click.command()
@click.argument("a", type=click.Path(), metavar="A")
@click.argument("b", type=click.Path(), metavar="B")
@click.option(
    "--trials",
    metavar="N",
    help="How many trials of a config to run. [default: the fewer of A's and B's]",
)
@click.option(
    "--seed", metavar="N", help="Seed of two configs, the same for both. [default: that of A]"
)
@threads_option
@click.option(
    "--out",
    metavar="FOLDER",
    help="Also write compare.csv, compare.xlsx and compare.html there.",
)
@json_option
@click.option(
    "--excel-csv", is_flag=True, help="Write compare.csv so that Excel opens it directly."
)
def compare(
    a: str,
    b: str,
    trials: str | None,
    seed: str | None,
    threads: int | None,
    out: str | None,
    as_json: bool,
    excel_csv: bool,
) -> None:
    """Compare two runs: every figure, the difference and its interval, and the inputs.

    A and B are results folders, or configs, which are run without keeping their results.
    Differences are B minus A: where one is negative, B loses less. Runs with the same seed share
    their draws; the trials that both have are then compared one by one, which is far more precise.

    \b
    Example:
      riskengine compare results/korea-2026 results/more-stock
      riskengine compare korea.toml more-stock.toml --trials 50_000 --out more-stock
    """
    from riskengine.cli.answers.compare import comparison_answer
    from riskengine.cli.progress import ProgressBar
    from riskengine.cli.streams import answer
    from riskengine.verbs.compare import compare

    with ProgressBar(wanted=not as_json, remarks=not as_json) as bar:
        found = compare(
            a,
            b,
            trials=trials,
            seed=seed,
            threads=threads,
            out=out,
            excel_csv=excel_csv,
            progress=bar,
        )
    answer(comparison_answer(found, as_json=as_json))
