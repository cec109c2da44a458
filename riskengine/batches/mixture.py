"""The mixture of a weighted batch: its losses are those of the scenarios, drawn by their weights.

Every figure is of the mixture itself: its VaR is no mean of the VaRs of the scenarios. An industry
or material that a scenario does not have loses nothing there, in all trials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from riskengine.batches.outcome import MixtureOutcome, MixturePart
from riskengine.figures.catalog import of_scope
from riskengine.figures.curves import curve_rows
from riskengine.figures.evidence import INDUSTRY, MATERIAL, TOTAL, Series
from riskengine.figures.measure import CONFIDENCE, Measure
from riskengine.figures.metrics import Figure
from riskengine.measures.curves import MIN_EXCEEDANCES, is_carried
from riskengine.measures.estimate import Estimate
from riskengine.measures.mixture.sample import MixtureSample, PartOfTail, contribution
from riskengine.measures.mixture.strata import Strata, Stratum
from riskengine.model.confidence import level_text
from riskengine.model.notices import Notice
from riskengine.model.sampling import REPLICATES

#: of a series of losses at a level; a measure without levels ignores it
_MEASURES: Mapping[str, Callable[[MixtureSample, float], Estimate]] = {
    "mean": lambda sample, _: sample.mean,
    "sd": lambda sample, _: sample.sd,
    "prob_loss": lambda sample, _: sample.chance,
    "prob_above": MixtureSample.chance_above,
    "var": MixtureSample.var,
    "tvar": MixtureSample.tvar,
    "max": lambda sample, _: Estimate.alone(sample.largest),
    "oep_var": MixtureSample.var,
    "contribution_mean": lambda sample, _: sample.mean,
}
_IN_TAIL = "contribution_tvar"
_COLUMNS = {TOTAL: "total", INDUSTRY: "industry:", MATERIAL: "loss:"}


def mixture_of(parts: Sequence[MixturePart]) -> MixtureOutcome:
    """The figures of the mixture of some scenarios, with their 95 % intervals.

    Parameters
    ----------
    parts : sequence of MixturePart
        In one money and with one horizon. Only one series of each is used at a time. VaR and TVaR
        are taken at the confidence levels that all scenarios have, chances of larger losses at the
        thresholds that all have.
    """
    return _Mixture(parts).outcome()


class _Mixture:
    """Takes one series after the other, of all scenarios at once."""

    def __init__(self, parts: Sequence[MixturePart]) -> None:
        self._parts = parts
        self._strata = Strata([_stratum(part) for part in parts])
        run = parts[0].scenario.run
        self._money, self._horizon = run.money, float(run.horizon_days)
        runs = [part.scenario.run for part in parts]
        self._levels = [p for p in run.levels if all(p in each.levels for each in runs)]
        self._thresholds = [x for x in run.thresholds if all(x in each.thresholds for each in runs)]

    def outcome(self) -> MixtureOutcome:
        total, spell = (self._sample(self._series(column)) for column in ("total", "largest_spell"))
        tails = {level: total.tail(level) for level in self._levels}
        rows = list(self._figures(TOTAL, "", total, {"oep_var": spell}))
        for scope in (INDUSTRY, MATERIAL):
            for name in self._names(scope):
                series = self._series(f"{_COLUMNS[scope]}{name}", scope, name)
                rows += self._figures(scope, name, self._sample(series))
                rows += self._in_tail(scope, name, series, tails)
        curves = [
            row
            for kind, sample in (("AEP", total), ("OEP", spell))
            for row in curve_rows(self._horizon, TOTAL, "", kind, sample)
        ]
        notices = tuple(self._notices(total))
        return MixtureOutcome(figures=tuple(rows), curves=tuple(curves), notices=notices)

    def _sample(self, series: Sequence[Series | None]) -> MixtureSample:
        return MixtureSample(series, self._strata)

    def _names(self, scope: str) -> list[str]:
        """The industries or materials of any scenario, in the order in which they first appear."""
        return list(dict.fromkeys(name for part in self._parts for name in _known(part, scope)))

    def _series(self, column: str, scope: str = TOTAL, name: str = "") -> list[Series | None]:
        """A column of every scenario; None where it has no such industry or material."""
        return [
            part.series[column] if scope == TOTAL or name in _known(part, scope) else None
            for part in self._parts
        ]

    def _figures(
        self,
        scope: str,
        name: str,
        sample: MixtureSample,
        others: Mapping[str, MixtureSample] | None = None,
    ) -> Iterator[Figure]:
        for measure in of_scope(scope):
            if measure.name in _MEASURES and measure.parts is None:
                own = (others or {}).get(measure.name, sample)
                take = partial(_MEASURES[measure.name], own)
                for level in self._levels_of(measure):
                    yield self._figure(scope, name, measure, level, take(level or 0.0))

    def _levels_of(self, measure: Measure) -> Sequence[float | None]:
        if measure.levels is None:
            return [None]
        return self._levels if measure.levels is CONFIDENCE else self._thresholds

    def _in_tail(
        self,
        scope: str,
        name: str,
        series: Sequence[Series | None],
        tails: Mapping[float, Sequence[PartOfTail]],
    ) -> Iterator[Figure]:
        measure = next(each for each in of_scope(scope) if each.name == _IN_TAIL)
        for level, tail in tails.items():
            part = Estimate.alone(contribution(series, tail))
            yield self._figure(scope, name, measure, level, part)

    def _figure(
        self, scope: str, name: str, measure: Measure, level: float | None, found: Estimate
    ) -> Figure:
        value, lower, upper = (end + 0.0 for end in found)  # turns a negative zero into a zero
        return Figure(
            scope=scope,
            name=name,
            component="all",
            measure=measure.name,
            level=level,
            value=value,
            lower=lower,
            upper=upper,
            unit=measure.unit_in(self._money),
        )

    def _notices(self, total: MixtureSample) -> Iterator[Notice]:
        thin = [p for p in self._levels if not is_carried(total.carried(1.0 - p))]
        if thin:
            yield Notice(
                code="mixture-thin-tail",
                message="The tail of the mixture at "
                f"{', '.join(map(level_text, thin))} rests on fewer than {MIN_EXCEEDANCES} trials "
                "by their weights: read those figures with care, or run more trials.",
            )
        if any(list(part.scenario.run.levels) != self._levels for part in self._parts):
            compared = ", ".join(map(level_text, self._levels)) or "none"
            yield Notice(
                code="mixture-levels",
                message="The scenarios have different confidence levels: the mixture has VaR and "
                f"TVaR at those that all have ({compared}).",
            )


def _known(part: MixturePart, scope: str) -> Mapping[str, object]:
    scenario = part.scenario
    return scenario.industries if scope == INDUSTRY else scenario.materials


def _stratum(part: MixturePart) -> Stratum:
    run = part.scenario.run
    return Stratum(
        weight=part.weight,
        trials=len(part.series["total"]),
        seed=run.seed,
        replicates=REPLICATES if run.sampling == "sobol" else None,
        trial_weights=part.series["weight"] if run.is_weighted else None,
    )
