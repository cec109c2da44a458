"""Two runs compared, shared by the tests of comparisons and workbooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from figures.test_comparison import side_of

from riskengine.figures.comparison import compare
from riskengine.model.losses import Losses
from riskengine.model.notices import Notice
from riskengine.report.comparison import Comparison
from riskengine.report.comparison_inputs import InputDifference
from riskengine.report.headline import RunFacts

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
