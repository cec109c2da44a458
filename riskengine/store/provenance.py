"""The provenance of results: when they were made, with which versions and which options."""

from __future__ import annotations

import hashlib
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

_SHOWING = ("cli/", "reports/")  #: rooms that only show figures
_LIBRARIES = ("numpy", "numba", "scipy", "pyarrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a manifest says about a run beyond its scenario and its losses."""

    started: str  #: ISO 8601, UTC
    seconds: float  #: from the start until the losses were complete
    overrides: tuple[str, ...] = ()  #: `path=value` texts that changed the config
    options: Mapping[str, int | str | None] = field(default_factory=dict)  #: of the command


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Measures a run: wall-clock time for its start, a monotonic clock for its duration."""

    started: str
    _tick: float

    @property
    def today(self) -> date:
        """The latest date anywhere on Earth at the start; no date up to it is in the future."""
        return (datetime.fromisoformat(self.started) + timedelta(hours=14)).date()

    @classmethod
    def start(cls) -> Stopwatch:
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic())

    def stop(
        self,
        overrides: tuple[str, ...] = (),
        options: Mapping[str, int | str | None] | None = None,
    ) -> Provenance:
        """The provenance of everything that was run since the start."""
        return Provenance(
            started=self.started,
            seconds=round(time.monotonic() - self._tick, 3),
            overrides=overrides,
            options=dict(options or {}),
        )


def own_version() -> str:
    """Version of riskengine, from the installed package or else from the source tree."""
    from importlib import metadata

    try:
        return _installed("riskengine")
    except metadata.PackageNotFoundError:
        return str(getattr(sys.modules.get("riskengine"), "__version__", "unknown"))


def versions(*further: str) -> dict[str, str]:
    """Versions of everything that a figure depends on, and of `further` libraries, by name."""
    found = {"riskengine": own_version(), "python": platform.python_version()}
    for library in (*_LIBRARIES, *further):
        found[library] = _installed(library)
    return found


@cache
def _installed(library: str) -> str:
    """The installed version: found once, because it takes reading all that its maker says of it."""
    from importlib import metadata  # loads a parser of e-mails

    return metadata.version(library)


def engine_digest() -> str:
    """SHA-256 of all source files of this package on which a figure can depend."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        name = source.relative_to(package).as_posix()
        if not name.startswith(_SHOWING):
            digest.update(f"{name}\n".encode() + source.read_bytes())
    return digest.hexdigest()


def machine() -> str:
    """Operating system and processor, without the name of the machine."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"
