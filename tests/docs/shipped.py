"""Write the tables behind README and the case study anew: `make figures`.

Plays the shipped cases in full, which takes a quarter of an hour, and keeps of each result what the
pages quote, in `results/cases/`. Then writes the pages. An interrupted study goes on where it was.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.figures import CASES
from docs.pages import ROOT
from docs.unplayed import KEPT
from docs.written import write_pages

from riskengine import load
from riskengine.cli import root
from riskengine.cli.exits import exit_code

_REMARKS = frozenset({"note", "source", "status", "known_on", "title"})


class Case(NamedTuple):
    """A command, and the tables of its folder that are kept."""

    name: str
    command: str
    config: str  #: whose values it depends on
    tables: tuple[str, ...]


_KOREA = "configs/korea-2026.toml"
_HALT = "--set triggers.spill-over-halt.probability=0"
SHIPPED = (
    Case("korea", f"run {_KOREA}", _KOREA, ("metrics", "curves")),
    Case("no-halt", f"run {_KOREA} {_HALT}", _KOREA, ("metrics",)),
    Case("calm", "run configs/korea-baseline.toml", "configs/korea-baseline.toml", ("metrics",)),
    Case(
        "assumptions",
        "sweep configs/sweep-korea-assumptions.toml",
        "configs/sweep-korea-assumptions.toml",
        ("uncertainty", "sensitivity"),
    ),
    Case(
        "rival",
        "sweep configs/sweep-korea-rival.toml",
        "configs/sweep-korea-rival.toml",
        ("sweep",),
    ),
    Case("history", "backtest configs/backtests", "", ("backtest", "summary", "skill")),
    Case(
        "buying",
        "mitigate configs/mitigation-korea-2026.toml",
        "configs/mitigation-korea-2026.toml",
        ("frontier", "finalists", "information", "options"),
    ),
)


def provenance(case: Case) -> str:
    """A digest of all values that the tables of a case depend on; texts for people do not count."""
    if not case.config:
        files = sorted((ROOT / "configs" / "backtests").rglob("*.*"))
        return _digest([path.read_text("utf-8") for path in files])
    values = [_values(load(ROOT / case.config).document), case.command]
    worlds = ROOT / case.config.replace("2026", "worlds")
    if case.name == "buying":
        values.append(worlds.read_text("utf-8"))
    return _digest(values)


def engine() -> str:
    """A digest of what the engine makes of the shipped cases: their golden results."""
    golden = sorted((ROOT / "tests" / "golden").glob("*-*2026.json"))
    return _digest([json.loads(path.read_text("utf-8"))["sha256"] for path in golden])


def main(names: list[str]) -> int:
    """Play the cases that are named, or all whose tables are not current; then write the pages."""
    CASES.mkdir(exist_ok=True)
    record = CASES / "provenance.json"
    known = json.loads(record.read_text("utf-8")) if record.exists() else {}
    for case in SHIPPED:
        now = [engine(), provenance(case)]
        if case.name not in names and known.get(case.name) == now:
            continue
        folder = ROOT / "results" / f"figures-{case.name}"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(ROOT):
            code = exit_code(root, [*case.command.split(), "--out", f"results/{folder.name}"])
        if code:
            return code
        if case.name in KEPT.values():
            (CASES / f"{case.name}-screen.txt").write_text(printed.getvalue(), "utf-8")
        for table in case.tables:
            _keep(folder / f"{table}.csv", CASES / f"{case.name}-{table}.csv")
        known[case.name] = now
        record.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    write_pages()
    return 0


def _keep(table: Path, kept: Path) -> None:
    """Copy a table; of figures by scope, only those of the total where there are many points."""
    with table.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    if "scope" in lines[0] and table.stem in ("sweep", "sensitivity", "uncertainty", "curves"):
        lines = [line for line in lines if line["scope"] == "total"]
    with kept.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _values(found: Any) -> Any:
    if isinstance(found, dict):
        return {str(key): _values(value) for key, value in found.items() if key not in _REMARKS}
    return [_values(each) for each in found] if isinstance(found, list | tuple) else str(found)


def _digest(found: Any) -> str:
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
