"""The arrays that kernels read (`Model`) and write (`Scratch`, `Rows`).

All entities of one kind form one array of records, so that a kernel takes few arguments and reads
like the model. Lists of varying length are stored flat: the parts of an owner are the entries
`first` .. `end` of the array of parts. An index into another array is uint64, or int64 where it
may be -1 for none. With uint64 the compiler need not check whether an index counts from the end,
and a trial takes a sixteenth less time. Units are days and money.

A pair is one dispute and one material that it concerns. A dispute that concerns no material has
one pair with material -1. Fields called `..._key` hold streams until `riskengine.kernel.draws`
mixes the seed into them. Fields called `..._point` are 0 until `riskengine.model.sampling` assigns
coordinates of Sobol' points to the leading decisions of a run.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.uint64]
Records = NDArray[Any]  # a one- or two-dimensional array of one of the record types below


def _record(floats: str = "", ints: str = "", places: str = "", keys: str = "") -> np.dtype[Any]:
    fields: list[tuple[str, Any]] = [(name, np.float64) for name in floats.split()]
    fields += [(name, np.int64) for name in ints.split()]
    fields += [(name, np.uint64) for name in (places + " " + keys).split()]
    return np.dtype(fields, align=True)


# The quantile of a distribution is taken at the probability origin + span * u, or at its complement
# where `upper` is set. In this form, truncation and time already elapsed (`shift`) condition a
# distribution without loss of precision far out in its tail.
DISTRIBUTION = _record("a b c origin span minimum maximum shift", "family upper first count")

# With `given_onset`, a dispute breaks out for uniforms below `onset_chance` as long as no dispute
# before it in the config has broken out. Otherwise it breaks out for uniforms below `onset_share`.
# A uniform above `surely_calm` gives a calm that lasts beyond the horizon.
DISPUTE = _record(
    "onset_chance onset_share surely_calm",
    "gap active_level concerns",
    "pair_first pair_end trigger_first trigger_end onset_point cover_point path_point",
    "onset_key cover_key path_key",
)
PAIR = _record(
    "uncovered", "material forced remainder", "ladder cover_point path_point", "cover_key path_key"
)
TRIGGER = _record("probability", "reaches starts", "lag trigger_point", "trigger_key")
# `demand` is in the unit of the pools that alternatives of the material name; `pooled` is 1 if any
# does.
MATERIAL = _record(
    "refill_rate inverse_elasticity price_cap cost_rate demand",
    "pooled",
    "pair_first pair_end source_first source_end alternative_first alternative_end"
    " tier_first tier_end use_first use_end importer reroute_point",
    "reroute_key",
)
SOURCE = _record("share", "pair", "boycott", "source_key")
# `pool` is the position of its pool in the scenario, -1 for none. `granted_to` is the alternative
# whose grants it has: itself, or one with the same grants in another version.
ALTERNATIVE = _record(
    "succeeds ramp_days precedence",
    "ramp_steps from_start pool",
    "capacity lead_time premium boycott alternative_point granted_to",
    "alternative_key",
)
# Pools that share buyers, directly or through others, form a market, and so do those buyers. The
# position of a buyer's material in its market is its `slot`.
MARKET = _record("", "", "pool_first pool_end slot_first slot_end")
POOL = _record(
    "inverse_elasticity scarcity_cap",
    "allocation",
    "capacity buyer_first buyer_end",
    "pool_key",
)
BUYER = _record("", "", "alternative slot")  # in the order of materials
TIER = _record("lag release build_rate target", "", "days", "tier_key")
USE = _record(
    "dependence inventory substitution substitution_lag cost cut_before group",
    places="material industry",
)
# Firms of an industry fall into classes of equal size. Its uses are listed class by class.
# Each class of firms of an industry has `width` uses.
INDUSTRY = _record(
    "output_rate min_operating_rate multiplier",
    "independent classes width passes_on",
    "use_first use_end",
)


class Factor(NamedTuple):
    """The one-factor dependence of one kind of decision, see `riskengine.kernel.scores`."""

    rho: float
    common: float  #: weight of the systemic score, sqrt(rho)
    own: float  #: weight of the own score, sqrt(1 - rho)


class Factors(NamedTuple):
    """One factor for each kind of decision."""

    coverage: Factor
    duration: Factor
    escalation: Factor
    severity: Factor
    rerouting: Factor


class Points(NamedTuple):
    """Randomised Sobol' points, see `riskengine.kernel.points`.

    Coordinate 0 stands for none, so that a run without points has arrays of one coordinate.
    """

    directions: Places  #: (coordinates, bits) 32-bit direction numbers
    shifts: Places  #: (replicates, coordinates) 32-bit digital shifts


class Versions(NamedTuple):
    """Which entities make up each version of a scenario, see `riskengine.model.flat.versions`.

    A place is the position of a material or an industry in the scenario. An entity is what a
    version has at a place. The entities of version 0 come first, so that each of them has the
    number of its place. A run has one version.
    """

    materials: Places  #: (versions, places) entity of each material
    industries: Places  #: (versions, places) entity of each industry
    pools: Places  #: (versions, places) entity of each pool
    spread: Places  #: (versions,) propagation
    material_place: Places  #: (materials,) place of each entity
    industry_place: Places  #: (industries,)
    like: Places  #: (uses,) a use with the same needs at the same place, or the use itself
    detail: float  #: which changes are noted: those of `TOTALS`, `LOSSES` or `ALL_SERIES`


class Model(NamedTuple):
    """One scenario as read-only arrays, or several versions of it that share all disputes."""

    horizon: float
    correlation: Factors
    distributions: Records
    grid: Floats  #: tables and values of distributions
    disputes: Records
    pairs: Records
    triggers: Records  #: grouped by the dispute that is watched
    entry: Floats  #: (disputes, levels) cumulative, on the scale of draws of escalation
    cut: Ints  #: (pairs, levels) distribution of the cut fraction, -1 for none
    sojourn: Ints  #: (ladders, levels) distribution
    next: Floats  #: (ladders, levels, levels + 1) cumulative, `resolved` first
    boycott: Ints  #: (levels,) 1 on levels where third countries stop re-exporting
    materials: Records
    material_pairs: Places
    sources: Records
    alternatives: Records
    tiers: Records
    markets: Records
    slots: Places  #: material in each slot of a market
    pools: Records  #: grouped by market, in the order of the scenario
    buyers: Records  #: grouped by pool
    uses: Records  #: grouped by material
    industries: Records
    industry_uses: Places
    #: (propagations, industries, industries) [_, j, i]: indirect loss of i per direct loss of j
    spread: Floats
    versions: Versions
    points: Points
    tilt: float  #: shift of systemic scores towards worse outcomes; 0 for none
    weight: float  #: weight of every trial before the tilt; 0 where trials have no weights


DISPUTE_STATE = _record("onset until", "begun")
DUE = _record("time", "trigger")
EPISODE = _record("start end", "dispute")
SPELL = _record("start end loss")
COMMON = _record("choice stay")
PAIR_STATE = _record("severity", "head tail now")
SEGMENT = _record("start end cut", "level next")
# The steps from short_first to short_end include all that have a shortage, and any between them.
MATERIAL_STATE = _record(
    "rerouting price loss upcoming",
    "deepest offers drawn step_first step_end short_first short_end alike differs",
)
REROUTING = _record("success lead", "drawn")
# `granted` is what it is granted while pools are settled; its grants are a chain from `head` to
# `tail`. `grant` is the one in force while its material is supplied, and `next` the one after it.
ALTERNATIVE_STATE = _record(
    "arrival upcoming offered capacity premium boycott granted", "arrived head tail grant next"
)
SLOT_STATE = _record("path_change lost", "boycott moved")
POOL_STATE = _record("capacity asked granted scarcity contested_days used", "contested")
BUYER_STATE = _record("share request grant")
# What an alternative is granted of its pool from a time on: a share of demand, or `inf` for all it
# asks for, and the factor of its price.
GRANT = _record("time share scarcity", "next")
# What a buyer of a pool asks for and is granted from a time on, in the pool's unit a year, and the
# factor by which the pool is dearer then.
POOL_STEP = _record("time asked granted scarcity", "pool buyer contested")
TIER_STATE = _record("held full stock rate runs_out")
STEP = _record("time lost short cost")
USE_STATE = _record("hit impact", "first end now")
USE_STEP = _record("time short")
INDUSTRY_STATE = _record("direct lost_days", "first end part_first part_end differs")
# A class of firms has the uses from the end of the class before to `end`. What it loses is in force
# from `since` until `change`.
FIRMS_STATE = _record("since change loss largest total", "end")
OUTPUT_STEP = _record("time loss")
PART = _record("money", places="place")


class Scratch(NamedTuple):
    """Working arrays of one thread; after a trial they hold everything that happened in it.

    The lists (due, episodes, spells, segments, steps) have the same capacity. A kernel that needs
    more returns the status FULL, and the trial is played again with longer lists: its draws do not
    depend on them.
    """

    size: Ints  #: lengths of the lists, at the N_... indices
    disputes: Records
    due: Records  #: triggered episodes to come
    episodes: Records  #: in order of time
    spells: Records
    common: Records  #: systemic draws of the episode being walked, by step
    pairs: Records
    segments: Records  #: of paths, chained per pair in order of time
    materials: Records
    rerouting: Records  #: (importers,) systemic draws, made once per trial if needed
    alternatives: Records
    tiers: Records
    slots: Records
    pools: Records
    buyers: Records
    grants: Records  #: where less is granted than asked for, or at another price
    pool_steps: Records  #: of all buyers, by market in order of time; only for replays
    steps: Records  #: of supply, grouped by material
    step_used: Floats  #: (capacity, most alternatives of a material) share of demand rerouted
    step_stock: Floats  #: (capacity, most tiers of a material) days held when the step begins
    uses: Records
    use_steps: Records
    hit_uses: Places  #: uses that are ever short, of the industry being played, class by class
    firms: Records  #: classes of firms of that industry
    likelihood: Floats  #: (1,) logarithm of the likelihood ratio of this trial under the tilt
    industries: Records
    output_steps: Records
    parts: Records  #: of output losses, attributed to the place of a material; grouped by industry
    # Of entities after those of version 0, whose rows are in `Rows`:
    material_rows: Records
    industry_rows: Records
    level_days: Floats  #: (levels,) of the material being played
    # Of the version being added up, if it is not version 0:
    version_trial: Records  #: (1,)
    version_industries: Records  #: by place
    version_materials: Records


N_SEGMENTS = 0
N_EPISODES = 1
N_SPELLS = 2
N_DUE = 3
N_STEPS = 4
N_USE_STEPS = 5
N_OUTPUT_STEPS = 6
N_COMMON = 7
N_PARTS = 8
N_GRANTS = 9
N_POOL_STEPS = 10
N_SIZES = 11

TOTALS, LOSSES, ALL_SERIES = 0.0, 1.0, 2.0  #: values of `Versions.detail`

PROPORTIONAL, PRECEDENCE, FIRST_COME = 0, 1, 2  #: values of `allocation` of a pool

DONE = 0
FULL = 1

NOTHING = 1e-12  #: a gap, a shortage, a stock, an inventory or a time left below this counts as 0

TRIAL_ROW = _record("total largest_spell")
INDUSTRY_ROW = _record(
    "loss output rerouting price indirect loss_days stopped_days first_loss_day survival_days"
)
MATERIAL_ROW = _record("loss cut_days cut_weighted_days shortage_days", "deepest_level")
POOL_ROW = _record("contested_days pool_used")
INDUSTRY_SERIES = len(INDUSTRY_ROW.names or ())  #: in which versions can differ, see `Changes`
MATERIAL_SERIES = len(MATERIAL_ROW.names or ()) - 1  #: the deepest level follows from the paths
POOL_SERIES = len(POOL_ROW.names or ())


class Rows(NamedTuple):
    """Outcome of a range of trials, filled by the kernels: axes (trial, entity)."""

    trials: Records  #: (n,)
    industries: Records  #: (n, industries)
    materials: Records  #: (n, materials)
    pools: Records  #: (n, pools)
    level_days: Floats  #: (n, materials * levels) levels of a material side by side
    episodes: NDArray[np.int32]  #: (n, disputes)
    quiet: NDArray[np.int32]  #: (n,) 1 where the row, but for episodes and weight, shows no cut
    weights: Floats  #: (n,) weight of each trial; (0,) where trials have no weights


class Changes(NamedTuple):
    """What differs between version 0 and the others, in order of trial, version and series.

    Each version has the same number of series, numbered in this order: total, loss of each
    industry, loss of each material. With `TOTALS`, there is the total alone. With `ALL_SERIES`, the
    largest spell follows, then the other fields of each industry, then the other fields of each
    material except the deepest level, which is the same in all versions, then the fields of each
    pool. The series of version k start at k times the number of series.
    """

    first_trial: Ints  #: (1,) trial that has row 0
    noted: Ints  #: (1,) how many there are
    rows: NDArray[np.int32]  #: (capacity,)
    series: NDArray[np.uint16]  #: (capacity,)
    values: Floats  #: (capacity,) of the version
