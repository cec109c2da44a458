"""The command as a process: what it loads, how it meets pipes and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

HANG = 900  #: seconds after which a process counts as hanging, however busy the machine
HEAVY = {"numpy", "scipy", "numba", "pandas", "pyarrow", "rich", "filelock", "distributed"}


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=HANG, **options
    )  # type: ignore[call-overload, no-any-return]


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, riskengine.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert python("-c", code).stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["sweep", "--help"], ["--version"], ["rum"]]
)
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from riskengine.cli import root\n"
        "from riskengine.cli.exits import exit_code\n"
        f"exit_code(root, {arguments!r})\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "[]"


def test_a_run_and_its_page_load_no_library_that_they_do_not_need(tmp_path: Path) -> None:
    """With machine code and tables in the cache, which the first run leaves there."""
    config = Path(__file__).parents[2] / "configs" / "korea-2026.toml"
    run = ["run", str(config), "--trials", "200_000", "--quiet", "--out", "results"]
    assert _loaded(run, tmp_path, again=True) == set()
    assert _loaded(["report", "results", "--html"], tmp_path) <= {"scipy"}


def _loaded(arguments: list[str], folder: Path, *, again: bool = False) -> set[str]:
    """Which large libraries a command loads, or the second of two like it."""
    code = (
        "import sys\n"
        "from riskengine.cli import root\n"
        "from riskengine.cli.exits import exit_code\n"
        f"assert exit_code(root, {arguments!r}) == 0\n"
        "print(*{'scipy', 'numba', 'pandas', 'matplotlib'} & set(sys.modules))\n"
    )
    if again:
        python("-c", code, cwd=folder)
    return set(python("-c", code, cwd=folder).stdout.splitlines()[-1].split())


def test_help_names_every_verb_and_an_example() -> None:
    done = python("-m", "riskengine", "--help")
    assert done.returncode == 0
    assert "riskengine run korea.toml" in done.stdout
    assert "check" in done.stdout


def test_help_of_run_lists_the_options_in_the_order_people_need_them() -> None:
    shown = python("-m", "riskengine", "run", "--help").stdout
    options = ["--trials", "--seed", "--horizon-days", "--set", "--out", "--threads", "--quiet"]
    places = [shown.index(f"\n  {option}") for option in options]
    assert places == sorted(places)


def test_version_is_one_line() -> None:
    done = python("-m", "riskengine", "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("riskengine ")
    assert done.stdout.count("\n") == 1


def test_a_name_no_terminal_can_show_is_escaped_and_not_a_crash() -> None:
    code = (
        "from riskengine.cli.streams import answer, prepare_streams\n"
        "prepare_streams(); answer('\\uac08\\ub968')"
    )
    done = python("-c", code, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert done.stdout == "\\uac08\\ub968\n"


def test_a_reader_that_goes_away_is_no_fault() -> None:
    code = (
        "import time\n"
        "from riskengine.cli.streams import answer\n"
        "time.sleep(0.3); answer('x' * 10_000_000)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=HANG) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_a_failure() -> None:
    code = (
        "import sys, click\n"
        "from riskengine.cli.exits import exit_code\n"
        "from riskengine.cli.streams import answer\n"
        "sys.exit(exit_code(click.Command('x', callback=lambda: answer('x' * 100_000)), []))"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=HANG,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "Error: the answer could not be printed: No space left on device\n"


def test_ctrl_c_exits_130_with_one_line() -> None:
    code = (
        "import sys, time, click\n"
        "from riskengine.cli.exits import exit_code\n"
        "def wait():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "sys.exit(exit_code(click.Command('x', callback=wait), []))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert said.strip() == "Interrupted. No results were left half written."
