"""What a replay consists of: the rows of its parts."""

from __future__ import annotations

from typing import NamedTuple


class Episode(NamedTuple):
    """One outbreak of a dispute."""

    dispute: str
    number: int  #: 0 for the first episode of the dispute in this trial
    start_day: float
    end_day: float  #: the horizon where it was unresolved
    trigger: str = ""  #: the one that started it; empty for an onset of its own


class Visit(NamedTuple):
    """A stay of a material on a level; `material` is empty for a dispute that concerns none."""

    dispute: str
    material: str
    level: str
    start_day: float
    end_day: float
    cut: float  #: fraction of the coercer's flow that is blocked


class Spell(NamedTuple):
    """A maximal interval with an episode in progress, and what was lost in it."""

    start_day: float
    end_day: float
    loss: float


class Arrival(NamedTuple):
    """What became of an alternative of a material that was cut."""

    material: str
    alternative: str
    succeeded: bool
    start_day: float  #: when its ramp begins; nan when it failed
    capacity: float  #: share of demand; nan when it failed
    premium: float  #: share of the normal price; nan when it failed


class Stock(NamedTuple):
    """What a stock of a material that was cut may hold in this trial."""

    material: str
    tier: str
    start_days: float  #: held at time 0
    full_days: float  #: the most that it is refilled or built up to


class SupplyStep(NamedTuple):
    """A material's supply from `day` until its next step, in shares of normal demand."""

    material: str
    day: float
    lost: float
    rerouted: float
    released: float
    short: float
    stock_days: float  #: held in all tiers together when the step begins
    stocks: tuple[float, ...] = ()  #: days held in each tier when the step begins, in config order
    drawn: tuple[float, ...] = ()  #: what each tier releases
    used: tuple[float, ...] = ()  #: what each alternative delivers, in config order


class UseStep(NamedTuple):
    """The shortage of a use after its inventory, from `day` on, of one class of firms."""

    industry: str
    material: str
    day: float
    short: float
    firms: int = 1  #: number of the class: the first holds the least


class OutputStep(NamedTuple):
    """The lost fraction of an industry's output from `day` on."""

    industry: str
    day: float
    loss: float


class PoolStep(NamedTuple):
    """What is asked of a pool and granted from `day` until its next step, in its unit a year."""

    pool: str
    day: float
    capacity: float
    asked: float
    granted: float
    contested: bool  #: whether more is asked for than there is
    scarcity: float  #: the factor by which it is dearer; 1 for its usual price


class GrantStep(NamedTuple):
    """What a material asks of a pool and is granted from `day` on, in the pool's unit a year."""

    pool: str
    material: str
    alternative: str
    day: float
    asked: float
    granted: float
