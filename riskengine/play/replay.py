"""One trial -> everything that happened in it.

The kernels leave all they did in their scratch arrays. A replay plays one trial with the same code
and names what is in those arrays, so that it always agrees with the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from riskengine.kernel import workspace
from riskengine.kernel.arrays import N_EPISODES, N_POOL_STEPS, N_SPELLS, Model, Scratch
from riskengine.kernel.draws import leading
from riskengine.kernel.quantiles import quantile
from riskengine.model.losses import Losses
from riskengine.model.sampling import lay_out
from riskengine.model.scenario import Scenario, check_scenario
from riskengine.play.buyers import buyers_of
from riskengine.play.rows import (
    Arrival,
    Episode,
    GrantStep,
    OutputStep,
    PoolStep,
    Spell,
    Stock,
    SupplyStep,
    UseStep,
    Visit,
)
from riskengine.play.simulate import FIRST_CAPACITY, check_numbers, check_range, label, play_range

if TYPE_CHECKING:
    import pandas as pd

_leading: Any = leading  # kernels are written without annotations
_quantile: Any = quantile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """One trial in full; `row` holds its figures exactly as a run stores them."""

    trial: int
    seed: int
    row: Losses
    episodes: tuple[Episode, ...]
    visits: tuple[Visit, ...]
    spells: tuple[Spell, ...]
    arrivals: tuple[Arrival, ...]
    stocks: tuple[Stock, ...]
    supply: tuple[SupplyStep, ...]
    uses: tuple[UseStep, ...]
    output: tuple[OutputStep, ...]
    pools: tuple[PoolStep, ...]
    grants: tuple[GrantStep, ...]

    @property
    def total(self) -> float:
        """Loss of the trial, in the scenario's money."""
        return float(self.row.total[0])

    def frame(self, part: str) -> pd.DataFrame:
        """One part of the replay as a table.

        Parameters
        ----------
        part : {"episodes", "visits", "spells", "arrivals", "stocks", "supply", "uses", "output", \
"pools", "grants"}

        Raises
        ------
        ValueError
            When there is no such part.
        """
        import pandas as pd

        if part not in _PARTS:
            raise ValueError(f"there is no part {part!r} of a replay: take one of {list(_PARTS)}")
        return pd.DataFrame(list(getattr(self, part)), columns=list(_PARTS[part]._fields))

    def __repr__(self) -> str:
        money = self.row.scenario.run.money
        return (
            f"Replay of trial {self.trial}, seed {self.seed}: loss {self.total:,.3g} {money}, "
            f"{len(self.episodes)} episodes, {len(self.visits)} visits"
        )

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(repr(self))}</p>"]
        for part in _PARTS:
            table = self.frame(part).to_html(index=False, max_rows=30)
            parts.append(f"<details><summary>{part}</summary>{table}</details>")
        return "\n".join(parts)


_PARTS: dict[str, Any] = {
    "episodes": Episode,
    "visits": Visit,
    "spells": Spell,
    "arrivals": Arrival,
    "stocks": Stock,
    "supply": SupplyStep,
    "uses": UseStep,
    "output": OutputStep,
    "pools": PoolStep,
    "grants": GrantStep,
}


def replay(scenario: Scenario, trial: int, seed: int | None = None) -> Replay:
    """Play one trial again and return everything that happened in it.

    Parameters
    ----------
    scenario : Scenario
        From `riskengine.load`.
    trial : int
        Its number, counted from 0 whatever the range of a run.
    seed : int, optional
        Defaults to the scenario's own.

    Returns
    -------
    Replay
        Its `row` equals the trial's row in any run with this scenario and seed, bit for bit.

    Raises
    ------
    TypeFault
        When `scenario` is not a scenario, but for example the path of one.
    UsageFault
        When the trial number or the seed is out of range.
    RunFault
        When the trial has more events than a trial can sensibly have.

    Examples
    --------
    >>> import riskengine
    >>> scenario = riskengine.load("configs/minimal.toml")
    >>> told = riskengine.replay(scenario, trial=7)
    >>> told.row.total[0] == riskengine.simulate(scenario, trials=8).losses["total"][7]
    np.True_
    """
    check_scenario(scenario)
    seed = scenario.run.seed if seed is None else seed
    check_range(1, seed, trial, 1)
    check_numbers(scenario, trial + 1)
    return replay_in(lay_out(scenario, seed, trial), scenario, trial, seed)


def replay_in(model: Model, scenario: Scenario, trial: int, seed: int) -> Replay:
    """Play a trial again in a model that is laid out for it, as those of one run may share."""
    rows = workspace.rows(model, 1)
    s = play_range(model, workspace.scratch(model, FIRST_CAPACITY), rows, trial, 0, 1)
    reader = _Reader(scenario, model, s, trial)
    return Replay(
        trial=trial,
        seed=seed,
        row=label(scenario, seed, trial, rows),
        episodes=reader.episodes(),
        visits=reader.visits(),
        spells=reader.spells(),
        arrivals=reader.arrivals(),
        stocks=reader.stocks(),
        supply=reader.supply(),
        uses=reader.uses(),
        output=reader.output(),
        pools=reader.pools(),
        grants=reader.grants(),
    )


class _Reader:
    """Reads the scratch of one trial by name."""

    def __init__(self, scenario: Scenario, model: Model, scratch: Scratch, trial: int) -> None:
        self._trial = trial
        self._scenario = scenario
        self._model = model
        self._scratch = scratch
        self._levels = list(scenario.ladder)
        self._disputes = list(scenario.disputes)
        self._materials = list(scenario.materials)
        self._industries = list(scenario.industries)
        self._buyers = buyers_of(scenario, model)
        # As in the model: grouped by the dispute that is watched.
        self._triggers = [
            name
            for dispute in scenario.disputes
            for name, trigger in scenario.triggers.items()
            if trigger.when == dispute
        ]

    def episodes(self) -> tuple[Episode, ...]:
        begun = dict.fromkeys(self._disputes, 0)
        fired: dict[tuple[int, float], str] = {}
        found = []
        for record in self._scratch.episodes[: self._scratch.size[N_EPISODES]]:
            dispute = self._disputes[record.dispute]
            number, start = begun[dispute], float(record.start)
            trigger = fired.get((int(record.dispute), start), "")
            found.append(Episode(dispute, number, start, float(record.end), trigger))
            for key, name in self._fired(record, number):
                fired.setdefault(key, name)
            begun[dispute] += 1
        return tuple(found)

    def _fired(self, episode: Any, number: int) -> Iterator[tuple[tuple[int, float], str]]:
        """The episodes that this one schedules, as (dispute, day), and by which trigger.

        The kernel forgets them once they are due, but their draws have addresses and can be made
        again.
        """
        m = self._model
        record = m.disputes[episode.dispute]
        for i in range(record.trigger_first, record.trigger_end):
            trigger = m.triggers[i]
            reached = self._reached(episode, trigger.reaches)
            chance, delay = _leading(
                m.points, trigger.trigger_point, 1, trigger.trigger_key, self._trial, number, 0
            )
            if reached is None or chance > trigger.probability:
                continue
            day = reached + _quantile(m.distributions, m.grid, trigger.lag, delay)
            yield (int(trigger.starts), float(day)), self._triggers[i]

    def _reached(self, episode: Any, level: int) -> float | None:
        """When an episode first reached a level or a deeper one."""
        record = self._model.disputes[episode.dispute]
        days = [
            float(segment.start)
            for pair in range(record.pair_first, record.pair_end)
            for segment in self._segments(pair)
            if segment.level >= level and episode.start <= segment.start <= episode.end
        ]
        return min(days, default=None)

    def visits(self) -> tuple[Visit, ...]:
        found = []
        for d, dispute in enumerate(self._disputes):
            record = self._model.disputes[d]
            for pair in range(record.pair_first, record.pair_end):
                material = self._model.pairs[pair].material
                name = self._materials[material] if material >= 0 else ""
                found += self._chain(dispute, name, pair)
        return tuple(sorted(found, key=lambda visit: visit.start_day))

    def _chain(self, dispute: str, material: str, pair: int) -> list[Visit]:
        return [
            Visit(
                dispute,
                material,
                self._levels[segment.level],
                float(segment.start),
                float(segment.end),
                float(segment.cut),
            )
            for segment in self._segments(pair)
        ]

    def _segments(self, pair: int) -> Iterator[Any]:
        """The chain of a pair, in order of time."""
        segment = self._scratch.pairs[pair].head
        while segment >= 0:
            yield self._scratch.segments[segment]
            segment = self._scratch.segments[segment].next

    def spells(self) -> tuple[Spell, ...]:
        records = self._scratch.spells[: self._scratch.size[N_SPELLS]]
        return tuple(Spell(float(r.start), float(r.end), float(r.loss)) for r in records)

    def _cut(self) -> Iterator[tuple[str, Any]]:
        """The materials that were cut: of others, alternatives and stocks are not drawn."""
        for m, material in enumerate(self._materials):
            state = self._scratch.materials[m]
            if state.step_first < state.step_end:
                yield material, self._model.materials[m]

    def arrivals(self) -> tuple[Arrival, ...]:
        found = []
        for material, record in self._cut():
            for i, name in enumerate(self._scenario.materials[material].alternatives):
                found.append(self._arrival(material, name, record.alternative_first + i))
        return tuple(found)

    def stocks(self) -> tuple[Stock, ...]:
        found = []
        for material, record in self._cut():
            states = self._scratch.tiers[record.tier_first : record.tier_end]
            for name, state in zip(self._scenario.materials[material].stocks, states, strict=True):
                found.append(Stock(material, name, float(state.held), float(state.full)))
        return tuple(found)

    def _arrival(self, material: str, name: str, index: int) -> Arrival:
        state = self._scratch.alternatives[index]
        if not np.isfinite(state.arrival):
            return Arrival(material, name, False, np.nan, np.nan, np.nan)
        return Arrival(
            material,
            name,
            True,
            float(state.arrival),
            float(state.capacity),
            float(state.premium),
        )

    def supply(self) -> tuple[SupplyStep, ...]:
        materials = enumerate(self._materials)
        return tuple(step for m, material in materials for step in self._supply_of(m, material))

    def _supply_of(self, m: int, material: str) -> Iterator[SupplyStep]:
        s, record = self._scratch, self._model.materials[m]
        rows = slice(s.materials[m].step_first, s.materials[m].step_end)
        used = s.step_used[rows, : record.alternative_end - record.alternative_first]
        stocks = s.step_stock[rows, : record.tier_end - record.tier_first]
        left = s.tiers["stock"][record.tier_first : record.tier_end]  # at the horizon
        ends = np.append(s.steps["time"][rows][1:], self._model.horizon)
        days = ends - s.steps["time"][rows]
        falls = stocks - np.vstack([stocks[1:], left])
        for i, step in enumerate(s.steps[rows]):
            lost, short = float(step.lost), float(step.short)
            rerouted = float(used[i].sum())
            released = max(0.0, lost - rerouted - short)
            # Without a release nothing is drawn: without a gap, stocks refill.
            drawn = np.maximum(falls[i] / days[i], 0.0) if released > 0.0 else 0.0 * falls[i]
            yield SupplyStep(
                material,
                float(step.time),
                lost,
                rerouted,
                released,
                short,
                float(stocks[i].sum()),
                tuple(stocks[i].tolist()),
                tuple(drawn.tolist()),
                tuple(used[i].tolist()),
            )

    def uses(self) -> tuple[UseStep, ...]:
        s = self._scratch
        found = []
        firms: Counter[tuple[str, str]] = Counter()
        for use, state in zip(self._model.uses, s.uses, strict=True):
            names = (self._industries[use.industry], self._materials[use.material])
            firms[names] += 1
            for record in s.use_steps[state.first : state.end]:
                found.append(UseStep(*names, float(record.time), float(record.short), firms[names]))
        return tuple(found)

    def output(self) -> tuple[OutputStep, ...]:
        s = self._scratch
        found = []
        for industry, state in zip(self._industries, s.industries, strict=True):
            for record in s.output_steps[state.first : state.end]:
                found.append(OutputStep(industry, float(record.time), float(record.loss)))
        return tuple(found)

    def pools(self) -> tuple[PoolStep, ...]:
        s, found = self._scratch, []
        pools = dict.fromkeys((buyer.pool, buyer.pool_row) for buyer in self._buyers)
        for name, row in pools:
            told = (0.0, 0.0)  # nothing is asked for before the first step
            capacity = float(s.pools[row].capacity)
            for time, together in groupby(self._noted("pool", row), key=lambda each: each.time):
                steps = list(together)
                asked = sum(float(step.asked) for step in steps)
                granted = sum(float(step.granted) for step in steps)
                if (asked, granted) != told:
                    amounts = (float(time), capacity, asked, granted)
                    is_contested, scarcity = bool(steps[0].contested), float(steps[0].scarcity)
                    found.append(PoolStep(name, *amounts, is_contested, scarcity))
                told = asked, granted
        return tuple(found)

    def grants(self) -> tuple[GrantStep, ...]:
        found = []
        for buyer in self._buyers:
            told = (0.0, 0.0)
            for step in self._noted("buyer", buyer.row):
                now = (float(step.asked), float(step.granted))
                if now != told:
                    found.append(GrantStep(*buyer[:3], float(step.time), *now))
                told = now
        return tuple(found)

    def _noted(self, field: str, row: int) -> Any:
        """What was noted of a pool or a buyer, in order of time."""
        steps = self._scratch.pool_steps[: self._scratch.size[N_POOL_STEPS]]
        return steps[steps[field] == row]
