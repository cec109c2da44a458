"""The headline of a run: what everybody asks first, each figure with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.figures.catalog import of_total
from riskengine.figures.evidence import Evidence
from riskengine.figures.measure import Measure
from riskengine.figures.metrics import Figure
from riskengine.figures.wording import label
from riskengine.measures.estimate import UNKNOWN, Estimate
from riskengine.model.confidence import detail_level, level_name, level_text
from riskengine.model.losses import Losses
from riskengine.reports.tables.formats import AMOUNT, SHARE
from riskengine.reports.tables.numbers import exact
from riskengine.reports.tables.table import (
    Column,
    Table,
    estimate,
    number,
    text,
    words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What stands above the figures."""

    title: str
    trials: int
    seed: int
    first_trial: int
    horizon_days: float
    money: str

    @classmethod
    def of(cls, losses: Losses | Evidence) -> RunFacts:
        run = losses.scenario.run
        return cls(
            title=run.title,
            trials=losses.trials,
            seed=losses.seed,
            first_trial=losses.first_trial,
            horizon_days=losses.horizon_days,
            money=run.money,
        )

    @classmethod
    def of_manifest(cls, manifest: Mapping[str, Any]) -> RunFacts:
        return cls(**{name: manifest[name] for name in cls.__slots__})

    @property
    def line(self) -> str:
        """Everything but the title, in one line."""
        start = f" from trial {self.first_trial:,}" if self.first_trial else ""
        return (
            f"{self.trials:,} trials{start}, seed {self.seed}, "
            f"horizon {self.horizon_days:g} days; money in {self.money}"
        )


class Index:
    """Finds a figure by what it is, not by where it stands."""

    def __init__(self, figures: Iterable[Figure]):
        self._found = {
            (f.scope, f.name, f.component, f.measure, f.level): Estimate(f.value, f.lower, f.upper)
            for f in figures
        }
        self.names: dict[str, list[str]] = {}
        for scope, name, *_ in self._found:
            known = self.names.setdefault(scope, [])
            if name not in known[-1:]:
                known.append(name)
        self._levels: dict[str, list[float | None]] = {}
        for scope, _, component, measure, level in self._found:
            if (scope, component) == ("total", "all"):
                self._levels.setdefault(measure, []).append(level)

    def levels(self, measure: Measure) -> list[float | None]:
        """The levels at which the total has a measure, rising; None alone if it has no levels."""
        if measure.levels is None:
            return [None]
        return [level for level in self._levels.get(measure.name, []) if level is not None]

    @property
    def confidence(self) -> list[float]:
        """The confidence levels of the run, rising."""
        return [level for level in self._levels.get("var", []) if level is not None]

    @property
    def detail(self) -> float:
        """The level at which industries and materials are compared and ranked."""
        return detail_level(self.confidence)

    def thresholds(self) -> list[float]:
        """The losses whose chance to be exceeded is known, rising."""
        return [level or 0.0 for level in self._levels.get("prob_above", [])]

    def level_days(self, name: str) -> dict[str, Estimate]:
        """Mean days of a material on each level of the ladder, mildest first; empty in an older
        folder."""
        return {
            component: estimate
            for (_, owner, component, measure, _), estimate in self._found.items()
            if measure == "level_days" and owner == name
        }

    def get(self, scope: str, name: str, measure: str, level: float | None = None) -> Estimate:
        """The estimate for all components together; unknown if there is none."""
        return self._found.get((scope, name, "all", measure, level), UNKNOWN)


def headline(figures: Sequence[Figure], facts: RunFacts) -> list[Table]:
    """The tables shown at the end of a run: the total, the industries, the materials."""
    index = Index(figures)
    tables = [_moments(index, facts), _tail(index, facts)]
    tables += [make(index, facts) for scope, make in _PARTS.items() if scope in index.names]
    return tables


def _moments(index: Index, facts: RunFacts) -> Table:
    return Table(
        key="total",
        title=f"Total loss over {facts.horizon_days:g} days, {facts.money} (95 % interval)",
        columns=[text("measure", ""), _shown("value", "")],
        rows=[
            [label(measure, level, exact), form.show(index.get("total", "", measure.name, level))]
            for measure in of_total()
            if not measure.has_confidence
            for form in [SHARE if measure.is_probability else AMOUNT]
            for level in index.levels(measure)
        ],
    )


def _tail(index: Index, facts: RunFacts) -> Table:
    measures = [measure for measure in of_total() if measure.has_confidence]
    return Table(
        key="tail",
        title=f"Bad outcomes, {facts.money} (95 % interval)",
        columns=[
            text("level", "Level"),
            *(_estimate(each.name, each.shown.heading or each.words) for each in measures),
        ],
        rows=[
            [level_text(level), *(index.get("total", "", m.name, level) for m in measures)]
            for level in index.confidence
        ],
    )


def _industries(index: Index, facts: RunFacts) -> Table:
    rows = [
        [
            name,
            index.get("industry", name, "mean"),
            index.get("industry", name, "prob_loss").value,
            index.get("industry", name, "prob_output_loss").value,
            index.get("industry", name, "tvar", index.detail).value,
            _share_of_tail(index, "industry", name),
            index.get("industry", name, "loss_days").value,
            index.get("industry", name, "first_loss_day_median").value,
        ]
        for name in index.names["industry"]
    ]
    return Table(
        key="industries",
        title=f"By industry, {facts.money}",
        columns=[
            text("industry", "Industry"),
            _estimate("mean", "Mean (95 % interval)"),
            number("prob_loss", "Any loss", form=SHARE),
            number("prob_output_loss", "Lost output", form=SHARE),
            number(f"tvar_{level_name(index.detail)}", f"TVaR {level_text(index.detail)}"),
            _share_column(index.detail),
            number("loss_days", "Loss days, mean"),
            number("first_loss_day_median", "First loss day, median"),
        ],
        rows=rows,
        remark="Industries add up for means and shares only: their VaR and TVaR do not.",
    )


def _materials(index: Index, facts: RunFacts) -> Table:
    rows = [
        [
            name,
            index.get("material", name, "mean"),
            _share_of_tail(index, "material", name),
            index.get("material", name, "cut_days"),
            index.get("material", name, "cut_weighted_days"),
            index.get("material", name, "shortage_days"),
        ]
        for name in index.names["material"]
    ]
    return Table(
        key="materials",
        title=f"By material: loss attributed to it, {facts.money}",
        columns=[
            text("material", "Material"),
            _estimate("mean", "Mean (95 % interval)"),
            _share_column(index.detail),
            _estimate("cut_days", "Days with any cut, mean"),
            _estimate("cut_weighted_days", "Days of demand cut, mean"),
            _estimate("shortage_days", "Days of demand short, mean"),
        ],
        rows=rows,
    )


def level_table(index: Index) -> Table | None:
    """Mean days of each material on each level; None in a folder that does not have them."""
    days = {name: index.level_days(name) for name in index.names.get("material", [])}
    levels = list(next(iter(days.values()), {}))
    if not levels:
        return None
    return Table(
        key="levels",
        title="By material: mean days on each level, mildest first (95 % interval)",
        columns=[text("material", "Material"), *(_estimate(level, level) for level in levels)],
        rows=[[name, *on.values()] for name, on in days.items()],
        remark="A day counts for the deepest level on which the material stands.",
    )


_PARTS = {"industry": _industries, "material": _materials}


def _share_of_tail(index: Index, scope: str, name: str) -> float | None:
    whole = index.get("total", "", "tvar", index.detail).value
    part = index.get(scope, name, "contribution_tvar", index.detail).value
    return part / whole if whole > 0.0 else None


def _share_column(level: float) -> Column:
    key, heading = f"share_of_tvar_{level_name(level)}", f"Share of TVaR {level_text(level)}"
    return number(key, heading, form=SHARE)


def _estimate(key: str, heading: str) -> Column:
    return estimate(key, heading)


def _shown(key: str, heading: str) -> Column:
    return words(key, heading)
