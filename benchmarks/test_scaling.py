"""How the cost of a trial grows with the scenario: `python -m pytest benchmarks/test_scaling.py -s`

Not part of the test suite. CPU times on one thread; the sizes of a curve take short turns, and each
is compared with the first of its own turn, so that another load on the machine falls on both. The
table goes to `results/benchmarks/scaling.txt`, the curves to `scaling.svg` beside it. Scenarios are
made by `generated.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from benchmarks import generated
from benchmarks.speed_table import ROOT, SpeedTable, cpu_seconds
from riskengine.config import load
from riskengine.kernel import workspace
from riskengine.machine.native import play_trials
from riskengine.model.losses import Losses, held, room_for
from riskengine.model.scenario import Scenario
from riskengine.play import simulate as simulation
from riskengine.play.simulate import FIRST_CAPACITY, Plan, prepare

FOLDER = ROOT / "results" / "benchmarks"
TURNS = 61
TRIALS = 2000
LONG_TURNS = 15

MATERIALS = (8, 16, 24, 32)
INDUSTRIES = (6, 12, 24, 48)
YEARS = (1, 2, 5, 10, 20)
NUMBERS_OF_TRIALS = (1_000, 10_000, 100_000, 1_000_000)
PIECE = 10_000  #: trials, about a slice of a long run

MOST_FOR_MATERIALS = 6.5
MOST_FOR_INDUSTRIES = 2.0
MOST_FOR_HORIZON = 1.05
MOST_FOR_TRIALS = 1.05
MOST_FOR_QUIET = 0.1

Curves = dict[str, dict[int, float]]


@pytest.fixture(scope="module")
def curves() -> Curves:
    """CPU us a trial by size, for each curve."""
    return {}


@pytest.fixture(scope="module")
def table(curves: Curves) -> Iterator[SpeedTable]:
    """The table; printed, written and drawn at the end, whatever the assertions say."""
    collected = SpeedTable()
    yield collected
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "scaling.txt").write_text(collected.text(), encoding="utf-8")
    draw(curves, FOLDER / "scaling.svg")
    print(f"\n\n{collected.text()}")


def plan(scenario: Scenario, trials: int = TRIALS) -> Plan:
    """Trials of a scenario, ready to be played on one thread."""
    return prepare(scenario, trials=trials, threads=1)


def in_turns(actions: Mapping[int, Callable[[], object]], trials: int) -> dict[int, list[float]]:
    """CPU us a trial of each action, once a turn; the turn before the first one is not counted."""
    found: dict[int, list[float]] = {size: [] for size in actions}
    for turn in range(1 + TURNS):
        for size, action in actions.items():
            seconds = cpu_seconds(action)
            if turn:
                found[size].append(seconds / trials * 1e6)
    return found


def note(
    table: SpeedTable, curves: Curves, name: str, found: Mapping[int, list[float]], most: float
) -> float:
    """Put a curve into the table; its largest size compared with its smallest, the median."""
    curves[name] = {size: median(values) for size, values in found.items()}
    for size, values in found.items():
        table.add(f"{size:,} {name}", values, "CPU us/trial")
    first, last = next(iter(found)), list(found)[-1]
    ratios = [large / small for small, large in zip(found[first], found[last], strict=True)]
    line = table.add(f"  {last:,} to {first:,}", ratios, "ratio", f"at most {most:g}")
    return line.median


def test_four_times_the_materials(table: SpeedTable, curves: Curves) -> None:
    plans = {n: plan(load(generated.busy(n, 12))) for n in MATERIALS}
    found = in_turns({n: each.play for n, each in plans.items()}, TRIALS)
    assert note(table, curves, "materials", found, MOST_FOR_MATERIALS) <= MOST_FOR_MATERIALS


def test_eight_times_the_industries(table: SpeedTable, curves: Curves) -> None:
    plans = {n: plan(load(generated.busy(12, n))) for n in INDUSTRIES}
    found = in_turns({n: each.play for n, each in plans.items()}, TRIALS)
    assert note(table, curves, "industries", found, MOST_FOR_INDUSTRIES) <= MOST_FOR_INDUSTRIES


def test_years_in_which_nothing_more_happens(table: SpeedTable, curves: Curves) -> None:
    plans = {n: plan(load(generated.ending(12, 12, 365.0 * n))) for n in YEARS}
    losses = {n: each.play() for n, each in plans.items()}
    assert len({float(each.cut_days.sum()) for each in losses.values()}) == 1
    found = in_turns({n: each.play for n, each in plans.items()}, TRIALS)
    assert note(table, curves, "years", found, MOST_FOR_HORIZON) <= MOST_FOR_HORIZON


def test_a_thousand_times_the_trials(
    table: SpeedTable, curves: Curves, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smaller sizes play the same 100,000 trials, in as many runs as it takes.

    All sizes must agree, not the first and the last alone: small runs pay for their start, so that
    the ends can be equal and both too dear. Against another load, which a long run cannot evade,
    pieces of about 10,000 trials are timed, whatever the size of the run, and the least times of
    each piece are added up. The bound is on the kernel: losses go to memory that was written to
    before, for what the system takes for new memory is its own affair, and varies tenfold.
    """
    whole = plan(load(generated.busy(8, 6)))

    def covered(size: int) -> int:
        return max(size, NUMBERS_OF_TRIALS[-2])

    def play(size: int) -> list[float]:
        """CPU us a trial of each piece."""
        starts = range(0, covered(size), size)
        runs = (replace(whole, trials=size, first_trial=first) for first in starts)
        seconds = [each for run in runs for each in seconds_of_pieces(run)]
        together = max(1, PIECE // size)
        sums = [sum(seconds[i : i + together]) for i in range(0, len(seconds), together)]
        return [each / covered(size) * 1e6 for each in sums]

    largest = NUMBERS_OF_TRIALS[-1]
    new_memory = [sum(play(largest)) for _ in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr(simulation, "room_for", _the_same_memory())
        turns = [{size: play(size) for size in NUMBERS_OF_TRIALS} for _ in range(1 + LONG_TURNS)]
    for size in NUMBERS_OF_TRIALS:
        found = [turn[size] for turn in turns[1:]]
        table.add(f"{size:,} trials", [sum(pieces) for pieces in found], "CPU us/trial")
        quietest = sum(min(times) for times in zip(*found, strict=True))
        curves.setdefault("trials", {})[size] = quietest
        table.add(f"  {size:,} trials, each piece at its quietest", [quietest], "CPU us/trial")
    table.add(f"{largest:,} trials in new memory", new_memory, "CPU us/trial")
    spread = max(curves["trials"].values()) / min(curves["trials"].values())
    table.add("  dearest size to cheapest", [spread], "ratio", f"at most {MOST_FOR_TRIALS:g}")
    once = [cpu_seconds(partial(plan, whole.scenario)) * 1e3 for _ in range(TURNS)]
    table.add("once a run: laying the scenario out", once, "CPU ms")
    one = replace(whole, trials=1)
    table.add(
        "once a run: playing one trial", [cpu_seconds(one.play) * 1e3 for _ in once], "CPU ms"
    )
    assert spread <= MOST_FOR_TRIALS


def _the_same_memory() -> Callable[[int, Losses], Losses]:
    """`room_for` that gives runs of one size the same memory again."""
    rooms: dict[int, Losses] = {}

    def room(trials: int, like: Losses) -> Losses:
        if trials not in rooms:
            rooms[trials] = room_for(trials, like)
        arrays = {name: getattr(rooms[trials], name) for name in held(like)}
        for array in arrays.values():
            array.setflags(write=True)
        return replace(like, **arrays)

    return room


@pytest.mark.parametrize("rate", [0.08, 0.16])
def test_a_trial_in_which_nothing_begins(rate: float, table: SpeedTable) -> None:
    """The bound is on the kernel; what new memory for the rows costs is the same for any trial."""
    average = plan(load(generated.calm(12, 12, rate)), 10 * TRIALS)
    quiet = plan(load(generated.calm(12, 12, 1e-12)), 10 * TRIALS)
    assert quiet.play().episodes.sum() == 0
    found = in_turns({0: kernel(average), 1: kernel(quiet)}, 10 * TRIALS)
    table.add(f"kernel, {rate:g} onsets a year: an average trial", found[0], "CPU us/trial")
    table.add("  one without an onset", found[1], "CPU us/trial")
    ratios = [one / mean for mean, one in zip(found[0], found[1], strict=True)]
    line = table.add("  to an average one", ratios, "ratio", f"at most {MOST_FOR_QUIET:g}")
    played = in_turns({0: average.play, 1: quiet.play}, 10 * TRIALS)
    table.add("  the same with memory: an average trial", played[0], "CPU us/trial")
    table.add("  the same with memory: without an onset", played[1], "CPU us/trial")
    assert line.median <= MOST_FOR_QUIET


def seconds_of_pieces(run: Plan) -> list[float]:
    """CPU seconds of a run from slice to slice; the last of them has the end of the run too."""
    marks = [time.process_time()]
    run.play(lambda done: marks.append(time.process_time()))
    marks[-1] = time.process_time()
    return [after - before for before, after in pairwise(marks)]


def kernel(ready: Plan) -> Callable[[], object]:
    """The trials of a plan in memory that has been written to before."""
    given = (
        workspace.scratch(ready.model, FIRST_CAPACITY),
        workspace.rows(ready.model, ready.trials),
    )
    return partial(play_trials, ready.model, *given, workspace.NO_CHANGES, 0, 0, ready.trials)


def draw(curves: Curves, path: Path) -> None:
    """One small chart a curve: CPU time of a trial over size."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "scaling", "font.size": 8}):
        figure, axes = plt.subplots(1, len(curves), figsize=(2.6 * len(curves), 2.6), squeeze=False)
        for axis, (name, curve) in zip(axes[0], curves.items(), strict=True):
            axis.plot(list(curve), list(curve.values()), "o-", color="#1F3864")
            axis.set_xlabel(name)
            axis.set_ylim(0, 1.15 * max(curve.values()))
            if name == "trials":
                axis.set_xscale("log")
            axis.spines[["top", "right"]].set_visible(False)
        axes[0, 0].set_ylabel("CPU us a trial")
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
