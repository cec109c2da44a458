"""`riskengine compare`: two results folders or configs in, their differences out."""

from __future__ import annotations

from pathlib import Path

import click

from riskengine.cli.options import json_option


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
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processors to use; the results do not depend on it. [default: all]",
)
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
    their draws; the trials that both have are then compared one by one, which is far sharper.

    \b
    Example:
      riskengine compare results/korea-2026 results/more-stock
      riskengine compare korea.toml more-stock.toml --trials 50_000 --out more-stock
    """
    from riskengine.cli.comparing import comparison_files, comparison_text, made_comparison
    from riskengine.cli.derived import put_files, refuse_results_folder
    from riskengine.cli.sides import Sizes, both_sides
    from riskengine.cli.streams import answer

    if out is not None:
        refuse_results_folder(Path(out), "a comparison")
    sides = both_sides((a, b), Sizes(trials=trials, seed=seed, threads=threads, quiet=as_json))
    comparison = made_comparison(*sides)
    written = []
    if out is not None:
        written = put_files(Path(out), comparison_files(comparison, excel_csv=excel_csv))
    answer(comparison_text(comparison, written, as_json=as_json))
