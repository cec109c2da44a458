"""The files of results folders with their columns, from the classes that they are made of.

`docs/reference/files.md` has a table for each file (`make reference`). What a column means is the
`#:` comment of its field; columns of Open Results Data carry their meaning themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from sphinx.pycode import ModuleAnalyzer

import riskengine
from riskengine.backtests.copies import Copy
from riskengine.backtests.scoring import Coverage, Score
from riskengine.backtests.skill import Rating, Skill
from riskengine.batches.outcome import BatchRow
from riskengine.batches.tables import ChangeRow, ComparisonRow, ScenarioRow
from riskengine.exchange import tables as ordered
from riskengine.exchange.tables import OrdColumn, OrdTable
from riskengine.figures.buyers import BuyerRow
from riskengine.figures.comparison import Difference
from riskengine.figures.curves import CurveRow
from riskengine.figures.distribution import BinRow, PercentileRow
from riskengine.figures.fan import FanRow
from riskengine.figures.metrics import Figure
from riskengine.fits.figures import FitRow
from riskengine.mitigation import tables as mitigation
from riskengine.model.losses import Losses
from riskengine.store import backtests, batches, fits, sheets, sweeps
from riskengine.store import mitigation as studies
from riskengine.store.columns import WEIGHT, TrialColumn, expected_columns
from riskengine.sweeps import tables as sweep

KINDS: dict[str, dict[str, type[Any]]] = {
    "run": {
        sheets.METRICS: Figure,
        sheets.CURVES: CurveRow,
        sheets.PERCENTILES: PercentileRow,
        sheets.HISTOGRAM: BinRow,
        sheets.TIMELINE: FanRow,
        sheets.BUYERS: BuyerRow,
    },
    "compare": {"compare.csv": Difference},
    "batch": {
        batches.BATCH_CSV: BatchRow,
        batches.SCENARIOS_CSV: ScenarioRow,
        batches.REFERENCE_CSV: ComparisonRow,
        batches.PREVIOUS_CSV: ComparisonRow,
        batches.CHANGES_CSV: ChangeRow,
    },
    "sweep": {
        sweeps.POINTS: sweep.PointRow,
        sweeps.FIGURES: sweep.SweepRow,
        sweeps.SENSITIVITY: sweep.SensitivityRow,
        sweeps.UNCERTAINTY: sweep.UncertaintyRow,
        sweeps.NOISE: sweep.NoiseRow,
    },
    "mitigation": {
        studies.FRONTIER: mitigation.FrontierRow,
        studies.OPTIONS: mitigation.OptionRow,
        studies.INTERACTIONS: mitigation.InteractionRow,
        studies.PORTFOLIOS: mitigation.PortfolioRow,
        studies.BENEFICIARIES: mitigation.BeneficiaryRow,
        studies.REGRET: mitigation.RegretRow,
        studies.FINALISTS: mitigation.FinalistRow,
        studies.INFORMATION: mitigation.InformationRow,
    },
    "calibration": {fits.FIT_FIGURES: FitRow},
    "back-test": {
        backtests.SCORES: Score,
        backtests.CALIBRATION: Coverage,
        backtests.RATINGS: Rating,
        backtests.SKILLS: Skill,
        backtests.COPIES: Copy,
    },
}
TRIALS = "trials"  #: the kind of the files with a row for each trial
ORD = "ord"  #: the kind of the tables that `report --ord` writes
WITH_POOLS = "riskengine:korea-japan-2026"  #: a case that has every file and column

#: What a column without a comment of its own means wherever it stands.
COMMON = {
    "scenario": "name of the scenario",
    "scope": "total, industry, material, dispute or pool",
    "name": "of the industry, material, dispute or pool; empty for the total",
    "component": "all, output, rerouting, price or indirect; for level_days the level",
    "measure": "name of the measure, as in the table of measures",
    "level": "confidence level, or threshold; empty for a measure without levels",
    "value": "the figure",
    "lower": "lower end of the 95 % interval",
    "upper": "upper end of the 95 % interval",
    "unit": "of the figure",
    "title": "of the scenario",
    "trials": "how many trials",
    "seed": "of the draws",
    "horizon_days": "length of a trial",
    "money": "unit of all money",
    "path": "of the value in the config",
    "material": "name of the material",
    "industry": "name of the industry",
    "pool": "name of the pool",
    "portfolio": "its options, joined by ` + `",
    "option": "name of the option",
    "budget": "as in the config",
    "case": "name of the case",
}
KIND_WORDS = {"str": "text", "float": "number", "int": "whole number", "bool": "TRUE or FALSE"}
ORD_WORDS = {"int32": "whole number", "float64": "number", "string": "text"}
SERIES = {"industry": "industry_loss", "loss": "material_loss", "used": "pool_used"}


def columns(row: type[Any]) -> list[tuple[str, str, str]]:
    """Name, kind and meaning of each column of the file whose rows are of a class."""
    found = []
    said = _comments(row)
    for field in fields(row):
        kind = str(field.type)
        if field.name == "settings":  # of a sweep point
            found.append(
                ("PATH", "as in the config", "one column for each path that the sweep varies")
            )
            continue
        words = KIND_WORDS[kind.removesuffix(" | None")]
        optional = ", or empty" if kind.endswith("None") else ""
        found.append((field.name, f"{words}{optional}", meaning(field.name, said)))
    return found


def meaning(name: str, said: dict[str, str]) -> str:
    """What a column means; empty if nothing says it."""
    end = re.fullmatch("(.+)_(lower|upper)", name)
    if name in said:
        return said[name]
    return f"{end[2]} end of the 95 % interval of `{end[1]}`" if end else COMMON.get(name, "")


def trial_columns() -> dict[str, list[tuple[str, str, str]]]:
    """The same for the files by trial; NAME stands for a name."""
    said = _comments(Losses) | {"trial": "its number, with which it can be replayed"}
    scenario = riskengine.load({"extends": WITH_POOLS, "run": {"tilt": 1.0}})
    found = {}
    for file, made in expected_columns(scenario).items():
        rows: dict[str, tuple[str, str, str]] = {}
        for column in made:
            prefix, is_group, _ = column.name.partition(":")
            name = f"{prefix}:NAME" if is_group else prefix
            means = said.get(SERIES.get(prefix, prefix), "")
            rows.setdefault(name, (name, _trial_kind(column, scenario.run.money), means))
        found[file] = list(rows.values())
    return found


def _trial_kind(column: TrialColumn, money: str) -> str:
    unit = "money" if column.unit == money else column.unit
    unit = "unit of the pool" if column.name.startswith("used:") else unit
    null = "null if there is none" if column.nullable else ""
    weighted = "only in runs with weighted trials" if column.name == WEIGHT else ""
    return ", ".join(filter(None, (str(column.values.dtype), unit, null, weighted)))


def _comments(owner: type[Any]) -> dict[str, str]:
    """The `#:` comments of the fields of a class, in the words of a file."""
    every = ModuleAnalyzer.for_module(owner.__module__).find_attr_docs()
    return {
        name: _in_a_file(" ".join(lines).strip())
        for (holder, name), lines in every.items()
        if holder == owner.__qualname__
    }


def _in_a_file(words: str) -> str:
    """Without the shape of an array; what is not there is an empty cell."""
    words = re.sub(r"^\(n.*?\) ?", "", words)
    return re.sub(r"\b(nan|None)\b", "empty", words)


def ord_tables() -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """The same for Open Results Data; a table that both versions share comes once."""
    found: dict[OrdTable, str] = {}
    for (name, version), table in ordered.TABLES.items():
        word = f"version {version}"
        shared = table in found
        found[table] = f"`il_S{{set}}_{name}`, {'both versions' if shared else word}"
    found[ordered.SUMMARY_INFO] = "`il_S{set}_summary-info`, both versions"
    found[ordered.EPT_CI] = "`il_S{set}_ept_ci`, among the extensions"
    for table, title in found.items():
        yield title, table.says, [_ord_column(column) for column in table.columns]


def _ord_column(column: OrdColumn) -> tuple[str, str, str]:
    optional = ", or empty" if column.nullable else ""
    return column.name, f"{ORD_WORDS[column.kind.arrow]}{optional}", column.meaning


def tables(kind: str) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """File, first sentence and columns of every file of a kind of folder."""
    if kind == TRIALS:
        yield from ((file, "One row per trial.", found) for file, found in trial_columns().items())
        return
    if kind == ORD:
        yield from ord_tables()
        return
    for file, row in KINDS[kind].items():
        first = " ".join((row.__doc__ or "").split("\n\n")[0].split())
        yield file, _in_a_file(first), columns(row)


def markdown(kind: str) -> str:
    """The sections of a kind of folder."""
    lines = []
    for file, first, found in tables(kind):
        lines += [
            f"### {file}",
            "",
            first,
            "",
            "| column | kind | meaning |",
            "| --- | --- | --- |",
        ]
        lines += [f"| `{name}` | {words} | {means} |" for name, words, means in found]
        lines.append("")
    return "\n".join(lines).rstrip()


def all_sections() -> dict[str, str]:
    """The sections of every kind of folder, by the kind."""
    return {kind: markdown(kind) for kind in (*KINDS, TRIALS, ORD)}
