"""`riskengine new`: a case to begin with, or a scenario for any importer."""

from __future__ import annotations

from typing import Any

import click

_WITH_IMPORTER = ("coercer", "materials", "like", "trade")  #: options that need --importer


@click.command()
@click.argument("folder", type=click.Path(), metavar="FOLDER", required=False)
@click.argument("files", type=click.Path(), metavar="[FILE]...", nargs=-1)
@click.option(
    "--case", metavar="NAME", help="Which case: --list tells them all. [default: minimal]"
)
@click.option(
    "--importer",
    metavar="NAME",
    help="Write a scenario for this economy from trade data, such as Germany or DEU.",
)
@click.option("--coercer", metavar="NAME", help="Who cuts the importer off. [default: China]")
@click.option(
    "--materials", metavar="A,B", help="These materials only, or commodities of the trade tables."
)
@click.option(
    "--like",
    metavar="CASE",
    help="korea or japan: borrow from it what trade data cannot tell. [default: the importer's own "
    "case, else korea]",
)
@click.option("--trade", metavar="FOLDER", help="Use trade tables that --update-trade has made.")
@click.option(
    "--xlsx", is_flag=True, help="Write a workbook, to be edited in Excel, in place of text files."
)
@click.option("--list", "wants_list", is_flag=True, help="Say which cases there are, and stop.")
@click.option(
    "--update-trade",
    "updates",
    is_flag=True,
    help="Make trade tables in FOLDER from FILEs of the public trade database BACI, one a year.",
)
def new(folder: str | None, files: tuple[str, ...], **given: Any) -> None:
    """Write a case to begin with into FOLDER, ready to run and to change.

    FOLDER is new or empty. It gets one config: a text file with the tables of the case beside it,
    or with --xlsx a workbook that holds all of it.

    With --importer the config is a scenario for any economy: what trade data tell is derived, the
    rest is borrowed from a shipped case, and a list on top names it.

    \b
    Example:
      riskengine new mine --case company --xlsx
      riskengine new germany --importer Germany
      riskengine new chile --importer Japan --coercer Chile --materials lithium-carbonate
      riskengine new my-trade --update-trade BACI_HS92_Y2024_V202601.csv
      riskengine new --list
    """
    from riskengine.cli.answers.new import case_list
    from riskengine.cli.streams import answer

    if given["wants_list"]:
        answer(case_list())
        return
    if folder is None:
        raise click.UsageError("Missing argument 'FOLDER': say where the case goes, or --list.")
    _refuse_mixtures(files, given)
    answer(_written(folder, files, given))


def _refuse_mixtures(files: tuple[str, ...], given: dict[str, Any]) -> None:
    """Refuse options that do not belong together."""
    chosen = [f"--{name}" for name in ("case", "importer") if given[name] is not None]
    chosen += ["--update-trade"] if given["updates"] else []
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} each say what to write: choose one.")
    if files and not given["updates"]:
        raise click.UsageError(f"Got unexpected extra argument ({files[0]})")
    if given["updates"] and given["xlsx"]:
        raise click.UsageError("--update-trade writes tables for --trade, and no workbook.")
    needing = [f"--{name}" for name in _WITH_IMPORTER if given[name] is not None]
    if needing and given["importer"] is None:
        raise click.UsageError(f"{', '.join(needing)}: use with --importer NAME.")


def _written(folder: str, files: tuple[str, ...], given: dict[str, Any]) -> str:
    """Write what is asked for, and say what was written."""
    from riskengine.cli.answers import new as answers
    from riskengine.verbs import new as verb

    if given["updates"]:
        return answers.update_answer(verb.update_trade(folder, files))
    if given["importer"] is None:
        case = "minimal" if given["case"] is None else given["case"]
        config = verb.new(folder, case, workbook=given["xlsx"])
        return answers.new_answer(config, verb.find_case(case))
    materials = given["materials"]
    made = verb.new_for(
        folder,
        given["importer"],
        coercer="China" if given["coercer"] is None else given["coercer"],
        materials=None if materials is None else materials.split(","),
        like=given["like"],
        trade=given["trade"],
        workbook=given["xlsx"],
    )
    return answers.importer_answer(made)
