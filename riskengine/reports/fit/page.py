"""A calibration as one page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.fits.calibration import Calibration
from riskengine.fits.observing import SOJOURN
from riskengine.model.notices import Notice
from riskengine.reports.fit.curves import curves_part
from riskengine.reports.fit.tables import (
    facts_line,
    families_table,
    headline,
    left_out_table,
    onset_table,
    steps_table,
    summary_tables,
)
from riskengine.reports.html.parts import (
    Html,
    bullets,
    cards,
    document,
    folded,
    paragraph,
    section,
    table_html,
    text,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column

_TITLES = {
    SOJOURN: "How long export restrictions stand",
    "flow": "How long export restrictions cut the flow",
}
_CONTENTS = {
    "answer": "The answer",
    "curves": "How long they last",
    "families": "Families",
    "onset": "How often",
    "steps": "What comes next",
    "cannot": "What the data cannot tell",
    "notes": "Please note",
    "run": "This calibration",
}
_STYLE = (
    STYLE
    + """
body { max-width: 66rem; }
td.left, th[scope="row"] { min-width: 9.5rem; }
.line-blue { height: 3px; background: var(--blue); vertical-align: middle; }
.line-green { height: 0; border-top: 3px dotted var(--green); background: none;
  vertical-align: middle; }
"""
)
_WORDS = (
    "A median of 60 days means that half of all episodes last longer. The 90 % quantile is what "
    "one in ten exceeds. In brackets: the 95 % confidence interval, if the family is right. Not "
    "ended (censored) is the share of episodes still going on, which count for "
    "what they have lasted so far. Fit p is the chance of a gap to the data as large as seen if "
    "the family were true; below 5 % it speaks against the family."
)


def fit_page(found: Calibration, notices: Sequence[Notice], limits: Sequence[str]) -> Html:
    """The page, as HTML; the same calibration gives the same page to the byte.

    Parameters
    ----------
    found : Calibration
    notices : sequence of Notice
        What a reader should know before using a figure.
    limits : sequence of str
        What the data cannot tell.
    """
    title = _TITLES[found.request.quantity]
    return document(
        title,
        facts=[text(facts_line(found))],
        sections=_sections(found, notices, limits),
        contents=_CONTENTS,
        style=_STYLE,
    )


def _sections(
    found: Calibration, notices: Sequence[Notice], limits: Sequence[str]
) -> Iterator[Html]:
    yield section("answer", "The answer", _answer(found))
    yield section("curves", "How long they last", [curves_part(found)])
    yield section("families", "Families that were fitted", _families(found))
    yield section("onset", "How often they begin", _onset(found))
    yield section("steps", "What comes next", _steps(found))
    yield section("cannot", "What the data cannot tell", [bullets(map(text, limits))])
    said = [notice.message for notice in notices]
    yield section(
        "notes", "Please note", [bullets(map(text, said)) if said else paragraph(text("Nothing."))]
    )
    yield section("run", "This calibration", [table_html(_provenance(found)), *_left_out(found)])


def _answer(found: Calibration) -> Iterator[Html]:
    yield cards(headline(found))
    yield paragraph(text(_WORDS), "remark")
    yield from map(table_html, summary_tables(found))


def _families(found: Calibration) -> Iterator[Html]:
    yield paragraph(text(
        "Families of distributions are fitted by maximum likelihood: the parameters under which "
        "what was seen is likeliest, episodes still going on included. Where several are fitted, "
        "rivals that fit nearly as well differ where there are no data."
    ))  # fmt: skip
    yield folded("All fits", table_html(families_table(found)), mark="keep")


def _onset(found: Calibration) -> Iterator[Html]:
    if not found.onsets:
        unwatched = "The table does not say how long it was watched: there are no rates."
        yield paragraph(text(unwatched))
        return
    yield paragraph(text(
        "Counted per political event (cluster) and per episode. The first event opens the watch "
        "and is not counted; where no date closes it, the last event does, and is not counted "
        "either. A year is 365 days."
    ))  # fmt: skip
    yield table_html(onset_table(found))


def _steps(found: Calibration) -> Iterator[Html]:
    if not found.steps.rows:
        alone = "No episode names another as its origin: there are no steps to count."
        yield paragraph(text(alone))
        return
    yield paragraph(text(
        "An episode was followed by another when one that names it as origin began while it was in "
        "force or within 30 days of its end. It is resolved when it ended without. Undecided ones, "
        "in force and not followed, are left out."
    ))  # fmt: skip
    yield table_html(steps_table(found))


def _left_out(found: Calibration) -> list[Html]:
    table = left_out_table(found)
    return [table_html(table)] if table.rows else []


def _provenance(found: Calibration) -> Table:
    table, request = found.table, found.request
    rows = [
        ["Table", table.name],
        ["SHA-256 of the table", table.sha256],
        ["As known on", str(table.cut_off) if table.cut_off else "no dates"],
        ["Quantity", request.quantity],
        ["Groups", ", ".join(request.by) or "none"],
        ["Family", request.family or "all, ranked"],
        ["Seed", str(request.seed)],
    ]
    return Table(
        key="run",
        title="Where these figures come from",
        columns=[text_column("what", "What"), text_column("value", "Value")],
        rows=rows,
        remark="The same table, options and seed give the same figures to the bit.",
    )
