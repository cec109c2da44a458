"""Figures of a trial that an outcome can be compared with, by name.

`total`, `any_loss`, `share_of_gdp`; `industry:NAME:FIGURE`, `material:NAME:FIGURE`,
`dispute:NAME:episodes`. A day that does not come within the horizon is `inf`, later than any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.model.scenario import Scenario
from riskengine.model.spelling import Speller

if TYPE_CHECKING:
    from riskengine.backtests.inside import Inside
    from riskengine.model.losses import Losses

Series = NDArray[np.float64]

YES_OR_NO, GDP, DAYS, MONEY = "yes or no", "share of GDP", "days", "money"


class QuantityKind(NamedTuple):
    """One kind of figure: its words, its unit, and whether it is a day."""

    meaning: str
    unit: str
    is_day: bool = False  #: a day counted from time 0, which may never come
    detail: str = ""  #: what counts, where the words leave it open


_NEAR_ZERO = "at most a fifth of the flow that can be cut arrives"
_NORMAL = "within a tenth; 0 if it never left"

WHOLE: Mapping[str, QuantityKind] = {
    "total": QuantityKind("Total loss", MONEY, detail="of all industries"),
    "any_loss": QuantityKind("Any loss at all", YES_OR_NO),
    "share_of_gdp": QuantityKind(
        "Total loss as a share of a year's GDP", GDP, detail="needs the `gdp` of the case"
    ),
}
PARTS: Mapping[str, Mapping[str, QuantityKind]] = {
    "industry": {
        "loss": QuantityKind("Loss", MONEY),
        "loss_days": QuantityKind("Days with any output lost", DAYS),
        "stopped_days": QuantityKind("Days with no output at all", DAYS),
        "first_loss_day": QuantityKind("Day of the first lost output", DAYS, is_day=True),
        "first_stop_day": QuantityKind("Day of the first full stop", DAYS, is_day=True),
    },
    "material": {
        "loss": QuantityKind("Loss attributed to the material", MONEY),
        "cut_days": QuantityKind("Days with any supply cut", DAYS),
        "cut_weighted_days": QuantityKind(
            "Supply cut, in days of normal demand",
            "days of demand",
            detail="each day by the share that is lost",
        ),
        "shortage_days": QuantityKind("Net shortage, in days of normal demand", "days of demand"),
        "near_zero_days": QuantityKind("Days of near-zero flow", DAYS, detail=_NEAR_ZERO),
        "normal_day": QuantityKind(
            "Day on which the flow is near normal again", DAYS, is_day=True, detail=_NORMAL
        ),
    },
    "dispute": {"episodes": QuantityKind("Episodes that break out", "episodes")},
}


def documented() -> list[list[str]]:
    """The rows of the table of quantities in `docs/backtest.md`, the headings first."""
    kinds = dict(WHOLE)
    for scope, figures in PARTS.items():
        kinds |= {f"{scope}:NAME:{key}": kind for key, kind in figures.items()}
    rows = [["quantity", "unit", "meaning"]]
    for text, kind in kinds.items():
        details = [kind.detail, "from day 0; may never come" if kind.is_day else ""]
        detail = "; ".join(filter(None, details))
        unit = "money of the config" if kind.unit == MONEY else kind.unit
        rows.append([f"`{text}`", unit, f"{kind.meaning} ({detail})" if detail else kind.meaning])
    return rows


class Quantity(NamedTuple):
    """One figure of one entity of a scenario."""

    scope: str  #: whole, industry, material or dispute
    name: str  #: of the entity; empty for the whole
    key: str
    figure: QuantityKind

    @property
    def text(self) -> str:
        return f"{self.scope}:{self.name}:{self.key}" if self.name else self.key

    @property
    def is_inside(self) -> bool:
        """Whether it is read from the steps of each trial, because a run does not keep it."""
        return self.scope in PARTS and (self.scope, self.key) not in _COLUMNS

    def unit(self, money: str) -> str:
        """The unit; amounts are in the scenario's money."""
        return money if self.figure.unit == MONEY else self.figure.unit


class UnknownQuantityError(Exception):
    """A text names no figure of the scenario; `found`, `allowed`, `hint` go into the fault."""

    def __init__(self, found: str, allowed: str, hint: str = ""):
        super().__init__(found)
        self.found, self.allowed, self.hint = found, allowed, hint


def entities(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The names that a quantity may contain, by scope."""
    return {
        "industry": tuple(scenario.industries),
        "material": tuple(scenario.materials),
        "dispute": tuple(scenario.disputes),
    }


def read_quantity(text: str, scenario: Scenario) -> Quantity:
    """The quantity that a text names.

    Raises
    ------
    UnknownQuantityError
        If there is no such figure or entity; it suggests the nearest one that exists.

    Notes
    -----
    A name may contain colons: the scope is the text before the first colon, and the figure is the
    text after the last one.
    """
    if text in WHOLE:
        return Quantity("whole", "", text, WHOLE[text])
    scope, _, rest = text.partition(":")
    name, _, key = rest.rpartition(":")
    names = entities(scenario)
    if scope in PARTS and name in names[scope] and key in PARTS[scope]:
        return Quantity(scope, name, key, PARTS[scope][key])
    raise _unknown(text, (scope, name, key), names)


def _unknown(
    text: str, parts: tuple[str, str, str], names: Mapping[str, tuple[str, ...]]
) -> UnknownQuantityError:
    scope, name, key = parts
    speller = Speller()
    if scope not in PARTS:
        known = [*WHOLE, *PARTS]
        allowed = f"{', '.join(WHOLE)}, or {', '.join(f'{each}:NAME:FIGURE' for each in PARTS)}"
        near = speller.suggest(text if ":" not in text else scope, known)
        return UnknownQuantityError("names no figure of a trial", allowed, near)
    if name not in names[scope]:
        near = speller.nearest(name, names[scope])
        hint = f'did you mean "{scope}:{near}:{key}"?' if near else ""
        found = f"the config has no {scope} of that name"
        return UnknownQuantityError(found, ", ".join(names[scope]), hint)
    near = speller.nearest(key, PARTS[scope])
    hint = f'did you mean "{scope}:{name}:{near}"?' if near else ""
    found = f"{scope} has no such figure"
    return UnknownQuantityError(found, ", ".join(PARTS[scope]), hint)


def series(quantity: Quantity, losses: Losses, inside: Inside | None, gdp: float | None) -> Series:
    """The figure of every trial.

    Parameters
    ----------
    quantity : Quantity
    losses : Losses
    inside : Inside or None
        Figures that a run does not keep; needed if `quantity.is_inside`.
    gdp : float or None
        Gross domestic product of a year, in the scenario's money; needed for shares of it.

    Returns
    -------
    ndarray, (n,)
        `inf` for a day that does not come within the horizon.
    """
    if quantity.scope == "whole":
        return _whole(quantity.key, losses, gdp)
    index = entities(losses.scenario)[quantity.scope].index(quantity.name)
    if quantity.is_inside:
        assert inside is not None  # noqa: S101 - the caller reads the inside of all such quantities
        return inside.series(quantity.scope, index, quantity.key)
    values = _COLUMNS[quantity.scope, quantity.key](losses)[:, index].astype(np.float64)
    return np.where(np.isnan(values), np.inf, values) if quantity.figure.is_day else values


def _whole(key: str, losses: Losses, gdp: float | None) -> Series:
    if key == "any_loss":
        return (losses.total > 0.0).astype(np.float64)
    return losses.total / gdp if key == "share_of_gdp" and gdp else losses.total


_COLUMNS: Mapping[tuple[str, str], Callable[[Losses], NDArray[np.generic]]] = {
    ("industry", "loss"): lambda losses: losses.industry_loss,
    ("industry", "loss_days"): lambda losses: losses.loss_days,
    ("industry", "stopped_days"): lambda losses: losses.stopped_days,
    ("industry", "first_loss_day"): lambda losses: losses.first_loss_day,
    ("material", "loss"): lambda losses: losses.material_loss,
    ("material", "cut_days"): lambda losses: losses.cut_days,
    ("material", "cut_weighted_days"): lambda losses: losses.cut_weighted_days,
    ("material", "shortage_days"): lambda losses: losses.shortage_days,
    ("dispute", "episodes"): lambda losses: losses.episodes,
}
