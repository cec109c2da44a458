"""The verbs: what they print, what they write, how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import riskengine.config
import riskengine.verbs.run
from riskengine.cli import root
from riskengine.cli.exits import exit_code
from riskengine.config import WholeConfig
from riskengine.errors import ConfigFault, Fault, RunFault
from riskengine.kernel.arrays import Model
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario
from riskengine.store.folder import claim
from riskengine.store.results import load_results


class Engine:
    """Stands in for the config reader and the simulator, and remembers what it was asked."""

    def __init__(self, scenario: Scenario, losses: Callable[..., Losses]):
        self.scenario = scenario
        self.losses = losses
        self.overrides: tuple[str, ...] = ()
        self.options: dict[str, Any] = {}
        self.failure: BaseException | None = None
        self.progress: Callable[[int], None] | None = None

    def load(self, source: str, overrides: Sequence[str] = ()) -> Scenario:
        self.overrides = tuple(overrides)
        if any("trials=abc" in text for text in overrides):
            raise ConfigFault([Fault(path=("run", "trials"), found='is "abc"', allowed="integer")])
        return self.scenario

    def load_whole(self, *given: Any) -> WholeConfig:
        return WholeConfig(scenario=self.load(*given), swept=None, mitigation=None)

    def prepare(self, scenario: Scenario, **options: Any) -> FakePlan:
        self.options = options
        return FakePlan(self, scenario.run.trials, options["first_trial"])


@dataclass(frozen=True)
class FakePlan:
    """Stands in for a range of trials that is ready to be played."""

    engine: Engine
    trials: int
    first_trial: int

    @property
    def model(self) -> Model:
        """For what is played again, whatever the losses are."""
        scenario = self.engine.scenario
        return lay_out(scenario, scenario.run.seed, self.first_trial + self.trials - 1)

    def play(self, progress: Callable[[int], None] | None) -> Losses:
        self.engine.progress = progress
        if self.engine.failure is not None:
            raise self.engine.failure
        if progress is not None:
            progress(self.trials)
        return self.engine.losses(
            self.engine.scenario, trials=self.trials, first_trial=self.first_trial
        )


@pytest.fixture
def engine(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    make_scenario: Callable[..., Scenario],
    make_losses: Callable[..., Losses],
) -> Engine:
    made = Engine(make_scenario(), make_losses)
    monkeypatch.setattr(riskengine.config, "load_whole", made.load_whole)
    verb = sys.modules["riskengine.verbs.run"]
    monkeypatch.setattr(verb, "load", made.load)
    monkeypatch.setattr(verb, "prepare", made.prepare)
    if (
        "whole" not in request.keywords
    ):  # workbook and stories take most of the time of so small a run
        monkeypatch.setattr(verb, "workbook", lambda _: b"book")
        monkeypatch.setattr(verb, "replayed_files", lambda *_, **__: {})
    monkeypatch.chdir(tmp_path)
    return made


def call(*arguments: str) -> int:
    return exit_code(root, arguments)


def test_a_run_ends_with_the_folder_it_wrote(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run", "by-hand.toml") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "Korea, by hand"
    assert "VaR" in shown.out
    assert "Please note:" in shown.out
    results, opened = shown.out.splitlines()[-2:]
    assert results == f"Results: {Path('results/by-hand')}"
    assert opened == f"Open first: {Path('results/by-hand/risk.xlsx')}"
    assert shown.err == ""
    assert load_results("results/by-hand").manifest["trials"] == 1000


def test_quiet_prints_the_folder_and_nothing_else(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run", "by-hand.toml", "--quiet", "--out", "here") == 0
    assert capsys.readouterr() == ("here\n", "")


def test_json_is_one_document_without_nan(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    engine.scenario = replace(engine.scenario, run=replace(engine.scenario.run, trials=1))
    assert call("run", "by-hand.toml", "--json") == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out, parse_constant=refuse)
    assert shown.err == ""
    assert document["schema_version"] == 1
    assert document["folder"] == str(Path("results/by-hand"))
    assert {"code", "message"} == set(document["notices"][0])
    sd = next(row for row in document["metrics"] if row["measure"] == "sd")
    assert sd["value"] is None
    assert len(document["metrics"]) == len(load_results("results/by-hand").figures())


def test_options_of_the_run_are_changes_to_the_config_and_come_last(engine: Engine) -> None:
    call(
        *("run", "by-hand.toml", "--trials", "200_000", "--seed", "9", "--horizon-days", "365"),
        *("--set", "run.trials=5", "--set", 'materials."rare earths".coverage=1'),
    )
    expected = (
        "run.trials=5",
        'materials."rare earths".coverage=1',
        "run.trials=200_000",
        "run.seed=9",
        "run.horizon_days=365",
    )
    assert engine.overrides == expected
    manifest = load_results("results/by-hand").manifest
    assert tuple(manifest["overrides"]) == expected


def test_threads_and_first_trial_reach_the_simulator_and_the_manifest(engine: Engine) -> None:
    assert call("run", "by-hand.toml", "--threads", "2", "--first-trial", "1_000") == 0
    assert (engine.options["threads"], engine.options["first_trial"]) == (2, 1000)
    manifest = load_results("results/by-hand").manifest
    assert manifest["first_trial"] == 1000
    assert manifest["options"]["threads"] == 2


def test_excel_csv_has_a_byte_order_mark(engine: Engine) -> None:
    assert call("run", "by-hand.toml", "--excel-csv") == 0
    assert Path("results/by-hand/metrics.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_there_is_no_progress_when_nobody_watches(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run", "by-hand.toml") == 0
    assert capsys.readouterr().err == ""


def test_progress_goes_to_a_terminal_on_stderr_only(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert call("run", "by-hand.toml", "--json") == 0
    shown = capsys.readouterr()
    assert "trials" in shown.err
    json.loads(shown.out)


@pytest.mark.parametrize("reason", ["--quiet", "dumb"])
def test_there_is_no_progress_when_it_is_not_wanted(
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", reason if reason == "dumb" else "xterm")
    assert call("run", "by-hand.toml", *([reason] if reason == "--quiet" else [])) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "by-hand.toml", "--trials", "abc"],
        ["run", "by-hand.toml", "--threads", "0"],
        ["run", "by-hand.toml", "--first-trial", "-1"],
        ["run", "by-hand.toml", "--quiet", "--json"],
        ["run", "by-hand.toml", "--sed", "1"],
        ["run", "by-hand.toml", "--out", "taken"],
        ["rum"],
    ],
)
def test_a_wrong_command_line_exits_2_and_writes_nothing(
    engine: Engine, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    Path("taken").mkdir()
    Path("taken/thesis.txt").write_text("precious")
    before = sorted(Path().rglob("*"))
    assert call(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Error: " in shown.err
    assert "Traceback" not in shown.err
    assert sorted(Path().rglob("*")) == before


def test_a_folder_in_use_exits_2(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with claim("results/by-hand"):
        assert call("run", "by-hand.toml") == 2
    assert "by-hand is in use" in capsys.readouterr().err


def test_a_near_word_is_suggested(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    call("chek", "by-hand.toml")
    assert 'Did you mean "check"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (RunFault("trial 12 has too many events"), 1),
        (MemoryError(), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_a_run_that_fails_leaves_the_earlier_results(
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    code: int,
) -> None:
    assert call("run", "by-hand.toml", "--quiet") == 0
    before = Path("results/by-hand/manifest.json").read_bytes()
    engine.failure = failure
    assert call("run", "by-hand.toml") == code
    assert Path("results/by-hand/manifest.json").read_bytes() == before
    assert "Traceback" not in capsys.readouterr().err


def test_a_full_stdout_is_a_failure_and_a_closed_one_is_not(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __init__(self, fault: OSError):
            self.fault = fault

        def write(self, _text: str) -> int:
            raise self.fault

        def fileno(self) -> int:
            raise ValueError

    monkeypatch.setattr(sys, "stdout", Broken(BrokenPipeError()))
    assert call("run", "by-hand.toml", "--quiet") == 0
    monkeypatch.setattr(sys, "stdout", Broken(OSError(28, "No space left on device")))
    assert call("run", "by-hand.toml", "--quiet") == 1
    assert "could not be printed" in capsys.readouterr().err
    assert load_results("results/by-hand").manifest["trials"] == 1000


def test_check_describes_and_writes_nothing(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("check", "by-hand.toml", "--set", "run.seed=3") == 0
    shown = capsys.readouterr().out
    assert "Escalation ladder" in shown
    assert "only their triggers matter: china-japan." in " ".join(shown.split())
    assert engine.overrides == ("run.seed=3",)
    assert list(Path().rglob("*")) == []


def test_check_as_json_holds_the_tables_and_the_notices(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("check", "by-hand.toml", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["notices"][0]["code"] == "dispute-without-material"
    assert {row["material"] for row in document["materials"]} == {"gallium", "rare earths"}


def test_a_message_cannot_steer_the_terminal(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.failure = RunFault("trial 1 of \x1b[2J")
    assert call("run", "by-hand.toml") == 1
    assert "\\u001b[2J" in capsys.readouterr().err


SMALL = """
run = { title = "Small", trials = 50, importer = "Korea" }
ladder.ban = { sojourn = 30, next = { resolved = 1.0 } }
disputes.d = { coercer = "China", target = "Korea", active = { level = "ban" } }
materials.m = { cut = { ban = 1.0 }, sources.China = { share = 1.0 } }
industries.i = { value_added_per_year = 365, uses.m = { share = 1.0, dependence = 1.0 } }
"""
SWEPT = """
[sweep]
method = "grid"
parameters."materials.m.coverage" = [0.5, 1.0]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with configs, to run from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.whole
@pytest.mark.parametrize(
    ("verb", "one", "other"),
    [
        ("run", "korea +10%", "korea -10%"),
        ("run", "a/korea", "b/korea"),
        ("run", "scenario-CON", "CON"),
        ("run", "x" * 130 + "1", "x" * 130 + "2"),
        ("sweep", "a b", "a-b"),
        ("calibrate", "a/korea", "b/korea"),
    ],
)
def test_results_of_one_file_never_replace_those_of_another_unasked(
    project: Path, capsys: pytest.CaptureFixture[str], verb: str, one: str, other: str
) -> None:
    suffix = ".csv" if verb == "calibrate" else ".toml"
    files = [f"{name}{suffix}" for name in (one, other)]
    for file in files:
        Path(file).parent.mkdir(exist_ok=True)
        durations = "duration_days,censored\n" + "".join(f"{d},0\n" for d in range(20, 80, 6))
        Path(file).write_text(durations if verb == "calibrate" else SMALL + SWEPT)
    assert call(verb, files[0], "--quiet") == 0
    folder = Path(capsys.readouterr().out.strip())
    before = (folder / "manifest.json").read_bytes()

    assert call(verb, files[1], "--quiet") == 2
    said = capsys.readouterr().err
    assert f"of another file, whose name gives the same folder as {files[1]}" in said
    assert "--out" in said
    assert (folder / "manifest.json").read_bytes() == before
    assert call(verb, files[1], "--quiet", "--out", "own") == 0
    # The file that they are of replaces them, and so does whoever names the folder.
    assert call(verb, files[0], "--quiet") == 0
    assert call(verb, str(project / files[0]), "--quiet") == 0
    assert call(verb, files[1], "--quiet", "--out", str(folder)) == 0
    assert call(verb, files[0], "--quiet") == 2


def test_a_project_that_was_moved_goes_on_replacing_its_own_results(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("first").mkdir()
    Path("first/small.toml").write_text(SMALL)
    monkeypatch.chdir("first")
    assert call("run", "small.toml", "--quiet") == 0
    monkeypatch.chdir(project)
    Path("first").rename("second")
    monkeypatch.chdir("second")
    assert call("run", "small.toml", "--quiet") == 0
    assert str(project) not in Path("results/small/manifest.json").read_text()


@pytest.mark.parametrize(("name", "code"), [("small.toml", 0), ("other.toml", 2)])
def test_results_without_a_mark_go_by_the_name_of_the_config(
    project: Path, name: str, code: int
) -> None:
    Path("small.toml").write_text(SMALL)
    assert call("run", "small.toml", "--quiet") == 0
    file = Path("results/small/manifest.json")
    manifest = json.loads(file.read_text())
    del manifest["options"]["config_mark"]
    manifest["config_files"][0]["name"] = name
    file.write_text(json.dumps(manifest))
    assert call("run", "small.toml", "--quiet") == code


def test_the_time_that_very_many_trials_take_is_said_before_they_are_played(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.scenario = replace(
        engine.scenario, run=replace(engine.scenario.run, trials=10_000_000_000_000)
    )
    assert call("check", "by-hand.toml") == 0
    assert "10,000,000,000,000 trials take about 35 days" in capsys.readouterr().out
    assert call("check", "by-hand.toml", "--json") == 0
    assert "many-trials" in capsys.readouterr().out
