"""What a mitigation study says in sentences, for each situation that a choice may be in."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from report.mitigation_worlds import (
    DEPENDENCE,
    FINALISTS,
    NAN,
    choice,
    finalist,
    information,
    option,
    other,
    portfolio,
    rival,
    still,
    study,
    without_worlds,
)

from riskengine.mitigation.readings import evenly, reductions, strongest, told_rows
from riskengine.mitigation.tables import LIMIT_MISSED, MitigationTables
from riskengine.model.mitigation import NOTHING, is_affordable
from riskengine.model.notices import Notice
from riskengine.reports.mitigation.sentences import (
    answer,
    budget_sentence,
    facts,
    gap_text,
    information_sentences,
    option_remark,
    switch_range,
)

TRIO = ("gallium", "germanium", "magnets")
PLANT = rival("plant", 900.0, 610.0, 1_200.0, 0.0)


def said(tables: MitigationTables) -> str:
    """The sentence of the first budget."""
    return budget_sentence(tables, tables.frontier[0])


def of(*options: str, budget: float = 200.0, **changes: Any) -> str:
    """The sentence of a budget without worlds."""
    return said(without_worlds(frontier=(choice(budget, options or TRIO, **changes),)))


def in_worlds(*finalists: Any, **changes: Any) -> str:
    row = choice(200.0, TRIO, **PLANT)
    return said(study(frontier=(row,), finalists=finalists, **{"information": (), **changes}))


# What to buy, and its effect


def test_a_choice_tells_its_effect_its_rival_its_worlds_and_what_would_change_it() -> None:
    tables = study(frontier=(choice(200.0, TRIO, **PLANT),))
    assert said(tables) == (
        "With USD 200 million buy gallium, germanium and magnets: TVaR 99 % falls from 22,800 to "
        "18,000 (by 4,800, 4,550 to 5,100). Next best: plant, 900 less reduction (610 to 1,200). "
        "The choice holds in 96 % of 300 worlds; it would be plant if "
        f"{DEPENDENCE} were below 0.07."
    )


def test_an_effect_that_chance_may_explain_is_told_as_such() -> None:
    ends = {"difference_lower": -5_000.0, "difference_upper": 20.0}
    assert "(by 4,800, -20.0 to 5,000, which could be chance)" in of(**ends)
    assert "chance" not in of(**(ends | {"difference_upper": -1.0}))
    assert "which could be chance" in of(**(ends | {"difference_upper": 0.0}))


def test_an_effect_without_an_interval_has_none() -> None:
    assert "18,000 (by 4,800)." in of(difference_lower=NAN, difference_upper=NAN)


def test_a_loss_that_rises_in_further_trials_is_said_to_rise() -> None:
    worse = {"difference": 300.0, "difference_lower": 100.0, "difference_upper": 600.0}
    told = of(value=18_100.0, **worse)
    assert "TVaR 99 % rises from 17,800 to 18,100 (by 300, 100 to 600)." in told
    row = choice(
        200.0, TRIO, measure="prob_loss", level=None, value=0.314, difference=0.004,
        difference_lower=0.002, difference_upper=0.006,
    )  # fmt: skip
    told = said(without_worlds(measure="prob_loss", level=None, frontier=(row,)))
    assert "the chance of any loss rises from 31.0 % to 31.4 % (by 0.400 percentage" in told


def test_without_further_trials_the_trials_that_chose_are_named() -> None:
    assert (
        "TVaR 99 % falls from 22,700 to 17,900 in the trials that chose it, and no further trials "
        "report."
    ) in of(value=NAN, difference=NAN)


@pytest.mark.parametrize(
    ("measure", "level", "words"),
    [
        ("mean", None, "the mean falls from 1,310 to 1,033"),
        ("var", 0.95, "VaR 95 % falls from 16,800 to 13,248"),
        ("prob_loss", None, "the chance of any loss falls from 31.0 % to 24.4 %"),
    ],
)
def test_each_measure_has_its_words(measure: str, level: float | None, words: str) -> None:
    found = portfolio(*TRIO)
    after, before = getattr(found, measure), getattr(portfolio(), measure)
    row = choice(200.0, TRIO, value=NAN, in_sample=after, measure=measure, level=level)
    expected = words.replace("1,033", "1,030").replace("13,248", "13,200")
    assert expected in said(without_worlds(measure=measure, level=level, frontier=(row,)))
    assert before > after


def test_a_change_of_a_chance_is_told_in_percentage_points() -> None:
    row = choice(
        200.0, TRIO, value=0.25, difference=-0.06, difference_lower=-0.07,
        difference_upper=-0.0512, **rival("plant", 0.02, 0.01, 0.03, 0.0),
    )  # fmt: skip
    text = said(without_worlds(measure="prob_loss", level=None, frontier=(row,)))
    assert "falls from 31.0 % to 25.0 % (by 6.00 percentage points, 5.12 to 7.00)" in text
    assert "plant, 2.00 percentage points less reduction (1.00 to 3.00)" in text


def test_a_small_difference_of_a_chance_keeps_its_direction() -> None:
    row = choice(200.0, TRIO, value=0.25, **rival("plant", 0.004, 0.001, 0.007, 0.0))
    text = said(without_worlds(measure="prob_loss", level=None, frontier=(row,)))
    assert "plant, 0.400 percentage points less reduction (0.100 to 0.700)." in text


def test_a_step_of_the_whole_frontier_is_named_by_its_cost() -> None:
    tables = without_worlds(has_budgets=False, frontier=(choice(161.04, TRIO),))
    assert said(tables).startswith("For USD 161 million buy gallium, germanium and magnets: ")
    assert said(tables).endswith("5,100).")  # a step without a rival has no need of a sentence


def test_a_budget_is_written_as_it_was_given() -> None:
    assert of(budget=1_234_567.5).startswith("With USD 1,234,567.5 million buy ")


def test_a_name_with_a_plus_is_not_taken_apart() -> None:
    name = "reserve + plant"
    tables = without_worlds(frontier=(choice(200.0, TRIO, portfolio=name),))
    assert "buy reserve + plant: " in said(tables)


# Nothing to buy


def test_a_budget_that_pays_for_nothing_names_the_cheapest() -> None:
    assert of(budget=5.0, portfolio=NOTHING) == (
        "With USD 5 million nothing can be bought: the cheapest is shed for USD 9.00 million."
    )


@pytest.mark.parametrize("budget", [9.0, 9.0 - 1e-13, 20.0])
def test_a_budget_that_had_better_stay_in_the_purse_says_so(budget: float) -> None:
    assert of(budget=budget, portfolio=NOTHING).endswith(
        "million buy nothing: no portfolio that it pays for lowers TVaR 99 %."
    )


def test_no_portfolio_keeps_the_limits_and_the_notice_says_which_is_missed() -> None:
    missed = Notice(code=LIMIT_MISSED, message="VaR 95 % of cars stays 90 above its limit of 900.")
    tables = without_worlds(
        frontier=(choice(100.0, (), portfolio=""), choice(200.0, TRIO)),
        notices=(missed, Notice(code="other", message="Something else.")),
        limits=("VaR 95 % of cars at most 900",),
    )
    told = answer(tables)
    assert told[0] == "With USD 100 million no portfolio keeps the limits."
    assert told[1].startswith("With USD 200 million buy gallium, ")
    assert told[2] == missed.message
    assert "Something else." not in told
    assert "Required: VaR 95 % of cars at most 900" in facts(tables)


def test_a_search_that_found_nothing_in_time_says_so() -> None:
    tables = without_worlds(frontier=(choice(100.0, (), portfolio=""),))
    assert answer(tables)[0] == "With USD 100 million no portfolio was found in time."


# The second best


def test_an_interval_that_holds_zero_is_a_tie() -> None:
    tie = rival("plant", 10.0, -30.0, 50.0, 0.31)
    assert (
        "A tie with plant: 10.0 less reduction (-30.0 to 50.0); better in 31 % of resampled trials."
    ) in of(**tie)
    equal = rival("plant", 0.0, 0.0, 0.0, NAN)
    assert "A tie with plant: 0 less reduction (0 to 0)." in of(**equal)
    assert "Next best: plant" in of(**rival("plant", 10.0, 0.1, 20.0, 0.02))


def test_a_tie_in_which_the_rival_was_better_turns_its_interval() -> None:
    assert "A tie with plant: 10.0 more reduction (-50.0 to 30.0); better in 66 %" in of(
        **rival("plant", -10.0, -30.0, 50.0, 0.66)
    )


def test_a_rival_that_is_better_in_further_trials_is_told() -> None:
    assert (
        "Next best: plant, which in further trials has 40.0 more reduction (10.0 to 70.0): more "
        "trials may change the choice."
    ) in of(**rival("plant", -40.0, -70.0, -10.0, 0.99))


def test_a_rival_without_figures_is_named() -> None:
    assert of(rival="plant").endswith("Next best: plant.")
    assert of(**rival("plant", 0.0, NAN, NAN, NAN)).endswith("A tie with plant: 0 less reduction.")
    alone = rival("plant", 5.0, NAN, NAN, NAN)
    assert of(**alone).endswith("Next best: plant, 5.00 less reduction.")


def test_a_choice_without_a_rival_is_all_that_the_budget_pays_for() -> None:
    assert of().endswith("The budget pays for nothing else.")


# How sure it is


def test_a_choice_that_is_not_proven_tells_its_gap_or_why() -> None:
    assert of(proven=False, gap=0.031).endswith(
        "Not proven best: TVaR 99 % could be up to 3.1 % lower with an unplayed portfolio."
    )
    row = choice(200.0, TRIO, proven=False, gap=0.0)
    risen = said(without_worlds(frontier=(row,), is_monotone=False))
    assert "more options raised the loss of some trial" in risen
    whole = said(without_worlds(frontier=(row,)))
    assert whole.endswith("Not proven best: not every portfolio was played or excluded.")
    assert "roven" not in of()


def test_the_proof_in_a_cell() -> None:
    cells = [gap_text(choice(1.0, TRIO, proven=proven, gap=gap)) for proven, gap in
             ((True, 0.0), (False, 0.0125), (False, 0.0), (False, NAN))]  # fmt: skip
    assert cells == ["yes", "1.25 %", "no", "no"]
    assert gap_text(choice(1.0, (), portfolio="")) == ""


def test_a_choice_that_worlds_cannot_pay_for_is_told() -> None:
    own = " + ".join(TRIO)
    never = finalist(200.0, own, affordable=0.0, best=NAN, regret_largest=NAN)
    assert in_worlds(never).endswith("In every world it costs more than the budget.")
    rarely = finalist(200.0, own, affordable=0.71, best=0.4)
    assert in_worlds(rarely).endswith(
        "The choice holds in 40 % of 300 worlds (the budget pays for it in 71 %)."
    )


def test_another_portfolio_with_less_regret_is_named_beside_the_choice() -> None:
    own = finalist(200.0, " + ".join(TRIO), is_minimax=False, regret_largest=940.0)
    safer = other(200.0, "plant", 0.04, 20.0, is_minimax=True, regret_largest=700.0)
    elsewhere = other(400.0, "shed", 0.0, 20.0, is_minimax=True, regret_largest=7.0)
    assert in_worlds(elsewhere, own, safer).endswith(
        "worlds. plant has the smallest largest regret: 700 where the choice has 940."
    )
    mine = dataclasses.replace(own, is_minimax=True)
    assert "regret" not in in_worlds(mine, safer)
    equal = dataclasses.replace(own, regret_largest=700.0)
    assert "regret" not in in_worlds(equal, safer)


def test_the_most_valuable_assumption_is_the_one_that_is_told() -> None:
    own = finalist(200.0, " + ".join(TRIO))
    rows = (
        information(200.0, "small", 1.0, switch="shed", switch_below=1.0),
        information(200.0, "large", 9.0, switch="plant", switch_below=0.25, switch_above=0.75),
        information(200.0, "still", 50.0),
        information(200.0, "all", 90.0, switch="shed"),
        information(400.0, "elsewhere", 99.0, switch="shed", switch_below=1.0),
    )
    assert in_worlds(own, information=rows).endswith(
        "; it would be plant if large were below 0.25 or above 0.75."
    )


def test_a_choice_that_is_right_only_where_an_assumption_is_so_is_told_as_such() -> None:
    own = finalist(200.0, " + ".join(TRIO), is_best_on_average=False)
    usual = other(200.0, "plant", 0.5, 20.0, is_best_on_average=True)
    back = information(200.0, "large", 9.0, switch=" + ".join(TRIO), switch_below=0.25)
    assert in_worlds(own, usual, information=(back,)).endswith(
        "; on average over them plant is better, unless large is below 0.25."
    )


def test_a_regret_that_three_figures_cannot_tell_from_that_of_the_choice_is_not_told() -> None:
    own = finalist(200.0, " + ".join(TRIO), is_minimax=False, regret_largest=555.2)
    same = other(200.0, "plant", 0.04, 20.0, is_minimax=True, regret_largest=554.8)
    assert "regret" not in in_worlds(own, same)


def test_where_another_choice_would_be_right() -> None:
    switch = {"switch": "plant"}
    assert switch_range(information(1.0, "a", 1.0)) == ""
    assert switch_range(information(1.0, "a", 1.0, **switch)) == "at some of its other values"
    assert switch_range(information(1.0, "a", 1.0, **switch, switch_above=0.5)) == "above 0.5"


# Over all budgets


def test_a_firm_choice_is_told_from_what_it_is_worth() -> None:
    """World w scales the reduction of 7,000 by w / 150: 5 % of 300 worlds lie below w = 15.95."""
    told = answer(study())
    assert "What to buy is firm: each choice is best in at least 93 % of the worlds." in told
    assert (
        "The benefit depends on the world: with USD 400 million TVaR 99 % falls by 744 to "
        "13,300 (5th to 95th percentile of worlds)."
    ) in told


@pytest.mark.parametrize(("share", "word"), [(0.9, "is firm"), (0.899, "depends on the world")])
def test_a_choice_is_firm_from_nine_worlds_in_ten(share: float, word: str) -> None:
    weak = dataclasses.replace(FINALISTS[1], best=share)
    told = answer(study(finalists=(weak, *FINALISTS[4:])))
    assert next(each for each in told if each.startswith("What to buy")).startswith(
        f"What to buy {word}"
    )


def test_the_least_firm_choice_is_named_with_its_budget() -> None:
    weak = dataclasses.replace(FINALISTS[4], best=0.424)
    assert (
        "What to buy depends on the world: with USD 200 million the choice is best in 42 % of them."
    ) in answer(study(finalists=(FINALISTS[1], weak)))


def test_without_worlds_nothing_is_said_of_them() -> None:
    told = " ".join([*answer(without_worlds()), *facts(without_worlds())])
    assert "world" not in told
    assert information_sentences(without_worlds()) == []


def test_reductions_pair_the_values_of_each_world() -> None:
    found = reductions(study(), study().frontier[2])
    assert found.shape == (300,)
    assert found[149] == pytest.approx(4_800.0)
    assert reductions(study(), study().frontier[1]).size == 0


def test_options_that_do_nothing_and_options_that_harm_are_named() -> None:
    worse = option("plant", largest_rise=12.0)
    tables = without_worlds(options=(still("shed"), worse, option("magnets", largest_rise=3.0)))
    told = answer(tables)
    assert "Nothing is gained by buying shed: it changes the loss of no trial." in told
    assert (
        "Buying plant and magnets raises the loss of some trials, by up to USD 12.0 million."
    ) in told
    assert "they change" in answer(without_worlds(options=(still("shed"), still("plant"))))[-1]
    decided = dataclasses.replace(still("shed"), fixed=True)
    assert "gained" not in " ".join(answer(without_worlds(options=(decided,))))


def test_an_option_that_helps_only_beside_others_is_no_waste() -> None:
    """Under a bottleneck either of two stocks alone changes nothing."""
    complement = option("gallium", changes=False)
    told = answer(without_worlds(options=(complement, still("shed"))))
    assert "gallium does nothing alone, and something together with other options." in told
    assert "Nothing is gained by buying shed: it changes the loss of no trial." in told
    both = (complement, option("germanium", changes=False))
    assert answer(without_worlds(options=both))[-1].startswith("gallium and germanium do nothing")
    by_order = dataclasses.replace(still("shed"), shapley=-1.0)
    assert "gained" not in " ".join(answer(without_worlds(options=(by_order,))))


def test_an_option_that_is_ruled_out_is_neither_idle_nor_drawn() -> None:
    fields = ("first_in", "last_in", "shapley", "largest_rise")
    barred = option("plant", changes=False, **dict.fromkeys(fields, NAN))
    assert "nothing" not in answer(without_worlds(options=(barred,)))[-1].lower()
    assert option_remark(barred) == "ruled out by what is decided"
    options = (barred, option("magnets"), option("gallium", fixed=True), option("germanium"))
    ranked = [each.option for each in strongest(study(options=options), 9)]
    assert ranked == ["magnets", "germanium"]


def test_many_idle_options_are_counted() -> None:
    idle = tuple(dataclasses.replace(still("shed"), option=f"o{k}") for k in range(10))
    assert (
        "buying o0, o1, o2, o3, o4, o5, o6, o7 and 2 more: "
        in answer(without_worlds(options=idle))[-1]
    )


def test_remarks_of_options() -> None:
    assert option_remark(option("plant")) == ""
    both = option("plant", fixed=True, largest_rise=0.5, changes=False)
    assert option_remark(both) == (
        "already decided, its cost not counted; raises the loss of some trials"
    )
    assert option_remark(still("shed")) == "does nothing"
    assert option_remark(option("gallium", changes=False)) == "does nothing alone"


def test_many_budgets_are_told_at_even_distances_with_both_ends() -> None:
    rows = tuple(choice(float(k), TRIO) for k in range(1, 51))
    tables = without_worlds(frontier=rows)
    assert [row.budget for row in told_rows(tables)] == [1, 8, 15, 22, 29, 36, 43, 50]
    assert "frontier.csv has all 50 budgets." in answer(tables)
    assert evenly(rows[:8], 8) == list(rows[:8])
    assert "frontier.csv" not in " ".join(answer(without_worlds(frontier=rows[:8])))


def test_knowledge_is_told_for_the_world_and_for_the_best_assumption() -> None:
    assert information_sentences(study()) == [
        "With USD 100 million, knowing which world is true before buying would be worth 35.0 of "
        "TVaR 99 % on average; no assumption alone is.",
        "With USD 200 million, knowing which world is true before buying would be worth 61.0 of "
        f"TVaR 99 % on average; {DEPENDENCE} alone 40.0.",
    ]


def test_the_facts_of_a_study() -> None:
    assert facts(study()) == [
        "5 options, 32 feasible portfolios; 32 portfolios played",
        "200,000 trials choose and as many others report, seed 7",
        "Money in USD million; costs are present values over 10 years, discounted at 3 %",
        "300 worlds with 20,000 trials each",
    ]
    other_facts = facts(study(feasible=-1, kept_trials=7_400, years=1, discount_rate=0.0))
    assert other_facts[:3] == [
        "5 options; 32 portfolios played",
        "200,000 trials choose and as many others report, seed 7; only 7,400 of them can reach the "
        "tail",
        "Money in USD million; costs are present values over 1 year",
    ]


def test_a_budget_pays_for_its_own_cost_whatever_the_rounding() -> None:
    assert is_affordable(0.1 + 0.2, 0.3)
    assert not is_affordable(0.3 + 1e-9, 0.3)
    assert not is_affordable(math.inf, 0.3)
