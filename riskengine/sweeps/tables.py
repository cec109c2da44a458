"""The rows of a sweep, which its files hold and its reports show."""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.model.notices import Notice

Setting = bool | int | float | str | None  #: value of one dotted path at a point; None: no value


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """One point, a row of `points.csv`; point 0 is the base case, the config unchanged."""

    point: int  #: 0 is the base case
    status: str  #: done or failed
    message: str  #: why it failed; empty otherwise
    settings: tuple[Setting, ...]  #: one for each of `SweepTables.paths`


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """One figure at one point, a row of `sweep.csv`; nan if it or an end does not exist."""

    point: int  #: as in `points.csv`
    scope: str  #: total, industry or material
    name: str  #: of the industry or material; empty for the total
    measure: str  #: mean, sd, prob_loss, var, tvar
    level: float | None  #: confidence level of var and tvar
    value: float
    lower: float
    upper: float
    unit: str
    difference: float  #: from the base case, with common draws; 0 at the base case itself
    difference_lower: float
    difference_upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityRow:
    """The effect of one parameter on one figure, a row of `sensitivity.csv`."""

    method: str  #: one-at-a-time, sobol, morris or delta
    scope: str
    name: str
    measure: str
    level: float | None
    parameter: str  #: as the config writes it: one path, or several that move together
    index: str  #: low, high, swing; S1, ST; mu, mu_star, sigma; delta
    setting: str  #: of the parameter, for low and high; empty otherwise
    value: float  #: of the index
    lower: float  #: 95 % interval; nan where there is none
    upper: float
    rank: int  #: of the parameter for this figure; 1 moves it most; unclear ones come last
    #: whether the effect of the parameter stands out from the noise of trials and points
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseRow:
    """How much of a figure's spread over the points of a sampled design is noise of the trials; a
    row of `noise.csv`."""

    scope: str
    name: str
    measure: str
    level: float | None
    unit: str
    spread: float  #: standard deviation over the points, noise included
    noise: float  #: standard deviation of the points' noise relative to each other; nan: unknown
    share: float  #: of the variance that is noise; nan: not known
    #: clear; corrected: noise is taken out of indices and percentiles; noise: they are withheld;
    #: unknown: of one trial
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyRow:
    """One figure over all points of a sampled design, a row of `uncertainty.csv`.

    Percentiles over points show the uncertainty of the parameters. The half-width of the interval
    at one point, `chance`, shows the chance in the simulation. Noise of the points is removed from
    the percentiles and from `sd`; they are nan if nothing stands out from the noise.
    """

    scope: str
    name: str
    measure: str
    level: float | None
    unit: str
    base: float  #: of the base case
    mean: float  #: over the points
    sd: float  #: standard deviation over the points
    p05: float  #: 5th percentile over the points
    p25: float  #: 25th percentile
    p50: float  #: median
    p75: float  #: 75th percentile
    p95: float  #: 95th percentile
    chance: float  #: median over points of the half-width of the 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepTables:
    """Everything that the reports of a sweep show."""

    title: str
    config: str  #: file name of the config
    money: str
    method: str
    trials: int  #: of each point
    seed: int  #: of the draws
    parameters: tuple[str, ...]  #: as the config writes them
    paths: tuple[str, ...]  #: all dotted paths, in order of the parameters
    points: tuple[PointRow, ...]  #: in order; the first is the base case
    figures: tuple[SweepRow, ...]  #: by point, then in the order of a run's metrics
    sensitivity: tuple[SensitivityRow, ...]  #: by figure, then by rank
    uncertainty: tuple[UncertaintyRow, ...]  #: empty unless the design is sampled
    noise: tuple[NoiseRow, ...]  #: of all figures of a sampled design
    notices: tuple[Notice, ...]
