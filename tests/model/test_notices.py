"""Remarks on a scenario: each is made when it applies, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from riskengine.model.distributions import Distribution, constant
from riskengine.model.notices import scenario_notices, time_notices
from riskengine.model.scenario import Dispute, Level, LevelOverride, Scenario, Source

Make = Callable[..., Any]


def codes(scenario: Scenario) -> list[str]:
    return [notice.code for notice in scenario_notices(scenario)]


@pytest.fixture
def sound(make_scenario: Make) -> Scenario:
    """A scenario without any remark."""
    scenario: Scenario = make_scenario()
    del scenario.disputes["china-japan"]
    scenario.triggers.clear()
    return scenario


def test_a_sound_scenario_has_no_remarks(sound: Scenario) -> None:
    assert codes(sound) == []


def test_sources_that_do_not_cover_demand(sound: Scenario) -> None:
    sound.materials["gallium"].sources["Vietnam"] = Source(share=0.05, boycott_cut=constant(0.0))
    (notice,) = scenario_notices(sound)
    assert notice.code == "source-shares"
    assert notice.message.endswith("gallium (95 %).")


def test_uses_that_do_not_cover_demand(sound: Scenario, make_use: Make) -> None:
    sound.industries["chips"].uses["gallium"] = make_use(share=0.5)
    assert codes(sound) == ["use-shares"]


def test_a_material_nobody_uses(sound: Scenario) -> None:
    del sound.industries["chips"].uses["gallium"]
    assert codes(sound) == ["unused-material"]


def test_a_level_nothing_leads_to(sound: Scenario) -> None:
    sound.ladder["embargo"] = Level(sojourn=constant(1.0), next={"resolved": 1.0})
    (notice,) = scenario_notices(sound)
    assert notice.code == "unreachable-level"
    assert "embargo" in notice.message


def test_a_level_only_one_material_comes_to_is_reached(sound: Scenario) -> None:
    sound.ladder["embargo"] = Level(sojourn=constant(1.0), next={"resolved": 1.0})
    sound.materials["gallium"].ladder["licensing"] = LevelOverride(next={"embargo": 1.0})
    assert codes(sound) == []


def test_a_dispute_that_never_starts(sound: Scenario) -> None:
    sound.disputes["china-korea"] = replace(sound.disputes["china-korea"], rate_per_year=0.0)
    assert codes(sound) == ["dispute-never-starts"]


def test_a_dispute_that_a_trigger_starts_is_not_said_never_to_start(
    make_scenario: Make,
) -> None:
    scenario: Scenario = make_scenario()
    scenario.disputes["china-korea"] = replace(scenario.disputes["china-korea"], rate_per_year=0.0)
    assert codes(scenario) == ["dispute-without-material"]


def test_a_material_that_no_dispute_concerns(sound: Scenario) -> None:
    sound.disputes["china-korea"] = Dispute(
        coercer="Vietnam", target="Korea", rate_per_year=1.0, entry={"licensing": 1.0}
    )
    sources = sound.materials["gallium"].sources
    sources["Chile"] = sources.pop("Vietnam")
    assert codes(sound) == ["material-without-dispute"]


def test_a_material_with_a_cut_of_zero_at_every_level(sound: Scenario) -> None:
    cut = sound.materials["gallium"].cut
    cut.clear()
    assert codes(sound) == ["material-never-cut"]
    cut["licensing"] = constant(0.0)
    assert codes(sound) == ["material-never-cut"]


def test_an_alternative_that_comes_after_the_horizon(sound: Scenario) -> None:
    alternatives = sound.materials["gallium"].alternatives
    # The median of an exponential is 0.693 of its mean; the horizon is 730 days.
    for mean, expected in ((1000.0, []), (1100.0, ["late-alternative"])):
        lead = Distribution(family="exponential", parameters=(mean,))
        alternatives["recycling"] = replace(alternatives["recycling"], lead_time=lead)
        assert codes(sound) == expected


def test_an_industry_elsewhere_than_its_material(sound: Scenario) -> None:
    sound.industries["motors"] = replace(sound.industries["motors"], importer="Japan")
    (notice,) = scenario_notices(sound)
    assert notice.code == "other-importer"
    assert "motors of Japan (rare earths of Korea)" in notice.message


def test_a_remark_is_made_once_and_lists_the_first_twenty(
    sound: Scenario, make_material: Make
) -> None:
    for number in range(25):
        sound.materials[f"metal-{number}"] = make_material()
    (notice,) = scenario_notices(sound)
    assert notice.code == "unused-material"
    assert notice.message.endswith("metal-18, metal-19 and 5 more.")


def test_a_usual_number_of_trials_needs_no_word_on_time() -> None:
    assert time_notices(10**9, keeps_rows=True) == []


@pytest.mark.parametrize(
    ("trials", "least", "most", "gigabytes"),
    [
        # 3.3 million and 110,000 trials a second; 0.2 kB a trial
        (33 * 10**8, "17 minutes", "8.3 hours", "660 GB"),
        (10**13, "35 days", "2.9 years", "2,000,000 GB"),
        (2**63 - 1, "88,567 years", "2,657,009 years", "1,844,674,407,371 GB"),
    ],
)
def test_very_many_trials_get_a_word_on_time_and_room(
    trials: int, least: str, most: str, gigabytes: str
) -> None:
    (notice,) = time_notices(trials, keeps_rows=True)

    assert notice.code == "many-trials"
    assert f"{trials:,} trials take about {least} of one processor" in notice.message
    assert f"and {most} for one like" in notice.message
    assert f"some {gigabytes} on the disk" in notice.message
    assert "GB" not in time_notices(trials)[0].message
