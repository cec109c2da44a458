"""The wheel is enough: nothing is read that lies outside the package, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import riskengine

PACKAGE = Path(riskengine.__file__).parent
ROOT = PACKAGE.parent

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without an index."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A folder with the package of the wheel alone."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def _ended(installed: Path, folder: Path, *arguments: str) -> str:
    """What Python prints in a folder, when it finds the package where the wheel was unpacked."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_wheel_holds_every_file_of_the_package_the_cases_and_the_licence(wheel: Path) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    configs = ROOT / "configs"
    cases = (path.relative_to(configs) for path in configs.rglob("*") if path.is_file())
    wanted |= {f"riskengine/cases/{path.as_posix()}" for path in cases}
    held = set(zipfile.ZipFile(wheel).namelist())
    about = f"riskengine-{riskengine.__version__}.dist-info"
    assert {name for name in held if not name.startswith(about)} == wanted
    assert "riskengine/py.typed" in held
    assert f"{about}/licenses/LICENSE" in held


def test_its_description_reads_as_a_page(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        lines = archive.read(about).decode("utf-8").splitlines()
    assert "License-Expression: BSD-3-Clause" in lines
    assert "Description-Content-Type: text/markdown" in lines
    assert "# riskengine" in lines


def test_a_case_of_the_wheel_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    called = ("-m", "riskengine")
    assert "riskengine run mine/company.toml" in _ended(
        installed, folder, *called, "new", "mine", "--case", "company"
    )
    read = _ended(installed, folder, *called, "check", "mine/company.toml")
    assert "riskengine:politics/china-2026.toml" in read
    run = ("run", "mine/company.toml", "--trials", "300", "--out", "found", "--quiet")
    _ended(installed, folder, *called, *run)
    script = (
        "import riskengine\n"
        "found = riskengine.simulate(riskengine.load('mine/company.toml'), trials=300)\n"
        "print(found.losses['total'].to_numpy().tobytes().hex())"
    )
    ours = riskengine.simulate(riskengine.load(ROOT / "configs" / "company.toml"), trials=300)
    with zipfile.ZipFile(found := folder / "found" / "risk.xlsx") as book:
        assert book.testzip() is None, found
    bits = ours.losses["total"].to_numpy().tobytes().hex()
    assert _ended(installed, folder, "-c", script) == bits


def test_commands_and_python_need_nothing_but_the_wheel(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    where = _ended(installed, folder, "-c", "import riskengine; print(riskengine.__file__)")
    assert Path(where).is_relative_to(installed)
    assert "Usage:" in _ended(installed, folder, "-m", "riskengine", "--help")

    config = (ROOT / "configs" / "minimal.toml").read_text(encoding="utf-8")
    (folder / "own.toml").write_text(config, encoding="utf-8")
    run = ("-m", "riskengine", "run", "own.toml", "--trials", "200", "--out", "found")
    _ended(installed, folder, *run)
    assert (folder / "found" / "risk.xlsx").stat().st_size > 0
    _ended(installed, folder, "-m", "riskengine", "report", "found", "--html")

    script = (
        "import riskengine\n"
        "result = riskengine.simulate(riskengine.load('own.toml'), trials=200)\n"
        "print(len(result.losses))"
    )
    assert _ended(installed, folder, "-c", script) == "200"
