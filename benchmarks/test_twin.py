"""The engine beside its C++ twin: the same bits on the same draws, and what Python's way costs.

Not part of the test suite; skipped where there is no C++ compiler. CPU times are taken in turns on
one thread, so that another load on the machine falls on both; the table goes to
`results/benchmarks/twin.txt`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from benchmarks import generated, twin
from benchmarks.speed_table import ROOT, SpeedTable, cpu_seconds
from benchmarks.twin import Given, Twin
from riskengine.config import load
from riskengine.kernel import workspace
from riskengine.kernel.arrays import N_GRANTS, N_POOL_STEPS, Model, Rows
from riskengine.machine.native import play_trials
from riskengine.play.simulate import prepare

pytestmark = pytest.mark.skipif(twin.compiler() is None, reason="no C++ compiler")

CONFIGS = ROOT / "configs"
TABLE = ROOT / "results" / "benchmarks" / "twin.txt"

TRIALS = 50_000
TURNS = 15
COMPARED_TRIALS = 20_000
LIST_LENGTH = 8192  # enough for every trial that is played here
MOST_RATIO = 1.5


@pytest.fixture(scope="module")
def table() -> Iterator[SpeedTable]:
    """The table; printed and written at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    collected.remarks.append(f"twin compiled with {twin.version()}")
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(collected.text(), encoding="utf-8")
    print(f"\n\n{collected.text()}")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """The twin; its types are the same for every model."""
    return Twin(tmp_path_factory.mktemp("twin"), _given(_model("minimal.toml"), 1))


def _model(config: str) -> Model:
    """A shipped config as arrays, with its own seed mixed in."""
    return prepare(load(CONFIGS / config), trials=1).model


def _given(model: Model, trials: int) -> Given:
    return Given(model, workspace.scratch(model, LIST_LENGTH), workspace.rows(model, trials))


def _differences(ours: Rows, theirs: Rows) -> dict[str, int]:
    """How many cells differ, by field, where any do; two that are not numbers are equal."""
    found = {}
    for name, our, their in zip(Rows._fields, ours, theirs, strict=True):
        for field in our.dtype.names or ("",):
            a, b = (our[field], their[field]) if field else (our, their)
            count = int(np.sum((a != b) & ~(np.isnan(a) & np.isnan(b))))
            if count:
                found[f"{name}.{field}"] = count
    return found


@pytest.mark.parametrize(
    "config",
    [
        "korea-2026.toml",
        "japan-2026.toml",
        "korea-japan-2026.toml",
        "korea-baseline.toml",
        "minimal.toml",
    ],
)
def test_the_twin_yields_the_same_bits(config: str, compiled: Twin) -> None:
    model = _model(config)
    own, other = _given(model, COMPARED_TRIALS), _given(model, COMPARED_TRIALS)
    assert play_trials(*own, workspace.NO_CHANGES, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert compiled.play(other, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert own.rows.trials["total"].sum() > 0.0
    assert _differences(own.rows, other.rows) == {}


@pytest.mark.parametrize(
    ("config", "length"), [("korea-2026.toml", 1000), ("korea-japan-2026.toml", 1500)]
)
def test_lists_that_are_too_short_stop_both_at_the_same_trial(
    config: str, length: int, compiled: Twin
) -> None:
    model = _model(config)
    short = workspace.scratch(model, length)
    done = play_trials(model, short, workspace.rows(model, 1000), workspace.NO_CHANGES, 0, 0, 1000)
    given = Given(model, workspace.scratch(model, length), workspace.rows(model, 1000))
    assert 0 < done < 1000
    assert compiled.play(given, 0, 0, 1000) == done


@pytest.mark.parametrize(
    "days",
    [
        "{ exponential = { mean = 40 } }",
        "{ lognormal = { median = 60, p90 = 245 }, min = 70 }",
        "{ weibull = { shape = 0.8, scale = 40 } }",
        "{ gamma = { mean = 40, cv = 0.7 }, max = 90 }",
        "{ loglogistic = { median = 30, shape = 2.5 } }",
        "{ pareto = { minimum = 10, shape = 2.2 } }",
        "{ triangular = { low = 5, mode = 20, high = 90 } }",
        "{ pert = { low = 5, mode = 20, high = 90 } }",
        "{ uniform = { low = 5, high = 90 } }",
        "{ empirical = { values = [5, 20, 90], weights = [1, 3, 2] } }",
    ],
)
def test_every_family_of_distributions_yields_the_same_bits(days: str, compiled: Twin) -> None:
    stock = f"materials.ndfeb-magnets.stocks.private.days={days}"
    often = "disputes.china-korea.rate_per_year=2"
    model = prepare(load(CONFIGS / "minimal.toml", [stock, often]), trials=1).model
    own, other = _given(model, COMPARED_TRIALS), _given(model, COMPARED_TRIALS)
    assert play_trials(*own, workspace.NO_CHANGES, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert compiled.play(other, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert (own.rows.trials["total"] > 0.0).mean() > 0.2
    assert _differences(own.rows, other.rows) == {}


def test_supply_that_is_being_built_yields_the_same_bits(compiled: Twin) -> None:
    magnets = "materials.ndfeb-magnets"
    changes = [
        f"{magnets}.stocks.public.build_rate=0.05",
        f"{magnets}.stocks.public.target_days=90",
        f'{magnets}.alternatives.{{name}}.lead_from="start"',
    ]
    name = next(iter(load(CONFIGS / "korea-2026.toml").materials["ndfeb-magnets"].alternatives))
    changes = [change.format(name=name) for change in changes]
    usual = _model("korea-2026.toml")
    model = prepare(load(CONFIGS / "korea-2026.toml", changes), trials=1).model
    before, own, other = (_given(m, COMPARED_TRIALS) for m in (usual, model, model))
    for given in (before, own):
        done = play_trials(*given, workspace.NO_CHANGES, 0, 0, COMPARED_TRIALS)
        assert done == COMPARED_TRIALS
    assert compiled.play(other, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert (own.rows.trials["total"] != before.rows.trials["total"]).mean() > 0.02
    assert _differences(own.rows, other.rows) == {}


@pytest.mark.parametrize(
    ("early", "late"),
    [("first-come", "precedence"), ("precedence", "first-come"), ("proportional", "proportional")],
)
def test_pools_yield_the_same_bits(early: str, late: str, compiled: Twin) -> None:
    allocated = generated.sharing(early, late)
    plain = generated.sharing("proportional", "first-come")
    before, own, other = (
        _given(m, COMPARED_TRIALS)
        for m in (prepare(load(config), trials=1).model for config in (plain, allocated, allocated))
    )
    for given in (before, own):
        done = play_trials(*given, workspace.NO_CHANGES, 0, 0, COMPARED_TRIALS)
        assert done == COMPARED_TRIALS
    assert compiled.play(other, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert ((own.rows.pools["contested_days"] > 0.0).mean(axis=0) > 0.1).all()
    assert (own.rows.trials["total"] != before.rows.trials["total"]).mean() > 0.02
    assert _differences(own.rows, other.rows) == {}


@pytest.mark.parametrize("short", ["grants", "pool_steps"])
def test_lists_of_pools_that_are_too_short_stop_both_too(short: str, compiled: Twin) -> None:
    model = prepare(load(generated.sharing("first-come", "precedence")), trials=1).model
    own, other = (_given(model, 1000) for _ in range(2))
    own, other = (
        given._replace(scratch=given.scratch._replace(**{short: getattr(given.scratch, short)[:9]}))
        for given in (own, other)
    )
    done = play_trials(*own, workspace.NO_CHANGES, 0, 0, 1000)
    assert 0 < done < 1000
    assert compiled.play(other, 0, 0, 1000) == done


@pytest.mark.parametrize("early", ["first-come", "precedence", "proportional"])
def test_pools_are_settled_alike_step_by_step(early: str, compiled: Twin) -> None:
    model = prepare(load(generated.sharing(early, "precedence")), trials=1).model
    own, other = (_given(model, 1) for _ in range(2))
    contested = 0
    for trial in range(200):
        assert play_trials(*own, workspace.NO_CHANGES, trial, 0, 1) == 1
        assert compiled.play(other, trial, 0, 1) == 1
        grants, steps = own.scratch.size[N_GRANTS], own.scratch.size[N_POOL_STEPS]
        contested += int(own.scratch.pool_steps["contested"][:steps].sum())
        np.testing.assert_array_equal(own.scratch.size, other.scratch.size)
        for ours, theirs, count in (
            (own.scratch.grants, other.scratch.grants, grants),
            (own.scratch.pool_steps, other.scratch.pool_steps, steps),
        ):
            assert ours[:count].tobytes() == theirs[:count].tobytes()
    assert contested > 200


def test_firms_that_differ_yield_the_same_bits(compiled: Twin) -> None:
    config = generated.busy(12, 4)
    usual = prepare(load(config), trials=1).model
    uses = config["industries"]["industry-0"]["uses"]
    for name, median in (("material-0", 20), ("material-8", 45)):
        spread = {"lognormal": {"median": median, "p90": 90}}
        uses[name]["inventory_days"] = {"across": spread, "classes": 7}
    model = prepare(load(config), trials=1).model
    before, own, other = (_given(m, COMPARED_TRIALS) for m in (usual, model, model))
    for given in (before, own):
        done = play_trials(*given, workspace.NO_CHANGES, 0, 0, COMPARED_TRIALS)
        assert done == COMPARED_TRIALS
    assert compiled.play(other, 0, 0, COMPARED_TRIALS) == COMPARED_TRIALS
    assert (own.rows.trials["total"] != before.rows.trials["total"]).mean() > 0.02
    assert _differences(own.rows, other.rows) == {}


def test_the_engine_needs_hardly_more_than_the_twin(compiled: Twin, table: SpeedTable) -> None:
    model = _model("korea-2026.toml")
    own, other = _given(model, TRIALS), _given(model, TRIALS)
    engine: list[float] = []
    twins: list[float] = []
    for _ in range(1 + TURNS):  # the first touches the memory
        seconds = cpu_seconds(partial(play_trials, *own, workspace.NO_CHANGES, 0, 0, TRIALS))
        engine.append(seconds / TRIALS * 1e6)
        seconds = cpu_seconds(partial(compiled.play, other, 0, 0, TRIALS))
        twins.append(seconds / TRIALS * 1e6)
    table.add("C++ twin, one thread", twins[1:], "CPU us/trial")
    table.add("engine's kernel, one thread", engine[1:], "CPU us/trial")
    ratios = [e / t for e, t in zip(engine[1:], twins[1:], strict=True)]
    line = table.add("engine to twin", ratios, "ratio", f"at most {MOST_RATIO:g}")
    assert line.median <= MOST_RATIO
