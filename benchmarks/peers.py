"""The engine beside other simulators on one task that all can do: `python -m benchmarks.peers`.

The task is in `compound.py`. Each repeat of each peer is a process of its own, on one thread, peers
in turns, so that another load on the machine falls on all. The table goes to
`results/benchmarks/peers.txt` and `peers.csv`. A peer that is not installed, or cannot express the
task, is named with one word why; `pip install -e ".[peers]"` installs them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "benchmarks"

TRIALS = 1_000_000
REPEATS = 5

_WARM_UP_TRIALS = 1000
_THREADS = ("OMP", "OPENBLAS", "MKL", "OPENTURNS")  # ..._NUM_THREADS is 1


class Unfit(Exception):
    """A peer that cannot express the task; its argument is one word why."""


class Peer(NamedTuple):
    """A way to do the task."""

    package: str
    play: Callable[[int, int], Any]  #: (trials, seed) -> losses, or the answer where none are drawn
    how: str
    draws: bool = True


def play_engine(trials: int, seed: int) -> Any:
    """The engine, through its config and its public names."""
    import riskengine
    from benchmarks.compound import config

    scenario = riskengine.load(config())
    return riskengine.simulate(scenario, trials=trials, seed=seed, threads=1).arrays.total


def play_numpy(trials: int, seed: int) -> Any:
    """All counts, then all severities, then sums over runs of them."""
    import numpy as np

    from benchmarks.compound import EVENTS, SIGMA

    generator = np.random.default_rng(seed)
    counts = generator.poisson(EVENTS, trials)
    return _sums(counts, generator.lognormal(0.0, SIGMA, int(counts.sum())))


def play_openturns(trials: int, seed: int) -> Any:
    """As numpy, with its own draws; it has no sum of a random number of terms."""
    import numpy as np
    import openturns as ot

    from benchmarks.compound import EVENTS, SIGMA

    ot.RandomGenerator.SetSeed(seed)
    counts = np.asarray(ot.Poisson(EVENTS).getSample(trials))[:, 0].astype(np.int64)
    severities = np.asarray(ot.LogNormal(0.0, SIGMA).getSample(int(counts.sum())))[:, 0]
    return _sums(counts, severities)


def _sums(counts: Any, severities: Any) -> Any:
    """The sum of each trial's severities, which follow one another; 0 for a trial without any."""
    import numpy as np

    losses = np.zeros(len(counts))
    some = counts > 0
    firsts = np.cumsum(counts) - counts
    losses[some] = np.add.reduceat(severities, firsts[some])
    return losses


def play_monaco(trials: int, seed: int) -> Any:
    """A case a trial: the number of events is its input, the severities are drawn in the case."""
    import monaco
    import numpy as np
    from scipy.stats import poisson

    from benchmarks.compound import EVENTS, SIGMA

    def events_of(case: Any) -> tuple[Any, ...]:
        return int(case.invals["events"].val), case.seed

    def total_of(events: int, seed_of_case: int) -> tuple[float]:
        draws = np.random.default_rng(seed_of_case).lognormal(0.0, SIGMA, events)
        return (float(draws.sum()),)

    def keep(case: Any, total: float) -> None:
        case.addOutVal("loss", total)

    stages = monaco.SimFunctions
    sim = monaco.Sim(
        name="compound",
        ndraws=trials,
        fcns={stages.PREPROCESS: events_of, stages.RUN: total_of, stages.POSTPROCESS: keep},
        samplemethod=monaco.SampleMethod.RANDOM,
        seed=seed,
        singlethreaded=True,
        verbose=False,
    )
    sim.addInVar(name="events", dist=poisson, distkwargs={"mu": EVENTS})
    sim.runSim()
    return np.array(sim.outvars["loss"].nums, dtype=np.float64)


def play_aggregate(trials: int, seed: int) -> Any:
    """The distribution by Fourier transform on a million cells: nothing is drawn."""
    from aggregate import build

    from benchmarks.compound import EVENTS, SIGMA, TVAR_LEVEL, VAR_LEVEL, Answer

    found = build(f"agg Task {EVENTS:g} claims sev 1 * lognorm {SIGMA:g} poisson", log2=20, bs=1e-3)
    return Answer(float(found.est_m), float(found.q(VAR_LEVEL)), float(found.tvar(TVAR_LEVEL)))


def play_pyfair(trials: int, seed: int) -> Any:
    """It multiplies a number of events by one magnitude: not a sum of as many draws.

    Nor has it a Poisson or a lognormal: inputs are constants, normals cut off at 0, and PERTs. That
    it multiplies is checked, lest a later version be wronged.
    """
    import numpy as np
    import pyfair

    from benchmarks.compound import EVENTS

    model = pyfair.FairModel("task", n_simulations=1000, random_seed=seed)
    model.input_data("Loss Event Frequency", mean=EVENTS, stdev=EVENTS**0.5)
    model.input_data("Loss Magnitude", mean=1.65, stdev=2.16)  # as the severity of the task
    found = model.calculate_all().export_results()
    product = found["Loss Event Frequency"] * found["Loss Magnitude"]
    if np.allclose(found["Risk"], product):
        raise Unfit("multiplies")
    raise Unfit("changed")


PEERS = {
    "riskengine": Peer("riskengine", play_engine, "one trial after another, event by event"),
    "numpy": Peer("numpy", play_numpy, "all trials at once"),
    "OpenTURNS": Peer("openturns", play_openturns, "its draws, summed by numpy"),
    "monaco": Peer("monaco", play_monaco, "a case a trial"),
    "aggregate": Peer("aggregate", play_aggregate, "Fourier transform, no trials", draws=False),
    "pyfair": Peer("pyfair", play_pyfair, "number of events x one magnitude"),
}


def play_here(name: str, trials: int, seed: int) -> dict[str, Any]:
    """Do the task in this process; what it took and what came out, or one word why not."""
    from benchmarks.compound import Answer, measured

    peer = PEERS[name]
    try:
        import_module(peer.package)
        if peer.draws:
            peer.play(_WARM_UP_TRIALS, seed)  # some load most of themselves when first used
        start = time.process_time()
        found = peer.play(trials, seed)
        used = time.process_time() - start
    except ImportError:
        return {"why": "absent"}
    except Unfit as reason:
        return {"why": str(reason)}
    peak = _peak_megabytes()
    answer = found if isinstance(found, Answer) else measured(found)
    return {"start": start, "cpu": used, "peak": peak, **answer._asdict()}


def _peak_megabytes() -> float:
    """Most memory that this process has held so far.

    Linux hands the peak that `getrusage` reports on from the process that started this one, so the
    figure of the process itself is preferred.
    """
    try:
        text = Path("/proc/self/status").read_text(encoding="utf-8")
        return float(text.partition("VmHWM:")[2].split()[0]) / 1024.0
    except (OSError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (2**20 if sys.platform == "darwin" else 2**10)


def play_apart(name: str, trials: int, seed: int) -> dict[str, Any]:
    """Do the task in a fresh process on one thread."""
    command = [sys.executable, "-m", "benchmarks.peers", "--one", name]
    command += ["--trials", str(trials), "--seed", str(seed)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **{f"{library}_NUM_THREADS": "1" for library in _THREADS}},
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(trials: int, repeats: int) -> dict[str, list[dict[str, Any]]]:
    """The outcomes of every peer, seeds 1, 2, ... in turns; one that cannot is asked once."""
    if play_apart("riskengine", 1000, 0).get("why"):  # also compiles, where nothing is kept yet
        raise RuntimeError("the engine is not installed here")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
    for seed in range(1, repeats + 1):
        for name, outcomes in found.items():
            if not (outcomes and "why" in outcomes[0]):
                outcomes.append(play_apart(name, trials, seed))
    return found


def table_rows(found: dict[str, list[dict[str, Any]]], trials: int) -> list[dict[str, Any]]:
    """One row a peer, medians over repeats; errors are root mean squares over them, in per cent."""
    from benchmarks.compound import exact

    right = exact()
    engine = median(outcome["cpu"] for outcome in found["riskengine"])
    rows = []
    for name, outcomes in found.items():
        row: dict[str, Any] = {"peer": name, "version": _version(PEERS[name].package)}
        if "why" in outcomes[0]:
            rows.append({**row, "why_not": outcomes[0]["why"]})
            continue
        cpu = median(outcome["cpu"] for outcome in outcomes)
        row |= {
            "repeats": len(outcomes),
            "trials": trials if PEERS[name].draws else 0,
            "cpu_seconds": cpu,
            "cpu_least": min(outcome["cpu"] for outcome in outcomes),
            "cpu_most": max(outcome["cpu"] for outcome in outcomes),
            "cpu_to_engine": cpu / engine,
            "start_cpu_seconds": median(outcome["start"] for outcome in outcomes),
            "peak_megabytes": median(outcome["peak"] for outcome in outcomes),
            "var995_error_percent": _error([o["var"] for o in outcomes], right.var),
            "tvar99_error_percent": _error([o["tvar"] for o in outcomes], right.tvar),
        }
        rows.append({**row, "why_not": ""})
    return rows


def _error(values: Sequence[float], right: float) -> float:
    squares = [(value / right - 1.0) ** 2 for value in values]
    return 100.0 * float(sum(squares) / len(squares)) ** 0.5


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def text(rows: Sequence[dict[str, Any]], trials: int) -> str:
    """The table to read."""
    from benchmarks.compound import exact, standard_errors
    from benchmarks.speed_table import machine, processor

    head = f"{'peer':<12}{'version':<13}{'CPU s':>8}{'least':>8}{'most':>8}{'to engine':>11}"
    head += f"{'start s':>9}{'peak MB':>9}{'VaR 99.5':>11}{'TVaR 99':>11}  how"
    lines = [head]
    for row in rows:
        start = f"{row['peer']:<12}{row['version']:<13}"
        how = PEERS[row["peer"]].how
        if row["why_not"]:
            lines.append(f"{start}{row['why_not']:>8}{'':<67}  {how}")
            continue
        figures = "".join(f"{row[key]:>8.3g}" for key in ("cpu_seconds", "cpu_least", "cpu_most"))
        figures += f"{row['cpu_to_engine']:>11.3g}"
        figures += f"{row['start_cpu_seconds']:>9.2g}{row['peak_megabytes']:>9,.0f}"
        figures += f"{_percent(row['var995_error_percent'])}{_percent(row['tvar99_error_percent'])}"
        lines.append(f"{start}{figures}  {how}")
    right, chance = exact(), standard_errors(trials)
    repeats = max(row.get("repeats", 0) for row in rows)
    lines += [
        "",
        f"Compound Poisson(3)-lognormal(0, 1), {trials:,} trials; {repeats} repeats with other",
        "seeds, each a process of its own on one thread, in turns. CPU: median, least and most. To",
        "engine: CPU time over the engine's. Start: CPU time of the process before that, with a",
        "small task to warm up. Peak: memory of the whole process. Errors: root mean squares over",
        "the repeats.",
        f"Exact: VaR 99.5 {right.var:.5f}, TVaR 99 {right.tvar:.5f}; chance alone makes errors of "
        f"{chance.var / right.var:.2%} and {chance.tvar / right.tvar:.2%}.",
        f"{processor()}, {os.cpu_count()} processors, not idle; {machine()}; "
        f"python {sys.version.split()[0]}",
    ]
    return "\n".join(lines) + "\n"


def _percent(value: float) -> str:
    return f"{value:>9.2g} %"


def main() -> None:
    """Compare all peers, or do the task once in this process (`--one`)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--one", choices=list(PEERS), help="one peer, here; prints JSON")
    parser.add_argument("--seed", type=int, default=1, help="of --one")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(play_here(asked.one, asked.trials, asked.seed)))
        return
    rows = table_rows(compare(asked.trials, asked.repeats), asked.trials)
    written = text(rows, asked.trials)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "peers.txt").write_text(written, encoding="utf-8")
    with (FOLDER / "peers.csv").open("w", encoding="utf-8", newline="") as file:
        columns = dict.fromkeys(key for row in rows for key in row)
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(written)


if __name__ == "__main__":
    main()
