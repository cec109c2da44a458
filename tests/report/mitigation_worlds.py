"""A mitigation study with figures made by hand, shared by the tests of its reports."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from riskengine.mitigation.tables import (
    BeneficiaryRow,
    FinalistRow,
    FrontierRow,
    InformationRow,
    InteractionRow,
    MitigationTables,
    OptionRow,
    PortfolioRow,
    RegretRow,
)
from riskengine.model.mitigation import NOTHING
from riskengine.model.notices import Notice

NAN = math.nan
COSTS = {"gallium": 38.0, "germanium": 41.0, "magnets": 82.0, "plant": 170.0, "shed": 9.0}
ALONE = {"gallium": 0.0, "germanium": 0.0, "magnets": 2_600.0, "plant": 3_900.0, "shed": 0.0}
SYNERGY = {("gallium", "germanium"): 2_200.0, ("magnets", "plant"): -1_700.0}
VALUES = {"tvar": 22_700.0, "var": 16_800.0, "mean": 1_310.0, "prob_loss": 0.31}
DEPENDENCE = "industries.automobile.uses.magnets.dependence"
WORLDS = 300


def reduction(options: tuple[str, ...]) -> float:
    """By how much some options lower TVaR in this study."""
    pairs = sum(SYNERGY.get(pair, 0.0) for pair in combinations(options, 2))
    return sum(ALONE[option] for option in options) + pairs


def portfolio(*options: str, **changes: Any) -> PortfolioRow:
    """A portfolio in sample; all its measures fall in proportion to TVaR."""
    left = 1.0 - reduction(options) / VALUES["tvar"]
    given: dict[str, Any] = {
        "portfolio": " + ".join(options) or NOTHING,
        "cost": sum(COSTS[option] for option in options),
        "feasible": True,
        **{name: value * left for name, value in VALUES.items()},
    }
    return PortfolioRow(**(given | changes))


def choice(budget: float, options: tuple[str, ...], **changes: Any) -> FrontierRow:
    """The row of a budget; a value out of sample is 100 above that in sample."""
    found = portfolio(*options)
    difference = -reduction(options)
    given: dict[str, Any] = {
        "budget": budget, "portfolio": found.portfolio, "cost": found.cost, "measure": "tvar",
        "level": 0.99, "value": found.tvar + 100.0, "lower": found.tvar - 1_100.0,
        "upper": found.tvar + 1_300.0, "in_sample": found.tvar, "difference": difference,
        "difference_lower": difference - 300.0, "difference_upper": difference + 250.0,
        "rival": "", "rival_difference": NAN, "rival_lower": NAN, "rival_upper": NAN,
        "rival_better": NAN, "proven": True, "gap": 0.0, "mean": found.mean, "tvar": found.tvar,
    }  # fmt: skip
    return FrontierRow(**(given | changes))


def rival(name: str, value: float, lower: float, upper: float, better: float) -> dict[str, Any]:
    """The fields of a second best."""
    return {
        "rival": name, "rival_difference": value, "rival_lower": lower, "rival_upper": upper,
        "rival_better": better,
    }  # fmt: skip


FRONTIER = (
    choice(50.0, (), rival="shed", rival_difference=0.0, rival_lower=0.0, rival_upper=0.0),
    choice(100.0, ("magnets",), **rival("gallium + germanium", 400.0, 120.0, 690.0, 0.002)),
    choice(200.0, ("gallium", "germanium", "magnets"),
           **rival("plant", 900.0, -60.0, 1_850.0, 0.03)),
    choice(400.0, ("gallium", "germanium", "magnets", "plant"),
           **rival("gallium + germanium + plant", 900.0, 610.0, 1_200.0, 0.0),
           proven=False, gap=0.031),
)  # fmt: skip


def option(name: str, **changes: Any) -> OptionRow:
    """An option; its last-in effect is what it adds to all others."""
    others = tuple(each for each in COSTS if each != name)
    first, last = -reduction((name,)), reduction(others) - reduction(tuple(COSTS))
    partners = sum(value for pair, value in SYNERGY.items() if name in pair)
    given: dict[str, Any] = {
        "option": name, "kind": "stockpile", "group": "", "fixed": False,
        "upfront": COSTS[name] - 5.0, "yearly": 1.5, "recovered": 8.0, "cost": COSTS[name],
        "first_in": first, "first_in_lower": first - 210.0, "first_in_upper": first + 190.0,
        "last_in": last, "last_in_lower": last - 320.0, "last_in_upper": last + 280.0,
        "first_in_mean": first / 20.0, "first_in_mean_lower": first / 20.0 - 4.0,
        "first_in_mean_upper": first / 20.0 + 3.0, "last_in_mean": last / 20.0,
        "last_in_mean_lower": last / 20.0 - 6.0, "last_in_mean_upper": last / 20.0 + 5.0,
        "per_money": first / COSTS[name], "shapley": first - partners / 2.0, "shapley_error": 0.0,
        "budgets": sum(name in row.portfolio.split(" + ") for row in FRONTIER), "worlds": 0.62,
        "break_even": -first / 10.0, "largest_rise": 0.0, "changes": True,
    }  # fmt: skip
    return OptionRow(**(given | changes))


def still(name: str) -> OptionRow:
    """An option that changes no trial."""
    ends = {
        f"{key}{end}": 0.0
        for key in ("first_in", "last_in", "first_in_mean", "last_in_mean")
        for end in ("", "_lower", "_upper")
    }
    zero = dict.fromkeys(("per_money", "shapley", "break_even", "worlds"), 0.0)
    return option(name, **ends, **zero, budgets=0, changes=False)


def interaction(first: str, second: str) -> InteractionRow:
    synergy = SYNERGY.get((first, second), 0.0)
    width = 0.0 if "shed" in (first, second) else 180.0
    return InteractionRow(
        first=first, second=second, synergy=synergy, lower=synergy - width, upper=synergy + width
    )


def finalist(budget: float, name: str, **changes: Any) -> FinalistRow:
    given: dict[str, Any] = {
        "budget": budget, "portfolio": name, "affordable": 1.0, "best": 0.96, "value": 19_400.0,
        "regret": 12.0, "regret_95": 0.0, "regret_largest": 940.0, "is_minimax": True,
        "is_best_on_average": True,
    }  # fmt: skip
    return FinalistRow(**(given | changes))


def other(budget: float, name: str, best: float, regret: float, **changes: Any) -> FinalistRow:
    """A finalist that is not the choice."""
    given: dict[str, Any] = {
        "best": best, "regret": regret, "regret_95": 2.1 * regret, "regret_largest": 3.0 * regret,
        "value": 19_388.0 + regret, "is_minimax": False, "is_best_on_average": False,
    }  # fmt: skip
    return finalist(budget, name, **(given | changes))


FINALISTS = (
    finalist(50.0, NOTHING, best=1.0, regret=0.0, regret_largest=0.0),
    finalist(100.0, "magnets", best=0.93),
    other(100.0, "gallium + germanium", 0.07, 510.0),
    other(100.0, NOTHING, 0.0, 2_700.0),
    finalist(200.0, "gallium + germanium + magnets"),
    other(200.0, "plant", 0.04, 870.0, affordable=0.71, regret_largest=700.0),
    other(200.0, NOTHING, 0.0, 4_850.0),
    finalist(400.0, "gallium + germanium + magnets + plant", best=1.0, regret=0.0),
    other(400.0, "gallium + germanium + plant", 0.0, 930.0),
    other(400.0, NOTHING, 0.0, 7_000.0),
)


def regrets(budget: float, name: str, factor: float) -> list[RegretRow]:
    """In world w the loss is w / 150 times what it is on average."""
    best = next(row.portfolio for row in FRONTIER if row.budget == budget)
    rows = []
    for world in range(1, WORLDS + 1):
        scale = world / 150.0
        rows.append(
            RegretRow(
                budget=budget, portfolio=name, world=world, cost=175.0, affordable=True,
                value=scale * factor, best=best, regret=0.0 if name == best else scale * 100.0,
            )
        )  # fmt: skip
    return rows


def information(budget: float, assumption: str, value: float, **changes: Any) -> InformationRow:
    given: dict[str, Any] = {
        "budget": budget, "assumption": assumption, "value": value, "switch": "",
        "switch_below": NAN, "switch_above": NAN,
    }  # fmt: skip
    return InformationRow(**(given | changes))


INFORMATION = (
    information(100.0, "all", 35.0),
    information(100.0, DEPENDENCE, 0.0),
    information(200.0, "all", 61.0),
    information(200.0, "correlation.duration", 2.0, switch="plant", switch_above=0.9),
    information(200.0, DEPENDENCE, 40.0, switch="plant", switch_below=0.07),
)


def beneficiary(name: str, industry: str, share: float) -> BeneficiaryRow:
    return BeneficiaryRow(
        portfolio=name, industry=industry, mean=-280.0 * share, mean_lower=-300.0 * share,
        mean_upper=-262.0 * share, tvar=-4_800.0 * share, tvar_lower=-5_100.0 * share,
        tvar_upper=-4_500.0 * share, share=share,
    )  # fmt: skip


def study(**changes: Any) -> MitigationTables:
    """The whole study, or another one."""
    names = list(COSTS)
    options = [still(name) if name == "shed" else option(name) for name in names]
    subsets = [s for size in range(len(names) + 1) for s in combinations(names, size)]
    bought = "gallium + germanium + magnets"
    everything = f"{bought} + plant"
    given: dict[str, Any] = {
        "title": "What to buy for Korea", "config": "mitigation-korea.toml",
        "money": "USD million", "measure": "tvar", "level": 0.99, "detail_level": 0.99,
        "has_budgets": True, "trials": 200_000, "seed": 7, "horizon_days": 730.0, "years": 10,
        "discount_rate": 0.03, "feasible": 32, "played": 32, "kept_trials": 200_000,
        "is_monotone": True, "worlds": WORLDS, "world_trials": 20_000, "limits": (),
        "nothing": portfolio(), "frontier": FRONTIER, "options": tuple(options),
        "interactions": tuple(interaction(*pair) for pair in combinations(names, 2)),
        "portfolios": tuple(portfolio(*subset) for subset in subsets),
        "regret": (
            *regrets(200.0, NOTHING, 22_700.0), *regrets(200.0, bought, 17_900.0),
            *regrets(400.0, NOTHING, 22_700.0), *regrets(400.0, everything, 15_700.0),
        ),
        "finalists": FINALISTS, "information": INFORMATION,
        "beneficiaries": (
            beneficiary(bought, "automobile", 0.7), beneficiary(bought, "batteries", 0.3)
        ),
        "notices": (Notice(code="overrun", message="Two costs are assumptions."),),
    }  # fmt: skip
    return MitigationTables(**(given | changes))


def without_worlds(**changes: Any) -> MitigationTables:
    given: dict[str, Any] = {
        "worlds": 0, "world_trials": 0, "regret": (), "finalists": (), "information": (),
        "options": tuple(dataclasses.replace(o, worlds=NAN) for o in study().options),
    }  # fmt: skip
    return study(**(given | changes))


def hostile(names: Sequence[str]) -> MitigationTables:
    """A study in which every text that a user may choose is one of these names."""
    whole = " + ".join(names)
    options = tuple(
        option("magnets", option=name, kind=names[0], group=names[-1]) for name in names
    )
    pairs = tuple(
        dataclasses.replace(interaction("gallium", "magnets"), first=a, second=b, synergy=float(k))
        for k, (a, b) in enumerate(combinations(names, 2))
    )
    rows = (choice(50.0, ("magnets",), portfolio=names[0], rival=names[1]),
            choice(100.0, ("magnets",), portfolio=whole, rival=names[2]))  # fmt: skip
    return study(
        title=names[0], config=names[1], money=names[0], limits=(names[0],), options=options,
        interactions=pairs, frontier=rows,
        portfolios=(portfolio(), *(portfolio("magnets", portfolio=name) for name in names)),
        finalists=(finalist(50.0, names[0]), finalist(100.0, whole)),
        information=(information(50.0, "all", 2.0), information(50.0, names[0], 1.0, switch=whole)),
        beneficiaries=tuple(beneficiary(whole, name, 0.1) for name in names),
        notices=(Notice(code="x", message=names[0]),), regret=(),
    )  # fmt: skip
