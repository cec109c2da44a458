"""Chooses one trial of a results folder, simulates it again, and compares it with the files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import UsageFault
from riskengine.figures.standing import choices, chosen_row
from riskengine.measures.tail import quantile_rank
from riskengine.measures.weighted import TrialDesign
from riskengine.model.confidence import level_name, level_number
from riskengine.model.losses import Losses
from riskengine.model.spelling import Speller
from riskengine.play.replay import Replay, replay
from riskengine.store.columns import LOSSES, TRIAL_FILES, WEIGHT
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import MANIFEST
from riskengine.store.provenance import own_version
from riskengine.store.results import StoredResults

if TYPE_CHECKING:
    import pyarrow as pa

_INDUSTRY = "industry:"  #: prefix of an industry's column of losses


class StoredTrial(NamedTuple):
    """A trial of a results folder, and why it was chosen."""

    trial: int
    reason: str = ""  #: the level of its loss; empty if it was chosen by number


def numbered(stored: StoredResults, trial: int) -> StoredTrial:
    """The trial with this number.

    Raises
    ------
    UsageFault
        If the results do not hold it.
    """
    first, last = _range(stored)
    if not first <= trial <= last:
        raise UsageFault(f"trial {trial}: these results hold trials {first} to {last}")
    return StoredTrial(trial)


def standing_at(stored: StoredResults, at: str, industry: str | None) -> StoredTrial:
    """The trial at a level of the total loss, or of one industry's loss.

    Raises
    ------
    UsageFault
        If there is no such industry, or the run has no such level.
    """
    levels = stored.scenario.run.levels
    choice = choices(levels).get(at.lower())
    if choice is None:
        raise UsageFault(_unknown_place(at, levels))
    if stored.keep == "tail" and industry is None:
        return _in_tail(stored, at.lower(), choice.label)
    table = stored.table(LOSSES)
    row = chosen_row(_losses(table, industry), choice, _design(table))
    whose = "the total loss" if industry is None else f"the loss of {industry}"
    return StoredTrial(_range(stored)[0] + row, f"{choice.label} of {whose}")


def _unknown_place(at: str, levels: Sequence[float]) -> str:
    known = ", ".join(f"var{level_number(level)}" for level in levels)
    return (
        f"--at {at}: there is no such level in these results; say {known}, median, mean or max. "
        "run.levels in the config sets the levels of a run."
    )


def _in_tail(stored: StoredResults, at: str, label: str) -> StoredTrial:
    """The trial at a level of the total loss, among the worst trials."""
    first, last = _range(stored)
    trials = last - first + 1
    ranks = {"max": trials}
    for level in stored.scenario.run.levels:
        rank = quantile_rank(trials, level)
        ranks |= {f"var{level_number(level)}": rank, f"var{level_name(level)}": rank}
    rows = stored.rows(LOSSES) if LOSSES in stored.manifest["files"] else None
    held = rows.num_rows if rows is not None else 0
    place = trials - ranks[at] if at in ranks else held
    if rows is None or place >= held:
        raise ResultsFault(
            f"{stored.folder} holds the {held:,} worst trials row by row, and the trial at "
            f"{label} is not among them: say another level, a number (--trial), or run "
            "it again with --keep all."
        )
    losses = rows["total"].to_numpy()
    amount = np.sort(losses)[::-1][place]
    row = int(np.flatnonzero(losses == amount)[0])
    return StoredTrial(int(rows["trial"][row].as_py()), f"{label} of the total loss")


def played_again(stored: StoredResults, trial: int) -> Replay:
    """Simulate a stored trial again.

    Raises
    ------
    ResultsFault
        If its row differs from the stored one in any bit.
    """
    again = replay(stored.scenario, trial, stored.manifest["seed"])
    different = list(_differences(stored, again.row))
    if different:
        raise ResultsFault(_refusal(stored, trial, different))
    return again


def _range(stored: StoredResults) -> tuple[int, int]:
    first: int = stored.manifest["first_trial"]
    return first, first + stored.manifest["trials"] - 1


def _losses(table: pa.Table, industry: str | None) -> NDArray[np.float64]:
    column = "total" if industry is None else f"{_INDUSTRY}{industry}"
    if column not in table.column_names:
        names = [n.removeprefix(_INDUSTRY) for n in table.column_names if n.startswith(_INDUSTRY)]
        hint = Speller().suggest(industry or "", names) or f"known are: {', '.join(names)}"
        raise UsageFault(f'there is no industry "{industry}" in these results; {hint}')
    losses: NDArray[np.float64] = table[column].to_numpy()
    return losses


def _design(table: pa.Table) -> TrialDesign | None:
    """The weights of the trials, if they differ; replicates matter for intervals only."""
    return TrialDesign(table[WEIGHT].to_numpy(), None) if WEIGHT in table.column_names else None


def _differences(stored: StoredResults, row: Losses) -> Iterator[str]:
    """Every figure of the stored row that differs from the simulated row in any bit."""
    if stored.keep == "none" or not set(TRIAL_FILES) & set(stored.manifest["files"]):
        return
    for file, columns in TRIAL_FILES.items():
        table = stored.rows(file)
        index = row.first_trial - _range(stored)[0]
        if stored.keep == "tail":
            found = np.flatnonzero(table["trial"].to_numpy() == row.first_trial)
            if not len(found):
                return  # the trial is not among those kept
            index = int(found[0])
        again = {column.name: column.values[0] for column in columns(row)}
        for name in dict.fromkeys([*again, *table.column_names]):
            is_kept = name in table.column_names and 0 <= index < table.num_rows
            kept = table[name][index].as_py() if is_kept else "nothing"
            now = again.get(name, "nothing")
            if _bits(kept) != _bits(now):
                yield f"{name} is {_shown(now)}, stored is {_shown(kept)}"


def _bits(value: Any) -> str:
    if isinstance(value, str):
        return value
    return float("nan" if value is None else value).hex()


def _shown(value: Any) -> str:
    is_none = value is None or (isinstance(value, float) and math.isnan(value))
    return "none" if is_none else str(value)


def _refusal(stored: StoredResults, trial: int, different: list[str]) -> str:
    more = f" (and {len(different) - 1} more figures differ)" if len(different) > 1 else ""
    versions = stored.manifest.get("versions") or {}
    return (
        f"trial {trial} played again is not the trial stored in {stored.folder}: "
        f"{different[0]}{more}. The results were made by riskengine "
        f"{versions.get('riskengine', 'of an unknown version')}, and this is {own_version()}; or "
        f"{MANIFEST} was edited. Run the scenario again and explain the new results."
    )
