"""Batches: the bits of runs, what fails, what is kept, what stands beside last month."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import riskengine
import riskengine.verbs.batch
import riskengine.verbs.run
from riskengine.errors import ConfigFault, RunFault, UsageFault
from riskengine.verbs.batch import BatchResult
from riskengine.verbs.requests import RunRequest
from riskengine.verbs.run import run

MINIMAL = (Path(__file__).parents[2] / "configs" / "minimal.toml").read_bytes()
DAYS = "materials.ndfeb-magnets.stocks.private.days"
FILE = f"""[batch]
title = "Month-end"
[batch.scenarios.base]
config = "minimal.toml"
[batch.scenarios.more]
config = "minimal.toml"
set = {{ "{DAYS}" = 90 }}
"""
HALF = FILE.replace('toml"\n[', 'toml"\nweight = 0.5\n[') + "weight = 0.5\n"
BROKEN = FILE + '[batch.scenarios.broken]\nconfig = "broken.toml"\n'


def write_configs(folder: Path) -> Path:
    (folder / "minimal.toml").write_bytes(MINIMAL)
    (folder / "broken.toml").write_text('extends = "minimal.toml"\n[run]\ntrails = 3\n', "utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_configs(tmp_path)


def leave_workbooks_out(patch: pytest.MonkeyPatch) -> None:
    """Workbooks, pages and stories take most of the time of so small a run."""
    patch.setattr(riskengine.verbs.run, "workbook", lambda _: b"book")
    patch.setattr(riskengine.verbs.batch, "batch_workbook", lambda *_: b"book")
    patch.setattr(riskengine.verbs.batch, "batch_page", lambda *_: "page")
    patch.setattr(riskengine.verbs.run, "replayed_files", lambda *_, **__: {})
    for room in ("store.batches", "verbs.jobs.batch_beside"):
        patch.setattr(f"riskengine.{room}.engine_digest", lambda: "e" * 64)


@pytest.fixture(autouse=True)
def without_workbooks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "whole" not in request.keywords:
        leave_workbooks_out(monkeypatch)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of the batch."""
    folder = write_configs(tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        leave_workbooks_out(patch)
        play(folder)
    return folder


@pytest.fixture
def done(first: Path, folder: Path) -> Path:
    """The folder, after the batch was played into `out`."""
    shutil.copytree(first / "out", folder / "out")
    return folder


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenarios that are played, by the names of their folders."""
    found: list[str] = []
    original = riskengine.verbs.batch.run_scenario

    def counted(scenario: Any, request: RunRequest, *rest: Any) -> Any:
        found.append(Path(str(request.out)).name)
        return original(scenario, request, *rest)

    monkeypatch.setattr(riskengine.verbs.batch, "run_scenario", counted)
    return found


def play(folder: Path, text: str = FILE, **given: Any) -> BatchResult:
    """Play a batch of few trials into `out`."""
    path = folder / "batch.toml"
    path.write_text(text, encoding="utf-8")
    options = {"trials": 60, "threads": 1, "out": folder / "out"} | given
    return riskengine.batch(path, **options)


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a batch but manifests, which have the clock in them, and the lists of those."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", "risk.xlsx")
    }


def _means(found: BatchResult) -> pd.DataFrame:
    rows = found.batch
    return rows[(rows.scope == "total") & (rows.measure == "mean") & (rows.component == "all")]


@pytest.mark.whole
def test_each_scenario_has_the_files_of_a_run_of_its_own(folder: Path) -> None:
    play(folder)
    runs = {"base": (), "more": (f"{DAYS}=90",)}
    for name, overrides in runs.items():
        texts = (*overrides, "run.trials=60")
        request = RunRequest(
            config=str(folder / "minimal.toml"), overrides=texts, out=folder / "alone" / name
        )
        run(request)
        assert contents(folder / "out" / name) == contents(folder / "alone" / name)
        manifests = [
            json.loads((folder / where / name / "manifest.json").read_text("utf-8"))
            for where in ("out", "alone")
        ]
        for manifest in manifests:
            for of_the_clock in ("started", "seconds", "options"):
                del manifest[of_the_clock]
        assert manifests[0] == manifests[1]


def test_the_table_of_a_batch_is_the_tables_of_its_runs_one_below_the_other(folder: Path) -> None:
    play(folder)
    rows = pd.read_csv(folder / "out" / "batch.csv", dtype=str, keep_default_na=False)
    rows = rows[~rows.measure.str.endswith("_per_year")]
    for name in ("base", "more"):
        own = pd.read_csv(folder / "out" / name / "metrics.csv", dtype=str, keep_default_na=False)
        found = rows[rows.scenario == name].drop(columns="scenario").reset_index(drop=True)
        pd.testing.assert_frame_equal(found, own)
    parquet = pd.read_parquet(folder / "out" / "batch.parquet")
    assert list(parquet.columns) == list(rows.columns)
    csv = pd.read_csv(folder / "out" / "batch.csv")
    pd.testing.assert_series_equal(parquet["value"], csv["value"], check_exact=True)


def test_a_scenario_that_cannot_be_read_is_a_row_with_its_message(folder: Path) -> None:
    found = play(folder, BROKEN)
    row = found.scenarios.set_index("scenario").loc["broken"]
    assert row["status"] == "failed"
    assert "broken.toml:3: run.trails" in row["message"]
    assert 'did you mean "trials"?' in row["message"]
    assert sorted(_means(found).scenario) == ["base", "more"]
    assert not (folder / "out" / "broken").exists()
    assert [notice.code for notice in found.notices] == ["scenarios-failed"]


def test_a_value_that_a_batch_cannot_set_is_shown_at_its_line_of_the_batch(folder: Path) -> None:
    found = play(folder, FILE.replace("ndfeb-magnets", "ndfeb-magnet"))
    message = found.scenarios.set_index("scenario").loc["more", "message"]
    assert "batch.toml:7: " in message
    assert 'did you mean "ndfeb-magnets"?' in message


def test_of_several_values_that_a_batch_sets_the_faulty_one_is_shown_at_its_line(
    folder: Path,
) -> None:
    given = """[batch.scenarios.more.set]
"run.trials" = 7
"materials.ndfeb-magnets.coverage" = 95
"run.seed" = 8
"""
    text = f"{FILE[: FILE.index('set = ')]}{given}"
    line = text.splitlines().index('"materials.ndfeb-magnets.coverage" = 95') + 1
    message = play(folder, text).scenarios.set_index("scenario").loc["more", "message"]
    assert f"batch.toml:{line}: " in message
    assert "sets materials.ndfeb-magnets.coverage: is 95" in message


def test_a_scenario_that_fails_while_it_is_played_keeps_no_other_from_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = riskengine.verbs.batch.run_scenario

    def failing(scenario: Any, request: RunRequest, *rest: Any) -> Any:
        if Path(str(request.out)).name == "base":
            raise RunFault("trial 7 cannot be computed")
        return original(scenario, request, *rest)

    monkeypatch.setattr(riskengine.verbs.batch, "run_scenario", failing)
    found = play(folder)
    assert found.scenarios[["status", "message"]].values.tolist() == [
        ["failed", "trial 7 cannot be computed"],
        ["played", ""],
    ]


def test_a_batch_of_which_nothing_can_be_played_leaves_the_earlier_one(done: Path) -> None:
    before = contents(done / "out")
    (done / "minimal.toml").write_text("[run\n", encoding="utf-8")
    with pytest.raises(RunFault, match="no scenario of the batch could be run"):
        play(done)
    assert contents(done / "out") == before


def test_what_is_unchanged_is_not_played_again(folder: Path, played: list[str]) -> None:
    first = play(folder)
    before = contents(folder / "out")
    played.clear()
    again = play(folder)
    assert played == []
    assert again.scenarios["status"].tolist() == ["kept", "kept"]
    after = contents(folder / "out")
    assert {k: v for k, v in after.items() if k != "scenarios.csv"} == {
        k: v for k, v in before.items() if k != "scenarios.csv"
    }
    pd.testing.assert_frame_equal(first.batch, again.batch)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("= 90", "= 91"), ["more"]),
        (lambda text: text.replace("title", "note"), []),
        (lambda text: text.replace("scenarios.more", "scenarios.other"), ["other"]),
        (lambda text: text + '[batch.scenarios.third]\nconfig = "minimal.toml"\n', ["third"]),
    ],
    ids=["a value", "a note", "a name", "one more"],
)
def test_only_what_changed_is_played(
    done: Path, played: list[str], change: Any, expected: list[str]
) -> None:
    play(done, change(FILE))
    assert played == expected


@pytest.mark.parametrize("given", [{"trials": 61}, {"seed": 9}])
def test_other_trials_and_seeds_are_played(
    done: Path, played: list[str], given: dict[str, Any]
) -> None:
    play(done, **given)
    assert played == ["base", "more"]


def test_another_state_of_the_engine_plays_everything(
    done: Path, played: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskengine.store.batches.engine_digest", lambda: "0" * 64)
    play(done)
    assert played == ["base", "more"]


def test_restart_plays_everything(done: Path, played: list[str]) -> None:
    play(done, restart=True)
    assert played == ["base", "more"]


@pytest.mark.parametrize("name", ["losses.parquet", "metrics.csv", "manifest.json", "risk.xlsx"])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_scenario_is_played_again(
    done: Path, played: list[str], name: str, damage: str
) -> None:
    if (name, damage) == ("risk.xlsx", "changed"):
        return  # people may save the workbook, and it is made of the other files
    sound = contents(done / "out")
    file = done / "out" / "more" / name
    if damage == "gone" and name != "manifest.json":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"1", b"2"))
    play(done)
    assert played == ["more"]
    assert {k: v for k, v in contents(done / "out").items() if k != "scenarios.csv"} == {
        k: v for k, v in sound.items() if k != "scenarios.csv"
    }


def test_what_somebody_put_into_a_scenario_is_not_lost(done: Path) -> None:
    (done / "out" / "more" / "remarks.docx").write_text("mine", "utf-8")
    with pytest.raises(UsageFault, match=r"holds more/remarks\.docx"):
        play(done)
    assert (done / "out" / "more" / "remarks.docx").read_text("utf-8") == "mine"


def test_a_folder_among_the_scenarios_is_not_lost(done: Path) -> None:
    shutil.copytree(done / "out" / "more", done / "out" / "mine")
    with pytest.raises(UsageFault, match="holds mine"):
        play(done)


def test_different_money_is_refused_at_its_line_and_nothing_is_written(folder: Path) -> None:
    with pytest.raises(ConfigFault) as caught:
        play(folder, FILE.replace("= 90", '= 90, "run.money" = "EUR million"'))
    (fault,) = caught.value.faults
    assert (fault.line, fault.path[-1]) == (6, "config")
    assert "losses in EUR million" in fault.found
    assert not (folder / "out").exists()


TWO_YEARS = '= 90, "run.horizon_days" = 730'


def test_different_horizons_stand_side_by_side_per_year(folder: Path) -> None:
    found = play(folder, FILE.replace("= 90", TWO_YEARS))
    rows = found.batch
    means = rows[(rows.scope == "total") & (rows.component == "all")].set_index(
        ["scenario", "measure"]
    )["value"]
    assert means["base", "mean_per_year"] == means["base", "mean"]
    assert means["more", "mean_per_year"] == means["more", "mean"] / 2.0
    assert "horizons-differ" in [notice.code for notice in found.notices]


def test_different_horizons_make_no_mixture(folder: Path) -> None:
    with pytest.raises(ConfigFault) as caught:
        play(folder, HALF.replace("= 90", TWO_YEARS))
    (fault,) = caught.value.faults
    assert fault.path[-2:] == ("more", "weight")
    assert "a horizon of 730 days" in fault.found


def test_a_mixture_has_rows_of_its_own_and_its_mean_is_the_weighted_one(folder: Path) -> None:
    found = play(folder, HALF)
    means = _means(found).set_index("scenario")["value"]
    expected = 0.5 * means["base"] + 0.5 * means["more"]
    assert means["(mixture)"] == pytest.approx(expected, rel=1e-12)


def test_a_mixture_takes_all_of_its_scenarios(folder: Path) -> None:
    found = play(folder, HALF.replace("ndfeb-magnets", "ndfeb-magnet"))
    assert "(mixture)" not in set(found.batch.scenario)
    assert [n.code for n in found.notices] == ["scenarios-failed", "no-mixture"]


def test_the_others_are_compared_with_the_reference_trial_by_trial(folder: Path) -> None:
    found = play(folder, FILE.replace("title", 'reference = "base"\ntitle'))
    rows = found.reference.set_index(["scenario", "scope", "measure"])
    mean = rows.loc[("more", "total", "mean")]
    means = _means(found).set_index("scenario")["value"]
    assert mean["difference"] == pytest.approx(means["more"] - means["base"], rel=1e-12)
    assert mean["pairing"] == "paired"
    assert set(found.reference.scenario) == {"more"}


@pytest.fixture
def earlier(first: Path, folder: Path) -> Path:
    """Last month's batch."""
    shutil.copytree(first / "out", folder / "2026-10" / "results" / "batch-batch")
    return folder / "2026-10" / "results"


def _with_previous(text: str = FILE) -> str:
    return text.replace("title", 'previous = "2026-10/results"\ntitle')


def test_every_figure_stands_beside_that_of_last_month(folder: Path, earlier: Path) -> None:
    now = play(folder, _with_previous(FILE).replace("= 90", "= 30"))
    before = pd.read_csv(earlier / "batch-batch" / "batch.csv")
    keys = ["scenario", "scope", "name", "component", "measure", "level"]
    before = before[~before.measure.str.endswith("_per_year")].fillna({"name": ""})
    rows = now.previous
    assert len(rows) == len(before)
    joined = rows.merge(before, on=keys)
    assert len(joined) == len(before)
    by_trial = joined[joined.pairing == "paired"]
    assert by_trial["a"].tolist() == pytest.approx(by_trial["value"].tolist(), rel=1e-9)
    same = rows[(rows.scenario == "base") & (rows.pairing == "paired")]
    assert len(same) > 20
    assert set(same["difference"]) == {0.0}
    more = rows[(rows.scenario == "more") & (rows.scope == "total") & (rows.measure == "mean")]
    assert (more["difference"] == more["b"] - more["a"]).all()
    assert now.changes.values.tolist() == [["more", DAYS, "changed", "90", "30"]]


def test_scenarios_that_came_and_went_are_listed(folder: Path, earlier: Path) -> None:
    now = play(folder, _with_previous(FILE.replace("scenarios.more", "scenarios.other")))
    assert now.changes[["scenario", "path", "change"]].values.tolist() == [
        ["other", "", "added"],
        ["more", "", "removed"],
    ]
    assert now.outcome.previous is not None
    assert (now.outcome.previous.came, now.outcome.previous.went) == (("other",), ("more",))


@pytest.mark.parametrize(
    ("given", "values", "words"),
    [
        ({"seed": 9}, "", "the seeds differ"),
        ({}, ', "run.horizon_days" = 730', "the horizon was 365 days and is 730 now"),
    ],
)
def test_what_shares_no_trials_is_compared_by_its_intervals_and_says_why(
    folder: Path, earlier: Path, given: dict[str, Any], values: str, words: str
) -> None:
    now = play(folder, _with_previous(FILE.replace("= 90", f"= 90{values}")), **given)
    assert now.outcome.previous is not None
    (found,) = [each for each in now.outcome.previous.comparisons if each.scenario == "more"]
    assert found.pairing is not None
    assert words in found.pairing.reason
    assert {row.pairing for row in found.differences} <= {"unpaired", ""}
    any_loss = ("total", "prob_loss")
    row = next(row for row in found.differences if (row.scope, row.measure) == any_loss)
    assert row.lower < row.difference < row.upper


def test_an_earlier_batch_of_another_version_says_so(folder: Path, earlier: Path) -> None:
    for place in (earlier / "batch-batch", earlier / "batch-batch" / "more"):
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        manifest["versions"]["riskengine"] = "0.0.9"
        (place / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    _seal(earlier / "batch-batch", "more")
    now = play(folder, _with_previous())
    previous = now.outcome.previous
    assert previous is not None
    assert (previous.version, previous.notices[0].code) == ("0.0.9", "versions-differ")
    base, more = previous.comparisons
    assert base.pairing is not None
    assert base.pairing.paired
    assert more.pairing is not None
    assert "of riskengine 0.0.9" in more.pairing.reason


def _seal(batch: Path, name: str) -> None:
    """Write the hash of a scenario's manifest into that of its batch."""
    import hashlib

    manifest = json.loads((batch / "manifest.json").read_text("utf-8"))
    data = (batch / name / "manifest.json").read_bytes()
    for about in manifest["scenarios"]:
        if about["name"] == name:
            about["manifest_sha256"] = hashlib.sha256(data).hexdigest()
    (batch / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_other_money_than_last_month_is_not_compared(folder: Path, earlier: Path) -> None:
    text = FILE.replace('"minimal.toml"\n', '"minimal.toml"\nset = {"run.money" = "EUR"}\n', 1)
    now = play(folder, _with_previous(text.replace("= 90", '= 90, "run.money" = "EUR"')))
    assert now.outcome.previous is not None
    assert [each.why for each in now.outcome.previous.comparisons] == [
        "Not compared: it was in USD million, and is in EUR now."
    ] * 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda place: (place / "manifest.json").unlink(), "not a complete results folder"),
        (lambda place: (place / "manifest.json").write_text("{}", "utf-8"), "not a results folder"),
        (lambda place: (place / "batch.csv").write_text("", "utf-8"), "is damaged"),
        (lambda place: (place / "batch.csv").unlink(), "cannot be read"),
        (lambda place: shutil.rmtree(place), "not a complete results folder"),
    ],
)
def test_an_earlier_batch_that_cannot_be_read_is_a_fault_of_the_batch_file(
    folder: Path, earlier: Path, damage: Any, words: str
) -> None:
    damage(earlier / "batch-batch")
    with pytest.raises(ConfigFault) as caught:
        play(folder, _with_previous())
    (fault,) = caught.value.faults
    assert (fault.line, fault.path) == (2, ("batch", "previous"))
    assert words in fault.found
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: shutil.rmtree(place),
        lambda place: (place / "metrics.csv").write_text("", "utf-8"),
        lambda place: (place / "manifest.json").write_text("{}", "utf-8"),
    ],
)
def test_an_earlier_scenario_that_cannot_be_read_does_not_keep_others_from_it(
    folder: Path, earlier: Path, damage: Any
) -> None:
    damage(earlier / "batch-batch" / "more")
    now = play(folder, _with_previous())
    assert now.outcome.previous is not None
    base, more = now.outcome.previous.comparisons
    assert (base.why, len(base.differences) > 20) == ("", True)
    assert more.why.startswith("Not compared: ")
    assert more.differences == ()


def test_names_in_an_earlier_manifest_lead_nowhere_else(folder: Path, earlier: Path) -> None:
    place = earlier / "batch-batch" / "manifest.json"
    manifest = json.loads(place.read_text("utf-8"))
    manifest["scenarios"][0]["name"] = "../../secret"
    place.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ConfigFault, match="in place of the name of a file"):
        play(folder, _with_previous())


def test_a_batch_cannot_be_its_own_previous_one(folder: Path) -> None:
    play(folder, out=folder / "2026-10" / "results")
    with pytest.raises(UsageFault, match="cannot be the previous one, too"):
        play(folder, _with_previous(), out=folder / "2026-10" / "results")


def test_progress_counts_the_trials_of_all_scenarios(folder: Path) -> None:
    counts: list[riskengine.ProgressCount] = []
    play(folder, progress=counts.append)
    assert (counts[0].done, counts[0].total) == (0, 120)
    assert [count.done for count in counts] == sorted(count.done for count in counts)
    assert counts[-1].done == 120
    assert {count.name for count in counts[1:]} == {"base (1 of 2)", "more (2 of 2)"}


def test_without_a_folder_nothing_stays_on_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    found = play(folder, out=None)
    assert (found.folder, len(found.scenarios)) == (None, 2)
    assert list(place.iterdir()) == []


def _stops(monkeypatch: pytest.MonkeyPatch, at: str) -> Iterator[None]:
    original = riskengine.verbs.batch.run_scenario

    def stopped(scenario: Any, request: RunRequest, *rest: Any) -> Any:
        if Path(str(request.out)).name == at:
            raise KeyboardInterrupt
        return original(scenario, request, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(riskengine.verbs.batch, "run_scenario", stopped)
        yield


def test_an_interrupted_batch_goes_on_with_what_is_not_finished(
    folder: Path, played: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in _stops(monkeypatch, "more"):
        with pytest.raises(KeyboardInterrupt, match="1 of 2 scenarios are finished and kept"):
            play(folder)
    assert not (folder / "out").exists()
    played.clear()
    found = play(folder)
    assert played == ["more"]
    assert found.scenarios["status"].tolist() == ["kept", "played"]
    assert sorted(path.name for path in folder.iterdir() if ".work" in path.name) == []
