"""Where the files of a verb go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from riskengine.config.layers.assemble import Source, safe_stem
from riskengine.config.layers.origin import path_of
from riskengine.model.scenario import Scenario
from riskengine.store.folder import FORMAT, MARK, Claim, check_place, claim, mark_of


@dataclass(frozen=True, slots=True)
class ResultsPlace:
    """A folder for the files of a verb, and the file whose earlier results it may replace."""

    folder: Path
    owner: str | None = None  #: the file it is named after; None: the user named the folder

    @classmethod
    def named_after(cls, source: str, ending: str = "") -> ResultsPlace:
        """The default folder for results of a file; results of another file are not replaced."""
        stem = safe_stem(os.path.basename(source))
        return cls(Path("results") / f"{stem}{ending}", owner=source)

    @classmethod
    def of(cls, out: Out) -> ResultsPlace:
        """The folder that the user named."""
        return out if isinstance(out, ResultsPlace) else cls(Path(out))

    def check(self, kind: str = FORMAT) -> None:
        """Refuse a path where something else is, as `riskengine.store.folder.check_place` does."""
        check_place(self.folder, kind, self.owner)

    def claim(self, kind: str = FORMAT) -> AbstractContextManager[Claim]:
        """Reserve the folder, as `riskengine.store.folder.claim` does."""
        return claim(self.folder, kind, self.owner)


Out = str | os.PathLike[str] | ResultsPlace


def mark(source: Source, folder: str | os.PathLike[str]) -> dict[str, str]:
    """The manifest option that records the config file behind the results, if there is one."""
    path = path_of(source) if isinstance(source, Scenario) else source
    if path is None or isinstance(path, Mapping):
        return {}
    return {MARK: mark_of(os.fspath(path), folder)}
