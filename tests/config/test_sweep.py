"""`[sweep]` of a config: mistakes are met with their line, points are read as `--set` would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import has_sweep, load, load_sweep
from riskengine.errors import ConfigFault, Fault

GALLIUM = "materials.gallium.stocks.public.days"
ONE = f'"{GALLIUM}" = [0, 30]'

Write = Callable[..., Path]


def sweep(parameters: str, head: str = 'method = "one-at-a-time"') -> str:
    return f"\n[sweep]\n{head}\n[sweep.parameters]\n{parameters}\n"


@pytest.fixture
def met(write: Write, small: str) -> Callable[..., tuple[Fault, ...]]:
    """The faults of the small config with a text at its end."""

    def faults_of(text: str, *overrides: str) -> tuple[Fault, ...]:
        path = write(small + text)
        with pytest.raises(ConfigFault) as caught:
            load_sweep(path, overrides)
        return caught.value.faults

    return faults_of


def test_a_config_without_a_sweep_is_told_what_to_add(met: Callable[..., Any]) -> None:
    (fault,) = met("")
    assert fault.path == ("sweep",)
    assert "[sweep.parameters]" in fault.allowed
    assert 'method = "one-at-a-time"' in fault.allowed


# parameters, head, start of the path, what the message says, its hint
WRONG = [
    (ONE, 'method = "gird"', "method", 'the text "gird"', 'did you mean "grid"?'),
    (ONE, "", "method", "is missing", ""),
    (ONE, 'method = "grid"\nsampels = 3', "sampels", "no known key", 'did you mean "samples"?'),
    (ONE, 'method = "grid"\nsamples = 8', "samples", "grid plays every value", ""),
    (ONE, 'method = "sobol"', "samples", "is missing", ""),
    (ONE, 'method = "sobol"\nsamples = 100', "samples", "is 100", "write 128"),
    (ONE, 'method = "sobol"\nsamples = 90', "samples", "is 90", "write 64"),
    (ONE, 'method = "morris"\nsamples = 1', "samples", "is 1", ""),
    (ONE, 'method = "morris"\nsamples = 2.5', "samples", "is 2.5", ""),
    (ONE, 'method = "morris"\nsamples = 8\nseed = -1', "seed", "is -1", ""),
    (ONE, 'method = "morris"\nsamples = 19_999', "samples", "makes 39,998 points", "fewer"),
    ("", 'method = "grid"', "parameters", "is empty", ""),
    ('"a b" = [1]', "", "parameters.a b", "no dotted path", ""),
    ('"materials.galium.coverage" = [1]', "", "", 'no "galium"', "materials.gallium.coverage"),
    ('"materials.gallium.covrage" = [1]', "", "", 'no "covrage"', "materials.gallium.coverage"),
    ('"materials.gallium.coverage.x" = [1]', "", "", "nothing below", ""),
    ('"materials.gallium.stocks.public" = [1]', "", "", "leads to a table", "name a value in it"),
    ('"materials.gallium.note" = ["x"]', "", "", 'no "note"', ""),
    ('"run.title" = ["x"]', "", "", "no number and no choice", ""),
    ('"run.seed" = [1, 2]', "", "", "cannot be swept", "--seed"),
    ('"run.trials" = [1, 2]', "", "", "cannot be swept", "--trials"),
    ('"sweep.seed" = [1, 2]', "", "", "cannot be swept", ""),
    ('"ladder.licensing.sojourn.lognormal.medain" = [9]', "", "", "no lognormal.medain", "median"),
    ('"ladder.licensing.sojourn.weibull.scale" = [9]', "", "", "has lognormal.median", ""),
    (f'"{GALLIUM}.lognormal.median" = [9]', "", "", "no parameters there", ""),
    (f'"{GALLIUM}" = 30', "", "", "is 30", "write [30]"),
    (f'"{GALLIUM}" = []', "", "", "empty list", ""),
    (f'"{GALLIUM}" = [[1]]', "", "", "a list of 1 value", ""),
    (f'"{GALLIUM}, correlation.duration" = [1, 2]', "", "", "as number 1 of the list, 1", ""),
    (f'"{GALLIUM}, correlation.duration" = [[1, 1], [2]]', "", "", "number 2 of the list", ""),
    (f'"{GALLIUM}" = {{ low = 9 }}', "", "", "without high", ""),
    (f'"{GALLIUM}" = {{ low = 9, high = 9 }}', "", "", "low = 9 and high = 9", ""),
    (f'"{GALLIUM}" = {{ low = "a", high = 9 }}', "", ".low", 'the text "a"', ""),
    (f'"{GALLIUM}" = {{ low = 1, high = 9, coutn = 3 }}', "", ".coutn", "no part", "count"),
    (f'"{GALLIUM}" = {{ low = 1, high = 9, count = 1 }}', "", ".count", "is 1", ""),
    (f'"{GALLIUM}" = {{ low = 1, high = 9 }}', 'method = "grid"', "", "without a count", ""),
    (f'"{GALLIUM}" = {{ uniform = {{ low = 1, high = 9 }} }}', 'method = "grid"', "", "grid", ""),
    (f'"{GALLIUM}" = {{ unifrom = {{ low = 1, high = 9 }} }}', "", ".unifrom", "family", "uniform"),
    ('"materials.gallium.allocation" = { low = 0, high = 1 }', "", "", "takes no numbers", ""),
    (f'{ONE}\n"run.horizon_days, {GALLIUM}" = [[9, 9]]', "", "", "that", ""),
    (f'"{GALLIUM}, {GALLIUM}" = [[9, 9]]', "", "", "twice", ""),
    (
        '"ladder.licensing.sojourn" = [9]\n"ladder.licensing.sojourn.lognormal.p90" = [900]',
        "",
        "",
        "is part of",
        "",
    ),
    ('"materials.gallium.coverage" = [0.5, 95]', "", "", "takes 95", "did you mean 0.95?"),
    ('"materials.gallium.coverage" = ["x"]', "", "", 'takes "x"', ""),
    ('"materials.gallium.coverage" = [true]', "", "", "takes true", ""),
    ('"materials.gallium.allocation" = ["prio"]', "", "", 'takes "prio"', ""),
    ('"materials.gallium.coverage" = { low = 0.5, high = 1.5 }', "", "", "reaches 1.5", ""),
    (
        '"correlation.duration" = { lognormal = { median = 0.5, p90 = 0.9 } }',
        "",
        "",
        "then correlation.duration",
        "add min or max",
    ),
    ('"ladder.licensing.sojourn.lognormal.median" = [600]', "", "", "median = 600 above", ""),
    ('"ladder.licensing.next.resolved" = [0.9]', "", "", "takes 0.9", ""),
    (f'"{GALLIUM}" = [{{ exponential = {{ maen = 3 }} }}]', "", "", "maen", ""),
    ('"tables.stocks" = ["nope.csv"]', "", "", 'no file "nope.csv"', ""),
    ('"tables.stocks" = [3]', "", "", "no file name", ""),
    ('"propagation.file" = ["nope.csv"]', "", "", 'no file "nope.csv"', ""),
]


@pytest.mark.parametrize(("parameters", "head", "path", "found", "hint"), WRONG)
def test_a_mistake_is_met_with_its_line_and_a_remedy(
    met: Callable[..., Any],
    small: str,
    parameters: str,
    head: str,
    path: str,
    found: str,
    hint: str,
) -> None:
    head = head if head or "missing" in found else 'method = "one-at-a-time"'
    (fault,) = met(sweep(parameters, head))
    assert fault.path[0] == "sweep"
    assert path in ".".join(fault.path)
    assert found in fault.found
    assert hint in fault.hint
    assert fault.line > small.count("\n")
    assert fault.file.endswith("small.toml")


def test_all_mistakes_are_reported_at_once_with_those_outside_the_sweep(
    met: Callable[..., Any], small: str
) -> None:
    text = sweep(
        '"materials.gallium.coverage" = [95]\n"run.seed" = [1]\n"no.such" = [2]',
        'method = "grid"\nsamples = 2',
    )
    faults = met(text, "run.horizon_days=-1")
    found = [".".join(fault.path) for fault in faults]
    assert found == [
        "sweep.samples",
        "sweep.parameters.materials.gallium.coverage",
        "sweep.parameters.run.seed",
        "sweep.parameters.no.such",
        "run.horizon_days",
    ]


def test_a_grid_of_too_many_points_is_refused(met: Callable[..., Any]) -> None:
    ranges = '"correlation.coverage" = { low = 0, high = 1, count = 200 }\n'
    ranges += '"correlation.duration" = { low = 0, high = 1, count = 200 }'
    (fault,) = met(sweep(ranges, 'method = "grid"'))
    assert fault.path == ("sweep", "parameters")
    assert fault.found == "makes 40,000 points"


def test_a_config_with_a_sweep_runs_as_if_it_had_none(write: Write, small: str) -> None:
    plain = load(write(small))
    swept = load(write(small + sweep(ONE)))
    document = dict(swept.document)
    assert document.pop("sweep")["parameters"] == {GALLIUM: [0, 30]}
    assert document == plain.document


def test_the_command_line_may_change_the_sweep_and_the_base_case(write: Write, small: str) -> None:
    path = write(small + sweep(ONE))
    found = load_sweep(path, ["sweep.method=grid", f"{GALLIUM}=7"])
    assert found.sweep.method == "grid"
    assert found.base == (7,)


SETTINGS: list[tuple[str, list[Any], str]] = [
    (GALLIUM, [90], "90"),
    (GALLIUM, [{"uniform": {"low": 0, "high": 9}}], "{ uniform = { low = 0, high = 9 } }"),
    ("materials.gallium.allocation", ["priority"], '"priority"'),
    ("ladder.licensing.sojourn.lognormal.median", [99.5], "99.5"),
    ("ladder.licensing.sojourn.max", [3650], "3650"),
    ("ladder.full-ban.boycott", [False], "false"),
    ("correlation.duration", [0.25], "0.25"),
    ("run.horizon_days", [365], "365"),
    ("triggers.spillover.lag.exponential.mean", [10], "10"),
    ("disputes.china-japan.active.elapsed_days", [30], "30"),
    ("materials.gallium.alternatives.recycling.ramp_steps", [8], "8"),
    ("industries.chips.uses.gallium.dependence", [0.5], "0.5"),
    ("materials.gallium.price_elasticity", [0.7], "0.7"),
    ("materials.gallium.cut.licensing", [0.1], "0.1"),
]


@pytest.mark.parametrize(("path", "values", "text"), SETTINGS)
def test_a_point_is_the_scenario_that_set_makes(
    write: Write, small: str, path: str, values: list[Any], text: str
) -> None:
    shown = text if not isinstance(values[0], str) else f'"{values[0]}"'
    config = write(small + sweep(f'"{path}" = [{shown}]'))
    point = load_sweep(config).at(values)
    run = load(config, [f"{path}={text}"])
    names = ("run", "ladder", "disputes", "triggers", "correlation", "materials", "industries")
    assert all(getattr(point, name) == getattr(run, name) for name in names)
    assert point != load(config)


def test_a_point_leaves_the_base_case_and_other_points_as_they_are(
    write: Write, small: str
) -> None:
    found = load_sweep(write(small + sweep(ONE)))
    before = found.scenario.materials["gallium"].stocks["public"].days
    thirty = found.at([30]).materials["gallium"].stocks["public"].days
    assert found.at([0]).materials["gallium"].stocks["public"].days != thirty
    assert found.at([None]).materials["gallium"].stocks["public"].days == before
    assert found.at([30]).materials["gallium"].stocks["public"].days == thirty


@pytest.mark.costly
@pytest.mark.parametrize("paths", [1_000, 1_001])
def test_a_thousand_paths_may_be_varied(write: Write, small: str, paths: int) -> None:
    tiers = [f"t{n}" for n in range(paths)]
    more = "".join(f"[materials.g.stocks.{name}]\ndays = 1\n" for name in tiers)
    together = ", ".join(f"materials.g.stocks.{name}.days" for name in tiers)
    lines = f'"{together}" = [{[2] * paths}]'
    path = write(small.replace("gallium", "g") + more + sweep(lines))
    if paths == 1_000:
        (parameter,) = load_sweep(path).sweep.parameters
        assert len(parameter.paths) == 1_000
    else:
        with pytest.raises(ConfigFault) as caught:
            load_sweep(path)
        (fault,) = caught.value.faults
        assert (fault.found, fault.allowed) == ("is one path too many", "at most 1,000 paths")


def test_a_sweep_that_names_no_seed_has_the_seed_1(write: Write, small: str) -> None:
    assert load_sweep(write(small + sweep(ONE))).sweep.seed == 1


@pytest.mark.parametrize(("seed", "is_allowed"), [(0, True), (2**63 - 1, True), (2**63, False)])
def test_the_seed_of_a_sweep_has_63_bits(
    write: Write, small: str, seed: int, is_allowed: bool
) -> None:
    path = write(small + sweep(ONE, f'method = "morris"\nsamples = 2\nseed = {seed}'))
    if is_allowed:
        assert load_sweep(path).sweep.seed == seed
    else:
        with pytest.raises(ConfigFault, match="seed: is 9223372036854775808"):
            load_sweep(path)


@pytest.mark.parametrize("tiers", [1, 20, 21, 40])
def test_twenty_names_that_a_path_may_have_are_listed(
    met: Callable[..., tuple[Fault, ...]], tiers: int
) -> None:
    names = ["public", *(f"tier{n}" for n in range(1, tiers))]
    more = "".join(f"[materials.gallium.stocks.{name}]\ndays = 1\n" for name in names[1:])

    (fault,) = met(more + sweep('"materials.gallium.stocks.qqqqq.days" = [1]'))

    listed, _, rest = fault.allowed.removeprefix("one of: ").partition(", ...")
    assert listed.split(", ") == names[:20]
    assert ("..." in fault.allowed, rest) == (tiers > 20, "")


def test_a_file_that_says_what_varies_says_all_of_it(write: Write, small: str) -> None:
    below = sweep('"correlation.duration" = { uniform = { low = 0, high = 1 } }', "seed = 5")
    write(small + below, "base.toml")
    head = 'extends = "base.toml"\n'

    found = load_sweep(write(head + sweep(ONE, 'method = "grid"'))).sweep

    assert [parameter.name for parameter in found.parameters] == [GALLIUM]
    assert found.seed == 5


def test_a_file_that_says_only_how_varies_what_the_file_below_names(
    write: Write, small: str
) -> None:
    write(small + f"\n[sweep.parameters]\n{ONE}\n", "base.toml")

    found = load_sweep(write('extends = "base.toml"\n[sweep]\nmethod = "grid"\n')).sweep

    assert [parameter.name for parameter in found.parameters] == [GALLIUM]


def test_what_is_under_construction_can_be_swept(write: Write, small: str) -> None:
    public = "materials.gallium.stocks.public"
    recycling = "materials.gallium.alternatives.recycling.lead_from"
    text = small.replace("max_release = 0.5\n", "build_rate = 0.1\ntarget_days = 90\n")
    lines = f'"{public}.build_rate" = {{ uniform = {{ low = 0.1, high = 0.5 }} }}\n'
    lines += f'"{public}.target_days" = [60, 180]\n"{recycling}" = ["first-cut", "start"]'
    found = load_sweep(write(text + sweep(lines, 'method = "latin-hypercube"\nsamples = 4')))
    assert found.base == (0.1, 90.0, "first-cut")
    gallium = found.at([0.3, 180.0, "start"]).materials["gallium"]
    tier = gallium.stocks["public"]
    assert (tier.build_rate, tier.target_days) == (0.3, 180.0)
    assert gallium.alternatives["recycling"].lead_from == "start"


def test_a_point_at_which_a_target_would_have_no_effect_is_refused(
    write: Write, small: str
) -> None:
    public = "materials.gallium.stocks.public"
    text = small.replace("max_release = 0.5\n", "build_rate = 0.1\ntarget_days = 90\n")
    with pytest.raises(ConfigFault) as caught:
        load_sweep(write(text + sweep(f'"{public}.build_rate" = [0, 0.2]')))
    (fault,) = caught.value.faults
    assert fault.found.startswith(f"takes 0; then {public}.target_days")
    assert "build_rate above 0" in fault.allowed


STOCKS = "material,tier,days\ngallium,public,{days}\n"


def test_a_table_of_another_file_takes_the_place_of_the_one_that_is_named(
    write: Write, small: str
) -> None:
    for days in (5, 50):
        write(STOCKS.format(days=days), f"stocks-{days}.csv")
    public = "[materials.gallium.stocks.public]\ndays = 60\nrelease_lag_days = 14\n"
    assert public in small
    base = small.replace(public + "max_release = 0.5\n", "")
    base += '[tables]\nstocks = "stocks-5.csv"\n'
    write(base, "base.toml")
    head = 'extends = "base.toml"\n'
    path = write(head + sweep('"tables.stocks" = ["stocks-5.csv", "stocks-50.csv"]'))
    found = load_sweep(path)
    assert found.base == ("stocks-5.csv",)
    days = [
        found.at([f"stocks-{d}.csv"]).materials["gallium"].stocks["public"].days for d in (5, 50)
    ]
    assert [each.parameters[0] for each in days] == [5.0, 50.0]
    assert {name for name, _ in found.files} == {
        "small.toml",
        "base.toml",
        "stocks-5.csv",
        "stocks-50.csv",
    }


def test_a_table_that_the_config_does_not_name_joins_its_own_values(
    write: Write, small: str
) -> None:
    write("material,tier,days\ngallium,reserve,9\n", "reserve.csv")
    found = load_sweep(write(small + sweep('"tables.stocks" = ["reserve.csv"]')))
    assert found.base == (None,)
    assert list(found.at(["reserve.csv"]).materials["gallium"].stocks) == ["reserve", "public"]


@pytest.mark.parametrize("files", [1, 2, 3])
def test_a_table_that_no_file_names_lies_right_below_the_main_file(
    write: Write, small: str, files: int
) -> None:
    """Above what the main file extends: the tiers of those files come first, its own last."""
    write("material,tier,days\ngallium,reserve,9\n", "reserve.csv")
    texts = [small, "", ""][:files]
    texts[-1] += "[materials.gallium.stocks.own]\ndays = 1\n" + sweep(
        '"tables.stocks" = ["reserve.csv"]'
    )
    for number, text in enumerate(texts):
        above = f'extends = "{number - 1}.toml"\n' if number else ""
        path = write(above + text, f"{number}.toml")
    tiers = list(load_sweep(path).at(["reserve.csv"]).materials["gallium"].stocks)
    assert tiers == (["reserve", "public", "own"] if files == 1 else ["public", "reserve", "own"])


def test_values_that_a_point_names_by_file_are_read(write: Write, small: str) -> None:
    write("days\n3\n4\n", "days.csv")
    text = '{ empirical = { file = "days.csv", column = "days" } }'
    found = load_sweep(write(small + sweep(f'"{GALLIUM}" = [{text}]')))
    value = {"empirical": {"file": "days.csv", "column": "days"}}
    assert found.at([value]).materials["gallium"].stocks["public"].days.values == (3.0, 4.0)
    assert "days.csv" in dict(found.files)


def test_a_propagation_table_may_be_swept(write: Write, small: str) -> None:
    more = "[industries.motors]\nvalue_added_per_year = 100\n"
    for part in ("0.1", "0.3"):
        write(f"from,to,coefficient\nchips,motors,{part}\n", f"io-{part}.csv")
    text = small + more + '[propagation]\nfile = "io-0.1.csv"\n'
    found = load_sweep(write(text + sweep('"propagation.file" = ["io-0.1.csv", "io-0.3.csv"]')))
    assert found.base == ("io-0.1.csv",)
    assert found.scenario.propagation == {"chips": {"motors": 0.1}}
    assert found.at(["io-0.3.csv"]).propagation == {"chips": {"motors": 0.3}}


def test_settings_that_make_no_sense_together_are_a_fault_of_the_point(
    write: Write, small: str
) -> None:
    lines = '"ladder.licensing.sojourn.lognormal.median" = [150, 500]\n'
    lines += '"ladder.licensing.sojourn.lognormal.p90" = [540, 400]'
    found = load_sweep(write(small + sweep(lines, 'method = "grid"')))
    with pytest.raises(ConfigFault, match="median = 500 above p90 = 400"):
        found.at([500, 400])
    assert found.at([150, 400]).ladder["licensing"].sojourn.parameters


def test_tables_show_what_a_point_has_and_the_base_case_where_it_sets_nothing(
    write: Write, small: str
) -> None:
    found = load_sweep(write(small + sweep(f'{ONE}\n"ladder.licensing.sojourn" = [9, 10]')))
    assert found.shown((None, None)) == (60, "{ lognormal = { median = 150, p90 = 540 } }")
    assert found.shown((30, {"exponential": {"mean": 9}})) == (30, "{ exponential = { mean = 9 } }")


def test_a_sweep_may_be_given_as_a_dict() -> None:
    import tomllib

    from riskengine.config import load_sweep as read

    minimal = (Path(__file__).parents[2] / "configs" / "minimal.toml").read_text("utf-8")
    document = tomllib.loads(minimal)
    document["sweep"] = {"method": "grid", "parameters": {"run.horizon_days": [100, 200]}}
    assert read(document).at([100]).run.horizon_days == 100.0


@pytest.mark.parametrize(
    ("table", "is_one"),
    [
        ("", False),
        ('[sweep.parameters]\n"run.tilt" = [0, 1]\n', False),  # what a fitted fragment hands on
        ('[sweep]\nmethod = "grid"\n[sweep.parameters]\n"run.tilt" = [0, 1]\n', True),
        ('[sweep]\nmethod = "grid"\n', True),
        ("[sweep]\n", True),
    ],
)
def test_parameters_alone_are_no_sweep(
    small: str, write: Callable[..., Path], table: str, is_one: bool
) -> None:
    assert has_sweep(write(small + table)) is is_one
