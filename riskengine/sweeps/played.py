"""The result of a point of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.errors import ConfigFault, format_path
from riskengine.sweeps.tables import SweepRow

DONE, FAILED = "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The result of a point: its figures, or why it has none."""

    point: int
    status: str
    message: str
    figures: tuple[SweepRow, ...]
    errors: tuple[tuple[float, ...], ...]  #: of each figure: `sweeps.figures.point_errors`


def failed(point: int, why: str) -> Played:
    """A point that could not be simulated."""
    return Played(point=point, status=FAILED, message=why, figures=(), errors=())


def refused(point: int, fault: ConfigFault) -> Played:
    """A point whose settings contradict each other, with the reason why it has no figures."""
    return failed(point, "; ".join(f"{format_path(e.path)} {e.found}" for e in fault.faults))
