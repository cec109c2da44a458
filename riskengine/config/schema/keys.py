"""The single definition of every table and key of a config: kind, range, unit, default, meaning.

Reading, defaults, unknown-key faults, table columns, sweeps and the schema for people are all
derived from `SCHEMA`. A collection is a `Map`: a table whose keys are names chosen by the user.
"""

from __future__ import annotations

import math

from riskengine.config.schema.kinds import (
    Day,
    Flag,
    Free,
    Integer,
    KeyedTable,
    Map,
    NameList,
    Node,
    Number,
    NumberOrTable,
    Rising,
    Spread,
    Text,
    node_below,
)
from riskengine.config.schema.mitigation import MITIGATION
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.language.languages import LANGUAGES
from riskengine.model.confidence import (
    DECIMALS,
    LEVELS,
    MOST_LEVELS,
)

MOST_SEED = 2**63 - 1
MOST_TRIALS = 2**63 - 1  #: the runner checks whether the trials fit in memory


def _share(meaning: str, unit: str, default: float | None = None) -> Number:
    return Number(meaning=meaning, unit=unit, high=1.0, default=default, required=default is None)


def _days(meaning: str, default: float | None = 0.0) -> Number:
    return Number(meaning=meaning, unit="days", default=default)


_PROBABILITIES = Number(meaning="probability of that level", unit="probability", high=1.0)


def _levels(meaning: str, required: bool = False, absent: bool = False) -> Map:
    return Map(
        of=_PROBABILITIES,
        member="level",
        refers="ladder",
        meaning=meaning,
        required=required,
        absent=absent,
    )


_SOJOURN = Spread(meaning="time spent on the level", unit="days", positive=True, required=True)

_LEVEL = KeyedTable(
    keys={
        "sojourn": _SOJOURN,
        "next": _levels("where a path goes from here, or `resolved`", required=True),
        "boycott": Flag(meaning="third countries stop re-exporting on this level"),
    }
)

_OVERRIDE = KeyedTable(
    keys={
        "sojourn": Spread(meaning=_SOJOURN.meaning, unit="days", positive=True),
        "next": _levels("where a path goes from here, or `resolved`", absent=True),
    }
)

_ACTIVE = KeyedTable(
    meaning="the episode the dispute is in at time 0",
    keys={
        "level": Text(meaning="level at time 0", required=True, refers="ladder"),
        "elapsed_days": _days("time already spent on that level"),
        "materials": NameList(meaning="exactly the materials covered", refers="materials"),
    },
)

_DISPUTE = KeyedTable(
    keys={
        "coercer": Text(meaning="country that restricts its exports", required=True),
        "target": Text(meaning="country that imports", required=True),
        "rate_per_year": Number(
            meaning="episodes per year while calm", unit="per year", default=0.0, high=1e6
        ),
        "entry": _levels("level at which an episode enters"),
        "active": _ACTIVE,
    }
)

_TRIGGER = KeyedTable(
    keys={
        "when": Text(meaning="dispute that is watched", required=True, refers="disputes"),
        "reaches": Text(meaning="level that sets the trigger off", required=True, refers="ladder"),
        "starts": Text(meaning="dispute that may start", required=True, refers="disputes"),
        "probability": _share("chance that it starts", "probability", 1.0),
        "lag": Spread(meaning="time until it starts", unit="days", default=0.0),
    }
)

_RHO = "rho: 0 independent, 1 together"
_CORRELATION = KeyedTable(
    meaning="dependence between materials of one episode",
    keys={
        "coverage": _share("whether materials are covered", _RHO, 0.0),
        "duration": _share("how long they stay on a level", _RHO, 0.0),
        "escalation": _share("where they go next", _RHO, 0.0),
        "severity": _share("how deep they are cut", _RHO, 0.0),
        "rerouting": _share("whether and when alternatives come", _RHO, 0.0),
    },
)

_CUT = Spread(meaning="fraction of the coercer's flow that is blocked", unit="fraction", high=1.0)
_BOYCOTT_CUT = Spread(
    meaning="fraction lost while a path is on a boycott level",
    unit="fraction",
    high=1.0,
    default=0.0,
)

_SOURCE = KeyedTable(
    keys={
        "share": _share("share of normal demand that comes from here", "share of demand"),
        "boycott_cut": _BOYCOTT_CUT,
    }
)

_ALTERNATIVE = KeyedTable(
    keys={
        "kind": Text(meaning="free text for reports", default="", free=True),
        "capacity": Spread(
            meaning="supply it adds, or what this buyer can take of a pool at most",
            unit="share of demand",
            number_high=1.0,
            required=True,
            beside="pool",
            default=1.0,
        ),
        "probability": _share("chance that it succeeds", "probability", 1.0),
        "lead_time": Spread(meaning="time until it begins to arrive", unit="days", required=True),
        "lead_from": Text(
            meaning="what `lead_time` counts from: the first cut, or time 0",
            default="first-cut",
            choices=("first-cut", "start"),
        ),
        "ramp_days": _days("time over which it ramps up"),
        "ramp_steps": Integer(
            meaning="equal parts in which it arrives", unit="parts", default=4, low=1, high=1000
        ),
        "premium": Spread(meaning="extra cost", unit="share of the normal price", default=0.0),
        "boycott_cut": _BOYCOTT_CUT,
        "pool": Text(meaning="pool that it comes from, with other buyers", refers="pools"),
        "precedence": Number(
            meaning="in a pool with that allocation, larger numbers are served first",
            unit="rank",
            default=0.0,
            low=-math.inf,
        ),
    }
)

_POOL = KeyedTable(
    keys={
        "capacity_per_year": Spread(
            meaning="spare supply for all buyers", unit="units per year", required=True
        ),
        "unit": Text(meaning="of the capacity, such as t", default="", free=True),
        "allocation": Text(
            meaning="who is served when more is asked for than there is",
            default="proportional",
            choices=("proportional", "precedence", "first-come"),
        ),
        "scarcity_elasticity": Number(
            meaning="of demand while more is asked for; without it the price does not move",
            unit="elasticity",
            low_open=True,
        ),
        "scarcity_cap": Number(
            meaning="highest price", unit="times the usual price", default=10.0, low=1.0
        ),
    }
)

_STOCK = KeyedTable(
    keys={
        "days": Spread(meaning="stock held at time 0", unit="days of demand", required=True),
        "release_lag_days": _days("time from the first gap to the first release"),
        "max_release": Number(
            meaning="fastest release",
            unit="share of demand",
            default=1.0,
            high=1.0,
            low_open=True,
        ),
        "build_rate": Number(
            meaning="pace at which it is built up while no supply is lost",
            unit="share of demand",
            default=0.0,
        ),
        "target_days": Number(
            meaning="how far it is built up; default `days`", unit="days of demand"
        ),
    }
)

_IMPORTER = Text(meaning="country that imports; default run.importer")

_MATERIAL = KeyedTable(
    keys={
        "importer": _IMPORTER,
        "spend_per_year": Number(meaning="normal spend", unit="money per year", default=0.0),
        "demand_per_year": Number(
            meaning="normal demand, in the unit of the pools that its alternatives name",
            unit="units per year",
            low_open=True,
        ),
        "coverage": _share("chance that an episode covers it", "probability", 1.0),
        "cut": Map(
            of=_CUT,
            member="level",
            refers="ladder",
            meaning="how deep each level cuts; a level left out cuts nothing",
        ),
        "price_elasticity": Number(
            meaning="of demand; without it the price does not move",
            unit="elasticity",
            low_open=True,
        ),
        "price_cap": Number(
            meaning="highest price", unit="times the normal price", default=10.0, low=1.0
        ),
        "refill_rate": Number(
            meaning="pace of refilling stocks", unit="share of demand", default=0.0
        ),
        "allocation": Text(
            meaning="who goes short first",
            default="proportional",
            choices=("proportional", "priority"),
        ),
        "sources": Map(of=_SOURCE, member="country", meaning="countries of normal supply"),
        "alternatives": Map(of=_ALTERNATIVE, member="alternative", meaning="supply to add"),
        "stocks": Map(of=_STOCK, member="stock tier", meaning="stocks, in order of release"),
        "ladder": Map(
            of=_OVERRIDE,
            member="level",
            refers="ladder",
            meaning="what differs from the ladder for this material",
        ),
    }
)

_INVENTORY = NumberOrTable(
    meaning="own stock, in days of own consumption",
    number=_days("own stock, in days of own consumption"),
    keys={
        "across": Spread(
            meaning="days of own consumption over the firms", unit="days", required=True
        ),
        "classes": Integer(
            meaning="classes of equal size that the firms fall into",
            unit="classes",
            default=5,
            low=1,
            high=100,
        ),
    },
)

_USE = KeyedTable(
    keys={
        "share": _share("share of the material's demand", "share of demand"),
        "dependence": _share(
            "share of the industry's output that stops without it", "share of output"
        ),
        "inventory_days": _INVENTORY,
        "substitution_share": _share("dependence that can be replaced", "share", 0.0),
        "substitution_lag_days": _days("time from the first shortage until it is replaced"),
        "priority": Number(
            meaning="larger numbers are cut first", unit="rank", default=0.0, low=-math.inf
        ),
    }
)

_INDUSTRY = KeyedTable(
    keys={
        "importer": _IMPORTER,
        "value_added_per_year": Number(
            meaning="normal value added", unit="money per year", required=True
        ),
        "combine": Text(
            meaning="how shortages of several materials add up",
            default="bottleneck",
            choices=("bottleneck", "independent"),
        ),
        "min_operating_rate": _share("rate below which the line stops", "share of output", 0.0),
        "recapture": _share("share of lost output made up later", "share of output", 0.0),
        "uses": Map(of=_USE, member="material", refers="materials", meaning="what it needs"),
    }
)

_RUN = KeyedTable(
    meaning="how the scenario is run",
    keys={
        "title": Text(default="", free=True, meaning="heading of reports"),
        "trials": Integer(
            default=100_000,
            low=1,
            high=MOST_TRIALS,
            unit="trials",
            meaning="trials to simulate",
        ),
        "seed": Integer(default=1, high=MOST_SEED, unit="seed", meaning="root of all draws"),
        "horizon_days": Number(
            default=365.0,
            low_open=True,
            high=3_650_000.0,
            unit="days",
            meaning="length of a trial",
        ),
        "valuation_date": Day(meaning="date of time 0, for dated reports"),
        "money": Text(default="money", free=True, meaning="unit of all money"),
        "importer": Text(meaning="default importer of materials and industries"),
        "language": Text(
            choices=tuple(LANGUAGES), meaning="language of pages and workbooks; default English"
        ),
        "levels": Rising(
            most=MOST_LEVELS,
            default=LEVELS,
            is_share=True,
            decimals=DECIMALS,
            unit="confidence level",
            meaning="probabilities at which VaR and TVaR are taken",
        ),
        "thresholds": Rising(
            most=20,
            unit="money",
            meaning="losses of which the run tells how likely the total exceeds them",
        ),
        "sampling": Text(
            default="random",
            choices=("random", "sobol"),
            meaning="draws by chance alone, or even points for the decisions that settle most",
        ),
        "given_onset": Flag(
            meaning="play only trials in which a dispute breaks out, weighted by their chance"
        ),
        "tilt": Number(
            default=0.0,
            high=3.0,
            unit="standard deviations",
            meaning="draw escalations worse than they are by so much, and weigh trials for it",
        ),
    },
)

_COEFFICIENT = Number(
    meaning="output of one lost per unit of direct loss of another", unit="coefficient"
)
_PROPAGATION = KeyedTable(
    meaning="losses passed on between industries",
    keys={
        "file": Text(meaning="table with the columns from, to, coefficient", free=True),
        "coefficients": Map(
            member="industry",
            refers="industries",
            meaning="coefficients[from][to]",
            of=Map(of=_COEFFICIENT, member="industry", refers="industries"),
        ),
    },
)

_PART = KeyedTable(
    keys={
        "config": Text(
            meaning="config whose materials and industries it brings", required=True, free=True
        )
    }
)

SCHEMA = KeyedTable(
    keys={
        "extends": Text(meaning="another config that this one changes", free=True),
        "parts": Map(of=_PART, member="part", meaning="configs that this one is put together from"),
        "run": _RUN,
        "ladder": Map(of=_LEVEL, member="level", meaning="levels, mildest first", ordered=True),
        "disputes": Map(of=_DISPUTE, member="dispute", meaning="pairs of countries"),
        "triggers": Map(of=_TRIGGER, member="trigger", meaning="contagion between disputes"),
        "correlation": _CORRELATION,
        "materials": Map(of=_MATERIAL, member="material", meaning="supply lines"),
        "pools": Map(of=_POOL, member="pool", meaning="spare supply that several buyers want"),
        "industries": Map(of=_INDUSTRY, member="industry", meaning="who uses the materials"),
        "propagation": _PROPAGATION,
        "tables": KeyedTable(
            keys={
                name: Text(meaning=f"CSV or XLSX with the table {kind.sheet}", free=True)
                for name, kind in ROW_KINDS.items()
            },
            meaning="the same data from CSV or XLSX",
            annotations=("note",),
        ),
        "sweep": Free(meaning="what the verb sweep varies", whole=("parameters",)),
        "mitigation": MITIGATION,
    }
)


def node_at(path: tuple[str, ...]) -> Node | None:
    """The schema node of a path; None for an unknown key or a path into a value.

    >>> node_at(("materials", "tin", "coverage")).unit
    'probability'
    >>> node_at(("run", "titel")), node_at(("run", "title", "of"))
    (None, None)
    """
    node: Node | None = SCHEMA
    for key in path:
        node = node_below(node, key)
    return node
