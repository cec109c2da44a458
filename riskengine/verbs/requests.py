"""What a run and a sweep are asked to do; loads nothing, so that the command line can start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskengine.cluster.address import Cluster
from riskengine.errors import UsageFault

if TYPE_CHECKING:
    from pathlib import Path

    from riskengine.verbs.places import Place

USUAL_MEASURE = "tvar99"

Options = dict[str, int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run that writes a results folder.

    Raises
    ------
    UsageFault
        When parts of it make no sense together.
    """

    config: str  #: path of the config file
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    out: str | None = None  #: results folder; None for the usual one
    threads: int | None = None
    first_trial: int = 0
    keep: str = "all"  #: rows in the trial-level files: all, tail or none
    target_error: float | None = None  #: half-width of the interval at which to stop, as a share
    measure: str | None = None  #: the figure of the total that this is about; None: the usual one
    cluster: Cluster | None = None  #: who plays the trials; None for threads of this process
    excel_csv: bool = False

    def __post_init__(self) -> None:
        if self.measure is not None and self.target_error is None:
            raise UsageFault("--measure belongs to --target-error, which says when to stop")

    @property
    def aim(self) -> str:
        """The figure that `target_error` is about."""
        return self.measure or USUAL_MEASURE

    @property
    def place(self) -> Place:
        """The results folder: the one asked for, or one named after the config."""
        return _place(self.config, self.out, "")

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        found = _recorded(self, folder)
        if self.keep != "all":
            found["keep"] = self.keep
        if self.target_error is not None:
            found["target_error"] = f"{100.0 * self.target_error:g}% of {self.aim}"
        return found | _recorded_cluster(self.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """A sweep that writes its folder of tables."""

    config: str  #: path of the config file
    overrides: tuple[str, ...] = ()  #: `path=value`, in the order in which they apply
    out: str | None = None  #: folder of the tables; None for the usual one
    threads: int | None = None
    restart: bool = False  #: throw away the points that an interrupted sweep has finished
    cluster: Cluster | None = None  #: who plays the points; None for threads of this process
    excel_csv: bool = False

    @property
    def place(self) -> Place:
        """The folder of the tables: the one asked for, or one named after the config."""
        return _place(self.config, self.out, "-sweep")

    def recorded(self, folder: Path) -> Options:
        """What the manifest keeps of it: all that is not in the overrides."""
        return _recorded(self, folder) | _recorded_cluster(self.cluster)


def _place(config: str, out: str | None, ending: str) -> Place:
    from riskengine.verbs.places import Place

    return Place.named_after(config, ending) if out is None else Place.of(out)


def _recorded(asked: RunRequest | SweepRequest, folder: Path) -> Options:
    from riskengine.store.folder import MARK, mark_of

    return {
        "threads": asked.threads,
        "excel_csv": int(asked.excel_csv),
        MARK: mark_of(asked.config, folder),
    }


def _recorded_cluster(cluster: Cluster | None) -> Options:
    return {} if cluster is None else {"workers": cluster.workers or "of a scheduler"}
