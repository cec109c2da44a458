"""The as-of rule: what became known later is refused, wherever it stands."""

# ruff: noqa: E501

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SOURCES, SUITE, write_suite
from calibrate_worlds import fitted, history

from riskengine.backtests.suites import load_suite
from riskengine.errors import ConfigFault, Fault
from riskengine.fits.episodes import as_known
from riskengine.fits.fragment import fragment

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
    suite = SUITE.replace("2010-03-31", "2010-09-21")  # the gross domestic product
    read = load_suite(write_suite(tmp_path, suite, sources=sources), cases=["stop"])
    assert (read.cases["stop"].dated, read.cases["stop"].undated) == (6, 2)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param('[correlation]\nnote = "nothing is known"\n', id="notes alone"),
        pytest.param('[materials.ore]\nnote = "named only"\n', id="a member with a note"),
        pytest.param(
            '[materials.ore.stocks.state]\ndays = 9\nstatus = "assumption"\nnote = "a guess"\n',
            id="a member that holds parts, which are dated themselves"),
    ],
)  # fmt: skip
def test_a_table_without_values_of_its_own_needs_no_date(tmp_path: Path, table: str) -> None:
    suite = write_suite(tmp_path, config=f"{CONFIG}\n{table}")
    case = load_suite(suite, cases=["stop"]).cases["stop"]
    assert (case.dated, case.undated) == (6, 2 + ("days" in table))


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


def above(folder: Path, text: str, **files: str) -> Path:
    """A suite whose first case has a config that extends the usual one."""
    write_suite(folder, **files)
    (folder / "above.toml").write_text(f'extends = "one.toml"\n{text}', encoding="utf-8")
    return write_suite(folder, SUITE.replace('"one.toml"', '"above.toml"', 1), **files)


@pytest.mark.parametrize(
    ("old", "new", "text", "path", "file"),
    [
        pytest.param(
            "known_on = 2009-12-31\n\n[disputes", f"known_on = {LATE}\n\n[disputes",
            "[ladder.stop]\nknown_on = 2009-12-31\n",
            "ladder.stop.known_on", "one.toml", id="a level"),
        pytest.param(
            "sojourn = { exponential = { mean = 60 } }",
            f"sojourn = {{ exponential = {{ mean = 60 }}, known_on = {LATE} }}",
            "[ladder.stop]\nsojourn = { known_on = 2009-12-31 }\nknown_on = 2009-12-31\n",
            "ladder.stop.sojourn.known_on", "one.toml", id="a distribution"),
        pytest.param(
            "2010-06-30", LATE,
            "[materials.metal.sources.China]\nknown_on = 2009-12-31\n",
            "materials.metal.sources.China.known_on", "sources.csv", id="a row"),
    ],
)  # fmt: skip
def test_a_file_above_cannot_make_a_late_value_older(
    tmp_path: Path, old: str, new: str, text: str, path: str, file: str
) -> None:
    config, sources = (each.replace(old, new) for each in (CONFIG, SOURCES))
    assert (config, sources) != (CONFIG, SOURCES)
    with pytest.raises(ConfigFault) as caught:
        load_suite(above(tmp_path, text, config=config, sources=sources), cases=["stop"])
    (fault,) = caught.value.faults
    assert ".".join(fault.path) == path
    assert fault.found == f"is {LATE}: hindsight, for the case is as of 2010-09-21"
    assert fault.file.endswith(file)
    assert fault.line or fault.cell == "D2"


def test_a_late_day_whose_values_are_all_replaced_is_no_hindsight(tmp_path: Path) -> None:
    late = CONFIG.replace("known_on = 2009-12-31\n\n[disputes", f"known_on = {LATE}\n\n[disputes")
    text = "[ladder.stop]\nsojourn = 90\nnext = { resolved = 0.6, slow = 0.4 }\nknown_on = 2009-12-31\n"
    assert load_suite(above(tmp_path, text, config=late), cases=["stop"]).cases
    part = text.replace("sojourn = 90\n", "")
    with pytest.raises(ConfigFault, match="hindsight"):
        load_suite(above(tmp_path, part, config=late), cases=["stop"])


@pytest.mark.costly
@pytest.mark.parametrize("day", ["2023-07-31", "2023-08-02"])
def test_a_fit_to_history_is_known_as_of_the_day_of_its_table(tmp_path: Path, day: str) -> None:
    """A fit that was made afterwards may rest on the very outcomes that it is held against."""
    fit = fragment(fitted(as_known(history(), date.fromisoformat(day)), quantity="flow"))
    config = CONFIG.replace("slow", "slow-licensing").replace("stop", "near-zero")
    config = config.replace("[run]", 'extends = "fit.toml"\n[run]', 1)
    config = "".join(line for line in config.splitlines(True) if not line.startswith("sojourn"))
    suite = SUITE.replace("2010-09-21", "2023-08-01").replace("2011-01-06", "2024-01-06")
    path = write_suite(tmp_path, suite.replace('level = "stop"', 'level = "near-zero"'), config)
    (tmp_path / "fit.toml").write_text(fit, encoding="utf-8")
    if day < "2023-08-01":
        assert load_suite(path, cases=["stop"]).cases["stop"].dated == 6
        return
    with pytest.raises(ConfigFault) as caught:
        load_suite(path, cases=["stop"])
    late = f"is {day}: hindsight, for the case is as of 2023-08-01"
    assert [(fault.found, fault.text) for fault in caught.value.faults] == [
        (late, f"known_on = {day}")
    ] * 2  # slow and near zero
    assert caught.value.faults[0].file.endswith("fit.toml")


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
