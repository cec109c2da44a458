"""Predictions held against outcomes: figures of a trial, scores, the calibration of all."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backtest.suite_worlds import CONFIG, SOURCES, SUITE, write_suite

from riskengine.backtests.cases import Outcome, Range, outcome_text
from riskengine.backtests.inside import near_zero_days, normal_day, read_inside
from riskengine.backtests.playing import plans, play
from riskengine.backtests.quantities import (
    UnknownQuantityError,
    read_quantity,
    series,
)
from riskengine.backtests.scoring import calibration, score
from riskengine.backtests.suites import load_suite
from riskengine.config import load
from riskengine.play.replay import replay
from riskengine.play.simulate import simulate

STEPS = np.array([0.0, 10.0, 30.0, 45.0])  # days on which the lost supply changes
LOST = np.array([0.9, 0.5, 0.05, 0.7])


def outcome(low: float, high: float | None = None, **changes: object) -> Outcome:
    made = Outcome(
        name="seen",
        quantity="material:metal:cut_days",
        seen=Range(low=low, high=low if high is None else high),
        kind="observed",
        seen_on="2011-01-06",
        source="",
        if_missed="Bad luck.",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_near_zero_flow_is_at_most_a_fifth_of_what_can_be_cut() -> None:
    assert near_zero_days(STEPS, LOST, 1.0, 60.0) == 10.0
    assert near_zero_days(STEPS, LOST, 0.8, 60.0) == 10.0 + 15.0  # 0.7 of 0.8 is above 0.64
    assert near_zero_days(STEPS, LOST, 0.5, 60.0) == 10.0 + 20.0 + 15.0


def test_the_flow_is_normal_again_on_the_first_day_back_within_a_tenth() -> None:
    assert normal_day(STEPS, LOST, 1.0) == 30.0
    assert normal_day(STEPS, LOST, 0.4) == math.inf  # 0.05 is more than a tenth of 0.4
    assert normal_day(STEPS[2:3], LOST[2:3], 1.0) == 0.0
    assert normal_day(STEPS[3:], LOST[3:], 1.0) == math.inf


def test_the_inside_of_a_trial_is_what_its_replay_tells(tmp_path: Path) -> None:
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    losses = simulate(case.scenario, trials=60, threads=1)
    wanted = [("material", 0, "normal_day"), ("material", 0, "near_zero_days"),
              ("industry", 0, "first_stop_day")]  # fmt: skip
    inside = read_inside(losses, wanted)
    for trial in range(60):
        told = replay(case.scenario, trial)
        back = next((s.day for s in told.supply if s.lost <= 0.09), math.inf)
        ends = [step.day for step in told.supply[1:]] + [365.0]
        zero = sum(e - s.day for s, e in zip(told.supply, ends, strict=True) if s.lost >= 0.72)
        stop = next((step.day for step in told.output if step.loss >= 1.0), math.inf)
        for key, expected in zip(wanted, (back, zero, stop), strict=True):
            assert inside.series(*key)[trial] == pytest.approx(expected), (trial, key)


@pytest.mark.parametrize(("first", "trials"), [(0, 17), (0, 33), (30, 3)])
def test_the_inside_of_even_points_is_what_the_replay_of_each_tells(
    tmp_path: Path, first: int, trials: int
) -> None:
    """Sixteen replicates take turns: trial 16 has the second point, trial 32 the third."""
    write_suite(tmp_path, config=CONFIG.replace("[run]", '[run]\nsampling = "sobol"', 1))
    text = "disputes.china-japan.active.level=stop"
    scenario = load(tmp_path / "one.toml", overrides=[text])
    losses = simulate(scenario, trials=trials, threads=1, seed=5, first_trial=first)
    key = ("material", 0, "normal_day")
    inside = read_inside(losses, [key]).series(*key)
    for trial in range(first, first + trials):
        told = replay(scenario, trial, seed=5)
        back = next((step.day for step in told.supply if step.lost <= 0.09), math.inf)
        assert inside[trial - first] == back
    assert len(set(inside)) > trials / 2


@pytest.mark.parametrize(
    ("seen", "unit", "words"),
    [
        (Range(low=59.0, high=59.0), "days", "59 days"),
        (Range(low=730.0, high=math.inf, is_after=True), "days", "none seen in 730 days"),
        (Range(low=7.0, high=math.inf), "days", "at least 7 days"),
        (Range(low=0.0, high=4.5), "days", "at most 4.5 days"),
        (Range(low=0.5, high=4.5), "days", "0.5 to 4.5 days"),
        (Range(low=-2.0, high=4.0), "USD", "-2 to 4 USD"),
        (Range(low=0.0, high=0.0), "days", "0 days"),
        (Range(low=0.0043, high=0.0043), "share of GDP", "0.43 % of GDP"),
        (Range(low=0.0, high=0.02), "share of GDP", "at most 2 % of GDP"),
        (Range(low=1.0, high=1.0), "yes or no", "yes"),
        (Range(low=0.0, high=0.0), "yes or no", "no"),
        (Range(low=12.0, high=12.0), "", "12"),
    ],
)
def test_what_was_seen_is_said_in_words(seen: Range, unit: str, words: str) -> None:
    assert outcome_text(seen, unit) == words


def test_every_quantity_yields_one_figure_a_trial(tmp_path: Path) -> None:
    scenario = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"].scenario
    losses = simulate(scenario, trials=50, threads=1)
    names = ["total", "any_loss", "share_of_gdp", "dispute:china-japan:episodes"]
    names += [
        f"industry:motors:{key}" for key in ("loss", "loss_days", "stopped_days", "first_loss_day")
    ]
    names += [f"material:metal:{key}" for key in ("loss", "cut_days", "shortage_days")]
    found = {n: series(read_quantity(n, scenario), losses, None, 1000.0) for n in names}
    assert {len(values) for values in found.values()} == {50}
    assert not any(np.isnan(values).any() for values in found.values())
    assert np.array_equal(found["share_of_gdp"], losses.total / 1000.0)
    assert np.array_equal(found["any_loss"], losses.total > 0.0)
    never = np.isinf(found["industry:motors:first_loss_day"])
    assert np.array_equal(never, losses.loss_days[:, 0] == 0.0)
    assert 0 < never.sum() < 50


def test_a_name_with_colons_is_found(tmp_path: Path) -> None:
    config = CONFIG.replace("[materials.metal]", '[materials."a:b"]')
    config = config.replace("uses.metal", 'uses."a:b"')
    sources = "material,country,share,known_on\na:b,China,0.9,2010-06-30\n"
    write_suite(tmp_path, config=config, sources=sources)
    scenario = load(tmp_path / "one.toml")
    assert read_quantity("material:a:b:cut_days", scenario).name == "a:b"
    with pytest.raises(UnknownQuantityError):
        read_quantity("material:a:cut_days", scenario)


def test_a_score_holds_the_intervals_and_where_the_outcome_stands(tmp_path: Path) -> None:
    case = load_suite(write_suite(tmp_path), cases=["threat"]).cases["threat"]
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    values = np.concatenate([np.zeros(40), np.arange(1.0, 61.0)])
    found = score(case, outcome(0.0), quantity, values)
    assert (found.median, found.low_50, found.high_50) == (10.0, 0.0, 35.0)
    assert (found.low_90, found.high_90, found.chance_none) == (0.0, 55.0, 0.4)
    assert (found.percentile_low, found.percentile, found.percentile_high) == (0.0, 0.2, 0.4)
    assert (found.inside_50, found.inside_90, found.miss) == ("yes", "yes", "")
    assert (found.held_50, found.held_90) == (0.75, 0.95)
    assert (found.outcome, found.outcome_low, found.outcome_high) == (0.0, 0.0, 0.0)
    missed = score(case, outcome(58.0), quantity, values)
    assert (missed.inside_50, missed.inside_90, missed.miss) == ("no", "no", "Bad luck.")


def test_published_estimates_do_not_count_in_the_calibration(tmp_path: Path) -> None:
    case = load_suite(write_suite(tmp_path), cases=["threat"]).cases["threat"]
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    values = np.arange(1.0, 101.0)
    scores = [score(case, outcome(at), quantity, values) for at in (2.0, 30.0, 50.0, 99.0)]
    scores.append(score(case, outcome(50.0, kind="published"), quantity, values))
    whole = {row.interval: row for row in calibration(scores) if row.group == "all"}
    assert (whole[0.5].inside, whole[0.9].inside, whole[0.9].outcomes) == (2, 2, 4)
    assert whole[0.9].share == 0.5
    assert (whole[0.9].lower, whole[0.9].upper) == pytest.approx((0.0676, 0.9324), abs=1e-4)
    assert (whole[0.5].expected, whole[0.9].expected) == (0.51, 0.91)


def test_one_sided_outcomes_are_counted_apart_and_nothing_is_expected_of_them(
    tmp_path: Path,
) -> None:
    case = load_suite(write_suite(tmp_path), cases=["threat"]).cases["threat"]
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    values = np.arange(1.0, 101.0)  # the 50 % interval is 25 to 75, the 90 % interval 5 to 95
    seen = {
        "two-sided": [Range(low=30.0, high=30.0), Range(low=2.0, high=2.0), Range(low=70, high=90)],
        "one-sided": [
            Range(low=20.0, high=math.inf),
            Range(low=80.0, high=math.inf),
            Range(low=95.0, high=math.inf, is_after=True),
            Range(low=0.0, high=4.0),
        ],
    }
    scores = [
        score(case, outcome(0.0, seen=each), quantity, values)
        for kind in seen.values()
        for each in kind
    ]
    assert [each.known for each in scores] == [kind for kind, found in seen.items() for _ in found]
    rows = {(r.known, r.interval): r for r in calibration(scores) if r.group == "all"}
    assert {key: (row.inside, row.outcomes) for key, row in rows.items()} == {
        ("two-sided", 0.5): (2, 3), ("two-sided", 0.9): (2, 3),
        ("one-sided", 0.5): (1, 4), ("one-sided", 0.9): (2, 4),
    }  # fmt: skip
    assert rows["one-sided", 0.9].share == 0.5
    for name in ("lower", "upper", "expected"):
        assert math.isnan(getattr(rows["one-sided", 0.9], name))
    assert rows["two-sided", 0.9].expected == 0.91


@pytest.mark.parametrize(
    ("seen", "is_one_sided", "is_point"),
    [
        (Range(low=0.0, high=0.0), False, True),
        (Range(low=1.0, high=1.0), False, True),
        (Range(low=5.0, high=9.0), False, False),
        (Range(low=5.0, high=math.inf), True, False),
        (Range(low=5.0, high=math.inf, is_after=True), True, False),
        (Range(low=0.0, high=9.0), True, False),
        (Range(low=-1.0, high=9.0), True, False),
        (Range(low=0.005, high=0.02), False, False),
    ],
)
def test_an_outcome_is_one_sided_where_at_least_or_at_most_is_all_that_is_known(
    seen: Range, is_one_sided: bool, is_point: bool
) -> None:
    assert (seen.is_one_sided, seen.is_point) == (is_one_sided, is_point)


def test_groups_go_by_subject_and_by_whether_nothing_happened(tmp_path: Path) -> None:
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    values = np.arange(1.0, 101.0)
    asked = [
        ("material:metal:cut_days", Range(low=0.0, high=0.0)),
        ("material:metal:cut_days", Range(low=5.0, high=5.0)),
        ("industry:motors:first_loss_day", Range(low=90.0, high=math.inf, is_after=True)),
        ("industry:motors:loss_days", Range(low=12.0, high=math.inf)),
        ("dispute:china-japan:episodes", Range(low=2.0, high=2.0)),
        ("total", Range(low=7.0, high=7.0)),
    ]
    scores = [
        score(
            case, outcome(0.0, quantity=text, seen=seen), read_quantity(text, case.scenario), values
        )
        for text, seen in asked
    ]
    counts = {(row.group, row.known): row.outcomes for row in calibration(scores)}
    assert counts == {
        ("all", "two-sided"): 4, ("all", "one-sided"): 2, ("flow of materials", "two-sided"): 2,
        ("industries and losses", "two-sided"): 1, ("industries and losses", "one-sided"): 2,
        ("outbreaks", "two-sided"): 1,
        ("nothing happened", "two-sided"): 1, ("nothing happened", "one-sided"): 1,
    }  # fmt: skip


def test_a_supply_that_nobody_can_cut_off_is_never_near_zero(tmp_path: Path) -> None:
    """A boycott may cut it all the same; near-zero flow is of what a coercer may cut."""
    sources = f"{SOURCES}other,China,0.0,2010-06-30,customs\nother,Chile,1,2010-06-30,customs\n"
    config = CONFIG.replace(
        "[tables]", "[materials.other]\ncut.stop = 1\nknown_on = 2010-01-01\n\n[tables]"
    )
    config = config.replace("[ladder.stop]", "[ladder.stop]\nboycott = true")
    config += "\n[materials.other.sources.Chile]\nboycott_cut = 0.5\nknown_on = 2010-06-30\n"
    suite = SUITE.replace('materials = ["metal"]', 'materials = ["metal", "other"]')
    case = load_suite(write_suite(tmp_path, suite, config, sources), ["stop"]).cases["stop"]
    losses = simulate(case.scenario, trials=20, threads=1)
    other = list(case.scenario.materials).index("other")
    assert losses.cut_days[:, other].min() > 0.0
    key = ("material", other, "near_zero_days")
    assert not read_inside(losses, [key]).series(*key).any()


def test_the_same_suite_gives_the_same_scores_whatever_the_threads(tmp_path: Path) -> None:
    suite = load_suite(write_suite(tmp_path))
    one, two = (play(suite, plans(suite, threads)).scores for threads in (1, 2))
    assert one == two
    assert [each.name for each in one] == ["back", "loss", "cut", "bank"]


def test_an_outcome_outside_of_the_90_percent_interval_is_a_miss(tmp_path: Path) -> None:
    """Stops last 60 days on average: less than one in 1.7 % of the futures, 59 to 61 in many."""
    for day, misses in ((1, ["back"]), (60, [])):
        suite = SUITE.replace("value = 90\n", f"value = {day}\n")
        read = load_suite(write_suite(tmp_path, suite), cases=["stop", "threat"])
        assert [each.name for each in play(read, plans(read, 1)).misses] == misses


@pytest.mark.statistical
def test_nine_in_ten_outcomes_drawn_from_the_model_itself_are_inside_its_90_percent_intervals(
    tmp_path: Path,
) -> None:
    """A world in which the model is right: outcomes are futures of its own, from other trials."""
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    predicted, drawn = 20_000, 1_500
    values = series(quantity, simulate(case.scenario, trials=predicted), None, None)
    truth = simulate(case.scenario, trials=drawn, first_trial=predicted)
    scores = [
        score(case, outcome(seen), quantity, values) for seen in series(quantity, truth, None, None)
    ]
    for row in calibration(scores):
        if row.group != "all":
            continue
        p = row.interval
        # The intervals' own ends are estimated as well.
        tolerance = 4.0 * math.sqrt(p * (1.0 - p) * (1.0 / drawn + 1.0 / predicted))
        assert tolerance < 0.054
        assert abs(row.share - p) < tolerance
        assert row.lower < p < row.upper
    middle = float(np.mean([each.percentile for each in scores]))
    assert abs(middle - 0.5) < 4.0 * math.sqrt((1.0 / drawn + 1.0 / predicted) / 12.0)


@pytest.mark.statistical
def test_with_atoms_the_share_inside_is_what_the_model_expects_and_percentiles_average_a_half(
    tmp_path: Path,
) -> None:
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    # Counted in fifties of days: each future shares its figure with thousands.
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    predicted, drawn = 20_000, 1_500
    days = series(quantity, simulate(case.scenario, trials=predicted + drawn), None, None)
    fifties = np.floor(days / 50.0)
    scores = [
        score(case, outcome(each), quantity, fifties[:predicted]) for each in fifties[predicted:]
    ]
    for row in calibration(scores):
        if row.group == "all":
            spread = row.expected * (1.0 - row.expected)
            tolerance = 4.0 * math.sqrt(spread * (1.0 / drawn + 1.0 / predicted))
            assert row.expected > row.interval + 0.01
            assert abs(row.share - row.expected) < tolerance < 0.054
    middle = float(np.mean([each.percentile for each in scores]))
    assert abs(middle - 0.5) < 4.0 * math.sqrt((1.0 / drawn + 1.0 / predicted) / 12.0)


def test_a_suite_whose_model_is_wrong_is_found_out(tmp_path: Path) -> None:
    """The same check must fail where outcomes come from a world with longer stops."""
    case = load_suite(write_suite(tmp_path), cases=["stop"]).cases["stop"]
    quantity = read_quantity("material:metal:cut_days", case.scenario)
    values = series(quantity, simulate(case.scenario, trials=5_000), None, None)
    write_suite(tmp_path, SUITE, CONFIG.replace("mean = 60", "mean = 240"))
    other = load_suite(tmp_path / "two-stops.toml", cases=["stop"]).cases["stop"]
    truth = series(quantity, simulate(other.scenario, trials=400), None, None)
    row = calibration([score(case, outcome(each), quantity, values) for each in truth])[1]
    assert row.interval == 0.9
    assert row.upper < 0.85
