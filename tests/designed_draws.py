"""What a given onset and a tilt do to the uniforms of a trial, and by how much it counts then.

For the reference simulator: a layer between it and the uniforms, written from docs/sampling.md and
without the engine. It notes what is asked for, for the weight is that of the draws a trial needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from reference import Trial
from scipy.special import ndtr, ndtri

Uniform = Callable[[str, tuple[str, ...], int, int], float]

STEPS = 4  #: of the path that all materials of a dispute share, which are tilted
#: correlation and share of the tilt, by purpose
TILTED = {
    "choice": ("escalation", 1.0),
    "sojourn": ("duration", 1.0),
    "coverage": ("coverage", 0.5),
    "severity": ("severity", 0.25),
    "reroute": ("rerouting", 0.5),
    "lead": ("rerouting", 0.25),
}


class DesignedUniforms:
    """The uniforms of one trial of a config that says how trials are drawn."""

    def __init__(self, config: dict[str, Any], plain: Uniform) -> None:
        run = config["run"]
        self.plain = plain
        self.tilt = run.get("tilt", 0.0)
        self.correlation = config.get("correlation", {})
        self.disputes = config["disputes"]
        self.materials = {
            name: material.get("importer", run.get("importer"))
            for name, material in config["materials"].items()
        }
        self.given = run.get("given_onset", False)
        years = run["horizon_days"] / 365.0
        self.expected = {
            name: dispute.get("rate_per_year", 0.0) * years
            for name, dispute in self.disputes.items()
        }
        self.steps: set[tuple[str, int]] = set()  #: of the shared path of a dispute that are taken
        self.begun: set[str] = set()  #: disputes whose first episode concerns a material

    def __call__(self, purpose: str, names: tuple[str, ...], episode: int, step: int) -> float:
        if episode == 0 and names[-1] != "":  # a dispute that concerns no material shares nothing
            if purpose in ("choice", "sojourn"):
                self.steps.add((names[0], step))
            if purpose in ("choice", "sojourn", "coverage"):
                self.begun.add(names[0])
        u = self.plain(purpose, names, episode, step)
        if purpose == "onset" and episode == 0 and self.given:
            return self._onset(names[0])
        if len(names) == 1 and purpose in TILTED and episode == 0 and step < STEPS:
            return float(ndtr(self._score(purpose, names, step)))
        return u

    def weight(self, trial: Trial) -> float:
        """By how much this trial counts: its chance in the world to that with which it is drawn."""
        chance = -math.expm1(-sum(self.expected.values())) if self.given else 1.0
        logarithm = 0.0
        for purpose, names, step in self._tilted(trial):
            tilt = self._shift(purpose, step)
            score = self._score(purpose, names, step)
            # the densities of the score under N(0, 1) and under N(tilt, 1)
            logarithm += 0.5 * (score - tilt) ** 2 - 0.5 * score**2
        return chance * math.exp(logarithm)

    def _onset(self, dispute: str) -> float:
        """An onset uniform, conditional on an onset in some dispute from the first one on."""
        names = list(self.disputes)
        for place, name in enumerate(names):
            u = self.plain("onset", (name,), 0, 0)
            share = -math.expm1(-self.expected[name])
            of_any = -math.expm1(-sum(self.expected[other] for other in names[place:]))
            chance = share / of_any if of_any else 0.0
            is_last = u < chance  # what comes after the first onset is free
            if is_last:
                u *= share / chance
            else:
                u = share + (1.0 - share) * (u - chance) / (1.0 - chance)
            if name == dispute:
                return u
            if is_last:
                return self.plain("onset", (dispute,), 0, 0)
        raise KeyError(dispute)

    def _shift(self, purpose: str, step: int) -> float:
        decision, share = TILTED[purpose]
        if not self.correlation.get(decision, 0.0):
            return 0.0
        return self.tilt * share * 0.5**step

    def _score(self, purpose: str, names: tuple[str, ...], step: int) -> float:
        return float(ndtri(self.plain(purpose, names, 0, step))) + self._shift(purpose, step)

    def _tilted(self, trial: Trial) -> list[tuple[str, tuple[str, ...], int]]:
        """The shared draws that this trial needed."""
        found: list[tuple[str, tuple[str, ...], int]] = []
        for dispute in self.begun:
            active = self.disputes[dispute].get("active") or {}
            found.append(("severity", (dispute,), 0))
            if "materials" not in active:
                found.append(("coverage", (dispute,), 0))
        for dispute, step in self.steps:
            if step < STEPS:
                found.append(("sojourn", (dispute,), step))
                if step > 0 or not self.disputes[dispute].get("active"):
                    found.append(("choice", (dispute,), step))
        cut = {self.materials[name] for name, days in trial.cut_days.items() if days > 0.0}
        for importer in cut:
            found += [("reroute", (importer,), 0), ("lead", (importer,), 0)]
        return found
