"""The as-of rule: what became known later is refused, wherever it stands."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SOURCES, SUITE, write_suite

from riskengine.backtest.suites import load_suite
from riskengine.errors import ConfigFault, Fault

LATE = "2010-10-21"  # a month into the stop, the ministry said how long stocks would last


def met(folder: Path, config: str = CONFIG, sources: str = SOURCES) -> list[Fault]:
    with pytest.raises(ConfigFault) as caught:
        load_suite(write_suite(folder, config=config, sources=sources), cases=["stop"])
    assert caught.value.exit_code == 2
    return list(caught.value.faults)


def test_a_row_of_hindsight_is_refused_with_file_row_and_column(tmp_path: Path) -> None:
    (fault,) = met(tmp_path, sources=SOURCES.replace("2010-06-30", LATE))
    assert fault.file.endswith("tables/sources.csv")
    assert fault.cell == "D2"
    assert fault.path == ("materials", "metal", "sources", "China", "known_on")
    assert fault.found == f"is {LATE}: hindsight, for the case is as of 2010-09-21"


def test_an_input_known_on_the_very_day_is_allowed(tmp_path: Path) -> None:
    sources = SOURCES.replace("2010-06-30", "2010-09-21")
    assert load_suite(write_suite(tmp_path, sources=sources), cases=["stop"]).cases


def test_a_row_without_a_date_is_refused_at_its_empty_cell(tmp_path: Path) -> None:
    (fault,) = met(tmp_path, sources=SOURCES.replace("2010-06-30", ""))
    assert fault.cell == "D2"
    assert "nothing says when these values were known" in fault.found


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        pytest.param("known_on = 2009-12-31", f"known_on = {LATE}", "ladder.slow.known_on", id="a level"),
        pytest.param("known_on = 2010-01-01", f"known_on = {LATE}", "disputes.china-japan.known_on", id="a dispute"),
        pytest.param("cut = { slow = 0.5, stop = 1.0 }", f"cut = {{ slow = 0.5, stop = 1.0, known_on = {LATE} }}", "materials.metal.cut.known_on", id="a part of a material"),
        pytest.param('note = "a month"\n', f'note = "a month"\nknown_on = {LATE}\n', "industries.motors.uses.metal.known_on", id="a use"),
        pytest.param("sojourn = { exponential = { mean = 60 } }", f"sojourn = {{ exponential = {{ mean = 60 }}, known_on = {LATE} }}", "ladder.stop.sojourn.known_on", id="a distribution"),
    ],
)  # fmt: skip
def test_hindsight_is_refused_in_any_table(tmp_path: Path, old: str, new: str, path: str) -> None:
    (fault,) = met(tmp_path, CONFIG.replace(old, new, 1))
    assert ".".join(fault.path) == path
    assert fault.line > 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("known_on = 2010-01-01\n\n[materials", "\n[materials"), id="a dispute"),
        pytest.param(('note = "by what the levels mean"\n', ""), id="an assumption without a reason"),
        pytest.param(('status = "assumption"\nnote = "by', 'status = "sourced"\nnote = "by'), id="a sourced value"),
    ],
)  # fmt: skip
def test_a_table_without_a_date_is_refused_unless_it_is_a_reasoned_assumption(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    assert CONFIG.count(change[0]) == 1
    (fault,) = met(tmp_path, CONFIG.replace(*change))
    assert fault.path[-1] == "known_on"
    assert "assumption" in fault.hint


def test_a_value_that_another_file_changes_needs_a_date_of_its_own(tmp_path: Path) -> None:
    write_suite(tmp_path)
    changed = 'extends = "one.toml"\n[ladder.stop]\nsojourn = 400\n'
    (tmp_path / "changed.toml").write_text(changed, encoding="utf-8")
    suite = write_suite(tmp_path, SUITE.replace('"one.toml"', '"changed.toml"', 1))
    with pytest.raises(ConfigFault) as caught:
        load_suite(suite, cases=["stop"])
    (fault,) = caught.value.faults
    assert (fault.path, fault.line) == (("ladder", "stop", "sojourn"), 3)
    assert "known_on" in fault.allowed
    (tmp_path / "changed.toml").write_text(f"{changed}known_on = 2010-09-01\n", encoding="utf-8")
    assert load_suite(suite, cases=["stop"]).cases


def test_a_mere_comparison_counts_what_has_no_date_and_still_refuses_what_is_later(
    tmp_path: Path,
) -> None:
    undated = CONFIG.replace("known_on = 2010-01-01\n", "").replace("known_on = 2009-12-31\n", "")
    case = load_suite(write_suite(tmp_path, config=undated), cases=["estimate"]).cases["estimate"]
    assert (case.dated, case.undated) == (1, 7)
    with pytest.raises(ConfigFault, match="hindsight"):
        load_suite(
            write_suite(tmp_path, sources=SOURCES.replace("2010-06-30", LATE)), cases=["estimate"]
        )
