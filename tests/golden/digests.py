"""What a golden result is: a digest of every bit of a run, and enough in clear to read a change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from riskengine.config import load
from riskengine.model.losses import Losses
from riskengine.simulation import simulate

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# The base case of a sweep is the scenario that it extends.
CONFIGS = sorted(
    path for path in (ROOT / "configs").glob("*.toml") if not path.name.startswith("sweep-")
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


def golden(config: Path) -> dict[str, Any]:
    """The golden result of a shipped config, from its own seed."""
    losses = simulate(load(config), trials=TRIALS)
    columns = trial_table(losses)
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return {
        "trials": TRIALS,
        "seed": losses.seed,
        "sha256": digest.hexdigest(),
        "means": {name: _clear(np.mean(np.nan_to_num(v))) for name, v in columns.items()},
        "first_totals": [_clear(value) for value in losses.total[:ROWS_IN_CLEAR]],
    }


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
    gone = [f"{name}: gone" for name in before if name not in after]
    return gone + [text for _, text in sorted(moves, reverse=True)[:most]]


def changelog_mark(goldens: dict[str, dict[str, Any]]) -> str:
    """The mark that an entry of the changelog must carry for these goldens."""
    joined = "".join(goldens[name]["sha256"] for name in sorted(goldens))
    return f"golden {hashlib.sha256(joined.encode()).hexdigest()[:12]}"
