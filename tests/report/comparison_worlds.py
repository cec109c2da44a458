"""Two runs compared, shared by the tests of comparisons and workbooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from figures.test_comparison import side_of

from riskengine.config.differences import InputDifference
from riskengine.figures.comparison import compare
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.reports.compare.tables import Comparison
from riskengine.reports.run.stored import RunFacts

INPUT = InputDifference(path="materials.gallium.coverage", change="changed", a="1", b="0.5")


def compared(losses: Losses, other: Losses, **changes: Any) -> Comparison:
    found, differences = compare(side_of(losses), side_of(other))
    made = Comparison(
        sources=("results/first", "results/second"),
        facts=(RunFacts.of(losses), RunFacts.of(other)),
        pairing=found,
        differences=differences,
        inputs=[INPUT],
        notices=[Notice(code="x", message="Mind the gap.")],
    )
    return replace(made, **changes)
