"""A batch of small runs, shared by the tests of its reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from figures.test_comparison import scaled, side_of
from report.workbook_worlds import config

from riskengine.batches.mixture import mixture_of
from riskengine.batches.outcome import (
    FAILED,
    KEPT,
    PLAYED,
    BatchOutcome,
    MixturePart,
    PreviousBatch,
    ScenarioComparison,
    ScenarioOutcome,
)
from riskengine.config import load
from riskengine.config.differences import InputDifference
from riskengine.figures.comparison import compare
from riskengine.figures.curves import curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.metrics import figures
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.play.simulate import simulate
from riskengine.store.columns import loss_columns, material_columns

NAMES = ("korea", "more-stocks", "long-ban", "한국 (자석)")
SCALES = (1.0, 0.6, 1.9, 1.2)
WEIGHTS = (0.5, 0.2, 0.2, 0.1)
TITLE = "Month-end, November 2026"
WHY = "the config cannot be read:\nline 3: [run] is missing"


@cache
def losses(names: tuple[str, ...] = ("chips", "motors")) -> Losses:
    return simulate(load(config(names)))


def scenario(name: str, found: Losses, weight: float | None, **changes: Any) -> ScenarioOutcome:
    evidence = evidence_of(found)
    made = ScenarioOutcome(
        name=name,
        status=PLAYED,
        config="korea-2026.toml",
        overrides=("run.trials=2000",),
        weight=weight,
        note="=1+1",
        title="Two materials",
        trials=found.trials,
        seed=found.seed,
        horizon_days=found.horizon_days,
        money=found.scenario.run.money,
        figures=tuple(figures(evidence)),
        curves=tuple(row for row in curves(evidence) if row.scope == "total"),
    )
    return dataclasses.replace(made, **changes)


def failed(name: str = "broken", **changes: Any) -> ScenarioOutcome:
    made = ScenarioOutcome(name=name, status=FAILED, config="broken.toml", message=WHY)
    return dataclasses.replace(made, **changes)


def part(name: str, found: Losses, weight: float) -> MixturePart:
    columns = [*loss_columns(found), *material_columns(found)]
    series = {each.name: np.asarray(each.values, dtype=np.float64) for each in columns}
    return MixturePart(name=name, weight=weight, scenario=found.scenario, series=series)


def beside(name: str, before: Losses, now: Losses, path: str = "") -> ScenarioComparison:
    pairing, differences = compare(side_of(before), side_of(now))
    changed = InputDifference(path=path, change="changed", a="30", b="90")
    return ScenarioComparison(
        scenario=name,
        differences=tuple(differences),
        inputs=(changed,) if path else (),
        pairing=pairing,
    )


def batch(
    names: Sequence[str] = NAMES, industries: tuple[str, ...] = ("chips", "motors"), **changes: Any
) -> BatchOutcome:
    """Scenarios that lose more or less than the first, a mixture of them, and last month's."""
    base = losses(industries)
    each = {name: scaled(base, s) for name, s in zip(names, SCALES, strict=False)}
    mixed = [part(n, found, w) for (n, found), w in zip(each.items(), WEIGHTS, strict=False)]
    first, *others = each
    previous = PreviousBatch(
        folder="../2026-10/results",
        title="Month-end, October 2026",
        started="2026-10-31T08:00:00+00:00",
        version="0.8.0",
        comparisons=tuple(
            beside(name, scaled(found, 0.9), found, "materials.magnets.stocks.public.days")
            for name, found in list(each.items())[:2]
        ),
        came=(names[-1],),
        went=("old-case",),
        notices=(Notice(code="v", message="Another version of riskengine made it."),),
    )
    made = BatchOutcome(
        title=TITLE,
        money="USD million",
        scenarios=tuple(
            scenario(name, found, w, status=KEPT if name == first else PLAYED)
            for (name, found), w in zip(each.items(), WEIGHTS, strict=False)
        ),
        reference=first,
        against_reference=tuple(beside(n, each[first], each[n], "materials.a.b") for n in others),
        mixture=mixture_of(mixed),
        previous=previous,
        notices=(Notice(code="x", message="Mind the gap."),),
    )
    return dataclasses.replace(made, **changes)


def hostile(names: Sequence[str]) -> BatchOutcome:
    """A batch in which every text that a user may choose is one of these names."""
    made = batch(names[:4], industries=tuple(names))
    inputs = tuple(InputDifference(path=name, change="changed", a=name, b=name) for name in names)
    against = tuple(dataclasses.replace(each, inputs=inputs) for each in made.against_reference)
    noted = tuple(
        dataclasses.replace(
            each, note=names[0], source=names[1], config=names[2], overrides=tuple(names)
        )
        for each in made.scenarios
    )
    return dataclasses.replace(
        made,
        title=names[0],
        scenarios=(*noted, failed(names[4], message="\n".join(names), config=names[3])),
        against_reference=against,
        notices=tuple(Notice(code="x", message=name) for name in names),
    )  # fmt: skip
