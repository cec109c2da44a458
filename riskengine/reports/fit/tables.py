"""What a calibration found, as tables: one definition for screen, page and workbook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from riskengine.fits.calibration import Calibration
from riskengine.fits.cautions import chance_words
from riskengine.fits.episodes import ALL
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS
from riskengine.measures.estimate import Estimate
from riskengine.reports.tables.formats import AMOUNT, COUNT, DAYS, SHARE
from riskengine.reports.tables.numbers import percent, short, significant
from riskengine.reports.tables.table import Cell, Column, Table, estimate, number
from riskengine.reports.tables.table import text as text_column

NOT_FITTED = "not fitted"
PULLED = "pulled"


def count(key: str, heading: str) -> Column:
    return number(key, heading, form=COUNT)


def days(key: str, heading: str) -> Column:
    """A duration with its interval."""
    return estimate(key, heading, form=DURATION)


def _reached(value: float) -> str:
    return "not reached" if math.isnan(value) else significant(value)


def _ends(figure: Estimate) -> str:
    if math.isnan(figure.lower) or math.isnan(figure.value):
        return ""
    upper = "no upper end" if math.isnan(figure.upper) else significant(figure.upper)
    return f"{significant(figure.lower)} to {upper}"


DURATION = replace(DAYS, text=_reached, ends=_ends)
_CHANCE = replace(SHARE, text=chance_words)
_AICC = replace(AMOUNT, text=lambda value: "-" if math.isinf(value) else f"{value:,.2f}")
_LIKELIHOOD = replace(AMOUNT, text=lambda value: f"{value:,.2f}")


def group_name(group: str) -> str:
    """The name of a group for people."""
    return "All episodes" if group == ALL else group


def fit_name(group: GroupFit) -> str:
    """The best family of a group, or why there is none."""
    if group.best is None:
        return NOT_FITTED
    return f"{group.best.family}, {PULLED}" if group.pull else group.best.family


def family_heading(groups: Sequence[GroupFit]) -> str:
    """Which family a column names: the best of several, or the one that was asked for."""
    return "Best family" if any(len(group.fits) > 1 for group in groups) else "Family"


def summary_tables(found: Calibration) -> list[Table]:
    """One table a series: what its groups say."""
    return [_summary(found, series.quantity) for series in found.series]


def _summary(found: Calibration, quantity: str) -> Table:
    remark = "Interval: 95 %, by political event. Kaplan-Meier: the median without any family."
    if any(group.pull for group in found.of(quantity)):
        remark += " Pulled: too few ended, so the group leans on all episodes."
    return Table(
        key=quantity,
        title=f"{WORDS[quantity].capitalize()}, days",
        columns=[
            text_column("group", "Group"),
            count("n", "Episodes"),
            number("censored", "Not ended", form=SHARE),
            count("clusters", "Political events"),
            text_column("family", family_heading(found.of(quantity))),
            days("median", "Median"),
            days("p90", "90 % quantile"),
            days("km_median", "Median, Kaplan-Meier"),
            number("goodness_p", "Fit p", form=_CHANCE),
        ],
        rows=[_summary_row(group) for group in found.of(quantity)],
        remark=remark,
    )


def _summary_row(group: GroupFit) -> list[Cell]:
    fit = group.best
    checked = fit is not None and not math.isnan(fit.goodness)
    return [
        group_name(group.group),
        float(group.n),
        group.censored if group.n else None,
        float(group.clusters),
        fit_name(group),
        fit.figures["median"] if fit else None,
        fit.figures["p90"] if fit else None,
        group.curve.median() if group.n else None,
        fit.goodness if fit is not None and checked else None,
    ]


def families_table(found: Calibration) -> Table:
    """Every family of every group, best first."""
    rows = [
        _family_row(group, fit, number)
        for group in found.groups
        for number, fit in enumerate(group.fits, start=1)
    ]
    return Table(
        key="fits",
        title="Families, the best first",
        columns=[
            text_column("quantity", "Duration"),
            text_column("group", "Group"),
            count("n", "Episodes"),
            number("censored", "Not ended", form=SHARE),
            count("rank", "Rank"),
            text_column("family", "Family"),
            number("aicc", "AICc", form=_AICC),
            number("loglik", "Log-likelihood", form=_LIKELIHOOD),
            text_column("parameters", "Parameters"),
            days("median", "Median, days"),
            days("mean", "Mean, days"),
            days("p90", "90 % quantile, days"),
        ],
        rows=rows,
        remark="AICc: how badly a family fits, with a charge for each parameter; lower is better, "
        "and a difference below 2 says little.",
    )


def _family_row(group: GroupFit, fit: Fit, rank: int) -> list[Cell]:
    return [
        WORDS[group.quantity],
        group_name(group.group),
        float(group.n),
        group.censored,
        float(rank),
        fit.family,
        fit.aicc,
        fit.loglik,
        parameters_text(fit),
        fit.figures["median"],
        _finite(fit.figures["mean"]),
        fit.figures["p90"],
    ]


def _finite(figure: Estimate) -> Estimate | None:
    return figure if math.isfinite(figure.value) else None


def parameters_text(fit: Fit) -> str:
    """A family's own parameters in words."""
    names = {"lognormal": ("mu", "sigma"), "loglogistic": ("median", "shape")}
    chosen = names.get(fit.family) or (("shape", "scale") if FAMILIES[fit.family].second else
                                       ("mean",))  # fmt: skip
    return ", ".join(f"{name} {significant(fit.figures[name].value)}" for name in chosen)


def onset_table(found: Calibration) -> Table:
    """How often restrictions begin."""
    return Table(
        key="onset",
        title="How often they begin, a year",
        columns=[
            text_column("group", "Group"),
            count("n", "Episodes"),
            number("censored", "Not ended", form=SHARE),
            count("clusters", "Political events"),
            count("counted", "Events counted"),
            number("exposure_years", "Years watched"),
            estimate("by_cluster", "Political events a year"),
            estimate("by_episode", "Episodes a year"),
            number("dispersion", "Bunching"),
            number("dispersion_p", "Bunching by chance", form=_CHANCE),
        ],
        rows=[
            [
                group_name(onset.group),
                float(onset.episodes),
                onset.censored,
                float(onset.clusters),
                float(onset.by_cluster.counted),
                onset.exposure_years,
                onset.by_cluster.figure,
                onset.by_episode.figure,
                onset.dispersion,
                None if math.isnan(onset.dispersion_p) else onset.dispersion_p,
            ]
            for onset in found.onsets
        ],
        remark="Events counted: all but those that set the clock. "
        "Bunching: how much more the yearly counts vary than independent onsets would "
        "(1: as much). The last column is the chance of as much or more.",
    )


def steps_table(found: Calibration) -> Table:
    """What came next."""
    return Table(
        key="steps",
        title="What came after an episode",
        columns=[
            text_column("group", "Group"),
            count("n", "Episodes"),
            count("decided", "Decided"),
            number("undecided", "Undecided", form=SHARE),
            count("clusters", "Political events"),
            text_column("outcome", "Outcome"),
            count("count", "Seen"),
            estimate("chance", "Chance", form=SHARE),
        ],
        rows=[
            [
                group_name(step.group),
                float(step.episodes),
                float(step.decided),
                step.undecided,
                float(step.clusters),
                step.outcome,
                float(step.count),
                step.chance,
            ]
            for step in found.steps.rows
        ],
        remark="A political event counts once, shared among its episodes; half a case is added to "
        "each outcome (Jeffreys prior), so that what was not seen keeps a chance.",
    )


def left_out_table(found: Calibration) -> Table:
    """Which rows of the table say nothing, and why."""
    rows: list[list[Cell]] = [
        [WORDS[series.quantity], float(len(left.ids)), left.reason, ", ".join(left.ids)]
        for series in found.series
        for left in series.left_out
    ]
    return Table(
        key="left_out",
        title="Episodes left out",
        columns=[
            text_column("quantity", "Duration"),
            count("n", "Episodes"),
            text_column("reason", "Because"),
            text_column("ids", "Which"),
        ],
        rows=rows,
    )


def facts_line(found: Calibration) -> str:
    """What was fitted to what, in one line."""
    table, request = found.table, found.request
    parts = [f"{len(table.episodes):,} episodes of {table.name}"]
    if table.cut_off is not None:
        parts.append(f"as known on {table.cut_off}")
    if request.by:
        parts.append(f"by {', '.join(request.by)}")
    if request.family:
        parts.append(f"family {request.family}")
    parts.append(f"seed {request.seed}")
    return "; ".join(parts)


def headline(found: Calibration) -> Iterator[tuple[str, str, str]]:
    """The answer as cards: what, how much, on what it rests."""
    for series in found.series:
        whole = found.of(series.quantity)[0]
        fit = whole.best
        words = WORDS[series.quantity]
        what = f"{words[0].upper()}{words[1:]}, median"
        if fit is None:
            yield what, NOT_FITTED, whole.refused
            continue
        median = fit.figures["median"]
        ends = "" if math.isnan(median.lower) else (
            f"{short(median.lower)} to {short(median.upper)}; ")  # fmt: skip
        yield (
            what,
            f"{short(median.value)} days",
            f"{ends}{fit.family}, {whole.n} episodes, {percent(whole.censored)} not ended",
        )
    for onset in found.onsets[:1]:
        rate = onset.by_cluster
        yield (
            "Political events a year",
            short(rate.figure.value),
            f"{short(rate.figure.lower)} to {short(rate.figure.upper)}; "
            f"{rate.counted} counted in {short(onset.exposure_years)} years",
        )


def all_tables(found: Calibration) -> Sequence[Table]:
    """Everything that is printed on a screen."""
    tables = summary_tables(found)
    if found.onsets:
        tables.append(onset_table(found))
    if found.steps.rows:
        tables.append(steps_table(found))
    return tables
