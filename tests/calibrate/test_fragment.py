"""`fit.toml` is TOML, loads under a config that extends it, and says what each value rests on."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibrate_worlds import fitted, history, read

from riskengine.config import load
from riskengine.config.schema.check import read as read_node
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.scalars import Findings
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import Fit
from riskengine.fits.fragment import fragment, sojourn, uncertainty
from riskengine.measures.estimate import Estimate
from riskengine.model.distributions import Distribution
from riskengine.play.simulate import simulate

#: The smallest config: all but the sojourns of two of its levels
REST = """
extends = "fit.toml"
[run]
trials = 200
[ladder.mild]
sojourn = 365
next = { resolved = 0.6, slow-licensing = 0.4 }
[ladder.slow-licensing]
next = { resolved = 0.85, near-zero = 0.15 }
[ladder.near-zero]
next = { slow-licensing = 0.8, resolved = 0.2 }
[disputes.china-korea]
coercer = "China"
target = "Korea"
rate_per_year = 2
entry = { near-zero = 1 }
[materials.magnets]
importer = "Korea"
cut = { near-zero = 0.9 }
sources.China = { share = 0.8 }
[industries.cars]
importer = "Korea"
value_added_per_year = 100
uses.magnets = { share = 0.5, dependence = 0.5 }
"""


def written(folder: Path, text: str) -> dict[str, Any]:
    (folder / "fit.toml").write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(REST, encoding="utf-8")
    return tomllib.loads(text)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_config_that_extends_the_fragment_runs(tmp_path: Path, family: str) -> None:
    found = fitted(history(), quantity="flow", family=family)
    written(tmp_path, fragment(found))

    scenario = load(tmp_path / "config.toml")

    assert list(scenario.ladder) == ["mild", "slow-licensing", "near-zero"]
    law = scenario.ladder["near-zero"].sojourn
    assert law.family == family
    fit = found.groups[0].fits[0]
    for level in ("median", "p90"):
        expected = {"median": 0.5, "p90": 0.1}[level]
        assert law.survival(fit.figures[level].value) == pytest.approx(expected, abs=1e-5)
    assert simulate(scenario, threads=1).total.sum() > 0.0


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_of_a_sweep_leads_to_a_value_and_is_a_distribution_about_it(
    tmp_path: Path, family: str
) -> None:
    found = fitted(history(), quantity="flow", family=family)
    document = written(tmp_path, fragment(found))
    parameters = document["sweep"]["parameters"]
    assert len(parameters) == 2 * len(FAMILIES[family].form)
    for path, given in parameters.items():
        held: Any = document
        for key in path.split("."):
            held = held[key]
        assert isinstance(held, float)
        findings = Findings()
        law = read_node(node_at(("ladder", "near-zero", "sojourn")), given, (path,), findings)
        assert findings.faults == []
        assert isinstance(law, Distribution)
        assert law.below(held) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("name", ["shape", "scale"])
def test_the_uncertainty_reaches_the_farther_end_of_the_interval(name: str) -> None:
    fit = fitted(history(), quantity="flow", family="weibull").groups[0].fits[0]
    given = tomllib.loads(f"x = {uncertainty(fit)[name]}")["x"]["lognormal"]
    reach = math.log(given["p95"] / given["median"]) / 1.6448536269514722 * 1.959963984540054
    figure = fit.figures[name]
    sides = math.log(figure.upper / figure.value), math.log(figure.value / figure.lower)
    assert reach == pytest.approx(max(sides), rel=1e-4)


def test_median_and_quantile_of_a_lognormal_cannot_cross_in_a_sweep() -> None:
    fit = fitted(history(), quantity="flow", family="lognormal").groups[0].fits[0]
    spreads = {k: tomllib.loads(f"x = {v}")["x"] for k, v in uncertainty(fit).items()}
    meeting = spreads["median"]["max"]
    assert spreads["p90"]["min"] == meeting
    assert fit.figures["median"].value < meeting < fit.figures["p90"].value


def test_a_cut_off_lies_as_many_deviations_from_the_median_as_from_the_quantile() -> None:
    fit = Fit(
        family="lognormal", loglik=0.0, aicc=0.0, theta=np.zeros((1, 2)),
        figures={"median": Estimate(60.0, 50.0, 90.0), "p90": Estimate(200.0, 80.0, 240.0)},
    )  # fmt: skip
    spreads = {k: tomllib.loads(f"x = {v}")["x"] for k, v in uncertainty(fit).items()}
    cut = spreads["median"]["max"]
    # the farther ends are 90 and 80
    assert math.log(cut / 60.0) / math.log(1.5) == pytest.approx(
        math.log(200.0 / cut) / math.log(2.5), rel=1e-4
    )
    assert spreads["p90"]["lognormal"]["p95"] == pytest.approx(
        200.0 * 2.5 ** (1.6448536269514722 / 1.959963984540054), rel=1e-5
    )


def test_a_figure_without_both_ends_has_no_uncertainty_to_sweep() -> None:
    for ends in ((math.nan, math.nan), (10.0, math.nan), (0.0, 90.0), (10.0, math.inf)):
        fit = Fit(
            family="exponential", loglik=0.0, aicc=0.0, theta=np.zeros((1, 1)),
            figures={"mean": Estimate(60.0, *ends)},
        )  # fmt: skip
        assert uncertainty(fit) == {}


def test_levels_stand_mildest_first() -> None:
    text = fragment(fitted(history(), quantity="flow", family="exponential"))
    assert text.index("[ladder.slow-licensing]") < text.index("[ladder.near-zero]")
    assert list(tomllib.loads(text)["sweep"]["parameters"]) == [
        f"ladder.{level}.sojourn.exponential.mean" for level in ("slow-licensing", "near-zero")
    ]


def test_what_is_offered_in_comments_has_the_figures_of_the_table(tmp_path: Path) -> None:
    """One event of three began between the first onset and the last, 8 years of 365 days later.

    Three episodes of two events are decided: one event was resolved, of the other one half was and
    one half led to a further episode. Each outcome starts with half an event (Jeffreys): 2/3, 1/3.
    """
    rows = (
        "A,2010-01-01,2010-02-01,0,a,,\nB,2013-01-01,2013-03-01,0,b,,\n"
        "C,2013-03-01,2013-05-01,0,b,B,\nD,2017-12-30,,1,c,,\n"
    )
    head = "id,start_date,end_date,censored,cluster,escalated_from,x\n"
    text = fragment(fitted(read(tmp_path, head + rows), family="exponential"))
    # 31, 59 and 61 days, none for the one that began on the last day
    mean = (31 + 59 + 61) / 3
    assert f"# sojourn = {{ exponential = {{ mean = {mean:.6g} }} }}" in text
    assert "# Onsets, all episodes: 3 political events, 4 episodes; 1 events counted in 8.0" in text
    assert "# rate_per_year = 0.125  # 0.125 (" in text
    assert '# "disputes.NAME.rate_per_year" = { gamma = { shape = 1.5, scale = 0.125 } }' in text
    assert "# Next, all episodes: 3 decided of 4" in text
    assert "#   resolved 0.667 (" in text
    assert "#   escalated 0.333 (" in text


@pytest.mark.costly
def test_values_carry_episodes_censoring_and_the_digest_of_the_table() -> None:
    found = fitted(history(), quantity="flow")
    text = fragment(found)
    assert f"# SHA-256 of the table: {found.table.sha256}" in text
    assert "# Time the flow was near zero: n = 10, censored 0 %, 10 political events" in text
    assert "to episodes.csv: flow" in text
    assert "rate_per_year" in text


def test_the_time_in_force_is_offered_in_comments_only(tmp_path: Path) -> None:
    text = fragment(fitted(history(), by=("instrument",), family="exponential"))
    assert tomllib.loads(text) == {}
    assert "# Time in force, licensing: n = 14, censored 50 %" in text
    assert '# "ladder.LEVEL.sojourn.exponential.mean" = { lognormal' in text
    assert "# not fitted: none of its 2 episodes has ended" in text


@pytest.mark.costly
def test_no_name_can_leave_its_comment(tmp_path: Path) -> None:
    nasty = '"a\n[run]\nseed = 5 # ""x"" \u2028"'
    rows = "".join(f"{k + 9},0,{nasty}\n" for k in range(6))
    found = fitted(read(tmp_path, f"duration_days,censored,kind\n{rows}"), by=("kind",))
    assert tomllib.loads(fragment(found)) == {}


def test_a_sojourn_is_written_with_the_parameters_that_a_sweep_varies() -> None:
    fit = fitted(history(), quantity="flow", family="gamma").groups[0].fits[0]
    assert set(tomllib.loads(f"x = {sojourn(fit)}")["x"]["gamma"]) == {"mean", "cv"}
