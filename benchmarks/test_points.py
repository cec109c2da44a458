"""What designs of trials are worth: `python -m pytest benchmarks/test_points.py -s`

Not part of the test suite. What a design is worth for a figure is the ratio of the variances of
that figure over repeated seeds, plain to design, at equal numbers of trials: so many times the
trials would a plain run need for the same error. The interval of a ratio is that of two sample
variances (F distribution). The table goes to `results/benchmarks/points.txt`; a target that is
missed is named there, and its test fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import variance
from time import process_time
from typing import NamedTuple

import pytest
from scipy import stats

from benchmarks.speed_table import ROOT, SpeedTable
from riskengine.config import load
from riskengine.figures.designed import evidence_of
from riskengine.figures.evidence import TOTAL, Measured
from riskengine.play.simulate import simulate

FOLDER = ROOT / "results" / "benchmarks"
TRIALS = int(os.environ.get("POINTS_TRIALS", "131072"))
SEEDS = int(os.environ.get("POINTS_SEEDS", "32"))

Draws = dict[str, list[float]]


class Design(NamedTuple):
    """A way to draw the trials of a shipped config."""

    config: str
    name: str
    settings: tuple[str, ...]


JAPAN_PLAIN = Design("japan-2026", "plain", ())
JAPAN_SOBOL = Design("japan-2026", "sobol", ("run.sampling=sobol",))
JAPAN_TILT = Design("japan-2026", "tilt 0.7", ("run.tilt=0.7",))
KOREA_PLAIN = Design("korea-baseline", "plain", ())
KOREA_BOTH = Design(
    "korea-baseline", "given_onset + sobol", ("run.given_onset=true", "run.sampling=sobol")
)
KOREA_TILT = Design("korea-baseline", "tilt 0.7", ("run.tilt=0.7",))

PAIRS = (
    (JAPAN_PLAIN, JAPAN_SOBOL),
    (JAPAN_PLAIN, JAPAN_TILT),
    (KOREA_PLAIN, KOREA_BOTH),
    (KOREA_PLAIN, KOREA_TILT),
)
TARGETS = {
    (JAPAN_SOBOL, "mean"): 10.0,
    (JAPAN_SOBOL, "VaR 95 %"): 2.5,
    (JAPAN_TILT, "TVaR 99.5 %"): 3.0,
    (KOREA_BOTH, "mean"): 50.0,
    (KOREA_BOTH, "VaR 99.5 %"): 15.0,
    (KOREA_BOTH, "TVaR 99 %"): 30.0,
}


def read(loss: Measured) -> dict[str, float]:
    """The figures that are compared."""
    found = {"mean": loss.mean.value, "P(loss)": loss.chance.value}
    for level in (0.95, 0.99, 0.995):
        found[f"VaR {100.0 * level:g} %"] = loss.quantiles.var(level).value
        found[f"TVaR {100.0 * level:g} %"] = loss.quantiles.tvar(level).value
    return found


@pytest.fixture(scope="module")
def draws() -> dict[Design, Draws]:
    """Each figure of each design, one a seed; designs take turns, and share no seed."""
    designs = list(dict.fromkeys(design for pair in PAIRS for design in pair))
    scenarios = [
        load(ROOT / "configs" / f"{design.config}.toml", overrides=design.settings)
        for design in designs
    ]
    found: dict[Design, Draws] = {design: {} for design in designs}
    for scenario in scenarios:
        simulate(scenario, trials=1000)  # compiled, and in memory
    seeds = count(1000)
    for _ in range(SEEDS):
        for design, scenario in zip(designs, scenarios, strict=True):
            used = process_time()
            losses = simulate(scenario, trials=TRIALS, seed=next(seeds))
            used = process_time() - used
            figures = read(evidence_of(losses).loss(TOTAL)) | {"CPU us": used / TRIALS * 1e6}
            for name, value in figures.items():
                found[design].setdefault(name, []).append(value)
    return found


class Ratio(NamedTuple):
    """How many times the trials a plain run needs, with the ends of its 95 % interval."""

    lower: float
    value: float
    upper: float


def worth(plain: Sequence[float], designed: Sequence[float]) -> Ratio:
    """Ratio of the variances of two independent samples."""
    value = variance(plain) / variance(designed)
    ends = stats.f.ppf([0.975, 0.025], len(plain) - 1, len(designed) - 1)
    return Ratio(value / ends[0], value, value / ends[1])


@pytest.fixture(scope="module")
def ratios(draws: dict[Design, Draws]) -> dict[tuple[Design, str], Ratio]:
    """What each design is worth for each figure."""
    return {
        (design, name): worth(draws[plain][name], values)
        for plain, design in PAIRS
        for name, values in draws[design].items()
        if name != "CPU us" and variance(values) > 0.0
    }


@pytest.fixture(scope="module", autouse=True)
def table(
    draws: dict[Design, Draws], ratios: dict[tuple[Design, str], Ratio]
) -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    for plain, design in PAIRS:
        collected.add(f"{design.config}, {design.name}", draws[design]["CPU us"], "CPU us/trial")
        collected.add("  plain", draws[plain]["CPU us"], "CPU us/trial")
        for (other, name), ratio in ratios.items():
            if other == design:
                said = said_of(ratio.value, TARGETS.get((design, name)))
                collected.add(f"  {name}: variance, plain to it", ratio, "ratio", said)
    collected.remarks.append(
        f"{SEEDS} seeds of {TRIALS:,} trials for each design. Ratios: the ends of a 95 % interval "
        "and, between\nthem, what was measured."
    )
    yield collected
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "points.txt").write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


def said_of(ratio: float, target: float | None) -> str:
    """The target of a figure, and whether it is missed."""
    if target is None:
        return ""
    return f"at least {target:g}" + ("" if ratio >= target else ": missed")


@pytest.mark.parametrize(("design", "name"), TARGETS)
def test_a_design_is_worth_so_many_times_the_trials(
    ratios: dict[tuple[Design, str], Ratio], design: Design, name: str
) -> None:
    assert ratios[design, name].value >= TARGETS[design, name]
