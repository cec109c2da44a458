"""Plots show the numbers of the frames, on the axes that they are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import riskengine
from riskengine.errors import UsageFault
from riskengine.result import Result

MINIMAL = Path(__file__).parents[2] / "configs" / "minimal.toml"


@pytest.fixture(scope="module")
def result() -> Result:
    return riskengine.simulate(riskengine.load(MINIMAL), trials=2000)


@pytest.fixture(scope="module")
def weighted() -> Result:
    return riskengine.simulate(riskengine.load(MINIMAL, ["run.given_onset=true"]), trials=500)


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    with mpl.rc_context(), plt.ioff():
        mpl.use("agg")
        plt.close("all")  # of examples that ran before
        yield
        plt.close("all")


def test_the_curve_has_the_points_of_curves(result: Result) -> None:
    ax = result.plot.curve()
    rows = result.curves
    total = rows[rows["scope"] == "total"]
    assert len(ax.lines) == 2
    for line, kind in zip(ax.lines, ("AEP", "OEP"), strict=True):
        points = total[total["type"] == kind].sort_values("return_period")
        assert kind in str(line.get_label())
        np.testing.assert_array_equal(line.get_xdata(), points["return_period"])
        np.testing.assert_array_equal(line.get_ydata(), points["loss"])
        assert len(points) > 3
    known = total.dropna()
    for band, kind in zip(ax.collections, ("AEP", "OEP"), strict=True):
        corners = {tuple(point) for path in band.get_paths() for point in path.vertices}
        of_kind = known[known["type"] == kind]
        for end in ("lower", "upper"):
            assert set(zip(of_kind["return_period"], of_kind[end], strict=True)) <= corners


def test_the_curve_of_an_industry_or_material_is_its_own(result: Result) -> None:
    rows = result.curves
    for scope, name in (("industry", "automobile"), ("material", "ndfeb-magnets")):
        ax = result.plot.curve(**{scope: name})
        (line,) = ax.lines
        own = rows[(rows["scope"] == scope) & (rows["name"] == name)]
        np.testing.assert_array_equal(line.get_ydata(), own.sort_values("return_period")["loss"])
        assert name in ax.get_title()


@pytest.mark.parametrize("quantity", ["lost", "short"])
def test_the_fan_has_the_percentiles_of_the_timeline(result: Result, quantity: str) -> None:
    ax = result.plot.fan(quantity=quantity)
    rows = result.timeline
    rows = rows[rows["quantity"] == quantity]
    lines = {line.get_label(): line for line in ax.lines}
    for column in ("mean", "p50", "p75", "p90", "p95", "p99"):
        line = lines[column if column == "mean" else f"{column[1:]} %"]
        np.testing.assert_array_equal(line.get_xdata(), rows["day"])
        np.testing.assert_array_equal(line.get_ydata(), rows[column])
    assert rows["p99"].max() > 0.0


def test_the_fan_is_of_the_material_that_costs_most(tmp_path: Path) -> None:
    second = """extends = "minimal.toml"
[materials.other]
spend_per_year = 1
cut = { slow-licensing = 0.1, near-zero = 0.2 }
sources.China = { share = 0.5 }
"""
    (tmp_path / "minimal.toml").write_bytes(MINIMAL.read_bytes())
    (tmp_path / "two.toml").write_text(second)
    two = riskengine.simulate(riskengine.load(tmp_path / "two.toml"), trials=500)
    assert two.mean(material="ndfeb-magnets") > two.mean(material="other")
    assert two.plot.fan().get_title().endswith(": ndfeb-magnets")
    assert two.plot.fan(material="other").get_title().endswith(": other")


@pytest.mark.parametrize("which", ["result", "weighted"])
def test_the_histogram_counts_the_trials_with_a_loss(
    which: str, request: pytest.FixtureRequest
) -> None:
    result: Result = request.getfixturevalue(which)
    ax = result.plot.losses(bins=30)
    frame = result.losses
    share = frame["weight"] if "weight" in frame else frame["total"] * 0 + 1
    share = share / len(share)
    heights = [bar.get_height() for bar in ax.patches]
    edges = [bar.get_x() for bar in ax.patches] + [frame["total"].max()]
    for low, high, height in zip(edges, edges[1:], heights, strict=False):
        inside = (frame["total"] > 0) & (frame["total"] >= low) & (frame["total"] < high)
        if high == edges[-1]:
            inside |= frame["total"] == high
        assert height == pytest.approx(share[inside].sum(), abs=1e-12)
    metrics = result.metrics
    chance = metrics[(metrics["scope"] == "total") & (metrics["measure"] == "prob_loss")]
    assert sum(heights) == pytest.approx(chance["value"].iloc[0], rel=1e-9)
    assert len(heights) == 30


def test_the_histogram_of_an_industry_is_its_own(result: Result) -> None:
    ax = result.plot.losses(industry="automobile", bins=10)
    assert ax.patches[-1].get_x() + ax.patches[-1].get_width() == pytest.approx(
        result.losses["industry:automobile"].max()
    )


@pytest.mark.parametrize("name", ["curve", "fan", "losses"])
def test_a_plot_is_drawn_on_the_axes_it_is_given(result: Result, name: str) -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert getattr(result.plot, name)(right) is right
    assert not left.has_data()
    assert right.has_data()
    assert plt.get_fignums() == [left.figure.number]
    assert getattr(result.plot, name)() is not right


@pytest.mark.costly
def test_names_with_dollar_signs_are_drawn_as_they_are() -> None:
    scenario = riskengine.load(MINIMAL).with_values({"run.money": "$m_$", "run.title": "$x_$"})
    result = riskengine.simulate(scenario, trials=200)
    for ax in (result.plot.curve(), result.plot.losses(), result.plot.fan()):
        ax.figure.canvas.draw()
        assert ax.get_title().startswith("$x_$")


def test_a_run_without_any_loss_can_be_drawn() -> None:
    never = riskengine.load(MINIMAL, ["disputes.china-korea.rate_per_year=0"])
    result = riskengine.simulate(never, trials=50)
    assert sum(bar.get_height() for bar in result.plot.losses().patches) == 0.0
    result.plot.curve()
    assert max(result.plot.fan().lines[0].get_ydata()) == 0.0


def test_what_there_is_not_is_refused(result: Result) -> None:
    with pytest.raises(UsageFault, match='no industry "car"'):
        result.plot.curve(industry="car")
    with pytest.raises(UsageFault, match="not both"):
        result.plot.curve(industry="automobile", material="ndfeb-magnets")
    with pytest.raises(UsageFault, match='no material "x"'):
        result.plot.fan(material="x")
    with pytest.raises(UsageFault, match='no quantity "shorts"; did you mean "short"'):
        result.plot.fan(quantity="shorts")
    with pytest.raises(UsageFault, match='no industry "car"'):
        result.plot.losses(industry="car")
    assert plt.get_fignums() == []
