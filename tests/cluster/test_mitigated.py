"""The portfolios and worlds of a mitigation study played by workers: the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from mitigation.test_going_on import cut_off, mitigate, write_config
from swept import contents

from riskengine.cli import root

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("at_hand")]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_config(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def alone(config: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a study in this process."""
    folder = tmp_path_factory.mktemp("alone") / "out"
    mitigate(config, folder)
    return contents(folder)


def by_workers(config: Path, target: Path) -> None:
    command = ["mitigate", str(config), "--workers", "2", "--out", str(target), "--quiet"]
    done = CliRunner().invoke(root, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_workers_make_the_same_files(config: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    by_workers(config, tmp_path / "out")
    assert contents(tmp_path / "out") == alone
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["options"]["workers"] == 2


def test_a_study_that_was_cut_off_goes_on_in_a_cluster(
    config: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    cut_off(config, tmp_path / "out", 1)
    by_workers(config, tmp_path / "out")
    assert contents(tmp_path / "out") == alone
