"""What the verbs print on stdout: tables for people, or one JSON document for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.cli.options import RunOptions
from riskengine.cli.streams import tables_text
from riskengine.figures.evidence import Evidence
from riskengine.figures.metrics import Figure
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice, scenario_notices, time_notices
from riskengine.model.sampling import described, onset_probability
from riskengine.model.scenario import Scenario
from riskengine.model.settings import count_points
from riskengine.model.sweep import Sweep
from riskengine.reports.run.describe import describe
from riskengine.reports.run.headline import RunFacts, headline
from riskengine.reports.screen import notice_text
from riskengine.reports.tables.table import printable
from riskengine.store.results import Summary, to_json

SCHEMA_VERSION = 1  #: of every JSON document printed


def run_answer(
    options: RunOptions,
    losses: Losses | Evidence,
    summary: Summary,
    folder: Path,
    remark: str = "",
) -> str:
    """The answer of a run, in the form that was asked for."""
    if options.quiet:
        return str(folder)
    facts = RunFacts.of(losses)
    if options.as_json:
        return _document(
            title=facts.title,
            trials=facts.trials,
            seed=facts.seed,
            first_trial=facts.first_trial,
            horizon_days=facts.horizon_days,
            money=facts.money,
            folder=str(folder),
            metrics=[_record(figure) for figure in summary.figures],
            notices=[asdict(notice) for notice in summary.notices],
            **({"target": remark} if remark else {}),
        )
    body = tables_text(headline(summary.figures, facts))
    return _page(facts.title, facts.line, body, summary.notices, remark, f"Results: {folder}")


def check_answer(scenario: Scenario, sweep: Sweep | None = None, *, as_json: bool) -> str:
    """The description of a scenario and its sweep, in the form that was asked for."""
    run = scenario.run
    tables, notices = describe(scenario), scenario_notices(scenario)
    notices += time_notices(run.trials, keeps_rows=True)
    if sweep:
        notices += time_notices(run.trials * (count_points(sweep) + 1))
    if as_json:
        return _document(
            title=run.title,
            trials=run.trials,
            seed=run.seed,
            horizon_days=run.horizon_days,
            money=run.money,
            **described(scenario),
            **{table.key: table.records() for table in tables},
            **({"sweep": _sweep_record(sweep)} if sweep else {}),
            notices=[asdict(notice) for notice in notices],
        )
    line = (
        f"{run.trials:,} trials, seed {run.seed}, horizon {run.horizon_days:g} days; "
        f"money in {run.money}{_drawn_words(scenario)}"
    )
    verdict = "The config can be run." if notices else "The config can be run; nothing to remark."
    swept = _sweep_words(sweep) if sweep else ""
    return _page(run.title, line, tables_text(tables), notices, swept, verdict)


def _drawn_words(scenario: Scenario) -> str:
    """How the trials will be drawn; nothing where they are a plain sample."""
    run = scenario.run
    words = []
    if run.sampling != "random":
        words.append("even points")
    if run.given_onset:
        words.append(f"a given onset ({100.0 * onset_probability(scenario):.3g} % likely)")
    if run.tilt != 0.0:
        words.append(f"a tilt of {run.tilt:g}")
    return f"; drawn with {', '.join(words)}" if words else ""


def _sweep_record(sweep: Sweep) -> dict[str, Any]:
    return {
        "method": sweep.method,
        "points": count_points(sweep),
        "parameters": [parameter.name for parameter in sweep.parameters],
    }


def _sweep_words(sweep: Sweep) -> str:
    points, parameters = count_points(sweep), len(sweep.parameters)
    return printable(
        f"Sweep: {sweep.method} of {points:,} point{'' if points == 1 else 's'} over "
        f"{parameters} parameter{'' if parameters == 1 else 's'}; riskengine sweep plays it."
    )


def _page(title: str, line: str, body: str, notices: Sequence[Notice], *last: str) -> str:
    head = f"{printable(title)}\n{printable(line)}"
    return "\n\n".join(part for part in (head, body, notice_text(notices), *last) if part)


def _record(figure: Figure) -> dict[str, Any]:
    """A figure as plain data; JSON has no NaN, so what does not exist is null."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(figure).items()
    }


def _document(**content: Any) -> str:
    # Escaped to ASCII: a program reads it the same through any encoding of the terminal.
    return to_json({"schema_version": SCHEMA_VERSION, **content}, ascii_only=True).rstrip("\n")
