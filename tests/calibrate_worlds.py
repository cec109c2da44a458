"""Small tables of episodes for tests, built as values or written as files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from riskengine.fits.calibration import Calibration, Request, calibrate
from riskengine.fits.episodes import EpisodeTable, PastEpisode
from riskengine.fits.observing import SOJOURN, DurationSeries, Observation
from riskengine.fits.reading import read_episodes

TODAY = date(2026, 11, 1)
HISTORY = Path(__file__).parents[1] / "configs" / "history" / "episodes.csv"


def episode(number: int, cluster: str = "", *, censored: bool = False) -> PastEpisode:
    return PastEpisode(
        row=number + 2, id=f"E{number}", cluster=cluster or f"only E{number}", censored=censored
    )


def series(
    bounds: Sequence[tuple[float, float]], clusters: Sequence[str] = (), quantity: str = SOJOURN
) -> DurationSeries:
    """A series of durations known to lie between bounds; `inf` above where one has not ended."""
    observations = tuple(
        Observation(
            episode=episode(k, clusters[k] if clusters else "", censored=math.isinf(upper)),
            lower=lower,
            upper=upper,
        )
        for k, (lower, upper) in enumerate(bounds)
    )
    return DurationSeries(quantity=quantity, observations=observations, left_out=())


def right_censored(ended: Sequence[float], open_: Sequence[float] = ()) -> DurationSeries:
    """Durations that ended, and durations so far."""
    return series([*((t, t) for t in ended), *((t, math.inf) for t in open_)])


def read(folder: Path, text: str | bytes, name: str = "episodes.csv") -> EpisodeTable:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_episodes(str(path), TODAY)


@cache
def history() -> EpisodeTable:
    """The shipped table, read once."""
    return read_episodes(str(HISTORY), TODAY)


def fitted(table: EpisodeTable, **request: object) -> Calibration:
    """What a request finds in a table; of the shipped one each is fitted once for all tests."""
    asked = Request(**request)  # type: ignore[arg-type]
    return _of_history(asked) if table is history() else calibrate(table, asked)


@cache
def _of_history(asked: Request) -> Calibration:
    return calibrate(history(), asked)
