"""One case of a suite: its config as it stood, what then happened, what was seen."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from riskengine.backtest.cases import OBSERVED, PUBLISHED, Case, Outcome
from riskengine.backtest.knowledge import (
    Knowledge,
    day_of,
    is_reasoned,
    knowledge_of,
    too_late,
    undated,
)
from riskengine.backtest.outcome_reading import check_dates, check_quantity, read_outcome, seen_of
from riskengine.backtest.toml_text import toml_text
from riskengine.config.assemble import assemble
from riskengine.config.files import Folder, UnreadableError
from riskengine.config.kinds import KNOWN_ON
from riskengine.config.layers import Path, Report, TextLayer, clean
from riskengine.config.load import load
from riskengine.config.positions import read_key
from riskengine.config.scalars import Findings
from riskengine.errors import ConfigFault, Fault, format_path
from riskengine.model.faults_run import drawn_faults
from riskengine.model.scenario import Scenario

_SETTABLE = "disputes.NAME..., run.horizon_days"


@dataclass(slots=True)
class CaseReader:
    """Reads one case; faults of the suite go to `findings`, those of its config to `below`."""

    name: str
    table: Mapping[str, Any]  #: typed, as the schema of suites reads it
    document: Mapping[str, Any]  #: the same as it was written
    suite_path: str
    changes: tuple[tuple[str, ...], tuple[str, ...]]  #: `path=value` of the suite; on top
    findings: Findings
    below: list[Fault] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return ("cases", self.name)

    def read(self) -> Case | None:
        """The case; None when something is wrong with it."""
        before = len(self.findings.faults)
        outcomes = self._outcomes()
        happened = self._happened(outcomes)
        config = self._config()
        scenario = self._scenario(config, happened) if config else None
        known = self._knowledge(config, outcomes) if config else Knowledge()
        if scenario is not None:
            self._check_quantities(outcomes, scenario)
        if scenario is None or self.below or len(self.findings.faults) > before:
            return None
        gdp = self.table.get("gdp")
        return Case(
            name=self.name,
            title=self.table["title"],
            as_of=self.table["as_of"],
            scenario=scenario,
            what_happened=tuple(text for text, _ in happened),
            happened_source=self.table["happened_source"],
            outcomes=outcomes,
            gdp=gdp["value"] if gdp else None,
            undated=known.undated,
            dated=known.dated,
            note=str(self.document.get("note", "")),
        )

    def _outcomes(self) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        if not self.table["outcomes"]:
            self.findings.add((*self.path, "outcomes"), "is empty", "at least one outcome")
        for name, outcome in self.table["outcomes"].items():
            path = (*self.path, "outcomes", name)
            seen = seen_of(outcome, path, self.findings)
            if seen is not None:
                found[name] = read_outcome(name, outcome, seen)
                check_dates(found[name], self.table["as_of"], path, self.findings)
        return found

    def _happened(self, outcomes: Mapping[str, Outcome]) -> list[tuple[str, Path]]:
        """What occurred, as `path=value` texts with the places that say so."""
        is_observed = any(outcome.is_observed for outcome in outcomes.values())
        texts = []
        for key, value in (self.document.get("what_happened") or {}).items():
            place = (*self.path, "what_happened", key)
            path, end = read_key(key)
            is_allowed = path[:1] == ("disputes",) or path == ("run", "horizon_days")
            if not path or end < len(key):
                self.findings.add(place, "is no path of a config", "keys joined by dots")
            elif is_observed and not is_allowed:
                self.findings.add(
                    place,
                    "is no event: it would bring hindsight into the inputs",
                    _SETTABLE,
                    f"other values may be set where all outcomes are {PUBLISHED}",
                )
            else:
                texts.append((f"{key}={toml_text(value)}", place))
        return texts

    def _config(self) -> str:
        """Path of the config; empty, and a fault, when it cannot be read."""
        own = os.path.dirname(self.suite_path)
        root = os.path.realpath(os.path.join(own, os.pardir))
        beside = os.path.basename(os.path.realpath(own or "."))
        try:
            Folder(root=root, shown=own).open(self.table["config"], beside)
        except UnreadableError as error:
            self.findings.add((*self.path, "config"), error.found, error.allowed, error.hint)
            return ""
        return os.path.normpath(os.path.join(own, self.table["config"]))

    def _scenario(self, config: str, happened: Sequence[tuple[str, Path]]) -> Scenario | None:
        """The scenario with what happened set in it; the config must be sound without it too."""
        first, last = self.changes
        texts = [text for text, _ in happened]
        try:
            base = load(config)
            scenario = load(config, overrides=(*first, *texts, *last))
        except ConfigFault as error:
            places = {clean(text): place for text, place in happened}
            for fault in error.faults:
                place = places.get(fault.file.removeprefix("--set "))
                if place is None:
                    self.below.append(fault)
                else:
                    found = f"sets {format_path(fault.path)}: {fault.found}"
                    self.findings.add(place, found, fault.allowed, fault.hint)
            return None
        drawn = list(drawn_faults(asdict(scenario.run), "a back-test"))
        for fault in drawn:
            self.findings.add(
                (*self.path, "config"),
                f"sets {format_path(fault.path)}: {fault.found}",
                fault.allowed,
            )
        if drawn:
            return None
        if base.files != scenario.files:
            self.findings.add((*self.path, "config"), "changed while it was read", "run it again")
            return None
        return scenario

    def _knowledge(self, config: str, outcomes: Mapping[str, Outcome]) -> Knowledge:
        """The as-of rule, for the config and the gross domestic product."""
        as_of = self.table["as_of"]
        is_comparison = all(outcome.kind != OBSERVED for outcome in outcomes.values())
        try:
            assembly = assemble(config, ())
        except ConfigFault:
            return Knowledge()  # said already
        known = knowledge_of(assembly, as_of, is_comparison=is_comparison)
        report = Report(main=config)
        for fault in known.faults:
            report.add(fault, assembly.layers)
        self.below += report.sorted()
        gdp = self.document.get("gdp")
        if isinstance(gdp, Mapping):
            self._check_gdp(gdp, as_of, is_comparison, known)
        return known

    def _check_gdp(
        self, gdp: Mapping[str, Any], as_of: str, is_comparison: bool, known: Knowledge
    ) -> None:
        path = (*self.path, "gdp")
        day = day_of(gdp.get(KNOWN_ON))
        if day is None and not is_comparison and not is_reasoned(gdp):
            self.findings.faults.append(undated(path, as_of))
        elif day is not None and day > date.fromisoformat(as_of):
            self.findings.faults.append(too_late((*path, KNOWN_ON), day, as_of))
        known.dated += day is not None
        known.undated += day is None

    def _check_quantities(self, outcomes: Mapping[str, Outcome], scenario: Scenario) -> None:
        for name, outcome in outcomes.items():
            own = Findings()
            unit = self.table["outcomes"][name]["unit"]
            check_quantity(outcome, unit, scenario, "gdp" in self.table, own)
            for fault in own.faults:
                path = (*self.path, "outcomes", name, *fault.path)
                self.findings.faults.append(replace(fault, path=path))


def located(faults: Sequence[Fault], layer: TextLayer, shown: str) -> list[Fault]:
    """Faults of a suite at the lines that they are about, in order."""
    report = Report(main=shown)
    for fault in faults:
        report.add(fault, [layer])
    return report.sorted()
