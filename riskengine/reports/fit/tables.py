"""The results of a calibration as tables: one definition for screen, page and workbook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from riskengine.fits.calibration import Calibration
from riskengine.fits.cautions import chance_words
from riskengine.fits.episodes import ALL, Period
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS, LeftOut, Observation
from riskengine.language.speaking import say, spoken
from riskengine.measures.estimate import Estimate
from riskengine.reports.tables.formats import AFTER, AMOUNT, COUNT, DATE, DAYS, SHARE
from riskengine.reports.tables.looks import Look
from riskengine.reports.tables.numbers import MISSING, percent, short, significant
from riskengine.reports.tables.table import (
    Column,
    Table,
    Value,
    estimate,
    number,
    origin_table,
    text,
)
from riskengine.reports.tables.table import said as told

NOT_FITTED = "not fitted"
NO_RATES = "The table does not say how long it was watched: there are no rates."
NO_STEPS = "No episode names another as its origin: there are no steps to count."
PAGE_DAYS = (30.0, 90.0, 180.0, 365.0, 730.0)  #: days for which the page shows survival


def _reached(value: float) -> str:
    return say("not reached") if math.isnan(value) else significant(value)


def _ends(figure: Estimate) -> str:
    if math.isnan(figure.lower) or math.isnan(figure.value):
        return ""
    upper = say("no upper end") if math.isnan(figure.upper) else significant(figure.upper)
    return f"{significant(figure.lower)}{spoken().to}{upper}"


_DURATION = replace(DAYS, text=_reached, ends=_ends)
_P_VALUE = replace(SHARE, text=lambda p: MISSING if math.isnan(p) else say(chance_words(p)))
_AICC = replace(AMOUNT, text=lambda value: "-" if math.isinf(value) else f"{value:,.2f}")
_LIKELIHOOD = replace(AMOUNT, text=lambda value: f"{value:,.2f}")
_count = partial(number, form=COUNT)
_days = partial(estimate, form=_DURATION, unit="days")
_RATE = AMOUNT.looking(Look(number_format="0.000"))
#: Ends of intervals of few episodes can have any size
_PARAMETER = AMOUNT.looking(Look(number_format="[>=10000000]0.0E+00;[>=1000]#,##0;0.0000"))


def group_name(group: str) -> str:
    """The name of a group as people read it."""
    return say("All episodes") if group == ALL else group


def fit_name(group: GroupFit) -> str:
    """The best family of a group, or a remark that no family was fitted."""
    if group.best is None:
        return say(NOT_FITTED)
    return say(f"{group.best.family}, pulled") if group.pull else group.best.family


def last_seen(group: GroupFit) -> float:
    """The longest duration of a group, whether or not it has ended, in days."""
    return float(group.series.durations.middle.max())


def seen_after(group: GroupFit, day: float) -> float | None:
    """The share that lasts longer than `day`; None beyond the longest duration seen."""
    return group.curve.at(day) if group.n and day <= last_seen(group) else None


def group_column(value: Value) -> Column:
    return text("group", "Group", lambda row: group_name(value(row)))


def all_tables(found: Calibration) -> list[Table]:
    """Everything that is printed on a screen."""
    tables = [*summary_tables(found), onset_table(found), steps_table(found)]
    return [table for table in tables if table.rows]


def summary_tables(found: Calibration) -> list[Table]:
    """A table for each series, with the results of its groups."""
    return [_summary(found.of(series.quantity), series.quantity) for series in found.series]


def _summary(groups: Sequence[GroupFit], quantity: str) -> Table:
    remark = say("Interval: 95 %, by political event. Kaplan-Meier: the median without any family.")
    if any(group.pull for group in groups):
        remark += say(" Pulled: too few ended, so the group leans on all episodes.")
    several = any(len(group.fits) > 1 for group in groups)
    return Table(
        key=f"Summary_{quantity}",
        title=f"{WORDS[quantity].capitalize()}, days",
        columns=[
            group_column(lambda g: g.group),
            _count("n", "Episodes"),
            number("censored", "Not ended", form=SHARE),
            _count("clusters", "Political events"),
            text("family", "Best family" if several else "Family", fit_name, AFTER),
            _days("median", "Median", _best("median"), name=f"Median_{quantity}"),
            _days("p90", "90 % quantile", _best("p90"), name=f"P90_{quantity}"),
            _days("km_median", "Median, Kaplan-Meier", lambda g: g.curve.median() if g.n else None),
            number("goodness_p", "Fit p", lambda g: g.best and g.best.goodness, _P_VALUE),
        ],
        rows=groups,
        remark=remark,
        called=lambda g: str(g.group),
    )


def _best(name: str) -> Value:
    return lambda group: group.best.figures[name] if group.best else None


class RankedFit(NamedTuple):
    """A family of a group with its rank, and one figure where each figure has its own row."""

    group: GroupFit
    fit: Fit
    rank: int  #: 1 is the best
    figure: str = ""  #: key of `fit.figures`


def _ranked(found: Calibration) -> Iterator[RankedFit]:
    for group in found.groups:
        for rank, fit in enumerate(group.fits, start=1):
            yield RankedFit(group, fit, rank)


_FIT_COLUMNS = (
    told("quantity", "Duration", lambda r: WORDS[r.group.quantity]),
    group_column(lambda r: r.group.group),
    _count("n", "Episodes", lambda r: r.group.n),
    number("censored", "Not ended", lambda r: r.group.censored, SHARE),
    text("family", "Family", lambda r: r.fit.family, AFTER),
    _count("rank", "Rank"),
    number("aicc", "AICc", lambda r: r.fit.aicc, _AICC),
    number("loglik", "Log-likelihood", lambda r: r.fit.loglik, _LIKELIHOOD),
)
AICC = (
    "AICc: how badly a family fits, with a charge for each parameter; lower is better, and a "
    "difference below 2 says little."
)


def families_table(found: Calibration) -> Table:
    """Every family of every group, best first."""

    def finite(name: str) -> Value:
        return lambda r: r.fit.figures[name] if math.isfinite(r.fit.figures[name].value) else None

    return Table(
        key="families",
        title="Families, the best first",
        columns=[
            *_FIT_COLUMNS,
            text("parameters", "Parameters", lambda r: parameters_text(r.fit)),
            _days("median", "Median, days", finite("median")),
            _days("mean", "Mean, days", finite("mean")),
            _days("p90", "90 % quantile, days", finite("p90")),
        ],
        rows=list(_ranked(found)),
        remark=AICC,
    )


def parameters_text(fit: Fit) -> str:
    """A family's own parameters in words."""
    names = {"lognormal": ("mu", "sigma"), "loglogistic": ("median", "shape")}
    chosen = names.get(fit.family) or (("shape", "scale") if FAMILIES[fit.family].second else
                                       ("mean",))  # fmt: skip
    return spoken().comma.join(
        f"{say(name, 'parameter')} {significant(fit.figures[name].value)}" for name in chosen
    )


def figures_table(found: Calibration) -> Table:
    """Every figure of every family, one row each."""
    return Table(
        key="Fits",
        columns=[
            *_FIT_COLUMNS,
            text("parameter", "Parameter", _with_unit, AFTER),
            estimate("value", "Value", lambda r: r.fit.figures[r.figure], _PARAMETER),
        ],
        rows=[each._replace(figure=name) for each in _ranked(found) for name in each.fit.figures],
    )


def _with_unit(row: RankedFit) -> str:
    if row.figure in (FAMILIES[row.fit.family].second, "cv", "mu"):
        return say(row.figure, "parameter")
    unit = " (per day)" if row.figure == "rate" else " (days)"
    return say(row.figure, "parameter") + say(unit)


def onset_table(found: Calibration) -> Table:
    """How often restrictions begin."""
    return Table(
        key="Onset",
        title="How often they begin, a year",
        columns=[
            group_column(lambda o: o.group),
            _count("n", "Episodes", lambda o: o.episodes),
            number("censored", "Not ended", form=SHARE),
            _count("clusters", "Political events"),
            _count("counted", "Events counted", lambda o: o.by_cluster.counted),
            number("exposure_years", "Years watched", form=DAYS),
            estimate("by_cluster", "Political events a year", lambda o: o.by_cluster.figure, _RATE,
                     name="OnsetRate"),
            estimate("by_episode", "Episodes a year", lambda o: o.by_episode.figure, _RATE),
            number("dispersion", "Bunching"),
            number("dispersion_p", "Bunching by chance", form=_P_VALUE),
        ],
        rows=found.onsets,
        remark="Events counted: all but those that set the clock (the first opens the watch, and "
        "the last closes it unless a date does). Bunching: how much more the yearly counts vary "
        "than those of independent onsets would (1: as much). Bunching by chance: the chance of "
        "as much or more.",
        called=lambda o: str(o.group),
    )  # fmt: skip


def steps_table(found: Calibration) -> Table:
    """What came after an episode."""
    return Table(
        key="Steps",
        title="What came after an episode",
        columns=[
            group_column(lambda s: s.group),
            _count("n", "Episodes", lambda s: s.episodes),
            _count("decided", "Decided"),
            number("undecided", "Undecided", form=SHARE),
            _count("clusters", "Political events"),
            told("outcome", "Outcome", form=AFTER),
            _count("count", "Seen"),
            estimate("chance", "Chance", form=SHARE),
        ],
        rows=found.steps.rows,
        remark="A political event counts once, shared among its episodes; half a case is added to "
        "each outcome (Jeffreys prior), so that what was not seen keeps a chance.",
    )


def survival_table(groups: Sequence[GroupFit]) -> Table:
    """Share of a group's episodes that last longer than given numbers of days, seen and fitted."""
    return Table(
        key="survival",
        title=f"{WORDS[groups[0].quantity].capitalize()}: share that lasts longer",
        columns=[
            group_column(lambda r: r[0].group),
            _count("days", "Days", lambda r: r[1]),
            number("seen", "Seen (Kaplan-Meier)", lambda r: seen_after(*r), SHARE),
            number("fitted", "Fitted", lambda r: _fitted(*r), SHARE),
            text("family", "Family", lambda r: fit_name(r[0])),
        ],
        rows=[(group, day) for group in groups if group.n for day in PAGE_DAYS],
        remark="-: beyond what was seen.",
    )


def _fitted(group: GroupFit, day: float) -> float | None:
    return float(group.best.survival(np.array([day]))[0]) if group.best else None


def durations_table(found: Calibration) -> Table:
    """Every fitted duration: a series, and the observation that an episode contributes to it."""

    def groups(row: tuple[str, Observation]) -> str:
        return "; ".join(row[1].episode.cells.get(column, "") for column in found.request.by)

    return Table(
        key="Data",
        columns=[
            told("quantity", "Duration", lambda r: WORDS[r[0]]),
            text("episode", "Episode", lambda r: r[1].episode.id),
            text("cluster", "Political event", lambda r: r[1].episode.cluster),
            text("start", "Start", lambda r: _day(r[1].episode.start), DATE),
            text("end", "End", lambda r: _day(r[1].episode.end), DATE),
            _count("censored", "Not ended", lambda r: int(math.isinf(r[1].upper))),
            number("shortest", "Shortest", lambda r: r[1].lower, DAYS, unit="days"),
            number("longest", "Longest", lambda r: r[1].upper, DAYS, unit="days"),
            text("groups", "Groups", groups, AFTER),
        ],
        rows=[(series.quantity, each) for series in found.series for each in series.observations],
    )


def _day(period: Period | None) -> str:
    return str(period.given) if period else ""


def left_out(found: Calibration) -> list[tuple[str, LeftOut]]:
    """The episodes that a series leaves out, and why."""
    return [(WORDS[series.quantity], left) for series in found.series for left in series.left_out]


def left_out_table(found: Calibration) -> Table:
    """The episodes that were left out."""
    return Table(
        key="left_out",
        title="Episodes left out",
        columns=[
            told("quantity", "Duration", lambda r: r[0]),
            _count("n", "Episodes", lambda r: len(r[1].ids)),
            told("reason", "Because", lambda r: r[1].reason),
            text("ids", "Which", lambda r: ", ".join(r[1].ids)),
        ],
        rows=left_out(found),
    )


def provenance_table(found: Calibration) -> Table:
    """The table, options and seed behind the figures."""
    table, request = found.table, found.request
    rows = [
        ("Table", table.name),
        ("SHA-256 of the table", table.sha256),
        ("As known on", str(table.cut_off) if table.cut_off else say("no dates")),
        ("Quantity", say(request.quantity)),
        ("Groups", ", ".join(request.by) or say("none")),
        ("Family", request.family or say("all, ranked")),
        ("Seed", str(request.seed)),
    ]
    remark = "The same table, options and seed give the same figures to the bit."
    return origin_table("run", rows, remark)


def facts_line(found: Calibration) -> str:
    """What was fitted to which data, in one line."""
    table, request = found.table, found.request
    parts = [say(f"{len(table.episodes):,} episodes of {table.name}")]
    if table.cut_off is not None:
        parts.append(say(f"as known on {table.cut_off}"))
    if request.by:
        parts.append(say(f"by {', '.join(request.by)}", "fit"))
    if request.family:
        parts.append(say(f"family {request.family}"))
    parts.append(say(f"seed {request.seed}"))
    return "; ".join(parts)


def headline(found: Calibration) -> Iterator[tuple[str, str, str]]:
    """The answer as cards: the quantity, its value, and what the value rests on."""
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
            f"{short(median.lower)}{spoken().to}{short(median.upper)}; ")  # fmt: skip
        yield (
            what,
            f"{short(median.value)} days",
            ends + say(f"{fit.family}, {whole.n} episodes, {percent(whole.censored)} not ended"),
        )
    for onset in found.onsets[:1]:
        rate = onset.by_cluster
        yield (
            "Political events a year",
            short(rate.figure.value),
            f"{short(rate.figure.lower)}{spoken().to}{short(rate.figure.upper)}; "
            + say(f"{rate.counted} counted in {short(onset.exposure_years)} years"),
        )
