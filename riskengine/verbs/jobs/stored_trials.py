"""Chooses one trial of a run or a mitigation study, plays it again, and compares it with files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import UsageFault
from riskengine.figures.standing import choices, chosen_row
from riskengine.kernel.arrays import LOSSES as LOSSES_BY_PART
from riskengine.measures.tail import quantile_rank
from riskengine.measures.weighted import TrialDesign
from riskengine.mitigation.blocks import LocalBlocks, PortfolioMeasures
from riskengine.mitigation.keeping import KeptNowhere
from riskengine.mitigation.plan import StudyPlan
from riskengine.mitigation.sampled import Sampled
from riskengine.model.confidence import level_name, level_number
from riskengine.model.losses import Losses
from riskengine.model.mitigation import MEASURES, NOTHING, Portfolio
from riskengine.model.spelling import Speller
from riskengine.play.replay import Replay, replay
from riskengine.play.simulate import available_processors
from riskengine.store.columns import LOSSES, TRIAL_FILES, WEIGHT, trial_files
from riskengine.store.faults import ResultsFault
from riskengine.store.folder import MANIFEST
from riskengine.store.provenance import own_version
from riskengine.store.results import StoredResults
from riskengine.store.studies import StoredStudy

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


class PlayedStudy(NamedTuple):
    """The trials of a mitigation study, played again with nothing and with a portfolio."""

    stored: StoredStudy
    portfolio: Portfolio
    nothing: NDArray[np.float64]  #: (trials,) total losses with nothing bought
    bought: NDArray[np.float64]  #: (trials,) total losses with the portfolio
    industries: dict[str, NDArray[np.float64]]  #: (trials,) those of the industry asked for

    def trial(self, trial: int, portfolio: Portfolio) -> Replay:
        """One trial in full.

        Raises
        ------
        ResultsFault
            If it differs from the same trial among the others in any bit.
        """
        config = self.stored.config
        again = replay(config.scenario(portfolio), trial, config.base.run.seed)
        wanted = self.bought if portfolio == self.portfolio else self.nothing
        if _bits(again.total) != _bits(float(wanted[trial])):
            raise ResultsFault(f"trial {trial} alone has another loss than among all trials")
        return again


def played_study(
    stored: StoredStudy, portfolio: Portfolio, industry: str | None = None
) -> PlayedStudy:
    """Play the trials that chose again, with nothing and with a portfolio.

    Parameters
    ----------
    stored : StoredStudy
    portfolio : sequence of int
        Positions of options, as `riskengine.config.mitigation.naming.read_portfolio` gives them.
    industry : str, optional
        An industry whose losses with nothing are wanted.

    Raises
    ------
    UsageFault
        If there is no such industry, or an option takes values from a file.
    ResultsFault
        If a measure of the two differs in any bit from the one that the folder holds.
    """
    config, mitigation = stored.config, stored.config.mitigation
    _refuse_files(stored, portfolio)
    run, names = config.base.run, list(config.base.industries)
    if industry is not None and industry not in names:
        hint = Speller().suggest(industry, names) or f"known are: {', '.join(names)}"
        raise UsageFault(f'there is no industry "{industry}" in these results; {hint}')
    plan = StudyPlan(config, run.trials, run.seed, available_processors())
    sampled = Sampled(plan, LocalBlocks(plan), KeptNowhere())
    mask = sum(1 << mitigation.free.index(place) for place in portfolio)
    found = sampled.wholly([0, mask])
    for name, measured in zip((NOTHING, mitigation.name_of(portfolio)), found, strict=True):
        _check_measures(stored, name, measured)
    losses = {}
    if industry is not None:
        (block,) = plan.inside.play([0], detail=LOSSES_BY_PART)
        losses[industry] = block.industry(0, names.index(industry))
    return PlayedStudy(stored, portfolio, sampled.series(0), sampled.series(mask), losses)


def study_trial(
    played: PlayedStudy, trial: int | None, at: str | None, industry: str | None
) -> StoredTrial:
    """The trial of a number, or the one at a level of the loss with nothing bought.

    Raises
    ------
    UsageFault
        If the study does not hold the trial, or has no such level.
    """
    trials = len(played.nothing)
    if at is None:
        if trial is None or not 0 <= trial < trials:
            raise UsageFault(f"trial {trial}: this study chose by trials 0 to {trials - 1}")
        return StoredTrial(trial)
    config = played.stored.config
    levels = sorted({*config.base.run.levels, config.mitigation.level})
    choice = choices(levels).get(at.lower())
    if choice is None:
        raise UsageFault(_unknown_place(at, levels))
    losses = played.nothing if industry is None else played.industries[industry]
    whose = "the total loss" if industry is None else f"the loss of {industry}"
    return StoredTrial(chosen_row(losses, choice), f"{choice.label} of {whose} with nothing bought")


def _refuse_files(stored: StoredStudy, portfolio: Portfolio) -> None:
    """Refuse options that take values from a file, which the folder of a study does not hold."""
    for place, option in enumerate(stored.config.mitigation.options):
        if option.name in stored.missing and (option.fixed or place in portfolio):
            file = stored.missing[option.name]
            raise UsageFault(
                f'the option "{option.name}" takes values from {file}, which {stored.folder} does '
                "not hold. Write the portfolio to a config with riskengine mitigate CONFIG "
                "--write, run that, and explain the run."
            )


def _check_measures(stored: StoredStudy, name: str, again: PortfolioMeasures) -> None:
    """Compare what was played again with the row of the portfolio, if it has one."""
    row = stored.portfolios.get(name)
    if row is None and name == NOTHING:
        raise ResultsFault(f"{stored.folder} is damaged: it holds no figures of nothing")
    if row is None:
        return
    for measure in MEASURES:
        kept, now = getattr(row, measure), again.of(measure)
        # Where the tail alone was played, it was summed in another order.
        is_whole = not math.isnan(row.mean)
        is_same = _bits(kept) == _bits(now) if is_whole else math.isclose(kept, now, rel_tol=1e-9)
        if not (is_same or (math.isnan(kept) and not is_whole)):
            found = f"{measure} of {name} is {now!r}, stored is {kept!r}"
            raise ResultsFault(_other(stored.folder, "the trials", found, stored.manifest))


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
    for file, columns in trial_files(row.scenario).items():
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
    return _other(stored.folder, f"trial {trial}", f"{different[0]}{more}", stored.manifest)


def _other(folder: Path, what: str, found: str, manifest: Mapping[str, Any]) -> str:
    is_one = what != "the trials"
    versions = manifest.get("versions") or {}
    return (
        f"{what} played again {'is not the trial' if is_one else 'are not those'} stored in "
        f"{folder}: {found}. The results were made by riskengine "
        f"{versions.get('riskengine', 'of an unknown version')}, and this is {own_version()}; or "
        f"{MANIFEST} was edited. Run the scenario again and explain the new results."
    )
