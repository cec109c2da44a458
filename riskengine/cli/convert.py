"""`riskengine convert`: a config as a workbook or as a TOML file."""

from __future__ import annotations

import click


@click.command()
@click.argument("source", type=click.Path(), metavar="A")
@click.argument("target", type=click.Path(), metavar="B")
@click.option("--force", is_flag=True, help="Replace B if it is there already.")
def convert(source: str, target: str, force: bool) -> None:
    """Write a config as a workbook or as a TOML file.

    A is a config (.toml or .xlsx) or a results folder, whose config is taken. The ending of B,
    .toml or .xlsx, says what is written. B reads back to the same scenario, to the last digit, with
    its notes and sources. What A extends and the tables it names stand in B itself; only what comes
    with riskengine stays extended. Comments of TOML files are lost.

    \b
    Example:
      riskengine convert korea.toml korea.xlsx
      riskengine convert results/korea korea-as-run.toml
    """
    from riskengine.cli.answers.convert import conversion_answer
    from riskengine.cli.streams import answer
    from riskengine.verbs.convert import convert as converted

    answer(conversion_answer(converted(source, target, force=force)))
