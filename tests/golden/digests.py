"""What a golden result is: a digest of every bit of a run, and enough in clear to read a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.config import load
from riskengine.figures.curves import curves
from riskengine.figures.designed import evidence_of
from riskengine.figures.metrics import Figure, figures
from riskengine.model.losses import Losses
from riskengine.play.simulate import simulate

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# The base case of a sweep or a mitigation is the scenario that it extends; a batch names others.
CONFIGS = sorted(
    path
    for path in (ROOT / "configs").glob("*.toml")
    if not path.name.startswith(("batch-", "sweep-", "mitigation-"))
)
TRIALS = 2_000
ROWS_IN_CLEAR = 5


def trial_table(losses: Losses) -> dict[str, np.ndarray]:
    """Every figure of every trial as named columns."""
    scenario = losses.scenario
    columns = {"total": losses.total, "largest_spell": losses.largest_spell}
    groups = (
        (scenario.industries, "industry_loss output rerouting price indirect loss_days"),
        (scenario.industries, "stopped_days first_loss_day"),
        (scenario.materials, "material_loss cut_days cut_weighted_days shortage_days"),
        (scenario.materials, "deepest_level"),
        (scenario.disputes, "episodes"),
    )
    for names, fields in groups:
        for field in fields.split():
            for i, name in enumerate(names):
                columns[f"{field}:{name}"] = getattr(losses, field)[:, i]
    levels = [f"{material}:{level}" for material in scenario.materials for level in scenario.ladder]
    columns |= {f"level_days:{name}": losses.level_days[:, i] for i, name in enumerate(levels)}
    return columns


def rows_digest(rows: Iterable[Any]) -> str:
    """A digest of the rows of `metrics.csv` or `curves.csv`, to ten digits of every number.

    Not to the last bit: a few ends of intervals come from special functions of scipy, whose last
    digits may differ between its builds.
    """
    digest = hashlib.sha256()
    for row in rows:
        cells = (f"{x:.10g}" if isinstance(x, float) else str(x) for x in astuple(row))
        digest.update("\t".join(cells).encode() + b"\n")
    return digest.hexdigest()


def golden(config: Path) -> dict[str, Any]:
    """The golden result of a shipped config, from its own seed."""
    losses = simulate(load(config), trials=TRIALS)
    columns = trial_table(losses)
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    evidence = evidence_of(losses)
    rows = figures(evidence)
    return {
        "trials": TRIALS,
        "seed": losses.seed,
        "sha256": digest.hexdigest(),
        "metrics_sha256": rows_digest(rows),
        "curves_sha256": rows_digest(curves(evidence)),
        "total": {
            _label(f): [f"{end:.10g}" for end in (f.value, f.lower, f.upper)]
            for f in rows
            if f.scope == "total"
        },
        "means": {name: _clear(np.mean(np.nan_to_num(v))) for name, v in columns.items()},
        "first_totals": [_clear(value) for value in losses.total[:ROWS_IN_CLEAR]],
    }


def _label(figure: Figure) -> str:
    parts = (figure.component, figure.measure, figure.level or "")
    return " ".join(map(str, parts)).strip()


def _ends(figure: Figure) -> list[str]:
    return [f"{end:.10g}" for end in (figure.value, figure.lower, figure.upper)]


def digests(golden: dict[str, Any]) -> list[str]:
    """What must not change unseen: the trials, and the figures that are taken from them."""
    return [golden.get(key, "") for key in ("sha256", "metrics_sha256", "curves_sha256")]


def _clear(value: float) -> float:
    return float(value)


def stored(config: Path) -> dict[str, Any]:
    """The golden result as it stands in the repository; empty where there is none yet."""
    path = HERE / f"{config.stem}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def largest_changes(old: dict[str, Any], new: dict[str, Any], most: int = 8) -> list[str]:
    """The columns whose mean moved most, relatively, in words."""
    before, after = old.get("means", {}), new["means"]
    moves = []
    for name in after:
        reference = before.get(name)
        if reference is None:
            moves.append((np.inf, f"{name}: new"))
        elif reference != after[name]:
            size = abs(after[name] - reference) / max(abs(reference), 1e-300)
            moves.append((size, f"{name}: {reference!r} -> {after[name]!r} ({size:.2e})"))
    told = old.get("total", {})
    moves += [
        (0.0, f"total {label}: {told.get(label)} -> {ends}")
        for label, ends in new["total"].items()
        if told.get(label) != ends
    ]
    gone = [f"{name}: gone" for name in before if name not in after]
    return gone + [text for _, text in sorted(moves, reverse=True)[:most]]


def changelog_mark(goldens: dict[str, dict[str, Any]]) -> str:
    """The mark that an entry of the changelog must carry for these goldens."""
    joined = "".join(digest for name in sorted(goldens) for digest in digests(goldens[name]))
    return f"golden {hashlib.sha256(joined.encode()).hexdigest()[:12]}"
