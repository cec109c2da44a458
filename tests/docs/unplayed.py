"""What the tests of the pages do not run, each with its reason, and what they run smaller."""

from __future__ import annotations

_INSTALLED = "installs packages, which `make test` has done"
_CLUSTER = "needs machines of a cluster; tests/cluster has a cluster on this one"
_GROUPS = "takes seconds for each group; tests/calibrate has groups"
_HOURS = "takes minutes to hours; tests/simulate and tests/cluster have the same with few trials"

#: The programs that are not run, and why.
PROGRAMS = {
    "make": "`make run` is the command below it; `make test` runs this very test",
    "python": _INSTALLED,
    ".venv/bin/pip": _INSTALLED,
    "pip": _INSTALLED,
    "dask": _CLUSTER,
}

#: Page and beginning of a command that is not run: why.
COMMANDS = {
    ("docs/calibrate.md", "riskengine calibrate configs/history/episodes.csv --by"): _GROUPS,
    ("docs/how-to/cluster.md", "riskengine run examples/cluster/many-trials.toml --keep"): _CLUSTER,
    ("docs/importers.md", "riskengine new my-trade"): "needs files of 400 MB that CEPII publishes",
    ("docs/importers.md", "riskengine new germany --importer Germany --trade"): "needs them, too",
    ("docs/scale.md", "riskengine run configs/korea-2026.toml"): _HOURS,
    ("docs/scale.md", "riskengine sweep"): _CLUSTER,
}

#: Page and command whose output `make figures` has kept: compared with that, and not run again.
KEPT = {
    ("docs/backtest.md", "riskengine backtest configs/backtests"): "history",
    ("docs/korea.md", "riskengine run configs/korea-2026.toml"): "korea",
}

#: Trials of the commands whose output a page does not show; others run as they stand.
TRIALS = {"run": 300, "batch": 100, "sweep": 20, "mitigate": 100, "backtest": 100, "compare": 200}

_WORLDS = (("trials = 10_000", "trials = 50"), ("samples = 300", "samples = 4"))


def _decided(options: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What makes options decided."""
    heads = (f"[mitigation.options.{name}]\n" for name in options)
    return tuple((head, f"{head}fixed = true\n") for head in heads)


_KOREAN = ("tungsten-stock", "light-rare-earths-stock", "asean-magnet-contract", "ndpr-price-floor")
_KOREAN += ("heavy-and-yttrium-contract", "magnet-recycling")
_JAPANESE = ("heavy-and-yttrium-contract", "ndpr-price-floor", "asean-magnet-contract", "caremag")
_JAPANESE += ("tungsten-contract", "magnet-recycling", "thrift-programme", "gallium-plant")

#: What is smaller in the copies of the shipped configs that these commands read: fewer draws of
#: what is not known, and a choice among fewer options, the others being decided.
SMALLER = {
    "configs/mitigation-korea-worlds.toml": _WORLDS,
    "configs/mitigation-japan-worlds.toml": _WORLDS,
    "configs/sweep-korea-assumptions.toml": (("samples = 300", "samples = 24"),),
    "configs/mitigation-korea-2026.toml": (
        ("budgets = [25, 50, 100, 200, 400]", "budgets = [100]"),
        *_decided(_KOREAN),
    ),
    "configs/mitigation-japan-2026.toml": _decided(_JAPANESE),
}


def reason(page: str, command: str) -> str:
    """Why a command of a page is not run; empty where it is."""
    if program := PROGRAMS.get(command.split()[0]):
        return program
    named = {start: why for (of, start), why in COMMANDS.items() if of == page}
    return next((why for start, why in named.items() if command.startswith(start)), "")
