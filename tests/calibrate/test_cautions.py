"""What is said beside a fit: each sentence where it holds, with its figures, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from calibrate_worlds import fitted, history, read

from riskengine.fits.calibration import Calibration
from riskengine.fits.cautions import cannot_tell, cautions
from riskengine.fits.fitting import Fit

HEAD = "id,start_date,end_date,censored,start_precision,end_precision,cluster,escalated_from\n"


def said(found: Calibration) -> dict[str, str]:
    """The sentences by their codes; a code comes once in these tables."""
    notices = cautions(found)
    assert len({notice.code for notice in notices}) == len(notices)
    return {notice.code: notice.message for notice in notices}


def of_days(folder: Path, ended: Sequence[float], open_: Sequence[float] = ()) -> Calibration:
    """An exponential fit to durations without dates, all of them unrelated."""
    rows = "".join(f"{days},0\n" for days in ended) + "".join(f"{days},1\n" for days in open_)
    return fitted(read(folder, "duration_days,censored\n" + rows), family="exponential")


def test_nothing_is_said_of_five_unrelated_durations_that_fit(tmp_path: Path) -> None:
    """The middles of fifths of an exponential distribution of mean 50."""
    days = [-50.0 * math.log1p(-(k + 0.5) / 5) for k in range(5)]
    assert said(of_days(tmp_path, days)) == {}


def test_a_fit_to_fewer_than_five_ends_is_a_guess(tmp_path: Path) -> None:
    few = said(of_days(tmp_path, [10.0, 20.0, 50.0, 90.0], [30.0]))
    assert few == {
        "few": "Time in force, all episodes: rests on 4 episodes that ended. Take it as a guess."
    }


def test_what_was_not_yet_known_on_a_day_is_counted(tmp_path: Path) -> None:
    ended = "".join(f"E{n},2018-0{n}-05,2018-0{n}-2{n},0,,,,\n" for n in range(1, 7))
    later = "L,2019-01-05,2020-05-02,0,,,,\n"
    table = read(tmp_path, HEAD + ended + later + "N,2020-02-02,,1,,,,\nM,2020-03-02,,1,,,,\n")

    for day, sentence in (
        (date(2020, 4, 1), "0 episodes had not begun, and 1 episode that ended later counts"),
        (date(2020, 2, 2), "1 episode had not begun, and 1 episode that ended later counts"),
        (date(2019, 1, 4), "3 episodes had not begun, and 0 episodes that ended later count"),
    ):
        message = said(fitted(table, as_of=day, family="exponential"))["as-of"]
        assert message == f"As known on {day}: {sentence} as still in force."
    assert "as-of" not in said(fitted(table, as_of=date(2020, 6, 1), family="exponential"))
    assert "as-of" not in said(fitted(table, family="exponential"))


@pytest.mark.parametrize(("day", "is_said"), [(18, False), (19, True)])
def test_dates_are_rough_when_bounds_lie_more_than_half_of_the_duration_apart(
    tmp_path: Path, day: int, is_said: bool
) -> None:
    """From 18 November 2019 to some day of April to June 2020: 135 to 225 days, half of 180 apart.

    A day later it is half of 180 as well, and 179 is what it is half of.
    """
    rows = f"A,2019-11-{day},2020-05-01,0,day,quarter,,\nB,2019-01-02,2019-03-04,0,,,,\n"
    found = said(fitted(read(tmp_path, HEAD + rows), family="exponential"))
    assert ("wide-dates" in found) == is_said
    if is_said:
        assert found["wide-dates"].startswith("The dates of A are known only roughly")


def test_episodes_still_in_force_are_not_roughly_dated(tmp_path: Path) -> None:
    rows = "A,2019-11-19,,1,day,,,\nB,2019-01-02,2019-03-04,0,,,,\n"
    assert "wide-dates" not in said(fitted(read(tmp_path, HEAD + rows), family="exponential"))


def test_episodes_that_are_left_out_are_named_up_to_eight(tmp_path: Path) -> None:
    """They began on the last day of the table."""
    for count, names in ((8, "N1, N2, N3, N4, N5, N6, N7, N8"), (9, ", N7, N8 and 1 more")):
        rows = "A,2019-01-02,2019-03-04,0,,,,\n"
        rows += "".join(f"N{n},2020-02-03,,1,,,,\n" for n in range(1, count + 1))
        message = said(fitted(read(tmp_path, HEAD + rows), family="exponential"))["left-out"]
        assert message.startswith(f"Time in force: {count} episodes left out, because it may")
        assert message.endswith(f"{names}).")


def test_episodes_of_one_event_are_told_to_hold_as_much_as_fewer(tmp_path: Path) -> None:
    """Three and one of an event: 16 / 10 = 1.6 of equal size."""
    rows = "".join(f"E{n},2019-01-0{n},2019-0{n + 2}-04,0,,,x,\n" for n in (1, 2, 3))
    found = said(fitted(read(tmp_path, HEAD + rows + "A,2019-01-09,2019-03-04,0,,,y,\n")))
    assert found["clusters"].startswith(
        "The 4 episodes belong to 2 political events (clusters) and hold as much as about 2 "
        "independent ones."
    )


def test_a_small_group_is_told_with_its_own_median_and_that_of_all(tmp_path: Path) -> None:
    """By hand: the exponential medians, and DerSimonian and Laird's variance between two groups."""
    small, large = [10.0, 20.0, 30.0, 60.0], [200.0, 400.0, 600.0, 800.0, 1000.0]
    rows = "".join(f"{d},0,small\n" for d in small) + "".join(f"{d},0,large\n" for d in large)
    table = read(tmp_path, "duration_days,censored,instrument\n" + rows)
    found = fitted(table, family="exponential", by=("instrument",))
    alone, whole = 30.0 * math.log(2.0), 3120.0 / 9 * math.log(2.0)
    between = math.log(600.0 / 30.0) ** 2 / 2 - (1 / 4 + 1 / 5) / 2
    weight = between / (between + 1 / 4)
    taken = whole * (alone / whole) ** weight

    assert said(found)["shrunk"] == (
        "Time in force, small: only 4 episodes ended, fewer than 5. By themselves they say a "
        f"median of {alone:.1f} days, all episodes together {whole:.0f}; taken is {taken:.1f}, "
        f"with {100 * weight:.0f} % of the weight on the group's own."
    )


@pytest.mark.costly
def test_a_group_in_which_nothing_ended_is_not_fitted() -> None:
    found = fitted(history(), by=("instrument",), family="lognormal")
    refused = [notice.message for notice in cautions(found) if notice.code == "refused"]
    start = "Time in force, secondary_boycott: not fitted, because none of its 2 episodes has ended"
    assert sum(message.startswith(start) for message in refused) == 1


def with_fits(found: Calibration, aicc: Sequence[float], goodness: float = 0.5) -> Calibration:
    """The same with fits of some families, whose AICc is given."""
    whole = found.groups[0]
    assert whole.best is not None
    names = ("weibull", "gamma", "lognormal", "loglogistic")
    fits: list[Fit] = [
        replace(whole.best, family=name, aicc=value, goodness=goodness)
        for name, value in zip(names, aicc, strict=False)
    ]
    return replace(found, groups=[replace(whole, fits=fits)])


@pytest.mark.parametrize(
    ("aicc", "rivals"),
    [
        ([100.0, 102.0, 103.0], ""),
        ([100.0, 101.9, 102.0], "gamma fits as well as weibull (AICc within 2)"),
        ([100.0, 100.0, 101.9], "gamma, lognormal fit as well as weibull (AICc within 2)"),
    ],
)
def test_families_within_two_of_aicc_are_rivals_of_the_best(
    tmp_path: Path, aicc: list[float], rivals: str
) -> None:
    found = of_days(tmp_path, [10.0, 20.0, 30.0, 60.0, 90.0])
    message = said(with_fits(found, aicc)).get("rivals", "")
    assert message.partition(";")[0] == (f"Time in force, all episodes: {rivals}" if rivals else "")
    group = replace(with_fits(found, aicc).groups[0], group="ban")
    assert "rivals" not in said(replace(found, groups=[found.groups[0], group]))


@pytest.mark.parametrize(
    ("p", "words"), [(0.05, ""), (0.0499, "5.0 %"), (0.001, "0.1 %"), (0.0009, "under 0.1 %")]
)
def test_a_fit_is_poor_below_a_chance_of_five_per_cent(
    tmp_path: Path, p: float, words: str
) -> None:
    found = of_days(tmp_path, [10.0, 20.0, 30.0, 60.0, 90.0])
    message = said(with_fits(found, [100.0], goodness=p)).get("poor-fit", "")
    assert (f"even the best family, weibull, fits badly (a gap as large as seen has a chance of "
            f"{words} if it were true)" in message) == bool(words)  # fmt: skip
    assert bool(message) == bool(words)


def test_a_family_without_a_top_is_named(tmp_path: Path) -> None:
    found = of_days(tmp_path, [10.0, 20.0, 30.0, 60.0, 90.0])
    group = replace(found.groups[0], failed=("gamma", "weibull"))
    assert said(replace(found, groups=[group]))["unsettled"] == (
        "Time in force, all episodes: the fit of gamma, weibull found no proper maximum and is "
        "left out."
    )


@pytest.mark.parametrize(
    ("p", "dispersion", "group", "is_said"),
    [
        (0.049, 1.5, "all", True),
        (0.05, 1.5, "all", False),
        (0.049, 1.0, "all", False),
        (0.001, 0.4, "all", False),
        (0.049, 1.5, "ban", False),
    ],
)
def test_onsets_come_in_bunches_where_years_differ_more_than_chance(
    tmp_path: Path, p: float, dispersion: float, group: str, is_said: bool
) -> None:
    rows = "".join(f"E{n},201{n}-01-0{n},201{n}-0{n + 2}-04,0,,,,\n" for n in range(1, 7))
    found = fitted(read(tmp_path, HEAD + rows), family="exponential")
    onset = replace(found.onsets[0], dispersion_p=p, dispersion=dispersion, group=group)
    assert ("overdispersed" in said(replace(found, onsets=[onset]))) == is_said


def test_a_successor_that_came_later_than_a_month_returned(tmp_path: Path) -> None:
    rows = "".join(f"E{n},2019-01-0{n},2019-0{n + 2}-04,0,,,,\n" for n in range(1, 7))
    one = "F,2019-05-04,2019-07-04,0,,,,E1\n"
    two = one + "G,2019-06-04,2019-09-04,0,,,,E2\n"
    for more, words in (
        (one, "1 episode began {} it names"),
        (two, "2 episodes began {} they name"),
    ):
        message = said(fitted(read(tmp_path, HEAD + rows + more), family="exponential"))["returned"]
        assert message.startswith(words.format("more than a month after the end of the one"))
    assert "(F, G)" in message
    assert "returned" not in said(fitted(read(tmp_path, HEAD + rows), family="exponential"))


def test_what_no_fit_can_tell_names_the_longest_that_ended(tmp_path: Path) -> None:
    found = " ".join(cannot_tell(of_days(tmp_path, [10.0, 1234.0, 30.0], [5000.0])))
    assert "The longest time in force that ended is 1,234 days." in found
    assert "needs --quantity flow" in found
    assert "Chances of steps" not in found
    assert "is known to its end" not in found


def test_what_no_fit_of_the_flow_can_tell_counts_what_is_known(tmp_path: Path) -> None:
    """Near zero for 10 and 99 days; the flow of one of the three recovered."""
    rows = "9,0,10,\n9,0,99,120\n9,0,,\n"
    head = "duration_days,censored,near_zero_flow_days,flow_recovered_by_days\n"
    found = cannot_tell(fitted(read(tmp_path, head + rows), quantity="flow", family="exponential"))
    text = " ".join(found)
    assert "The longest time the flow was near zero that ended is 99 days." in text
    assert "The time the flow was near zero is known to its end for 2 of 3 episodes." in text
    assert "The time the flow stayed slow is known to its end for 1 of 3 episodes." in text
    assert "needs --quantity flow" not in text
