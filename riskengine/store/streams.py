"""Trial-level files that grow block by block during a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskengine.model.losses import Losses
from riskengine.store import disk
from riskengine.store.columns import TRIAL_FILES
from riskengine.store.parquet import ColumnFile


class TrialFiles:
    """The trial-level files of a folder, open together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = ExitStack()
        self._files: dict[str, tuple[disk.NewFile, ColumnFile]] = {}

    def add(self, losses: Losses, trials: NDArray[np.int64] | None = None) -> None:
        """Append the rows of some trials.

        Parameters
        ----------
        losses : Losses
        trials : ndarray, (n,) of int64, optional
            Trial numbers; by default consecutive from `losses.first_trial`.
        """
        for name, columns in TRIAL_FILES.items():
            found = columns(losses)
            if trials is not None:
                found = [found[0]._replace(values=trials), *found[1:]]
            if name not in self._files:
                file = self._opened.enter_context(disk.new_file(self._folder / name))
                self._files[name] = file, self._opened.enter_context(ColumnFile(file, found))
            self._files[name][1].add(found)

    def written(self) -> dict[str, dict[str, str | int]]:
        """SHA-256 and size of each file, for the manifest; valid once the files are closed."""
        return {
            name: {"sha256": file.sha256, "bytes": file.size}
            for name, (file, _) in self._files.items()
        }

    @contextmanager
    def open(self) -> Iterator[TrialFiles]:
        """Open a block; at its end the files are complete and on the disk."""
        with self._opened:
            yield self
