"""Write the tables behind README, the case study and other pages anew: `make figures`.

Plays the shipped cases in full, which takes most of an hour, and keeps of each result what the
pages quote, in `results/cases/`. Then writes the pages. An interrupted study goes on where it was.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.kept import CASES
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
    only_total: bool = False  #: whether only the rows of the total are kept, of every table
    only_means: bool = False  #: whether only means of the total and of materials are kept, and TVaR
    beside: tuple[str, ...] = ()  #: files that its points read beside those of the config


_KOREA = "configs/korea-2026.toml"
_HALT = "--set triggers.spill-over-halt.probability=0"
_JOINT = "configs/korea-japan-2026.toml"
CONTESTED = "contested"  #: a table made of `pools.parquet`: how often and long pools are contested

_EXAMPLE = "examples/stops"
_STOP = "configs/sweep-japan-full-stop.toml"
_RARE = (
    "--set 'disputes.china-japan.active.materials="
    '["light-rare-earths","heavy-rare-earths","yttrium","ndfeb-magnets"]\''
)
_INDUSTRIES = ("transport-equipment", "chemicals", "production-machinery")
_INDUSTRIES += ("electrical-machinery", "electronic-parts", "iron-and-steel")
_ADD_UP = " ".join(f"--set industries.{name}.combine=independent" for name in _INDUSTRIES)
_USES = "tables/japan-uses-{}.csv"
_TWO = (
    '--set \'sweep.parameters={"tables.uses, tables.stocks"=['
    f'["{_USES.format("exposure")}","tables/no-stocks.csv"],'
    f'["{_USES.format("high")}","tables/no-stocks.csv"]]}}\''
)
_WIDE = f'--set \'sweep.parameters={{"tables.uses"=["{_USES.format("exposure")}"]}}\''
_PASSED = (
    "--set propagation.file=tables/propagation-{}.csv "
    "--set 'industries.suppliers={{value_added_per_year=0}}'"
)
_READ = (*(_USES.format(end) for end in ("low", "high", "exposure")), "tables/no-stocks.csv")
_READ += ("tables/no-alternatives.csv",)


def _stops() -> Iterator[Case]:
    """A year without Chinese minerals in Japan: all of them, and rare earths alone."""
    for which, change in (("all", ""), ("rare", f" {_RARE}")):
        for name, more in (("", ""), ("two-", f" {_TWO}"), ("independent-", f" {_ADD_UP} {_WIDE}")):
            command = f"sweep {_STOP}{change}{more}"
            yield Case(
                f"stop-{name}{which}", command, _STOP, ("sweep",), only_total=True, beside=_READ
            )
        command = f"run {_STOP}{change} {_PASSED.format('japan')}"
        table = ("tables/propagation-japan.csv",)
        yield Case(
            f"stop-passed-{which}", command, _STOP, ("metrics",), only_total=True, beside=table
        )


def _runs() -> Iterator[Case]:
    """Losses passed on to suppliers, and Korea without single triggers."""
    japan = "configs/japan-2026.toml"
    yield Case("japan", f"run {japan}", japan, ("metrics",), only_total=True)
    for name, config in (("korea", _KOREA), ("japan", japan)):
        command = f"run {config} {_PASSED.format(name)}"
        table = (f"tables/propagation-{name}.csv",)
        yield Case(f"{name}-passed", command, config, ("metrics",), only_total=True, beside=table)
    for name, trigger in (("no-boycott", "spill-over-boycott"), ("no-lapse", "truce-lapses")):
        command = f"run {_KOREA} --set triggers.{trigger}.probability=0"
        yield Case(name, command, _KOREA, ("metrics",), only_total=True)
    for name in ("korea", "japan"):
        shipped, trade = f"configs/{name}-2026.toml", f"configs/importers/{name}/{name}.toml"
        for case, config in ((f"{name}-rows", shipped), (f"{name}-trade", trade)):
            yield Case(case, f"run {config} --trials 100000", config, ("metrics",), only_means=True)


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
    Case(
        "buying-japan",
        "mitigate configs/mitigation-japan-2026.toml",
        "configs/mitigation-japan-2026.toml",
        ("frontier", "finalists"),
    ),
    *_stops(),
    *_runs(),
    Case("joint", f"run {_JOINT}", _JOINT, (CONTESTED,)),
    Case(
        "stops",
        f"batch {_EXAMPLE}/stops.toml",
        f"{_EXAMPLE}/korea.toml",
        ("batch",),
        beside=(f"../{_EXAMPLE}/stops.toml", f"../{_EXAMPLE}/japan.toml"),
    ),
    Case(
        "rival-cut-off",
        "sweep configs/sweep-korea-rival.toml "
        "--set 'disputes.china-korea.active={level=\"near-zero\",elapsed_days=0}' "
        '--set \'sweep.parameters={"tables.alternatives"=["tables/korea-alone-in-pools.csv"]}\'',
        "configs/sweep-korea-rival.toml",
        ("sweep",),
        only_total=True,
        beside=("tables/korea-alone-in-pools.csv",),
    ),
)


def provenance(case: Case) -> str:
    """A digest of all values that the tables of a case depend on; texts for people do not count."""
    if not case.config:
        files = sorted((ROOT / "configs" / "backtests").rglob("*.*"))
        return _digest([path.read_text("utf-8") for path in files])
    values = [_config(case.config), case.command]
    worlds = ROOT / case.config.replace("2026", "worlds")
    if case.command.startswith("mitigate"):
        values.append(worlds.read_text("utf-8"))
    values += [(ROOT / "configs" / name).read_text("utf-8") for name in case.beside]
    return _digest(values)


@cache
def _config(path: str) -> Any:
    """All values of a config."""
    return _values(load(ROOT / path).document)


@cache
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
            code = exit_code(root, [*shlex.split(case.command), "--out", f"results/{folder.name}"])
        if code:
            return code
        if case.name in KEPT.values():
            (CASES / f"{case.name}-screen.txt").write_text(printed.getvalue(), "utf-8")
        for table in case.tables:
            kept = CASES / f"{case.name}-{table}.csv"
            if table == CONTESTED:
                _write(_contested(folder), kept)
            else:
                _keep(folder / f"{table}.csv", kept, case)
        known[case.name] = now
        record.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    write_pages()
    return 0


def _keep(table: Path, kept: Path, case: Case) -> None:
    """Copy a table; of figures by scope, only those of the total where there are many points."""
    with table.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    many = table.stem in ("sweep", "sensitivity", "uncertainty", "curves")
    if "scope" in lines[0] and (many or case.only_total):
        lines = [line for line in lines if line["scope"] == "total"]
    if case.only_means:
        lines = [line for line in lines if _is_mean(line)]
    if table.stem == "batch":
        lines = [line for line in lines if (line["scope"], line["measure"]) == ("total", "mean")]
        lines = [line for line in lines if line["component"] == "all"]
    _write(lines, kept)


def _is_mean(line: dict[str, str]) -> bool:
    """Whether it is the mean loss of the total or of a material, or the TVaR of the total."""
    figure = (line["scope"], line["component"], line["measure"], line["level"])
    means = {("total", "all", "mean", ""), ("material", "all", "mean", "")}
    return figure in {*means, ("total", "all", "tvar", "0.99")}


def _contested(folder: Path) -> list[dict[str, Any]]:
    """The share of trials in which a pool is contested, and for how many days; first any pool."""
    trials = pq.read_table(folder / "pools.parquet").to_pandas()
    days = trials.filter(regex="^contested_days:")
    names = [name.removeprefix("contested_days:") for name in days.columns]
    lines = [{"pool": "", "share": (days > 0.0).any(axis=1).mean(), "days": ""}]
    for name, series in zip(names, (days[column] for column in days), strict=True):
        hit = series[series > 0.0]
        mean = hit.mean() if len(hit) else ""
        lines.append({"pool": name, "share": len(hit) / len(series), "days": mean})
    return lines


def _write(lines: list[dict[str, Any]], kept: Path) -> None:
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
