"""`extends = "riskengine:NAME"`: what comes with riskengine, and nothing else elsewhere."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from riskengine.config import load, load_mitigation, load_sweep
from riskengine.config.mitigation.writing import extending_text, is_same
from riskengine.config.sources import files, shipped
from riskengine.config.sources.shipped import SHIPPED, extendable
from riskengine.errors import ConfigFault, Fault
from riskengine.model.scenario import Scenario
from riskengine.play.simulate import simulate

FaultsOf = Callable[..., tuple[Fault, ...]]
Write = Callable[..., Path]
CONFIGS = Path(__file__).parents[2] / "configs"

OWN = """
[run]
trials = 500
importer = "Korea"

[materials.gallium]
spend_per_year = 40
cut = { slow-licensing = 0.5, near-zero = 0.9 }
sources.China = { share = 0.9 }
stocks.own = { days = 30 }

[industries.chips]
value_added_per_year = 5_200
uses.gallium = { share = 0.5, dependence = 0.8, inventory_days = 10 }
"""
COMPANY = 'extends = "riskengine:china-2026"\n' + OWN


def unnamed(scenario: Scenario) -> str:
    """All values of a scenario, apart from where they were read."""
    return repr(replace(scenario, stem="", files=(), sheets=()))


def test_the_politics_and_what_they_stand_on_are_read_from_the_shipped_files(
    write: Write, tmp_path: Path
) -> None:
    scenario = load(write(COMPANY))

    below = ("politics/china-2026", "politics/china-calm", "politics/china-levels", "history/fit")
    assert dict(scenario.files) == {
        "small.toml": hashlib.sha256(COMPANY.encode()).hexdigest(),
        **{
            f"riskengine:{name}.toml": hashlib.sha256(
                (CONFIGS / f"{name}.toml").read_bytes()
            ).hexdigest()
            for name in below
        },
    }
    assert list(scenario.disputes) == ["china-korea", "china-japan", "china-us"]
    assert list(scenario.materials) == ["gallium"]


def test_it_is_the_same_scenario_as_over_a_copy_of_the_files(write: Write) -> None:
    for name in ("politics/china-2026", "politics/china-calm", "politics/china-levels"):
        write((CONFIGS / f"{name}.toml").read_bytes(), f"{name}.toml")
    write((CONFIGS / "history" / "fit.toml").read_bytes(), "history/fit.toml")
    beside = COMPANY.replace("riskengine:china-2026", "politics/china-2026.toml")

    assert unnamed(load(write(COMPANY))) == unnamed(load(write(beside, "beside.toml")))


@pytest.mark.parametrize("name", extendable())
def test_each_name_in_the_list_can_be_extended(name: str) -> None:
    given: dict[str, Any] = {"extends": f"riskengine:{name}", "run": {"importer": "Korea"}}
    if name.startswith("china-"):
        cut = {"near-zero": 0.9}
        given["materials"] = {"gallium": {"cut": cut, "sources": {"China": {"share": 0.9}}}}
        uses = {"gallium": {"share": 1, "dependence": 0.5}}
        given["industries"] = {"chips": {"value_added_per_year": 100, "uses": uses}}
    if name == "china-levels":
        dispute = {"coercer": "China", "target": "Korea", "entry": {"near-zero": 1}}
        given["disputes"] = {"own": {**dispute, "rate_per_year": 0.1}}

    assert load(given).files[0][0].startswith("riskengine:")


def test_a_national_case_brings_its_tables_and_has_the_same_losses(write: Write) -> None:
    extended = load(write('extends = "riskengine:korea-2026"\n'))
    shipped_one = load(CONFIGS / "korea-2026.toml")

    assert unnamed(extended) == unnamed(shipped_one)
    assert "riskengine:tables/korea-uses.csv" in dict(extended.files)
    losses = [simulate(each, trials=500).total for each in (extended, shipped_one)]
    assert losses[0].tobytes() == losses[1].tobytes()


def test_a_name_that_is_not_known_is_met_at_its_line_with_the_nearest_and_all(
    write: Write, faults: FaultsOf
) -> None:
    path = write("\n" + COMPANY.replace("china-2026", "china-2025"))

    (fault,) = faults(path)

    assert (fault.file, fault.line, fault.path) == (str(path), 2, ("extends",))
    assert fault.found == 'there is no "riskengine:china-2025" to extend'
    assert fault.hint == 'did you mean "riskengine:china-2026"?'
    assert fault.allowed.startswith("one of: riskengine:china-2026, riskengine:china-calm, ")


@pytest.mark.parametrize(
    "name",
    [
        "", "china-2026.toml", "politics/china-2026", "../pyproject", "../../etc/passwd",
        "/etc/passwd", "sweep-korea-stockpiles", "mitigation-korea-2026", "history/fit", "Minimal",
        "mitigation-korea-worlds", "riskengine:minimal", " minimal", "a\\u0000b", "x" * 5_000,
    ],
)  # fmt: skip
def test_nothing_but_the_listed_names_is_read(write: Write, faults: FaultsOf, name: str) -> None:
    found = faults(write(f'extends = "riskengine:{name}"\n' + OWN))

    assert {fault.path for fault in found} == {("extends",)}
    assert any(fault.found.startswith('there is no "riskengine:') for fault in found)


NAMED = "riskengine:tables/korea-sources.csv"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f'tables.sources = "{NAMED}"', ("tables", "sources")),
        (f'propagation.file = "{NAMED}"', ("propagation", "file")),
        ('tables.uses = "riskengine:korea-2026"', ("tables", "uses")),
        (
            "ladder.near-zero.sojourn = { empirical = "
            f'{{ file = "{NAMED}", column = "share" }} }}',
            ("ladder", "near-zero", "sojourn", "empirical", "file"),
        ),
    ],
)
def test_only_extends_may_look_there(
    write: Write, faults: FaultsOf, line: str, path: tuple[str, ...]
) -> None:
    found = faults(write(line + "\n" + COMPANY))

    assert [(fault.path, fault.line) for fault in found] == [(path, 1)]
    assert "where only `extends` may look" in found[0].found


def test_worlds_are_not_looked_for_there(write: Write) -> None:
    worlds = 'mitigation = { measure = "mean", worlds = "riskengine:minimal" }\n'
    path = write(worlds + COMPANY)
    with pytest.raises(Exception, match="where only `extends` may look"):
        load_mitigation(path)


@pytest.mark.skipif(os.name == "nt", reason="no file name may have a colon there")
def test_files_of_the_user_do_not_stand_in_for_shipped_ones(write: Write, faults: FaultsOf) -> None:
    write("this is no TOML", "riskengine:china-2026")
    write("nor = is = this", "riskengine:politics/china-2026.toml")
    write("[run]\n", "riskengine:x/base.toml")

    assert len(load(write(COMPANY)).disputes) == 3
    (fault,) = faults(write('extends = "./riskengine:politics/china-2026.toml"\n', "b.toml"))
    assert "has a name that is kept" in fault.found


def test_a_fault_of_a_shipped_file_is_placed_in_it(
    write: Write, faults: FaultsOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shipped" / "politics").mkdir(parents=True)
    broken = "[correlation]\n\nduration = 3\n"
    (tmp_path / "shipped" / "politics" / "china-2026.toml").write_text(broken, "utf-8")
    monkeypatch.setattr(files, "shipped_folder", lambda: str(tmp_path / "shipped"))

    met = {(f.file, f.line, f.path) for f in faults(write(COMPANY))}

    assert ("riskengine:politics/china-2026.toml", 3, ("correlation", "duration")) in met


def test_a_missing_shipped_file_is_a_fault_like_any_other(
    write: Write, faults: FaultsOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "shipped_folder", lambda: str(tmp_path / "nothing"))
    (fault,) = faults(write(COMPANY))
    assert fault.found == 'there is no file "riskengine:politics/china-2026.toml"'


def test_with_values_reads_the_bytes_that_were_read_before(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load(write(COMPANY))
    monkeypatch.setattr(files, "shipped_folder", lambda: str(tmp_path / "nothing"))

    changed = scenario.with_values({"disputes.china-korea.rate_per_year": 0.5})

    assert changed.disputes["china-korea"].rate_per_year == 0.5
    assert changed.files == scenario.files


def test_values_of_the_politics_are_set_swept_and_decided_on(write: Write) -> None:
    rate = "disputes.china-korea.rate_per_year"
    assert load(write(COMPANY), [f"{rate}=0.5"]).disputes["china-korea"].rate_per_year == 0.5

    sweep = f'[sweep]\nmethod = "grid"\nparameters = {{ "{rate}" = [0.1, 0.3] }}\n'
    swept = load_sweep(write(COMPANY + sweep))
    assert swept.at([0.3]).disputes["china-korea"].rate_per_year == 0.3

    days = '"materials.gallium.stocks.own.days"'
    option = f"options.more = {{ set = {{ {days} = 90 }}, cost = 3 }}\n"
    config = load_mitigation(write(COMPANY + '[mitigation]\nmeasure = "mean"\n' + option, "m.toml"))
    text = extending_text(config, [0], "m.toml")
    written = load(write(text, "written.toml"))
    assert is_same(written, config.scenario([0]))
    assert "riskengine:politics/china-2026.toml" in dict(written.files)


def test_each_file_of_the_registry_is_there_and_each_config_is_in_it() -> None:
    named = {each.file for each in SHIPPED}
    worlds = {file for each in SHIPPED for file in each.beside if file.endswith(".toml")}
    there = {path.relative_to(CONFIGS).as_posix() for path in CONFIGS.glob("*.toml")}
    there.remove("batch-2026.toml")  # no config: it names some
    there |= {path.relative_to(CONFIGS).as_posix() for path in CONFIGS.glob("politics/*.toml")}
    there |= {path.relative_to(CONFIGS).as_posix() for path in CONFIGS.glob("importers/*/*.toml")}

    assert named | worlds == there
    assert all((CONFIGS / each.shipped(f)).is_file() for each in SHIPPED for f in each.beside)
    assert Path(shipped.shipped_folder()).name == "configs"


def test_tables_that_a_document_sweeps_lie_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it extends has a table of the same name, whose folder is another one."""
    monkeypatch.chdir(tmp_path)
    for name in ("low", "high"):
        table = (CONFIGS / f"tables/korea-uses-{name}.csv").read_bytes()
        Path(f"{name}.csv").write_bytes(table)
    parameters = {"tables.uses": ["low.csv", "high.csv"]}
    document: dict[str, Any] = {
        "extends": "riskengine:korea-2026",
        "sweep": {"method": "grid", "parameters": parameters},
    }
    swept = load_sweep(document)
    low, high = (swept.at([file]).industries["automobile"] for file in parameters["tables.uses"])
    assert low.uses["ndfeb-magnets"].dependence < high.uses["ndfeb-magnets"].dependence

    parameters["tables.uses"] = ["low.csv", "none.csv"]
    with pytest.raises(ConfigFault) as failed:
        load_sweep(document)
    (fault,) = failed.value.faults
    assert (fault.file, fault.line) == ("", 0)
    assert "none.csv" in fault.found
