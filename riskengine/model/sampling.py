"""Scenario -> Model with the draws of a run: seed, Sobol' points and importance sampling.

Sobol' points take the place of named draws for the leading decisions of a trial, which determine
most of its loss: whether and when a dispute breaks out, where its paths enter and go, how long they
stay, how deep the cut is, which alternatives come and when. All other decisions keep their named
draws. Importance sampling draws some trials more often than they are likely, and gives each trial
the weight that corrects for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.kernel.arrays import Floats, Model, Places, Points
from riskengine.kernel.draws import seeded, seeded_keys, uniforms
from riskengine.kernel.escalation import COMMON_STEPS, OWN_STEPS
from riskengine.model.flat.arrays import DAYS_PER_YEAR
from riskengine.model.flat.distributions import Shelf
from riskengine.model.flat.scenario import flatten
from riskengine.model.scenario import Scenario
from riskengine.model.streams import stream

REPLICATES = 16  #: of a set of points: few enough to be even, many enough to estimate an error from
_BITS = 32
_MOST_COORDINATES = 64  #: more are no more even than random draws at usual numbers of trials
_MOST_POINTS = 2**24  #: of a replicate: finding the direction numbers takes as many steps


def lay_out(scenario: Scenario, seed: int, last_trial: int, shelf: Shelf | None = None) -> Model:
    """The arrays of a scenario, ready for trials up to `last_trial` with a seed.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        0 .. 2**63 - 1.
    last_trial : int
        Where `run.sampling` is `sobol`, less than `most_trials(scenario)`.
    shelf : Shelf, optional
        As for `flatten`.

    Raises
    ------
    ValueError
        When the draws of two differently named things would share a stream.
    """
    model = seeded(flatten(scenario, shelf), seed)
    settings = scenario.run
    if settings.given_onset:
        chance, share = _onset_chances(scenario)
        model = _filled(model, "disputes", onset_chance=chance, onset_share=share)
    if settings.sampling == "sobol":
        model = _pointed(model, seed, last_trial)
    if settings.given_onset or settings.tilt:
        # With `given_onset`, a run leaves out the trials without an onset, which lose nothing.
        weight = onset_probability(scenario) if settings.given_onset else 1.0
        model = model._replace(tilt=settings.tilt, weight=weight)
    return model


def most_trials(scenario: Scenario) -> int:
    """How many trials, from 0 on, the sampling of a scenario allows."""
    return REPLICATES * _MOST_POINTS if scenario.run.sampling == "sobol" else 2**63


def onset_probability(scenario: Scenario) -> float:
    """P(at least one dispute breaks out on its own before the horizon); 1 if one is active."""
    if any(dispute.active for dispute in scenario.disputes.values()):
        return 1.0
    return -math.expm1(-_expected_onsets(scenario).sum())


def described(scenario: Scenario) -> dict[str, Any]:
    """The entry `sampling` of a manifest; empty if trials are a plain sample."""
    settings = scenario.run
    if settings.is_plain:
        return {}
    found: dict[str, Any] = {"points": settings.sampling, "tilt": settings.tilt}
    if settings.sampling != "random":
        found["replicates"] = REPLICATES
    if settings.given_onset:
        found["onset_probability"] = onset_probability(scenario)
    return {"sampling": found}


def _expected_onsets(scenario: Scenario) -> Floats:
    """(disputes,) rate times horizon: minus the logarithm of the chance of none."""
    years = scenario.run.horizon_days / DAYS_PER_YEAR
    return np.array([years * dispute.rate_per_year for dispute in scenario.disputes.values()])


def _onset_chances(scenario: Scenario) -> tuple[Floats, Floats]:
    """(disputes,) probabilities of an onset: conditional, and unconditional.

    The first is given that the trial has an onset but no dispute before it in the config has one.
    """
    expected = _expected_onsets(scenario)
    share = _any_of(expected)
    any_from_here = _any_of(np.cumsum(expected[::-1])[::-1])
    chance = np.divide(share, any_from_here, out=share.copy(), where=any_from_here > 0.0)
    return chance, share


def _any_of(expected: Floats) -> Floats:
    """P(any event) of Poisson numbers; the last bits of numpy's own depend on the processor."""
    return np.array([-math.expm1(-each) for each in expected])


class _Decision(NamedTuple):
    """Coordinates that one decision of the model takes."""

    table: str
    field: str
    rows: Any  #: of the table
    width: int  #: two coordinates for each leading step


def _pointed(model: Model, seed: int, last_trial: int) -> Model:
    """The model with points for its leading decisions."""
    places: dict[tuple[str, str], Places] = {}
    end = 1  # coordinate 0 stands for none
    for decision in _leading(model):
        if end + decision.width > _MOST_COORDINATES:
            break
        key = decision.table, decision.field
        size = getattr(model, decision.table).size
        places.setdefault(key, np.zeros(size, dtype=np.uint64))[decision.rows] = end
        end += decision.width
    for (table, field), values in places.items():
        model = _filled(model, table, **{field: values})
    last = last_trial // REPLICATES
    points = Points(directions=_directions(end, last, seed), shifts=_shifts(end, seed))
    for array in points:
        array.setflags(write=False)
    return model._replace(points=points)


def _leading(model: Model) -> Iterator[_Decision]:
    """The leading decisions, most important first, because the first coordinates are the most even.

    The decisions that all materials share come first, then those of each material, in order of the
    output that depends on it.
    """
    for row in np.flatnonzero((model.disputes["gap"] >= 0) & (model.disputes["active_level"] < 0)):
        yield _Decision("disputes", "onset_point", row, 2)
    yield from (
        _Decision("triggers", "trigger_point", row, 2) for row in range(model.triggers.size)
    )
    for row in np.flatnonzero(model.disputes["concerns"]):
        yield _Decision("disputes", "path_point", row, 2 * COMMON_STEPS)
        yield _Decision("disputes", "cover_point", row, 2)
    for importer in np.unique(model.materials["importer"]):
        rows = np.flatnonzero(model.materials["importer"] == importer)
        yield _Decision("materials", "reroute_point", rows, 2)
    for row in np.flatnonzero(model.pairs["material"] < 0):
        yield _Decision("pairs", "path_point", row, 2 * OWN_STEPS)
    for material in np.argsort(-_dependent_output(model), kind="stable"):
        for row in np.flatnonzero(model.pairs["material"] == material):
            yield _Decision("pairs", "path_point", row, 2 * OWN_STEPS)
            yield _Decision("pairs", "cover_point", row, 2)
        its = model.materials[material]
        own = range(int(its["alternative_first"]), int(its["alternative_end"]))
        yield from (_Decision("alternatives", "alternative_point", row, 2) for row in own)


def _dependent_output(model: Model) -> Floats:
    """(materials,) money a day of output that stops without each."""
    money = np.zeros(model.materials.size)
    rates = model.industries["output_rate"][model.uses["industry"]]
    classes = model.industries["classes"][model.uses["industry"]]
    np.add.at(money, model.uses["material"], rates * model.uses["dependence"] / classes)
    return money


def _directions(coordinates: int, last: int, seed: int) -> Places:
    """(coordinates, bits) scrambled direction numbers, as far as the last point needs them.

    SciPy has the numbers of Joe and Kuo (SIAM J. Sci. Comput. 30 (2008) 2635-2654). In its order, a
    Gray code, point 2**(b + 1) - 1 is direction b, because point 0 is the origin.
    """
    from scipy.stats.qmc import Sobol

    engine = Sobol(coordinates, scramble=False, bits=_BITS)
    found = np.zeros((coordinates, max(1, last.bit_length())), dtype=np.uint64)
    for bit in range(last.bit_length()):
        engine.fast_forward(2 ** (bit + 1) - 1 - engine.num_generated)
        found[:, bit] = _cells(engine.random(1)[0])
    return _scrambled(found, _random_cells("scramble", coordinates, _BITS, seed))


def _scrambled(directions: Places, random: Places) -> Places:
    """Direction numbers times a random lower-triangular matrix of bits for each coordinate.

    J. Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998) 527-556. Bits
    are counted from the highest. Row i of a matrix selects bit i of a number and some of the bits
    above it; their parity becomes bit i.
    """
    found = np.zeros_like(directions)
    for i in range(_BITS):
        above = np.uint64(2**_BITS - 2 ** (_BITS - i))
        row = (random[:, i] & above) | np.uint64(2 ** (_BITS - 1 - i))
        parity = np.bitwise_count(directions & row[:, np.newaxis]).astype(np.uint64) & np.uint64(1)
        found |= parity << np.uint64(_BITS - 1 - i)
    return found


def _shifts(coordinates: int, seed: int) -> Places:
    """(replicates, coordinates) of random digital shifts."""
    return _random_cells("shift", coordinates, REPLICATES, seed).T.copy()


def _random_cells(purpose: str, coordinates: int, each: int, seed: int) -> Places:
    """(coordinates, each) random cells; those of one coordinate do not depend on the others."""
    key = seeded_keys(np.array([stream("points", purpose)], dtype=np.uint64), seed)[0]
    places, numbers = np.meshgrid(np.arange(coordinates), np.arange(each), indexing="ij")
    return _cells(uniforms(key, (places * 2**32 + numbers).astype(np.uint64)))


def _cells(coordinates: NDArray[np.float64]) -> Places:
    """The cell of each coordinate, of 2**32 in the unit interval."""
    return (coordinates * 2.0**_BITS).astype(np.uint64)


def _filled(model: Model, table: str, **columns: NDArray[np.generic]) -> Model:
    """The model with some fields of one of its tables set."""
    records = getattr(model, table).copy()
    for field, values in columns.items():
        records[field] = values
    records.setflags(write=False)
    return model._replace(**{table: records})
