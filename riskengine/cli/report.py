"""`riskengine report`: makes the readable files again from a results folder."""

from __future__ import annotations

import click

from riskengine.cli.options import language_option


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.option("--xlsx", is_flag=True, help="The workbook, risk.xlsx.")
@click.option("--html", is_flag=True, help="The page, report.html.")
@click.option(
    "--ord", "insurers", is_flag=True, help="Open Results Data, the tables insurers exchange."
)
@click.option(
    "--out",
    metavar="FOLDER",
    help="Where the files go. [default: RESULTS itself; --ord: RESULTS-ord, beside it]",
)
@language_option("run.language of the config")
def report(
    results: str, xlsx: bool, html: bool, insurers: bool, out: str | None, language: str | None
) -> None:
    """Make workbook, page and insurers' tables again from a results folder.

    RESULTS is a folder that `riskengine run` wrote. Nothing is simulated: the same results give the
    same files, to the byte. Without --xlsx, --html or --ord, workbook and page are made.

    \b
    Example:
      riskengine report results/korea-2026
      riskengine report results/korea-2026 --ord --out korea-ord
      riskengine report results/korea-2026 --language ko --out korea-ko
    """
    from riskengine.cli.streams import answer
    from riskengine.verbs.report import write_reports

    asked = {"xlsx": xlsx, "html": html, "ord": insurers}
    forms = [form for form, is_asked in asked.items() if is_asked] or ["xlsx", "html"]
    answer("\n".join(map(str, write_reports(results, forms, out, language))))
