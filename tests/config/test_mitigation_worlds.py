"""The worlds of a mitigation: a sampled sweep over the same base, before the options apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load, load_mitigation, load_sweep
from riskengine.errors import ConfigFault, Fault
from riskengine.model.settings import count_worlds
from riskengine.sweeps.designs import design

Write = Callable[..., Path]

DAYS = "materials.gallium.stocks.public.days"
OPTIONS = f"""
[mitigation]
measure = "mean"
years = 2
worlds = "worlds.toml"
[mitigation.options.more]
add = {{ "{DAYS}" = 30 }}
cost = {{ upfront = 5, yearly = 1, recovered = 2 }}
[mitigation.options.ninety]
set = {{ "{DAYS}" = 90 }}
cost = 7
[mitigation.options.use]
set = {{ "industries.chips.uses.gallium.dependence" = 0.1 }}
cost = 9
[mitigation.options.calm]
set = {{ "disputes.china-korea.rate_per_year" = 0.01 }}
cost = 9
"""
SAMPLED = 'method = "latin-hypercube"\nsamples = 8'
PARAMETERS = f"""
"{DAYS}" = {{ low = 0, high = 60 }}
"correlation.duration" = {{ uniform = {{ low = 0, high = 1 }} }}
"industries.chips.uses.gallium.inventory_days" = [5, 50]
"mitigation.options.more.cost.upfront" = {{ low = 4, high = 9 }}
"""


def sweep(parameters: str = PARAMETERS, method: str = SAMPLED) -> str:
    return f"\n[sweep]\n{method}\n[sweep.parameters]\n{parameters}\n"


@pytest.fixture
def config(write: Write, small: str) -> Path:
    write(small, "base.toml")
    write('extends = "base.toml"\n[run]\ntrials = 500\n' + sweep(), "worlds.toml")
    return write('extends = "base.toml"\n' + OPTIONS, "options.toml")


@pytest.fixture
def met(config: Path, write: Write) -> Callable[..., tuple[Fault, ...]]:
    """The faults of the mitigation with other worlds."""

    def faults_of(text: str, options: str = OPTIONS) -> tuple[Fault, ...]:
        write('extends = "base.toml"\n' + text, "worlds.toml")
        write('extends = "base.toml"\n' + options, "options.toml")
        with pytest.raises(ConfigFault) as caught:
            load_mitigation(config)
        return caught.value.faults

    return faults_of


def test_a_world_has_its_values_and_then_the_options(config: Path) -> None:
    study = load_mitigation(config)
    worlds = study.worlds
    assert worlds is not None
    assert worlds.trials == 500
    assert count_worlds(worlds.sweep) == 8
    for world in design(worlds.sweep).points:
        days, duration, inventory, _ = world
        values = {
            DAYS: days,
            "correlation.duration": duration,
            "industries.chips.uses.gallium.inventory_days": inventory,
        }
        changes: dict[tuple[int, ...], dict[str, Any]] = {
            (): {},
            (0,): {DAYS: days + 30.0},
            (0, 1): {DAYS: 120},
            (2,): {"industries.chips.uses.gallium.dependence": 0.1},
            (0, 2): {DAYS: days + 30.0, "industries.chips.uses.gallium.dependence": 0.1},
            (0, 3): {DAYS: days + 30.0, "disputes.china-korea.rate_per_year": 0.01},
        }
        for portfolio, further in changes.items():
            expected = load(config, list((values | further).items()))
            found = study.scenario(portfolio, world)
            assert found.materials == expected.materials
            assert found.industries == expected.industries
            assert found.correlation == expected.correlation
            assert found.disputes == expected.disputes


def test_a_portfolio_without_a_world_does_not_know_the_one_before(config: Path) -> None:
    study = load_mitigation(config)
    before = study.scenario((0, 2))
    study.scenario((0, 2), (1.0, 0.5, 5, 4.0))
    study.scenario((0, 2), (2.0, 0.5, 5, 4.0))
    again = study.scenario((0, 2))
    assert again.materials["gallium"] is before.materials["gallium"]
    assert again.materials["gallium"].stocks["public"].days.parameters == (90.0,)
    other = study.scenario((0,), (1.0, 0.5, 5, 4.0)).materials["gallium"]
    assert other.stocks["public"].days.parameters == (31.0,)


def test_a_value_that_a_world_leaves_out_is_that_of_the_config(config: Path) -> None:
    study = load_mitigation(config)
    found = study.scenario((), (None, None, 50, None))
    assert found.materials == study.base.materials
    assert found.industries["chips"].uses["gallium"].inventory_days == 50.0
    assert study.costs((None, None, 50, None)) == study.costs()


def test_a_world_may_have_other_costs(config: Path) -> None:
    study = load_mitigation(config)
    assert study.costs() == (5.0 + 2.0 - 2.0, 7.0, 9.0, 9.0)
    assert study.costs((1.0, 0.5, 5, 8.5)) == (8.5 + 2.0 - 2.0, 7.0, 9.0, 9.0)


def test_a_negative_cost_that_only_a_draw_has_is_a_fault_of_its_world(
    config: Path, write: Write
) -> None:
    name = "mitigation.options.more.cost"
    lines = f'"{name}.upfront" = {{ low = 1, high = 9 }}\n"{name}.yearly" = {{ low = 0, high = 1 }}'
    write('extends = "base.toml"\n' + sweep(lines), "worlds.toml")
    study = load_mitigation(config)
    assert study.costs((1.0, 0.5))[0] == 0.0
    with pytest.raises(ConfigFault, match="present value of -1"):
        study.costs((1.0, 0.0))


def test_the_trials_of_worlds_are_those_of_their_own_file(config: Path, write: Write) -> None:
    write('extends = "base.toml"\n' + sweep(), "worlds.toml")
    worlds = load_mitigation(config).worlds
    assert worlds is not None
    assert worlds.trials == 20_000  # not the 1,000 of the base


@pytest.mark.parametrize(
    ("method", "worlds"),
    [(SAMPLED, 8), ('method = "sobol"\nsamples = 16', 32)],
)
def test_of_a_design_the_independent_draws_are_worlds(
    config: Path, write: Write, method: str, worlds: int
) -> None:
    write('extends = "base.toml"\n' + sweep(method=method), "worlds.toml")
    found = load_mitigation(config).worlds
    assert found is not None
    assert count_worlds(found.sweep) == worlds == len(design(found.sweep).independent)


WRONG = [
    ("", "sweep", "is missing", "[sweep]"),
    (
        sweep(f'"{DAYS}" = [5]', 'method = "grid"'),
        "sweep.method",
        'is the text "grid"',
        "latin-hypercube",
    ),
    (sweep(method='method = "one-at-a-time"'), "sweep.method", "no worlds", '"sobol"'),
    (sweep(method='method = "morris"\nsamples = 8'), "sweep.method", "step by step", '"sobol"'),
    (sweep(method='method = "gird"'), "sweep.method", 'the text "gird"', "grid"),
    (sweep(method='method = "sobol"\nsamples = 9'), "sweep.samples", "is 9", "write 8"),
    (sweep('"no.such" = [1]'), "sweep.parameters.no.such", 'no "no"', ""),
    (sweep(f'"{DAYS}" = [1, -5]'), f"sweep.parameters.{DAYS}", "takes -5; then", ""),
    (sweep('"mitigation.options.x.cost.upfront" = [1]'), "sweep.parameters", 'no "x"', "more"),
    (sweep('"mitigation.options.more.cost.upfrnt" = [1]'), "sweep.param", 'no "upfrnt"', "upfront"),
    (sweep('"mitigation.options.more.cost" = [1]'), "sweep.parameters", "leads to a table", ""),
    (sweep('"mitigation.options.more.fixed" = [true]'), "sweep.parameters", "cannot be", ""),
    (sweep('"mitigation.options.more.cost.yearly" = [-1]'), "sweep.parameters", "is -1", "0"),
    (sweep('"mitigation.options.more.cost.upfront" = ["x"]'), "sweep.parameters", 'is "x"', "0"),
    (
        sweep('"mitigation.options.more.cost.recovered" = [1, 8]'),
        "sweep.parameters.mitigation.options.more.cost.recovered",
        "takes 8; then mitigation.options.more.cost: has a present value of -1",
        "at least 0",
    ),
    (
        sweep(f'"{DAYS}" = [5, {{ exponential = {{ mean = 9 }} }}]'),
        f"sweep.parameters.{DAYS}",
        'the option "more" adds to it',
        "",
    ),
    (
        "[correlation]\nduration = 0.1\n" + sweep(),
        "sweep",
        "correlation.duration differs",
        "extend",
    ),
    ("[run]\nhorizon_days = 365\n" + sweep(), "sweep", "run.horizon_days differs", "extend"),
    ("[run]\ntilt = 0.5\n" + sweep(), "run.tilt", "plays plain trials", "0.0"),
    ("[materials.gallium.stocks.own]\ndays = 1\n" + sweep(), "sweep", "stocks.own differs", ""),
    ("[run]\ntrials = 0\n" + sweep(), "run.trials", "is 0", ""),
    ("no toml", "", "", ""),
]


@pytest.mark.parametrize(("text", "path", "found", "remedy"), WRONG)
def test_a_mistake_of_the_worlds_is_met_in_their_file(
    met: Callable[..., Any], text: str, path: str, found: str, remedy: str
) -> None:
    (fault,) = met(text)
    assert ".".join(fault.path).startswith(path)
    assert found in fault.found
    assert remedy in f"{fault.allowed}; {fault.hint}"
    assert fault.file.endswith("worlds.toml")
    assert fault.line > 0 or not text


def test_a_part_of_what_worlds_vary_as_a_whole_cannot_be_an_option(
    met: Callable[..., Any],
) -> None:
    path = "ladder.licensing.sojourn"
    text = (
        OPTIONS + f'[mitigation.options.long]\ncost = 1\nset = {{ "{path}.lognormal.p90" = 900 }}'
    )
    (fault,) = met(sweep(f'"{path}" = [9, 90]'), text)
    assert fault.found == (
        f'varies {path} as a whole, but the option "long" changes a part of it, '
        f"{path}.lognormal.p90"
    )
    assert fault.hint == "vary a parameter of the distribution"
    assert fault.file.endswith("worlds.toml")


def test_mistakes_of_both_files_are_reported_at_once(
    met: Callable[..., Any],
) -> None:
    text = OPTIONS.replace("cost = 7", "cost = -7")
    faults = met(sweep('"no.such" = [1]', 'method = "grid"'), text)
    assert [(Path(fault.file).name, ".".join(fault.path)) for fault in faults] == [
        ("options.toml", "mitigation.options.ninety.cost"),
        ("worlds.toml", "sweep.method"),
        ("worlds.toml", "sweep.parameters.no.such"),
    ]


def test_a_fault_of_the_common_base_is_reported_once(
    met: Callable[..., Any], write: Write, small: str
) -> None:
    write(small.replace("coverage = 0.9", "coverage = 9"), "base.toml")
    (fault,) = met(sweep())
    assert fault.path == ("materials", "gallium", "coverage")


def test_overrides_change_the_base_of_both(config: Path) -> None:
    study = load_mitigation(config, [f"{DAYS}=10", "run.trials=77", "mitigation.level=0.9"])
    assert study.worlds is not None
    assert study.worlds.trials == 500
    assert study.mitigation.level == 0.9
    found = study.scenario((0,), (None, 0.5, 5, 4.0)).materials["gallium"]
    assert found.stocks["public"].days.parameters == (40.0,)


def test_worlds_may_extend_the_mitigation_or_be_its_own_file(
    config: Path, write: Write, small: str
) -> None:
    write('extends = "options.toml"\n' + sweep(), "worlds.toml")
    assert load_mitigation(config).worlds is not None
    own = OPTIONS.replace("worlds.toml", "own.toml")
    assert load_mitigation(write(small + own + sweep(), "own.toml")).worlds is not None


def test_a_sweep_of_its_own_cannot_vary_costs(config: Path, write: Write) -> None:
    path = write('extends = "options.toml"\n' + sweep(), "worlds.toml")
    with pytest.raises(ConfigFault) as caught:
        load_sweep(path)
    (fault,) = caught.value.faults
    assert "mitigation.options.more.cost.upfront cannot be swept" in fault.found
    assert "the worlds of a mitigation may vary it" in fault.hint


def test_worlds_may_name_files_of_their_own_folder(write: Write, small: str) -> None:
    for days in (5, 50):
        write(f"material,tier,days\ngallium,mine,{days}\n", f"data/stocks-{days}.csv")
    write("days\n3\n4\n", "data/days.csv")
    write(small, "base.toml")
    lines = '"tables.stocks" = ["stocks-5.csv", "stocks-50.csv"]\n'
    lines += '"materials.gallium.alternatives.recycling.lead_time" = '
    lines += '[{ empirical = { file = "days.csv", column = "days" } }]\n'
    write("from,to,coefficient\nchips,chips,0.25\n", "data/spread.csv")
    lines += '"propagation.file" = ["spread.csv"]\n'
    lines += '"industries.chips.combine" = ["independent"]  # a text that names no file'
    write('extends = "../base.toml"\n' + sweep(lines), "data/worlds.toml")
    text = OPTIONS.replace("worlds.toml", "data/worlds.toml")
    with pytest.raises(ConfigFault, match="leaves the folder"):
        load_mitigation(write(small + text.replace("data/worlds", "../worlds")))
    study = load_mitigation(write('extends = "base.toml"\n' + text, "options.toml"))
    assert study.worlds is not None
    point = design(study.worlds.sweep).points[0]
    assert point[0] in ("data/stocks-5.csv", "data/stocks-50.csv")
    found = study.scenario((0,), point).materials["gallium"]
    days = 5.0 if point[0] == "data/stocks-5.csv" else 50.0
    assert found.stocks["mine"].days.parameters == (days,)
    assert found.stocks["public"].days.parameters == (90.0,)
    assert found.alternatives["recycling"].lead_time.values == (3.0, 4.0)
    scenario = study.scenario((0,), point)
    assert scenario.propagation == {"chips": {"chips": 0.25}}
    assert scenario.industries["chips"].combine == "independent"
    assert {"data/worlds.toml", "data/days.csv"} <= {name for name, _ in study.files}


def test_what_is_fixed_comes_after_a_world_too(config: Path, write: Write) -> None:
    ninety = "[mitigation.options.ninety]\n"
    text = OPTIONS.replace(ninety, f"{ninety}fixed = true\n")
    write('extends = "base.toml"\n' + text, "options.toml")
    study = load_mitigation(config)
    world = (10.0, 0.5, 5, 4.0)
    assert study.costs(world)[1] == 0.0
    for portfolio, days in (((), 90.0), ((0,), 120.0)):
        found = study.scenario(portfolio, world).materials["gallium"]
        assert found.stocks["public"].days.parameters == (days,)
