"""A calibration as `fit.xlsx`; the same table and options give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from riskengine.fits.calibration import Calibration
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import Fit, GroupFit
from riskengine.fits.observing import WORDS, Observation
from riskengine.fits.onset import Onset
from riskengine.fits.steps import Step
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.notices import Notice
from riskengine.reports.fit.survival_sheet import survival_sheet
from riskengine.reports.fit.tables import facts_line, family_heading, fit_name, group_name, headline
from riskengine.reports.tables.looks import ANY_NUMBER, COUNT, DAYS, SHARE, Look
from riskengine.reports.xlsx.book import Book, Page
from riskengine.reports.xlsx.table import Column, Table, after, estimated, number, text

_MOMENT = "2000-01-01T00:00:00+00:00"  #: of a table without dates: the bytes hold no clock
_RATE = Look(number_format="0.000")
_EMPTY = "Empty cells: there is no such figure."


class Fitted(NamedTuple):
    """A family of a group, and its rank."""

    group: GroupFit
    fit: Fit
    rank: int


def fit_workbook(found: Calibration, notices: Sequence[Notice], limits: Sequence[str]) -> bytes:
    """The bytes of an XLSX file.

    Raises
    ------
    WorkbookFault
        If a sheet would need more rows than Excel has, or a cell more text.
    """
    table = found.table
    created = f"{table.cut_off}T00:00:00+00:00" if table.cut_off else _MOMENT
    book = Book(f"Calibration: {table.name}", "riskengine", created)
    _summary(book, found, notices)
    _fits(book, found)
    survival_sheet(book, found)
    _onset(book, found)
    _steps(book, found)
    _data(book, found)
    _limits(book, found, limits)
    return book.close()


def _summary(book: Book, found: Calibration, notices: Sequence[Notice]) -> None:
    page = book.page("Summary", (26, 11, 11, 11, 20, *[12.0] * 9, 11))
    page.title("Calibration", facts_line(found))
    for what, figure, rests in headline(found):
        page.paragraph(f"{what}: {figure} ({rests}).")
    for series in found.series:
        page.heading(f"{WORDS[series.quantity].capitalize()}, days")
        groups = found.of(series.quantity)
        key = f"Summary_{series.quantity}"
        page.table(Table(key=key, columns=_summary_columns(series.quantity, groups), rows=groups,
                         called=lambda group: group.group), empty=_EMPTY)  # fmt: skip
    page.gap()
    page.paragraph(
        "Low and high are the ends of the 95 % interval, by political event. Kaplan-Meier: the "
        "median without any family. Pulled: too few ended, so the group leans on all episodes. "
        "Fit p: the chance of a gap to the data as large as seen if the family were true."
    )
    if notices:
        page.heading("Please note")
        for notice in notices:
            page.paragraph(notice.message)


def _summary_columns(quantity: str, groups: Sequence[GroupFit]) -> list[Column]:
    def best(name: str) -> Any:
        return lambda g: g.best.figures[name] if g.best else UNKNOWN

    return [
        text("Group", lambda g: group_name(g.group)),
        number("Episodes", lambda g: g.n, COUNT),
        number("Not ended", lambda g: g.censored, SHARE),
        number("Political events", lambda g: g.clusters, COUNT),
        after(family_heading(groups), fit_name),
        *estimated("Median", "days", best("median"), DAYS, f"Median_{quantity}"),
        *estimated("90 % quantile", "days", best("p90"), DAYS, f"P90_{quantity}"),
        *estimated("Median, Kaplan-Meier", "days", lambda g: g.curve.median(), DAYS),
        number("Fit p", lambda g: g.best.goodness if g.best else None, SHARE),
    ]


def _fits(book: Book, found: Calibration) -> None:
    page = book.page("Fits", (24, 24, 10, 10, 14, 8, 11, 13, 16, *[12.0] * 3))
    page.title("Fits", "Every parameter of every family, the best family of a group first. AICc: "
               "how badly a family fits, with a charge for each parameter; lower is better, and "
               "a difference below 2 says little.")  # fmt: skip
    rows = [
        (Fitted(group, fit, rank), name)
        for group in found.groups
        for rank, fit in enumerate(group.fits, start=1)
        for name in fit.figures
    ]
    columns = [
        text("Duration", lambda r: WORDS[r[0].group.quantity]),
        text("Group", lambda r: group_name(r[0].group.group)),
        number("Episodes", lambda r: r[0].group.n, COUNT),
        number("Not ended", lambda r: r[0].group.censored, SHARE),
        after("Family", lambda r: r[0].fit.family),
        number("Rank", lambda r: r[0].rank, COUNT),
        number("AICc", lambda r: r[0].fit.aicc, ANY_NUMBER),
        number("Log-likelihood", lambda r: r[0].fit.loglik, ANY_NUMBER),
        after("Parameter", _parameter),
        *estimated("Value", "", lambda r: r[0].fit.figures[r[1]], Look(number_format="#,##0.0000")),
    ]
    page.table(Table(key="Fits", columns=columns, rows=rows), empty=_EMPTY)
    page.keep_in_sight(2)


def _parameter(row: tuple[Fitted, str]) -> str:
    """The name of a figure with its unit."""
    fitted, name = row
    own = FAMILIES[fitted.fit.family].second
    if name in (own, "cv", "mu"):
        return name
    return f"{name} (per day)" if name == "rate" else f"{name} (days)"


def _onset(book: Book, found: Calibration) -> None:
    page = book.page("Onset", (26, 11, 11, 11, 11, 11, *[13.0] * 8))
    page.title("Onset", "How often restrictions begin: per political event and per episode, over "
               "the years watched. A year is 365 days.")  # fmt: skip
    if not found.onsets:
        page.paragraph("The table does not say how long it was watched: there are no rates.")
        return

    def of(name: str) -> Any:
        return lambda onset: getattr(onset, name)

    columns = [
        text("Group", lambda o: group_name(o.group)),
        number("Episodes", of("episodes"), COUNT),
        number("Not ended", of("censored"), SHARE),
        number("Political events", of("clusters"), COUNT),
        number("Events counted", lambda o: o.by_cluster.counted, COUNT),
        number("Years watched", of("exposure_years"), DAYS),
        *estimated("Political events", "a year", lambda o: o.by_cluster.figure, _RATE, "OnsetRate"),
        *estimated("Episodes", "a year", lambda o: o.by_episode.figure, _RATE),
        number("Bunching", of("dispersion"), ANY_NUMBER),
        number("Bunching by chance", of("dispersion_p"), SHARE),
    ]
    page.table(
        Table(key="Onset", columns=columns, rows=found.onsets, called=_onset_name), empty=_EMPTY
    )
    page.gap()
    page.paragraph(
        "Events counted: all but those that set the clock (the first onset opens it, the last "
        "closes it unless a date does). "
        "Bunching: how much more the yearly counts vary than independent onsets would (1: as "
        "much), and the chance of as much or more."
    )


def _onset_name(onset: Onset) -> str:
    return onset.group


def _steps(book: Book, found: Calibration) -> None:
    page = book.page("Steps", (26, 11, 11, 11, 11, 24, 10, *[12.0] * 3))
    page.title("Steps", "What came after an episode: another that names it as origin, or its end.")
    if not found.steps.rows:
        page.paragraph("No episode names another as its origin: there are no steps to count.")
        return
    columns = [
        text("Group", lambda s: group_name(s.group)),
        number("Episodes", lambda s: s.episodes, COUNT),
        number("Decided", lambda s: s.decided, COUNT),
        number("Undecided", lambda s: s.undecided, SHARE),
        number("Political events", lambda s: s.clusters, COUNT),
        after("Outcome", lambda s: s.outcome),
        number("Seen", lambda s: s.count, COUNT),
        *estimated("Chance", "", _chance, SHARE),
    ]
    page.table(Table(key="Steps", columns=columns, rows=found.steps.rows), empty=_EMPTY)
    page.gap()
    page.paragraph(
        "A political event counts once, shared among its episodes; half a case is added to each "
        "outcome (Jeffreys prior), so that what was not seen keeps a chance."
    )


def _chance(step: Step) -> Estimate:
    return step.chance


class _Datum(NamedTuple):
    """An episode as it was used."""

    quantity: str
    observation: Observation


def _data(book: Book, found: Calibration) -> None:
    page = book.page("Data", (24, 9, 16, 13, 13, 11, 12, 12, 34))
    page.title("Data", f"What was fitted: {found.table.name}, SHA-256 {found.table.sha256}. Where "
               "shortest and longest differ the dates are known only roughly; an empty longest "
               "means that it had not ended.")  # fmt: skip
    rows = [_Datum(s.quantity, each) for s in found.series for each in s.observations]
    columns = [
        text("Duration", lambda d: WORDS[d.quantity]),
        text("Episode", lambda d: d.observation.episode.id),
        text("Political event", lambda d: d.observation.episode.cluster),
        text("Start", lambda d: _day(d.observation.episode.start)),
        text("End", lambda d: _day(d.observation.episode.end)),
        number("Not ended", lambda d: int(d.observation.upper == float("inf")), COUNT),
        number("Shortest (days)", lambda d: d.observation.lower, DAYS),
        number("Longest (days)", lambda d: d.observation.upper, DAYS),
        after("Groups", lambda d: _cells(found, d.observation)),
    ]
    page.table(Table(key="Data", columns=columns, rows=rows), empty="")
    _left_out(page, found)


def _day(period: Any) -> str:
    return str(period.given) if period else ""


def _cells(found: Calibration, observation: Observation) -> str:
    cells = observation.episode.cells
    return "; ".join(cells.get(column, "") for column in found.request.by)


def _left_out(page: Page, found: Calibration) -> None:
    sentences = list(_left_out_sentences(found))
    if sentences:
        page.heading("Left out")
        for sentence in sentences:
            page.paragraph(sentence)


def _left_out_sentences(found: Calibration) -> Iterator[str]:
    for series in found.series:
        for left in series.left_out:
            yield (
                f"{WORDS[series.quantity].capitalize()}: {len(left.ids)} because {left.reason}: "
                f"{', '.join(left.ids)}."
            )


def _limits(book: Book, found: Calibration, limits: Sequence[str]) -> None:
    page = book.page("What it cannot tell", (100,))
    page.title("What it cannot tell", facts_line(found))
    for sentence in limits:
        page.paragraph(sentence)
        page.gap()
