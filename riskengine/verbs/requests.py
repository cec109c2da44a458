"""Requests for the verbs that play; imports no large library, so the command line starts fast."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MitigateRequest:
    """A mitigation study, or one of its portfolios as a config.

    Raises
    ------
    UsageFault
        If parts of the request contradict each other.
    """

    config: Source  #: path of the config file, or its content
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    out: Out | None = None  #: folder of the tables
    threads: int | None = None
    time_limit: float | None = None  #: seconds for a search that is too large for an enumeration
    restart: bool = False  #: discard what an interrupted study has played
    cluster: Cluster | None = None  #: executor; None for threads of this process
    excel_csv: bool = False
    write: tuple[str, str] | None = None  #: a portfolio, and the file to write it to

    def __post_init__(self) -> None:
        playing = {
            "--out": isinstance(self.out, str),
            "--threads": self.threads is not None,
            "--time-limit": self.time_limit is not None,
            "--restart": self.restart,
            "--workers and --scheduler": self.cluster is not None,
            "--excel-csv": self.excel_csv,
        }
        if self.write is not None and any(playing.values()):
            name = next(name for name, is_given in playing.items() if is_given)
            raise UsageFault(f"--write plays nothing and writes one config: leave out {name}.")

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        found = _recorded(self, folder)
        if self.time_limit is not None:
            found["time_limit"] = f"{self.time_limit:g}"
        return found | _recorded_cluster(self.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """A batch of scenarios."""

    sources: tuple[str, ...]  #: a batch file, a folder of configs, or configs
    overrides: tuple[str, ...] = ()  #: `path=value` on top of every scenario, in order
    out: Out | None = None  #: folder of the batch; None for one that is named after it
    reference: str | None = None  #: in place of that of the batch file
    previous: str | None = None  #: in place of that of the batch file, from the current folder
    threads: int | None = None
    restart: bool = False  #: play every scenario, whatever is kept
    cluster: Cluster | None = None  #: executor of the trials; None for threads of this process
    excel_csv: bool = False

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        from riskengine.verbs.places import mark

        return {
            "threads": self.threads,
            "excel_csv": int(self.excel_csv),
            **mark(self.sources[0], folder),
        } | _recorded_cluster(self.cluster)


def _recorded(asked: RunRequest | SweepRequest | MitigateRequest, folder: Path) -> Options:
    from riskengine.verbs.places import mark

    return {
        "threads": asked.threads,
        "excel_csv": int(asked.excel_csv),
        **mark(asked.config, folder),
    }


def _recorded_cluster(cluster: Cluster | None) -> Options:
    return {} if cluster is None else {"workers": cluster.workers or "of a scheduler"}
