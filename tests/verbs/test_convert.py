"""`convert`: what is read from the result is what was read before, to the last bit."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from random_configs import random_config

import riskengine
from riskengine import ConfigFault, ResultsFault, UsageFault, convert, load, simulate
from riskengine.config import load_mitigation, load_sweep
from riskengine.config.toml.writing import document_lines
from riskengine.model.scenario import Scenario
from riskengine.model.sweep import Listed
from riskengine.play.simulate import simulate as play

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(
    path
    for path in [*CONFIGS.glob("*.toml"), *(CONFIGS / "backtests").glob("*.toml")]
    if path.name not in ("history.toml", "batch-2026.toml")  # they name configs
)
FORMS = [".toml", ".xlsx"]
forms = pytest.mark.parametrize("form", FORMS)


def essence(scenario: Scenario) -> Any:
    """All values, and the order of all names that are sums or draws or releases in that order."""
    orders = [
        *map(list, (scenario.ladder, scenario.disputes, scenario.triggers)),
        [(name, *map(list, (m.sources, m.alternatives, m.stocks, m.ladder)))
         for name, m in scenario.materials.items()],
        [(name, list(industry.uses)) for name, industry in scenario.industries.items()],
        [(name, list(row)) for name, row in scenario.propagation.items()],
    ]  # fmt: skip
    return replace(scenario, stem="", files=(), sheets=(), document={}), orders


def notes(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every note, source, status and day of a resolved document, by path."""
    found = {}
    for key, item in value.items() if isinstance(value, dict) else ():
        if key in ("note", "source", "status", "known_on") and isinstance(item, str):
            found[*path, key] = item
        found |= notes(item, (*path, key))
    return found


def without_references(document: dict[str, Any]) -> dict[str, Any]:
    """A resolved document without the tables in which files are named."""
    return {key: item for key, item in document.items() if key not in ("sweep", "mitigation")}


@pytest.mark.costly
@forms
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_config_reads_back_the_same(path: Path, form: str, tmp_path: Path) -> None:
    first = load(path)
    done = convert(path, tmp_path / f"a{form}")
    found = load(done.file)
    assert essence(found) == essence(first)
    assert without_references(found.document) == without_references(first.document)
    assert notes(found.document) == notes(first.document)
    other = next(each for each in FORMS if each != form)
    again = load(convert(done.file, tmp_path / f"b{other}").file)
    assert essence(again) == essence(first)
    assert without_references(again.document) == without_references(first.document)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(4))
def test_random_configs_go_round_and_round_and_have_the_same_losses(
    part: int, tmp_path: Path
) -> None:
    for number in range(50 * part, 50 * part + 50):
        config = random_config(number)
        start = tmp_path / f"{number}.toml"
        start.write_text("\n".join(document_lines(config)), encoding="utf-8")
        first = load(start)
        book = convert(start, tmp_path / f"{number}.xlsx").file
        text = convert(book, tmp_path / f"{number}-back.toml").file
        second = convert(text, tmp_path / f"{number}-again.xlsx").file
        for file in (book, text, second):
            found = load(file)
            assert essence(found) == essence(first), file
            assert found.document == first.document, file
        if number % 10 == 0:
            before, after = (play(each).total for each in (first, load(second)))
            assert np.array_equal(before, after)


def small() -> dict[str, Any]:
    return {
        "run": {"trials": 1000, "importer": "Korea", "title": " blanks ", "note": "two\nlines"},
        "ladder": {
            "note": "of all levels",
            "ban": {
                "sojourn": {"exponential": {"mean": 90}, "note": "a guess"},
                "next": {"resolved": 1, "source": "E01"},
            },
        },
        "disputes": {
            "status": "assumption",
            "china-korea": {
                "coercer": "China",
                "target": "Korea",
                "entry": {"ban": 1},
                "active": {"level": "ban", "materials": ["gallium"], "note": "since May"},
            },
        },
        "materials": {
            "source": "a paper",
            "gallium": {
                "cut": {"ban": {"empirical": {"values": [0.5, 0.1 + 0.2], "weights": [1, 2]}}},
                "sources": {"note": "of all countries", "China": {"share": 0.9, "note": "=1+1"}},
                "stocks": {
                    "b": {"days": 5},
                    "a": {"days": {"uniform": {"low": 1, "high": 2}, "max": 1.5}},
                },
                "ladder": {"ban": {"sojourn": 5}, "note": "of its own"},
                "known_on": "2026-01-08",
            },
            '"q" \\ _x0041_': {"importer": "Japan"},
        },
        "industries": {
            "chips": {
                "value_added_per_year": 5,
                "uses": {"gallium": {"share": 1, "dependence": 0.5}},
            },
        },
        "propagation": {"coefficients": {"chips": {"chips": 0.1}}, "note": "from a table"},
    }


@forms
def test_a_note_has_its_place_wherever_a_config_may_have_one(form: str, tmp_path: Path) -> None:
    first = load(small())
    found = load(convert(small(), tmp_path / f"a{form}").file)
    assert found.document == first.document
    assert len(notes(found.document)) == 12
    assert essence(found) == essence(first)


@pytest.mark.costly
@forms
@pytest.mark.parametrize("name", ["sweep-korea-assumptions", "sweep-japan-full-stop"])
def test_a_sweep_over_tables_plays_the_same_points(name: str, form: str, tmp_path: Path) -> None:
    first = load_sweep(CONFIGS / f"{name}.toml")
    done = convert(CONFIGS / f"{name}.toml", tmp_path / f"a{form}")
    found = load_sweep(done.file)
    assert found.sweep.paths == first.sweep.paths
    for mine, theirs in zip(first.sweep.parameters, found.sweep.parameters, strict=True):
        if not isinstance(mine.over, Listed):
            assert mine.over == theirs.over
            continue
        for one, other in zip(mine.over.settings, theirs.over.settings, strict=True):
            scenarios = [
                swept.at(
                    [
                        dict(zip(mine.paths, setting, strict=True)).get(path)
                        for path in swept.sweep.paths
                    ]
                )
                for swept, setting in ((first, one), (found, other))
            ]
            assert essence(scenarios[0]) == essence(scenarios[1])


@pytest.mark.costly
@forms
def test_a_mitigation_has_the_same_options_and_costs(form: str, tmp_path: Path) -> None:
    path = CONFIGS / "mitigation-korea-2026.toml"
    first = load_mitigation(path)
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    del config["mitigation"]["worlds"]
    config["extends"] = "korea-2026.toml"
    alone = CONFIGS / "mitigation-without-worlds.toml"
    whole = load(path).document
    del whole["mitigation"]["worlds"]
    found = load_mitigation(convert(whole, tmp_path / f"a{form}").file)
    assert not alone.exists()
    assert [o.name for o in found.mitigation.options] == [o.name for o in first.mitigation.options]
    assert found.mitigation.costs == first.mitigation.costs
    for portfolio in ((0,), (1, 2), (3, 5)):
        assert essence(found.scenario(portfolio)) == essence(first.scenario(portfolio))


@pytest.mark.costly
@forms
def test_a_workbook_of_the_worlds_is_asked_for_where_it_is_not(form: str, tmp_path: Path) -> None:
    done = convert(CONFIGS / "mitigation-korea-2026.toml", tmp_path / f"a{form}")
    assert any("mitigation-korea-worlds.toml" in remark for remark in done.remarks)
    document = load(done.file).document
    assert document["mitigation"]["worlds"] == "mitigation-korea-worlds.toml"


@pytest.mark.costly
@forms
def test_a_mitigation_keeps_its_worlds_whatever_its_form(form: str, tmp_path: Path) -> None:
    first = load_mitigation(CONFIGS / "mitigation-korea-2026.toml")
    done = convert(CONFIGS / "mitigation-korea-2026.toml", tmp_path / f"a{form}")
    for other in FORMS:
        worlds = convert(CONFIGS / "mitigation-korea-worlds.toml", tmp_path / f"worlds{other}")
        found = load_mitigation(done.file, [("mitigation.worlds", worlds.file.name)])
        assert first.worlds is not None
        assert found.worlds is not None
        assert found.worlds.sweep == first.worlds.sweep


@forms
def test_what_comes_with_riskengine_stays_extended(form: str, tmp_path: Path) -> None:
    done = convert(CONFIGS / "company.toml", tmp_path / f"a{form}")
    assert done.extends == "riskengine:china-2026"
    assert essence(load(done.file)) == essence(load(CONFIGS / "company.toml"))
    if form == ".toml":
        text = tomllib.loads(done.file.read_text(encoding="utf-8"))
        assert text["extends"] == "riskengine:china-2026"
        assert "ladder" not in text


@pytest.mark.costly
@forms
@pytest.mark.parametrize("politics", ["riskengine:china-2026", "china.toml"])
def test_parts_stand_in_one_file_with_their_names(politics: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "china.toml").write_text('extends = "riskengine:china-2026"\n')
    joint = tmp_path / "joint.toml"
    joint.write_text(
        f'extends = "{politics}"\n[parts.k]\nconfig = "riskengine:korea-2026"\n'
        '[parts.j]\nconfig = "riskengine:japan-2026"\n[materials.j-gallium]\ncoverage = 0.125\n'
    )
    first = load(joint)
    done = convert(joint, tmp_path / f"alone{form}")
    found = load(done.file)
    assert essence(found) == essence(first)
    assert found.document == first.document
    assert found.materials["j-gallium"].coverage == 0.125
    names = {name.rpartition(":")[0] or name for name, _ in found.files}
    assert names == {f"alone{form}", "riskengine"}
    assert done.extends == "riskengine:china-2026"


@forms
def test_a_shipped_part_is_written_out_where_no_shipped_config_is_extended(
    form: str, tmp_path: Path
) -> None:
    minimal = tomllib.loads((CONFIGS / "minimal.toml").read_text(encoding="utf-8"))
    rest = {key: minimal[key] for key in ("ladder", "disputes", "run")}
    joint = tmp_path / "joint.toml"
    parts = {"parts": {"first": {"config": "riskengine:minimal"}}}
    joint.write_text("\n".join(document_lines({**rest, **parts})), encoding="utf-8")
    first = load(joint)
    done = convert(joint, tmp_path / f"alone{form}")
    found = load(done.file)
    assert essence(found) == essence(first)
    assert [name for name, _ in found.files] == [f"alone{form}"]
    assert done.extends is None


@forms
def test_the_config_of_a_results_folder_is_that_of_the_run(form: str, tmp_path: Path) -> None:
    run = simulate(load(CONFIGS / "minimal.toml", ["run.trials=300"]))
    run.save(tmp_path / "results")
    found = load(convert(tmp_path / "results", tmp_path / f"a{form}").file)
    assert essence(found) == essence(run.scenario)
    assert found.document == run.scenario.document
    if form == ".toml":
        text = tomllib.loads((tmp_path / "a.toml").read_text(encoding="utf-8"))
        given = tomllib.loads((CONFIGS / "minimal.toml").read_text(encoding="utf-8"))
        assert text["materials"] == given["materials"]  # defaults are left out again


def test_a_folder_without_a_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsFault, match="no results folder"):
        convert(tmp_path, tmp_path / "a.toml")
    manifest = {"format": "riskengine fit", "files": {}}
    (tmp_path / "fit").mkdir()
    (tmp_path / "fit" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ResultsFault, match="has no config"):
        convert(tmp_path / "fit", tmp_path / "a.toml")


@forms
def test_a_file_that_is_there_is_replaced_only_when_asked(form: str, tmp_path: Path) -> None:
    target = tmp_path / f"a{form}"
    target.write_bytes(b"mine")
    with pytest.raises(UsageFault, match="--force"):
        convert(CONFIGS / "minimal.toml", target)
    assert target.read_bytes() == b"mine"
    convert(CONFIGS / "minimal.toml", target, force=True)
    assert load(target).run.trials == 20_000
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name]


@forms
def test_a_config_that_is_wrong_leaves_nothing(form: str, tmp_path: Path) -> None:
    config = small()
    config["materials"]["gallium"]["coverage"] = 95
    with pytest.raises(ConfigFault, match=r"did you mean 0\.95"):
        convert(config, tmp_path / f"a{form}")
    assert list(tmp_path.iterdir()) == []


def test_another_ending_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"\.toml nor in \.xlsx"):
        convert(CONFIGS / "minimal.toml", tmp_path / "a.json")
    with pytest.raises(UsageFault, match="there is no folder"):
        convert(CONFIGS / "minimal.toml", tmp_path / "no" / "a.toml")


def test_a_value_that_no_cell_holds_is_refused_whole(tmp_path: Path) -> None:
    config = small()
    values = {"values": [n / 7 for n in range(3_000)], "weights": [1] * 3_000}
    config["materials"]["gallium"]["stocks"]["b"]["days"] = {"empirical": values}
    with pytest.raises(UsageFault, match="no workbook can hold this config"):
        convert(config, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []
    assert essence(load(convert(config, tmp_path / "a.toml").file)) == essence(load(config))


def test_comments_are_lost_and_the_command_says_so(tmp_path: Path) -> None:
    with_comment = tmp_path / "a.toml"
    text = "\n".join(document_lines(small()))
    with_comment.write_text(text + "\n# why\n", encoding="utf-8")
    assert (
        "Comments of TOML files are not in it."
        in convert(with_comment, tmp_path / "b.toml").remarks
    )
    with_comment.write_text(text.replace("a paper", "a # paper"), encoding="utf-8")
    assert convert(with_comment, tmp_path / "c.toml").remarks == ()


def test_sheets_of_the_users_own_are_left_behind_and_named(tmp_path: Path) -> None:
    book = load_workbook(convert(small(), tmp_path / "a.xlsx").file)
    book.create_sheet("_sums")["A1"] = "=1+1"
    book.save(tmp_path / "b.xlsx")
    done = convert(tmp_path / "b.xlsx", tmp_path / "c.toml")
    assert done.remarks == ("Sheets that no config reads are not in it: Notes, _sums.",)
    assert essence(load(done.file)) == essence(load(small()))


@pytest.mark.costly
def test_tables_beside_a_toml_file_go_when_the_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskengine.verbs.convert.is_same_config", lambda *_: False)
    with pytest.raises(riskengine.RunFault, match="would not read back"):
        convert(CONFIGS / "sweep-korea-assumptions.toml", tmp_path / "a.toml")
    assert list(tmp_path.iterdir()) == []


def test_names_of_versions_cannot_leave_the_folder(tmp_path: Path) -> None:
    head = "industry,material,share,dependence\nchips,gallium"
    (tmp_path / "own.csv").write_text(f"{head},1,0.5\n")
    (tmp_path / "..x[y]'z.csv").write_text(f"{head},0.5,0.5\n")
    config = small()
    del config["industries"]["chips"]["uses"]
    config["tables"] = {"uses": "own.csv"}
    config["sweep"] = {"method": "grid", "parameters": {"tables.uses": ["own.csv", "..x[y]'z.csv"]}}
    start = tmp_path / "start.toml"
    start.write_text("\n".join(document_lines(config)), encoding="utf-8")
    (tmp_path / "out").mkdir()
    for form in FORMS:
        found = load_sweep(convert(start, tmp_path / "out" / f"a{form}").file)
        assert found.at([None]).industries["chips"].uses["gallium"].share == 1
        (values,) = [p.over for p in found.sweep.parameters if isinstance(p.over, Listed)]
        shares = [
            found.at(list(s)).industries["chips"].uses["gallium"].share for s in values.settings
        ]
        assert shares == [1, 0.5]
