"""What must happen to every single trial when one thing in a config changes.

Two scenarios share their random numbers wherever they share names, and every quantity is a monotone
function of one uniform. So relations hold trial by trial, not only on average. Each test takes out
what breaks its relation for a reason of the model, and says the reason.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from random_configs import random_config
from simulate.bits import Config, changed, columns, play

from riskengine.model.losses import Losses

# Numbers of random configs with losses in most trials, and more than one material and industry.
NUMBERS = (8, 9, 12, 13, 16, 18, 22, 27, 34, 38, 46, 48, 60, 64)
ROUNDING = 1e-9  # days or money; sums over other intervals round differently
SIZES = ("mean", "median", "p90", "scale", "minimum", "low", "mode", "high", "min", "max", "sd")

Change = Callable[[Config], None]


def _scaled(distribution: Any, factor: float) -> Any:
    """The distribution of `factor` times the quantity."""
    if not isinstance(distribution, dict):
        return distribution * factor
    scaled: Config = {}
    for key, value in distribution.items():
        if isinstance(value, dict):
            scaled[key] = _scaled(value, factor)
        elif key == "values":
            scaled[key] = [entry * factor for entry in value]
        elif key == "mu":
            scaled[key] = value + math.log(factor)
        else:
            scaled[key] = value * factor if key in SIZES else value
    return scaled


def _materials(config: Config) -> Iterator[Config]:
    yield from config["materials"].values()


def _parts(config: Config, kind: str) -> Iterator[Config]:
    for material in _materials(config):
        yield from material[kind].values()


def _uses(config: Config) -> Iterator[Config]:
    for industry in config["industries"].values():
        yield from industry["uses"].values()


def _without_refill_and_lags(config: Config) -> None:
    """Less use of a stock now leaves a later first gap, and so a later release: not monotone."""
    for material in _materials(config):
        material["refill_rate"] = 0.0
    for tier in _parts(config, "stocks"):
        tier["release_lag_days"] = 0.0


@cache
def _prepared(number: int, prepare: Change) -> tuple[Config, Losses]:
    config = random_config(number)
    # What one buyer gains in a pool another loses; `test_pools` says what holds there.
    for alternative in _parts(config, "alternatives"):
        alternative.pop("pool", None)
        alternative.setdefault("capacity", 0.3)
    prepare(config)
    return config, play(config)


def _pair(number: int, prepare: Change, change: Change) -> tuple[Losses, Losses]:
    """Losses of a random config as prepared, and of the same with the change."""
    config, before = _prepared(number, prepare)
    other = copy.deepcopy(config)
    change(other)
    return before, play(other)


def _assert_never_more(less: np.ndarray, more: np.ndarray) -> None:
    worst = float((less - more).max())
    assert worst <= ROUNDING, f"trial {int((less - more).max(axis=-1).argmax())} rises by {worst}"


def _more_stock(config: Config) -> None:
    for tier in _parts(config, "stocks"):
        tier["days"] = _scaled(tier["days"], 1.4)


def _one_more_tier(config: Config) -> None:
    for material in _materials(config):
        material["stocks"]["reserve"] = {"days": 6.0}


def _more_capacity(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["capacity"] = _scaled(alternative["capacity"], 1.5)


def _better_chances(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["probability"] = math.sqrt(alternative["probability"])


def _earlier_supply(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["lead_time"] = _scaled(alternative["lead_time"], 0.6)


def _begun_at_the_start(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["lead_from"] = "start"


def _faster_building(config: Config) -> None:
    for tier in _parts(config, "stocks"):
        tier["build_rate"] = 0.02 + 2.0 * tier.get("build_rate", 0.0)


def _higher_targets(config: Config) -> None:
    for tier in _parts(config, "stocks"):
        if tier.get("build_rate", 0.0) > 0.0:
            tier["target_days"] = 10.0 + 2.0 * tier.get("target_days", 0.0)


def _shorter_ramps(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["ramp_days"] *= 0.5


def _safer_alternatives(config: Config) -> None:
    for alternative in _parts(config, "alternatives"):
        alternative["boycott_cut"] = _halved(alternative["boycott_cut"])


def _gentler_cuts(config: Config) -> None:
    for material in _materials(config):
        material["cut"] = {level: _halved(cut) for level, cut in material["cut"].items()}


def _gentler_boycotts(config: Config) -> None:
    for source in _parts(config, "sources"):
        source["boycott_cut"] = _halved(source.get("boycott_cut", 0.0))


def _halved(fraction: Any) -> Any:
    """Half a fraction where it is a number; a beta on [0, 1] has no half."""
    return fraction if isinstance(fraction, dict) else 0.5 * fraction


def _smaller_shares(config: Config) -> None:
    for source in _parts(config, "sources"):
        source["share"] *= 0.75


RELIEFS: dict[str, Change] = {
    "more days in store": _more_stock,
    "one more stock tier": _one_more_tier,
    "more capacity": _more_capacity,
    "better chances of alternatives": _better_chances,
    "earlier alternatives": _earlier_supply,
    "alternatives begun at time 0": _begun_at_the_start,
    "faster building": _faster_building,
    "higher targets": _higher_targets,
    "shorter ramps": _shorter_ramps,
    "alternatives that a boycott reaches less": _safer_alternatives,
    "gentler cuts": _gentler_cuts,
    "gentler boycotts": _gentler_boycotts,
    "smaller shares": _smaller_shares,
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("relief", RELIEFS.values(), ids=list(RELIEFS))
def test_relief_raises_the_shortage_of_no_material_in_any_trial(relief: Change) -> None:
    effect = 0.0
    for number in NUMBERS:
        before, after = _pair(number, _without_refill_and_lags, relief)
        _assert_never_more(after.shortage_days, before.shortage_days)
        effect += float((before.shortage_days - after.shortage_days).sum())
    assert effect > 100.0  # days; a change that does nothing would pass, too


def _cheap(config: Config) -> None:
    """No costs of rerouting and prices, and no substitution that starts later the milder it is."""
    _without_refill_and_lags(config)
    for material in _materials(config):
        material["spend_per_year"] = 0.0
    for use in _uses(config):
        use["substitution_share"] = 0.0


def _more_inventory(config: Config) -> None:
    for use in _uses(config):
        held = use["inventory_days"]
        if not isinstance(held, dict):
            use["inventory_days"] = held + 5.0
        elif not isinstance(held["across"], dict):
            held["across"] += 5.0


def _less_dependence(config: Config) -> None:
    for use in _uses(config):
        use["dependence"] *= 0.8


def _more_recapture(config: Config) -> None:
    for industry in config["industries"].values():
        industry["recapture"] = 0.5


def _hardier_lines(config: Config) -> None:
    for industry in config["industries"].values():
        industry["min_operating_rate"] *= 0.5


def _bottlenecks(config: Config) -> None:
    for industry in config["industries"].values():
        industry["combine"] = "bottleneck"


EASES: dict[str, Change] = {
    "more days in store": _more_stock,
    "more capacity": _more_capacity,
    "more inventory": _more_inventory,
    "less dependence": _less_dependence,
    "more recapture": _more_recapture,
    "lines that stop later": _hardier_lines,
    "bottlenecks": _bottlenecks,
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("ease", EASES.values(), ids=list(EASES))
def test_ease_raises_the_output_loss_of_no_industry_in_any_trial(ease: Change) -> None:
    effect = 0.0
    for number in NUMBERS:
        before, after = _pair(number, _cheap, ease)
        _assert_never_more(after.output, before.output)
        effect += float((before.output - after.output).sum())
    assert effect > 100.0


def _substitution(config: Config) -> None:
    for use in _uses(config):
        use |= {"substitution_share": 0.5, "substitution_lag_days": 20.0}


@pytest.mark.costly
def test_substitution_raises_the_output_loss_of_no_industry_in_any_trial() -> None:
    for number in NUMBERS:
        before, after = _pair(number, _cheap, _substitution)
        _assert_never_more(after.output, before.output)


def _unspread(config: Config) -> None:
    config.pop("propagation", None)


@pytest.mark.costly
def test_dearer_alternatives_change_only_what_rerouting_costs() -> None:
    def dearer(config: Config) -> None:
        for alternative in _parts(config, "alternatives"):
            alternative["premium"] = _scaled(alternative["premium"], 2.0)

    for number in NUMBERS:
        before, after = _pair(number, _unspread, dearer)
        assert np.array_equal(after.rerouting, 2.0 * before.rerouting)
        money = {"rerouting", "industry_loss", "material_loss", "total", "largest_spell"}
        assert {field for field, _ in changed(before, after)} <= money


# --- Money ---


def _richer(factor: float) -> Change:
    def change(config: Config) -> None:
        for industry in config["industries"].values():
            industry["value_added_per_year"] *= factor
        for material in _materials(config):
            material["spend_per_year"] *= factor

    return change


MONEY = {
    "total",
    "largest_spell",
    "industry_loss",
    "output",
    "rerouting",
    "price",
    "indirect",
    "material_loss",
}


def _as_they_are(config: Config) -> None:
    """Nothing to take out."""


@pytest.mark.costly
@pytest.mark.parametrize("factor", [2.0**7, 2.0**-5])
def test_money_times_a_power_of_two_is_the_loss_times_it_to_the_bit(factor: float) -> None:
    for number in NUMBERS:
        before, after = _pair(number, _as_they_are, _richer(factor))
        ours, theirs = columns(before), columns(after)
        for (field, name), values in ours.items():
            scale = factor if field in MONEY else 1
            assert (values * scale).tobytes() == theirs[field, name].tobytes(), (field, name)


def test_money_in_another_currency_is_the_loss_in_it_to_the_last_digits() -> None:
    for number in NUMBERS:
        before, after = _pair(number, _as_they_are, _richer(3.0))
        for field in MONEY:
            np.testing.assert_allclose(
                getattr(after, field), 3.0 * getattr(before, field), rtol=4e-14, atol=0.0
            )


def test_two_halves_of_an_industry_lose_half_of_it_each_to_the_bit() -> None:
    for number in NUMBERS:
        config, usual = _prepared(number, _unspread)
        halves = copy.deepcopy(config)
        half = halves["industries"]["i0"]
        half["value_added_per_year"] *= 0.5
        for use in half["uses"].values():
            use["share"] *= 0.5
        halves["industries"]["other half"] = copy.deepcopy(half)
        whole, parts = columns(usual), columns(play(halves))
        for field in ("output", "loss_days", "stopped_days", "first_loss_day"):
            scale = 0.5 if field == "output" else 1.0
            for name in ("i0", "other half"):
                assert (whole[field, "i0"] * scale).tobytes() == parts[field, name].tobytes()
        np.testing.assert_allclose(
            parts["industry_loss", "i0"] + parts["industry_loss", "other half"],
            whole["industry_loss", "i0"],
            rtol=1e-13,
        )


def test_an_industry_that_could_do_without_all_loses_no_output_and_changes_no_other() -> None:
    for number in NUMBERS:
        config, before = _prepared(number, _unspread)
        more = copy.deepcopy(config)
        more["industries"]["free"] = {
            "value_added_per_year": 500.0,
            "uses": {name: {"share": 0.0, "dependence": 0.0} for name in config["materials"]},
        }
        after = play(more)
        assert changed(before, after) == set()
        assert not after.industry_loss[:, -1].any()


def test_without_dependence_no_output_is_lost() -> None:
    def independent(config: Config) -> None:
        for use in _uses(config):
            use["dependence"] = 0.0

    for number in NUMBERS:
        _, after = _pair(number, _as_they_are, independent)
        assert not after.output.any()
        assert np.isnan(after.first_loss_day).all()


def test_without_rates_and_active_disputes_nothing_happens() -> None:
    def peaceful(config: Config) -> None:
        for dispute in config["disputes"].values():
            dispute["rate_per_year"] = 0.0
            dispute.pop("active", None)

    for number in NUMBERS:
        _, after = _pair(number, _as_they_are, peaceful)
        for (field, _), values in columns(after).items():
            if field == "first_loss_day":
                assert np.isnan(values).all()
            else:
                assert (values == (-1 if field == "deepest_level" else 0)).all()


# --- Books that balance ---


@pytest.fixture(scope="module")
def runs() -> list[Losses]:
    return [_prepared(number, _as_they_are)[1] for number in NUMBERS]


def test_the_losses_of_industries_add_up_to_the_total(runs: list[Losses]) -> None:
    for losses in runs:
        np.testing.assert_allclose(losses.industry_loss.sum(axis=1), losses.total, rtol=1e-14)


def test_components_add_up_to_the_loss_of_each_industry(runs: list[Losses]) -> None:
    for losses in runs:
        components = losses.output + losses.rerouting + losses.price + losses.indirect
        np.testing.assert_allclose(components, losses.industry_loss, rtol=1e-14)


def test_the_attribution_to_materials_adds_up_to_the_total(runs: list[Losses]) -> None:
    for losses in runs:
        np.testing.assert_allclose(losses.material_loss.sum(axis=1), losses.total, rtol=1e-9)


def test_no_spell_loses_more_than_its_trial_and_some_spell_loses_something(
    runs: list[Losses],
) -> None:
    for losses in runs:
        assert (losses.largest_spell <= losses.total).all()
        assert ((losses.largest_spell > 0.0) == (losses.total > 0.0)).all()


def test_no_industry_loses_more_output_than_it_makes(runs: list[Losses]) -> None:
    for losses in runs:
        years = losses.horizon_days / 365.0
        for k, industry in enumerate(losses.scenario.industries.values()):
            most = industry.value_added_per_year * years * (1.0 - industry.recapture)
            assert losses.output[:, k].max() <= most * (1.0 + 1e-12)


def test_days_nest_within_the_horizon(runs: list[Losses]) -> None:
    for losses in runs:
        for smaller, larger in (
            (losses.stopped_days, losses.loss_days),
            (losses.loss_days, np.full_like(losses.loss_days, losses.horizon_days)),
            (losses.shortage_days, losses.cut_days),
            (losses.cut_days, np.full_like(losses.cut_days, losses.horizon_days)),
        ):
            assert (smaller <= larger + ROUNDING).all()
            assert (smaller >= 0.0).all()


def test_a_first_day_of_loss_is_told_exactly_where_there_are_days_of_loss(
    runs: list[Losses],
) -> None:
    for losses in runs:
        assert (np.isnan(losses.first_loss_day) == (losses.loss_days == 0.0)).all()
        assert not (losses.first_loss_day >= losses.horizon_days).any()


def test_a_material_without_a_level_is_never_cut(runs: list[Losses]) -> None:
    for losses in runs:
        untouched = losses.deepest_level == -1
        assert not losses.cut_days[untouched].any()
        assert not losses.material_loss[untouched].any()


# --- Time ---


def _longer(config: Config) -> None:
    config["run"]["horizon_days"] *= 2.0


def test_a_longer_horizon_only_adds_to_what_happens_before() -> None:
    for number in NUMBERS:
        short, long = _pair(number, _as_they_are, _longer)
        for field in ("total", "industry_loss", "cut_days", "shortage_days", "loss_days"):
            _assert_never_more(getattr(short, field), getattr(long, field))
        assert (short.episodes <= long.episodes).all()
        assert (short.deepest_level <= long.deepest_level).all()
        known = ~np.isnan(short.first_loss_day)
        assert np.array_equal(short.first_loss_day[known], long.first_loss_day[known])


def test_a_loss_that_only_a_longer_horizon_sees_comes_after_the_shorter_one() -> None:
    for number in NUMBERS:
        short, long = _pair(number, _as_they_are, _longer)
        late = np.isnan(short.first_loss_day) & ~np.isnan(long.first_loss_day)
        assert (long.first_loss_day[late] >= short.horizon_days - ROUNDING).all()
