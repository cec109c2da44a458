"""Every collection of a config may come from a table: the same config, and faults at cells."""
# ruff: noqa: E501

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_configs import random_config
from table_twin import split, toml

from riskengine.config import load, load_mitigation, load_sweep
from riskengine.config.schema.sheets import ROW_KINDS
from riskengine.errors import ConfigFault
from riskengine.model.scenario import Scenario

Write = Callable[..., Path]

MORE = """
[ladder]
note = "of the ladder"
[disputes.china-korea.active]
level = "licensing"
materials = ["gallium"]
source = "an inner note"
[triggers.spillover]
known_on = 2026-01-08
[materials]
status = "draft"
[materials.gallium.sources.Japan]
share = 0.01
note = " with blanks at both ends "
[materials.gallium.stocks.depot]
days = { empirical = { values = [1, 2.5, 9], weights = [1, 2, 0.5] } }
[materials.gallium]
demand_per_year = 60
[materials.gallium.alternatives.recycling]
pool = "spare gallium"
precedence = 2
[pools."spare gallium"]
capacity_per_year = { uniform = { low = 50, high = 90 } }
unit = "t"
scarcity_elasticity = 0.5
[industries.cars]
value_added_per_year = 123456789.123456789
note = "\\"quoted\\""
[propagation.coefficients]
chips = { cars = 0.25 }
cars = { chips = 0.5 }
[sweep]
method = "one-at-a-time"
note = "of the sweep"
[sweep.parameters]
"run.horizon_days" = [365, 730]
"materials.gallium.coverage, correlation.duration" = [[0.5, 0.25], [1, 0.75]]
"materials.gallium.stocks.public.days" = { low = 0, high = 90, count = 4 }
"materials.gallium.cut.licensing" = [{ uniform = { low = 0.25, high = 0.5 } }]
"run.importer" = ["Korea"]
"disputes.china-korea.rate_per_year" = { lognormal = { median = 0.1, p90 = 0.2 }, max = 0.5, note = "guess" }
[mitigation]
measure = "mean"
limits = { "mean industry chips" = 1e9 }
[mitigation.options.a]
set = { "materials.gallium.coverage" = 0.5, "materials.gallium.stocks.own" = { days = { uniform = { low = 0, high = 10 } } } }
cost = 20
group = "g"
excludes = ["b"]
[mitigation.options.b]
set = { "run.importer" = "Korea", "materials.gallium.alternatives.recycling.ramp_steps" = 5 }
add = { "materials.gallium.stocks.public.days" = 30 }
cost = { upfront = 10, yearly = 1.5 }
requires = ["c"]
kind = "stock"
[mitigation.options.c]
cost = { upfront = 0 }
fixed = true
[mitigation.ranges.s]
path = "materials.gallium.stocks.public.release_lag_days"
low = 0
high = 30
step = 10
cost_per_unit = 1
[mitigation.ranges.t]
path = "materials.gallium.refill_rate"
low = 0
high = 1
step = 0.5
cost_per_unit = { yearly = 2 }
"""


@pytest.fixture
def whole(small: str) -> dict[str, Any]:
    """A config that uses every table, and every kind of cell."""
    return deep(tomllib.loads(small), tomllib.loads(MORE))


def deep(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: deep(below.get(key), value) for key, value in above.items()}}


def in_csv(config: Mapping[str, Any], folder: Path, random: Random) -> Path:
    """The config with all of its tables in CSV; the path of its file."""
    tables, rest = split(config, random)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(map(_texts, rows))
    rest["tables"] = {name: f"{name}.csv" for name in tables}
    path = folder / "config.toml"
    lines = (f"{json.dumps(key)} = {toml(value)}\n" for key, value in rest.items())
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _texts(row: list[Any]) -> list[str]:
    return ["" if c is None else c if isinstance(c, str) else toml(c) for c in row]


def test_the_twin_uses_every_table_of_the_registry(whole: dict[str, Any]) -> None:
    tables, _ = split(whole, Random(1))
    assert list(tables) == list(ROW_KINDS)


@pytest.mark.parametrize("seed", range(8))
def test_a_config_in_tables_is_the_config_in_toml(
    whole: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    path = in_csv(whole, tmp_path, Random(seed))

    readers: list[Callable[[Any], Scenario]] = [
        load,
        lambda source: load_sweep(source).scenario,
        lambda source: load_mitigation(source).base,
    ]
    for read in readers:
        ours, theirs = read(path), read(whole)
        assert ours.document == theirs.document
        assert list(ours.materials) == list(theirs.materials)
        assert list(ours.ladder) == list(theirs.ladder)
    assert load_sweep(path).sweep == load_sweep(whole).sweep
    assert load_mitigation(path).mitigation == load_mitigation(whole).mitigation


@pytest.mark.parametrize("number", range(30))
def test_random_configs_in_tables_are_the_same_scenarios(number: int, tmp_path: Path) -> None:
    config = random_config(number)
    ours, theirs = load(in_csv(config, tmp_path, Random(number))), load(config)
    assert ours.document == theirs.document
    for name in (
        "run",
        "ladder",
        "disputes",
        "triggers",
        "correlation",
        "materials",
        "industries",
        "propagation",
    ):
        assert getattr(ours, name) == getattr(theirs, name)
    assert [list(m.ladder) for m in ours.materials.values()] == [
        list(m.ladder) for m in theirs.materials.values()
    ]


@pytest.mark.parametrize(
    ("table", "content", "cell", "words"),
    [
        ("ladder", "level,boycot\nlicensing,true\n", "B1", 'did you mean "boycott"?'),
        ("ladder", "level,material,boycott\nfull-ban,gallium,true\n", "C2", "is no known key"),
        ("ladder", "material,sojourn\ngallium,5\n", "A1", 'there is no column "level"'),
        ("ladder", "level,material,sojourn\n,gallium,5\n", "A2", "the level has no name"),
        ("ladder", "level,material,sojourn\nfull-ban,galium,5\n", "A2", 'did you mean "gallium"?'),
        ("ladder", "level,next.resolved,next.licensing\nnew,0.5,\n", "B2", "0.5"),
        ("disputes", "dispute,coercer,target,active.materials\nd,China,EU,gallium\n", "D2", 'write ["gallium"]'),
        ("disputes", "dispute,coercer,target,active.materials\nd,China,EU,[gallium]\n", "D2", "no valid TOML"),
        ("disputes", "dispute,coercer,target,active.materials,active.level\nd,China,EU,\"[\"\"galium\"\"]\",full-ban\n", "D2", "galium"),
        ("disputes", "dispute,coercer,target,rate_per_year\nd,China,EU,\"0,5\"\n", "D2", "write 0.5"),
        ("triggers", "trigger,when,reaches,starts,known_on\nt,china-japan,full-ban,china-korea,2026\n", "E2", "a date such as"),
        ("triggers", "trigger,when,reaches,starts\nt,china-japan,full-bann,china-korea\n", "C2", "full-bann"),
        ("correlation", "duration\n0.5\n0.6\n", "A3", "is a second row beside row 2"),
        ("correlation", "coverage,severity\n0.5,70\n", "B2", "did you mean 0.7?"),
        ("propagation", "from,to,coefficient\nchips,car,0.5\n", "C2", "car"),
        ("propagation", "from,to,coeficient\nchips,cars,0.5\n", "C1", 'did you mean "coefficient"?'),
        ("sweep", "path,vaules\nrun.horizon_days,[1]\n", "B1", 'did you mean "values"?'),
        ("sweep", "path,values\nrun.horizon,[1]\n", "B2", "horizon_days"),
        ("sweep", "path,values,low\nrun.horizon_days,[1],2\n", "B2", "beside those of other columns"),
        ("sweep", "path,values,note\nrun.horizon_days,,x\n", "B2", "is missing"),
        ("sweep", "path,values\nrun.horizon_days,[1\n", "B2", "never closed"),
        ("sweep", "path,values\nrun.horizon_days,60 days\n", "B2", "a list such as"),
        ("sweep", "path,low,high\nrun.horizon_days,90,60\n", "A2", "low below high"),
        ("sweep", "path,uniform.low,uniform.hi\nrun.horizon_days,90,60\n", "C1", 'did you mean "high"?'),
        ("mitigation", "option,range,cost\na,b,1\n", "B2", "names a option and a range"),
        ("mitigation", "option,range,cost\n,,1\n", "A2", "the option has no name"),
        ("mitigation", "option,set,cost\na,\"{ \"\"run.horizon\"\" = 1 }\",1\n", "B2", "horizon_days"),
        ("mitigation", "option,cost,low\na,1,5\n", "C2", "is no known key"),
        ("mitigation", "range,path,low,high,step,cost_per_unit\nr,materials.gallium.refill_rate,0,1,0,1\n", "E2", "above 0"),
        ("mitigation", "option,costs\na,1\n", "B1", 'did you mean "cost"?'),
    ],
)  # fmt: skip
def test_a_slip_in_a_table_is_met_at_its_cell(
    small: str, write: Write, table: str, content: str, cell: str, words: str
) -> None:
    own = {
        "sweep": '[sweep]\nmethod = "one-at-a-time"\n',
        "mitigation": '[mitigation]\nmeasure = "mean"\n',
    }
    write(content, "t.csv")
    path = write(f'{small}{own.get(table, "")}[tables]\n{table} = "t.csv"\n')
    read = {"sweep": load_sweep, "mitigation": load_mitigation}.get(table, load)

    with pytest.raises(ConfigFault) as caught:
        read(path)

    met = [fault for fault in caught.value.faults if fault.cell == cell]
    assert met, caught.value.faults
    assert any(words in " ".join((f.found, f.allowed, f.hint)) for f in met), met


def test_a_heading_may_have_further_lines_for_people(small: str, write: Write) -> None:
    write('material,country,"share\n(of demand)"\ngallium,Laos,0.01\n', "t.csv")
    path = write(f'{small}[tables]\nsources = "t.csv"\n')
    assert load(path).materials["gallium"].sources["Laos"].share == 0.01


@pytest.mark.parametrize("table", ["sweep", "mitigation"])
def test_a_sweep_cannot_vary_the_table_of_sweeps_or_of_options(
    small: str, write: Write, table: str
) -> None:
    path = write(
        f'{small}[sweep]\nmethod = "grid"\n[sweep.parameters]\n"tables.{table}" = ["a.csv"]\n'
    )
    with pytest.raises(ConfigFault, match=f"tables.{table} cannot be swept"):
        load_sweep(path)


def test_a_sweep_may_vary_any_other_table(small: str, write: Write) -> None:
    write("dispute,coercer,target,rate_per_year,entry.licensing\nnew,China,EU,0.25,1\n", "more.csv")
    write("dispute,coercer,target\n", "none.csv")
    path = write(
        f'{small}[tables]\ndisputes = "none.csv"\n[sweep]\nmethod = "one-at-a-time"\n'
        '[sweep.parameters]\n"tables.disputes" = ["more.csv"]\n'
    )
    swept = load_sweep(path)
    assert swept.base == ("none.csv",)
    assert "new" not in swept.scenario.disputes
    assert swept.at(["more.csv"]).disputes["new"].rate_per_year == 0.25
