"""Files as they are written, some block by block during a run, and what a manifest says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskengine.model.losses import Losses
from riskengine.store import disk
from riskengine.store.columns import trial_files
from riskengine.store.parquet import ColumnFile

Writer = Callable[[disk.NewFile], object]
Files = dict[str, dict[str, str | int]]  #: SHA-256 and size of files, by name


def written(folder: Path, writers: Mapping[str, Writer]) -> Files:
    """Write files, and describe each as the manifest does."""
    described: Files = {}
    for name, write in writers.items():
        with disk.new_file(folder / name) as file:
            write(file)
        described[name] = {"sha256": file.sha256, "bytes": file.size}
    return described


class Later(Mapping[str, str | int]):
    """SHA-256 and size of a file that another thread is writing: reading them waits for it."""

    def __init__(self, files: Future[Files], name: str) -> None:
        self._files = files
        self._name = name

    def __getitem__(self, key: str) -> str | int:
        return self._files.result()[self._name][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files.result()[self._name])

    def __len__(self) -> int:
        return len(self._files.result()[self._name])


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
        for name, columns in trial_files(losses.scenario).items():
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
