"""What trials add up to as text that differs where any bit does."""

from __future__ import annotations

from riskengine.figures.curves import curves
from riskengine.figures.metrics import figures
from riskengine.figures.sums import SumEvidence
from riskengine.model.confidence import LEVELS


def bits(found: SumEvidence) -> list[str]:
    lines = [f"{f.measure} {f.name} {f.value.hex()} {f.lower} {f.upper}" for f in figures(found)]
    lines += [f"curve {c.name} {c.loss.hex()} {c.lower} {c.upper}" for c in curves(found)]
    worst = found.worst
    shares = [repr([found.contribution("material", 0, level) for level in LEVELS])]
    return [*lines, *shares, worst.trials.tobytes().hex(), worst.parts.tobytes().hex()]
