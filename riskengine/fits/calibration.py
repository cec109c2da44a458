"""The steps of a calibration, in order: from a table of episodes to all fits, rates and chances."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from riskengine.errors import UsageFault
from riskengine.fits.columns import NEAR_ZERO, RECOVERED, group_column, group_names
from riskengine.fits.episodes import ALL, EpisodeTable, PastEpisode, as_known
from riskengine.fits.families import FAMILIES
from riskengine.fits.fitting import FEW, GroupFit, described, fit_families
from riskengine.fits.observing import FLOW, NEAR_ZERO_FLOW, WORDS, DurationSeries, observe
from riskengine.fits.onset import Onset, onsets
from riskengine.fits.shrinking import shrink
from riskengine.fits.steps import Steps, steps
from riskengine.model.spelling import Speller

_MOST_GROUPS = 500
_BESIDE = " / "  #: between the names of a group of two columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to estimate from a table."""

    quantity: str = "sojourn"  #: one of `observing.QUANTITIES`
    by: tuple[str, ...] = ()  #: columns whose values make the groups
    family: str = ""  #: the one family to fit; all of them when empty
    as_of: date | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """The results of a calibration."""

    request: Request
    table: EpisodeTable  #: as known on `as_of`, if that is given
    series: Sequence[DurationSeries]
    groups: Sequence[GroupFit]  #: for each series, the group of all episodes first
    onsets: Sequence[Onset]
    steps: Steps

    def of(self, quantity: str) -> list[GroupFit]:
        """The groups of one series, the group of all episodes first."""
        return [group for group in self.groups if group.quantity == quantity]


def calibrate(table: EpisodeTable, request: Request) -> Calibration:
    """Fit everything that a request asks for.

    Parameters
    ----------
    table : EpisodeTable
        From `riskengine.fits.reading.read_episodes`.
    request : Request

    Raises
    ------
    UsageFault
        When the request does not fit the table, or no episode in the table has ended.
    """
    _check(table, request)
    if request.as_of is not None:
        table = as_known(table, request.as_of)
        if not table.episodes:
            raise UsageFault(f"No episode of {table.name} had begun by {request.as_of}.")
    groups = _groups(table, request.by)
    series = observe(table, request.quantity)
    fitted: list[GroupFit] = []
    for each in series:
        fitted += _fit_series(each, groups, request)
    if not any(group.fits for group in fitted):
        raise UsageFault(_nothing(series, fitted))
    return Calibration(
        request=request,
        table=table,
        series=series,
        groups=fitted,
        onsets=onsets(table, groups, request.seed),
        steps=steps(table),
    )


def _check(table: EpisodeTable, request: Request) -> None:
    """Refuse a request that the table cannot answer."""
    speller = Speller()
    for column in request.by:
        if group_column(column, table.headings) not in table.headings:
            hint = speller.suggest(column, table.headings)
            known = ", ".join(table.headings)
            raise UsageFault(
                f'{table.name} has no column "{column}" to make groups of'
                f"{'; ' + hint if hint else ''}. It has: {known}."
            )
    if request.as_of is not None and not table.has_dates:
        raise UsageFault(f"{table.name} has no dates, so --as-of cannot be used.")
    if request.quantity == FLOW and not {NEAR_ZERO, RECOVERED} & set(table.headings):
        raise UsageFault(
            f"{table.name} has no column {NEAR_ZERO} or {RECOVERED}, "
            "so it says nothing about the flow."
        )


def _groups(table: EpisodeTable, by: Sequence[str]) -> dict[str, list[PastEpisode]]:
    """The episodes of each group, `all` first. An episode with several values is in several."""
    found: dict[str, list[PastEpisode]] = {ALL: list(table.episodes)}
    columns = [group_column(column, table.headings) for column in by]
    named: dict[str, list[PastEpisode]] = {}
    for episode in table.episodes if columns else ():
        values = [group_names(episode.cells.get(column, ""), column) for column in columns]
        for combined in itertools.product(*values):
            name = _BESIDE.join(combined)
            named.setdefault(f"{name} (group)" if name == ALL else name, []).append(episode)
    if len(named) > _MOST_GROUPS:
        raise UsageFault(
            f"--by {','.join(by)} makes {len(named):,} groups of {len(table.episodes):,} episodes; "
            f"at most {_MOST_GROUPS} are fitted."
        )
    return found | dict(sorted(named.items(), key=lambda item: (-len(item[1]), item[0])))


def _fit_series(
    series: DurationSeries, groups: dict[str, list[PastEpisode]], request: Request
) -> list[GroupFit]:
    """The fits of one series: to all episodes, and to every group."""
    names = [request.family] if request.family else list(FAMILIES)
    found: dict[str, GroupFit] = {}
    for group, members in groups.items():
        part = described(group, series.among(episode.id for episode in members))
        if part.n or group == ALL:
            found[group] = part
    whole = _whole(found[ALL], names, request.seed)
    found[ALL] = whole
    for group, part in found.items():
        if group != ALL and part.completed >= FEW:
            fits, failed = fit_families(part.series, names, request.seed)
            found[group] = replace(part, fits=fits, failed=failed)
    small = [g for name, g in found.items() if name != ALL and not g.fits and g.completed]
    if small and whole.fits:
        others = [g for name, g in found.items() if name != ALL and g.fits]
        found |= {each.group: each for each in shrink(small, others, whole)}
    return [_refused(group) for group in found.values()]


def _whole(part: GroupFit, names: Sequence[str], seed: int) -> GroupFit:
    if not part.completed:
        return part
    fits, failed = fit_families(part.series, names, seed)
    return replace(part, fits=fits, failed=failed)


def _refused(group: GroupFit) -> GroupFit:
    """The group; if it has no fit, with the reason why."""
    if group.fits:
        return group
    what = WORDS[group.quantity]
    if not group.n:
        reason = f"no episode has a figure for the {what}"
    elif not group.completed:
        which = f"none of its {group.n} episodes has ended"
        which = "its one episode has not ended" if group.n == 1 else which
        reason = f"{which}, so the {what} has no upper end"
    else:
        reason = f"no family could be fitted to its {_episodes(group.n)}, {group.completed} ended"
    return replace(group, refused=reason)


def _episodes(count: int) -> str:
    return f"{count} episode{'' if count == 1 else 's'}"


def _nothing(series: Sequence[DurationSeries], fitted: Sequence[GroupFit]) -> str:
    reasons = [
        f"{WORDS[group.quantity]}: {group.refused}" for group in fitted if group.group == ALL
    ]
    hint = ""
    if series[0].quantity == NEAR_ZERO_FLOW:
        hint = " --quantity sojourn uses the time in force instead."
    return f"Nothing can be fitted. {'; '.join(reasons)}.{hint}"
