"""A config put together from others: names, layers, what is left out, what must agree, faults."""

# ruff: noqa: E501

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from written_books import write_book

from riskengine.config import load, load_mitigation, load_sweep
from riskengine.config.editors import config_schema
from riskengine.config.layers.parts import MOST_PARTS
from riskengine.errors import Fault
from riskengine.model.distributions import constant
from riskengine.model.notices import scenario_notices
from riskengine.store.documents import to_json

FaultsOf = Callable[..., tuple[Fault, ...]]
Write = Callable[..., Path]

POLITICS = """\
[ladder.licensing]
sojourn = { lognormal = { median = 150, p90 = 540 } }
next = { resolved = 0.6, full-ban = 0.4 }

[ladder.full-ban]
sojourn = 90
next = { licensing = 1 }
"""
DISPUTE = """
[disputes.own]
coercer = "China"
target = "{0}"
rate_per_year = 1.5
entry = {{ licensing = 1 }}
"""
KOREA = (
    """\
[run]
title = "Korea alone"
seed = 8
money = "USD million"
horizon_days = 730
importer = "Korea"
"""
    + POLITICS
    + DISPUTE.format("Korea")
    + """
[materials]
note = "a note of all materials"

[materials.gallium]
note = "a note of the material"
spend_per_year = 40
cut = { licensing = 0.3, full-ban = 0.9 }
sources.China = { share = 0.9 }
stocks.own = { days = 20 }

[materials.tin]
importer = "Busan"
cut = { full-ban = 1 }
sources.China = { share = 0.5 }

[industries.chips]
value_added_per_year = 5_200
uses.gallium = { share = 0.5, dependence = 0.8, inventory_days = 30 }
uses.tin = { share = 0.5, dependence = 0.1 }
uses.note = "a note of the uses"

[industries.cars]
value_added_per_year = 9_000

[propagation.coefficients.chips]
cars = 0.3
"""
)
JAPAN = (
    '[run]\nmoney = "USD million"\nimporter = "Japan"\n'
    + POLITICS
    + DISPUTE.format("Japan")
    + """
[tables]
materials = "japan/materials.csv"
sources = "japan/sources.csv"

[propagation]
file = "japan/matrix.csv"

[industries.chips]
value_added_per_year = 7_000
uses.gallium = { share = 0.25, dependence = 0.4 }

[industries.tools]
value_added_per_year = 800
"""
)
TABLES = {
    "japan/materials.csv": "material,cut.full-ban,coverage\ngallium,0.8,0.5\n",
    "japan/sources.csv": 'material,country,share,boycott_cut\ngallium,China,0.2,"{ empirical = { file = ""cuts.csv"", column = ""cut"" } }"\n',
    "japan/cuts.csv": "cut\n0.25\n0.75\n",
    "japan/matrix.csv": "from,to,coefficient\nchips,tools,0.4\n",
}
JOINT = (
    """\
run = { trials = 500, seed = 3, money = "USD million", horizon_days = 730 }

[parts.korea]
config = "korea.toml"
[parts.japan]
config = "japan.toml"

[disputes.on-korea]
coercer = "China"
target = "Korea"
entry = { full-ban = 1 }
active = { level = "full-ban", materials = ["korea-gallium"] }

[disputes.on-japan]
coercer = "China"
target = "Japan"
rate_per_year = 0.5
entry = { licensing = 1 }
"""
    + POLITICS
)


@pytest.fixture
def joint(write: Write) -> Path:
    """A config of two parts, each with all that a part may bring."""
    for name, content in {"korea.toml": KOREA, "japan.toml": JAPAN, **TABLES}.items():
        write(content, name)
    return write(JOINT, "joint.toml")


# --- Names and values ---


def test_names_have_their_part_in_front_and_so_have_all_references(joint: Path) -> None:
    scenario = load(joint)

    assert list(scenario.materials) == ["korea-gallium", "korea-tin", "japan-gallium"]
    assert list(scenario.industries) == ["korea-chips", "korea-cars", "japan-chips", "japan-tools"]
    assert list(scenario.industries["korea-chips"].uses) == ["korea-gallium", "korea-tin"]
    assert list(scenario.industries["japan-chips"].uses) == ["japan-gallium"]
    assert scenario.propagation == {
        "korea-chips": {"korea-cars": 0.3},
        "japan-chips": {"japan-tools": 0.4},
    }
    assert list(scenario.disputes) == ["on-korea", "on-japan"]


def test_members_of_a_part_have_its_importer_unless_they_name_their_own(joint: Path) -> None:
    scenario = load(joint)

    importers = {name: each.importer for name, each in scenario.materials.items()}
    assert importers == {"korea-gallium": "Korea", "korea-tin": "Busan", "japan-gallium": "Japan"}
    assert [each.importer for each in scenario.industries.values()] == ["Korea"] * 2 + ["Japan"] * 2
    assert scenario.run.importer is None


def test_values_are_those_of_the_part_alone(joint: Path, tmp_path: Path) -> None:
    together, alone = load(joint), load(tmp_path / "korea.toml")

    assert together.materials["korea-gallium"] == alone.materials["gallium"]
    assert together.materials["korea-tin"] == alone.materials["tin"]
    ours, theirs = together.industries["korea-chips"], alone.industries["chips"]
    assert (ours.value_added_per_year, ours.combine) == (5200.0, theirs.combine)
    assert list(ours.uses.values()) == list(theirs.uses.values())


def test_notes_are_kept_under_their_members_but_not_those_of_whole_collections(joint: Path) -> None:
    document = load(joint).document

    assert document["materials"]["korea-gallium"]["note"] == "a note of the material"
    assert document["industries"]["korea-chips"]["uses"]["note"] == "a note of the uses"
    assert list(document["materials"]) == ["korea-gallium", "korea-tin", "japan-gallium"]


def test_files_are_relative_to_the_file_of_the_part_that_names_them(joint: Path) -> None:
    cut = load(joint).materials["japan-gallium"].sources["China"].boycott_cut

    assert (cut.family, cut.support(), cut.mean()) == ("empirical", (0.25, 0.75), 0.5)


def test_every_file_is_listed_with_its_hash(joint: Path) -> None:
    known = {"joint.toml": JOINT, "korea.toml": KOREA, "japan.toml": JAPAN, **TABLES}

    found = dict(load(joint).files)

    assert found == {n: hashlib.sha256(text.encode()).hexdigest() for n, text in known.items()}


def test_names_are_the_same_in_a_dict(joint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(joint.parent)

    assert load(tomllib.loads(JOINT)).document == load(joint).document


def test_what_the_joint_config_leaves_out_of_units_and_time_comes_from_the_parts(
    joint: Path, write: Write
) -> None:
    write(JOINT.replace(', money = "USD million", horizon_days = 730', ""), "joint.toml")

    run = load(joint).run

    assert (run.money, run.horizon_days, run.seed, run.title) == ("USD million", 730.0, 3, "")


# --- Layers ---


def test_the_joint_config_changes_anything_of_a_part(joint: Path, write: Write) -> None:
    write("material,tier,days\nkorea-gallium,own,45\njapan-gallium,new,10\n", "stocks.csv")
    write(
        JOINT
        + '[tables]\nstocks = "stocks.csv"\n'
        + "[materials.korea-gallium]\ncoverage = 0.5\n"
        + "[industries.japan-chips]\nuses.korea-tin = { share = 0.1, dependence = 0.2 }\n",
        "joint.toml",
    )

    scenario = load(joint)

    gallium = scenario.materials["korea-gallium"]
    assert (gallium.coverage, gallium.spend_per_year) == (0.5, 40.0)
    assert gallium.stocks["own"].days == constant(45.0)
    assert scenario.materials["japan-gallium"].stocks["new"].days == constant(10.0)
    assert list(scenario.industries["japan-chips"].uses) == ["japan-gallium", "korea-tin"]


def test_values_are_set_over_parts(joint: Path) -> None:
    scenario = load(joint, ("materials.korea-gallium.stocks.own.days=7",))
    again = scenario.with_values({"industries.japan-chips.uses.japan-gallium.share": 0.125})

    assert again.materials["korea-gallium"].stocks["own"].days == constant(7.0)
    assert again.industries["japan-chips"].uses["japan-gallium"].share == 0.125


def test_a_file_that_extends_the_joint_config_may_change_what_parts_must_agree_on(
    joint: Path, write: Write
) -> None:
    write(
        'extends = "joint.toml"\n[run]\nhorizon_days = 365\n[ladder.full-ban]\nsojourn = 5\n',
        "year.toml",
    )

    scenario = load(joint.parent / "year.toml")

    assert scenario.run.horizon_days == 365.0
    assert scenario.ladder["full-ban"].sojourn == constant(5.0)


def test_an_upper_file_puts_another_config_in_the_place_of_a_part(
    joint: Path, write: Write
) -> None:
    write('extends = "korea.toml"\n[materials.gallium]\ncoverage = 0.25\n', "mine.toml")
    write('extends = "joint.toml"\n[parts.korea]\nconfig = "mine.toml"\n', "other.toml")

    scenario = load(joint.parent / "other.toml")

    assert scenario.materials["korea-gallium"].coverage == 0.25
    assert list(scenario.materials) == ["korea-gallium", "korea-tin", "japan-gallium"]


def test_a_sweep_and_options_name_paths_of_parts(joint: Path, write: Write) -> None:
    write(
        JOINT
        + '[sweep]\nmethod = "grid"\n[sweep.parameters]\n'
        + '"materials.korea-gallium.stocks.own.days" = [0, 20, 60]\n'
        + '[mitigation]\nmeasure = "mean"\n'
        + "[mitigation.options.more]\ncost = 5\n"
        + 'set = { "materials.japan-gallium.coverage" = 0.1 }\n',
        "joint.toml",
    )

    swept, bought = load_sweep(joint), load_mitigation(joint)

    assert swept.base == (20,)
    assert swept.at((60,)).materials["korea-gallium"].stocks["own"].days == constant(60.0)
    assert [option.name for option in bought.mitigation.options] == ["more"]


def test_a_part_may_be_shipped_and_may_extend(write: Write) -> None:
    write('extends = "riskengine:korea-2026"\n[materials.gallium]\ncoverage = 0.125\n', "mine.toml")
    path = write(
        'extends = "riskengine:china-2026"\nparts.a.config = "riskengine:japan-2026"\n'
        'parts.b.config = "mine.toml"\n'
    )

    scenario = load(path)

    assert scenario.materials["b-gallium"].coverage == 0.125
    assert scenario.materials["a-gallium"] == load("configs/japan-2026.toml").materials["gallium"]
    assert list(scenario.triggers) == ["spill-over-halt", "spill-over-boycott", "truce-lapses"]


def test_parts_and_joint_config_may_be_workbooks(joint: Path, write: Write) -> None:
    run = [
        ("key", "value"),
        ("importer", "Japan"),
        ("industries.chips.value_added_per_year", 7000),
        ("industries.chips.uses.gallium", "{ share = 0.25, dependence = 0.4 }"),
    ]
    materials = [("material", "cut.full-ban"), ("gallium", 0.8)]
    sources = [("material", "country", "share"), ("gallium", "China", 0.2)]
    sheets = {"Run": run, "Materials": materials, "Sources": sources}
    write_book(joint.parent / "japan.xlsx", sheets)
    settings = [
        ("key", "value"),
        ("extends", "below.toml"),
        ("parts.korea.config", "korea.toml"),
        ("parts.japan.config", "japan.xlsx"),
    ]
    path = write_book(joint.parent / "joint.xlsx", {"Run": settings})
    head, _, rest = JOINT.partition("[parts.korea]")
    write(head + rest[rest.index("[disputes") :], "below.toml")

    found = load(path)

    assert list(found.materials) == ["korea-gallium", "korea-tin", "japan-gallium"]
    assert found.materials["japan-gallium"].importer == "Japan"
    assert found.materials["japan-gallium"].sources["China"].share == 0.2
    assert found.industries["japan-chips"].uses["japan-gallium"].dependence == 0.4


def test_a_fault_in_a_workbook_that_is_a_part_is_met_at_its_cell(
    joint: Path, write: Write, faults: FaultsOf
) -> None:
    run = [("key", "value"), ("importer", "Japan"), ("money", "JPY million")]
    materials = [("material", "cut.full-ban"), ("gallium", 80)]
    book = write_book(joint.parent / "japan.xlsx", {"Run": run, "Materials": materials})
    write(JOINT.replace("japan.toml", "japan.xlsx"), "joint.toml")

    found = {fault.place: fault for fault in faults(joint)}

    assert found[f"{book}#Run!B3"].path == ("run", "money")
    assert found[f"{book}#Materials!B2"].path == ("materials", "japan-gallium", "cut", "full-ban")


def test_what_is_left_out_of_a_part_is_a_notice(joint: Path) -> None:
    found = {notice.code: notice.message for notice in scenario_notices(load(joint))}

    assert found["part-left-out"].endswith(
        "korea (run.title, run.seed, ladder, disputes), japan (ladder, disputes)."
    )


def test_no_editor_underlines_a_joint_config() -> None:
    validator = Draft202012Validator(json.loads(to_json(config_schema())))

    assert list(validator.iter_errors(tomllib.loads(JOINT))) == []
    found = list(validator.iter_errors({"parts": {"korea": {"confg": "korea.toml"}}}))
    assert ["parts", "korea"] in [list(error.absolute_path) for error in found]


# --- What must agree ---


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (('money = "USD million"', 'money = "KRW billion"'), ("run", "money"), '"KRW billion"'),
        (("horizon_days = 730", "horizon_days = 365"), ("run", "horizon_days"), "365"),
        (("sojourn = 90", "sojourn = 91"), ("ladder", "full-ban", "sojourn"), "91"),
        (("licensing = 1 }\n\n[disputes", "resolved = 1 }\n\n[disputes"), ("ladder", "full-ban", "next"), "{ resolved = 1 }"),
        (("sojourn = 90", "boycott = true\nsojourn = 90"), ("ladder", "full-ban", "boycott"), "true"),
    ],
)  # fmt: skip
def test_what_a_part_says_otherwise_than_the_joint_config_is_met_at_both_lines(
    joint: Path,
    write: Write,
    faults: FaultsOf,
    change: tuple[str, str],
    path: tuple[str, ...],
    said: str,
) -> None:
    part = write(KOREA.replace(*change), "korea.toml")

    fault = faults(joint)[0]

    assert (fault.file, fault.path) == (str(part), path)
    line = part.read_text().split("\n")[fault.line - 1]
    assert line.startswith(path[-1]) or (path[-1] == "boycott" and "boycott" in line)
    where = fault.found.removeprefix(f"is {said}; ").split(" has ")[0]
    file, _, number = where.rpartition(":")
    assert file == str(joint)
    ours = JOINT.split("\n")[int(number) - 1]
    assert path[-1] in ours or ours == "[ladder.full-ban]"


def test_what_two_parts_say_otherwise_is_met_at_both_lines(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write(JOINT.replace(', money = "USD million", horizon_days = 730', ""), "joint.toml")
    write(KOREA.replace("seed = 8", "valuation_date = 2026-01-08"), "korea.toml")
    write(JAPAN.replace("importer =", "valuation_date = 2026-01-09\nimporter ="), "japan.toml")

    (fault,) = faults(joint)

    assert (fault.file, fault.line) == (str(tmp_path / "japan.toml"), 3)
    assert fault.found == f'is "2026-01-09"; {tmp_path / "korea.toml"}:3 has "2026-01-08"'
    assert fault.text == "valuation_date = 2026-01-09"


def test_the_same_in_other_words_agrees(joint: Path, write: Write) -> None:
    other = KOREA.replace("horizon_days = 730", "horizon_days = 730.0")
    other = other.replace("sojourn = 90", "sojourn = 90.0\nboycott = false\nstatus = 'assumption'")
    write(
        other.replace("resolved = 0.6, full-ban", "licensing = 0, resolved = 0.6, full-ban"),
        "korea.toml",
    )

    assert load(joint).run.horizon_days == 730.0


def test_a_level_that_the_joint_config_does_not_have_is_met_where_a_part_cuts_at_it(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write(TABLES["japan/materials.csv"].replace("full-ban", "halt"), "japan/materials.csv")
    write(JAPAN + "[ladder.halt]\nsojourn = 5\nnext = { licensing = 1 }\n", "japan.toml")

    (fault,) = faults(joint)

    assert fault.place == f"{tmp_path / 'japan/materials.csv'}!B2"
    assert fault.path == ("materials", "japan-gallium", "cut", "halt")


# --- Faults ---


def test_a_fault_in_a_part_has_its_own_line_and_the_path_of_the_joint_config(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write(KOREA.replace("dependence = 0.8", "dependence = 80"), "korea.toml")
    write(TABLES["japan/materials.csv"].replace("0.8,0.5", "0.8,fifty"), "japan/materials.csv")

    first, second = faults(joint)

    line = 1 + KOREA.split("\n").index(
        "uses.gallium = { share = 0.5, dependence = 0.8, inventory_days = 30 }"
    )
    assert first.place == f"{tmp_path / 'korea.toml'}:{line}"
    assert first.path == ("industries", "korea-chips", "uses", "korea-gallium", "dependence")
    assert first.hint == "did you mean 0.8?"
    assert second.place == f"{tmp_path / 'japan/materials.csv'}!C2"
    assert second.path == ("materials", "japan-gallium", "coverage")


def test_a_value_of_the_joint_config_is_met_in_the_joint_config(
    joint: Path, write: Write, faults: FaultsOf
) -> None:
    write(JOINT + "[materials.korea-gallium]\nspend_per_year = -1\n", "joint.toml")

    (fault,) = faults(joint)

    assert (fault.file, fault.text) == (str(joint), "spend_per_year = -1")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('money = "USD million"', "money = 7", 4),
        ("horizon_days = 730", "horizon_days = -1", 5),
        ('importer = "Korea"', "importer = 7", 6),
    ],
)
def test_a_bad_setting_of_a_part_is_met_once(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path, old: str, new: str, line: int
) -> None:
    write(KOREA.replace(old, new), "korea.toml")
    write(JOINT.replace(', materials = ["korea-gallium"]', ""), "joint.toml")

    assert [fault.place for fault in faults(joint)] == [f"{tmp_path / 'korea.toml'}:{line}"]


def test_tables_of_a_part_that_are_not_there_are_all_that_is_met(
    joint: Path, faults: FaultsOf, tmp_path: Path
) -> None:
    for table in ("materials", "sources"):
        (tmp_path / f"japan/{table}.csv").unlink()

    found = faults(joint)

    tables = [f'there is no file "japan/{table}.csv"' for table in ("materials", "sources")]
    assert [fault.found for fault in found] == tables
    assert {fault.file for fault in found} == {str(tmp_path / "japan.toml")}


def test_parts_are_relative_to_the_file_that_names_them(
    joint: Path, write: Write, tmp_path: Path
) -> None:
    for file in [*tmp_path.glob("*.toml"), *tmp_path.glob("japan/*")]:
        write(file.read_text(), f"below/{file.relative_to(tmp_path)}")
        file.unlink()
    top = write('extends = "below/joint.toml"\n', "top.toml")

    assert list(load(top).materials) == ["korea-gallium", "korea-tin", "japan-gallium"]
    assert "below/japan/matrix.csv" in dict(load(top).files)


def test_a_level_of_what_the_joint_config_extends_must_agree_too(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write(POLITICS.replace("sojourn = 90", "sojourn = 91"), "politics.toml")
    write('extends = "politics.toml"\n' + JOINT.removesuffix(POLITICS), "joint.toml")

    found = [fault.found for fault in faults(joint)]

    assert found == [f"is 90; {tmp_path / 'politics.toml'}:6 has 91"] * 2


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("[matrials.zinc]\ncoverage = 1\n" + KOREA, "is no known key"),
        (KOREA.replace("title =", "titel ="), "is no known key"),
        (KOREA.replace('money = "USD million"', "money = 7"), "is 7"),
        ("materials = 5\n[industries.x]\nvalue_added_per_year = 5\n", "is 5"),
        ('[tables]\nstocks = "stocks.csv"\n' + KOREA.replace("[tables]", ""), "there is no file"),
        ("[run]\nmoney = = 5\n", "is no valid TOML"),
    ],
)
def test_what_is_wrong_with_a_part_by_itself_is_met_in_its_file(
    joint: Path, write: Write, faults: FaultsOf, part: str, found: str
) -> None:
    path = write(part, "korea.toml")

    fault = faults(joint)

    assert any(each.found.startswith(found) and each.file == str(path) for each in fault)


def test_rows_of_a_part_about_what_it_does_not_have_are_met_in_its_table(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write("material,country,share\ngalium,China,0.5\n", "japan/sources.csv")

    (fault,) = faults(joint)

    assert fault.place == f"{tmp_path / 'japan/sources.csv'}!A2"
    assert fault.path == ("materials", "japan-galium")
    assert fault.hint == 'did you mean "gallium"?'


def test_rows_of_the_joint_config_may_name_members_of_parts_and_no_others(
    joint: Path, write: Write, faults: FaultsOf
) -> None:
    write("material,tier,days\nkorea-galium,own,45\n", "stocks.csv")
    write(JOINT + '[tables]\nstocks = "stocks.csv"\n', "joint.toml")

    fault = next(each for each in faults(joint) if "declared nowhere" in each.found)

    assert fault.file == str(joint.parent / "stocks.csv")
    assert fault.hint == 'did you mean "korea-gallium"?'


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ('"none.toml"', 'there is no file "none.toml"'),
        ('"../korea.toml"', '"../korea.toml" leaves the folder of the config'),
        ('"riskengine:korea-2062"', 'there is no "riskengine:korea-2062" to extend'),
        ('"politics.toml"', '"politics.toml" brings nothing'),
        ("5", "is 5"),
        ('"joint.toml"', '"joint.toml" has parts itself, at {joint}:3'),
        ('"upper.toml"', '"upper.toml" has parts itself, at {joint}:3'),
    ],
)
def test_a_part_that_cannot_be_one_is_met_where_it_is_named(
    joint: Path, write: Write, faults: FaultsOf, part: str, found: str
) -> None:
    write(POLITICS, "politics.toml")
    write('extends = "joint.toml"\n', "upper.toml")
    write(JOINT.replace('"japan.toml"', part), "joint.toml")

    fault = faults(joint)[0]

    assert (fault.file, fault.line) == (str(joint), 6)
    assert fault.found == found.format(joint=joint)


def test_a_part_without_a_config_is_met(joint: Path, write: Write, faults: FaultsOf) -> None:
    write(JOINT.replace('config = "japan.toml"', 'confg = "japan.toml"'), "joint.toml")

    found = {fault.path: fault for fault in faults(joint)}

    assert found["parts", "japan", "confg"].hint == 'did you mean "config"?'
    assert found["parts", "japan", "config"].found == "is missing"


def test_names_of_two_parts_that_become_one_are_met_at_both_lines(
    joint: Path, write: Write, faults: FaultsOf, tmp_path: Path
) -> None:
    write(
        KOREA.replace("[materials.tin]", "[materials.x-tin]").replace("uses.tin", "uses.x-tin"),
        "korea.toml",
    )
    write("[materials.tin]\nimporter = 'Japan'\n", "tin.toml")
    write(
        JOINT.replace("[parts.japan]", '[parts.korea-x]\nconfig = "tin.toml"\n[parts.japan]'),
        "joint.toml",
    )

    fault = next(fault for fault in faults(joint) if "another part" in fault.found)

    assert fault.place == f"{tmp_path / 'tin.toml'}:1"
    line = 1 + KOREA.split("\n").index("[materials.tin]")
    assert fault.found.endswith(f"at {tmp_path / 'korea.toml'}:{line}")
    assert fault.path == ("materials", "korea-x-tin")


def test_a_name_that_becomes_too_long_is_met(joint: Path, write: Write, faults: FaultsOf) -> None:
    name = "t" * 295
    write(
        KOREA.replace("[materials.tin]", f"[materials.{name}]").replace("uses.tin", f"uses.{name}"),
        "korea.toml",
    )

    fault = next(fault for fault in faults(joint) if "characters" in fault.found)

    assert fault.found == "is a name of 301 characters, that of the part included"


def test_too_many_parts_are_met(joint: Path, write: Write, faults: FaultsOf) -> None:
    more = "".join(f'[parts.p{n}]\nconfig = "korea.toml"\n' for n in range(MOST_PARTS - 1))
    write(JOINT + more, "joint.toml")

    assert faults(joint)[0].found == f"names {MOST_PARTS + 1} configs"


def test_parts_cannot_be_set_or_varied(joint: Path, write: Write, faults: FaultsOf) -> None:
    fault = faults(joint, ("parts.korea.config=japan.toml",))[0]
    assert fault.found == "parts cannot be set here"

    write(
        JOINT + '[sweep]\nmethod = "grid"\n[sweep.parameters]\n"parts.korea.config" = ["a", "b"]\n',
        "joint.toml",
    )
    with pytest.raises(Exception, match=r"parts\.korea\.config cannot be swept"):
        load_sweep(joint)
