"""What the supply of each material went through in a trial: cuts, other supply, stocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from riskengine.model.scenario import Alternative, Scenario
from riskengine.reports.story.happenings import Happening, is_worth_telling

if TYPE_CHECKING:
    from riskengine.play.replay import Arrival, Replay, SupplyStep


def supply_happenings(replay: Replay) -> Iterator[Happening]:
    """Everything that befell the supply of materials, in no order."""
    scenario = replay.row.scenario
    for material in scenario.materials:
        steps = [step for step in replay.supply if step.material == material]
        if not steps:
            continue
        yield from _cuts(material, steps)
        yield from _stocks(scenario, material, steps)
        yield from _shortages(material, steps)
        yield from _at_the_end(material, steps[-1], replay.row.horizon_days)
        for arrival in replay.arrivals:
            if arrival.material == material:
                yield _other_supply(scenario, arrival, steps[0].day)


def _cuts(material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    cut = again = False
    for step in steps:
        if (step.lost > 0.0) == cut:
            continue
        cut = not cut
        if cut:
            yield Happening(step.day, "cut", "", (again,), (material,), step.lost)
            again = True
        else:
            yield Happening(step.day, "whole", "", (), (material,))


def _other_supply(scenario: Scenario, arrival: Arrival, first_cut: float) -> Happening:
    names = (arrival.material, arrival.alternative)
    if not arrival.succeeded:
        return Happening(first_cut, "failed", "", (), names)
    plan = scenario.materials[arrival.material].alternatives[arrival.alternative]
    day, full = _ramp(arrival, plan)
    if day >= scenario.run.horizon_days:
        return Happening(first_cut, "too-late", "", (), names)
    how = (names, full, arrival.premium)
    return Happening(day, "arrival", "", how, names, arrival.capacity)


def _ramp(arrival: Arrival, plan: Alternative) -> tuple[float, float]:
    """When the first and when the last part of the capacity is there: section 4 of the model."""
    half_a_step = 0.5 / plan.ramp_steps
    first = arrival.start_day + plan.ramp_days * half_a_step
    last = arrival.start_day + plan.ramp_days * (plan.ramp_steps - 0.5) / plan.ramp_steps
    return first, last


def _stocks(scenario: Scenario, material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    for k, tier in enumerate(scenario.materials[material].stocks):
        names = (material, tier)
        opened = next((step for step in steps if step.drawn[k] > 0.0), None)
        if opened is not None:
            yield Happening(opened.day, "drawn", "", (), names, opened.stocks[k])
        for before, step in pairwise(steps):
            if before.stocks[k] > 0.0 and step.stocks[k] == 0.0:
                last = step.stock_days == 0.0
                yield Happening(step.day, "emptied", "", (last,), names)


def _shortages(material: str, steps: list[SupplyStep]) -> Iterator[Happening]:
    told = 0.0
    for step in steps:
        if not is_worth_telling(told, step.short):
            continue
        kind = "shorter" if step.short > told else "less-short"
        if 0.0 in (told, step.short):
            kind = "short" if told == 0.0 else "supplied"
        yield Happening(step.day, kind, "", (), (material,), step.short)
        told = step.short


def _at_the_end(material: str, step: SupplyStep, horizon: float) -> Iterator[Happening]:
    if step.short > 0.0:
        yield Happening(horizon, "still-short", "", (), (material,), step.short)
