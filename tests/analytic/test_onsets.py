"""When disputes break out: gaps, renewal after the end of an episode, contagion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from analytic.worlds import YEAR, Config, assert_chance, assert_mean, metal, play, recurring
from scipy.special import gammainc

RATE_PER_YEAR = 0.73
RATE = RATE_PER_YEAR / YEAR  # a day: one in 500 days
HORIZON = 1000.0
EXPECTED = RATE * HORIZON


def _never_covered() -> Config:
    """Episodes have no length, so that they come as a plain Poisson stream."""
    config = recurring(50.0, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON)
    config["materials"]["metal"]["coverage"] = 0.0
    return config


def test_episodes_without_length_are_as_many_as_a_poisson_stream_has() -> None:
    episodes = play(_never_covered(), seed=201).episodes[:, 0]
    wrong = {"a first onset at time 0": 1.0 + EXPECTED, "a year of 360 days": EXPECTED * 1.014}
    assert_mean(episodes, EXPECTED, within=0.01, wrong=wrong)


def test_episodes_without_length_spread_as_a_poisson_stream_does() -> None:
    episodes = play(_never_covered(), seed=202).episodes[:, 0]
    wrong = {"regular gaps": 0.25 * EXPECTED, "gaps drawn once and kept": 2.0 * EXPECTED}
    assert_mean((episodes - EXPECTED) ** 2, EXPECTED, within=0.02, wrong=wrong)


def test_no_dispute_breaks_out_with_the_chance_of_an_empty_poisson_stream() -> None:
    episodes = play(_never_covered(), seed=203).episodes[:, 0]
    wrong = {"the complement": 1.0 - math.exp(-EXPECTED)}
    assert_chance(episodes == 0, math.exp(-EXPECTED), within=0.03, wrong=wrong)


def test_a_dispute_without_end_lasts_from_its_onset_to_the_horizon() -> None:
    config = recurring(2.0 * HORIZON, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON)
    losses = play(config, seed=204)
    calm = (1.0 - math.exp(-EXPECTED)) / RATE
    wrong = {"the onset is uniform": 0.5 * HORIZON * (1.0 - math.exp(-EXPECTED))}
    assert_mean(losses.cut_days[:, 0], HORIZON - calm, within=0.01, wrong=wrong)
    assert losses.episodes.max() == 1


def test_a_dispute_breaks_out_again_only_after_its_last_episode_has_ended() -> None:
    mean = 400.0
    config = recurring(
        {"exponential": {"mean": mean}}, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON
    )
    losses = play(config, seed=205)
    r = RATE + 1.0 / mean
    days = RATE / r * (HORIZON - (1.0 - math.exp(-r * HORIZON)) / r)
    overlapping = RATE * mean * (HORIZON - mean * (1.0 - math.exp(-HORIZON / mean)))
    wrong = {"episodes overlap and add up": overlapping, "the long-run share": RATE / r * HORIZON}
    assert_mean(losses.cut_days[:, 0], days, within=0.01, wrong=wrong)
    begun = RATE * (HORIZON - days)
    assert_mean(losses.episodes[:, 0], begun, within=0.01, wrong={"a Poisson stream": EXPECTED})


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_number_of_episodes_begins_when_that_many_gaps_and_one_sojourn_less_fit(
    count: int,
) -> None:
    sojourn = 150.0
    config = recurring(sojourn, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON)
    episodes = play(config, seed=206).episodes[:, 0]

    def fits(busy_days: float) -> float:
        return float(gammainc(count, RATE * (HORIZON - busy_days)))

    wrong = {"one sojourn more": fits(count * sojourn)}
    if count > 1:
        wrong["gaps run on during an episode"] = fits(0.0)
    assert_chance(episodes >= count, fits((count - 1) * sojourn), within=0.06, wrong=wrong)


def test_the_largest_spell_is_the_whole_of_one_episode_when_one_has_room() -> None:
    sojourn = 150.0
    config = recurring(sojourn, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON)
    losses = play(config, seed=207)
    whole = np.isclose(losses.largest_spell, sojourn, rtol=1e-9)
    expected = 1.0 - math.exp(-RATE * (HORIZON - sojourn))
    assert_chance(whole, expected, within=0.01, wrong={"no cut": 1.0 - math.exp(-EXPECTED)})
    assert losses.largest_spell.max() <= sojourn * (1.0 + 1e-12)


def test_disputes_with_two_countries_hit_one_metal_as_independent_streams_do() -> None:
    config = recurring(2.0 * HORIZON, rate_per_year=RATE_PER_YEAR, horizon_days=HORIZON)
    config["disputes"]["other"] = {**config["disputes"]["quarrel"], "coercer": "Bolivia"}
    config["materials"]["metal"] = metal()
    config["materials"]["metal"]["sources"] = {"China": {"share": 0.5}, "Bolivia": {"share": 0.5}}
    losses = play(config, seed=208)
    both = (1.0 - math.exp(-EXPECTED)) ** 2
    wrong = {"they share their onsets": 1.0 - math.exp(-EXPECTED)}
    assert_chance(losses.episodes.sum(axis=1) == 2, both, within=0.02, wrong=wrong)
    any_cut = HORIZON - (1.0 - math.exp(-2.0 * EXPECTED)) / (2.0 * RATE)
    assert_mean(losses.cut_days[:, 0], any_cut, within=0.01)


LAG = 200.0
CHANCE = 0.6


def _contagion(*, first_level: float, reaches: str) -> Config:
    """A dispute in progress at time 0 climbs from `low` to `high`, and may start a second one."""
    config = recurring(HORIZON, rate_per_year=0.0, horizon_days=HORIZON)
    config["ladder"] = {
        "low": {"sojourn": {"exponential": {"mean": first_level}}, "next": {"high": 1.0}},
        "high": {"sojourn": 2.0 * HORIZON, "next": {"resolved": 1.0}},
    }
    config["materials"]["metal"]["cut"] = {"high": 1.0}
    config["disputes"] = {
        "first": {
            "coercer": "China",
            "target": "Korea",
            "entry": {"low": 1.0},
            "active": {"level": "low"},
        },
        "second": {"coercer": "China", "target": "Japan", "entry": {"low": 1.0}},
    }
    config["triggers"] = {
        "spark": {
            "when": "first",
            "reaches": reaches,
            "starts": "second",
            "probability": CHANCE,
            "lag": {"exponential": {"mean": LAG}},
        }
    }
    return config


def test_a_trigger_fires_with_its_probability_after_its_lag() -> None:
    losses = play(_contagion(first_level=300.0, reaches="low"), seed=209)
    expected = CHANCE * (1.0 - math.exp(-HORIZON / LAG))
    wrong = {"it always fires": expected / CHANCE, "the lag is doubled": CHANCE * 0.918}
    assert_chance(losses.episodes[:, 1] == 1, expected, within=0.01, wrong=wrong)


def test_a_level_that_is_skipped_for_a_deeper_one_is_reached_as_well() -> None:
    config = _contagion(first_level=300.0, reaches="low")
    config["disputes"]["first"]["active"]["level"] = "high"
    losses = play(config, seed=211)
    expected = CHANCE * (1.0 - math.exp(-HORIZON / LAG))
    wrong = {"only the level itself counts": 0.0}
    assert_chance(losses.episodes[:, 1] == 1, expected, within=0.01, wrong=wrong)


def test_the_lag_of_a_trigger_counts_from_the_moment_the_level_is_reached() -> None:
    climb = 300.0
    losses = play(_contagion(first_level=climb, reaches="high"), seed=210)
    late = (climb * math.exp(-HORIZON / climb) - LAG * math.exp(-HORIZON / LAG)) / (climb - LAG)
    wrong = {
        "from the start of the episode": CHANCE * (1.0 - math.exp(-HORIZON / LAG)),
        "without the lag": CHANCE * (1.0 - math.exp(-HORIZON / climb)),
    }
    assert_chance(losses.episodes[:, 1] == 1, CHANCE * (1.0 - late), within=0.01, wrong=wrong)
