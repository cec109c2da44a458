"""Whether the points of a sweep can be played: how many there are, and values that are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from riskengine.config.layers.assembly import Assembly
from riskengine.config.layers.layers import Path, find_holder
from riskengine.config.schema.sweep import MOST_POINTS
from riskengine.config.sweeps.reading import PARAMETERS, SWEEP
from riskengine.config.toml.one_line import one_line
from riskengine.errors import Fault, format_path
from riskengine.model.distributions import Distribution
from riskengine.model.settings import count_points, end_settings
from riskengine.model.sweep import SAMPLED, Listed, Sweep


def folders_of(assembly: Assembly, sweep: Sweep) -> dict[Path, str]:
    """By path: the folder of the file that gives the path its values."""
    folders = {}
    for parameter in sweep.parameters:
        holder = find_holder((*PARAMETERS, parameter.name), assembly.layers)
        folders.update(dict.fromkeys(parameter.paths, holder.folder if holder else ""))
    return folders


def crowd_faults(sweep: Sweep) -> Iterator[Fault]:
    """The fault of a sweep with too many points."""
    count = count_points(sweep)
    if count > MOST_POINTS:
        yield Fault(
            path=(*SWEEP, "samples") if sweep.method in SAMPLED else PARAMETERS,
            found=f"makes {count:,} points",
            allowed=f"at most {MOST_POINTS:,}",
            hint="take fewer samples" if sweep.method in SAMPLED else "list fewer values",
        )


def refused_values(
    sweep: Sweep, faults_of: Callable[[Mapping[Path, Any]], list[Fault]]
) -> Iterator[Fault]:
    """The faults that the model finds in each value of a sweep, tried alone on the base case.

    Parameters
    ----------
    sweep : Sweep
    faults_of : callable
        From values by path to the faults that the base case does not have.
    """
    for parameter in sweep.parameters:
        verb = "takes" if isinstance(parameter.over, Listed) else "reaches"
        # A distribution that reaches too far needs a bound; a wrong value has its own hint.
        remedy = "add min or max" if isinstance(parameter.over, Distribution) else ""
        for setting in end_settings(parameter):
            shown = one_line(setting[0] if len(setting) == 1 else list(setting))
            pairs = zip(parameter.paths, setting, strict=True)
            for fault in faults_of({path: value for path, value in pairs if value is not None}):
                yield Fault(
                    path=(*PARAMETERS, parameter.name),
                    found=f"{verb} {shown}; then {format_path(fault.path)}: {fault.found}",
                    allowed=fault.allowed,
                    hint=remedy or fault.hint,
                )
