"""A results folder as Open Results Data: the tables, and the traps that others fell into."""

from __future__ import annotations

import copy
import csv
import json
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exchange.ord_reading import read_table
from scipy.stats import binomtest

from riskengine.errors import RunFault
from riskengine.exchange.export import write_ord
from riskengine.exchange.rows import curve_points
from riskengine.exchange.tables import (
    EP_METHODS,
    EP_TYPES,
    EPT_CI,
    REAL,
    SUMMARY_INFO,
    TABLES,
    OrdColumn,
    OrdFault,
    OrdTable,
    in_form,
)
from riskengine.model.losses import Losses
from riskengine.model.scenario import Scenario
from riskengine.store.provenance import Provenance
from riskengine.store.results import StoredResults, load_results, save

PROVENANCE = Provenance(started="2026-01-08T00:00:00+00:00", seconds=1.0)
HEADERS = {
    ("ept", 1): "SummaryId,EPCalc,EPType,ReturnPeriod,Loss",
    ("ept", 2): "SummaryId,EPMethod,EPType,ReturnPeriod,Loss",
    ("palt", 1): "SummaryId,SampleType,MeanLoss,SDLoss",
    ("palt", 2): "SummaryId,LossMethod,SampleType,MeanLoss,SDLoss",
    ("splt", 1): "Period,PeriodWeight,EventId,Year,Month,Day,Hour,Minute,SummaryId,SampleId,Loss,"
    "ImpactedExposure",
}
HEADERS["splt", 2] = HEADERS["splt", 1]


def stakes(document: dict[str, Any], valuation_date: str | None) -> dict[str, Any]:
    """The config with round sums at stake: chips need both materials, motors rare earths alone."""
    found = copy.deepcopy(document)
    if valuation_date is not None:
        found["run"]["valuation_date"] = valuation_date
    for name, spend in (("gallium", 40), ("rare earths", 60)):
        found["materials"][name]["spend_per_year"] = spend
    for name, value in (("chips", 5000), ("motors", 300)):
        found["industries"][name]["value_added_per_year"] = value
    return found


@pytest.fixture(scope="module")
def losses(make_losses: Callable[..., Losses]) -> Losses:
    """Seven of ten trials without loss, one spell in most others, ties at a cap."""
    made = make_losses(trials=400, first_trial=50)
    single = np.arange(400) % 4 > 0
    return replace(
        made,
        scenario=replace(made.scenario, document=stakes(made.scenario.document, "2026-01-08")),
        largest_spell=np.where(single, made.total, 0.3 * made.total),
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, losses: Losses) -> StoredResults:
    return stored(losses, tmp_path_factory.mktemp("stored") / "run")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, results: StoredResults) -> Path:
    folder = tmp_path_factory.mktemp("written") / "ord"
    write_ord(results, folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, written: Path) -> Path:
    """A copy that a test may write to again."""
    return Path(shutil.copytree(written, tmp_path / "ord"))


def stored(losses: Losses, folder: Path) -> StoredResults:
    return load_results(save(losses, folder, PROVENANCE))


def table(folder: Path, name: str, version: int, number: int = 1, form: str = "csv") -> pa.Table:
    path = folder / f"v{version}" / f"il_S{number}_{name}.{form}"
    return read_table(path.read_bytes(), TABLES[name, version])


def frame(rows: pa.Table) -> dict[str, list[Any]]:
    return {name: rows[name].to_pylist() for name in rows.column_names}


def period_losses(folder: Path, summary: int, combine: Callable[..., Any]) -> np.ndarray:
    """What another tool makes of an SPLT: the sum or the maximum of each of the 400 periods."""
    rows = frame(table(folder, "splt", 2, {1: 1, 2: 4, 3: 4, 4: 2, 5: 2}[summary]))
    found: dict[int, list[float]] = {}
    for period, of, loss in zip(rows["Period"], rows["SummaryId"], rows["Loss"], strict=True):
        if of == summary:
            found.setdefault(period, []).append(loss)
    return np.array([combine(found.get(period, [0.0])) for period in range(51, 451)])


@pytest.mark.parametrize(("name", "version"), HEADERS)
def test_a_strict_table_has_exactly_the_columns_of_the_standard(
    folder: Path, name: str, version: int
) -> None:
    for number in (1, 2, 4):
        stem = folder / f"v{version}" / f"il_S{number}_{name}"
        assert stem.with_suffix(".csv").read_text().partition("\n")[0] == HEADERS[name, version]
        schema = pq.read_schema(stem.with_suffix(".parquet"))
        assert ",".join(schema.names) == HEADERS[name, version]
        assert {str(kind) for kind in schema.types} <= {"int32", "double", "string"}


@pytest.mark.parametrize(("name", "version"), HEADERS)
def test_csv_and_parquet_hold_the_same_values(folder: Path, name: str, version: int) -> None:
    for number in (1, 2, 4):
        plain = table(folder, name, version, number)
        assert plain.num_rows > 0
        assert plain.equals(table(folder, name, version, number, "parquet"))


@pytest.mark.parametrize("name", ["ept", "palt", "splt"])
def test_both_versions_say_the_same(folder: Path, name: str) -> None:
    first, second = (frame(table(folder, name, version)) for version in (1, 2))
    codes = {
        "EPMethod": {word: code for code, word in EP_METHODS.items()},
        "EPType": {word: code for code, word in EP_TYPES.items()},
    }
    loss_methods = second.pop("LossMethod", None)
    if loss_methods is not None:
        assert loss_methods == ["STOC" if kind == 2 else "MEAN" for kind in first["SampleType"]]
    again = {
        column.replace("EPMethod", "EPCalc"): [codes[column][cell] for cell in cells]
        if column in codes
        else cells
        for column, cells in second.items()
    }
    assert again == first


def test_every_code_has_its_word_of_version_2() -> None:
    codes = [(method, kind) for method in (1, 2, 3, 4) for kind in (1, 2, 3, 4)]
    first = TABLES["ept", 1].rows(
        {
            "SummaryId": [1] * 16,
            "EPCalc": [method for method, _ in codes],
            "EPType": [kind for _, kind in codes],
            "ReturnPeriod": [10.0] * 16,
            "Loss": [1.0] * 16,
        }
    )
    second = in_form(TABLES["ept", 2], first)
    assert second["EPMethod"].to_pylist()[::4] == ["A_MEAN", "S_FULL", "S_PSMN", "S_MEAN"]
    assert second["EPType"].to_pylist()[:4] == ["OEP", "TVAR_OEP", "AEP", "TVAR_AEP"]


def test_the_curves_of_the_total_are_those_of_its_trials(folder: Path, losses: Losses) -> None:
    rows = table(folder, "ept", 2).to_pylist()
    for kind, series in (("OEP", losses.largest_spell), ("AEP", losses.total)):
        points = curve_points(series, [2, 5, 10, 20, 50, 100, 200, 250, 500, 1000])
        curve = [(r["ReturnPeriod"], r["Loss"]) for r in rows if r["EPType"] == kind]
        tails = [(r["ReturnPeriod"], r["Loss"]) for r in rows if r["EPType"] == "TVAR_" + kind]
        assert curve == [(point.return_period, point.loss) for point in points]
        assert tails == [(point.return_period, point.tail_mean) for point in points]
        assert curve[0][0] == 250.0  # 400 periods; 500 and 1,000 are beyond them


@pytest.mark.parametrize(("kind", "combine"), [("AEP", sum), ("OEP", max)])
def test_another_tool_finds_the_same_curves_in_the_period_table(
    folder: Path, kind: str, combine: Callable[..., Any]
) -> None:
    points = curve_points(period_losses(folder, 1, combine), [5, 10, 50, 250])
    rows = table(folder, "ept", 2).to_pylist()
    for point in points:
        (loss,) = [
            row["Loss"]
            for row in rows
            if (row["EPType"], row["ReturnPeriod"]) == (kind, point.return_period)
        ]
        assert point.loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("summary", [2, 3, 4, 5])
def test_a_part_has_a_curve_over_the_period_only(folder: Path, summary: int) -> None:
    rows = table(folder, "ept", 2, 4 if summary < 4 else 2).to_pylist()
    own = [row for row in rows if row["SummaryId"] == summary]
    assert {row["EPType"] for row in own} == {"AEP", "TVAR_AEP"}
    (point,) = curve_points(period_losses(folder, summary, sum), [10])
    (row,) = [r for r in own if (r["EPType"], r["ReturnPeriod"]) == ("AEP", 10.0)]
    assert row["Loss"] == pytest.approx(point.loss, rel=1e-12)


def test_mean_and_deviation_are_over_all_periods(folder: Path, losses: Losses) -> None:
    (row,) = table(folder, "palt", 2).to_pylist()
    assert (row["SummaryId"], row["LossMethod"], row["SampleType"]) == (1, "STOC", 2)
    assert row["MeanLoss"] == pytest.approx(np.mean(losses.total), rel=1e-14)
    assert row["SDLoss"] == pytest.approx(np.std(losses.total, ddof=1), rel=1e-14)


def test_a_summary_id_means_one_thing_in_all_files(folder: Path) -> None:
    labels = {}
    for number in (1, 2, 4):
        for version in (1, 2):
            for form in ("csv", "parquet"):
                path = folder / f"v{version}" / f"il_S{number}_summary-info.{form}"
                for row in read_table(path.read_bytes(), SUMMARY_INFO).to_pylist():
                    label = (row["Material"], row["Industry"], row["BaselineValue"])
                    assert labels.setdefault(row["SummaryId"], label) == label
    assert labels == {
        1: ("", "", 5300.0),
        2: ("", "chips", 5000.0),
        3: ("", "motors", 300.0),
        4: ("gallium", "", 40.0),
        5: ("rare earths", "", 60.0),
    }


def test_a_period_is_the_trial_counted_from_one(folder: Path, losses: Losses) -> None:
    rows = frame(table(folder, "splt", 1))
    assert sorted(set(rows["Period"])) == (np.flatnonzero(losses.total) + 51).tolist()
    assert set(rows["PeriodWeight"]) == {1 / 400}


def test_the_other_spells_of_a_period_never_exceed_its_largest(folder: Path) -> None:
    rows = table(folder, "splt", 1).to_pylist()
    several = {row["Period"] for row in rows if row["EventId"] == 2}
    assert several
    for period in several:
        own = [row for row in rows if row["Period"] == period]
        # The largest spell is 0.3 of the total: the other 0.7 need three more rows.
        assert [row["EventId"] for row in own] == [1, 2, 3, 4]
        assert max(row["Loss"] for row in own) == own[0]["Loss"]


def test_a_part_of_several_spells_belongs_to_no_single_event(folder: Path) -> None:
    total, parts = (table(folder, "splt", 1, number).to_pylist() for number in (1, 4))
    several = {row["Period"] for row in total if row["EventId"] == 2}
    for row in parts:
        assert row["EventId"] == (0 if row["Period"] in several else 1)


def test_a_row_is_dated_by_the_first_output_loss(folder: Path, losses: Losses) -> None:
    for row in table(folder, "splt", 1, 4).to_pylist():
        day = losses.first_loss_day[row["Period"] - 51, row["SummaryId"] - 2]
        date = np.datetime64("2026-01-08") + np.timedelta64(int(day), "D")
        assert f"{row['Year']:04}-{row['Month']:02}-{row['Day']:02}" == str(date)
        assert (row["Hour"], row["Minute"]) == (0, 0)


def test_a_loss_without_lost_output_has_no_date(tmp_path: Path, losses: Losses) -> None:
    never = np.full_like(losses.first_loss_day, np.nan)
    write_ord(stored(replace(losses, first_loss_day=never), tmp_path / "r"), tmp_path / "ord")
    for form in ("csv", "parquet"):
        rows = frame(table(tmp_path / "ord", "splt", 1, form=form))
        assert {rows[name][0] for name in ("Year", "Month", "Day", "Hour", "Minute")} == {None}
        assert set(rows["ImpactedExposure"]) == {0.0}


def test_without_a_valuation_date_years_count_from_one(
    tmp_path: Path, losses: Losses, make_scenario: Callable[..., Scenario]
) -> None:
    undated = replace(losses, scenario=make_scenario())
    write_ord(stored(undated, tmp_path / "r"), tmp_path / "ord")
    rows = frame(table(tmp_path / "ord", "splt", 1))
    assert set(rows["Year"]) == {1, 2}


def test_the_exposure_is_that_of_the_industries_that_lost_output(
    tmp_path: Path, losses: Losses
) -> None:
    firsts = losses.first_loss_day.copy()
    firsts[:, 0] = np.nan  # chips never lose output, motors do
    write_ord(stored(replace(losses, first_loss_day=firsts), tmp_path / "r"), tmp_path / "ord")
    exposures = {}
    for number in (1, 2, 4):
        for row in table(tmp_path / "ord", "splt", 1, number).to_pylist():
            exposures.setdefault(row["SummaryId"], set()).add(row["ImpactedExposure"])
    # Gallium goes into chips alone.
    assert exposures == {1: {300.0}, 2: {0.0}, 3: {300.0}, 4: {0.0}, 5: {300.0}}


def test_the_same_results_give_the_same_bytes(tmp_path: Path, results: StoredResults) -> None:
    first = write_ord(results, tmp_path / "a")
    second = write_ord(results, tmp_path / "b")
    assert [path.relative_to(tmp_path / "a") for path in first] == [
        path.relative_to(tmp_path / "b") for path in second
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_single_trial_without_loss_is_written(
    tmp_path: Path, make_losses: Callable[..., Losses]
) -> None:
    made = make_losses(trials=1)
    none = replace(
        made,
        total=np.zeros(1),
        largest_spell=np.zeros(1),
        industry_loss=np.zeros((1, 2)),
        material_loss=np.zeros((1, 2)),
    )
    write_ord(stored(none, tmp_path / "r"), tmp_path / "ord")
    for form in ("csv", "parquet"):
        assert table(tmp_path / "ord", "splt", 2, form=form).num_rows == 0
        assert table(tmp_path / "ord", "ept", 2, form=form).num_rows == 0
        (row,) = table(tmp_path / "ord", "palt", 2, form=form).to_pylist()
        assert (row["MeanLoss"], row["SDLoss"]) == (0.0, None)


def test_exactly_the_files_named_are_there(folder: Path, results: StoredResults) -> None:
    named = write_ord(results, folder)
    assert named[-1].name == "metadata.json"
    assert sorted(named) == sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(set(named)) == len(named) == 2 * 3 * 4 * 2 + 3 * 2 + 1


def test_a_name_that_is_a_formula_is_harmless_in_csv_and_itself_in_parquet(
    tmp_path: Path, renamed: Callable[[str], Losses]
) -> None:
    write_ord(stored(renamed('=cmd|"x",1'), tmp_path / "r"), tmp_path / "ord")
    stem = tmp_path / "ord" / "v2" / "il_S2_summary-info"
    with stem.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Material"] == '\'=cmd|"x",1'
    assert pq.read_table(stem.with_suffix(".parquet"))["Material"].to_pylist() == ['=cmd|"x",1']
    read = read_table(stem.with_suffix(".csv").read_bytes(), SUMMARY_INFO)
    assert read["Material"].to_pylist() == ['=cmd|"x",1']


def test_a_disk_that_fills_up_leaves_what_was_there(
    folder: Path, results: StoredResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    calls = iter(range(100))

    def full(descriptor: int) -> None:
        if next(calls) == 30:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFault, match="No space left on device"):
        write_ord(results, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_failed_first_call_leaves_no_folder(
    tmp_path: Path, results: StoredResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_ord(results, tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()


def test_a_folder_cut_off_between_two_renames_has_no_metadata(
    folder: Path, results: StoredResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", lambda old, new: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_ord(results, folder)
    assert not (folder / "metadata.json").exists()


def test_the_metadata_say_what_the_tables_cannot(folder: Path) -> None:
    document = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    assert {"model_supplier_id", "model_name_id", "output_sets"} <= set(document)
    assert document["currency"] == ["USD"]
    assert document["event_set"]["event_occurrence_max_periods"] == 400
    (output,) = document["output_sets"]
    assert [each["id"] for each in output["summaries"]] == [1, 2, 4]
    assert [each["ord_output"]["ept_full_uncertainty_oep"] for each in output["summaries"]] == [
        True,
        False,
        False,
    ]
    ours = document["vendor_extensions"]["riskengine"]
    assert (ours["PeriodLength"], ours["n_paths"], ours["seed"]) == (2.0, 400, 7)


# The traps, by their number in the notes on the standard.


def test_trap_1_aep_is_3_in_version_1_and_a_number_is_refused_in_version_2(folder: Path) -> None:
    assert EP_TYPES == {1: "OEP", 2: "TVAR_OEP", 3: "AEP", 4: "TVAR_AEP"}
    assert set(table(folder, "ept", 1)["EPType"].to_pylist()) == {1, 2, 3, 4}
    legacy = b"SummaryId,EPMethod,EPType,ReturnPeriod,Loss\n1,S_FULL,2,10.0,5.0\n"
    with pytest.raises(ValueError, match="EPType 2 in a version 2 file"):
        read_table(legacy, TABLES["ept", 2])


def test_trap_2_a_tail_mean_depends_on_the_losses_alone(folder: Path, losses: Losses) -> None:
    rows = table(folder, "ept", 2).to_pylist()
    for row in rows:
        if row["EPType"] == "TVAR_AEP":
            (alone,) = curve_points(losses.total, [row["ReturnPeriod"]])
            assert row["Loss"] == alone.tail_mean


def test_trap_3_special_samples_are_never_ranked_with_the_others(folder: Path) -> None:
    for number in (1, 2, 4):
        assert set(table(folder, "splt", 1, number)["SampleId"].to_pylist()) == {1}
    assert set(table(folder, "ept", 2)["EPMethod"].to_pylist()) == {"S_FULL"}


def test_trap_4_losses_tied_at_a_cap_keep_their_ranks(tmp_path: Path, losses: Losses) -> None:
    capped = np.minimum(losses.total, np.quantile(losses.total, 0.9))
    tied = replace(losses, total=capped, largest_spell=capped)
    write_ord(stored(tied, tmp_path / "r"), tmp_path / "ord")
    rows = table(tmp_path / "ord", "ept", 2).to_pylist()
    cap = capped.max()
    high = [r["Loss"] for r in rows if r["EPType"] == "AEP" and r["ReturnPeriod"] >= 20]
    assert len(high) == 5
    assert set(high) == {cap}  # 40 of 400 are at the cap; dense ranks would give one of them 400


def test_trap_5_a_quantile_of_0_995_is_not_1(tmp_path: Path) -> None:
    quantiles = OrdTable("q", (OrdColumn("ReturnPeriod", REAL), OrdColumn("Loss", REAL)))
    assert [REAL.text(level) for level in (0.99, 0.995, 0.999)] == ["0.99", "0.995", "0.999"]
    with pytest.raises(ValueError, match="same key"):
        read_table(b"ReturnPeriod,Loss\n1.00,5.0\n1.00,6.0\n", quantiles)


def test_trap_6_return_periods_stay_apart_at_two_decimals(folder: Path) -> None:
    for number in (1, 2, 4):
        rows = table(folder, "ept", 2, number).to_pylist()
        keys = {(r["SummaryId"], r["EPType"], round(r["ReturnPeriod"], 2)) for r in rows}
        assert len(keys) == len(rows)
        assert max(r["ReturnPeriod"] for r in rows) < 1e7  # NUMERIC(9,2)


def test_trap_7_losses_beyond_single_precision_are_exact(tmp_path: Path, losses: Losses) -> None:
    odd = np.where(losses.total > 0, 5_000_000_001.0 + np.arange(400), 0.0)
    large = replace(losses, total=odd, largest_spell=odd)
    write_ord(stored(large, tmp_path / "r"), tmp_path / "ord")
    for form in ("csv", "parquet"):
        rows = frame(table(tmp_path / "ord", "splt", 2, form=form))
        assert rows["Loss"] == odd[odd > 0].tolist()


def test_trap_9_our_errors_have_a_table_of_their_own(folder: Path, losses: Losses) -> None:
    assert not [path for path in folder.rglob("*") if "alct" in path.name.lower()]
    path = folder / "extensions" / "il_S1_ept_ci.csv"
    rows = read_table(path.read_bytes(), EPT_CI).to_pylist()
    (row,) = [r for r in rows if (r["EPType"], r["ReturnPeriod"]) == ("TVAR_AEP", 10.0)]
    value_at_risk = np.sort(losses.total)[-41]
    spread = np.maximum(losses.total - value_at_risk, 0.0)
    # Periods differ from one another, and the error says so: sd of the excess over sqrt(n) (1 - p).
    assert row["StandardError"] == pytest.approx(spread.std(ddof=1) / math.sqrt(400) * 10, rel=1e-9)
    assert row["LowerCI"] < row["Loss"] < row["UpperCI"]


@pytest.mark.parametrize("first_trial", [2**31 - 1, 2**31 - 400])
def test_trap_10_more_periods_than_32_bits_are_refused_before_writing(
    tmp_path: Path, results: StoredResults, first_trial: int
) -> None:
    beyond = replace(results, manifest={**results.manifest, "first_trial": first_trial})
    with pytest.raises(OrdFault, match="32 bits"):
        write_ord(beyond, tmp_path / "ord")
    assert not (tmp_path / "ord").exists()


def test_trap_10_the_last_period_of_32_bits_is_written(tmp_path: Path, losses: Losses) -> None:
    last = stored(replace(losses, first_trial=2**31 - 401), tmp_path / "run")
    write_ord(last, tmp_path / "ord")
    assert max(table(tmp_path / "ord", "splt", 1)["Period"].to_pylist()) > 2**31 - 401


def test_trap_11_the_number_of_independent_periods_stands_beside_each_point(
    folder: Path, losses: Losses
) -> None:
    rows = read_table((folder / "extensions" / "il_S1_ept_ci.csv").read_bytes(), EPT_CI).to_pylist()
    assert {row["NPeriods"] for row in rows} == {400}
    assert {row["ChanceOfLoss"] for row in rows if row["EPType"] == "AEP"} == {
        np.mean(losses.total > 0)
    }


def test_a_point_near_the_end_of_the_losses_or_with_few_beyond_it_is_flagged(
    tmp_path: Path, losses: Losses
) -> None:
    rare = np.where(np.arange(400) % 5 == 0, 10.0, 0.0)  # a chance of loss of 1 in 5
    write_ord(
        stored(replace(losses, total=rare, largest_spell=rare), tmp_path / "r"), tmp_path / "ord"
    )
    path = tmp_path / "ord" / "extensions" / "il_S1_ept_ci.csv"
    flags = {
        row["ReturnPeriod"]: row["Flag"]
        for row in read_table(path.read_bytes(), EPT_CI).to_pylist()
    }
    assert (flags[5.0], flags[10.0], flags[20.0], flags[50.0]) == ("cliff", "", "", "thin-tail")


@pytest.mark.parametrize(("lossy", "flag"), [(28, ""), (29, "cliff"), (53, "cliff"), (54, "")])
def test_losses_may_end_wherever_the_interval_of_their_chance_reaches(
    tmp_path: Path, losses: Losses, lossy: int, flag: str
) -> None:
    """SciPy's exact interval of so few trials reaches up to 1 in 10 from 29 of 400 on; of many,
    p less 1.96 sqrt(p (1 - p) / 400) reaches down to it until 53."""
    p = lossy / 400
    low = p - 1.96 * (p * (1.0 - p) / 400) ** 0.5
    high = float(binomtest(lossy, 400).proportion_ci(0.95, "exact").high)
    assert (low <= 0.1 <= high) == (flag == "cliff")
    some = np.where(np.arange(400) < lossy, 10.0, 0.0)
    write_ord(
        stored(replace(losses, total=some, largest_spell=some), tmp_path / "r"), tmp_path / "ord"
    )
    path = tmp_path / "ord" / "extensions" / "il_S1_ept_ci.csv"
    rows = read_table(path.read_bytes(), EPT_CI).to_pylist()
    assert {row["Flag"] for row in rows if row["ReturnPeriod"] == 10.0} == {flag}
