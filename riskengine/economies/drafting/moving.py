"""A share that moved between years becomes a distribution: the year is drawn with the cut.

A share of a source is a number, so the share is that of the highest year, and the cut of the
coercer's flow is multiplied by the share of a year over the highest: what is lost is the share of
that year times the cut.
"""

from __future__ import annotations

import tomllib
from typing import NamedTuple

from riskengine.economies.drafting.request import DraftRequest
from riskengine.economies.drafting.wording import Remark, short

MOST_STEADY = 0.3  #: a share that moves by more between years is a distribution
CLASSES = 5  #: of equal chance into which a cut is divided
_STEPS = 400  #: of the sum that gives quantiles of a PERT distribution


class MovingShare(NamedTuple):
    """A share of the coercer that moved: one value a year, all equally likely."""

    years: tuple[float, ...]
    told: str  #: the years as the tables tell them

    @property
    def highest(self) -> float:
        """The share of the highest year."""
        return max(self.years)

    @property
    def factors(self) -> tuple[float, ...]:
        """What each year's share is of the highest."""
        return tuple(share / self.highest for share in self.years)

    @property
    def of_cuts(self) -> str:
        """What a note says of the cuts."""
        return (
            f"The coercer's share moved ({self.told}), so the cuts are those of the case times the "
            f"share of a year over {short(self.highest)}: one of "
            f"{', '.join(map(short, self.factors))}, equally likely."
        )

    def remark(self, request: DraftRequest, material: str) -> Remark:
        """What the list at the top says."""
        return Remark(
            f"{material}: the share of {request.coercer.name} moved ({self.told}); no year is more "
            "likely than another",
            f"the share of this year in sources.csv, and the cuts of {request.case.shipped} in "
            "materials.csv",
        )


def moving_share(request: DraftRequest, commodity: str) -> MovingShare | None:
    """The coercer's share by weight in each year if it moved by more than 0.3; else None."""
    known = request.yearly.get((commodity, request.coercer.code))
    if not known:
        return None
    # A year in which the coercer sold nothing has no row.
    shares = {year: known.get(year, 0.0) for year in sorted(_years(request, commodity))}
    years = list(shares.values())
    told = ", ".join(f"{year}: {short(round(share, 4))}" for year, share in shares.items())
    if max(years) - min(years) <= MOST_STEADY:
        return None
    return MovingShare(tuple(years), told)


def _years(request: DraftRequest, commodity: str) -> set[int]:
    """The years in which the importer bought the commodity from anybody."""
    return {year for (what, _), of in request.yearly.items() if what == commodity for year in of}


def moving_cut(text: str, moved: MovingShare) -> str:
    """A cut of the case times the share of a year over the highest, as a cell.

    Parameters
    ----------
    text : str
        A number, or a PERT distribution as an inline table.
    moved : MovingShare

    Examples
    --------
    >>> moving_cut("0.05", MovingShare((0.2, 0.8), ""))
    '{ empirical = { values = [0.0125, 0.05] } }'
    """
    given = tomllib.loads(f"cut = {text}")["cut"]
    cuts = [given] if isinstance(given, int | float) else pert_classes(**given["pert"])
    values = sorted(float(short(factor * cut)) for factor in moved.factors for cut in cuts)
    return f"{{ empirical = {{ values = [{', '.join(map(short, values))}] }} }}"


def pert_classes(low: float, mode: float, high: float) -> list[float]:
    """Quantiles of a PERT distribution in the middle of classes of equal chance.

    Notes
    -----
    A PERT distribution is low + (high - low) B with B beta distributed, alpha = 1 + 4 (mode - low)
    / (high - low), beta = 1 + 4 (high - mode) / (high - low).
    """
    if high <= low:
        return [low]
    alpha, beta = (1 + 4 * (part / (high - low)) for part in (mode - low, high - mode))
    middles = [(k + 0.5) / _STEPS for k in range(_STEPS)]
    density = [x ** (alpha - 1) * (1 - x) ** (beta - 1) for x in middles]
    whole, found, below = sum(density), [], 0.0
    wanted = [(j + 0.5) / CLASSES for j in range(CLASSES)]
    for middle, mass in zip(middles, density, strict=True):
        while wanted and below + mass >= wanted[0] * whole:
            inside = (wanted.pop(0) * whole - below) / mass
            found.append(low + (high - low) * (middle + (inside - 0.5) / _STEPS))
        below += mass
    return found
