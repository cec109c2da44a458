"""What `riskengine check` prints."""

from __future__ import annotations

from typing import Any

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text
from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.model.notices import scenario_notices, time_notices
from riskengine.model.sampling import described, onset_probability
from riskengine.model.scenario import Scenario
from riskengine.model.settings import count_points
from riskengine.model.sweep import Sweep
from riskengine.reports.run.describe import describe


def check_answer(scenario: Scenario, sweep: Sweep | None = None, *, as_json: bool) -> str:
    """The description of a scenario and its sweep, in the form that was asked for."""
    run = scenario.run
    tables, notices = describe(scenario), scenario_notices(scenario)
    notices += time_notices(run.trials, keeps_rows=True)
    if sweep:
        notices += time_notices(run.trials * (count_points(sweep) + 1))
    if as_json:
        return document(
            title=run.title,
            trials=run.trials,
            seed=run.seed,
            horizon_days=run.horizon_days,
            money=run.money,
            **described(scenario),
            **{table.key: table.records() for table in tables},
            **({"sweep": _sweep_record(sweep)} if sweep else {}),
            notices=records(notices),
        )
    line = (
        f"{run.trials:,} trials, seed {run.seed}, horizon {run.horizon_days:g} days; "
        f"money in {run.money}{_drawn_words(scenario)}"
    )
    verdict = "The config can be run." if notices else "The config can be run; nothing to remark."
    swept = _sweep_words(sweep) if sweep else ""
    return whole_text((run.title, line), tables_text(tables), notices, swept, verdict)


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
    return escaped(
        f"Sweep: {sweep.method} of {points:,} point{'' if points == 1 else 's'} over "
        f"{parameters} parameter{'' if parameters == 1 else 's'}; riskengine sweep plays it."
    )
