"""`riskengine new`: a case to begin with."""

from __future__ import annotations

import click


@click.command()
@click.argument("folder", type=click.Path(), metavar="FOLDER", required=False)
@click.option(
    "--case",
    metavar="NAME",
    default="minimal",
    show_default=True,
    help="Which case: --list tells them all.",
)
@click.option(
    "--xlsx", is_flag=True, help="Write a workbook, to be edited in Excel, in place of text files."
)
@click.option("--list", "wants_list", is_flag=True, help="Say which cases there are, and stop.")
def new(folder: str | None, case: str, xlsx: bool, wants_list: bool) -> None:
    """Write a case to begin with into FOLDER, ready to run and to change.

    FOLDER is new or empty. It gets one config: a text file with the tables of the case beside it,
    or with --xlsx a workbook that holds all of it.

    \b
    Example:
      riskengine new mine --case company --xlsx
      riskengine new --list
    """
    from riskengine.cli.answers.new import case_list, new_answer
    from riskengine.cli.streams import answer

    if wants_list:
        answer(case_list())
        return
    if folder is None:
        raise click.UsageError("Missing argument 'FOLDER': say where the case goes, or --list.")
    from riskengine.verbs import new as verb

    answer(new_answer(verb.new(folder, case, workbook=xlsx), verb.find_case(case)))
