"""Whether the figures of a batch agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskengine.batches.outcome import FAILED, MIXTURE
from riskengine.batches.view import IN_TAIL, BatchView
from riskengine.model.agreement import Agreement

_ROUNDING = 1e-9


def batch_agreements(view: BatchView) -> list[Agreement]:
    """The conditions that must hold between the figures of the scenarios and of their mixture."""
    return [*_of_scenarios(view), *_of_parts(view), *_of_mixture(view)]


def _of_scenarios(view: BatchView) -> Iterator[Agreement]:
    outcome = view.outcome
    wrong = sum((each.status == FAILED) != (not each.figures) for each in outcome.scenarios)
    yield Agreement("A scenario has figures unless it failed", len(outcome.scenarios), wrong)
    silent = sum(not each.message for each in outcome.failed)
    yield Agreement("Every scenario that failed says why", len(outcome.failed), silent)
    pairs = [
        (view.total(name, "var", level).value, view.total(name, "tvar", level).value)
        for name in view.names
        for level in view.levels
    ]
    below = sum(tvar < var * (1.0 - _ROUNDING) for var, tvar in pairs)
    yield Agreement("TVaR is no less than VaR of the same level", len(pairs), below)


def _of_parts(view: BatchView) -> Iterator[Agreement]:
    for measure, whole, level in (("mean", "mean", None), (IN_TAIL, "tvar", view.detail)):
        for scope in ("industry", "material"):
            parts = view.parts(scope)
            off = 0
            for name in view.names if parts else ():
                found = (view.get(name, scope, part, measure, level).value for part in parts)
                total = view.total(name, whole, level).value
                off += _differ(math.fsum(x for x in found if not math.isnan(x)), total)
            question = f"By {scope}, {whole if whole == 'mean' else 'parts of TVaR'} add up"
            yield Agreement(question, len(view.names) if parts else 0, off)


def _of_mixture(view: BatchView) -> Iterator[Agreement]:
    if view.outcome.mixture is None:
        return
    means = [(each.weight or 0.0) * view.total(each.name, "mean").value for each in view.done]
    off = _differ(math.fsum(means), view.total(MIXTURE, "mean").value)
    yield Agreement("The mean of the mixture is the weighted mean of the means", 1, int(off))


def _differ(found: float, expected: float) -> bool:
    return not abs(found - expected) <= _ROUNDING * max(1.0, abs(expected))
