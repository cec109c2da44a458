"""The catalogue of measures: the only list of them.

`metrics.csv`, comparisons, sweeps, the tables and sheets of the total, the words for a figure and
the table of measures in `docs/results.md` all follow from it. The order of the catalogue is the
order of the rows of `metrics.csv`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from riskengine.figures.evidence import (
    COMPONENTS,
    INDUSTRY,
    MATERIAL,
    TOTAL,
    Evidence,
    median_first_day,
)
from riskengine.measures.contributions import contribution, tail_of
from riskengine.measures.estimate import Estimate
from riskengine.measures.moments import chance_above, mean
from riskengine.measures.paired import (
    Pair,
    Trials,
    chance_difference,
    mean_difference,
    median_difference,
    sd_difference,
    tvar_difference,
    var_difference,
)
from riskengine.model.confidence import LEVELS, level_name, level_text, worst_text
from riskengine.model.scenario import Scenario

DISPUTE = "dispute"
SCOPES = (TOTAL, INDUSTRY, MATERIAL, DISPUTE)
WHOLE = "all"  #: the component of a figure that is of no component

_LOSSES = (TOTAL, INDUSTRY, MATERIAL)
_LOSS_COLUMN = {TOTAL: "total", INDUSTRY: "industry:", MATERIAL: "loss:"}
_PROBABILITY, _DAYS = "probability", "days"


class Place(NamedTuple):
    """What one figure of a measure is of."""

    scope: str
    position: int  #: of the industry, material or dispute; 0 for the total
    component: str = WHOLE
    level: float | None = None  #: confidence level or threshold, of a measure that has any

    @property
    def at(self) -> float:
        """The level; nan for a measure without levels."""
        return math.nan if self.level is None else self.level


class Levels(NamedTuple):
    """What a measure is asked for at: confidence levels, or amounts of loss."""

    values: Callable[[Scenario], Sequence[float]]
    words: str  #: of them, in the documentation
    is_confidence: bool


CONFIDENCE = Levels(lambda scenario: LEVELS, "each level of `run.levels`", True)
THRESHOLDS = Levels(lambda scenario: scenario.run.thresholds, "each of `run.thresholds`", False)


class Parts(NamedTuple):
    """What a measure is divided into, one figure for each."""

    names: Callable[[Scenario], Iterable[str]]
    words: str  #: of them, in the documentation


Within = Callable[[Trials, Trials, float], float]  #: of a part, the whole, and at a level


class ByTrial(NamedTuple):
    """How a measure is taken of what each trial holds: of one series, and of two with shared draws.

    The second argument of both is the level; a measure without levels ignores it.
    """

    alone: Callable[[Trials, float], Estimate]
    paired: Callable[[Pair, float], Estimate]
    #: the column of the files by trial, before the name; that of the loss where it is empty
    column: str = ""


class Swept(NamedTuple):
    """How a sweep takes a measure of a series that it keeps for many comparisons."""

    alone: Callable[[Trials, float], Estimate]
    scopes: tuple[str, ...] = _LOSSES
    is_explained: bool = True  #: whether indices say which parameter moves it


class Shown(NamedTuple):
    """How the tables and sheets of the total show a measure; `{}` stands for its level.

    What is left empty follows from the words of the measure.
    """

    heading: str = ""  #: of its column in the table of bad outcomes
    label: str = ""  #: of its row in the workbook
    key: str = ""  #: first part of its defined name in the workbook
    says: str = ""  #: what a value means; `{beyond}` stands for the share of the tail


_AS_WORDS = Shown()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """One measure: what it is, how it is taken, and where it appears."""

    name: str  #: in files
    words: str  #: as a heading
    definition: str  #: for the documentation
    interval: str  #: where its interval comes from, for the documentation; "none" if it has none
    scopes: tuple[str, ...]
    of: Callable[[Evidence, Place], Estimate]
    unit: str = ""  #: empty for the money of the scenario
    levels: Levels | None = None
    parts: Parts | None = None
    by_trial: ByTrial | None = None  #: None where the files by trial do not hold it
    within: Within | None = None  #: how it is taken of a part and the whole by trial
    swept: Swept | None = None
    shown: Shown = _AS_WORDS

    @property
    def has_confidence(self) -> bool:
        """Whether it is taken at the confidence levels of a run."""
        return self.levels is not None and self.levels.is_confidence

    @property
    def is_probability(self) -> bool:
        """Whether it is a share of the futures."""
        return self.unit == _PROBABILITY

    @property
    def is_estimate(self) -> bool:
        """Whether it tells about the risk; the largest trial tells about the trials alone."""
        return self.interval != "none"

    def places(self, scenario: Scenario, scope: str, index: int) -> Iterable[Place]:
        """What its figures of one industry, material or dispute, or of the total, are of."""
        components = self.parts.names(scenario) if self.parts else (WHOLE,)
        levels = self.levels.values(scenario) if self.levels else (None,)
        return [Place(scope, index, each, level) for each in components for level in levels]

    def unit_in(self, money: str) -> str:
        """Its unit, where losses are in this money."""
        return self.unit or money

    def column(self, scope: str, name: str, component: str) -> str:
        """The column of the files by trial that it is taken of."""
        if component != WHOLE:
            return f"{component}:{name}"
        start = self.by_trial.column if self.by_trial else ""
        return f"{start or _LOSS_COLUMN.get(scope, '')}{name}"


def _loss_mean(evidence: Evidence, place: Place) -> Estimate:
    return evidence.loss(place.scope, place.position).mean


def _sd(evidence: Evidence, place: Place) -> Estimate:
    return evidence.loss(place.scope, place.position).sd


def _chance(evidence: Evidence, place: Place) -> Estimate:
    return evidence.loss(place.scope, place.position).chance


def _var(evidence: Evidence, place: Place) -> Estimate:
    return evidence.loss(place.scope, place.position).quantiles.var(place.at)


def _tvar(evidence: Evidence, place: Place) -> Estimate:
    return evidence.loss(place.scope, place.position).quantiles.tvar(place.at)


def _largest(evidence: Evidence, place: Place) -> Estimate:
    return Estimate.alone(evidence.loss(place.scope, place.position).largest)


def _largest_spell(evidence: Evidence, place: Place) -> Estimate:
    return evidence.largest_spell().var(place.at)


def _component_mean(evidence: Evidence, place: Place) -> Estimate:
    return evidence.mean_of(place.scope, place.component, place.position)


def _chance_of_lost_output(evidence: Evidence, place: Place) -> Estimate:
    return evidence.chance_above(place.scope, "output", place.position)


def _chance_above(evidence: Evidence, place: Place) -> Estimate:
    return evidence.chance_above(place.scope, "loss", bound=place.at)


def _contribution(evidence: Evidence, place: Place) -> Estimate:
    return Estimate.alone(evidence.contribution(place.scope, place.position, place.at))


def _first_day(evidence: Evidence, place: Place) -> Estimate:
    return evidence.first_day(place.position)


def _level_days(evidence: Evidence, place: Place) -> Estimate:
    return evidence.level_days(
        place.position, list(evidence.scenario.ladder).index(place.component)
    )


def _episodes(evidence: Evidence, place: Place) -> Estimate:
    return evidence.episodes(place.position)


def _mean_of(field: str) -> Callable[[Evidence, Place], Estimate]:
    return lambda evidence, place: evidence.mean_of(place.scope, field, place.position)


def _within_tail(part: Trials, whole: Trials, level: float) -> float:
    value_at_risk = whole.var(level).value
    return contribution(part.values, tail_of(whole.values, level, value_at_risk))


def _exceedances(pair: Pair, threshold: float) -> Pair:
    """1 in the trials whose loss is above a threshold, 0 in the others."""
    first, second = (np.where(s > threshold, 1.0, 0.0) for s in (pair.first, pair.second))
    return Pair(first, second)


def _largest_trial(trials: Trials, _: float) -> Estimate:
    return Estimate.alone(float(trials.sample.values[-1]))


def _largest_difference(pair: Pair, _: float) -> Estimate:
    first, second = (_largest_trial(trials, _).value for trials in pair.both)
    return Estimate.alone(second - first)


def _mean_by_trial(column: str = "") -> ByTrial:
    return ByTrial(
        lambda trials, _: mean(trials.values), lambda pair, _: mean_difference(pair), column
    )


def _chance_by_trial(column: str = "") -> ByTrial:
    return ByTrial(lambda trials, _: trials.chance, lambda pair, _: chance_difference(pair), column)


def _days(name: str, words: str, definition: str, scope: str) -> Measure:
    """A mean number of days that each trial holds."""
    return Measure(
        name=name,
        words=words,
        definition=definition,
        interval=_STANDARD_ERROR,
        scopes=(scope,),
        of=_mean_of(name),
        unit=_DAYS,
        by_trial=_mean_by_trial(f"{name}:"),
    )


_STANDARD_ERROR = "standard error; exact for few trials"

CATALOG: tuple[Measure, ...] = (
    Measure(
        name="mean",
        words="Mean",
        definition="mean loss of a trial",
        interval=_STANDARD_ERROR,
        scopes=_LOSSES,
        of=_loss_mean,
        by_trial=_mean_by_trial(),
        swept=Swept(lambda trials, _: trials.mean),
        shown=Shown(label="Mean loss", says="average over all futures"),
    ),
    Measure(
        name="sd",
        words="Standard deviation",
        definition="standard deviation of the loss, n - 1 in the denominator",
        interval="delta method; describes the sample only where losses are heavy-tailed",
        scopes=_LOSSES,
        of=_sd,
        by_trial=ByTrial(lambda trials, _: trials.sd, lambda pair, _: sd_difference(pair)),
        swept=Swept(lambda trials, _: trials.sd, (TOTAL, INDUSTRY), is_explained=False),
        shown=Shown(key="SD", says="how far futures differ from the mean"),
    ),
    Measure(
        name="prob_loss",
        words="Chance of any loss",
        definition="share of trials with a loss above 0",
        interval=_STANDARD_ERROR,
        scopes=_LOSSES,
        of=_chance,
        unit=_PROBABILITY,
        by_trial=_chance_by_trial(),
        swept=Swept(lambda trials, _: trials.chance, (TOTAL, INDUSTRY)),
        shown=Shown(says="share of the futures with a loss above 0"),
    ),
    Measure(
        name="var",
        words="VaR",
        definition="the loss with rank ceil(n p) in ascending order",
        interval="order statistics",
        scopes=_LOSSES,
        of=_var,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.var, var_difference),
        swept=Swept(Trials.var, (TOTAL, INDUSTRY)),
        shown=Shown(
            heading="VaR (loss not exceeded)", key="VaR", says="{} of the futures lose no more"
        ),
    ),
    Measure(
        name="tvar",
        words="TVaR",
        definition="mean of the worst 1 - p of the trials",
        interval="asymptotic variance; exact for few trials",
        scopes=_LOSSES,
        of=_tvar,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.tvar, tvar_difference),
        swept=Swept(Trials.tvar, (TOTAL, INDUSTRY)),
        shown=Shown(
            heading="TVaR (mean beyond)",
            key="TVaR",
            says="mean of the worst {beyond} of the futures",
        ),
    ),
    Measure(
        name="max",
        words="Largest trial",
        definition="the largest loss of a trial",
        interval="none",
        scopes=_LOSSES,
        of=_largest,
        by_trial=ByTrial(_largest_trial, _largest_difference),
        shown=Shown(label="Largest loss of all trials", says="the worst future that was played"),
    ),
    Measure(
        name="oep_var",
        words="OEP VaR",
        definition="`var` of the largest spell of each trial",
        interval="order statistics",
        scopes=(TOTAL,),
        of=_largest_spell,
        levels=CONFIDENCE,
        by_trial=ByTrial(Trials.var, var_difference, "largest_spell"),
        shown=Shown(
            heading="VaR of the largest spell (OEP)",
            label="VaR {} of the largest spell (OEP)",
            key="OEP",
            says="in {} of the futures no single spell costs more",
        ),
    ),
    Measure(
        name="mean",
        words="Mean by component",
        definition="mean of one component of the loss; the four add up to `mean`",
        interval=_STANDARD_ERROR,
        scopes=(TOTAL, INDUSTRY),
        of=_component_mean,
        parts=Parts(lambda scenario: COMPONENTS, "each component"),
        by_trial=_mean_by_trial(),
    ),
    Measure(
        name="prob_output_loss",
        words="Chance of lost output",
        definition="share of trials with lost output, its component `output` above 0: dearer "
        "supply alone does not count",
        interval="as `prob_loss`",
        scopes=(TOTAL, INDUSTRY),
        of=_chance_of_lost_output,
        unit=_PROBABILITY,
        by_trial=_chance_by_trial("output:"),
        shown=Shown(key="ProbOutput", says="share of the futures that lose output"),
    ),
    Measure(
        name="prob_above",
        words="Chance of a loss above",
        definition="share of trials with a loss above the threshold; one at the threshold is not "
        "above it",
        interval="as `prob_loss`",
        scopes=(TOTAL,),
        of=_chance_above,
        unit=_PROBABILITY,
        levels=THRESHOLDS,
        by_trial=ByTrial(
            lambda trials, threshold: chance_above(trials.sample, threshold),
            lambda pair, threshold: chance_difference(_exceedances(pair, threshold)),
        ),
        shown=Shown(says="share of the futures with a larger total loss"),
    ),
    Measure(
        name="contribution_mean",
        words="Part of the mean",
        definition="part of the mean of the total: its own mean",
        interval=_STANDARD_ERROR,
        scopes=(INDUSTRY, MATERIAL),
        of=_loss_mean,
        by_trial=_mean_by_trial(),
    ),
    Measure(
        name="contribution_tvar",
        words="Part of TVaR",
        definition="part of the TVaR of the total: its mean in the tail of the total",
        interval="none",
        scopes=(INDUSTRY, MATERIAL),
        of=_contribution,
        levels=CONFIDENCE,
        within=_within_tail,
    ),
    _days("loss_days", "Loss days, mean", "mean number of days with any output loss", INDUSTRY),
    _days("stopped_days", "Days stopped, mean", "mean number of days without any output", INDUSTRY),
    Measure(
        name="first_loss_day_median",
        words="First loss day, median",
        definition="median day of the first output loss, among the trials that have one",
        interval="order statistics",
        scopes=(INDUSTRY,),
        of=_first_day,
        unit=_DAYS,
        by_trial=ByTrial(
            lambda trials, _: median_first_day(trials.values),
            lambda pair, _: median_difference(pair),
            "first_loss_day:",
        ),
    ),
    _days(
        "cut_days",
        "Days with any cut, mean",
        "mean number of days on which any of its supply is lost, however little",
        MATERIAL,
    ),
    _days(
        "cut_weighted_days",
        "Days of demand cut, mean",
        "mean supply lost over the horizon, in days of normal demand: ten days of a cut of 30 % "
        "count as three; before alternatives and stocks",
        MATERIAL,
    ),
    _days(
        "shortage_days",
        "Days of demand short, mean",
        "mean net shortage over the horizon, in days of normal demand",
        MATERIAL,
    ),
    Measure(
        name="level_days",
        words="Days on the level, mean",
        definition="mean number of days on the level; where several disputes concern the material, "
        "on the deepest of its levels at the time, so that levels add up",
        interval=_STANDARD_ERROR,
        scopes=(MATERIAL,),
        of=_level_days,
        unit=_DAYS,
        parts=Parts(lambda scenario: scenario.ladder, "each level of the ladder"),
    ),
    Measure(
        name="episodes",
        words="Episodes, mean",
        definition="mean number of episodes that began",
        interval=_STANDARD_ERROR,
        scopes=(DISPUTE,),
        of=_episodes,
        unit="episodes",
    ),
)


@cache
def _by_name() -> Mapping[tuple[str, bool], Measure]:
    return {(measure.name, measure.parts is None): measure for measure in CATALOG}


def find(name: str, component: str = WHOLE) -> Measure | None:
    """The measure that a row of `metrics.csv` is a figure of; None if there is no such measure."""
    found = _by_name()
    return found.get((name, component == WHOLE)) or found.get((name, component != WHOLE))


def of_scope(scope: str) -> list[Measure]:
    """The measures that the total, an industry, a material or a dispute has, in order."""
    return [measure for measure in CATALOG if scope in measure.scopes]


def of_total() -> list[Measure]:
    """The undivided measures of the total in the order in which reports show them.

    First those without levels, then the chances of a loss above each threshold, then those at each
    confidence level, and last what tells about the trials alone.
    """
    found = [measure for measure in of_scope(TOTAL) if measure.parts is None]
    return sorted(found, key=lambda m: (not m.is_estimate, m.has_confidence, m.levels is not None))


def label(measure: Measure, level: float | None, write: Callable[[float], str]) -> str:
    """The heading of one figure of a measure; `write` writes amounts of loss.

    >>> label(find("var"), 0.99, str), label(find("prob_above"), 500.0, "{:g}".format)
    ('VaR 99 %', 'Chance of a loss above 500')
    """
    if level is None:
        return measure.words
    shown = level_text(level) if measure.has_confidence else write(level)
    return f"{measure.words} {shown}"


def in_sentence(name: str, level: float | None = None) -> str:
    """One figure of a measure as a sentence names it.

    >>> in_sentence("var", 0.99), in_sentence("sd"), in_sentence("prob_loss")
    ('VaR 99 %', 'standard deviation', 'chance of any loss')
    """
    measure = find(name)
    words = measure.words if measure else name
    # A capital stays where the word is an abbreviation.
    words = words[0].lower() + words[1:] if words.split()[0].istitle() else words
    return words if level is None else f"{words} {level_text(level)}"


class Row(NamedTuple):
    """How a sheet shows one figure of a measure of the total."""

    label: str
    key: str  #: first part of its defined name
    says: str  #: what the value means


def sheet_row(
    measure: Measure, level: float | None, place: int, write: Callable[[float], str]
) -> Row:
    """How a sheet shows one figure of a measure of the total.

    Parameters
    ----------
    measure : Measure
    level : float, optional
        Confidence level, or amount of loss.
    place : int
        Of the level among those of the measure, from 1 on: names count amounts of loss.
    write : callable
        Writes an amount of loss.

    Examples
    --------
    >>> sheet_row(find("tvar"), 0.995, 4, str)
    Row(label='TVaR 99.5 %', key='TVaR995', says='mean of the worst 0.5 % of the futures')
    >>> sheet_row(find("prob_above"), 500.0, 2, str).key
    'ProbAbove2'
    """
    shown = measure.shown
    key = shown.key or "".join(part.capitalize() for part in measure.name.split("_"))
    written = label(measure, level, write)
    if level is None or not measure.has_confidence:
        number = "" if level is None else str(place)
        return Row(shown.label or written, f"{key}{number}", shown.says)
    text = level_text(level)
    return Row(
        shown.label.format(text) or written,
        f"{key}{level_name(level)}",
        shown.says.format(text, beyond=worst_text(level)),
    )


def documented() -> list[list[str]]:
    """The rows of the table of measures in `docs/results.md`, the headings first."""
    rows = [["measure", "of", "definition", "unit", "interval"]]
    for measure in CATALOG:
        of = ", ".join(measure.scopes)
        further = [each.words for each in (measure.levels, measure.parts) if each]
        rows.append(
            [
                f"`{measure.name}`",
                "; ".join([of, *further]),
                measure.definition,
                measure.unit_in("money"),
                measure.interval,
            ]
        )
    return rows
