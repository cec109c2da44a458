"""What `riskengine backtest` prints."""

from __future__ import annotations

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text, written
from riskengine.cli.options import Printed
from riskengine.cli.streams import tables_text
from riskengine.reports.backtest.sentences import facts_line, headline, skill_line
from riskengine.reports.backtest.tables import backtest_tables
from riskengine.store.backtests import BACKTEST_PAGE, BACKTEST_WORKBOOK
from riskengine.verbs.backtest import BacktestResult


def backtest_answer(result: BacktestResult, printed: Printed) -> str:
    """The answer of a back-test, in the form that was asked for."""
    if printed.quiet:
        return str(result.folder)
    if printed.as_json:
        return _document(result)
    made = result.rows
    said = (headline(made.calibration), skill_line(made.skills))
    head = (made.suite.title, facts_line(made), *said)
    last = written("Results", result.folder, BACKTEST_WORKBOOK, BACKTEST_PAGE)
    return whole_text(head, tables_text(backtest_tables(made)), (), last)


def _document(result: BacktestResult) -> str:
    made = result.rows
    return document(
        title=made.suite.title,
        trials=made.trials,
        seed=made.seed,
        folder=str(result.folder),
        outcomes=records(made.scores),
        calibration=records(made.calibration),
        scores=records(made.ratings),
        skill=records(made.skills),
        copies=records(made.suite.copies),
    )
