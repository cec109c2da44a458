"""What `riskengine run` prints."""

from __future__ import annotations

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.reports.run.inputs import in_short, resting_table
from riskengine.reports.run.stored import RunFacts, RunFigures
from riskengine.reports.run.tables import headline
from riskengine.store.folder import WORKBOOK
from riskengine.verbs.run import FinishedRun


def run_answer(run: FinishedRun, printed: Printed) -> str:
    """The answer of a run, in the form that was asked for."""
    if printed.quiet:
        return str(run.folder)
    facts, summary, scenario = RunFacts.of(run.losses), run.summary, run.losses.scenario
    figures = RunFigures(facts, summary.figures, scenario.pools)
    resting = resting_table(figures, scenario.document)
    if printed.as_json:
        return document(
            title=facts.title,
            trials=facts.trials,
            seed=facts.seed,
            first_trial=facts.first_trial,
            horizon_days=facts.horizon_days,
            money=facts.money,
            folder=str(run.folder),
            metrics=records(summary.figures),
            resting=resting.records(),
            notices=records(summary.notices),
            **({"target": run.target} if run.target else {}),
        )
    body = tables_text([*headline(figures), in_short(resting)])
    head = (facts.title, facts.line)
    return whole_text(
        head, body, summary.notices, run.target, written("Results", run.folder, WORKBOOK)
    )
