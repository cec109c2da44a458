"""Suites are read whole, and everything wrong with one is met with its place, all at once."""

# ruff: noqa: E501

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from backtest.suite_worlds import CONFIG, SOURCES, SUITE, write_suite

from riskengine.backtests.cases import Range
from riskengine.backtests.suites import find_suite, load_suite
from riskengine.config.toml.one_line import toml_text
from riskengine.errors import ConfigFault, Fault, UsageFault

Faults = Callable[..., tuple[Fault, ...]]
SHIPPED = Path(__file__).parents[2] / "configs" / "backtests"


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    """The faults of a suite that was changed in one place."""

    def faults_of(old: str, new: str, where: str = "suite") -> tuple[Fault, ...]:
        texts = {"suite": SUITE, "config": CONFIG, "sources": SOURCES}
        assert texts[where].count(old) >= 1
        texts[where] = texts[where].replace(old, new, 1)
        path = write_suite(tmp_path / "suites", **texts)
        with pytest.raises(ConfigFault) as caught:
            load_suite(path)
        assert caught.value.exit_code == 2
        assert str(caught.value).endswith("nothing was run.")
        return caught.value.faults

    return faults_of


def line_of(text: str, wanted: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), start=1) if wanted in line)


def test_a_suite_becomes_cases_with_what_happened_set_in_their_configs(tmp_path: Path) -> None:
    suite = load_suite(write_suite(tmp_path))
    assert (suite.title, suite.stem, list(suite.cases)) == (
        "Two stops", "two-stops", ["stop", "threat", "estimate"],
    )  # fmt: skip
    stop, threat, estimate = suite.cases.values()
    assert stop.scenario.disputes["china-japan"].active.level == "stop"
    assert threat.scenario.disputes["china-japan"].active is None
    assert estimate.scenario.ladder["stop"].sojourn.parameters == (400.0,)
    assert estimate.supposed == ("ladder.stop.sojourn=400",)
    assert (stop.scenario.run.trials, stop.scenario.run.seed, stop.gdp) == (400, 3, 50_000.0)
    assert stop.outcomes["back"].seen == Range(low=90.0, high=90.0)
    assert stop.outcomes["loss"].seen == Range(low=100.0, high=math.inf, is_after=True)
    assert (stop.dated, stop.undated) == (6, 2)  # gdp with a date among them
    assert [case.is_comparison for case in (stop, threat, estimate)] == [False, False, True]


def test_at_most_starts_at_nothing_and_texts_may_be_empty(tmp_path: Path) -> None:
    suite = SUITE.replace("value = 90\n", "high = 90\n").replace('title = "A stop"', 'title = ""')
    case = load_suite(write_suite(tmp_path, suite), ["stop"]).cases["stop"]
    assert case.outcomes["back"].seen == Range(low=0.0, high=90.0)
    assert case.title == ""


def test_a_range_may_be_a_point_and_a_reason_empty(tmp_path: Path) -> None:
    suite = SUITE.replace("value = 90\n", "low = 90\nhigh = 90\n")
    for text in ("customs", "It came back in one go.", "Two stops"):
        assert suite.count(f'"{text}"') == 1
        suite = suite.replace(f'"{text}"', '""')
    read = load_suite(write_suite(tmp_path, suite), ["stop"])
    back = read.cases["stop"].outcomes["back"]
    assert (back.seen, back.source, back.if_missed) == (Range(low=90.0, high=90.0), "", "")
    assert read.title == "Back-test"


def test_a_config_may_have_a_longer_path_than_a_name(tmp_path: Path) -> None:
    suite = SUITE.replace('"one.toml"', f'"{"./" * 160}one.toml"', 1)
    assert list(load_suite(write_suite(tmp_path, suite), ["stop"]).cases) == ["stop"]


def test_what_a_suite_does_not_say_has_the_documented_values(tmp_path: Path) -> None:
    suite = SUITE.replace("trials = 400\nseed = 3\n", "").replace('title = "Two stops"\n', "")
    read = load_suite(write_suite(tmp_path, suite))
    runs = {(case.scenario.run.trials, case.scenario.run.seed) for case in read.cases.values()}
    assert (read.title, read.history, runs) == ("Back-test", None, {(20_000, 1)})
    assert {case.happened_source for case in read.cases.values()} == {""}
    assert read.cases["stop"].outcomes["back"].kind == "observed"


def test_any_text_of_toml_comes_through_an_event(tmp_path: Path) -> None:
    """Characters beyond the first plane and controls, which TOML escapes in its own way."""
    name = 'a\U0001f9f2 \\ "b"\x7f'
    assert tomllib.loads(f"x = {toml_text([name])}") == {"x": [name]}
    assert tomllib.loads(f"x = {toml_text({name: date(2010, 9, 21)})}")["x"] == {
        name: date(2010, 9, 21)
    }


def test_a_suite_without_cases_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    path.write_text('title = "None"\n', encoding="utf-8")
    with pytest.raises(ConfigFault, match=r"cases: is missing"):
        load_suite(path)
    path.write_text('title = "None"\n[cases]\n', encoding="utf-8")
    with pytest.raises(UsageFault, match="has no cases"):
        load_suite(path)


def test_options_lie_on_top_of_what_the_suite_says(tmp_path: Path) -> None:
    suite = load_suite(write_suite(tmp_path), overrides=["run.trials=7", "run.seed=8"])
    assert {(c.scenario.run.trials, c.scenario.run.seed) for c in suite.cases.values()} == {(7, 8)}


def test_a_folder_stands_for_the_one_suite_in_it(tmp_path: Path) -> None:
    path = write_suite(tmp_path)
    assert find_suite(str(tmp_path)) == str(path)
    (tmp_path / "second.toml").write_text(SUITE, encoding="utf-8")
    with pytest.raises(UsageFault, match=r"several suites.*second\.toml"):
        find_suite(str(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageFault, match="holds no suite"):
        find_suite(str(tmp_path / "empty"))


def test_only_the_cases_that_are_named_are_read(tmp_path: Path) -> None:
    broken = SUITE.replace('config = "one.toml"', 'config = "gone.toml"', 1)
    suite = load_suite(write_suite(tmp_path, broken), cases=["threat"])
    assert list(suite.cases) == ["threat"]


def test_an_unknown_case_is_met_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r'"threat".*It has: stop, threat, estimate') as caught:
        load_suite(write_suite(tmp_path), cases=["thread"])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "path", "found"),
    [
        ('quantity = "material:metal:normal_day"', 'quantity = "material:metal:normal_dya"', "cases.stop.outcomes.back.quantity", "no such figure"),
        ('quantity = "material:metal:normal_day"', 'quantity = "material:mettal:normal_day"', "cases.stop.outcomes.back.quantity", "no material of that name"),
        ('quantity = "share_of_gdp"', 'quantity = "share_of_gpd"', "cases.estimate.outcomes.bank.quantity", "names no figure"),
        ("value = 90\n", "", "cases.stop.outcomes.back", "does not say what was seen"),
        ("value = 90\n", "value = 90\nlow = 80\n", "cases.stop.outcomes.back", "says value and low or high"),
        ("value = 90\n", "low = 90\nhigh = 80\n", "cases.stop.outcomes.back.low", "above high"),
        ("value = 90\n", "value = 400\n", "cases.stop.outcomes.back", "beyond the horizon"),
        ("value = 90\n", "low = 400\n", "cases.stop.outcomes.back", "day 400, beyond the horizon of 365"),
        ("value = 90\n", "low = 90\nhigh = 366\n", "cases.stop.outcomes.back", "day 366, beyond the horizon of 365"),
        ('quantity = "material:metal:cut_days"\nvalue = 0\nunit = "days"', 'quantity = "any_loss"\nvalue = 0.5\nunit = "yes or no"', "cases.threat.outcomes.cut.answer", "is missing"),
        ('quantity = "material:metal:cut_days"\nvalue = 0\nunit = "days"', 'quantity = "any_loss"\nlow = 0\nunit = "yes or no"', "cases.threat.outcomes.cut.answer", "is missing"),
        ('value = 90\nunit = "days"', 'value = 1\nunit = "yes or no"', "cases.stop.outcomes.back.answer", "is missing"),
        ('unit = "days"\n', "", "cases.stop.outcomes.back.unit", "is missing"),
        ('unit = "days"\n', 'unit = "weeks"\n', "cases.stop.outcomes.back.unit", '"weeks"'),
        ('source = "customs"\n', "", "cases.stop.outcomes.back.source", "is missing"),
        ('if_missed = "It came back in one go."\n', "", "cases.stop.outcomes.back.if_missed", "is missing"),
        ("seen_on = 2011-01-06", "seen_on = 2010-09-21", "cases.stop.outcomes.back.seen_on", "not after the case's as_of"),
        ("none_seen_until_day = 100", "none_seen_until_day = 300", "cases.stop.outcomes.loss.none_seen_until_day", "107 days after as_of"),
        ('quantity = "material:metal:cut_days"\nvalue = 0', 'quantity = "material:metal:cut_days"\nnone_seen_until_day = 9', "cases.threat.outcomes.cut.none_seen_until_day", "no day"),
        ('quantity = "material:metal:cut_days"', 'quantity = "any_loss"', "cases.threat.outcomes.cut.unit", '"days"'),
        ("as_of = 2010-09-21\n", 'as_of = "autumn"\n', "cases.stop.as_of", "autumn"),
        ("as_of = 2010-09-21\n", "", "cases.stop.as_of", "is missing"),
        ('title = "A stop"', 'tittle = "A stop"', "cases.stop.tittle", "no known key"),
        ('config = "one.toml"', 'config = "two.toml"', "cases.stop.config", "there is no file"),
        ('config = "one.toml"', 'config = "../../one.toml"', "cases.stop.config", "leaves the folder"),
        ('level = "stop", materials', 'level = "sotp", materials', 'cases.stop.what_happened."disputes.china-japan.active"', "sotp"),
        ("gdp = { value = 50_000, known_on = 2010-03-31", "gdp = { value = 50_000, known_on = 2011-03-31", "cases.stop.gdp.known_on", "hindsight"),
        (", known_on = 2010-03-31", "", "cases.stop.gdp.known_on", "is missing"),
        ("gdp = { value = 50_000, known", "gdp = { value = 0, known", "cases.stop.gdp.value", "is 0"),
        ("gdp = { value = 50_000 }\n", "", "cases.estimate.outcomes.bank.quantity", "needs a gdp"),
        ("trials = 400", "trials = 0", "trials", "is 0"),
        ('title = "A stop"\n', "", "cases.stop.title", "is missing"),
        ('config = "one.toml"\n', "", "cases.stop.config", "is missing"),
        ("gdp = { value = 50_000, known", "gdp = { known", "cases.stop.gdp.value", "is missing"),
        ('quantity = "material:metal:normal_day"\n', "", "cases.stop.outcomes.back.quantity", "is missing"),
        ("seen_on = 2011-01-06\n", "", "cases.stop.outcomes.back.seen_on", "is missing"),
        ('kind = "published"', 'kind = "rumoured"', "cases.estimate.outcomes.bank.kind", "rumoured"),
        ("none_seen_until_day = 100", "none_seen_until_day = -1", "cases.stop.outcomes.loss.none_seen_until_day", "is -1"),
        ('quantity = "material:metal:normal_day"', 'quantity = ""', "cases.stop.outcomes.back.quantity", "empty"),
        ('"disputes.china-japan.active" = {', '"disputes.china-japan.active now" = {', 'cases.stop.what_happened."disputes.china-japan.active now"', "no path of a config"),
        ('"ladder.stop.sojourn" = 400', '".stop" = 400', 'cases.estimate.supposed.".stop"', "no path of a config"),
        ('"ladder.stop.sojourn" = 400', '" " = 400', 'cases.estimate.supposed." "', "empty name"),
    ],
)  # fmt: skip
def test_a_bad_suite_is_met_with_its_line_and_path(
    faults: Faults, old: str, new: str, path: str, found: str
) -> None:
    from riskengine.errors import format_path

    met = [fault for fault in faults(old, new) if format_path(fault.path) == path]
    assert len(met) == 1
    assert found in met[0].found
    assert met[0].file.endswith("two-stops.toml")
    assert met[0].line > 0


def test_outcomes_may_reach_the_last_day(tmp_path: Path) -> None:
    """Seen on the last of the 365 days that are played; watched for all 107 days until told."""
    suite = SUITE.replace("value = 90\n", "value = 365\n")
    suite = suite.replace("none_seen_until_day = 100", "none_seen_until_day = 107")
    outcomes = load_suite(write_suite(tmp_path, suite), ["stop"]).cases["stop"].outcomes
    assert (outcomes["back"].seen.low, outcomes["loss"].seen.low) == (365.0, 107.0)


def test_a_case_says_what_was_seen(faults: Faults) -> None:
    start = SUITE.index("[cases.threat.outcomes.cut]")
    outcome = SUITE[start : SUITE.index("[cases.estimate]")]
    for new, found in (("", "is missing"), ("[cases.threat.outcomes]\n\n", "is empty")):
        (fault,) = faults(outcome, new)
        assert (fault.path, fault.found) == (("cases", "threat", "outcomes"), found)


def test_an_outcome_may_be_seen_on_the_day_after_the_case(tmp_path: Path) -> None:
    text = SUITE.replace("seen_on = 2011-01-06", "seen_on = 2010-09-22", 1)
    suite = load_suite(write_suite(tmp_path / "suites", suite=text))
    assert suite.cases["stop"].outcomes["back"].seen_on == "2010-09-22"


EVENT = '"disputes.china-japan.active" = { level = "stop", materials = ["metal"] }'


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ('"materials.metal.cut.stop" = 0.1', '"materials.metal.cut.stop"'),
        ('"materials.metal.stocks.state" = { days = 90 }', '"materials.metal.stocks.state"'),
        ('"ladder.stop.sojourn" = 90', '"ladder.stop.sojourn"'),
        ('"run.horizon_days" = 90', '"run.horizon_days"'),
        ('"triggers.t.probability" = 0', '"triggers.t.probability"'),
        ('"industries.motors.uses.metal.inventory_days" = 100', '"industries.motors.uses.metal.inventory_days"'),
        ('"disputes.china-japan.rate_per_year" = 0', '"disputes.china-japan.rate_per_year"'),
        ('"disputes.china-japan.entry.stop" = 1', '"disputes.china-japan.entry.stop"'),
        ('"disputes.china-japan" = { active = { level = "stop" }, entry = { slow = 1 } }', '"disputes.china-japan".entry'),
        ('"disputes" = { china-japan = { active = { level = "stop" }, rate_per_year = 0 } }', "disputes.china-japan.rate_per_year"),
        ('disputes.china-japan.entry = { slow = 1 }', "disputes.china-japan.entry"),
        ('"disputes.active" = { level = "stop" }', '"disputes.active".level'),
        ('"disputes" = {}', "disputes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("case", ["stop", "estimate"])
def test_what_happened_sets_events_and_nothing_else(
    faults: Faults, case: str, given: str, path: str
) -> None:
    from riskengine.errors import format_path

    old = EVENT if case == "stop" else '"disputes.china-japan.active" = { level = "stop" }'
    (fault,) = faults(old, given)
    assert format_path(fault.path) == f"cases.{case}.what_happened.{path}"
    assert fault.found == "is no event: it would bring hindsight into the inputs"
    assert fault.allowed.startswith("disputes.NAME.active")
    assert ("known_on" if case == "stop" else "[cases.estimate.supposed]") in fault.hint
    assert fault.line > line_of(SUITE, f"[cases.{case}.what_happened]")


@pytest.mark.parametrize(
    "given",
    [
        EVENT,
        '"disputes.china-japan.active.level" = "stop"\n"disputes.china-japan.active.materials" = ["metal"]',
        '"disputes.china-japan" = { active = { level = "stop", materials = ["metal"] } }',
        'disputes.china-japan.active = { level = "stop", materials = ["metal"] }',
    ],
)
def test_an_event_may_be_written_in_any_way_of_toml(tmp_path: Path, given: str) -> None:
    case = load_suite(write_suite(tmp_path, SUITE.replace(EVENT, given)), ["stop"]).cases["stop"]
    active = case.scenario.disputes["china-japan"].active
    assert active is not None
    assert (active.level, active.materials) == ("stop", ("metal",))


def test_values_are_supposed_only_where_nothing_was_observed(faults: Faults) -> None:
    (fault,) = faults(
        "[cases.stop.outcomes.back]",
        '[cases.stop.supposed]\n"ladder.stop.sojourn" = 90\n\n[cases.stop.outcomes.back]',
    )
    assert fault.path == ("cases", "stop", "supposed")
    assert "assumptions without a day" in fault.found
    assert "published" in fault.allowed
    assert "known_on" in fault.hint
    assert fault.line > 0


def test_the_nearest_quantity_is_suggested(faults: Faults) -> None:
    fault = faults("material:metal:normal_day", "material:metal:normal_dya")[0]
    assert fault.hint == 'did you mean "material:metal:normal_day"?'
    assert fault.line == line_of(SUITE, "normal_day")


def test_a_fault_of_a_config_is_shown_in_the_config(faults: Faults) -> None:
    fault = faults("horizon_days = 365", "horizon_days = -1", where="config")[0]
    assert fault.file.endswith("one.toml")
    assert fault.line == line_of(CONFIG, "horizon_days")


def test_all_problems_of_suite_and_configs_are_met_at_once(tmp_path: Path) -> None:
    suite = SUITE.replace("normal_day", "normal_dya").replace("value = 0\n", "", 1)
    path = write_suite(tmp_path, suite, sources=SOURCES.replace("2010-06-30", "2012-06-30"))
    with pytest.raises(ConfigFault) as caught:
        load_suite(path)
    places = [fault.place.rpartition("/")[2] for fault in caught.value.faults]
    assert places == [
        f"two-stops.toml:{line_of(suite, 'normal_dya')}",
        f"two-stops.toml:{line_of(suite, '[cases.threat.outcomes.cut]')}",
        "sources.csv!D2",
    ]


def test_a_suite_that_is_no_toml_is_met_with_its_line(tmp_path: Path) -> None:
    path = write_suite(tmp_path, SUITE.replace("[cases.stop]", "[cases.stop"))
    with pytest.raises(ConfigFault) as caught:
        load_suite(path)
    assert caught.value.faults[0].line == line_of(SUITE, "[cases.stop]")


@pytest.mark.costly
def test_the_shipped_suite_holds_no_hindsight_and_dates_what_it_can() -> None:
    suite = load_suite(SHIPPED)
    tests = [case for case in suite.cases.values() if not case.is_comparison]
    assert len(tests) >= 8
    assert all(case.dated >= 4 for case in tests)
    assert sum(not case.what_happened for case in tests) >= 2  # threats that came to nothing
    assert {"0.43 %", "1.3 %", "3.2 %"} == {
        f"{100 * outcome.seen.low:.3g} %"
        for case in suite.cases.values()
        if case.is_comparison
        for outcome in case.outcomes.values()
    }


def test_every_shipped_outcome_says_in_one_sentence_why_it_would_be_missed() -> None:
    for case in load_suite(SHIPPED).cases.values():
        for outcome in case.outcomes.values():
            assert outcome.if_missed.endswith("."), (case.name, outcome.name)
            assert outcome.if_missed.count(". ") == 0, (case.name, outcome.name)
            assert outcome.source.startswith("http"), (case.name, outcome.name)
