"""`[mitigation]` of a config: what is read, and every mistake with its line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load, load_mitigation, load_whole
from riskengine.errors import ConfigFault, Fault

DAYS = "materials.gallium.stocks.public.days"
SHARE = "materials.gallium.sources.Vietnam.share"
SOJOURN = "ladder.licensing.sojourn"
PROBABILITY = "materials.gallium.alternatives.recycling.probability"
ONE = f'[mitigation.options.a]\nset = {{ "{DAYS}" = 90 }}\ncost = 5\n'

Write = Callable[..., Path]


def mitigation(text: str, head: str = 'measure = "tvar"') -> str:
    return f"\n[mitigation]\n{head}\n{text}\n"


def option(name: str, text: str) -> str:
    cost = "" if "cost" in text or "fixed" in text else "cost = 1\n"
    return f"[mitigation.options.{name}]\n{cost}{text}\n"


def setting(path: str, value: str, key: str = "set") -> str:
    return f'{key} = {{ "{path}" = {value} }}\n'


@pytest.fixture
def met(write: Write, small: str) -> Callable[..., tuple[Fault, ...]]:
    """The faults of the small config with a text at its end."""

    def faults_of(text: str, *overrides: str) -> tuple[Fault, ...]:
        path = write(small + text)
        with pytest.raises(ConfigFault) as caught:
            load_mitigation(path, overrides)
        return caught.value.faults

    return faults_of


def test_a_config_without_a_mitigation_is_told_what_to_add(met: Callable[..., Any]) -> None:
    (fault,) = met("")
    assert fault.path == ("mitigation",)
    assert "[mitigation.options." in fault.allowed


FULL = f"""
[mitigation]
measure = "tvar"
level = 0.995
budgets = [50, 100.5]
years = 4
discount_rate = 0.25
limits = {{ "var 0.95 industry chips" = 900, prob_loss = 1, "mean" = 7 }}
note = "a first try"

[mitigation.options.plant]
set = {{ "materials.gallium.alternatives.onsan" = {{ capacity = 0.6, lead_time = 600 }} }}
cost = {{ upfront = 100, yearly = 10, recovered = 50 }}
requires = ["store"]
kind = "plant"
source = "press"
status = "sourced"
note = "from 2028"

[mitigation.options.store]
cost = 3
group = "g"
excludes = ["gallium-stock=75"]

[mitigation.options.decided]
add = {{ "{DAYS}" = 5 }}
fixed = true

[mitigation.ranges.gallium-stock]
path = "{DAYS}"
low = 0
high = 90
step = 15
cost_per_unit = {{ upfront = 2, yearly = 1 }}
status = "assumption"
"""


def test_all_keys_are_read(write: Write, small: str) -> None:
    found = load_mitigation(write(small + FULL)).mitigation

    assert (found.measure, found.level, found.years, found.discount_rate) == (
        "tvar",
        0.995,
        4,
        0.25,
    )
    assert found.budgets == (50.0, 100.5)
    assert [(e.name, e.measure, e.level, e.industry, e.at_most) for e in found.limits] == [
        ("var 0.95 industry chips", "var", 0.95, "chips", 900.0),
        ("prob_loss", "prob_loss", None, None, 1.0),
        ("mean", "mean", None, None, 7.0),
    ]
    plant, store, decided, *steps = found.options
    assert (plant.name, plant.kind, plant.requires) == ("plant", "plant", ("store",))
    assert (plant.note, plant.source, plant.status) == ("from 2028", "press", "sourced")
    # 10 / 1.25 + ... over four years, less 50 / 1.25^4
    assert plant.present_value == pytest.approx(100 + 8 + 6.4 + 5.12 + 4.096 - 20.48, rel=1e-14)
    table = {"capacity": 0.6, "lead_time": 600}
    assert plant.sets == ((("materials", "gallium", "alternatives", "onsan"), table),)
    assert (store.sets, store.adds, store.present_value) == ((), (), 3.0)
    assert (store.group, store.excludes) == ("g", ("gallium-stock=75",))
    path = tuple(DAYS.split("."))
    assert (decided.fixed, decided.adds) == (True, ((path, 5.0),))
    assert [step.name for step in steps] == ["gallium-stock=75", "gallium-stock=90"]
    assert [step.sets for step in steps] == [((path, 75.0),), ((path, 90.0),)]
    assert all(step.group == "gallium-stock" for step in steps)
    assert all(step.status == "assumption" for step in steps)
    annuity = 0.8 + 0.64 + 0.512 + 0.4096
    expected = [15 * (2 + annuity), 30 * (2 + annuity)]
    assert [step.present_value for step in steps] == pytest.approx(expected, rel=1e-14)


def test_what_is_left_out_has_its_default(write: Write, small: str) -> None:
    found = load_mitigation(write(small + mitigation(ONE))).mitigation
    assert (found.level, found.budgets, found.years) == (0.99, None, 2)  # of 730 days
    assert (found.discount_rate, found.limits, found.worlds) == (0.0, (), None)
    (only,) = found.options
    assert (only.group, only.fixed, only.kind, only.present_value) == (None, False, "", 5.0)


@pytest.mark.parametrize(("days", "years"), [(1, 1), (365, 1), (365.5, 2), (730, 2), (731, 3)])
def test_years_are_the_horizon_rounded_up(
    write: Write, small: str, days: float, years: int
) -> None:
    path = write(small + mitigation(ONE))
    assert load_mitigation(path, [f"run.horizon_days={days}"]).mitigation.years == years


def test_budgets_may_be_a_range(write: Write, small: str) -> None:
    text = mitigation(ONE, 'measure = "var"\nbudgets = { low = 10, high = 40, count = 4 }')
    assert load_mitigation(write(small + text)).mitigation.budgets == (10.0, 20.0, 30.0, 40.0)


@pytest.mark.parametrize(
    ("low", "high", "step", "values"),
    [
        ("0", "90", "30", ["90"]),
        ("60", "90", "30", ["90"]),
        ("60.5", "61.5", "0.5", ["60.5", "61", "61.5"]),
        ("60.1", "60.4", "0.1", ["60.1", "60.2", "60.3", "60.4"]),
        ("70", "99.9999999999", "10", ["70", "80", "90", "100"]),  # within the slack
        ("70", "99.9", "10", ["70", "80", "90"]),
        ("70", "70", "10", ["70"]),
    ],
)
def test_a_range_has_an_option_at_every_step_above_the_base(
    write: Write, small: str, low: str, high: str, step: str, values: list[str]
) -> None:
    lines = f'path = "{DAYS}"\nlow = {low}\nhigh = {high}\nstep = {step}\ncost_per_unit = 1\n'
    found = load_mitigation(write(small + mitigation(f"[mitigation.ranges.r]\n{lines}")))
    assert [each.name for each in found.mitigation.options] == [f"r={v}" for v in values]
    assert [each.sets[0][1] for each in found.mitigation.options] == [float(v) for v in values]


def test_a_range_of_a_whole_number_has_whole_numbers(write: Write, small: str) -> None:
    path = "materials.gallium.alternatives.recycling.ramp_steps"
    lines = f'path = "{path}"\nlow = 4\nhigh = 8\nstep = 2\ncost_per_unit = 1\n'
    found = load_mitigation(write(small + mitigation(f"[mitigation.ranges.r]\n{lines}")))
    alternative = found.scenario((1,)).materials["gallium"].alternatives["recycling"]
    assert alternative.ramp_steps == 8
    assert [each.name for each in found.mitigation.options] == ["r=6", "r=8"]


A = f'[mitigation.options.a]\ncost = 5\nset = {{ "{DAYS}" = 90 }}\n'


def ranged(low: str = "0", high: str = "90", step: str = "15", more: str = "cost_per_unit = 1"):
    lines = f'path = "{DAYS}"\nlow = {low}\nhigh = {high}\nstep = {step}\n{more}\n'
    return f"[mitigation.ranges.r]\n{lines}"


def head(more: str) -> str:
    return f'measure = "tvar"\n{more}'


# text, head, path of the fault below `mitigation`, what the message says, allowed or hint
WRONG = [
    (ONE, "", "measure", "is missing", "prob_loss"),
    (ONE, 'measure = "tvra"', "measure", 'the text "tvra"', 'did you mean "tvar"?'),
    (ONE, head("budget = 5"), "budget", "no known key", 'did you mean "budgets"?'),
    (ONE, head("level = 1"), "level", "is 1", "above 0"),
    (ONE, head("level = 99"), "level", "is 99", "did you mean 0.99?"),
    (ONE, head("level = 0.9999999"), "level", "is 0.9999999", "0.999999"),
    (ONE, head("level = 0.1234567"), "level", "is 0.1234567", "6 decimals"),
    (ONE, head("budgets = []"), "budgets", "empty list", ""),
    (ONE, head("budgets = [5, 4]"), "budgets", "holds 4 after 5", "rising"),
    (ONE, head("budgets = [-5]"), "budgets", "holds -5", "at least 0"),
    (ONE, head("budgets = 5"), "budgets", "is 5", "write [5]"),
    (ONE, head("budgets = { low = 5 }"), "budgets", "without high and count", ""),
    (ONE, head("budgets = { low = 5, high = 5, count = 2 }"), "budgets", "low = 5", ""),
    (ONE, head("budgets = { low = 5, high = 9, count = 1 }"), "budgets.count", "is 1", ""),
    (ONE, head("budgets = { low = 5, high = 9, cuont = 2 }"), "budgets.cuont", "no part", "count"),
    (ONE, head("budgets = [1, 4.9]"), "budgets", "are all below the cheapest", "at least 5"),
    (ONE, head("years = 0"), "years", "is 0", ""),
    (ONE, head("years = 1.5"), "years", "is 1.5", ""),
    (ONE, head("discount_rate = 3"), "discount_rate", "is 3", "did you mean 0.03?"),
    (ONE, head("discount_rate = -0.1"), "discount_rate", "is -0.1", ""),
    (ONE, head('limits = { "varr 0.95" = 1 }'), "limits.varr 0.95", "no measure", '"var"'),
    (ONE, head('limits = { "" = 1 }'), "limits", "empty name", ""),
    (ONE, head('limits = { "industry chips" = 1 }'), "limits", "names no measure", ""),
    (ONE, head('limits = { "var" = 1 }'), "limits.var", "gives no level", 'such as "var 0.95"'),
    (ONE, head('limits = { "var 95" = 1 }'), "limits", "the level 95", "did you mean 0.95?"),
    (ONE, head('limits = { "var 95%" = 1 }'), "limits", "the level 95%", "did you mean 0.95?"),
    (ONE, head('limits = { "var 0" = 1 }'), "limits", "the level 0", "above 0 and below 1"),
    (ONE, head('limits = { "var 0.12345678" = 1 }'), "limits", "level 0.12345678", ""),
    (ONE, head('limits = { "var abc" = 1 }'), "limits", 'has "abc" after var', "MEASURE"),
    (ONE, head('limits = { "var 0.9 0.95" = 1 }'), "limits", 'has "0.95" after var', "MEASURE"),
    (ONE, head('limits = { "mean 0.9" = 1 }'), "limits", "gives a level", "mean alone"),
    (
        ONE,
        head('limits = { "mean industry chisp" = 1 }'),
        "limits",
        'no industry "chisp"',
        '"chips"',
    ),
    (ONE, head('limits = { "mean industry" = 1 }'), "limits", "names no industry", ""),
    (ONE, head('limits = { "prob_loss" = 5 }'), "limits.prob_loss", "is 5", "0.05"),
    (ONE, head('limits = { "mean" = -1 }'), "limits.mean", "is -1", ""),
    (ONE, head('limits = { "var 0.9" = 1, "var 0.90" = 2 }'), "limits.var 0.90", "same limit", ""),
    (ONE, head("worlds = 3"), "worlds", "is 3", ""),
    (ONE, head('worlds = "nope.toml"'), "worlds", 'no file "nope.toml"', ""),
    (ONE, head('worlds = "../x.toml"'), "worlds", "leaves the folder", ""),
    ("", 'measure = "tvar"', "options", "are missing", "at least one"),
    (option("a", "fixed = true"), head(""), "options", "are all fixed", "at least one"),
    (option("a", "cost = -5"), head(""), "options.a.cost", "is -5", "at least 0"),
    (option("a", "cost = { yearly = -5 }"), head(""), "options.a.cost.yearly", "is -5", ""),
    (option("a", "cost = { upfornt = 5 }"), head(""), "options.a.cost.upfornt", "", "upfront"),
    (option("a", 'cost = "5"'), head(""), "options.a.cost", 'the text "5"', "without quotes"),
    (
        option("a", "cost = { upfront = 5, recovered = 6 }"),
        head(""),
        "options.a.cost",
        "has a present value of -1 over 2 years",
        "recovered",
    ),
    (
        option("a", "cost = { upfront = 1e308, yearly = 1e308 }"),
        head(""),
        "options.a.cost",
        "no finite present value",
        "smaller costs",
    ),
    (
        f"[mitigation.options.a]\n{setting(DAYS, '90')}",
        head(""),
        "options.a.cost",
        "is missing",
        "0 where it costs nothing",
    ),
    ("[mitigation.options]\na = 5\n", head(""), "options.a", "is 5", ""),
    (option("a", "sets = {}"), head(""), "options.a.sets", "no known key", 'did you mean "set"?'),
    (option("a", "set = 5"), head(""), "options.a.set", "is 5", ""),
    (option("a", setting("a b", "5")), head(""), "options.a.set.a b", "no dotted path", ""),
    (
        option("a", setting(f"{DAYS}, {SHARE}", "5")),
        head(""),
        "options.a.set",
        "several paths",
        "one path",
    ),
    (
        option("a", setting("materials.galium.coverage", "1")),
        head(""),
        "options.a.set.materials.galium.coverage",
        'no "galium"',
        "materials.gallium.coverage",
    ),
    (
        option("a", setting("materials.gallium.covrage", "1", "add")),
        head(""),
        "options.a.add",
        'no "covrage"',
        "materials.gallium.coverage",
    ),
    (option("a", setting("run.trials", "5")), head(""), "options.a.set", "cannot be", "portfolios"),
    (option("a", setting("run.tilt", "1")), head(""), "options.a.set", "cannot be", "plain"),
    (option("a", setting("sweep.seed", "1")), head(""), "options.a.set", "cannot be", ""),
    (
        option("a", "cost = 1\n" + setting("mitigation.options.a.cost", "1")),
        head(""),
        "options.a.set",
        "cannot be",
        "the worlds",
    ),
    (option("a", setting("run", "{ title = 'x' }")), head(""), "options.a.set", "a table", ""),
    (
        option("a", setting("materials.gallium.stocks.public", "{ days = 5 }")),
        head(""),
        "options.a.set",
        "leads to a table",
        "name a value in it",
    ),
    (
        option("a", setting("materials.gallium.stocks.extra", "5")),
        head(""),
        "options.a.set",
        'no "extra"',
        "public",
    ),
    (
        option("a", setting("materials.gallium.stocks.extra", "{ days = -5 }")),
        head(""),
        "options.a.set",
        "sets { days = -5 }; then materials.gallium.stocks.extra.days: is -5",
        "at least 0",
    ),
    (
        option("a", f'set = {{ "{DAYS}" = 1, \'materials."gallium".stocks.public.days\' = 2 }}'),
        head(""),
        "options.a.set",
        "twice",
        "once",
    ),
    (
        option(
            "a",
            f'set = {{ "{SOJOURN}" = 9, "{SOJOURN}.lognormal.p90" = 900 }}',
        ),
        head(""),
        "options.a.set.ladder.licensing.sojourn.lognormal.p90",
        "is part of ladder.licensing.sojourn",
        "one of the two",
    ),
    (option("a", setting(DAYS, "-5")), head(""), "options.a.set", "sets -5; then", ""),
    (option("a", setting(DAYS, "-65", "add")), head(""), "options.a.add", "adds -65; then", ""),
    (option("a", setting(SHARE, "0.2", "add")), head(""), "options.a.add", "adds 0.2; then", ""),
    (option("a", setting(SHARE, "20")), head(""), "options.a.set", "sets 20; then", "0.2?"),
    (option("a", setting(DAYS, '"x"', "add")), head(""), "options.a.add", 'the text "x"', ""),
    (
        option("a", setting("materials.gallium.alternatives.recycling.lead_time", "5", "add")),
        head(""),
        "options.a.add",
        "is the distribution { lognormal",
        'set = { "materials.gallium.alternatives.NAME" = { lead_time = 5',
    ),
    (
        option("a", setting("ladder.licensing.sojourn", "5", "add")),
        head(""),
        "options.a.add",
        "is the distribution",
        "one of its parameters",
    ),
    (
        option("a", setting("materials.gallium.allocation", "5", "add")),
        head(""),
        "options.a.add",
        'which is the text "proportional"',
        "set it",
    ),
    (
        option("a", setting("materials.gallium.stocks.public.target_days", "5", "add")),
        head(""),
        "options.a.add",
        "has nothing",
        "set it",
    ),
    (
        option("a", setting("materials.gallium.stocks.public.target_days", "5")),
        head(""),
        "options.a.set",
        "sets 5; then",
        "build_rate",
    ),
    (option("a", setting("tables.stocks", '"no.csv"')), head(""), "options.a.set", "no.csv", ""),
    (option("a", setting("tables.stocks", "5")), head(""), "options.a.set", "no file name", ""),
    (option("nothing", ""), head(""), "options.nothing", "cannot be the name", ""),
    (option('"a + b"', ""), head(""), "options.a + b", "cannot be the name", ""),
    (option("a", "") + option("A", ""), head(""), "options.A", "look alike", "one spelling"),
    (option("a", 'requires = ["b"]'), head(""), "options.a.requires", 'no option "b"', ""),
    (option("a", "requires = []"), head(""), "options.a.requires", "empty list", "leave it out"),
    (
        option("magnets", "") + option("b", 'excludes = ["magnet"]'),
        head(""),
        "options.b.excludes",
        'no option "magnet"',
        'did you mean "magnets"?',
    ),
    (option("a", 'excludes = ["a"]'), head(""), "options.a.excludes", "excludes itself", ""),
    (option("a", 'requires = ["a"]'), head(""), "options.a.requires", "requires itself", ""),
    (
        option("a", 'requires = ["b"]') + option("b", 'requires = ["a"]'),
        head(""),
        "options.a.requires",
        'through others: "a" -> "b" -> "a"',
        "do not require it",
    ),
    (
        option("b", "") + option("a", 'requires = ["b"]\nexcludes = ["b"]'),
        head(""),
        "options.a.requires",
        'requires "b", which it also excludes',
        "one of the two",
    ),
    (
        option("b", "group = 'g'") + option("a", 'requires = ["b"]\ngroup = "g"'),
        head(""),
        "options.a.requires",
        'it needs "a" and "b"',
        "together",
    ),
    (
        option("b", 'excludes = ["c"]') + option("c", "") + option("a", 'requires = ["b", "c"]'),
        head(""),
        "options.a.requires",
        'it needs "b" and "c"',
        "together",
    ),
    (
        option("b", "") + option("a", 'requires = ["b"]\nfixed = true'),
        head(""),
        "options.a.requires",
        'is fixed and requires "b", which is not',
        "fixed too",
    ),
    (
        option("b", "fixed = true\ngroup = 'g'")
        + option("a", "fixed = true\ngroup = 'g'")
        + option("c", ""),
        head(""),
        "options.a.fixed",
        'and so is "b"',
        "one of the two",
    ),
    (
        A + option("b", setting(DAYS, "80")),
        head(""),
        "options.b.set",
        f'sets {DAYS} to 80, and "a" sets it to 90',
        "common group",
    ),
    (
        A + ranged(),
        head(""),
        "ranges.r.path",
        "sets",
        "common group",
    ),
    (
        option("a", setting(DAYS, "{ uniform = { low = 90, high = 99 } }"))
        + option("b", setting(DAYS, "5", "add")),
        head(""),
        "options.b.add",
        'which "a" sets to { uniform',
        "common group",
    ),
    (
        option("a", setting("ladder.licensing.sojourn", "9"))
        + option("b", setting("ladder.licensing.sojourn.lognormal.p90", "900")),
        head(""),
        "options.b.set",
        'a part of ladder.licensing.sojourn, which "a" sets',
        "common group",
    ),
    (
        option("a", setting(SHARE, "0.02", "add"))
        + option("b", setting("materials.gallium.sources.China.share", "0.04", "add")),
        head(""),
        "options.b.add",
        '"a" and "b" together; then materials.gallium.sources: the shares',
        "common group",
    ),
    (
        "".join(option(n, setting(SHARE, "0.02", "add")) for n in "abc"),
        head(""),
        "options.c.add",
        '"b" and "c"',
        "common group",
    ),
    (
        "".join(
            option(
                n, setting("materials.gallium.alternatives.recycling.probability", "0.11", "add")
            )
            for n in "abc"
        ),
        head(""),
        "options.c.add",
        '"a", "b" and "c" together',
        "common group",
    ),
    (ranged(low="90", high="0"), head(""), "ranges.r", "low = 90 above high = 0", ""),
    (ranged(high="60"), head(""), "ranges.r.high", "no value above that of the config, 60", ""),
    (ranged(step="0"), head(""), "ranges.r.step", "is 0", "above 0"),
    (ranged(more=""), head(""), "ranges.r.cost_per_unit", "is missing", "0 for nothing"),
    (ranged(more="cost_per_unit = -1"), head(""), "ranges.r.cost_per_unit", "is -1", ""),
    (
        ranged(more="cost_per_unit = { recovered = 1 }"),
        head(""),
        "ranges.r.cost_per_unit",
        "has a present value of -30",
        "",
    ),
    (
        ranged(high="1_000_000", step="1"),
        head(""),
        "ranges.r.step",
        "makes 1,000,001 steps",
        "take a larger step",
    ),
    (
        ranged().replace(DAYS, "materials.gallium.allocation"),
        head(""),
        "ranges.r.path",
        "takes no numbers",
        "",
    ),
    (
        ranged().replace(DAYS, "materials.gallium.stocks.pulbic.days"),
        head(""),
        "ranges.r.path",
        'no "pulbic"',
        "public",
    ),
    (
        ranged().replace(DAYS, "ladder.licensing.sojourn"),
        head(""),
        "ranges.r.path",
        "the config has { lognormal",
        "",
    ),
    (
        ranged("0", "1.5", "0.5").replace(DAYS, "materials.gallium.coverage"),
        head(""),
        "ranges.r.path",
        "sets 1.5; then materials.gallium.coverage",
        "",
    ),
    (
        ranged() + option('"r=90"', ""),
        head(""),
        "options.r=90",
        "also a step of a range",
        "another name",
    ),
]


@pytest.mark.parametrize(("text", "first", "path", "found", "remedy"), WRONG)
def test_a_mistake_is_met_with_its_line_and_a_remedy(
    met: Callable[..., Any], small: str, text: str, first: str, path: str, found: str, remedy: str
) -> None:
    (fault,) = met(mitigation(text, first))
    assert ".".join(fault.path).startswith(f"mitigation.{path}")
    assert found in fault.found
    assert remedy in f"{fault.allowed}; {fault.hint}"
    assert fault.line > small.count("\n")
    assert fault.file.endswith("small.toml")


@pytest.mark.parametrize("key", ['sampling = "sobol"', "given_onset = true", "tilt = 0.5"])
def test_a_sample_that_is_not_plain_is_refused_as_in_a_sweep(
    write: Write, small: str, key: str
) -> None:
    active = 'active = { level = "full-ban", elapsed_days = 2 }\n'
    text = small.replace("[run]\n", f"[run]\n{key}\n").replace(active, "") + mitigation(ONE)
    with pytest.raises(ConfigFault) as caught:
        load_mitigation(write(text))
    (fault,) = caught.value.faults
    assert fault.path == ("run", key.split(" ")[0])
    assert fault.found.startswith("a mitigation plays plain trials")


def test_all_mistakes_are_reported_at_once_with_those_outside_the_mitigation(
    write: Write, small: str
) -> None:
    text = mitigation(
        option("a", 'cost = -1\nrequires = ["no"]')
        + option("b", setting("no.such", "2"))
        + option("c", setting(DAYS, "5", "add") + setting(DAYS, '"x"'))
        + ranged(low="100"),
        'level = 5\nlimits = { "mean 0.5" = 1 }\nworlds = "no.toml"',
    )
    path = write(small.replace("coverage = 0.9", "coverage = 9") + text)
    with pytest.raises(ConfigFault) as caught:
        load_mitigation(path)
    found = [".".join(fault.path) for fault in caught.value.faults]
    assert found == [
        "materials.gallium.coverage",
        "mitigation.measure",
        "mitigation.level",
        "mitigation.limits.mean 0.5",
        "mitigation.worlds",
        "mitigation.options.a.cost",
        "mitigation.options.a.requires",
        "mitigation.options.b.set.no.such",
        "mitigation.ranges.r",
    ]
    lines = [fault.line for fault in caught.value.faults]
    assert lines == sorted(lines)


def test_options_that_may_not_stand_together_may_set_one_path_to_different_values(
    write: Write, small: str
) -> None:
    text = A + option("b", setting(DAYS, "80") + 'excludes = ["a"]')
    text += option("c", setting(DAYS, "70") + 'group = "g"\nexcludes = ["a", "b"]')
    text += option("d", setting(DAYS, "75") + 'group = "g"\nexcludes = ["a", "b"]')
    text += option("e", setting("correlation.duration", "0.5"))
    text += option("f", setting("correlation.duration", "0.5"))
    assert len(load_mitigation(write(small + mitigation(text))).mitigation.options) == 6


@pytest.mark.costly
@pytest.mark.parametrize("count", [100, 101, 20_000])
def test_a_hundred_options_are_read(write: Write, small: str, count: int) -> None:
    text = "[mitigation.options]\n" + "".join(f"o{n} = {{ cost = 1 }}\n" for n in range(count))
    path = write(small + mitigation(text))
    if count == 100:
        assert len(load_mitigation(path).mitigation.options) == 100
        return
    with pytest.raises(ConfigFault) as caught:
        load_mitigation(path)
    faults = [f for f in caught.value.faults if f.path == ("mitigation", "options")]
    assert f"are {count:,} options" in [fault.found for fault in faults]


@pytest.mark.costly
@pytest.mark.parametrize(("steps", "is_allowed"), [(1_000, True), (1_001, False)])
def test_a_thousand_steps_are_read(write: Write, small: str, steps: int, is_allowed: bool) -> None:
    first = ranged("61", "560", "1")  # 500
    second = ranged("0.0005", f"{(steps - 500) * 0.0005:.4f}", "0.0005")
    second = second.replace("ranges.r", "ranges.s").replace(DAYS, "materials.gallium.refill_rate")
    path = write(small + mitigation(first + second))
    if is_allowed:
        assert len(load_mitigation(path).mitigation.options) == 1_000
    else:
        with pytest.raises(ConfigFault) as caught:
            load_mitigation(path)
        (fault,) = caught.value.faults
        assert fault.path == ("mitigation", "ranges")
        assert fault.found == "make 1,001 steps"


def test_a_million_steps_are_refused_without_making_them(met: Callable[..., Any]) -> None:
    faults = met(mitigation(ranged(high="1e300", step="1e-300")))
    assert [fault.path[-1] for fault in faults] == ["step"]


def test_one_budget_below_the_cheapest_option_is_no_fault(write: Write, small: str) -> None:
    path = write(small + mitigation(ONE, head("budgets = [1, 5]")))
    assert load_mitigation(path).mitigation.budgets == (1.0, 5.0)


def test_a_config_with_a_mitigation_runs_as_if_it_had_none(write: Write, small: str) -> None:
    plain = load(write(small))
    with_one = load(write(small + mitigation(option("a", setting("no.such", "1")))))
    document = dict(with_one.document)
    assert document.pop("mitigation")["measure"] == "tvar"
    assert document == plain.document
    with pytest.raises(ConfigFault, match="is no known key"):
        load(write(small + mitigation(ONE, head("budget = 1"))))


def test_the_resolved_document_has_the_same_mitigation(write: Write, small: str) -> None:
    first = load_mitigation(write(small + FULL))
    again = load_mitigation(first.base.document)
    assert again.mitigation == first.mitigation
    assert load(first.base.document).document == first.base.document


def test_an_upper_file_may_change_an_option_and_its_cost(write: Write, small: str) -> None:
    write(small + mitigation(option("a", setting(DAYS, "{ uniform = { low = 70, high = 90 } }"))))
    more = '[mitigation.options.a]\nset = { "materials.gallium.stocks.public.days" = 80 }\n'
    more += "cost = { yearly = 2 }\n"
    path = write('extends = "small.toml"\n' + more, "more.toml")
    (only,) = load_mitigation(path).mitigation.options
    assert (only.cost.upfront, only.cost.yearly) == (1.0, 2.0)
    assert [value for _, value in only.sets] == [80]
    again = write(
        'extends = "more.toml"\n[mitigation.options.a]\n'
        + setting(DAYS, "{ exponential = { mean = 90 } }"),
        "again.toml",
    )
    (only,) = load_mitigation(again, ["mitigation.options.a.cost=7"]).mitigation.options
    assert [value for _, value in only.sets] == [{"exponential": {"mean": 90}}]
    assert only.present_value == 7.0
    (only,) = load_mitigation(path, ["mitigation.options.a.cost.yearly=3"]).mitigation.options
    assert (only.cost.upfront, only.cost.yearly) == (1.0, 3.0)


def test_a_cost_that_is_one_number_keeps_it_where_another_key_is_set(
    write: Write, small: str
) -> None:
    path = write(small + mitigation(ONE))
    (only,) = load_mitigation(path, ["mitigation.options.a.cost.yearly=3"]).mitigation.options
    assert (only.cost.upfront, only.cost.yearly) == (5.0, 3.0)


def test_everything_is_checked_together(write: Write, small: str) -> None:
    sweep = '\n[sweep]\nmethod = "gird"\n[sweep.parameters]\n"run.tilt" = [1]\n'
    with pytest.raises(ConfigFault) as caught:
        load_whole(write(small + sweep + mitigation(option("a", "cost = -1"))))
    paths = [".".join(fault.path) for fault in caught.value.faults]
    assert paths == ["sweep.method", "sweep.parameters.run.tilt", "mitigation.options.a.cost"]


@pytest.mark.costly
def test_a_thousand_options_together_are_checked_in_moderate_work(
    write: Write, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many options there are, at most some hundred portfolios are tried."""
    from riskengine.config.mitigation.composing import Composer

    tried = 0
    real = Composer.faults

    def counted(self: Composer, *args: Any) -> list[Fault]:
        nonlocal tried
        tried += 1
        return real(self, *args)

    monkeypatch.setattr(Composer, "faults", counted)
    text = "".join(option(f"o{n}", setting(DAYS, "1", "add")) for n in range(100))
    load_mitigation(write(small + mitigation(text + ranged("61", "1060", "1"))))
    assert tried <= 1 + 102 + 400 + 3
