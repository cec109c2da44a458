"""What a design cannot tell, because it is too small or because points failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from riskengine.model.notices import Notice
from riskengine.model.sweep import GRID, LATIN_HYPERCUBE, MORRIS, ONE_AT_A_TIME, SOBOL
from riskengine.sweeps.attribution import FEWEST_POINTS, FEWEST_ROWS, FEWEST_TRAJECTORIES
from riskengine.sweeps.designs import Design
from riskengine.sweeps.series import listed
from riskengine.sweeps.tables import PointRow


def too_small(design: Design) -> Iterator[Notice]:
    """A notice if a design has too few points for the indices of its method."""
    given, least, what = {
        SOBOL: (design.samples or 0, FEWEST_ROWS, "samples"),
        MORRIS: (design.samples or 0, FEWEST_TRAJECTORIES, "samples"),
        LATIN_HYPERCUBE: (len(design.points), FEWEST_POINTS, "samples"),
    }.get(design.method, (len(design.points), 1, "points"))
    if given < least:
        yield Notice(
            code="design-too-small",
            message=f"There are no indices of sensitivity: {design.method} with {given:,} {what} "
            f"is too small for them, which need at least {least:,}.",
        )


def gaps(design: Design, points: Sequence[PointRow]) -> Iterator[Notice]:
    """A notice if points failed that the method of a design needs."""
    failed = [f"{row.point:,}" for row in points[1:] if row.status != "done"]
    if not failed:
        return
    if design.method in (GRID, SOBOL, MORRIS):
        yield Notice(
            code="indices-refused",
            message=f"There are no indices of sensitivity: {design.method} needs every point of "
            f"its design, and these failed: {listed(failed)}.",
        )
    elif design.method == LATIN_HYPERCUBE and len(design.points) - len(failed) < FEWEST_POINTS:
        yield Notice(
            code="indices-refused",
            message=f"There are no indices of sensitivity: they need at least {FEWEST_POINTS} "
            f"points, and {len(failed):,} of {len(design.points):,} failed.",
        )


def lost_settings(
    design: Design, points: Sequence[PointRow], labels: Sequence[Sequence[str]]
) -> Iterator[Notice]:
    """Settings whose point failed, in a design that moves one parameter at a time."""
    if design.method != ONE_AT_A_TIME:
        return
    lost = [
        f"{design.names[k]} = {labels[k][row.point]}"
        for row in points[1:]
        if row.status != "done"
        for k in np.flatnonzero(~np.isnan(design.matrix[row.point - 1])).tolist()
    ]
    if lost:
        yield Notice(
            code="settings-left-out",
            message=f"Their points failed, so that the swings leave out {listed(lost)}.",
        )
