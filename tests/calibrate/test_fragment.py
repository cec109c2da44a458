"""`fit.toml` is TOML, loads under a config that extends it, and says what each value rests on."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from calibrate_worlds import fitted, history, read

from riskengine.config import load
from riskengine.config.schema.check import read as read_node
from riskengine.config.schema.keys import node_at
from riskengine.config.schema.scalars import Findings
from riskengine.fits.families import FAMILIES
from riskengine.fits.fragment import fragment, sojourn, uncertainty
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


def test_no_name_can_leave_its_comment(tmp_path: Path) -> None:
    nasty = '"a\n[run]\nseed = 5 # ""x"" \u2028"'
    rows = "".join(f"{k + 9},0,{nasty}\n" for k in range(6))
    found = fitted(read(tmp_path, f"duration_days,censored,kind\n{rows}"), by=("kind",))
    assert tomllib.loads(fragment(found)) == {}


def test_a_sojourn_is_written_with_the_parameters_that_a_sweep_varies() -> None:
    fit = fitted(history(), quantity="flow", family="gamma").groups[0].fits[0]
    assert set(tomllib.loads(f"x = {sojourn(fit)}")["x"]["gamma"]) == {"mean", "cv"}
