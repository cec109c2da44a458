"""Whether the tables of a study agree: what each check looks at, and what it counts as wrong."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from report.mitigation_worlds import (
    FRONTIER,
    INFORMATION,
    NAN,
    beneficiary,
    choice,
    portfolio,
    study,
)

from riskengine.mitigation.agreement import study_agreements
from riskengine.mitigation.tables import MitigationTables
from riskengine.model.agreement import Agreement

COST = "A choice costs no more than its budget"
MORE = "More budget gives no worse choice in the trials that choose"
FROM = "Every difference is from the same value with nothing"
SAME = "The value that decided is that of the portfolio as it was played"
TAIL = "TVaR is no less than VaR"
CHANCES = "Chances lie between 0 and 1"
SHARES = "The shares of industries in a reduction add up to 1"
REGRET = "No regret is below 0"
WORTH = "Nothing is worth less than 0 to know"


def checked(tables: MitigationTables) -> dict[str, Agreement]:
    return {row.question: row for row in study_agreements(tables)}


def with_choice(**changes: Any) -> MitigationTables:
    """A study in which the choice at 200 is another."""
    rows = (*FRONTIER[:2], dataclasses.replace(FRONTIER[2], **changes), FRONTIER[3])
    return study(frontier=rows)


def test_each_check_counts_what_it_looked_at_and_a_sound_study_is_fine() -> None:
    found = checked(study())
    counts = {row.question: (row.looked_at, row.wrong) for row in found.values()}
    assert counts == {
        COST: (4, 0), MORE: (3, 0), FROM: (4, 0), SAME: (4, 0), TAIL: (32, 0), CHANCES: (32, 0),
        SHARES: (1, 0), REGRET: (1_200, 0), WORTH: (5, 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("question", "tables"),
    [
        (COST, with_choice(cost=200.0 + 1e-8)),
        (MORE, with_choice(in_sample=FRONTIER[1].in_sample + 1e-3, portfolio="other")),
        (FROM, with_choice(difference=FRONTIER[2].difference + 1e-3)),
        (SAME, with_choice(in_sample=FRONTIER[2].in_sample - 1e-9)),
        (TAIL, study(portfolios=(portfolio("plant", tvar=5.0, var=5.0 + 1e-6),))),
        (CHANCES, study(portfolios=(portfolio("plant", prob_loss=1.0 + 1e-9),))),
        (CHANCES, study(portfolios=(portfolio("plant", prob_loss=-1e-9),))),
        (SHARES, study(beneficiaries=(beneficiary("a", "x", 0.4), beneficiary("a", "y", 0.5)))),
        (REGRET, study(regret=(dataclasses.replace(study().regret[0], regret=-1e-9),))),
        (WORTH, study(information=(dataclasses.replace(INFORMATION[0], value=-1e-9),))),
    ],
)
def test_each_check_sees_what_cannot_be(question: str, tables: MitigationTables) -> None:
    assert {row.question for row in checked(tables).values() if row.wrong} == {question}
    assert checked(tables)[question].wrong == 1


def test_what_does_not_exist_is_not_looked_at() -> None:
    missed = choice(10.0, (), portfolio="", cost=NAN, value=NAN, in_sample=NAN, difference=NAN)
    rows = (missed, choice(100.0, ("magnets",), value=NAN, difference=NAN))
    found = checked(
        study(
            frontier=rows,
            portfolios=(portfolio("plant", mean=NAN, prob_loss=NAN),),
            regret=(dataclasses.replace(study().regret[0], regret=NAN),),
            beneficiaries=(beneficiary("a", "x", NAN),),
        )
    )
    looked = {name: found[name].looked_at for name in (COST, MORE, FROM, SAME, CHANCES, SHARES)}
    assert looked == {COST: 1, MORE: 0, FROM: 0, SAME: 0, CHANCES: 0, SHARES: 0}
    assert found[REGRET].looked_at == 0
    assert not any(row.wrong for row in found.values())


def test_a_portfolio_that_changes_nothing_has_no_shares_to_add_up() -> None:
    idle = dataclasses.replace(beneficiary("nothing", "x", 0.0), mean=0.0)
    assert checked(study(beneficiaries=(idle,)))[SHARES].looked_at == 0


def test_rounding_is_no_disagreement() -> None:
    tables = with_choice(difference=FRONTIER[2].difference + 1e-7, cost=200.0 + 1e-11)
    assert not any(row.wrong for row in checked(tables).values())
    shares = (beneficiary("a", "x", 0.1), beneficiary("a", "y", 0.2), beneficiary("a", "z", 0.7))
    assert checked(study(beneficiaries=shares))[SHARES].wrong == 0
