"""The sheet Industries: every figure of each industry."""

from __future__ import annotations

from riskengine.figures.evidence import COMPONENTS
from riskengine.reports.run.sheets.run import Run
from riskengine.reports.run.sheets.scope import Scope
from riskengine.reports.tables.looks import DAYS, SHARE
from riskengine.reports.xlsx.book import Book
from riskengine.reports.xlsx.table import Column, Table, text

_ADDING = (
    "Industries add up to the total for means and contributions only: their VaR, TVaR and standard "
    "deviations do not, because industries do not have their worst futures together. "
    "Low and high are the ends of the 95 % interval."
)


def industries_sheet(book: Book, run: Run) -> None:
    """Write the sheet."""
    of = Scope(run, "industry")
    page = book.page("Industries", (28, *[12.4] * max(13, 1 + 3 * len(run.figures.confidence))))
    page.title("Industries", f"{run.facts.line}. {_ADDING}")
    names = run.names("industry")
    if not names:
        page.paragraph("The scenario has no industry.")
        return
    name = text("Industry", str)
    page.heading("What each industry can lose")
    page.table(Table(key="Industries", columns=[name, *_overview(of)], rows=names))
    page.heading("VaR: the loss that is not exceeded with a given probability")
    columns = [name, *of.at_levels("VaR", "var", "VaR")]
    page.table(Table(key="IndustryVaR", columns=columns, rows=names))
    page.heading("TVaR: the mean loss in the worst futures of the industry itself")
    columns = [name, *of.at_levels("TVaR", "tvar", "TVaR")]
    page.table(Table(key="IndustryTVaR", columns=columns, rows=names))
    page.heading("What the mean loss consists of")
    columns = [name, *(column for part in COMPONENTS for column in of.component(part))]
    page.table(Table(key="IndustryComponents", columns=columns, rows=names))
    page.paragraph(
        "Output: value added not produced, less what is made up later. Rerouting: premiums paid "
        "for other supply. Price: higher prices paid. Indirect: passed on from other industries."
    )


def _overview(of: Scope) -> list[Column]:
    return [
        *of.money_estimate("Mean loss", "mean", name="Mean"),
        of.money("Standard deviation", "sd", name="SD"),
        of.estimate("Chance of any loss", "", "prob_loss", SHARE, "ProbLoss")[0],
        of.estimate("Chance of lost output", "", "prob_output_loss", SHARE, "ProbOutput")[0],
        of.money("Largest loss", "max", name="Max"),
        of.share("Share of the total's mean", "mean"),
        of.share_of_tail(),
        *of.estimate("Days with a loss, mean", "days", "loss_days", DAYS, "LossDays"),
        of.estimate("Days stopped, mean", "days", "stopped_days", DAYS, "StoppedDays")[0],
        of.estimate("First day of loss, median", "day", "first_loss_day_median", DAYS)[0],
    ]
