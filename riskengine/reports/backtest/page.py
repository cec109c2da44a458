"""A back-test as one self-contained page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskengine.backtests.cases import Case
from riskengine.backtests.copies import Copy
from riskengine.backtests.playing import Backtest
from riskengine.backtests.scoring import Score
from riskengine.reports.backtest.charts import interval_chart, percentile_chart
from riskengine.reports.backtest.sentences import (
    CAUTION,
    COPIES,
    EXPECTED,
    HOW_TO_READ,
    NAIVE,
    PERCENTILE,
    SCORES,
    SIDES,
    TOGETHER,
    headline,
    meaning_of,
    observed,
    percentile_text,
    published,
    side,
    skill_line,
)
from riskengine.reports.backtest.tables import (
    calibration_table,
    cases_table,
    copies_table,
    figure_table,
    quantity_text,
    ratings_table,
    skill_table,
)
from riskengine.reports.html.parts import (
    Html,
    document,
    element,
    figure,
    folded,
    legend,
    named,
    paragraph,
    section,
    strong,
    subheading,
    table_html,
    text,
)
from riskengine.reports.html.style import STYLE
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column
from riskengine.reports.tables.words import long_date

_OWN_STYLE = """
.sky { background: var(--sky); }
.diamond { width: 0.75rem; background: var(--orange); transform: rotate(45deg) scale(0.8); }
.ring { width: 0.75rem; border-radius: 50%; background: none; border: 2px solid var(--blue); }
.dot { width: 0.75rem; border-radius: 50%; }
.miss { border-left: 4px solid var(--orange); background: var(--card); padding: 0.4rem 0.9rem;
  margin: 0.6rem 0; break-inside: avoid; }
.miss p { margin: 0.3rem 0; }
"""
_CONTENTS = {
    "answer": "The answer",
    "misses": "Misses",
    "percentiles": "Percentiles",
    "naive": "Naive forecasts",
    "figures": "Figure by figure",
    "published": "Estimates of others",
    "cases": "The cases",
    "copies": "Copied outcomes",
    "run": "This run",
}


def backtest_page(backtest: Backtest, facts: Mapping[str, Any]) -> Html:
    """The page, as HTML.

    Parameters
    ----------
    backtest : Backtest
    facts : mapping
        Of the manifest: when and with which versions it was made.
    """
    title = backtest.suite.title
    return document(
        title,
        facts=[text(_facts(backtest))],
        sections=_sections(backtest, facts),
        contents=_CONTENTS,
        style=f"{STYLE}{_OWN_STYLE}",
    )


def _facts(backtest: Backtest) -> str:
    return (
        f"{len(backtest.suite.cases)} cases, {len(backtest.scores)} outcomes; "
        f"{backtest.trials:,} futures of each case, seed {backtest.seed}."
    )


def _sections(backtest: Backtest, facts: Mapping[str, Any]) -> Iterator[Html]:
    scores = observed(backtest.scores)
    yield section("answer", "The answer", _answer(backtest))
    yield section("misses", "Where the model misses, and why", _misses(backtest))
    yield section("percentiles", "Where outcomes stand among the predictions", _percentiles(scores))
    yield section("naive", "Beside naive forecasts", _naive(backtest))
    yield section("figures", "Figure by figure", _figures(scores, "seen"))
    yield section("published", "Estimates of others", _published(published(backtest.scores)))
    yield section("cases", "The cases", _cases(list(backtest.suite.cases.values())))
    yield section("copies", "Assumptions that equal an outcome", _copies(backtest.suite.copies))
    yield section("run", "This run", [table_html(_run_table(backtest, facts))])


def _answer(backtest: Backtest) -> Iterator[Html]:
    yield paragraph(strong(headline(backtest.calibration)))
    yield paragraph(text(HOW_TO_READ))
    if backtest.calibration:
        yield table_html(_plain(calibration_table(backtest.calibration)))
        yield paragraph(text(f"{TOGETHER} {EXPECTED} {SIDES}"), "remark")


def _naive(backtest: Backtest) -> Iterator[Html]:
    if not backtest.ratings:
        yield paragraph(text("Nothing in this suite was observed: there is nothing to score."))
        return
    yield paragraph(strong(skill_line(backtest.skills)))
    yield paragraph(text(f"{NAIVE} {SCORES}"))
    yield table_html(_plain(skill_table(backtest.skills)))
    yield paragraph(text(CAUTION), "remark")
    yield folded("Scores of every outcome", table_html(ratings_table(backtest.ratings)))


def _copies(copies: Sequence[Copy]) -> Iterator[Html]:
    if not copies:
        yield paragraph(text("No assumption equals an outcome that was not known on its day."))
        return
    yield paragraph(text(COPIES))
    yield table_html(_plain(copies_table(copies)))


def _plain(table: Table) -> Table:
    """A table whose remark stands elsewhere."""
    return Table(key=table.key, title=table.title, columns=table.columns, rows=table.rows)


def _misses(backtest: Backtest) -> Iterator[Html]:
    misses = observed(backtest.misses)
    if not misses:
        yield paragraph(text("No outcome lies outside its 90 % interval."))
    yield from map(_miss, misses)


def _miss(score: Score) -> Html:
    """One outcome outside its interval, and why."""
    told = text(
        named(score.case),
        f". {quantity_text(score)}. ",
        strong(f"{_WHAT[score.kind]}: {score.outcome_text}"),
        f", {side(score)} the predictions (percentile {percentile_text(score)}).",
    )
    return element("div", paragraph(told), paragraph(text(score.miss)), class_="miss")


_WHAT = {"observed": "Outcome", "published": "Published"}


def _percentiles(scores: Sequence[Score]) -> Iterator[Html]:
    yield paragraph(text(PERCENTILE))
    if not scores:
        return
    label = "Percentiles of outcomes, lowest first. " + " ".join(
        f"{score.case}, {score.name}: {percentile_text(score)}." for score in scores
    )
    caption = text(
        "If predictions are right, the marks spread evenly from 0 to 100 %. A heap on the left: "
        "outcomes came out smaller or earlier than predicted; on the right: larger or later; in "
        "the middle: the predictions are too wide; at both ends: too narrow. This is the "
        "probability integral transform (PIT), drawn outcome by outcome. Shaded: the 50 % and "
        "90 % intervals."
    )
    marks = legend(
        {
            "dot": "percentile",
            "ring": "one-sided: anywhere along the line",
            "diamond": "outside the 90 % interval",
        }
    )
    yield text(marks, figure(percentile_chart("pit", label, scores), caption))


def _figures(scores: Sequence[Score], seen: str) -> Iterator[Html]:
    """A chart for every kind of figure, in the order in which they first come."""
    yield legend(
        {
            "": "50 % interval, the median in it",
            "sky": "90 % interval",
            "diamond": f"what was {seen}: a line where only a range is known",
        }
    )
    groups: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        groups.setdefault((meaning_of(score.quantity), score.unit), []).append(score)
    for number, ((meaning, unit), members) in enumerate(groups.items()):
        label = f"{meaning}, {unit}. " + " ".join(
            f"{score.case}: {score.outcome_text}, percentile {percentile_text(score)}."
            for score in members
        )
        drawn = interval_chart(f"{seen}{number}", label, members)
        numbers = [figure_table(meaning, members)]
        caption = text(_figure_caption(members))
        yield text(subheading(meaning), figure(drawn, caption, numbers))


def _figure_caption(scores: Sequence[Score]) -> str:
    inside = sum(score.inside_90 == "yes" for score in scores)
    none = " “none”: not within the time played." if any(s.is_none_seen or s.high_90 == float("inf")
                                                      for s in scores) else ""  # fmt: skip
    return f"{inside} of {len(scores)} inside the 90 % interval.{none}"


def _published(scores: Sequence[Score]) -> Iterator[Html]:
    if not scores:
        yield paragraph(text("This suite has none."))
        return
    yield paragraph(
        text(
            "Others have estimated what such a restriction would cost. Nobody has seen it happen, "
            "so these are no test of the model and do not count in the shares above; an estimate "
            "outside our interval says that the two suppose different things."
        )
    )
    yield from _figures(scores, "published")
    yield from map(_miss, (score for score in scores if score.miss))


def _cases(cases: Sequence[Case]) -> Iterator[Html]:
    yield paragraph(
        text(
            "Every input of a case carries the day from which it was known, and none is later than "
            "the case's own day: the run would have been refused. Inputs without a date are "
            "assumptions that rest on no later fact, or belong to a mere comparison."
        )
    )
    yield table_html(cases_table(cases))
    yield table_html(_sources(cases))


def _sources(cases: Sequence[Case]) -> Table:
    rows = [
        [case.name, outcome.name, outcome.seen_on, outcome.source, outcome.note]
        for case in cases
        for outcome in case.outcomes.values()
    ]
    columns = [
        text_column("case", "Case"),
        text_column("outcome", "Outcome"),
        text_column("seen_on", "Known on"),
        text_column("source", "Source"),
        text_column("note", "Note"),
    ]
    return Table(key="sources", title="Where outcomes come from", columns=columns, rows=rows)


def _run_table(backtest: Backtest, facts: Mapping[str, Any]) -> Table:
    name, digest = backtest.suite.file
    versions = ", ".join(f"{key} {value}" for key, value in (facts.get("versions") or {}).items())
    rows = [
        ["Trials of each case", f"{backtest.trials:,}"],
        ["Seed", str(backtest.seed)],
        ["Started", str(facts.get("started", ""))],
        ["Versions", versions],
        [f"SHA-256 of {name}", digest],
    ]
    days = [case.as_of for case in backtest.suite.cases.values()]
    rows.insert(0, ["Days of the cases", f"{long_date(min(days))} to {long_date(max(days))}"])
    return Table(
        key="run",
        title="Where these figures come from",
        columns=[text_column("what", "What"), text_column("value", "Value")],
        rows=rows,
        remark="The same suite, seed and trials give the same figures to the bit. manifest.json "
        "holds the whole config of every case.",
    )
