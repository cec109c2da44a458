"""What a trial did to each industry: inventories, output lost, and what was missing."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from riskengine.model.scenario import Industry, Scenario, Use
from riskengine.reports.story.happenings import Happening, is_worth_telling, listing, whole_percent

if TYPE_CHECKING:
    from riskengine.play.replay import OutputStep, Replay, UseStep


class _Need(NamedTuple):
    """A use with what it went short of."""

    material: str
    use: Use
    days: list[float]
    short: list[float]

    def impact(self, day: float) -> float:
        """Dependence in force times the short fraction: section 6 of the model."""
        step = bisect_right(self.days, day) - 1
        if step < 0:
            return 0.0
        dependence = self.use.dependence
        if self.substituted <= day:
            dependence *= 1.0 - self.use.substitution_share
        return dependence * self.short[step]

    def is_short_from(self, day: float) -> bool:
        """Whether anything is short on that day or later."""
        step = max(0, bisect_right(self.days, day) - 1)
        return any(short > 0.0 for short in self.short[step:])

    @property
    def substituted(self) -> float:
        """When substitution takes effect, infinite when it never does."""
        if not self.days or self.use.substitution_share == 0.0:
            return math.inf
        return self.days[0] + self.use.substitution_lag_days


def industry_happenings(replay: Replay) -> Iterator[Happening]:
    """Everything that befell industries, in no order."""
    scenario = replay.row.scenario
    horizon = replay.row.horizon_days
    for name, industry in scenario.industries.items():
        needs = _needs(industry, [step for step in replay.uses if step.industry == name])
        steps = [step for step in replay.output if step.industry == name]
        for need in needs:
            yield from _inventory(scenario, name, need)
            if need.substituted < horizon and need.is_short_from(need.substituted):
                how = (need.use.substitution_share,)
                yield Happening(need.substituted, "substitution", need.material, how, (name,))
        yield from _output(industry, name, needs, steps)
        if steps and steps[-1].loss > 0.0:
            yield Happening(horizon, "still-hit", "", (), (name,), steps[-1].loss)


def _needs(industry: Industry, steps: list[UseStep]) -> list[_Need]:
    needs = [_Need(material, use, [], []) for material, use in industry.uses.items()]
    by_material = {need.material: need for need in needs}
    for step in steps:
        by_material[step.material].days.append(step.day)
        by_material[step.material].short.append(step.short)
    return needs


def _inventory(scenario: Scenario, industry: str, need: _Need) -> Iterator[Happening]:
    """When the industry's own inventory ran out: once, unless it was refilled in between."""
    if need.use.inventory_days == 0.0:
        return
    refills = scenario.materials[need.material].refill_rate > 0.0
    short = 0.0
    for k, day in enumerate(need.days):
        if short == 0.0 and (k == 0 or refills):
            yield Happening(day, "inventory", need.material, (), (industry,))
        short = need.short[k]


def _output(
    industry: Industry, name: str, needs: list[_Need], steps: list[OutputStep]
) -> Iterator[Happening]:
    told: tuple[float, list[str]] = (0.0, [])
    for day, loss in ((step.day, step.loss) for step in steps):
        before, blamed = told
        lacking = _lacking(industry, needs, day, loss)
        if not is_worth_telling(before, loss) and lacking == blamed:
            continue
        told = loss, lacking
        how: tuple[str, ...] = (listing(lacking),) if loss > 0.0 else ()
        if loss == 1.0:
            how = (listing(lacking), _floor(industry, needs, day))
        yield Happening(day, _change(before, loss), "", how, (name, *lacking), loss)


def _change(before: float, loss: float) -> str:
    """The kind of a change of the lost fraction of output."""
    if loss in (0.0, 1.0):
        return "recovered" if loss == 0.0 else "stopped"
    if before in (0.0, 1.0):
        return "hit" if before == 0.0 else "restarted"
    if is_worth_telling(before, loss):
        return "worse" if loss > before else "better"
    return "other-cause"


def _lacking(industry: Industry, needs: list[_Need], day: float, loss: float) -> list[str]:
    """The materials to which the loss is attributed: the bottleneck, or all that are short."""
    impacts = {need.material: need.impact(day) for need in needs}
    if loss == 0.0:
        return []
    worst = max(impacts.values())
    shared = industry.combine == "independent" or loss == 1.0
    least = min((i for i in impacts.values() if i > 0.0), default=0.0) if shared else worst
    return [material for material, impact in impacts.items() if impact >= least > 0.0]


def _floor(industry: Industry, needs: list[_Need], day: float) -> str:
    """The least rate at which an industry runs, where that and not the shortage stops it."""
    if max(need.impact(day) for need in needs) == 1.0 or industry.min_operating_rate == 0.0:
        return ""
    return whole_percent(industry.min_operating_rate)
