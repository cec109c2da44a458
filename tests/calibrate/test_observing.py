"""From dates to durations: bounds, censoring, the flow's two phases, and what was known when."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import pytest
from calibrate_worlds import fitted, history, read

from riskengine.errors import UsageFault
from riskengine.fits.episodes import as_known
from riskengine.fits.observing import FLOW, SOJOURN, Observation, observe

HEAD = "id,start_date,end_date,censored,start_precision,end_precision,near_zero_flow_days,flow_recovered_by_days\n"  # noqa: E501


def by_id(folder: Path, rows: str, as_of: date | None = None) -> dict[str, Observation]:
    table = read(folder, HEAD + rows)
    table = as_known(table, as_of) if as_of else table
    return {each.episode.id: each for each in observe(table, SOJOURN)[0].observations}


def test_bounds_follow_from_both_dates(tmp_path: Path) -> None:
    found = by_id(
        tmp_path,
        "A,2020-01-10,2020-03-05,0,day,day,,\n"
        "B,2020-01-10,2020-03-05,0,month,month,,\n"
        "C,2020-01-10,2020-03-05,0,day,quarter,,\n"
        "D,2020-01-10,2020-01-20,0,month,day,,\n",
    )
    assert (found["A"].lower, found["A"].upper) == (55, 55)
    # 31 January to 1 March at least, 1 January to 31 March at most.
    assert (found["B"].lower, found["B"].upper) == (30, 90)
    assert (found["C"].lower, found["C"].upper) == (0, 81)
    assert (found["D"].lower, found["D"].upper) == (0, 19)


def test_what_is_still_in_force_has_lasted_at_least_since_the_last_day_it_can_have_begun(
    tmp_path: Path,
) -> None:
    rows = "A,2020-01-10,,1,day,,,\nB,2020-01-10,,1,month,,,\nC,2020-01-01,2020-12-31,0,,,,\n"
    found = by_id(tmp_path, rows)
    assert (found["A"].lower, found["A"].upper) == (356, math.inf)
    assert (found["B"].lower, found["B"].upper) == (335, math.inf)
    assert found["A"].limit == 356
    assert found["C"].limit == 365


@pytest.mark.parametrize(("precision", "day"), [("day", 1), ("month", 31)])
def test_an_episode_is_watched_from_the_day_after_it_has_begun_at_the_latest(
    tmp_path: Path, precision: str, day: int
) -> None:
    """Begun on 1 January 2020, or in January."""
    table = read(tmp_path, HEAD + f"A,2020-01-01,,1,{precision},,,\n")
    assert observe(as_known(table, date(2020, 1, day)), SOJOURN)[0].observations == ()
    next_day = date(2020, 1, day) + timedelta(days=1)
    (found,) = observe(as_known(table, next_day), SOJOURN)[0].observations
    assert (found.lower, found.upper, found.limit) == (1, math.inf, day)


def test_as_of_drops_what_had_not_begun_and_reopens_what_had_not_ended(tmp_path: Path) -> None:
    rows = (
        "A,2020-01-01,2020-02-01,0,,,,\nB,2020-01-01,2020-09-01,0,,,,\n"
        "C,2020-08-01,,1,,,,\nD,2020-05-01,,1,,,,\n"
    )
    found = by_id(tmp_path, rows, date(2020, 7, 1))
    assert list(found) == ["A", "B", "D"]
    assert (found["A"].lower, found["A"].upper) == (31, 31)
    assert (found["B"].lower, found["B"].upper) == (182, math.inf)
    assert (found["D"].lower, found["D"].upper) == (61, math.inf)


def test_the_day_chosen_itself_is_known(tmp_path: Path) -> None:
    rows = "A,2020-01-01,2020-02-01,0,,,,\nB,2020-02-01,2020-05-01,0,,,,\n"
    table = as_known(read(tmp_path, HEAD + rows), date(2020, 2, 1))
    assert not table.episodes[0].censored
    assert table.reopened == ("B",)
    assert [left.ids for left in observe(table, SOJOURN)[0].left_out] == [("B",)]


def test_no_figure_uses_anything_later_than_the_date(tmp_path: Path) -> None:
    """A table cut at the date by hand gives the same figures to the bit."""
    table = history()
    asked = fitted(table, as_of=date(2023, 6, 30), family="lognormal")
    again = fitted(as_known(table, date(2023, 6, 30)), family="lognormal")
    assert asked.groups[0].fits[0].figures == again.groups[0].fits[0].figures
    assert asked.onsets == again.onsets
    assert asked.steps == again.steps
    latest = max(e.start.given for e in asked.table.episodes if e.start)
    assert latest <= date(2023, 6, 30)
    assert all(o.upper == math.inf or o.upper <= 365.25 * 60 for o in asked.series[0].observations)
    ends = [e.end.last for e in asked.table.episodes if e.end]
    assert max(ends) <= date(2023, 6, 30)


def test_flow_has_two_phases_one_after_the_other(tmp_path: Path) -> None:
    rows = (
        "A,2020-01-01,2020-12-01,0,,,60,90\nB,2020-01-01,,1,,,,118\n"
        "C,2020-01-01,2020-12-01,0,,,25,\nD,2020-01-01,2020-12-01,0,,,30,30\n"
        "F,2020-01-01,2020-12-01,0,,,,\n"
    )
    near, slow = observe(read(tmp_path, HEAD + rows), FLOW)
    assert [(o.episode.id, o.lower, o.upper) for o in near.observations] == [
        ("A", 60, 60), ("C", 25, 25), ("D", 30, 30),
    ]  # fmt: skip
    assert [(o.episode.id, o.lower, o.upper) for o in slow.observations] == [
        ("A", 30, 30), ("B", 118, 118),
    ]  # fmt: skip
    assert [left.ids for left in near.left_out] == [("B", "F")]
    reasons = {left.ids: left.reason for left in slow.left_out}
    assert "as soon as" in reasons["D",]
    assert "no figure of the flow's recovery" in reasons["C", "F"]


def test_a_phase_that_was_not_over_on_the_date_is_censored_there(tmp_path: Path) -> None:
    table = read(tmp_path, HEAD + "A,2020-01-01,2020-12-01,0,,,60,90\n")
    near, slow = observe(as_known(table, date(2020, 2, 1)), FLOW)
    assert (near.observations[0].lower, near.observations[0].upper) == (31, math.inf)
    assert slow.observations == ()
    near, slow = observe(as_known(table, date(2020, 3, 11)), FLOW)
    assert (near.observations[0].lower, near.observations[0].upper) == (60, 60)
    assert (slow.observations[0].lower, slow.observations[0].upper) == (10, math.inf)


def test_a_phase_is_seen_as_soon_as_it_has_lasted_a_moment(tmp_path: Path) -> None:
    """Near zero until noon of 3 March 2020, or two minutes and more before its end."""
    for near, seen in ((62.0, []), (61.996, [0.004]), (61.5, [0.5])):
        table = read(tmp_path, HEAD + f"A,2020-01-01,2020-12-01,0,,,{near},90\n")
        slow = observe(as_known(table, date(2020, 3, 3)), FLOW)[1]
        assert [o.lower for o in slow.observations] == pytest.approx(seen)


def test_the_history_has_the_flow_figures_that_the_shipped_ladder_rests_on() -> None:
    near, slow = observe(history(), FLOW)
    days = sorted(o.lower for o in near.observations)
    assert days == [11, 25, 26, 34, 57, 59, 61, 115, 313, 341]
    assert sorted(o.lower for o in slow.observations) == [19, 31, 42, 65, 77, 118, 304]


@pytest.mark.parametrize(
    ("text", "request_", "sentence"),
    [
        ("duration_days,censored\n30,1\n40,1\n", {}, "none of its 2 episodes has ended"),
        ("duration_days,censored\n30,0\n", {"quantity": FLOW}, "says nothing about the flow"),
        ("duration_days,censored\n30,0\n", {"as_of": date(2020, 1, 1)}, "has no dates"),
        ("duration_days,censored,instrument\n30,0,x\n", {"by": ("instrment",)}, '"instrument"'),
        ("start_date,end_date,censored\n2020-01-01,2020-02-01,0\n",
         {"as_of": date(2019, 1, 1)}, "No episode"),
        ("duration_days,censored,near_zero_flow_days\n30,0,\n", {"quantity": FLOW},
         "no episode has a figure"),
    ],
)  # fmt: skip
def test_what_a_table_cannot_give_is_refused_in_a_sentence(
    tmp_path: Path, text: str, request_: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UsageFault) as caught:
        fitted(read(tmp_path, text), **request_)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("day", "upper"), [(29, math.inf), (1, 60.0)])
def test_a_phase_is_known_from_its_last_day_on(tmp_path: Path, day: int, upper: float) -> None:
    """From 1 January 2020, 60 days end on 1 March; on 29 February they are 59 and go on."""
    month = 2 if day == 29 else 3
    table = read(tmp_path, HEAD + "A,2020-01-01,2020-12-01,0,,,60,90\n")
    near, _ = observe(as_known(table, date(2020, month, day)), FLOW)
    assert near.observations[0].upper == upper
    assert near.observations[0].lower == min(upper, 59.0 if day == 29 else 60.0)
