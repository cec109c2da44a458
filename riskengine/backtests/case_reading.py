"""Reads one case of a suite: its config as it stood, what then happened, and its outcomes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from riskengine.backtests.cases import PUBLISHED, Case, Outcome
from riskengine.backtests.knowledge import (
    Knowledge,
    day_of,
    is_reasoned,
    knowledge_of,
    too_late,
    undated,
)
from riskengine.backtests.naive import past_flow
from riskengine.backtests.outcome_reading import check_dates, check_quantity, read_outcome, seen_of
from riskengine.config.layers.assemble import assemble
from riskengine.config.layers.layers import Layer, Path, Report, clean
from riskengine.config.load import load
from riskengine.config.schema.kinds import KNOWN_ON
from riskengine.config.schema.scalars import Findings
from riskengine.config.sources.files import Folder, UnreadableError
from riskengine.config.sources.grids import split_reference
from riskengine.config.toml.one_line import toml_text
from riskengine.config.toml.positions import read_key
from riskengine.errors import ConfigFault, Fault, format_path
from riskengine.fits.episodes import EpisodeTable
from riskengine.model.faults.run import drawn_faults
from riskengine.model.scenario import Scenario

_EVENT = "disputes.NAME.active, the state that a dispute was in on the day"


@dataclass(slots=True)
class CaseReader:
    """Reads one case; faults of the suite go to `findings`, those of its config to `below`."""

    name: str
    table: Mapping[str, Any]  #: typed values, as the schema of suites reads them
    document: Mapping[str, Any]  #: the same table as written
    suite_path: str
    changes: tuple[tuple[str, ...], tuple[str, ...]]  #: `path=value` of the suite; on top of it
    history: EpisodeTable | None  #: past episodes of all dates
    findings: Findings
    below: list[Fault] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)  #: of the config, once it is read

    @property
    def path(self) -> Path:
        return ("cases", self.name)

    def read(self) -> Case | None:
        """The case; None without a scenario. It is valid only if there are no faults."""
        outcomes = self._outcomes()
        is_comparison = all(not outcome.is_observed for outcome in outcomes.values())
        happened, supposed = self._happened(is_comparison), self._supposed(is_comparison)
        place = (*self.path, "config")
        config = file_beside(self.suite_path, self.table["config"], place, self.findings)
        scenario = self._scenario(config, [*supposed, *happened]) if config else None
        known = self._knowledge(config, outcomes) if config else Knowledge()
        if scenario is not None:
            self._check_quantities(outcomes, scenario)
        if scenario is None:
            return None
        gdp = self.table.get("gdp")
        return Case(
            name=self.name,
            title=self.table["title"],
            as_of=self.table["as_of"],
            scenario=scenario,
            what_happened=tuple(text for text, _ in happened),
            supposed=tuple(text for text, _ in supposed),
            happened_source=self.table["happened_source"],
            outcomes=outcomes,
            gdp=gdp["value"] if gdp else None,
            past=past_flow(self.history, self.table["as_of"]) if self.history else None,
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

    def _happened(self, is_comparison: bool) -> list[tuple[str, Path]]:
        """What occurred, as `path=value` texts with their places in the suite; events only.

        Any other value would be an assumption without a date, which may contain the outcome.
        """
        table = self.document.get("what_happened") or {}
        texts = []
        given = _values_of(table, (*self.path, "what_happened"), self.findings)
        for place, path, value in (part for each in given for part in _parted(*each)):
            if path[0] == "disputes" and path[2:3] == ("active",):
                texts.append((f"{format_path(path)}={toml_text(value)}", place))
            else:
                self.findings.add(
                    place,
                    "is no event: it would bring hindsight into the inputs",
                    _EVENT,
                    f"write it in [{format_path((*self.path, 'supposed'))}]"
                    if is_comparison
                    else "write it in the config, beside the day from which it was known: known_on",
                )
        return texts

    def _supposed(self, is_comparison: bool) -> list[tuple[str, Path]]:
        """What a published estimate assumes, as `path=value` texts with their places."""
        path = (*self.path, "supposed")
        table = self.document.get("supposed") or {}
        if table and not is_comparison:
            self.findings.add(
                path,
                "supposes values, though something was observed: they would be assumptions "
                "without a day",
                f"a case whose outcomes are all {PUBLISHED}",
                "write them in the config, beside the day from which they were known: known_on",
            )
            return []
        found = _values_of(table, path, self.findings)
        return [(f"{format_path(at)}={toml_text(value)}", place) for place, at, value in found]

    def _scenario(self, config: str, values: Sequence[tuple[str, Path]]) -> Scenario | None:
        """The scenario with values set in it; the config must be valid without them too."""
        first, last = self.changes
        texts = [text for text, _ in values]
        try:
            base = load(config)
            scenario = load(config, overrides=(*first, *texts, *last))
        except ConfigFault as error:
            places = {clean(text): place for text, place in values}
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
        """Apply the as-of rule to the config and the gross domestic product."""
        as_of = self.table["as_of"]
        is_comparison = all(not outcome.is_observed for outcome in outcomes.values())
        try:
            assembly = assemble(config, ())
        except ConfigFault:
            return Knowledge()  # reported already
        self.layers = assembly.layers
        known = knowledge_of(assembly, as_of, is_comparison=is_comparison)
        report = Report(main=config)
        for fault in known.faults:
            report.add(fault, assembly.layers)
        for fault, layer in known.hidden:
            report.add(fault, [layer])
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


def file_beside(suite_path: str, reference: str, place: Path, findings: Findings) -> str:
    """Path of a file beside a suite or in the folder above; if there is none, empty and a fault."""
    own = os.path.dirname(suite_path)
    root = os.path.realpath(os.path.join(own, os.pardir))
    beside = os.path.basename(os.path.realpath(own or "."))
    name, _ = split_reference(reference)
    try:
        Folder(root=root, shown=own).open(name, beside)
    except UnreadableError as error:
        findings.add(place, error.found, error.allowed, error.hint)
        return ""
    return os.path.normpath(os.path.join(own, reference))


def _values_of(
    table: Mapping[str, Any], place: Path, findings: Findings
) -> Iterator[tuple[Path, Path, Any]]:
    """Values that a table of a suite sets in a config: place in the suite, path, value."""
    for key, value in table.items():
        path, end = read_key(key)
        if end == len(key):
            yield (*place, key), path, value
        else:
            findings.add((*place, key), "is no path of a config", "keys joined by dots")


def _parted(place: Path, path: Path, value: Any) -> Iterator[tuple[Path, Path, Any]]:
    """The single values in a table above `disputes.NAME.active`: events may hide other values."""
    if path[0] == "disputes" and len(path) < 3 and isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _parted((*place, key), (*path, key), item)
    else:
        yield place, path, value
