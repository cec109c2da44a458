"""What `riskengine check` prints."""

from __future__ import annotations

from typing import Any, NamedTuple

from riskengine.cli.answers.document import document, records
from riskengine.cli.answers.text import whole_text
from riskengine.cli.streams import tables_text
from riskengine.config import MitigationConfig, WholeConfig
from riskengine.errors import escaped
from riskengine.language.languages import ENGLISH
from riskengine.language.money import unit_words
from riskengine.language.speaking import say, speaking, spoken
from riskengine.mitigation.search.enumeration import MOST_ENUMERATED, count_feasible
from riskengine.mitigation.search.market import build_market
from riskengine.model.mitigation import Mitigation
from riskengine.model.notices import Notice, mitigation_notices, scenario_notices, time_notices
from riskengine.model.sampling import described, onset_probability
from riskengine.model.scenario import Scenario
from riskengine.model.settings import count_points, count_worlds
from riskengine.model.spelling import counted
from riskengine.model.statuses import input_tables, tally
from riskengine.model.sweep import Sweep
from riskengine.reports.run.inputs import status_table, status_words
from riskengine.reports.scenario.describe import describe
from riskengine.reports.scenario.page import checked_page
from riskengine.reports.tables.table import Table, text
from riskengine.verbs.jobs.suppliers import WrittenConcentration


class CheckedConfig(NamedTuple):
    """What is said of a valid config, on the screen and on a page."""

    config: WholeConfig
    line: str  #: trials, seed, horizon, money
    tables: list[Table]
    sentences: list[str]  #: on sweep, mitigation and the status of the inputs
    notices: list[Notice]

    @property
    def verdict(self) -> str:
        if self.notices:
            return "The config can be run."
        return "The config can be run; nothing to remark."


def checked(config: WholeConfig) -> CheckedConfig:
    """The description of a config, its sweep and its mitigation."""
    scenario, run = config.scenario, config.scenario.run
    sweep = config.swept.sweep if config.swept else None
    bought = config.mitigation
    rows = input_tables(scenario.document)
    notices = scenario_notices(scenario)
    notices += time_notices(run.trials, keeps_rows=True)
    if sweep:
        notices += time_notices(run.trials * (count_points(sweep) + 1))
    if bought:
        notices += mitigation_notices(bought.mitigation, run.money)
    line = say(
        f"{run.trials:,} trials, seed {run.seed}, horizon {run.horizon_days:g} days; "
        f"money in {unit_words(run.money)}"
    )
    line += _drawn_words(scenario)
    sentences = [_sweep_words(sweep)] if sweep else []
    sentences += [_mitigation_words(bought, run.money)] if bought else []
    sentences.append(status_words(tally(rows)))
    tables = [*describe(scenario), status_table(rows), _files_table(config)]
    return CheckedConfig(config, line, tables, sentences, notices)


def check_answer(
    found: CheckedConfig,
    suppliers: WrittenConcentration | None = None,
    page: str | None = None,
    *,
    as_json: bool,
) -> str:
    """The description in the form that was asked for."""
    run, bought = found.config.scenario.run, found.config.mitigation
    tables = [*found.tables, *(suppliers.tables if suppliers else [])]
    if as_json:
        swept = found.config.swept
        return document(
            title=run.title,
            trials=run.trials,
            seed=run.seed,
            horizon_days=run.horizon_days,
            money=run.money,
            **described(found.config.scenario),
            **{table.key: table.records() for table in tables},
            **({"sweep": _sweep_record(swept.sweep)} if swept else {}),
            **({"mitigation": _mitigation_record(bought)} if bought else {}),
            notices=records(found.notices),
        )
    others = list(found.sentences)
    if suppliers:
        others += [*suppliers.sentences, *(f"Written: {path}" for path in suppliers.written)]
    others += [f"Page: {escaped(page)}"] if page is not None else []
    head, said = (run.title, found.line), "\n".join(others)
    return whole_text(head, tables_text(tables), found.notices, said, found.verdict)


def check_page(found: CheckedConfig) -> str:
    """The same as a page in the language of the config, with the ladder as a diagram."""
    scenario = found.config.scenario
    with speaking(scenario.run.language):
        if spoken() is not ENGLISH:
            found = checked(found.config)  # its tables have words of the language
        said = [*found.sentences, found.verdict]
        return checked_page(scenario, found.line, said, found.tables, found.notices)


def _files_table(config: WholeConfig) -> Table:
    """Every file that was read; what comes with riskengine begins with its name."""
    files = dict(config.scenario.files)
    files |= dict(config.swept.files) if config.swept else {}
    return Table(
        key="files",
        title="Files read",
        columns=[text("file", "File"), text("sha256", "SHA-256")],
        rows=[[name, digest] for name, digest in files.items()],
    )


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
    return say(f"; drawn with {', '.join(words)}") if words else ""


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


def _portfolios(mitigation: Mitigation) -> tuple[int, bool]:
    """How many portfolios are feasible at the largest budget, and whether there are more."""
    budget = mitigation.budgets[-1] if mitigation.budgets else None
    count = count_feasible(build_market(mitigation), budget)
    return (MOST_ENUMERATED, True) if count is None else (count, False)


def _mitigation_record(config: MitigationConfig) -> dict[str, Any]:
    mitigation = config.mitigation
    count, has_more = _portfolios(mitigation)
    return {
        "measure": mitigation.measure,
        "level": mitigation.level,
        "budgets": list(mitigation.budgets) if mitigation.budgets else None,
        "years": mitigation.years,
        "discount_rate": mitigation.discount_rate,
        "options": [
            {"option": option.name, "cost": option.present_value, "fixed": option.fixed}
            for option in mitigation.options
        ],
        "portfolios": count,
        "more_portfolios": has_more,
        "worlds": count_worlds(config.worlds.sweep) if config.worlds else 0,
    }


def _mitigation_words(config: MitigationConfig, money: str) -> str:
    mitigation = config.mitigation
    count, has_more = _portfolios(mitigation)
    options = counted(len(mitigation.options), "option")
    fixed = len(mitigation.options) - len(mitigation.free)
    decided = f" ({fixed} of them fixed)" if fixed else ""
    budgets = mitigation.budgets
    spent = "the whole frontier"
    if budgets:
        amounts = spoken().to.join(f"{budget:,.6g}" for budget in sorted({budgets[0], budgets[-1]}))
        spent = f"{counted(len(budgets), 'budget')} of {unit_words(money)} {amounts}"
    limits = f", {counted(len(mitigation.limits), 'limit')}" if mitigation.limits else ""
    worlds = f", {count_worlds(config.worlds.sweep):,} worlds" if config.worlds else ""
    feasible = f"more than {count:,} portfolios" if has_more else counted(count, "portfolio")
    return escaped(
        f"Mitigation: {options}{decided}, {spent}{limits}{worlds}; {feasible} that can be bought, "
        "the empty one included; riskengine mitigate chooses."
    )
