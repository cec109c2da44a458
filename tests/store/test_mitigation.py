"""The folder of a mitigation study: its columns, its manifest, written whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from pathlib import Path
from typing import BinaryIO

import pytest
from report.mitigation_worlds import option, portfolio, study, without_worlds

from riskengine.errors import RunFault
from riskengine.store.folder import MITIGATION_FORMAT, claim
from riskengine.store.mitigation import mitigation_facts, mitigation_files
from riskengine.store.provenance import Provenance
from riskengine.store.work import write_tables

OF_WORLDS = {"regret.csv", "finalists.csv", "information.csv"}
ALWAYS = {"frontier.csv", "options.csv", "interactions.csv", "portfolios.csv", "beneficiaries.csv"}
PROVENANCE = Provenance(
    started="2026-01-08T00:00:00+00:00", seconds=1.5, overrides=("run.seed=7",),
    options={"threads": 2},
)  # fmt: skip
ABOUT = mitigation_facts(
    study(), PROVENANCE, files=[("a.toml", "ab"), ("b.toml", "cd")], document={"run": {}}
)


def content(name: str, *, excel_csv: bool = False, **changes: object) -> bytes:
    file = io.BytesIO()
    mitigation_files(study(**changes), excel_csv=excel_csv)[name](file)
    return file.getvalue()


def rows(name: str, **changes: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(name, **changes).decode())))


def test_files_of_worlds_are_there_only_with_worlds() -> None:
    assert set(mitigation_files(study(), excel_csv=False)) == ALWAYS | OF_WORLDS
    assert set(mitigation_files(without_worlds(), excel_csv=False)) == ALWAYS


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "frontier.csv",
            "budget,portfolio,cost,measure,level,value,lower,upper,in_sample,difference,"
            "difference_lower,difference_upper,rival,rival_difference,rival_lower,rival_upper,"
            "rival_better,proven,gap,mean,tvar",
        ),
        ("portfolios.csv", "portfolio,cost,feasible,mean,var,tvar,prob_loss"),
        (
            "options.csv",
            "option,kind,group,fixed,upfront,yearly,recovered,cost,first_in,first_in_lower,"
            "first_in_upper,last_in,last_in_lower,last_in_upper,first_in_mean,first_in_mean_lower,"
            "first_in_mean_upper,last_in_mean,last_in_mean_lower,last_in_mean_upper,per_money,"
            "shapley,shapley_error,budgets,worlds,break_even,largest_rise,changes",
        ),
        ("interactions.csv", "first,second,synergy,lower,upper"),
        ("regret.csv", "budget,portfolio,world,cost,affordable,value,best,regret"),
        (
            "finalists.csv",
            "budget,portfolio,affordable,best,value,regret,regret_95,regret_largest,is_minimax,"
            "is_best_on_average",
        ),
        ("information.csv", "budget,assumption,value,switch,switch_below,switch_above"),
        (
            "beneficiaries.csv",
            "portfolio,industry,mean,mean_lower,mean_upper,tvar,tvar_lower,tvar_upper,share",
        ),
    ],
)
def test_the_columns_of_a_file_stay_as_they_are(name: str, columns: str) -> None:
    assert content(name).decode().splitlines()[0] == columns


def test_figures_read_back_as_the_same_doubles_and_missing_ones_are_empty() -> None:
    odd = portfolio("magnets", cost=0.1 + 0.2, mean=math.nan, feasible=False)
    (row,) = rows("portfolios.csv", portfolios=(odd,))
    assert float(row["cost"]) == 0.1 + 0.2
    assert (row["mean"], row["feasible"], row["portfolio"]) == ("", "FALSE", "magnets")
    assert [row["rival_better"] for row in rows("frontier.csv")] == ["", "0.002", "0.03", "0.0"]
    assert [row["proven"] for row in rows("frontier.csv")] == ["TRUE", "TRUE", "TRUE", "FALSE"]


def test_a_name_cannot_run_as_a_formula() -> None:
    formula = "=cmd|' /C calc'!A0"
    (row,) = rows("options.csv", options=(option("magnets", option=formula),))
    assert row["option"] == f"'{formula}"


def test_a_double_click_opens_the_files_in_excel() -> None:
    plain, excel = (content("frontier.csv", excel_csv=wanted) for wanted in (False, True))
    assert excel == b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")


def test_a_folder_has_every_file_with_its_digest_and_a_manifest(tmp_path: Path) -> None:
    files = mitigation_files(study(), excel_csv=False)
    with claim(tmp_path / "study", MITIGATION_FORMAT) as claimed:
        write_tables(claimed, files, ABOUT)
    manifest = json.loads((tmp_path / "study" / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == ALWAYS | OF_WORLDS
    for name, about in manifest["files"].items():
        data = (tmp_path / "study" / name).read_bytes()
        assert about == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert (manifest["format"], manifest["format_version"]) == ("riskengine mitigation", 1)
    study_facts = {
        "title": "What to buy for Korea", "measure": "tvar", "level": 0.99, "seed": 7,
        "trials": 200_000, "horizon_days": 730.0, "money": "USD million", "years": 10,
        "discount_rate": 0.03, "feasible": 32, "played": 32, "kept_trials": 200_000,
        "is_monotone": True, "worlds": 300, "world_trials": 20_000, "limits": [],
        "started": "2026-01-08T00:00:00+00:00", "seconds": 1.5, "overrides": ["run.seed=7"],
        "options": {"threads": 2}, "config": {"run": {}},
        "notices": [{"code": "overrun", "message": "Two costs are assumptions."}],
        "config_files": [{"name": "a.toml", "sha256": "ab"}, {"name": "b.toml", "sha256": "cd"}],
    }  # fmt: skip
    assert {name: manifest[name] for name in study_facts} == study_facts
    assert set(manifest["versions"]) >= {"riskengine", "python", "numpy"}
    assert set(manifest) == {*study_facts, "format", "format_version", "files", "versions",
                             "platform"}  # fmt: skip


def test_a_folder_that_cannot_be_finished_leaves_the_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "study"
    with claim(target, MITIGATION_FORMAT) as claimed:
        write_tables(claimed, mitigation_files(study(), excel_csv=False), ABOUT)
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def fails(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    files = {**mitigation_files(study(seed=8), excel_csv=False), "regret.csv": fails}
    with claim(target, MITIGATION_FORMAT) as claimed, pytest.raises(RunFault):
        write_tables(claimed, files, ABOUT)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
