"""Plays portfolios over a range of trials, all of them with the same draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskengine.errors import RunFault
from riskengine.kernel.arrays import TOTALS, Floats, Ints
from riskengine.mitigation.search.measured import Portfolio
from riskengine.mitigation.variants import Variants
from riskengine.play.simulate import Stop
from riskengine.play.versions import PlayedVersions
from riskengine.sweeps.playing import StopError

MOST_TOGETHER = 256  #: portfolios; a further one saves nothing more of what they share
#: for the total losses that are held at a time; the same on all machines, because blocks decide
#: which portfolios are compared with each other
_MOST_BYTES = 2**28
_TOTAL = 0  #: number of the series of the total loss


class PlayedBlock(NamedTuple):
    """Portfolios that were played together."""

    portfolios: list[Portfolio]
    totals: Floats  #: (portfolios, trials) losses
    played: PlayedVersions

    def industry(self, portfolio: int, place: int) -> Floats:
        """(trials,) the losses of an industry under a portfolio, by its place in the block."""
        losses = self.played.first.industry_loss[:, place].copy()
        self.played.change(losses, portfolio, 1 + place)
        return losses


def most_together(trials: int) -> int:
    """How many portfolios are played together at most, so that their losses fit."""
    return max(2, min(MOST_TOGETHER, _MOST_BYTES // (8 * max(1, trials))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PortfolioPlayer:
    """Plays portfolios over a range of trials."""

    variants: Variants
    first_trial: int
    trials: int
    threads: int  #: no figure depends on it
    stopped: Stop | None = None  #: set by another thread to end early

    def play(
        self,
        portfolios: Sequence[Portfolio],
        only: Ints | None = None,
        detail: float = TOTALS,
    ) -> Iterator[PlayedBlock]:
        """Play portfolios, those together that share all disputes.

        Parameters
        ----------
        portfolios : sequence of int
            Each keeps groups, exclusions and requirements.
        only : ndarray, (k,) of int64, optional
            Rows, ascending: the trials that are played, of the range; all of them if left out.
        detail : float
            `TOTALS`; `LOSSES` where those of industries are asked for.

        Yields
        ------
        PlayedBlock
            Each portfolio is in one of them.

        Raises
        ------
        RunFault
            If a trial has too many events, or no finite loss.
        StopError
            If the rest is not wanted any more.
        """
        trials = self.trials if only is None else len(only)
        numbers = None if only is None else only + self.first_trial
        for group in self.variants.groups(portfolios, most_together(trials)):
            together = self.variants.together(
                group, self.first_trial, trials, only=numbers, detail=detail
            )
            played = together.play(self.threads, stopped=self.stopped)
            if self.stopped is not None and self.stopped.is_set():
                raise StopError
            totals = np.empty((len(group.portfolios), trials))
            totals[:] = played.first.total
            for version in range(1, len(totals)):
                played.change(totals[version], version, _TOTAL)
            self._check(group.portfolios, totals, numbers)
            yield PlayedBlock(group.portfolios, totals, played)

    def total(self, portfolio: Portfolio) -> Floats:
        """(trials,) the losses under one portfolio."""
        (block,) = self.play([portfolio])
        losses: Floats = block.totals[0]
        return losses

    def _check(self, portfolios: Sequence[Portfolio], totals: Floats, numbers: Ints | None) -> None:
        bad = ~np.isfinite(totals) | (totals < 0.0)
        if bad.any():
            version, row = (int(place[0]) for place in np.nonzero(bad))
            trial = self.first_trial + row if numbers is None else int(numbers[row])
            raise RunFault(
                f"trial {trial} yields the loss {totals[version, row]} under a portfolio of "
                f"{portfolios[version].bit_count()} options"
            )
