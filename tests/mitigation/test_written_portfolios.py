"""A portfolio written to a config of its own: the same losses to the bit, for every verb."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from random_configs import random_config

import riskengine
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import load
from riskengine.config.mitigation.load import load_mitigation
from riskengine.config.sweeps.load import load_sweep
from riskengine.config.toml.one_line import toml_text
from riskengine.figures.designed import evidence_of
from riskengine.figures.metrics import figures
from riskengine.mitigation.search.enumeration import feasible_portfolios
from riskengine.mitigation.search.market import build_market
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate
from riskengine.verbs.mitigate import WrittenPortfolio, write_portfolio
from riskengine.verbs.requests import MitigateRequest

TRIALS = 300
LEVEL = 0.95


def put(path: Path, config: dict[str, Any]) -> str:
    """A config as a file, each of its tables on one line."""
    path.write_text("".join(f"{key} = {toml_text(value)}\n" for key, value in config.items()))
    return str(path)


def write(config: str, portfolio: str, file: Path, *overrides: str) -> WrittenPortfolio:
    request = MitigateRequest(config=config, overrides=overrides, write=(portfolio, str(file)))
    return write_portfolio(request)


def measures(losses: Losses) -> dict[str, float]:
    """The figures that a run writes for these losses, at the level of the mitigation."""
    return {
        row.measure: row.value
        for row in figures(evidence_of(losses))
        if row.scope == "total" and row.component == "all" and row.level in (None, LEVEL)
    }


def random_options(r: Random, config: dict[str, Any]) -> dict[str, Any]:
    """Options of every kind: numbers, distributions, additions, new members, ranges."""
    materials, industries = list(config["materials"]), list(config["industries"])
    first, last = materials[0], materials[-1]
    plant = {"capacity": 0.4, "lead_time": {"lognormal": {"median": 30, "p90": 90}},
             "lead_from": "start", "probability": 0.9, "note": 'the "new" plant'}  # fmt: skip
    options: dict[str, Any] = {
        "plant": {"set": {f"materials.{first}.alternatives.new": plant}, "cost": 5},
        "store": {"set": {f'materials.{last}.stocks."a store"': {"days": 25.5}}, "cost": 3},
        "cover": {"set": {f"materials.{last}.coverage": r.choice([0, 0.25])}, "cost": 4.5},
        "buffer": {"add": {f"materials.{first}.refill_rate": 0.1}, "cost": 1},
        "more": {
            "add": {f"materials.{first}.refill_rate": 0.2, "correlation.duration": 0.0},
            "cost": 2,
        },
        "output": {"set": {f"industries.{industries[-1]}.recapture": 0.7}, "cost": 2,
                   "fixed": r.random() < 0.5},
        "shorter": {"set": {"ladder.stop.sojourn": {"exponential": {"mean": 9}, "max": 40}},
                    "cost": 7, "excludes": ["cover"]},
    }  # fmt: skip
    ranged = {"path": f"materials.{last}.price_cap", "low": 8, "high": 14, "step": 3,
              "cost_per_unit": 0.3}  # fmt: skip
    return {"measure": "tvar", "level": LEVEL, "options": options, "ranges": {"cap": ranged}}


FEW = 10


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(FEW, marks=pytest.mark.costly),
        *(pytest.param(each, marks=pytest.mark.exhaustive) for each in range(12) if each != FEW),
    ],
)
def test_a_run_of_the_written_config_has_the_losses_of_the_portfolio(
    tmp_path: Path, number: int
) -> None:
    r = Random(number)
    config = random_config(number)
    config["run"] |= {"trials": TRIALS, "seed": number}
    config["mitigation"] = random_options(r, config)
    source = put(tmp_path / "options.toml", config)
    played = riskengine.mitigate(source, threads=1).portfolios.set_index("portfolio")
    read = load_mitigation(source)
    market = build_market(read.mitigation)
    names = [market.name(each) for each in feasible_portfolios(market) or ()]
    for place, name in enumerate(["nothing", *r.sample(sorted({*names} - {"nothing"}), 5)]):
        file = tmp_path / f"bought-{place}.toml"
        written = write(source, name, file)
        assert (written.portfolio, written.extends) == (name, "options.toml")
        assert written.cost == played.loc[name, "cost"]
        found = measures(simulate(load(str(file)), threads=1))
        for measure in ("mean", "var", "tvar", "prob_loss"):
            if not math.isnan(played.loc[name, measure]):
                assert found[measure] == played.loc[name, measure], (name, measure)


BASE = """
[run]
horizon_days = 400
trials = 200
importer = "Korea"
[ladder.stop]
sojourn = { exponential = { mean = 80 } }
next = { resolved = 1 }
[disputes.d]
coercer = "China"
target = "Korea"
rate_per_year = 2
entry = { stop = 1 }
[tables]
stocks = "tables/stocks.csv"
[materials.tin]
cut = { stop = 0.9 }
sources.China = { share = 1 }
alternatives.mine = { capacity = 0.3, lead_time = { exponential = { mean = 50 }, max = 90 } }
[materials.zinc]
cut = { stop = 0.5 }
sources.China = { share = 0.8 }
[industries.cars]
value_added_per_year = 1000
uses.tin = { share = 1, dependence = 0.5, inventory_days = 3 }
[industries.cans]
value_added_per_year = 500
uses.zinc = { share = 1, dependence = 1, inventory_days = 0 }
[propagation]
file = "passed.csv"
[sweep]
method = "grid"
[sweep.parameters]
"materials.tin.coverage" = [0.5, 1]
[mitigation]
measure = "mean"
[mitigation.options.filled]
set = { "tables.stocks" = "tables/filled.csv" }
cost = 10
[mitigation.options.moved]
set = { "tables.stocks" = "tables/moved.csv" }
cost = 10
excludes = ["filled"]
[mitigation.options.decoupled]
set = { "propagation.file" = "less.csv" }
cost = 4
[mitigation.options.nearer]
set = { "materials.tin.alternatives.mine.lead_time.exponential.mean" = 20 }
cost = 1
[mitigation.options.measured]
cost = 1
[mitigation.options.measured.set."materials.zinc.alternatives.scrap"]
capacity = { empirical = { file = "scrap.csv", column = "share" } }
lead_time = 3
"""
TABLES = {
    "tables/stocks.csv": "material,tier,days\ntin,public,20\nzinc,public,5\n",
    "tables/filled.csv": "material,tier,days\ntin,public,60\nzinc,public,50\n",
    "tables/moved.csv": "material,tier,days\ntin,public,80\n",
    "passed.csv": "from,to,coefficient\ncars,cans,0.5\n",
    "less.csv": "from,to,coefficient\ncars,cans,0.1\n",
    "scrap.csv": "share\n0.1\n0.4\n0.2\n",
}


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "configs" / "tables").mkdir(parents=True)
    for name, content in TABLES.items():
        (tmp_path / "configs" / name).write_text(content)
    (tmp_path / "configs" / "base.toml").write_text(BASE)
    return str(tmp_path / "configs" / "base.toml")


def losses(source: Any, *overrides: str) -> Any:
    return simulate(load(source, overrides), threads=1).total


def as_set(source: str, name: str, *overrides: str) -> Any:
    """The losses of a portfolio, made from the texts of its options by hand."""
    config = Path(source)
    text = config.read_text().split("[mitigation]")[0]
    changed = {
        "filled": ('"tables/stocks.csv"', '"tables/filled.csv"'),
        "moved": ('"tables/stocks.csv"', '"tables/moved.csv"'),
        "decoupled": ('"passed.csv"', '"less.csv"'),
        "nearer": ("mean = 50", "mean = 20"),
        "measured": ("[industries.cars]", "[materials.zinc.alternatives.scrap]\nlead_time = 3\n"
                     "capacity = { empirical = { values = [0.1, 0.4, 0.2] } }\n[industries.cars]"),
    }  # fmt: skip
    for option in name.split(" + "):
        old, new = changed[option]
        assert text.count(old) == 1
        text = text.replace(old, new)
    hand = config.with_name("by-hand.toml")
    hand.write_text(text)
    return losses(str(hand), *overrides)


@pytest.mark.parametrize("folder", ["configs", "."])
@pytest.mark.parametrize(
    ("name", "extends"),
    [
        ("filled", True),
        ("moved", False),  # a file cannot take a row away from the one that it extends
        ("decoupled", True),
        ("nearer", True),
        ("measured", True),
        ("filled + nearer + measured", True),
    ],
)
def test_tables_and_parts_of_distributions_are_written(
    tmp_path: Path, source: str, folder: str, name: str, extends: bool
) -> None:
    file = tmp_path / folder / "bought.toml"
    if folder == "." and not extends:
        assert "sweep" in BASE  # its files would be looked for in another folder
        with pytest.raises(riskengine.RunFault, match="in the folder of"):
            write(source, name, file)
        assert not file.exists()
        return
    written = write(source, name, file)
    reference = "base.toml" if folder == "configs" else "configs/base.toml"
    assert written.extends == (reference if extends else None)
    assert np.array_equal(losses(str(file)), as_set(source, name))
    assert not np.array_equal(losses(str(file)), losses(source))
    assert sorted(path.name for path in file.parent.iterdir() if path.name.startswith(".")) == []


def test_the_file_reads_as_if_a_person_had_written_it(tmp_path: Path, source: str) -> None:
    first, second = tmp_path / "configs" / "first.toml", tmp_path / "configs" / "second.toml"
    write(source, "nearer + filled", first, "run.trials=50")
    written = (
        "# Written by `riskengine mitigate --write`. The options of the config are switched off: "
        "they would act a second time."
    )
    assert first.read_text().splitlines() == [
        "# The portfolio of base.toml: filled + nearer",
        written,
        "",
        'extends = "base.toml"',
        "mitigation = false",
        "",
        "[run]",
        "trials = 50",
        "",
        "[tables]",
        'stocks = "tables/filled.csv"',
        "",
        "[materials.tin.alternatives]",
        "mine = { lead_time = { exponential = { mean = 20 }, max = 90 } }",
    ]
    write(source, "moved", second)
    assert second.read_text().splitlines()[:6] == [
        "# The portfolio of base.toml: moved",
        written,
        "# A config that extends another cannot say this one, so every value is here.",
        "",
        "[run]",
        'title = ""',
    ]


def test_bounds_of_a_distribution_stay_where_an_option_sets_one_parameter(
    tmp_path: Path, source: str
) -> None:
    file = tmp_path / "configs" / "bought.toml"
    write(source, "nearer", file)
    alternative = load(str(file)).materials["tin"].alternatives["mine"]
    assert (alternative.lead_time.parameters, alternative.lead_time.maximum) == ((20.0,), 90.0)


def test_overrides_are_written_and_what_they_say_of_the_mitigation_is_not(
    tmp_path: Path, source: str
) -> None:
    file = tmp_path / "configs" / "bought.toml"
    overrides = ("materials.tin.coverage=0.25", "run.trials=77", "run.seed=5",
                 "mitigation.options.nearer.cost=9",
                 'sweep.parameters={"materials.zinc.coverage"=[0.1, 0.2]}')  # fmt: skip
    written = write(source, "nearer", file, *overrides)
    assert written.cost == 9.0
    assert "cost" not in file.read_text()
    found = load(str(file))
    assert (found.run.trials, found.run.seed, found.materials["tin"].coverage) == (77, 5, 0.25)
    assert np.array_equal(losses(str(file)), as_set(source, "nearer", *overrides[:3]))
    assert load_sweep(str(file)).sweep.paths == (("materials", "zinc", "coverage"),)


def test_an_override_of_one_parameter_of_a_sweep_keeps_the_others(
    tmp_path: Path, source: str
) -> None:
    both = Path(source).with_name("both.toml")
    both.write_text(
        'extends = "base.toml"\n[sweep.parameters]\n"materials.tin.coverage" = [0.5, 1]\n'
        '"industries.cars.recapture" = [0, 0.5]\n'
    )
    file = tmp_path / "configs" / "bought.toml"
    written = write(
        str(both), "nothing", file, 'sweep.parameters."materials.tin.coverage"=[0.2, 0.3]'
    )
    assert written.extends == "both.toml"
    assert load(str(file)).document["sweep"]["parameters"] == {
        "materials.tin.coverage": [0.2, 0.3],
        "industries.cars.recapture": [0, 0.5],
    }


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_config_with_an_undecodable_name_is_written_whole(tmp_path: Path, source: str) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path / "configs") + b"/b\xffse.toml")
    Path(odd).write_text(Path(source).read_text())
    file = tmp_path / "configs" / "bought.toml"
    assert write(odd, "nearer", file).extends is None
    assert np.array_equal(losses(str(file)), as_set(source, "nearer"))


def test_an_override_that_names_a_propagation_file_is_written_with_what_is_in_it(
    tmp_path: Path, source: str
) -> None:
    alone = Path(source).with_name("alone.toml")
    passed = '[propagation]\nfile = "passed.csv"\n'
    assert passed in BASE
    alone.write_text(BASE.replace(passed, ""))
    file = tmp_path / "configs" / "bought.toml"
    override = 'propagation.file="less.csv"'
    assert write(str(alone), "nearer", file, override).extends == "alone.toml"
    assert load(str(file)).propagation["cars"] == {"cans": 0.1}
    assert np.array_equal(losses(str(file)), as_set(source, "nearer + decoupled"))


def test_an_override_that_takes_something_away_is_kept(tmp_path: Path, source: str) -> None:
    file = tmp_path / "configs" / "bought.toml"
    written = write(source, "filled", file, "industries.cars.uses={}")
    assert written.extends is None
    assert load(str(file)).industries["cars"].uses == {}


@pytest.mark.whole
def test_the_options_do_not_act_a_second_time(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "configs" / "bought.toml"
    write(source, "nearer + measured", file)
    assert exit_code(root, ["check", str(file)]) == 0
    assert "mitigation" not in load(str(file)).document
    capsys.readouterr()
    assert exit_code(root, ["mitigate", str(file)]) == 2
    assert "does not say what to choose from" in capsys.readouterr().err
    assert exit_code(root, ["sweep", str(file), "--quiet", "--out", str(tmp_path / "swept")]) == 0


def test_a_config_may_switch_off_the_mitigation_that_it_extends(source: str) -> None:
    assert "mitigation" in load(source).document
    assert "mitigation" not in load(source, ["mitigation=false"]).document
    with pytest.raises(riskengine.ConfigFault, match="mitigation"):
        load(source, ["mitigation=true"])


@pytest.mark.parametrize(
    ("portfolio", "message"),
    [
        ("filed", 'there is no option "filed"; did you mean "filled"?'),
        ("zzzzzz", "known are: filled, moved, decoupled, nearer, measured."),
        ("filled+nearer", 'there is no option "filled+nearer"'),
        ("", 'there is no option ""'),
        ("nearer + nearer", 'names "nearer" twice'),
        ("moved + filled", '"filled" and "moved" cannot stand together: "moved" excludes "filled"'),
    ],
)
def test_a_portfolio_that_does_not_exist_is_refused(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str], portfolio: str, message: str
) -> None:
    file = tmp_path / "configs" / "bought.toml"
    assert exit_code(root, ["mitigate", source, "--write", portfolio, str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert not file.exists()


RULES = """
extends = "base.toml"
[mitigation.options.decoupled]
fixed = true
group = "flows"
[mitigation.options.nearer]
group = "flows"
[mitigation.options.measured]
requires = ["filled", "decoupled"]
"""


@pytest.mark.parametrize(
    ("portfolio", "message"),
    [
        ("nearer", '"nearer" cannot be bought: "decoupled" is decided already (fixed), and at most '
         'one option of the group "flows" can be bought.'),
        ("measured", '"measured" requires "filled": name "filled + measured".'),
        ("moved + measured", '"measured" requires "filled": name "filled + moved + measured".'),
    ],
)  # fmt: skip
def test_options_that_cannot_be_bought_say_why(
    tmp_path: Path, source: str, portfolio: str, message: str
) -> None:
    rules = tmp_path / "configs" / "rules.toml"
    rules.write_text(RULES)
    with pytest.raises(riskengine.UsageFault) as caught:
        write(str(rules), portfolio, tmp_path / "configs" / "bought.toml")
    assert str(caught.value) == message
    written = write(str(rules), "measured + decoupled + filled", tmp_path / "configs" / "b.toml")
    assert (written.portfolio, written.cost) == ("filled + measured", 11.0)
    wanted = as_set(source, "filled + measured + decoupled")
    assert np.array_equal(losses(str(tmp_path / "configs" / "b.toml")), wanted)
    assert (
        "# Decided already, and set as well: decoupled"
        in (tmp_path / "configs" / "b.toml").read_text()
    )


def test_an_existing_file_is_never_replaced(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (source, str(tmp_path / "configs" / "tables")):
        before = Path(name).read_text() if Path(name).is_file() else ""
        assert exit_code(root, ["mitigate", source, "--write", "nothing", name]) == 2
        assert "is there already, and is not replaced" in capsys.readouterr().err
        assert not before or Path(name).read_text() == before


def test_a_file_must_lie_where_it_can_extend_the_config(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    for place in ("elsewhere/b.toml", "configs/tables/b.toml"):
        file = tmp_path / place
        assert exit_code(root, ["mitigate", source, "--write", "nothing", str(file)]) == 2
        said = capsys.readouterr().err
        assert "must lie in the folder of" in said
        assert "or in a folder above it" in said
        assert not file.exists()


def test_a_config_that_is_a_link_is_written_whole(tmp_path: Path, source: str) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "real.toml").write_text(Path(source).read_text())
    Path(source).unlink()
    Path(source).symlink_to(tmp_path / "far" / "real.toml")
    file = tmp_path / "configs" / "bought.toml"
    written = write(source, "nearer", file)
    assert written.extends is None
    assert np.array_equal(losses(str(file)), as_set(source, "nearer"))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, source: str) -> None:
    with pytest.raises(riskengine.UsageFault, match=r"there is no folder .*gone"):
        write(source, "nothing", tmp_path / "gone" / "bought.toml")


@pytest.mark.parametrize(
    "option",
    [["--out", "x"], ["--threads", "1"], ["--time-limit", "9"], ["--restart"], ["--excel-csv"],
     ["--workers", "2"]],
)  # fmt: skip
def test_options_of_a_study_make_no_sense_where_nothing_is_played(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    file = tmp_path / "configs" / "b.toml"
    assert exit_code(root, ["mitigate", source, *option, "--write", "nothing", str(file)]) == 2
    said = capsys.readouterr().err
    assert f"leave out {option[0]}" in said
    assert not file.exists()


def test_people_programs_and_scripts_are_told_what_was_written(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = ["mitigate", "configs/base.toml", "--write", "nearer + filled"]
    assert exit_code(root, [*call, "people.toml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "filled + nearer, cost 11.0 money",
        "Config: people.toml (extends configs/base.toml)",
        "Next: riskengine run people.toml",
    ]
    assert exit_code(root, [*call, "script.toml", "--quiet"]) == 0
    assert capsys.readouterr().out == "script.toml\n"
    assert exit_code(root, [*call, "program.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1, "file": "program.toml", "portfolio": "filled + nearer", "cost": 11.0,
        "money": "money", "extends": "configs/base.toml",
    }  # fmt: skip
    texts = {Path(name).read_bytes() for name in ("people.toml", "script.toml", "program.toml")}
    assert len(texts) == 1
