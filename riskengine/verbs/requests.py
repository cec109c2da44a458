"""Requests for a run and a sweep; imports no large library, so the command line starts fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskengine.cluster.address import Cluster
from riskengine.errors import UsageFault

if TYPE_CHECKING:
    from pathlib import Path

    from riskengine.config.layers.assemble import Source
    from riskengine.verbs.places import Out

Options = dict[str, int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run that writes a results folder.

    Raises
    ------
    UsageFault
        If parts of the request contradict each other.
    """

    config: str  #: path of the config file
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    out: Out  #: results folder
    threads: int | None = None
    first_trial: int = 0
    keep: str = "all"  #: rows in the trial-level files: all, tail or none
    target_error: float | None = None  #: relative half-width of the interval at which to stop
    measure: str | None = None  #: the figure of the total for this target; None: the default
    cluster: Cluster | None = None  #: executor of the trials; None for threads of this process
    excel_csv: bool = False

    def __post_init__(self) -> None:
        if self.measure is not None and self.target_error is None:
            raise UsageFault("--measure belongs to --target-error, which says when to stop")

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        found = _recorded(self, folder)
        if self.keep != "all":
            found["keep"] = self.keep
        if self.target_error is not None:
            found["target_error"] = f"{100.0 * self.target_error:g}% of {self.measure}"
        return found | _recorded_cluster(self.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """A sweep."""

    config: Source  #: path of the config file, or its content
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    out: Out | None = None  #: folder of the tables
    threads: int | None = None
    restart: bool = False  #: discard the points that an interrupted sweep has finished
    cluster: Cluster | None = None  #: executor of the points; None for threads of this process
    excel_csv: bool = False

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        return _recorded(self, folder) | _recorded_cluster(self.cluster)


def _recorded(asked: RunRequest | SweepRequest, folder: Path) -> Options:
    from riskengine.verbs.places import mark

    return {
        "threads": asked.threads,
        "excel_csv": int(asked.excel_csv),
        **mark(asked.config, folder),
    }


def _recorded_cluster(cluster: Cluster | None) -> Options:
    return {} if cluster is None else {"workers": cluster.workers or "of a scheduler"}
